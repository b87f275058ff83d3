#include "net/names.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace gw::net {

namespace {

struct FreeList {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string reason_of(int code) {
  return code == EAI_SYSTEM ? std::generic_category().message(errno) : std::string{::gai_strerror(code)};
}

/// Blocks for as long as the system's resolver takes.
Result<Names::Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) {
    return fault(FaultKind::kUnreachable, "the name " + host + " does not resolve: " + reason_of(code));
  }
  const std::unique_ptr<addrinfo, FreeList> kept{list};
  Names::Addresses addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    addresses.push_back(endpoint.address());
  }
  return addresses;
}

}  // namespace

asio::execution_context::id Names::id;

struct Names::Waiter {
  explicit Waiter(asio::io_context& context) : done(context) {}
  asio::steady_timer done;  ///< ends early when the result is there
  std::optional<Result<Addresses>> result;
};

Names::Names(asio::execution_context& owner)
    : asio::execution_context::service(owner), context_(static_cast<asio::io_context&>(owner)) {}

void Names::shutdown() {
  for (auto& [host, question] : questions_) question.thread.join();
  questions_.clear();
}

asio::awaitable<Result<Names::Addresses>> Names::find(std::string host, milliseconds limit) {
  const auto waiter = std::make_shared<Waiter>(context_);
  waiter->done.expires_after(limit);
  if (!ask(host, waiter)) {
    co_return fault(FaultKind::kUnreachable, "the name " + host + " was not looked up: " + std::to_string(kMost) +
                                                 " other names are being looked up already, or the system gives this "
                                                 "process no more threads");
  }
  co_await waiter->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter->result) co_return std::move(*waiter->result);
  co_return fault(FaultKind::kTimeout, "the name " + host + " was not resolved in time");
}

/// False when no more names can be looked up.
bool Names::ask(const std::string& host, const std::shared_ptr<Waiter>& waiter) {
  const auto asked = questions_.find(host);
  if (asked != questions_.end()) {
    auto& waiters = asked->second.waiters;
    std::erase_if(waiters, [](const std::weak_ptr<Waiter>& other) { return other.expired(); });
    waiters.push_back(waiter);
    return true;
  }
  if (questions_.size() >= kMost) return false;
  auto& question = questions_[host];
  question.waiters.push_back(waiter);
  try {
    question.thread = std::thread{[this, host] {
      auto found = look_up(host);
      asio::post(context_, [this, host, found = std::move(found)] { settle(host, found); });
    }};
  } catch (const std::system_error&) {
    questions_.erase(host);  // nobody would ever answer it
    return false;
  }
  return true;
}

void Names::settle(const std::string& host, const Result<Addresses>& found) {
  auto settled = questions_.extract(host);
  settled.mapped().thread.join();  // posting this was the last that it had to do
  for (const auto& place : settled.mapped().waiters) {
    const auto waiter = place.lock();
    if (!waiter) continue;
    waiter->result = found;
    waiter->done.cancel();
  }
}

}  // namespace gw::net
