// Faults from the first byte of the answer on.
#include "fault/recipient_acts.hpp"
#include "fault/recipient_rows.hpp"

namespace gw::test {

namespace {

using outbox::State;

std::vector<RecipientRow> status_rows() {
  std::vector<RecipientRow> rows;
  const auto add = [&rows](const char* fault, int status, State state, bool passed_on) {
    rows.push_back({.fault = fault,
                    .act = says(whole(status)),
                    .told = passed_on ? status : 504,
                    .issue = passed_on ? "" : "transient",
                    .state = state});
  };
  add("200", 200, State::kDelivered, true);
  add("201", 201, State::kDelivered, true);
  add("202", 202, State::kInDoubt, false);
  add("206", 206, State::kInDoubt, false);
  add("400", 400, State::kRejected, true);
  add("401", 401, State::kRejected, true);
  add("403", 403, State::kRejected, true);
  add("404", 404, State::kRejected, true);
  add("405", 405, State::kRejected, true);
  add("408", 408, State::kFailed, true);
  add("409", 409, State::kRejected, true);
  add("412", 412, State::kRejected, true);
  add("413", 413, State::kRejected, true);
  add("415", 415, State::kRejected, true);
  add("422", 422, State::kRejected, true);
  add("429", 429, State::kFailed, true);
  add("500", 500, State::kInDoubt, true);
  add("501", 501, State::kRejected, true);
  add("502", 502, State::kInDoubt, false);
  add("503", 503, State::kFailed, true);
  add("504", 504, State::kInDoubt, false);
  add("599", 599, State::kInDoubt, false);
  return rows;
}

std::vector<RecipientRow> garbage_rows() {
  return {
      doubtful("a greeting that is not HTTP", says("220 mail.example.test ESMTP\r\n\r\n")),
      doubtful("the words of HTTP/2", says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
      doubtful("an answer without a status line", says("<html>It works!</html>\r\n\r\n")),
      doubtful("a status of two digits", says("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")),
      doubtful("a status of 999", says("HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n")),
      doubtful("a head with bare line feeds", says("HTTP/1.1 201 Created\nContent-Length: 0\n\n")),
      doubtful("a folded header", says("HTTP/1.1 201 Created\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n")),
      doubtful("a NUL in a header",
               says(std::string{"HTTP/1.1 201 Created\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n", 51})),
      doubtful("two lengths", says("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nContent-Length: 2\r\n\r\n{}")),
      doubtful("a length and chunks",
               says("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
      doubtful("a coding that nobody knows", says("HTTP/1.1 201 Created\r\nTransfer-Encoding: gzip\r\n\r\n")),
      doubtful("bytes that are no TLS",
               [](Visit& visit) {
                 visit.read_request();
                 visit.peer.send_bare(kStored);
                 visit.peer.receive_to_end();
               }),
  };
}

std::vector<RecipientRow> interim_rows() {
  std::string some;
  for (int i = 0; i < 8; ++i) some += "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n";
  return {
      delivered("100, then 201", says("HTTP/1.1 100 Continue\r\n\r\n" + std::string{kStored})),
      delivered("some interim answers, then 201", says(some + std::string{kStored})),
      doubtful("too many interim answers, then 201", says(some + "HTTP/1.1 102 On It\r\n\r\n" + std::string{kStored})),
      doubtful("interim answers without end", never_ends({}, "HTTP/1.1 102 On It\r\n\r\n")),
      doubtful("101", says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")),
  };
}

std::vector<RecipientRow> huge_rows() {
  const std::string much(64 * 1024, 'x');
  const std::string chunk = "10000\r\n" + much + "\r\n";
  return {
      doubtful("a head without end", never_ends("HTTP/1.1 201 Created\r\nX-A: ", much)),
      doubtful("more headers than any limit", never_ends("HTTP/1.1 201 Created\r\n", "X-A: 1\r\n")),
      delivered("201 with a body that is over the limit",
                says("HTTP/1.1 201 Created\r\nContent-Length: 99999999\r\n\r\n")),
      delivered("201 with chunks without end",
                never_ends("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", chunk)),
      delivered("201 with a body without end", never_ends("HTTP/1.1 201 Created\r\n\r\n", much)),
      doubtful("422 with a body that is over the limit", says("HTTP/1.1 422 No\r\nContent-Length: 99999999\r\n\r\n")),
      doubtful("503 with chunks without end",
               never_ends("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n", chunk)),
  };
}

}  // namespace

const std::vector<RecipientRow>& rows_of_the_answer() {
  static const auto all = [] {
    const std::string half_a_head = "HTTP/1.1 201 Created\r\nLocat";
    std::vector<RecipientRow> rows{
        doubtful("reset in the answer's head", says_and_resets(half_a_head)),
        doubtful("closed in the answer's head", says(half_a_head)),
        with(doubtful("silence in the answer's head", says_and_waits(half_a_head), "timeout"), set_answer_limit),
        delivered("closed in the body of a 201", says(broken_off(201))),
        with(delivered("silence in the body of a 201", says_and_waits(broken_off(201))), set_answer_limit_after_head),
        delivered("a 201 whose last chunk is missing",
                  says("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")),
        delivered("a 201 with a broken chunk",
                  says("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")),
        doubtful("closed in the body of a 422", says(broken_off(422))),
        doubtful("closed in the body of a 503", says(broken_off(503))),
        doubtful("closed in the body of a 500", says(broken_off(500))),
        with(doubtful("silence in the body of a 422", says_and_waits(broken_off(422)), "timeout"),
             set_answer_limit_after_head),
    };
    append(rows, status_rows());
    append(rows, garbage_rows());
    append(rows, interim_rows());
    append(rows, huge_rows());
    return rows;
  }();
  return all;
}

}  // namespace gw::test
