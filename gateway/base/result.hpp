// What every module shares: how failures are told. This folder knows nothing of tasks, sockets or storage.
//
// Start reading here. `Fault` and `Result<T>` are for what failed in the machine or at a peer: each becomes a retry, a
// status or an entry state, so the signature says so. What is wrong with the *data* of a request is not a Fault but a
// list of issues (fhir/issue.hpp). Exceptions mean bugs or exhaustion and are caught only in net/task_group.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

enum class FaultKind : unsigned char {
  kInternal,        ///< a broken assumption of ours
  kIo,              ///< file or socket error
  kNotFound,        ///< what was asked for does not exist
  kInvalid,         ///< input that cannot be used (config, CSV, PEM)
  kTimeout,         ///< a named time limit passed
  kClosed,          ///< the peer closed, or we are stopping
  kReset,           ///< the peer reset the connection
  kTooLarge,        ///< a named size limit was reached
  kMalformed,       ///< bytes that break the protocol
  kUnreachable,     ///< name not resolved or connection refused
  kTls,             ///< handshake failed, or the peer's certificate is not acceptable
  kOverloaded,      ///< a bounded queue or pool is full
  kStorage,         ///< the database refused (full, busy, read-only); nothing was written
  kStorageInDoubt,  ///< a commit failed: whether it is on disk is not known
  kHeld,            ///< the outbox is not what it was: nothing is served until an operator has said that it may be
};

/// A failure of the machine or a peer. `detail` is for logs and operators: one line, no patient data, no secrets.
struct Fault {
  FaultKind kind = FaultKind::kInternal;
  std::string detail;
};

/// Begin with the kind in mind: `return fault(FaultKind::kTimeout, "...")`.
[[nodiscard]] inline Fault fault(FaultKind kind, std::string detail) {
  return Fault{kind, std::move(detail)};
}

[[nodiscard]] std::string_view name_of(FaultKind kind);

[[noreturn]] inline void throw_exception_from_error(const Fault& f, const boost::source_location&) {
  throw std::logic_error("value of a failed result was used: " + f.detail);
}

/// A value, or the fault that stands in its place.
template <class T>
using Result = boost::system::result<T, Fault>;

/// For functions that give nothing but success or a fault.
struct Done {};
using Status = Result<Done>;

}  // namespace gw
