// Parse and full validation of a task, beside the floor: RapidJSON's own parse of the same bytes with its encoding
// checked (to its own tree, and to events that nobody takes), and an expat parse of the XML form.
//
// GW_SAMPLE names a file with another JSON task, for example the published one, whose date is set to that of the
// benchmark.
#include <benchmark/benchmark.h>
#include <expat.h>
#include <rapidjson/document.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include "bench/sample_task.hpp"
#include "fhir/narrative.hpp"
#include "fhir/read.hpp"
#include "fhir/write.hpp"
#include "rules/task.hpp"

using namespace gw;

namespace {

constexpr std::string_view kBase = "https://hub.example.test/B82001/DSTU2/1";
const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours{9}};

constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;

const std::string& task() {
  static const std::string sample = [] {
    const char* const given = std::getenv("GW_SAMPLE");
    if (given == nullptr) return bench::sample_task();
    std::ifstream in{given};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return std::regex_replace(text, std::regex{R"("date"\s*:\s*"[^"]*")"}, R"("date": "2026-06-15")");
  }();
  return sample;
}

std::string xml_task() {
  return fhir::write_xml(*fhir::read_json(task())->root(), rules::shape());
}

void per_byte(benchmark::State& state, const std::string& bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}

void rapidjson_alone(benchmark::State& state) {
  const auto bytes = task();
  for (auto _ : state) {
    rapidjson::Document document;
    document.Parse<kFlags>(bytes.data(), bytes.size());
    benchmark::DoNotOptimize(document);
  }
  per_byte(state, bytes);
}

void rapidjson_events_alone(benchmark::State& state) {
  const auto bytes = task();
  for (auto _ : state) {
    rapidjson::MemoryStream plain{bytes.data(), bytes.size()};
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream{plain};
    rapidjson::Reader reader;
    rapidjson::BaseReaderHandler<> nobody;
    benchmark::DoNotOptimize(reader.Parse<kFlags>(stream, nobody));
  }
  per_byte(state, bytes);
}

void expat_alone(benchmark::State& state) {
  const auto bytes = xml_task();
  for (auto _ : state) {
    const auto parser = XML_ParserCreateNS(nullptr, '|');
    benchmark::DoNotOptimize(XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), 1));
    XML_ParserFree(parser);
  }
  per_byte(state, bytes);
}

void read_json(benchmark::State& state) {
  const auto bytes = task();
  for (auto _ : state) benchmark::DoNotOptimize(fhir::read_json(bytes));
  per_byte(state, bytes);
}

template <fhir::Checked<fhir::Document> (*kRead)(std::string, const fhir::ReadLimits&)>
void read_and_validate(benchmark::State& state, const std::string& bytes) {
  for (auto _ : state) {
    const auto document = kRead(bytes, {});
    const auto verdict = rules::check_task(*document, kBase, kNow);
    if (verdict.refused()) throw std::logic_error(verdict.issues.front().diagnostics);
    benchmark::DoNotOptimize(verdict);
  }
  per_byte(state, bytes);
}

void json_task(benchmark::State& state) {
  read_and_validate<fhir::read_json>(state, task());
}

void xml_task_validated(benchmark::State& state) {
  read_and_validate<fhir::read_xml>(state, xml_task());
}

void validate_alone(benchmark::State& state) {
  const auto document = fhir::read_json(task());
  for (auto _ : state) benchmark::DoNotOptimize(rules::check_task(*document, kBase, kNow));
}

void narrative(benchmark::State& state) {
  const auto document = fhir::read_json(task());
  const auto div = document->root()->child("contained")->child("text")->child_value("div");
  for (auto _ : state) benchmark::DoNotOptimize(fhir::check_narrative(div));
}

void facts(benchmark::State& state) {
  const auto document = fhir::read_json(task());
  for (auto _ : state) benchmark::DoNotOptimize(rules::facts_of(*document, kBase));
}

void write_json(benchmark::State& state) {
  const auto document = fhir::read_json(task());
  for (auto _ : state) benchmark::DoNotOptimize(fhir::write_json(*document->root(), rules::shape()));
}

BENCHMARK(rapidjson_alone);
BENCHMARK(rapidjson_events_alone);
BENCHMARK(json_task);
BENCHMARK(expat_alone);
BENCHMARK(xml_task_validated);
BENCHMARK(read_json);
BENCHMARK(validate_alone);
BENCHMARK(narrative);
BENCHMARK(facts);
BENCHMARK(write_json);

}  // namespace

BENCHMARK_MAIN();
