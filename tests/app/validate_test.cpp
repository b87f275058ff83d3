#include "app/validate.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "exchange/task_message.hpp"
#include "fhir/read.hpp"
#include "fhir/write.hpp"
#include "rules/validator.hpp"

using namespace gw;
using namespace gw::app;
namespace fs = std::filesystem;

namespace {

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};
constexpr std::string_view kBase = "https://hub.example.test/B82001/DSTU2/1";

std::string order_dated(Instant day) {
  directory::Organisation from{.ods = OdsCode{"A11111"}, .asid = Asid{"200000000001"}};
  from.logical_id = "1";
  directory::Organisation to{.ods = OdsCode{"B82001"}, .asid = Asid{"200000000002"}};
  to.logical_id = "2";
  directory::Patient patient{.nhs_number = NhsNumber{"9476719931"}, .logical_id = "10"};
  exchange::TaskMessage message;
  message.from = &from;
  message.to = &to;
  message.patient = &patient;
  message.text = "Please call the patient back.";
  return exchange::make_order(message, day);
}

std::string good_order() {
  return order_dated(kNow);
}
std::string old_order() {
  return order_dated(kNow - std::chrono::days{400});
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

std::string as_xml(const std::string& json) {
  const auto document = fhir::read_json(json);
  REQUIRE(document.has_value());
  return fhir::write_xml(*document->root(), rules::shape());
}

/// The errors' rules and paths, joined.
std::string errors_of(const BodyVerdict& verdict) {
  std::string text;
  for (const auto& issue : verdict.issues) {
    if (issue.severity == fhir::Severity::kWarning || issue.severity == fhir::Severity::kInformation) continue;
    text += '[' + std::string{issue.rule} + ' ' + issue.location + ']';
  }
  return text;
}

/// A folder of this test's own, gone at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("gw-validate-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
    return (path_ / name).string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

/// What a run printed, and its exit code.
struct Printed {
  int code = 0;
  std::string out, err;
};

std::string all_of(std::FILE* file) {
  std::rewind(file);
  std::string text(1U << 20U, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

Printed run(const ValidateOptions& options, const std::string& standard_input = {}) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const File in{std::tmpfile(), &std::fclose};
  const File out{std::tmpfile(), &std::fclose};
  const File err{std::tmpfile(), &std::fclose};
  REQUIRE(std::fwrite(standard_input.data(), 1, standard_input.size(), in.get()) == standard_input.size());
  std::rewind(in.get());
  Printed printed;
  printed.code = validate_files(options, {.in = in.get(), .out = out.get(), .err = err.get()}, kNow);
  printed.out = all_of(out.get());
  printed.err = all_of(err.get());
  return printed;
}

}  // namespace

TEST_CASE("validate: a right task of today is accepted in JSON and in XML, told by its content (TASK-11)", "[app]") {
  CHECK_FALSE(check_body(good_order(), {}, kNow).refused);
  CHECK_FALSE(check_body(as_xml(good_order()), {}, kNow).refused);
  CHECK_FALSE(check_body(" \n" + good_order(), {}, kNow).refused);
  CHECK(check_body(good_order(), {.format = fhir::Format::kXml}, kNow).refused);
}

TEST_CASE("validate: another day is refused, unless any date is let through (TASK-07)", "[app]") {
  CHECK(errors_of(check_body(old_order(), {}, kNow)) == "[TASK-07 Order.date]");
  CHECK_FALSE(check_body(old_order(), {.any_date = true}, kNow).refused);
  const auto wrong_type =
      replaced(old_order(), "gpconnect-task-type-1\",\"code\":\"", "gpconnect-task-type-1\",\"code\":\"9");
  CHECK(errors_of(check_body(wrong_type, {.any_date = true}, kNow)).find("reasonCodeableConcept") != std::string::npos);
}

TEST_CASE("validate: an absolute reference stands under the base that was named, and only there (TASK-08)", "[app]") {
  const auto absolute = replaced(good_order(), "\"Patient/10\"", "\"" + std::string{kBase} + "/Patient/10\"");
  CHECK(errors_of(check_body(absolute, {}, kNow)).find("TASK-08") != std::string::npos);
  CHECK_FALSE(check_body(absolute, {.base = std::string{kBase}}, kNow).refused);
}

TEST_CASE("validate: what is no Order is held to its base type, or to the profile that was asked for", "[app]") {
  const std::string patient = R"({"resourceType":"Patient","active":true})";
  CHECK_FALSE(check_body(patient, {}, kNow).refused);
  CHECK(check_body(R"({"resourceType":"Patient","activ":true})", {}, kNow).refused);
  CHECK(check_body(patient, {.profile = std::string{rules::kTaskOrderProfile}}, kNow).refused);
  CHECK(knows_profile(rules::kTaskOrderProfile));
  CHECK_FALSE(knows_profile("http://example.test/none"));
  CHECK(run({.profile = "http://example.test/none"}).code == kExitUsage);
}

TEST_CASE("validate: an issue is one line with file, line, column, severity, path and rule", "[app]") {
  const Folder folder;
  const auto file = folder.file("old.json", replaced(old_order(), ",\"date\"", ",\n  \"date\""));
  const auto printed = run({.files = {file}});
  CHECK(printed.code == kExitRefused);
  CHECK(printed.out.starts_with(file + ":2:3: error: Order.date is "));
  CHECK(printed.out.find("[Order.date, TASK-07]\n") != std::string::npos);
  CHECK(printed.err == "0 right, 1 refused, 0 unreadable\n");
}

TEST_CASE("validate: a control character of a body does not reach the terminal", "[app]") {
  fhir::Issue issue;
  issue.diagnostics = "a\x1b[31m\nb";
  CHECK(issue_line("f.json", issue) == "f.json: error: a?[31m?b");
}

TEST_CASE("validate: standard input is read for '-' and for no file at all, once", "[app]") {
  CHECK(run({}, good_order()).code == kExitDone);
  CHECK(run({.files = {"-"}}, as_xml(good_order())).code == kExitDone);
  const auto refused = run({}, "{");
  CHECK(refused.code == kExitRefused);
  CHECK(refused.out.starts_with("<stdin>:1:"));
  CHECK(run({.files = {"-", "-"}}).code == kExitUsage);
}

TEST_CASE("validate: --json gives one OperationOutcome a file, in the files' order, whatever the threads do (ANS-03)",
          "[app]") {
  const Folder folder;
  ValidateOptions options{.jobs = 4, .json = true};
  constexpr int count = 1000;
  for (int i = 0; i < count; ++i) {
    auto text = good_order();
    if (i % 3 == 0) text = replaced(text, "\"date\"", "\"date" + std::to_string(i) + "\"");
    options.files.push_back(folder.file(std::to_string(i) + ".json", text));
  }
  const auto printed = run(options);
  CHECK(printed.code == kExitRefused);
  std::size_t from = 0;
  for (int i = 0; i < count; ++i) {
    const auto end = printed.out.find('\n', from);
    REQUIRE(end != std::string::npos);
    const auto line = printed.out.substr(from, end - from);
    REQUIRE(line.starts_with(R"({"resourceType":"OperationOutcome")"));
    const bool names_it = line.find("date" + std::to_string(i)) != std::string::npos;
    REQUIRE(names_it == (i % 3 == 0));
    from = end + 1;
  }
  CHECK(from == printed.out.size());
  CHECK(printed.err.empty());
}

TEST_CASE("validate: a folder is every JSON and XML file below it; a file that cannot be read gives 3", "[app]") {
  const Folder folder;
  CHECK(folder.file("a/right.json", good_order()).ends_with("right.json"));
  CHECK(folder.file("b/right.xml", as_xml(good_order())).ends_with("right.xml"));
  CHECK(folder.file("b/notes.txt", "not a resource").ends_with("notes.txt"));
  CHECK(run({.files = {folder.path()}}).err == "2 right, 0 refused, 0 unreadable\n");
  const auto printed = run({.files = {folder.path(), folder.path() + "/none.json"}});
  CHECK(printed.code == kExitFailed);
  CHECK(printed.err == "2 right, 0 refused, 1 unreadable\n");
  CHECK(printed.out.find("none.json: fatal: cannot be read: ") != std::string::npos);
}

TEST_CASE("validate: a body over the gateway's limit is refused as such, not read to its end (ANS-08)", "[app]") {
  const auto printed = run({}, std::string(3U << 20U, ' '));
  CHECK(printed.code == kExitRefused);
  CHECK(printed.out.find("ANS-08") != std::string::npos);
}
