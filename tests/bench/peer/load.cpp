#include "bench/peer/load.hpp"

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <iostream>
#include <memory>
#include <vector>

namespace gw::bench {

namespace {

using Clock = std::chrono::steady_clock;
using asio::ip::tcp;

tcp::endpoint endpoint_of(const Target& target) {
  return {asio::ip::address_v4::loopback(), target.port};
}

class Sender;

/// What all connections of one run share.
struct Run {
  const Target& target;
  const LoadPlan& plan;
  SslContext tls = client_context(target.files);
  asio::io_context context{1};
  TaskRequest request{plan.recipient, plan.format, target.host + ":" + std::to_string(target.port),
                      SystemClock{}.now()};
  Clock::time_point measure_from, end;
  std::deque<Clock::time_point> due;  ///< open loop: tasks that should have begun
  std::vector<Sender*> idle;          ///< open loop: connections without one
  LoadResult result;

  [[nodiscard]] bool is_open_loop() const { return plan.rate_per_s > 0; }
};

/// One connection.
class Sender {
 public:
  explicit Sender(Run& run) : run_(run), link_(tcp::socket{run.context}) {}

  void open() {
    link_.connect(run_.tls.get(), endpoint_of(run_.target), run_.target.host, nullptr,
                  [this](bool worked) { worked ? next() : broke(); });
  }

  void send(Clock::time_point since) {
    since_ = since;
    out_ = run_.request.next();
    in_.clear();
    link_.write(out_, [this](bool worked) { worked ? receive() : broke(); });
  }

 private:
  void receive() {
    if (const auto message = framed(in_)) return answered();
    link_.read(in_, [this](bool worked) { worked ? receive() : broke(); });
  }

  void answered() {
    const auto now = Clock::now();
    if (now >= run_.measure_from && since_ < run_.end) {
      if (const int status = status_of(in_); status == 201) {
        if (now < run_.end || run_.is_open_loop()) run_.result.latencies.add(now - since_);
      } else {
        ++run_.result.refused;
        run_.result.refused_with = status;
      }
    }
    next();
  }

  void next() {
    const auto now = Clock::now();
    if (now >= run_.end) return link_.close();
    if (!run_.is_open_loop()) return send(now);
    if (run_.due.empty()) return run_.idle.push_back(this);
    const auto since = run_.due.front();
    run_.due.pop_front();
    send(since);
  }

  void broke() {
    if (Clock::now() < run_.end) ++run_.result.broken;
    link_.close();
  }

  Run& run_;
  TlsLink link_;
  Clock::time_point since_;
  std::string in_, out_;
};

/// Lets tasks begin at the plan's rate.
class Pacer {
 public:
  explicit Pacer(Run& run)
      : run_(run),
        timer_(run.context),
        step_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{1 / run.plan.rate_per_s})),
        next_(Clock::now()) {
    wait();
  }

 private:
  void wait() {
    timer_.expires_at(next_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) begin_due();
    });
  }

  void begin_due() {
    const auto now = Clock::now();
    for (; next_ <= now && next_ < run_.end; next_ += step_) {
      if (run_.idle.empty()) {
        run_.due.push_back(next_);
        continue;
      }
      auto* const sender = run_.idle.back();
      run_.idle.pop_back();
      sender->send(next_);
    }
    if (next_ < run_.end) wait();
  }

  Run& run_;
  asio::steady_timer timer_;
  Clock::duration step_;
  Clock::time_point next_;
};

}  // namespace

LoadResult run_load(const Target& target, const LoadPlan& plan) {
  constexpr std::chrono::seconds last_answers{2};
  Run run{target, plan};
  const auto as_steps = [](auto time) { return std::chrono::duration_cast<Clock::duration>(time); };
  run.measure_from = Clock::now() + as_steps(plan.warm_up);
  run.end = run.measure_from + as_steps(plan.measured);
  std::vector<std::unique_ptr<Sender>> senders;
  for (std::size_t i = 0; i < plan.connections; ++i) {
    senders.push_back(std::make_unique<Sender>(run));
    senders.back()->open();
  }
  std::unique_ptr<Pacer> pacer;
  if (run.is_open_loop()) pacer = std::make_unique<Pacer>(run);
  run.context.run_until(run.end + last_answers);
  for (const auto since : run.due) run.result.unanswered += since >= run.measure_from ? 1U : 0U;
  run.result.seconds = plan.measured.count();
  return run.result;
}

bool hold_connections(const Target& target, Recipient recipient, std::size_t connections) {
  const auto tls = client_context(target.files);
  asio::io_context context{1};
  TaskRequest request{recipient, Format::kJson, target.host + ":" + std::to_string(target.port), SystemClock{}.now()};
  struct Held {
    explicit Held(asio::io_context& of) : link(tcp::socket{of}) {}
    TlsLink link;
    std::string in, out;
  };
  std::vector<std::unique_ptr<Held>> all;
  // One after the other: what is measured is the memory of open connections, not of handshakes at once.
  for (std::size_t i = 0; i < connections; ++i) {
    auto& held = *all.emplace_back(std::make_unique<Held>(context));
    bool answered = false;
    const std::function<void(bool)> receive = [&](bool worked) {
      answered = worked && framed(held.in).has_value();
      if (worked && !answered) held.link.read(held.in, receive);
    };
    held.link.connect(tls.get(), endpoint_of(target), target.host, nullptr, [&](bool open) {
      if (!open) return;
      held.out = request.next();
      held.link.write(held.out, [&](bool written) {
        if (written) held.link.read(held.in, receive);
      });
    });
    context.restart();
    context.run();
    if (!answered || status_of(held.in) != 201) {
      std::cerr << "connection " << i + 1 << " was not served: status " << status_of(held.in) << '\n';
      return false;
    }
    std::string{}.swap(held.in);
    std::string{}.swap(held.out);
  }
  std::cout << "ready" << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return true;
}

}  // namespace gw::bench
