// HTTP as the benchmarks speak it: request texts made ahead, of which only the places that must differ are written
// anew, and the least that finds the end of a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace gw::bench {

enum class Format : unsigned char { kJson, kXml };

/// To whom the tasks go. Both are in the world that tests/bench/run.py writes.
enum class Recipient : unsigned char { kMailbox, kEndpoint };

/// The text of one request, whose trace id, token, identifier and words are new each time.
class TaskRequest {
 public:
  /// `authority` is the Host header. The tokens of it are good for five minutes from `now`.
  TaskRequest(Recipient recipient, Format format, const std::string& authority, Instant now);

  /// Valid until the next call.
  [[nodiscard]] std::string_view next();

 private:
  void write_token_window();

  std::string text_;
  std::vector<std::size_t> marks_;  ///< where the number stands in plain text
  std::string window_;              ///< that part of the token's payload that holds the number
  std::size_t mark_in_window_ = 0;
  std::size_t window_at_ = 0;  ///< where its base64 stands in text_
  std::uint64_t number_ = 0;
};

/// A whole message at the front of `bytes`: its size, and where its body begins. Nothing while bytes are missing.
/// Bodies are framed by Content-Length.
struct Framed {
  std::size_t size = 0;
  std::size_t body = 0;
};
[[nodiscard]] std::optional<Framed> framed(std::string_view bytes);

/// The status of a response head; 0 when there is none.
[[nodiscard]] int status_of(std::string_view response);

}  // namespace gw::bench
