// What an audit record costs its request, beside the floor (SHA-256 alone of as many bytes), and what it costs to check
// them all. GW_AUDIT_ROWS sets how many; a million if it is not set.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "outbox/audit_chain.hpp"
#include "outbox/audit_search.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/schema.hpp"

using namespace gw;
using namespace gw::outbox;

namespace {

AuditRecord usual_record() {
  return {.at = Instant{milliseconds{1'795'255'200'000}},
          .kind = "request",
          .task = TaskId{1},
          .trace = "7a7b1f0e-5d8c-4a55-9d2f-0a6f8c1b2d3e",
          .from = "200000000101",
          .to = "200000000102",
          .interaction = "urn:nhs:names:services:gpconnect:fhir:rest:create:order",
          .user_id = "G123456789",
          .user_name = "Dr Ada Jones",
          .user_role = "R0260",
          .organisation = "A20001",
          .device = "Practice System 12.3.1",
          .authority = "https://alder.practice.test",
          .patient = "9990000018",
          .peer_fqdn = "alder.practice.test",
          .peer_fingerprint = std::string(64, 'a'),
          .peer_address = "10.0.0.7:51234",
          .status = 201,
          .outcome = "delivered",
          .identifier = "urn:ietf:rfc:3986|urn:uuid:1c2d3e4f-5d8c-4a55-9d2f-0a6f8c1b2d3e"};
}

/// A folder with a key, and an outbox of as many records as wanted under it.
class Chest {
 public:
  Chest() {
    auto name = (std::filesystem::temp_directory_path() / "audit-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    std::ofstream{folder_ / "key"} << std::string(64, 'a');
    ::chmod((folder_ / "key").c_str(), 0400);
    key_ = AuditKey::read(folder_ / "key").value();
    connection_ = open_for_writing(folder_ / "outbox.db").value();
    chain_.emplace(*connection_);
    chain_->use(&*key_);
    must(connection_->execute("BEGIN"));
    chain_->append({.kind = std::string{kChainKind}, .outcome = key_mark(*key_)});
  }
  Chest(const Chest&) = delete;
  Chest& operator=(const Chest&) = delete;
  ~Chest() {
    chain_.reset();
    connection_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void append(const AuditRecord& record) { chain_->append(record); }
  void commit() {
    must(connection_->execute("COMMIT"));
    must(connection_->execute("BEGIN"));
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "outbox.db"; }
  [[nodiscard]] AuditCheck check() const {
    AuditCheck check;
    check.keys.current = key_;
    return check;
  }

 private:
  static void must(const Status& done) {
    if (!done) throw std::runtime_error(done.error().detail);
  }
  std::filesystem::path folder_;
  std::optional<AuditKey> key_;
  std::unique_ptr<Connection> connection_;
  std::optional<AuditChain> chain_;
};

std::int64_t wanted_rows() {
  constexpr std::int64_t million = 1'000'000;
  const auto* const given = std::getenv("GW_AUDIT_ROWS");
  return given == nullptr ? million : std::atoll(given);
}

Chest& full_chest() {
  static Chest chest;
  static const bool filled = [] {
    constexpr int a_commit = 1000;
    auto record = usual_record();
    for (std::int64_t i = 1; i < wanted_rows(); ++i) {
      record.at += milliseconds{20};
      record.patient = i % 50'000 == 0 ? "9990001383" : "9990000018";
      chest.append(record);
      if (i % a_commit == 0) chest.commit();
    }
    chest.commit();
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return chest;
}

void sha256_of_as_many_bytes(benchmark::State& state) {
  const std::string bytes(640, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256(bytes));
}

/// Texts made fit, hash, and the insert into an open transaction.
void append_a_record(benchmark::State& state) {
  constexpr int a_commit = 1000;
  Chest chest;
  const auto record = usual_record();
  int appended = 0;
  for (auto _ : state) {
    chest.append(record);
    if (++appended % a_commit != 0) continue;
    state.PauseTiming();
    chest.commit();
    state.ResumeTiming();
  }
}

double most_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void verify_all(benchmark::State& state) {
  auto& chest = full_chest();
  for (auto _ : state) {
    const auto verdict = verify_audit(chest.path(), chest.check());
    if (!verdict || verdict->flaw || verdict->records != wanted_rows()) state.SkipWithError("the audit is not right");
  }
  state.counters["rows"] = static_cast<double>(wanted_rows());
  state.counters["MB"] = most_megabytes();
}

void search_all_for_a_patient(benchmark::State& state) {
  auto& chest = full_chest();
  auto view = AuditView::open(chest.path()).value();
  for (auto _ : state) {
    std::int64_t found = 0;
    const auto read = view->read({.patient = "9990001383"}, [&found](const AuditEntry&) { return ++found > 0; });
    if (!read || found != (wanted_rows() - 1) / 50'000) state.SkipWithError("not all were found");
  }
}

void search_an_hour(benchmark::State& state) {
  auto& chest = full_chest();
  auto view = AuditView::open(chest.path()).value();
  const auto from = usual_record().at + std::chrono::hours{2};
  for (auto _ : state) {
    const auto read = view->read({.patient = "9990001383", .from = from, .before = from + std::chrono::hours{1}},
                                 [](const AuditEntry&) { return true; });
    if (!read) state.SkipWithError("not read");
  }
}

}  // namespace

BENCHMARK(sha256_of_as_many_bytes);
BENCHMARK(append_a_record);
BENCHMARK(verify_all)->Unit(benchmark::kSecond)->Iterations(1);
BENCHMARK(search_all_for_a_patient)->Unit(benchmark::kSecond)->Iterations(1);
BENCHMARK(search_an_hour)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
