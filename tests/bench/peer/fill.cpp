#include "bench/peer/fill.hpp"

#include <stdexcept>
#include <string>

#include "bench/sample_entry.hpp"
#include "outbox/outbox.hpp"
#include "outbox/schema.hpp"
#include "outbox/store.hpp"

namespace gw::bench {

namespace {

constexpr std::uint64_t kBatch = 20'000;

/// Moved on by the one who fills.
class PastClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void set(Instant at) { now_ = at; }

 private:
  Instant now_{};
};

void must(const Status& done) {
  if (!done) throw std::runtime_error(done.error().detail);
}

}  // namespace

void fill_outbox(const FillPlan& plan) {
  if (std::filesystem::exists(plan.path)) throw std::runtime_error(plan.path.string() + " exists already");
  auto connection = outbox::open_for_writing(plan.path);
  if (!connection) throw std::runtime_error(connection.error().detail);
  must((*connection)->execute("PRAGMA synchronous = OFF"));
  must((*connection)->execute("PRAGMA wal_autocheckpoint = 10000"));
  PastClock clock;
  const outbox::Settings settings;
  outbox::Store store{
      **connection, clock, {settings.repeat_window, settings.identifier_window, settings.keys_in_memory}, {}};
  must(store.load());

  const std::string body(plan.body_bytes, 'x');
  const auto from = SystemClock{}.now() - seconds{plan.entries};
  const auto state = plan.unfinished ? outbox::State::kReceived : outbox::State::kSending;
  outbox::Conclusion delivered{.event = outbox::Event::kRecipientStored,
                               .reply = {.status = 201, .headers = {{"Location", "https://recipient/Order/1"}}}};
  for (std::uint64_t number = 0; number < plan.entries; ++number) {
    clock.set(from + seconds{number});
    if (number % kBatch == 0) must(store.begin());
    const auto task = sample_entry(number, outbox::first_id_of(clock.now()), clock.now(), body);
    must(store.admit(task, state, {}, sample_audit(task)));
    if (!plan.unfinished) {
      const auto concluded = store.conclude(task.id, delivered, sample_audit(task));
      if (!concluded) throw std::runtime_error(concluded.error().detail);
    }
    const bool last = number + 1 == plan.entries;
    if ((number + 1) % kBatch != 0 && !last) continue;
    while (store.prune()) {
    }
    must(store.commit());
  }
  must((*connection)->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
}

}  // namespace gw::bench
