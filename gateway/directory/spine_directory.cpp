#include "directory/spine_directory.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stop_token>
#include <utility>

#include "base/log.hpp"

namespace gw::directory {

namespace {

/// What has to be known for a request beyond the file. Who has no row shares with nobody, so is not asked about.
struct Keys {
  std::optional<SpineKey> sender, recipient;
};

Keys keys_for(const Directory& overlay, const Wanted& wanted) {
  Keys keys;
  const auto* const row = overlay.by_ods(wanted.recipient.text());
  if (row == nullptr) return keys;
  if (row->asid.empty()) {
    keys.recipient =
        SpineKey{.by = SpineKey::By::kOds, .id = wanted.recipient.text(), .interaction = wanted.interaction};
  }
  if (overlay.by_asid(wanted.from) == nullptr) {
    keys.sender = SpineKey{.by = SpineKey::By::kAsid, .id = wanted.from.text(), .interaction = {}};
  }
  return keys;
}

/// The file's row with what the service says of its system.
Organisation filled(const Directory& overlay, const SpineSystem& system) {
  const auto* const row = overlay.by_ods(system.ods.text());
  auto made = row == nullptr ? Organisation{} : *row;
  made.ods = system.ods;
  made.asid = system.asid;
  made.party_key = system.party_key;
  made.endpoint = system.endpoint;
  made.fqdn = system.fqdn;
  made.interactions = system.interactions;
  made.from_service = true;
  return made;
}

/// Each may be null: then there is none, or nobody had to be asked.
std::shared_ptr<const Directory> view_of(std::shared_ptr<const Directory> overlay, const Wanted& wanted,
                                         const SpineSystems& sender, const SpineSystems& recipient) {
  std::vector<Organisation> found;
  if (recipient && !recipient->empty()) {
    // An organisation may have several systems; the envelope says which one is meant.
    const auto meant = std::find_if(recipient->begin(), recipient->end(),
                                    [&](const SpineSystem& system) { return system.asid == wanted.to; });
    found.push_back(filled(*overlay, meant == recipient->end() ? recipient->front() : *meant));
  }
  if (sender && !sender->empty()) found.push_back(filled(*overlay, sender->front()));
  if (found.empty()) return overlay;
  return Directory::over(std::move(overlay), std::move(found));
}

/// Whether a fault says that the service is away, rather than something about one question.
bool is_away(FaultKind kind) {
  return kind != FaultKind::kTooLarge;
}

}  // namespace

/// A request that waits for a key. Its parts are touched on the timer's executor alone.
struct SpineDirectory::Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  std::optional<Result<SpineSystems>> result;
};

SpineDirectory::SpineDirectory(const DirectorySource& overlay, SpineDirectorySettings settings, const Clock& clock)
    : overlay_(overlay), settings_(std::move(settings)), clock_(clock), cache_(settings_.cache) {
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

SpineDirectory::~SpineDirectory() {
  for (auto& thread : threads_) thread.request_stop();
}

std::shared_ptr<const Directory> SpineDirectory::at_hand(const Wanted& wanted) {
  auto overlay = overlay_.current();
  const auto keys = keys_for(*overlay, wanted);
  SpineSystems sender;
  SpineSystems recipient;
  const auto known = [this](const std::optional<SpineKey>& key, SpineSystems& systems) {
    if (!key) return true;
    const auto said = without_waiting(*key);
    if (said && *said) systems = **said;
    return said && *said;
  };
  {
    const std::lock_guard lock{mutex_};
    if (!known(keys.sender, sender) || !known(keys.recipient, recipient)) return nullptr;
  }
  return view_of(std::move(overlay), wanted, sender, recipient);
}

asio::awaitable<Result<std::shared_ptr<const Directory>>> SpineDirectory::find(Wanted wanted) {
  auto overlay = overlay_.current();
  const auto keys = keys_for(*overlay, wanted);
  SpineSystems sender;
  SpineSystems recipient;
  if (keys.sender) {
    auto answer = co_await ask(*keys.sender);
    if (!answer) co_return answer.error();
    sender = std::move(*answer);
  }
  if (keys.recipient) {
    auto answer = co_await ask(*keys.recipient);
    if (!answer) co_return answer.error();
    recipient = std::move(*answer);
  }
  co_return view_of(std::move(overlay), wanted, sender, recipient);
}

std::optional<Result<SpineSystems>> SpineDirectory::without_waiting(const SpineKey& key) {
  const auto now = clock_.now();
  auto found = cache_.find(key, now);
  if (found.age == SpineCache::Age::kFresh) return std::move(found.systems);
  if (!health_.away) return std::nullopt;
  const bool stale = found.age == SpineCache::Age::kStale;
  if (now >= retry_at_) {
    // Whoever has something to go on with does not wait for the question.
    if (!stale) return std::nullopt;
    static_cast<void>(enqueue(key, nullptr));
  }
  if (stale) return std::move(found.systems);
  return cause_;
}

bool SpineDirectory::enqueue(const SpineKey& key, std::shared_ptr<Waiter> waiter) {
  auto place = questions_.find(key);
  if (place == questions_.end()) {
    if (queue_.size() >= settings_.waiting) return false;
    place = questions_.emplace(key, Waiters{}).first;
    queue_.push_back(key);
    if (health_.away) retry_at_ = clock_.now() + settings_.retry;
    queued_.notify_one();
  }
  if (waiter) place->second.push_back(std::move(waiter));
  return true;
}

asio::awaitable<Result<SpineSystems>> SpineDirectory::ask(SpineKey key) {
  const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  waiter->timer.expires_after(settings_.wait);
  {
    const std::lock_guard lock{mutex_};
    if (auto said = without_waiting(key)) co_return std::move(*said);
    if (!enqueue(key, waiter)) {
      co_return fault(FaultKind::kOverloaded, "too many questions wait for the directory service");
    }
  }
  if (!waiter->result) co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter->result) co_return std::move(*waiter->result);
  const std::lock_guard lock{mutex_};
  auto found = cache_.find(key, clock_.now());
  if (found.systems) co_return std::move(found.systems);
  co_return fault(FaultKind::kTimeout, "the directory service did not answer in time");
}

void SpineDirectory::work(const std::stop_token& stop) {
  // libldap writes to sockets that the other end may have closed.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  SpineLookup lookup{settings_.service};
  while (true) {
    SpineKey key;
    {
      std::unique_lock lock{mutex_};
      if (!queued_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      key = std::move(queue_.front());
      queue_.pop_front();
    }
    settle(key, lookup.find(key));
  }
}

void SpineDirectory::settle(const SpineKey& key, const Result<std::vector<SpineSystem>>& found) {
  const std::lock_guard lock{mutex_};
  const auto now = clock_.now();
  Result<SpineSystems> answer{SpineSystems{}};
  if (found) {
    note(Done{});
    answer = std::make_shared<const std::vector<SpineSystem>>(*found);
    cache_.put(key, *answer, now);
  } else {
    note(found.error());
    auto last = cache_.find(key, now);
    if (last.systems) {
      answer = std::move(last.systems);
    } else {
      answer = found.error();
    }
  }
  const auto place = questions_.find(key);
  for (const auto& waiter : place->second) {
    asio::post(waiter->timer.get_executor(), [waiter, answer] {
      waiter->result = answer;
      waiter->timer.cancel();
    });
  }
  questions_.erase(place);
}

void SpineDirectory::note(const Status& status) {
  ++health_.questions;
  if (!status) ++health_.failures;
  const auto now = clock_.now();
  if (!status && !is_away(status.error().kind)) {
    log::warn("a question to the directory service failed", {{"cause", status.error().detail}});
    return;
  }
  if (!status) {
    cause_ = status.error();
    retry_at_ = now + settings_.retry;
  }
  if (health_.away == !status) return;
  health_.away = !status;
  health_.since = now;
  if (status) {
    log::info("the directory service answers again");
  } else {
    log::error("the directory service is away; what it said last is used while it may be",
               {{"cause", status.error().detail}});
  }
}

SpineHealth SpineDirectory::health() const {
  const std::lock_guard lock{mutex_};
  auto health = health_;
  health.cached = cache_.size();
  return health;
}

}  // namespace gw::directory
