#include "exchange/content_coding.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "exchange/header_values.hpp"

namespace gw::exchange {

namespace {

using fhir::Issue;
using fhir::IssueType;

constexpr int kGzipOnly = 15 + 16;  ///< zlib's windowBits: the largest window, gzip framing and no other
constexpr int kMemoryLevel = 8;     ///< zlib's default
constexpr std::size_t kFirstBytes = 4096;
constexpr std::size_t kLikelyRatio = 4;

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

bool is_gzip(std::string_view coding) {
  return iequals(coding, "gzip") || iequals(coding, "x-gzip");
}

fhir::Refusal unsupported(std::string_view value) {
  auto refusal = fhir::refuse(415, Issue{.type = IssueType::kNotSupported,
                                         .diagnostics = "Content-Encoding is '" + std::string{value.substr(0, 64)} +
                                                        "'; this service takes a body as it is, or in gzip once",
                                         .location = "Content-Encoding",
                                         .rule = "ANS-06"});
  refusal.headers.push_back({"Accept-Encoding", "gzip"});
  return refusal;
}

fhir::Refusal too_long(std::size_t limit_bytes) {
  auto refusal = fhir::refuse(400, Issue{.type = IssueType::kTooLong,
                                         .diagnostics = "the body is too large: taken out of gzip it has more than " +
                                                        std::to_string(limit_bytes) + " bytes",
                                         .location = "http.body",
                                         .rule = "ANS-06"});
  refusal.close = true;
  return refusal;
}

fhir::Refusal broken(std::string why) {
  return fhir::refuse(400, Issue{.type = IssueType::kStructure,
                                 .diagnostics = "Content-Encoding says gzip, but " + std::move(why),
                                 .location = "http.body",
                                 .rule = "ANS-06"});
}

class Inflater {
 public:
  explicit Inflater(std::string_view packed) {
    if (::inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc{};
    stream_.next_in = bytes_of(packed);
    stream_.avail_in = static_cast<uInt>(packed.size());
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  /// Fill the rest of `plain` after `made`; gives zlib's code and moves `made`.
  int step(std::string& plain, std::size_t& made) {
    stream_.next_out = reinterpret_cast<Bytef*>(plain.data() + made);
    stream_.avail_out = static_cast<uInt>(plain.size() - made);
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    made = plain.size() - stream_.avail_out;
    return code;
  }
  [[nodiscard]] bool input_ended() const { return stream_.avail_in == 0; }
  [[nodiscard]] std::string why() const { return stream_.msg == nullptr ? "not in gzip form" : stream_.msg; }
  void next_member() { ::inflateReset(&stream_); }

 private:
  z_stream stream_{};
};

std::string gzipped(std::string_view plain) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipOnly, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc{};
  }
  std::string packed(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = bytes_of(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);  // cannot fail: the room is deflateBound's
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

fhir::Checked<Coding> body_coding(const RequestHead& head) {
  auto coding = Coding::kIdentity;
  for (const auto& header : head.headers) {
    if (!iequals(header.name, "Content-Encoding")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto item = take_until(rest, ',');
      if (item.empty() || iequals(item, "identity")) continue;
      if (!is_gzip(item) || coding == Coding::kGzip) return unsupported(header.value);
      coding = Coding::kGzip;
    }
  }
  return coding;
}

fhir::Checked<std::string> inflated(std::string_view body, std::size_t limit_bytes) {
  std::string plain;
  if (body.empty()) return plain;
  Inflater inflater{body};
  plain.resize(std::min(limit_bytes + 1, std::max(body.size() * kLikelyRatio, kFirstBytes)));
  std::size_t made = 0;
  for (bool first = true;;) {
    if (made == plain.size()) plain.resize(std::min(limit_bytes + 1, made * 2));
    const int code = inflater.step(plain, made);
    if (made > limit_bytes) return too_long(limit_bytes);
    if (code == Z_STREAM_END) {
      if (inflater.input_ended()) break;
      inflater.next_member();
      first = false;
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc{};
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return broken(first ? "the body cannot be read: " + inflater.why()
                          : "what follows its first member cannot be read: " + inflater.why());
    } else if (inflater.input_ended() && made < plain.size()) {
      return broken("the body ends early");
    }
  }
  plain.resize(made);
  return plain;
}

bool wants_gzip(const Headers& request) {
  std::optional<int> gzip;
  int any = 0;
  int identity = 0;
  for (const auto& header : request) {
    if (!iequals(header.name, "Accept-Encoding")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto item = take_until(rest, ',');
      const auto coding = trimmed(item.substr(0, item.find(';')));
      if (is_gzip(coding)) gzip = std::max(gzip.value_or(0), quality_of(item));
      if (coding == "*") any = quality_of(item);
      if (iequals(coding, "identity")) identity = quality_of(item);
    }
  }
  const int quality = gzip.value_or(any);
  return quality > 0 && quality >= identity;
}

void encode_answer(Response& response, const Headers& request, std::size_t from_bytes) {
  if (response.body.empty() || response.body.size() < from_bytes) return;
  response.headers.push_back({"Vary", "Accept-Encoding"});
  if (!wants_gzip(request)) return;
  response.body = gzipped(response.body);
  response.headers.push_back({"Content-Encoding", "gzip"});
}

}  // namespace gw::exchange
