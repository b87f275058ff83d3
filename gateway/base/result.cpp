#include "base/result.hpp"

namespace gw {

std::string_view name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kInternal:
      return "internal";
    case FaultKind::kIo:
      return "io";
    case FaultKind::kNotFound:
      return "not-found";
    case FaultKind::kInvalid:
      return "invalid";
    case FaultKind::kTimeout:
      return "timeout";
    case FaultKind::kClosed:
      return "closed";
    case FaultKind::kReset:
      return "reset";
    case FaultKind::kTooLarge:
      return "too-large";
    case FaultKind::kMalformed:
      return "malformed";
    case FaultKind::kUnreachable:
      return "unreachable";
    case FaultKind::kTls:
      return "tls";
    case FaultKind::kOverloaded:
      return "overloaded";
    case FaultKind::kStorage:
      return "storage";
    case FaultKind::kStorageInDoubt:
      return "storage-in-doubt";
    case FaultKind::kHeld:
      return "held";
  }
  return "unknown";
}

}  // namespace gw
