#include "outbox/reader.hpp"

#include <utility>

namespace gw::outbox {

namespace {

constexpr std::size_t kBatch = 16;
constexpr std::chrono::milliseconds kPatience{60'000};

void resume(ReadOperation& operation) {
  ReadyWaiters ready;
  std::visit([&](auto& finished) { ready.add(std::move(finished.done)); }, operation);
  ready.post();
}

}  // namespace

Reader::Reader(std::unique_ptr<View> view, std::size_t queue_limit) : view_(std::move(view)), queue_(queue_limit) {
  thread_ = std::thread{[this] { work(); }};
}

Reader::~Reader() {
  stop();
}

void Reader::submit(ReadOperation operation) {
  const auto taken = queue_.push(operation);
  if (taken) return;
  std::visit([&](auto& refused) { refused.done->set(taken.error()); }, operation);
  resume(operation);
}

void Reader::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Reader::work() {
  std::vector<ReadOperation> batch;
  while (queue_.take(batch, kBatch, kPatience)) {
    for (auto& operation : batch) {
      std::visit([this](auto& wanted) { run(wanted); }, operation);
      resume(operation);
    }
    batch.clear();
  }
}

void Reader::run(FindOperation& operation) {
  operation.done->set(view_->find(operation.id));
}

void Reader::run(SearchOperation& operation) {
  operation.done->set(view_->search(operation.query));
}

void Reader::run(BacklogOperation& operation) {
  operation.done->set(view_->backlog());
}

}  // namespace gw::outbox
