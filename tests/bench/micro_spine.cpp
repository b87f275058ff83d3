// Who asks: the Spine envelope and the full check of an audit token, beside the floor of decoding and parsing the
// token.
#include <benchmark/benchmark.h>
#include <rapidjson/document.h>

#include <stdexcept>

#include "base/digest.hpp"
#include "spine/envelope.hpp"
#include "spine/token.hpp"

using namespace gw;

namespace {

constexpr std::string_view kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours{9}};

std::string token() {
  spine::Token token;
  token.issuer = "https://sender.bench.test";
  token.user_id = "10019";
  token.user_sds_id = "111222333444";
  token.user_name = "Dr Ada Jones";
  token.user_role = "R8000";
  token.device = "bench 1";
  token.organisation = OdsCode{"A20001"};
  token.organisation_name = "Bench Surgery";
  token.organisation_id = "1";
  token.patient = NhsNumber{"9990002754"};
  token.scope = "patient/*.write";
  token.issued_at = kNow;
  return spine::make_token(token);
}

void token_decode_and_parse_alone(benchmark::State& state) {
  const auto whole = token();
  const auto from = whole.find('.') + 1;
  const auto payload = std::string_view{whole}.substr(from, whole.rfind('.') - from);
  for (auto _ : state) {
    const auto bytes = base64url_decode(payload);
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(bytes->data(),
                                                                                           bytes->size());
    benchmark::DoNotOptimize(document);
  }
}

void token_check(benchmark::State& state) {
  const auto whole = token();
  const auto* const interaction = spine::find_interaction(kCreate);
  for (auto _ : state) {
    const auto checked = spine::check_token(whole, *interaction, kNow);
    if (!checked) throw std::logic_error("the token is refused");
    benchmark::DoNotOptimize(checked);
  }
}

void envelope(benchmark::State& state) {
  RequestHead head;
  head.method = "POST";
  head.target = "/B20003/DSTU2/1/Order";
  head.headers = {{"Host", "gateway.bench.test"},
                  {"User-Agent", "bench"},
                  {"Ssp-TraceID", "09a01679-2564-0fb4-5129-aecc81ea2706"},
                  {"Ssp-From", "200000000101"},
                  {"Ssp-To", "200000000103"},
                  {"Ssp-InteractionID", std::string{kCreate}},
                  {"Authorization", "Bearer x"},
                  {"Content-Type", "application/json+fhir"},
                  {"Accept", "application/json+fhir"}};
  for (auto _ : state) {
    const auto read = spine::read_envelope(head, "Order");
    if (!read) throw std::logic_error("the envelope is refused");
    benchmark::DoNotOptimize(read);
  }
}

BENCHMARK(token_decode_and_parse_alone);
BENCHMARK(token_check);
BENCHMARK(envelope);

}  // namespace

BENCHMARK_MAIN();
