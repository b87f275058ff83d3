// Many files, several threads, one order of output.
//
// Threads take batches of files in turn and print each batch when all before it are printed, so that memory holds at
// most one batch a thread and the n-th line of --json belongs to the n-th file.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "app/input_file.hpp"
#include "app/validate.hpp"
#include "base/result.hpp"
#include "exchange/parts.hpp"
#include "fhir/operation_outcome.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchFiles = 64;
constexpr std::size_t kManyFiles = 1000;  ///< from here on progress is shown
constexpr milliseconds kProgressEvery{200};

struct Counts {
  std::size_t right = 0, refused = 0, unreadable = 0;
  [[nodiscard]] std::size_t all() const { return right + refused + unreadable; }
};

/// The run: what the threads share. `mutex` guards all that is not constant after construction.
class Run {
 public:
  Run(std::vector<std::string> files, const ValidateOptions& options, BodyCheck check, const ValidateStreams& streams,
      Instant now)
      : files_(std::move(files)),
        check_(std::move(check)),
        json_(options.json),
        streams_(streams),
        now_(now),
        shows_progress_(files_.size() >= kManyFiles && ::isatty(::fileno(streams.err)) == 1) {}

  Counts done_by(std::size_t jobs) {
    const auto batches = (files_.size() + kBatchFiles - 1) / kBatchFiles;
    jobs = std::clamp<std::size_t>(jobs, 1, std::max<std::size_t>(batches, 1));
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < jobs; ++i) threads.emplace_back(&Run::work, this);
    work();
    threads.clear();
    if (shows_progress_) fmt::print(streams_.err, "\r\033[K");
    return counts_;
  }

 private:
  void work() {
    for (;;) {
      std::size_t batch = 0;
      {
        const std::lock_guard lock{mutex_};
        batch = next_batch_++;
      }
      const auto first = batch * kBatchFiles;
      if (first >= files_.size()) return;
      Counts counts;
      std::string text;
      for (auto at = first; at < std::min(first + kBatchFiles, files_.size()); ++at) take(files_[at], text, counts);
      print_in_turn(batch, text, counts);
    }
  }

  void take(const std::string& name, std::string& text, Counts& counts) const {
    auto body = read_input(name, streams_.in, exchange::Settings{}.body_bytes);
    BodyVerdict verdict;
    if (!body) {
      ++counts.unreadable;
      verdict.issues.push_back(fhir::Issue{
          .severity = fhir::Severity::kFatal, .type = fhir::IssueType::kException, .diagnostics = body.error().detail});
    } else {
      verdict = check_body(std::move(*body), check_, now_);
      ++(verdict.refused ? counts.refused : counts.right);
    }
    if (json_) {
      text += fhir::write_operation_outcome(verdict.issues, fhir::Format::kJson);
      text += '\n';
      return;
    }
    const auto shown = name == kStandardInput ? std::string_view{"<stdin>"} : std::string_view{name};
    for (const auto& issue : verdict.issues) {
      text += issue_line(shown, issue);
      text += '\n';
    }
  }

  void print_in_turn(std::size_t batch, const std::string& text, const Counts& counts) {
    std::unique_lock lock{mutex_};
    turn_.wait(lock, [this, batch] { return printed_batches_ == batch; });
    std::fwrite(text.data(), 1, text.size(), streams_.out);
    counts_.right += counts.right;
    counts_.refused += counts.refused;
    counts_.unreadable += counts.unreadable;
    ++printed_batches_;
    show_progress();
    turn_.notify_all();
  }

  void show_progress() {
    const auto now = std::chrono::steady_clock::now();
    if (!shows_progress_ || now < next_progress_) return;
    next_progress_ = now + kProgressEvery;
    fmt::print(streams_.err, "\r\033[K{} of {} files, {} refused", counts_.all(), files_.size(), counts_.refused);
    std::fflush(streams_.err);
  }

  const std::vector<std::string> files_;
  const BodyCheck check_;
  const bool json_;
  const ValidateStreams streams_;
  const Instant now_;
  const bool shows_progress_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::size_t next_batch_ = 0;
  std::size_t printed_batches_ = 0;
  Counts counts_;
  std::chrono::steady_clock::time_point next_progress_;
};

bool is_resource_file(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".json" || extension == ".xml";
}

/// Every resource file below `folder`, by name.
Result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    if (is_resource_file(at->path()) && !at->is_directory(error)) found.push_back(at->path().string());
  }
  if (error) return fault(FaultKind::kIo, fmt::format("{}: cannot be read: {}", folder, error.message()));
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::vector<std::string>> named_files(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector<std::string>{std::string{kStandardInput}};
  std::vector<std::string> files;
  for (const auto& name : names) {
    std::error_code ignored;
    if (!fs::is_directory(name, ignored)) {
      files.push_back(name);
      continue;
    }
    auto below = files_below(name);
    if (!below) return below.error();
    std::move(below->begin(), below->end(), std::back_inserter(files));
  }
  if (std::count(files.begin(), files.end(), kStandardInput) > 1) {
    return fault(FaultKind::kInvalid, "'-' can be named once only: there is one standard input");
  }
  return files;
}

BodyCheck check_of(const ValidateOptions& options) {
  BodyCheck check{.profile = options.profile, .base = options.base, .any_date = options.any_date};
  if (!options.format.empty()) check.format = options.format == "xml" ? fhir::Format::kXml : fhir::Format::kJson;
  while (check.base.ends_with('/')) check.base.pop_back();
  return check;
}

}  // namespace

int validate_files(const ValidateOptions& options, const ValidateStreams& streams, Instant now) {
  if (!options.profile.empty() && !knows_profile(options.profile)) {
    fmt::print(streams.err, "--profile {}: this gateway has no such profile of a resource\n", options.profile);
    return kExitUsage;
  }
  auto files = named_files(options.files);
  if (!files) {
    fmt::print(streams.err, "{}\n", files.error().detail);
    return files.error().kind == FaultKind::kInvalid ? kExitUsage : kExitFailed;
  }
  const auto jobs = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  Run run{std::move(*files), options, check_of(options), streams, now};
  const auto counts = run.done_by(jobs);
  if (std::fflush(streams.out) != 0) {
    fmt::print(streams.err, "the issues could not be written: {}\n", std::generic_category().message(errno));
    return kExitFailed;
  }
  if (!options.json) {
    fmt::print(streams.err, "{} right, {} refused, {} unreadable\n", counts.right, counts.refused, counts.unreadable);
  }
  if (counts.unreadable > 0) return kExitFailed;
  return counts.refused > 0 ? kExitRefused : kExitDone;
}

int run_validate(const ValidateOptions& options) {
  return validate_files(options, {}, SystemClock{}.now());
}

}  // namespace gw::app
