#include "net/deadlines.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

namespace gw::net {

asio::execution_context::id Deadlines::id;

Deadline::Deadline(asio::ip::tcp::socket& socket)
    : socket_(socket),
      sweeper_(asio::use_service<Deadlines>(asio::query(socket.get_executor(), asio::execution::context))) {}

void Deadline::arm_at(SteadyTime at) {
  at_ = at;
  expired_ = false;
  if (!is_linked()) sweeper_.add(*this);
}

Deadlines::Deadlines(asio::execution_context& owner)
    : asio::execution_context::service(owner), timer_(static_cast<asio::io_context&>(owner)) {}

void Deadlines::add(Deadline& deadline) {
  armed_.push_back(deadline);
  if (!scheduled_) schedule();
}

void Deadlines::schedule() {
  scheduled_ = true;
  timer_.expires_after(kSweep);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void Deadlines::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (auto it = armed_.begin(); it != armed_.end();) {
    auto& deadline = *it;
    const bool passed = deadline.at_ <= now;
    if (passed) {
      deadline.expired_ = true;
      deadline.at_ = SteadyTime::max();
      boost::system::error_code ignored;
      deadline.socket_.cancel(ignored);
    }
    it = deadline.at_ == SteadyTime::max() ? armed_.erase(it) : std::next(it);
  }
  scheduled_ = false;
  if (!armed_.empty()) schedule();
}

}  // namespace gw::net
