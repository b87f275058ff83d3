#include "net/answer_head.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gw::net {

namespace {

constexpr std::size_t kMaxHeaders = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_reason_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

/// `HTTP/1.1 200 OK`; the reason, and the space before it, may be missing.
Status read_status_line(std::string_view line, AnswerHead& out, bool& http_1_0) {
  constexpr std::string_view kStart = "HTTP/1.";
  constexpr std::size_t kSize = 12;  // of "HTTP/1.1 200"
  const auto bad = fault(FaultKind::kMalformed, "the answer's status line is not that of HTTP/1.1");
  if (line.size() < kSize || !line.starts_with(kStart) || line[8] != ' ') return bad;
  if (line[7] != '0' && line[7] != '1') return bad;
  if (!std::all_of(line.begin() + 9, line.begin() + kSize, is_digit)) return bad;
  if (line.size() > kSize && line[kSize] != ' ') return bad;
  if (!std::all_of(line.begin() + kSize, line.end(), is_reason_char)) return bad;
  http_1_0 = line[7] == '0';
  out.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (out.status < 100 || out.status > 599)
    return fault(FaultKind::kMalformed, "the answer's status is not 100 to 599");
  return Done{};
}

}  // namespace

Result<AnswerHead> check_answer_head(std::string_view head) {
  AnswerHead out;
  bool http_1_0 = false;
  auto rest = head;
  if (const auto line = read_status_line(take_line(rest), out, http_1_0); !line) return line.error();
  auto headers = read_header_lines(rest, 2, kMaxHeaders);
  if (!headers) return headers.error();
  out.headers = std::move(*headers);
  const auto framing = read_framing(out.headers, http_1_0);
  if (!framing) return framing.error();
  out.framing = *framing;
  const bool closes = std::any_of(out.headers.begin(), out.headers.end(), [](const Header& header) {
    return iequals(header.name, "Connection") && list_has(header.value, "close");
  });
  out.keep_alive = !http_1_0 && !closes;
  return out;
}

bool has_no_body(int status, std::string_view method) {
  return method == "HEAD" || status == 204 || status == 304;
}

}  // namespace gw::net
