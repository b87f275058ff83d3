// gzip both ways (ANS-06). Pure, over zlib.
//
// A request's gzip is taken off where it is read, so that checks, hashes, the mailbox and the outbox see the resource;
// a relayed request goes on as the bytes that came (SSP-06). Answers of our own are gzipped last; a recipient's answer
// is never touched.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "fhir/issue.hpp"

namespace gw::exchange {

enum class Coding : unsigned char { kIdentity, kGzip };

/// The coding of the request's body. Errors: 415 for any but gzip (or x-gzip) once, and identity; Accept-Encoding then
/// says what is taken (RFC 7694).
[[nodiscard]] fhir::Checked<Coding> body_coding(const RequestHead& head);

/// The content of a gzip body: of one member, or of several one after the other (RFC 1952 section 2.2). An empty body
/// is empty. Errors: 400 too-long, connection closed, when it holds more than `limit_bytes`; 400 when it is broken,
/// ends early, or anything follows it. Never holds more than `limit_bytes` + 1.
[[nodiscard]] fhir::Checked<std::string> inflated(std::string_view body, std::size_t limit_bytes);

/// Whether Accept-Encoding wants gzip: named, or covered by '*', with a quality above 0 and not below that of
/// 'identity'. False when the header is absent.
[[nodiscard]] bool wants_gzip(const Headers& request);

/// Gzip an answer of our own where the request wants it and the body has at least `from_bytes`. An answer that could
/// have been gzipped varies by Accept-Encoding whether it was or not.
void encode_answer(Response& response, const Headers& request, std::size_t from_bytes);

}  // namespace gw::exchange
