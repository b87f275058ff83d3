#include "app/metrics.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "app/exposition.hpp"
#include "base/version.hpp"

namespace gw::app {

namespace {

double seconds_of(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

double epoch_of(Instant at) {
  return seconds_of(at.time_since_epoch());
}

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

void put_requests(Exposition& page, const exchange::Meters& meters) {
  page.family("requests_total", "counter", "Requests answered, by interaction and class of the HTTP status.");
  for (const auto& [interaction, status_class, count] : meters.requests()) {
    const auto status = fmt::format("{}xx", status_class);
    page.sample({{"interaction", interaction}, {"status", status}}, number(count));
  }
  page.family("task_outcomes_total", "counter", "What senders were told of tasks that passed every check.");
  for (std::size_t i = 0; i < exchange::kTaskOutcomes.size(); ++i) {
    page.sample({{"outcome", exchange::kTaskOutcomes.at(i)}}, number(meters.task_outcomes(i)));
  }
  page.family("deferred_turns_total", "counter", "Turns of deferred tasks, by how they ended.");
  for (std::size_t i = 0; i < exchange::kDeferredOutcomes.size(); ++i) {
    page.sample({{"outcome", exchange::kDeferredOutcomes.at(i)}}, number(meters.deferred_outcomes(i)));
  }
  page.family("refusals_total", "counter", "Requests refused, by the rule that the first issue names.");
  for (const auto& [rule, count] : meters.refusals()) page.sample({{"rule", rule}}, number(count));
  page.family("request_seconds", "histogram", "From a request's head to its answer.");
  page.histogram({}, meters.whole());
  page.family("stage_seconds", "histogram", "Time of a request in each stage that it passed.");
  for (std::size_t i = 0; i < exchange::kStageNames.size(); ++i) {
    page.histogram({{"stage", exchange::kStageNames.at(i)}}, meters.stage(i));
  }
}

void put_outbox(Exposition& page, const Measured& measured) {
  const auto& depth = measured.depth;
  page.family("outbox_entries", "gauge", "Unfinished entries, by state.");
  page.sample({{"state", "received"}}, number(depth.received));
  page.sample({{"state", "sending"}}, number(depth.sending));
  page.sample({{"state", "queued"}}, number(depth.queued));
  page.sample({{"state", "retry-wait"}}, number(depth.retry_wait));
  page.sample({{"state", "in-doubt"}}, number(depth.in_doubt));
  page.family("outbox_backlog_entries", "gauge", "Unfinished entries, by recipient and state.");
  for (const auto& [recipient, state, entries, oldest] : measured.backlog) {
    page.sample({{"recipient", recipient.text()}, {"state", outbox::name_of(state)}}, number(entries));
  }
  page.family("outbox_backlog_oldest_seconds", "gauge", "Age of the oldest of them.");
  for (const auto& [recipient, state, entries, oldest] : measured.backlog) {
    page.sample({{"recipient", recipient.text()}, {"state", outbox::name_of(state)}},
                seconds_of(measured.now - oldest));
  }
  const auto& stats = measured.stats;
  page.family("outbox_operations_total", "counter", "Operations made durable.");
  page.sample({}, number(stats.operations));
  page.family("outbox_rollbacks_total", "counter", "Transactions that could not be written.");
  page.sample({}, number(stats.rollbacks));
  page.family("outbox_checkpoints_total", "counter", "Checkpoints of the write-ahead log.");
  page.sample({}, number(stats.checkpoints));
  page.family("outbox_commit_seconds", "histogram", "Time of a commit: in the main the fsync.");
  page.histogram({}, stats.commit_times);
}

void put_recipients(Exposition& page, const std::vector<delivery::RecipientHealth>& recipients) {
  using State = delivery::Breaker::State;
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    page.family(name, "gauge", help);
    for (const auto& one : recipients) page.sample({{"host", fmt::format("{}:{}", one.host, one.port)}}, value(one));
  };
  each("recipient_breaker_open", "1 while no request is let through to the recipient, 0.5 while one may try.",
       [](const auto& one) { return one.breaker == State::kOpen       ? 1.0
                                    : one.breaker == State::kHalfOpen ? 0.5
                                                                      : 0.0; });
  each("recipient_connect_failures", "Failed attempts to connect in a row.",
       [](const auto& one) { return number(one.failures); });
  each("recipient_connections", "Connections, idle ones and those being made included.",
       [](const auto& one) { return number(one.open); });
  each("recipient_connections_connecting", "Connections being made.",
       [](const auto& one) { return number(one.connecting); });
  each("recipient_connections_idle", "Idle connections.", [](const auto& one) { return number(one.idle); });
  page.family("recipient_last_success_seconds", "gauge", "Since a connection was last made or an answer read.");
  for (const auto& one : recipients) {
    if (!one.since_success) continue;
    page.sample({{"host", fmt::format("{}:{}", one.host, one.port)}}, seconds_of(*one.since_success));
  }
  each("recipient_waiting", "Requests that wait for a connection.",
       [](const auto& one) { return number(one.waiting); });
}

void put_directory(Exposition& page, const directory::SpineHealth& health) {
  page.family("directory_up", "gauge", "1 while the directory service answers.");
  page.sample({}, health.away ? 0 : 1);
  page.family("directory_questions_total", "counter", "Questions put to the directory service.");
  page.sample({}, number(health.questions));
  page.family("directory_failures_total", "counter", "Questions that it did not answer.");
  page.sample({}, number(health.failures));
  page.family("directory_cached", "gauge", "Answers of it that are kept.");
  page.sample({}, number(health.cached));
}

/// Resident memory in bytes; 0 where the kernel does not tell. /proc is no disk: reading it does not block.
double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t whole = 0;
  std::uint64_t resident = 0;
  statm >> whole >> resident;
  return number(resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return seconds_of(std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec});
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void put_process(Exposition& page, const Measured& measured) {
  page.family("ready", "gauge", "1 when new tasks are taken, as /readyz says.");
  page.sample({}, measured.ready ? 1 : 0);
  page.family("connections", "gauge", "Open connections of senders.");
  page.sample({}, number(measured.connections));
  page.family("certificate_expiry_seconds", "gauge", "Until the first certificate of this gateway's own chain ends.");
  page.sample({}, seconds_of(measured.certificate_until - measured.now));
  if (measured.crl_until != Instant::max()) {
    page.family("crl_expiry_seconds", "gauge",
                "Until the first revocation list is out of date, and every peer below its CA is refused.");
    page.sample({}, seconds_of(measured.crl_until - measured.now));
  }
  page.family("reload_ok", "gauge", "1 when reading this again worked the last time, or was not done yet.");
  for (std::size_t i = 0; i < kReloads.size(); ++i) {
    page.sample({{"what", kReloads.at(i)}}, measured.reloaded.at(i) ? 1 : 0);
  }
  page.family("build_info", "gauge", "Always 1; the label is the version.");
  page.sample({{"version", kVersion}}, 1);
  page.family("process_start_time_seconds", "gauge", "When it started, since 1970.");
  page.sample({}, epoch_of(measured.started));
  page.family("process_cpu_seconds_total", "counter", "Processor time, of user and system.");
  page.sample({}, cpu_seconds());
  page.family("process_resident_memory_bytes", "gauge", "Resident memory.");
  page.sample({}, resident_bytes());
}

}  // namespace

std::string metrics_page(const Measured& measured) {
  Exposition page;
  put_requests(page, measured.meters);
  put_outbox(page, measured);
  put_recipients(page, measured.recipients);
  if (measured.directory) put_directory(page, *measured.directory);
  put_process(page, measured);
  return page.take();
}

}  // namespace gw::app
