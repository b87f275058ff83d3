// Durable commits: whole tasks through the store, in batches, beside a bare SQLite insert of the same body in the same
// batch with the same settings; and an audit record beside the SHA-256 of as many bytes. One iteration is one batch.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "base/digest.hpp"
#include "bench/sample_entry.hpp"
#include "bench/sample_task.hpp"
#include "outbox/admission.hpp"
#include "outbox/outbox.hpp"
#include "outbox/schema.hpp"
#include "outbox/store.hpp"
#include "outbox/write_ahead_log.hpp"

using namespace gw;

namespace {

namespace fs = std::filesystem;

/// A database of its own in the working folder; gone with it.
class Database {
 public:
  Database() : path_(fs::current_path() / ("micro-" + std::to_string(::getpid()) + ".db")) {
    remove();
    auto opened = outbox::open_for_writing(path_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    connection_ = std::move(*opened);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    connection_.reset();
    remove();
  }
  outbox::Connection& connection() { return *connection_; }

 private:
  void remove() const {
    for (const auto* const end : {"", "-wal", "-shm"}) fs::remove(path_.string() + end);
  }
  fs::path path_;
  std::unique_ptr<outbox::Connection> connection_;
};

void must(const Status& done) {
  if (!done) throw std::runtime_error(done.error().detail);
}

void per_task(benchmark::State& state) {
  state.SetItemsProcessed(state.range(0) * state.iterations());
}

/// The floor: one row with a key in time order and the body, nothing else.
void sqlite_insert_alone(benchmark::State& state) {
  Database database;
  auto& connection = database.connection();
  must(connection.execute("CREATE TABLE alone (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"));
  outbox::Statement begin{connection, "BEGIN IMMEDIATE"};
  outbox::Statement insert{connection, "INSERT INTO alone (id, body) VALUES (?1, ?2)"};
  outbox::Statement commit{connection, "COMMIT"};
  outbox::WriteAheadLog log{connection, outbox::Settings{}.checkpoint_pages};
  const auto body = bench::sample_task();
  std::int64_t id = 0;
  for (auto _ : state) {
    begin.run();
    for (std::int64_t i = 0; i < state.range(0); ++i) insert.run(++id, outbox::as_blob(body));
    commit.run();
    if (log.is_due() && !log.checkpoint()) throw std::runtime_error("checkpoint");
  }
  must(connection.status());
  per_task(state);
}

/// Tasks as a relay writes them: taken in as "sending" in one transaction, concluded in another.
void store_commit(benchmark::State& state) {
  Database database;
  const SystemClock clock;
  const outbox::Settings settings;
  outbox::Store store{
      database.connection(), clock, {settings.repeat_window, settings.identifier_window, settings.keys_in_memory}, {}};
  must(store.load());
  outbox::WriteAheadLog log{database.connection(), settings.checkpoint_pages};
  const auto body = bench::sample_task();
  const outbox::Conclusion delivered{
      .event = outbox::Event::kRecipientStored,
      .reply = {.status = 201, .headers = {{"Location", "https://recipient.test/Order/1"}}, .body = body}};
  auto id = outbox::first_id_of(clock.now()).number;
  std::uint64_t number = 0;
  std::vector<outbox::NewTask> batch(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    for (auto& task : batch) task = bench::sample_entry(++number, TaskId{++id}, clock.now(), body);
    state.ResumeTiming();
    must(store.begin());
    for (const auto& task : batch) {
      if (const auto repeat = store.repeat_of(task); !repeat || *repeat) throw std::logic_error("no fresh task");
      must(store.admit(task, outbox::State::kSending, {}, bench::sample_audit(task)));
    }
    must(store.commit());
    must(store.begin());
    for (const auto& task : batch) {
      if (!store.conclude(task.id, delivered, bench::sample_audit(task))) throw std::logic_error("not concluded");
    }
    must(store.commit());
    if (log.is_due() && !log.checkpoint()) throw std::runtime_error("checkpoint");
  }
  per_task(state);
}

/// What one audit record costs inside a transaction.
void audit_row(benchmark::State& state) {
  Database database;
  outbox::AuditChain chain{database.connection()};
  must(chain.load());
  must(database.connection().execute("BEGIN IMMEDIATE"));
  const auto task = bench::sample_entry(1, TaskId{1}, SystemClock{}.now(), {});
  const auto record = bench::sample_audit(task);
  for (auto _ : state) benchmark::DoNotOptimize(chain.append(record));
  must(database.connection().execute("ROLLBACK"));
}

void sha256_alone(benchmark::State& state) {
  const std::string bytes(512, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256(bytes));
}

BENCHMARK(sqlite_insert_alone)->RangeMultiplier(4)->Range(1, 256)->UseRealTime();
BENCHMARK(store_commit)->RangeMultiplier(4)->Range(1, 256)->UseRealTime();
BENCHMARK(sha256_alone);
BENCHMARK(audit_row);

}  // namespace

BENCHMARK_MAIN();
