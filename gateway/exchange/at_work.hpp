// An entry that somebody works on. Whatever ends the work (the disk refuses, an exception, a stop), the entry does not
// stay at work: unless its outcome is on record, the outbox settles it as a restart would.
#pragma once

#include "outbox/outbox.hpp"

namespace gw::exchange {

class AtWork {
 public:
  AtWork(outbox::Outbox& outbox, TaskId id) : outbox_(outbox), id_(id) {}
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  ~AtWork() {
    if (!on_record_) outbox_.let_go(id_);
  }
  [[nodiscard]] TaskId id() const { return id_; }
  void outcome_is_on_record() { on_record_ = true; }

 private:
  outbox::Outbox& outbox_;
  TaskId id_;
  bool on_record_ = false;
};

}  // namespace gw::exchange
