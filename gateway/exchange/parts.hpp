// What the use cases work with: references to what app/ owns, and their settings. Everything referenced outlives the io
// threads' run.
#pragma once

#include <cstddef>

#include "base/time.hpp"
#include "delivery/courier.hpp"
#include "delivery/deferred_worker.hpp"
#include "delivery/route.hpp"
#include "directory/source.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/caller.hpp"
#include "exchange/key_source.hpp"
#include "exchange/meters.hpp"
#include "exchange/throttle.hpp"
#include "fhir/read.hpp"
#include "outbox/outbox.hpp"
#include "rules/validator.hpp"

namespace gw::exchange {

struct Settings {
  CallerSettings caller;
  ThrottleSettings throttle;
  std::size_t body_bytes = std::size_t{1} << 20U;      ///< largest request body, as it comes
  std::size_t inflated_bytes = std::size_t{2} << 20U;  ///< largest request body once its gzip is taken off
  std::size_t gzip_from_bytes = 1024;                  ///< smaller answers are not gzipped
  std::size_t bundle_entries = 50;                     ///< most tasks in one Bundle (TASK-12)
  /// Of the resources in the answer to one batch; what comes later is left out.
  std::size_t bundle_answer_bytes = std::size_t{4} << 20U;
  fhir::ReadLimits read;
  rules::ValidateLimits validate;
  milliseconds sender_wait{25'000};  ///< how long a sender is kept waiting for a relayed outcome
  delivery::DeferredSettings deferred;
  seconds poll_after{5};  ///< when a sender is told to ask again for a deferred task's outcome
  delivery::Hosts hosts;  ///< addresses of hosts that DNS does not know
};

struct Parts {
  const Clock& clock;
  const directory::DirectorySource& directory;
  outbox::Outbox& outbox;
  delivery::Courier& courier;
  const Settings& settings;
  Meters* meters = nullptr;                      ///< null: nothing is counted
  const KeySource* token_keys = nullptr;         ///< null: there are no keys, so no signed token is accepted
  directory::SpineDirectory* service = nullptr;  ///< null: the directory is its files alone
  delivery::DeferredWorker* deferred = nullptr;  ///< null: no task is deferred, its sender waits for the outcome
};

}  // namespace gw::exchange
