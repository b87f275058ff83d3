#include "fault/model_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <future>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/digest.hpp"
#include "delivery/deferred_worker.hpp"
#include "directory/files.hpp"
#include "exchange/deferred_carrier.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/gateway.hpp"
#include "net/io_threads.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/outbox_world.hpp"
#include "outbox/view.hpp"

namespace gw::test {

namespace {

constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test,1\n"
    "B82001,200000000002,,Mailbox Surgery,north,,mailbox.example.test,2\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test,3\n";
constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,FAMILY_NAME,GIVEN_NAME,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
    "9990002754,01/02/1970,Example,Ada,N,B82001,10\n";
constexpr std::size_t kMostLive = 12;

// Which task a body is: "task 17." in its text.
int number_in(std::string_view body) {
  const auto at = body.find("task ");
  int number = -1;
  if (at != std::string_view::npos) std::from_chars(body.data() + at + 5, body.data() + body.size(), number);
  return number;
}

std::string order(const ModelTask& task, std::string_view text) {
  const auto identifier =
      task.identifier.empty()
          ? std::string{}
          : fmt::format(R"("identifier":[{{"system":"http://sender.example.test/id","value":"{}"}}],)",
                        task.identifier);
  return fmt::format(
      R"({{"resourceType":"Order","meta":{{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]}},)"
      R"("contained":[{{"resourceType":"Basic","id":"1",)"
      R"("meta":{{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]}},)"
      R"("text":{{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>"}},)"
      R"("code":{{"coding":[{{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1","code":"Task Narrative"}}]}}}}],)"
      R"({}"date":"{}","subject":{{"reference":"Patient/{}"}},"source":{{"reference":"Organization/1"}},)"
      R"("target":{{"reference":"Organization/{}"}},"reasonCodeableConcept":{{"coding":[{{)"
      R"("system":"http://fhir.nhs.net/ValueSet/gpconnect-task-type-1","code":"2"}}]}},"detail":[{{"reference":"#1"}}]}})",
      text, identifier, task.date, task.patient, task.relayed ? 3 : 2);
}

net::ExchangeResult answered(int status, bool complete = true) {
  net::ExchangeResult result;
  result.progress = net::Progress::kAnswered;
  result.answer = net::WireAnswer{.status = status, .headers = {}, .body = "", .complete = complete};
  if (!complete) result.fault = fault(FaultKind::kReset, "the answer broke off");
  return result;
}

net::ExchangeResult broken(net::Progress progress, FaultKind kind) {
  net::ExchangeResult result;
  result.progress = progress;
  result.fault = fault(kind, "as the walk decided");
  return result;
}

bool says(const Response& response, std::string_view words) {
  return response.body.find(words) != std::string::npos;
}

/// No chance: the walk decides.
class Half final : public Random {
 public:
  double fraction() override { return 0.5; }
};

/// Tells how many turns are under way.
class CountedCarrier final : public delivery::Carrier {
 public:
  CountedCarrier(const exchange::Parts& parts, Random& random, std::function<void(int)> on_change)
      : carrier_(parts, random), on_change_(std::move(on_change)) {}

  asio::awaitable<std::optional<Instant>> carry(TaskId id) override {
    const Counted counted{on_change_};
    const auto next = co_await carrier_.carry(id);
    co_return next;
  }

 private:
  struct Counted {
    explicit Counted(const std::function<void(int)>& on_change_in) : on_change(on_change_in) { on_change(1); }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { on_change(-1); }
    const std::function<void(int)>& on_change;
  };
  exchange::DeferredCarrier carrier_;
  std::function<void(int)> on_change_;
};

}  // namespace

/// One life of the gateway, from start to crash.
struct ModelWorld::Instance {
  Instance(const Clock& clock, OnHeld on_held, bool sends_again, std::function<void(int)> on_turn_in)
      : on_turn(std::move(on_turn_in)), dialer(std::move(on_held), sends_again) {
    if (const auto loaded = source.reload(); !loaded) throw std::logic_error(loaded.error().detail);
    settings.caller = exchange::test::caller_settings();
    settings.hosts = {{"provider.example.test:8443", "127.0.0.1:1"}};
    outbox_settings.path = folder / "outbox.db";
    outbox_settings.min_free_bytes = 0;
    outbox_settings.checkpoint_pages = 20;
    outbox_settings.keys_in_memory = 16;
    delivery::Settings couriers;
    couriers.breaker_failures = 0;
    couriers.connect_attempts = 1;
    couriers.idle = std::chrono::hours{1};
    courier = delivery::Courier::make(threads, dialer, couriers);
    clock_ = &clock;
  }
  Status open() {
    auto opened = outbox::Outbox::open(outbox_settings, *clock_);
    if (!opened) return opened.error();
    outbox = std::move(*opened);
    exchange::Parts parts{*clock_, source, *outbox, *courier, settings};
    carrier.emplace(parts, random, on_turn);
    worker.emplace(threads, *clock_, *carrier, settings.deferred);
    parts.deferred = &*worker;
    gateway.emplace(parts);
    threads.start();
    worker->start(outbox->recovery().planned);
    return Done{};
  }
  /// No new turns, and running ones are cut off, as a crash would.
  void cut_turns() {
    if (worker) worker->stop(milliseconds{0});
  }
  /// Everything that the io thread has to do without the network or the disk is done.
  void flush() {
    constexpr int deep = 6;  // a wake, a timer, a spawn, and some more
    for (int i = 0; i < deep; ++i) {
      std::promise<void> done;
      asio::post(threads.context(0), [&done] { done.set_value(); });
      done.get_future().wait();
    }
  }
  void close() {
    courier->stop();
    if (outbox) outbox->stop();
    threads.stop();
    outbox.reset();
  }

  const Clock* clock_ = nullptr;
  Files files;
  directory::DirectorySource source{files.write("organisations.csv", kOrganisations),
                                    files.write("patients.csv", kPatients)};
  outbox::test::Folder folder;
  outbox::Settings outbox_settings;
  exchange::Settings settings;
  Half random;
  std::function<void(int)> on_turn;
  ModelDialer dialer;
  net::IoThreads threads{1};
  std::unique_ptr<delivery::Courier> courier;
  std::unique_ptr<outbox::Outbox> outbox;
  std::optional<CountedCarrier> carrier;
  std::optional<delivery::DeferredWorker> worker;
  std::optional<exchange::Gateway> gateway;
};

ModelWorld::ModelWorld(std::uint64_t seed, SeededFault seeded) : seed_(seed), random_(seed), seeded_(seeded) {
  if (seeded_ == SeededFault::kDiskLies) vfs_.set_syncs(Syncs::kLie);
  clock_.set(exchange::test::kNow);
  start_instance({});
}

ModelWorld::~ModelWorld() {
  if (instance_->outbox) end_instance();
}

void ModelWorld::start_instance(const DiskState& disk) {
  const auto on_held = [this](std::shared_ptr<Held> held) {
    const std::lock_guard lock{mutex_};
    held_.push_back(std::move(held));
    changed_.notify_all();
  };
  const auto on_turn = [this](int change) {
    const std::lock_guard lock{mutex_};
    turns_ = change > 0 ? turns_ + 1 : turns_ - 1;
    changed_.notify_all();
  };
  instance_ = std::make_unique<Instance>(clock_, on_held, seeded_ == SeededFault::kDoubtIsSentAgain, on_turn);
  const auto folder = instance_->outbox_settings.path.parent_path();
  disk.write_after_cut(folder, random_);
  vfs_.watch(folder, [this](std::uint64_t operation) {
    const std::lock_guard lock{mutex_};
    if (operation != crash_at_ || crashed_) return;
    crashed_ = Moment{vfs_.state(), model_};
    crashed_->model.now = clock_.now();
    changed_.notify_all();
  });
  const auto opened = instance_->open();
  const std::lock_guard lock{mutex_};
  if (!opened) broken_.push_back("the outbox does not open: " + opened.error().detail);
}

void ModelWorld::end_instance() {
  {
    const std::lock_guard lock{mutex_};
    ++life_;
    for (const auto& held : held_) {
      Held::decide(held, {broken(net::Progress::kNothingSent, FaultKind::kClosed), false});
    }
    held_.clear();
  }
  // What is still on its way ends; nobody hears of it.
  instance_->cut_turns();
  for (;;) {
    std::unique_lock lock{mutex_};
    const auto all_ended = [this] { return live_.empty() && turns_ == 0; };
    changed_.wait(lock, [&] { return !held_.empty() || all_ended(); });
    if (all_ended()) {
      held_.clear();  // of turns that were cut off
      break;
    }
    for (const auto& held : std::exchange(held_, {})) {
      Held::decide(held, {broken(net::Progress::kNothingSent, FaultKind::kClosed), false});
    }
  }
  instance_->close();
  vfs_.unwatch();
}

std::vector<std::string> ModelWorld::step() {
  random_.seed((seed_ << 20U) + steps_++);
  const auto dice = random_() % 100;
  if (dice < 27) {
    send_new();
  } else if (dice < 40) {
    repeat(false);
  } else if (dice < 47) {
    repeat(true);
  } else if (dice < 51) {
    contradict();
  } else if (dice < 90) {
    decide_one();
  } else if (dice < 94) {
    poll_one();
  } else if (dice < 96) {
    arm_crash();
  } else {
    let_time_pass();
  }
  wait_until_quiet();
  std::unique_lock lock{mutex_};
  const bool died = crashed_.has_value();
  lock.unlock();
  if (died) crash();
  lock.lock();
  return broken_;
}

void ModelWorld::send_new() {
  const std::unique_lock lock{mutex_};
  if (live_.size() >= kMostLive) return;
  const int number = static_cast<int>(model_.tasks.size());
  auto& task = model_.tasks[number];
  task.relayed = random_() % 5 != 0;
  task.deferred = task.relayed && random_() % 3 == 0;
  if (task.relayed) task.patient += static_cast<int>(random_() % 3);
  counts_.deferred += task.deferred ? 1U : 0U;
  task.trace = random_uuid();
  if (random_() % 3 == 0) task.identifier = fmt::format("id-{}", number);
  task.date = to_iso_date(london_day(clock_.now()));
  ++counts_.tasks;
  send(number, task.trace, fmt::format("task {}.", number), false);
}

int ModelWorld::pick_task() {
  return static_cast<int>(random_() % model_.tasks.size());
}

void ModelWorld::repeat(bool under_new_trace) {
  const std::unique_lock lock{mutex_};
  if (model_.tasks.empty()) return;
  const auto number = pick_task();
  const auto& task = model_.tasks[number];
  if (under_new_trace && task.identifier.empty()) return;
  ++counts_.repeats;
  send(number, under_new_trace ? random_uuid() : task.trace, fmt::format("task {}.", number), false);
}

/// The trace id of a task whose outcome is known, with another text.
void ModelWorld::contradict() {
  const std::unique_lock lock{mutex_};
  if (model_.tasks.empty()) return;
  const auto number = pick_task();
  const auto& task = model_.tasks[number];
  if (model_.attempts[task.trace].told == Told::kNothing) return;
  send(number, task.trace, fmt::format("task {}. Changed", number), true);
}

/// What has become of a task that was taken for deferred delivery.
void ModelWorld::poll_one() {
  const std::unique_lock lock{mutex_};
  if (model_.tasks.empty()) return;
  const auto number = pick_task();
  const auto& trace = model_.tasks[number].trace;
  const auto place = model_.attempts[trace].place;
  if (place.empty()) return;
  ++counts_.polls;
  poll(number, trace, place);
}

/// Mostly some seconds; now and then beyond what any deferred task may last.
void ModelWorld::let_time_pass() {
  const bool long_time = random_() % 10 == 0;
  clock_.advance(long_time ? milliseconds{320'000} : milliseconds{random_() % 20'000});
  instance_->worker->look();
}

// With the lock held.
void ModelWorld::send(int number, const std::string& trace, const std::string& text, bool contradicts) {
  const auto& task = model_.tasks.at(number);
  auto head =
      task.relayed ? exchange::test::relayed_request_to("/C33333/DSTU2/1/Order") : exchange::test::good_request();
  exchange::test::set_header(head, "Ssp-TraceID", trace);
  exchange::test::set_token(head, exchange::test::token_claims(clock_.now()));
  if (task.deferred) exchange::test::set_header(head, "Prefer", "respond-async");
  history_[number] += fmt::format("\n  sent under {}{}", trace, contradicts ? ", changed" : "");
  start(number, trace, std::move(head), order(task, text), contradicts);
}

// With the lock held.
void ModelWorld::poll(int number, const std::string& trace, const std::string& place) {
  auto head = exchange::test::relayed_request_to(place);
  head.method = "GET";
  auto claims = exchange::test::token_claims(clock_.now());
  claims.scope = "patient/*.read";
  exchange::test::set_header(head, "Ssp-TraceID", random_uuid());
  exchange::test::set_header(head, "Ssp-InteractionID", std::string{spine::kReadOutcome});
  exchange::test::set_token(head, claims);
  history_[number] += fmt::format("\n  asked for what became of {}", trace);
  start(number, trace, std::move(head), {}, false);
}

// With the lock held.
void ModelWorld::start(int number, const std::string& trace, RequestHead head, std::string text, bool contradicts) {
  head.received_at = clock_.now();
  ++live_[number];
  auto work = [](ModelWorld& world, int of, std::string under, RequestHead request, std::string body, bool changed,
                 std::uint64_t life) -> asio::awaitable<void> {
    exchange::test::WholeBody reader{body};
    const auto response = co_await world.instance_->gateway->handle(request, reader);
    world.hear(of, under, response, changed, life);
  };
  asio::co_spawn(instance_->threads.context(0),
                 work(*this, number, trace, std::move(head), std::move(text), contradicts, life_),
                 [](const std::exception_ptr& thrown) {
                   if (thrown) std::rethrow_exception(thrown);
                 });
}

/// The status as the sender hears it.
int ModelWorld::heard(int status) const {
  if (status == 504 && seeded_ == SeededFault::kDoubtIsToldAsFailed) return 502;
  if (status == 504 && seeded_ == SeededFault::kDoubtIsToldAsStored) return 201;
  return status;
}

void ModelWorld::hear(int number, const std::string& trace, const Response& response, bool contradicts,
                      std::uint64_t life) {
  const std::lock_guard lock{mutex_};
  const int status = heard(response.status);
  if (--live_[number] == 0) live_.erase(number);
  changed_.notify_all();
  if (life != life_) return;
  history_[number] += fmt::format("\n  {} was answered {} {}", trace, status,
                                  status == 201 ? std::string_view{} : std::string_view{response.body});
  const auto& task = model_.tasks[number];
  auto& attempt = model_.attempts[trace];
  const auto is_wrong = [&](std::string_view what) {
    note_broken(number, fmt::format("was answered {}: {}", status, what));
  };
  if (contradicts) {
    if (status != 409) is_wrong("other content under a known trace id is 409");
    return;
  }
  const auto before = attempt.told;
  const bool failed_for_good = says(response, "was not delivered and will not be");
  if (status == 202) {
    constexpr std::string_view gateway = "https://hub.example.test";
    const std::string_view place = header_value(response.headers, "Content-Location");
    if (!task.deferred || !place.starts_with(gateway))
      return is_wrong("it is not deferred, or no place to ask is named");
    if (before == Told::kDelivered || before == Told::kFailed) is_wrong("its outcome was told before");
    if (!attempt.place.empty() && attempt.place != place.substr(gateway.size())) is_wrong("the place to ask has moved");
    if (attempt.place.empty()) attempt.order = ++model_.deferred;
    attempt.place = place.substr(gateway.size());
  } else if (status == 404) {
    is_wrong("it was taken, and is lost");
  } else if (status == 201) {
    if (task.relayed && task.stored != 1) is_wrong("the recipient does not hold it once");
    if (before == Told::kFailed) is_wrong("it was told to have failed before");
    attempt.told = Told::kDelivered;
  } else if ((status == 504 || status == 500) && !failed_for_good) {
    if (before == Told::kFailed || before == Told::kDelivered) is_wrong("its outcome was told before");
    attempt.told = Told::kUnknown;
  } else {
    if (attempt.stored) is_wrong("the recipient holds it");
    if (before == Told::kDelivered) is_wrong("it was told to be delivered before");
    attempt.told = Told::kFailed;
    if (response.status == 504 && task.deferred) ++counts_.expired;
  }
}

void ModelWorld::note_broken(int number, std::string_view what) {
  broken_.push_back(fmt::format("task {} {}; its history:{}", number, what, history_[number]));
}

/// Of one patient's deferred tasks none overtakes another. With the lock held.
void ModelWorld::note_arrival(int number, const std::string& trace) {
  auto& mine = model_.attempts[trace];
  mine.arrived = true;
  const auto& task = model_.tasks.at(number);
  if (!task.deferred || mine.order == 0) return;
  for (const auto& [other, later] : model_.tasks) {
    const auto& its = model_.attempts[later.trace];
    if (later.deferred && later.patient == task.patient && its.order > mine.order && its.arrived) {
      note_broken(number, fmt::format("was overtaken by task {}", other));
    }
  }
}

void ModelWorld::decide_one() {
  std::shared_ptr<Held> held;
  {
    const std::lock_guard lock{mutex_};
    if (held_.empty()) return;
    std::ranges::sort(held_, {}, [](const auto& one) { return one->task(); });
    const auto at = held_.begin() + static_cast<std::ptrdiff_t>(random_() % held_.size());
    held = std::move(*at);
    held_.erase(at);
  }
  decide(held);
}

void ModelWorld::decide(const std::shared_ptr<Held>& held) {
  using net::Progress;
  const auto dice = random_() % 100;
  if (held->is_dial()) {
    Fate fate;
    if (dice < 10)
      fate.result.fault = fault(dice < 5 ? FaultKind::kUnreachable : FaultKind::kTls, "as the walk decided");
    return Held::decide(held, std::move(fate));
  }
  const bool coin = random_() % 2 == 0;
  const auto fate = [&]() -> Fate {
    if (dice < 55) return {answered(201), true};
    if (dice < 58) return {answered(201, false), true};
    if (dice < 66) return {broken(Progress::kAllSent, FaultKind::kReset), coin};
    if (dice < 70) return {broken(Progress::kAllSent, FaultKind::kTimeout), coin};
    if (dice < 74) return {broken(Progress::kAllSent, FaultKind::kMalformed), coin};
    if (dice < 79) return {broken(Progress::kPartlySent, FaultKind::kReset), seeded_ == SeededFault::kHalfIsStored};
    if (dice < 83) return {broken(Progress::kNothingSent, FaultKind::kReset), false};
    if (dice < 90) return {answered(422), false};
    if (dice < 94) return {answered(503), false};
    if (dice < 97) return {answered(500), coin};
    return {answered(302), coin};
  }();
  {
    const std::lock_guard lock{mutex_};
    const auto number = number_in(held->task());
    auto& task = model_.tasks[number];
    history_[number] += fmt::format("\n  {} came to the recipient, which {} it", held->trace(),
                                    fate.stores ? "stored" : "did not store");
    note_arrival(number, held->trace());
    if (fate.stores) {
      ++counts_.deliveries;
      ++task.stored;
      if (task.stored > 1) note_broken(number, "was delivered twice");
      auto& attempt = model_.attempts[held->trace()];
      attempt.stored = true;
      if (attempt.told == Told::kFailed) note_broken(number, "came after it was told to have failed");
    }
  }
  Held::decide(held, fate);
}

void ModelWorld::arm_crash() {
  const std::lock_guard lock{mutex_};
  if (crash_at_ != 0) return;
  crash_at_ = vfs_.operations() + 1 + random_() % 40;
}

void ModelWorld::crash() {
  end_instance();
  Moment moment;
  {
    const std::lock_guard lock{mutex_};
    moment = std::move(*crashed_);
    crashed_.reset();
    crash_at_ = 0;
    model_ = moment.model;
    ++counts_.crashes;
    for (auto& [number, lines] : history_) lines += "\n  crash";
  }
  clock_.set(moment.model.now + milliseconds{random_() % 5'000});
  start_instance(moment.disk);
}

bool ModelWorld::is_quiet() const {
  // Each task on its way waits for the network: at an exchange of its own, or at one of the dials. So does each turn of
  // a deferred one; its requests never go there.
  std::size_t elsewhere = live_.size() + turns_;
  std::size_t dials = 0;
  for (const auto& held : held_) {
    if (held->is_dial()) {
      ++dials;
    } else {
      const auto number = number_in(held->task());
      elsewhere -= model_.tasks.at(number).deferred || live_.contains(number) ? 1U : 0U;
    }
  }
  return elsewhere == dials;
}

void ModelWorld::wait_until_quiet() {
  // A turn that ends may let another begin.
  for (bool quiet = false; !quiet;) {
    {
      std::unique_lock lock{mutex_};
      if (!changed_.wait_for(lock, seconds{60}, [this] { return is_quiet(); })) {
        broken_.emplace_back("a request is neither answered nor at the network");
        return;
      }
    }
    instance_->flush();
    const std::lock_guard lock{mutex_};
    quiet = is_quiet();
  }
}

/// Everything on its way, and every deferred task's time, comes to an end.
void ModelWorld::run_to_the_end() {
  constexpr int turns = 2'000;
  for (int i = 0; i < turns; ++i) {
    bool waits = false;
    {
      const std::lock_guard lock{mutex_};
      if (!broken_.empty()) return;
      waits = !held_.empty();
    }
    if (waits) {
      decide_one();
    } else if (instance_->worker->waiting() > 0) {
      clock_.advance(seconds{320});
      instance_->worker->look();
    } else {
      return;
    }
    wait_until_quiet();
  }
  const std::lock_guard lock{mutex_};
  broken_.emplace_back("a deferred task does not come to its end");
}

std::vector<std::string> ModelWorld::finish() {
  run_to_the_end();
  {
    // Whoever was told to ask is told an end.
    const std::lock_guard lock{mutex_};
    for (const auto& [number, task] : model_.tasks) {
      const auto place = model_.attempts[task.trace].place;
      if (!place.empty()) poll(number, task.trace, place);
    }
  }
  wait_until_quiet();
  end_instance();
  const auto path = instance_->outbox_settings.path;
  auto wrongs = broken_;
  const auto audit = outbox::verify_audit(path);
  if (!audit || audit->flaw) wrongs.emplace_back("the audit chain is broken");
  std::map<int, int> delivered, known;
  std::set<std::string> delivered_traces;
  auto view = outbox::View::open(path);
  if (!view) return {"the outbox cannot be read: " + view.error().detail};
  outbox::Query query;
  query.count = outbox::kMaxPage;
  for (;;) {
    const auto page = (*view)->search(query);
    if (!page) return {"the outbox cannot be searched: " + page.error().detail};
    if (page->tasks.empty()) break;
    for (const auto& entry : page->tasks) {
      const auto number = number_in(entry.task.body);
      if (entry.state == outbox::State::kDelivered) {
        ++delivered[number];
        delivered_traces.insert(entry.task.trace.text());
      }
      if (entry.state == outbox::State::kDelivered || entry.state == outbox::State::kInDoubt) ++known[number];
      if (outbox::is_being_worked_on(entry.state)) wrongs.push_back(fmt::format("task {} is unfinished", number));
    }
    query.after = page->tasks.back().task.id;
  }
  for (const auto& [number, task] : model_.tasks) {
    const auto is_wrong = [&, number = number](std::string_view what) {
      wrongs.push_back(fmt::format("task {} is {}; its history:{}", number, what, history_[number]));
    };
    if (delivered[number] > 1) is_wrong("on record as delivered twice");
    const auto& first = model_.attempts[task.trace];
    if (!first.place.empty() && first.told == Told::kNothing) is_wrong("taken, and its sender never learns its end");
    if (first.told == Told::kDelivered && delivered[number] != 1) is_wrong("told delivered, not on record as such");
    if (first.told == Told::kFailed && (first.stored || delivered_traces.contains(task.trace)))
      is_wrong("told failed, yet it is there");
    if (task.stored != 0 && known[number] == 0) is_wrong("delivered and not on record");
  }
  return wrongs;
}

}  // namespace gw::test
