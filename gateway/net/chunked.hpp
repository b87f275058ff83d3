// The chunked transfer coding, strictly: no extensions, no trailers (ANS-08). Pure: takes bytes, gives bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::net {

class ChunkedDecoder {
 public:
  struct Step {
    enum class State : unsigned char { kNeedMore, kData, kEnd, kMalformed };
    State state = State::kNeedMore;
    std::size_t consumed = 0;  ///< bytes of the input that are done with
    std::string_view data;     ///< kData: part of the input
  };

  /// Decode from the front of `input`, which begins where the last step's consumed part ended. After kEnd and
  /// kMalformed the decoder must not be used again.
  [[nodiscard]] Step step(std::string_view input);
  /// Decode what `input` holds, appending to `out` until that has `most` bytes or more: many small chunks must not each
  /// cost a step of their own. The step's data is empty.
  [[nodiscard]] Step gather(std::string_view input, std::string& out, std::size_t most);
  /// After kMalformed: what is wrong.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  enum class Stage : unsigned char { kSize, kData, kDataEnd, kLastEnd };
  Step read_size(std::string_view input, std::size_t consumed);
  Step malformed(std::string detail);

  Stage stage_ = Stage::kSize;
  std::uint64_t left_ = 0;
  std::string detail_;
};

/// Append `data` as one chunk; empty data is the last one, which ends the body.
void append_chunk(std::string& out, std::string_view data);

}  // namespace gw::net
