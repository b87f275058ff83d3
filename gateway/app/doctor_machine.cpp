// The doctor's look at this machine: its clock, the disk under the outbox, the outbox and its audit, and the gateway
// that may be running on them.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "app/counted.hpp"
#include "app/doctor.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/view.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

/// The kernel's own word on whether something keeps its clock right; reads, sets nothing.
void examine_clock(Report& report) {
  timex state{};
  const int verdict = ::adjtimex(&state);
  if (verdict == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    report.warn("clock", "nothing keeps this machine's clock in step, as far as its kernel knows",
                "run a time service (chrony, systemd-timesyncd): tokens are refused by clocks that differ");
  } else {
    report.good("clock", fmt::format("kept in step, at most {} ms off", state.maxerror / 1000));
  }
}

void examine_disk(const Config& config, Report& report) {
  const auto folder = config.outbox.path.parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    report.fail("disk", fmt::format("this user cannot write in {}", folder.string()),
                "run the doctor as the gateway's user; if it is that, make the folder its own");
  }
  struct statvfs room {};
  if (::statvfs(folder.c_str(), &room) != 0) return;
  const auto free_bytes = static_cast<std::int64_t>(room.f_bavail) * static_cast<std::int64_t>(room.f_frsize);
  const auto reserve = config.outbox.min_free_bytes;
  const auto what =
      fmt::format("{} MiB free where the outbox is; the reserve is {} MiB", free_bytes >> 20, reserve >> 20);
  constexpr std::int64_t ample = 8;
  if (free_bytes < reserve) {
    report.fail("disk", what + ": new tasks get 503", "make room, or move the outbox to a larger disk");
  } else if (free_bytes / ample < reserve) {
    report.warn("disk", what,
                "make room before it runs out; `outbox purge` and [outbox] retention_days delete old tasks");
  } else {
    report.good("disk", what);
  }
}

/// Files that hold patients' data are for their owner, and perhaps his group.
void examine_privacy(const fs::path& file, Report& report) {
  struct stat facts {};
  if (file.empty() || ::stat(file.c_str(), &facts) != 0 || (facts.st_mode & 0007U) == 0) return;
  struct stat folder {};
  if (::stat(file.parent_path().c_str(), &folder) == 0 && (folder.st_mode & 0001U) == 0) return;
  report.warn("privacy",
              fmt::format("everybody on this machine can get at {}, which holds patients' data", file.string()),
              fmt::format("chmod o-rwx {}", file.string()));
}

void examine_audit(const Config& config, Report& report) {
  const auto& audit = config.outbox.audit;
  outbox::AuditCheck check;
  auto keys = outbox::read_audit_keys(audit.key_file, audit.old_key_files);
  if (!keys) return report.fail("audit", keys.error().detail, "name the right files in [audit]");
  check.keys = std::move(*keys);
  check.witness = audit.witness;
  const auto verdict = outbox::verify_audit(config.outbox.path, check);
  if (!verdict) {
    report.fail("audit", verdict.error().detail, "the outbox's file must be there whole, and readable for this user");
  } else if (verdict->flaw) {
    report.fail("audit", verdict->flaw->what,
                verdict->flaw->at_end ? "an older copy of the outbox is in its place, or its end was cut off, and the "
                                        "gateway is held: runbook.md, When it is held, says what to do before `audit "
                                        "accept`"
                                      : "somebody or something changed the audit: keep the file as it is, and "
                                        "compare it with the last backup");
  } else {
    const auto head = outbox::to_text({verdict->records, verdict->head});
    report.good("audit", fmt::format("{}, unbroken{}{}", counted(verdict->records, "record"),
                                     verdict->records > 0 ? "; head " : "", verdict->records > 0 ? head : ""));
  }
}

void examine_outbox(const Config& config, Report& report) {
  std::error_code error;
  if (!fs::exists(config.outbox.path, error)) {
    report.good("outbox", "not begun yet: the first start makes it");
    return;
  }
  examine_audit(config, report);
  const auto view = outbox::View::open(config.outbox.path);
  if (!view) return;
  const auto problems = (*view)->search({.problems = true, .with_body = false});
  if (!problems) return;
  if (problems->tasks.empty()) {
    report.good("outbox", "no task is in doubt");
  } else {
    report.warn("outbox",
                fmt::format("{}{} in doubt, expired or delivered without text", counted(problems->tasks.size(), "task"),
                            problems->more ? " and more" : ""),
                "`outbox list --problems` names them; ask each recipient, then `outbox resolve`");
  }
}

/// GET `target` from the admin listener, which is plain HTTP on this machine. Nothing: nobody answers.
std::optional<std::pair<int, std::string>> ask_admin(const Config& config, const char* target) {
  namespace http = boost::beast::http;
  boost::system::error_code error;
  auto address = asio::ip::make_address(config.admin.host, error);
  if (error || config.admin.port == 0) return std::nullopt;
  if (address.is_unspecified()) address = asio::ip::address_v4::loopback();
  asio::io_context context{1};
  boost::beast::tcp_stream stream{context};
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "localhost");
  http::response<http::string_body> answer;
  boost::beast::flat_buffer buffer;
  std::optional<std::pair<int, std::string>> said;
  stream.expires_after(seconds{2});
  stream.async_connect({address, config.admin.port}, [&](boost::system::error_code refused) {
    if (refused) return;
    http::async_write(stream, request, [&](boost::system::error_code broken, std::size_t) {
      if (broken) return;
      http::async_read(stream, buffer, answer, [&](boost::system::error_code cut, std::size_t) {
        if (!cut) said = {answer.result_int(), answer.body()};
      });
    });
  });
  context.run();
  return said;
}

void examine_service(const Config& config, Report& report) {
  const auto said = ask_admin(config, "/readyz");
  if (!said) {
    report.warn("service",
                fmt::format("no gateway answers on its admin listener {}:{}: it is not running", config.admin.host,
                            config.admin.port),
                "systemctl start gpconnect-gateway, when all else is right");
    return;
  }
  const auto words = said->second.substr(0, said->second.find('\n'));
  if (said->first == 200) {
    report.good("service", "running: " + words);
  } else if (words.starts_with("held:")) {
    report.fail("service", "running, but " + words, "see runbook.md, When it is held; then `audit accept`");
  } else {
    report.fail("service", fmt::format("running, but {} on /readyz: {}", said->first, words),
                "what it says is what is wrong; see runbook.md, GatewayNotReady");
  }
}

}  // namespace

void examine_machine(const Config& config, Report& report) {
  examine_clock(report);
  examine_disk(config, report);
  examine_privacy(config.outbox.path, report);
  examine_privacy(config.outbox.received_log, report);
  examine_privacy(config.patients, report);
  examine_outbox(config, report);
  examine_service(config, report);
}

}  // namespace gw::app
