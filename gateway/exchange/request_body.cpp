#include "exchange/request_body.hpp"

#include <utility>

#include "exchange/answer.hpp"
#include "exchange/content_coding.hpp"

namespace gw::exchange {

asio::awaitable<fhir::Checked<RequestBody>> read_body(const RequestHead& head, net::BodyReader& body,
                                                      const Settings& settings) {
  const auto coding = body_coding(head);
  if (!coding) co_return coding.error();
  auto bytes = co_await body.read_all(settings.body_bytes);
  if (!bytes) co_return refusal_of_body(bytes.error());
  RequestBody read{.plain = std::move(*bytes), .as_it_came = {}};
  if (*coding == Coding::kGzip) {
    auto plain = inflated(read.plain, settings.inflated_bytes);
    if (!plain) co_return plain.error();
    read.as_it_came = std::exchange(read.plain, std::move(*plain));
  }
  co_return read;
}

}  // namespace gw::exchange
