// The command line as a user meets it: the real program, its exit codes and its words.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "app/send.hpp"
#include "app/unknown_command.hpp"
#include "support/shell.hpp"
#include "support/terminal.hpp"
#include "support/test_pki.hpp"

namespace {

/// `environment`: assignments, with a blank behind.
gw::test::Run run(const std::string& arguments, const std::string& environment = "GPCONNECT_GATEWAY_CONFIG= ") {
  return gw::test::run_in_shell(environment + "'" GW_BINARY "' " + arguments + " 2>&1");
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A command line that is wrong use, and what it must be told.
void refused(const std::string& arguments, std::string_view told) {
  const auto result = run(arguments);
  CAPTURE(arguments, result.said);
  CHECK(result.code == 2);
  CHECK(mentions(result.said, told));
}

const std::string kSend = "send --config '" GW_PKI_SCRIPT "' --from A20001 --to U20002 --patient 9990000018 ";

}  // namespace

TEST_CASE("command line: every command's --help has an example and the exit codes (OPS-04)", "[app]") {
  for (const auto* const command : {"serve",         "check-config",    "send",           "outbox list",
                                    "outbox show",   "outbox resolve",  "outbox redrive", "outbox purge",
                                    "outbox backup", "directory check", "directory show", "audit verify",
                                    "audit search",  "audit export",    "audit accept",   "console hash-password",
                                    "validate",      "lint-jwt",        "doctor",         "demo",
                                    "completion",    "manual"}) {
    const auto help = run(std::string{command} + " --help");
    CAPTURE(command, help.said);
    CHECK(help.code == 0);
    CHECK(mentions(help.said, "Exit codes: 0 done"));
    CHECK(mentions(help.said, "2 wrong use, 3 could not be done"));
    CHECK(mentions(help.said, "Example:\n  gpconnect-gateway " + std::string{command}.substr(0, 5)));
  }
  for (const auto* const group : {"outbox", "directory", "audit", "console"}) {
    const auto help = run(std::string{group} + " --help");
    CAPTURE(group, help.said);
    CHECK(mentions(help.said, "Example:\n  gpconnect-gateway " + std::string{group} + " "));
  }
}

TEST_CASE("command line: the configuration is the one given, else the one that the environment names (OPS-04)",
          "[app]") {
  const gw::test::TemporaryFolder folder;
  const auto named = folder.write("named.toml", "surprise = 1\n").string();
  const auto given = folder.write("given.toml", "other = 1\n").string();
  const auto environment = "GPCONNECT_GATEWAY_CONFIG='" + named + "' ";
  const auto by_environment = run("check-config", environment);
  CHECK(by_environment.code == 1);
  CHECK(mentions(by_environment.said, named + ":1: "));
  const auto by_option = run("check-config --config '" + given + "'", environment);
  CHECK(by_option.code == 1);
  CHECK(mentions(by_option.said, given + ":1: "));
  CHECK(run("lint-jwt --help", "GPCONNECT_GATEWAY_CONFIG=/no/such/file ").code == 0);
  CHECK(run("check-config", "GPCONNECT_GATEWAY_CONFIG=/no/such/file ").code == 1);
  CHECK(mentions(run("check-config --help").said, "$GPCONNECT_GATEWAY_CONFIG"));
  // Which it is depends on the machine, so that the manual leaves it open.
  CHECK(mentions(run("manual").said, "/gateway.toml where that is there.\n"));
}

TEST_CASE("command line: a password typed on a terminal is asked for twice, unseen (OPS-05)", "[app]") {
  const auto typed = [](const std::string& second) {
    return gw::test::on_terminal(GW_BINARY, "console hash-password",
                                 {{"Password: ", "correct horse battery"}, {"The same again: ", second}});
  };
  const auto same = typed("correct horse battery");
  CAPTURE(same.said);
  CHECK(same.code == 0);
  CHECK(mentions(same.said, "$argon2id$"));
  CHECK_FALSE(mentions(same.said, "horse"));
  const auto other = typed("correct horse batery");
  CHECK(other.code == 1);
  CHECK(mentions(other.said, "not the same"));
  CHECK_FALSE(mentions(other.said, "$argon2id$"));
}

TEST_CASE("command line: every command, however deep, is in the completion and the manual (OPS-04)", "[app]") {
  const auto completion = run("completion");
  const auto manual = run("manual");
  CHECK(completion.code == 0);
  CHECK(manual.code == 0);
  for (const auto* const command :
       {"serve", "check-config", "send", "outbox list", "outbox resolve", "audit verify", "doctor", "manual"}) {
    CAPTURE(command);
    CHECK(mentions(completion.said, "    '" + std::string{command} + "') words='"));
    auto roff = std::string{command};
    if (const auto dash = roff.find('-'); dash != std::string::npos) roff.insert(dash, 1, '\\');
    CHECK(mentions(manual.said, "\n.SS gpconnect\\-gateway " + roff + "\n"));
  }
  CHECK(mentions(completion.said, "'outbox list|--state')\n      COMPREPLY=($(compgen -W 'received sending "));
  CHECK(mentions(completion.said,
                 "\n  'outbox backup' | 'validate' | 'lint-jwt') [[ \"$current\" == -* ]] || return ;;\n"));
  CHECK(mentions(manual.said, "\n.B \\-\\-state \\fIreceived|sending|"));
}

TEST_CASE("command line: every command that prints results prints them in JSON too (OPS-04)", "[app]") {
  const auto completion = run("completion").said;
  for (const auto* const command :
       {"check-config", "send", "outbox list", "outbox show", "outbox resolve", "outbox purge", "outbox backup",
        "audit verify", "validate", "lint-jwt", "doctor"}) {
    CAPTURE(command);
    const auto arm = completion.find("    '" + std::string{command} + "') words='");
    REQUIRE(arm != std::string::npos);
    CHECK(mentions(completion.substr(arm, completion.find('\n', arm) - arm), " --json "));
  }
}

TEST_CASE("command line: a word that is no command is told which there are (OPS-04)", "[app]") {
  refused("bogus", "there is no command 'bogus'. Commands: serve, ");
  refused("chek-config", "did you mean 'check-config'?");
  refused("", "subcommand is required");
}

TEST_CASE("command line: send says what it lacks before it does anything (OPS-04)", "[app]") {
  refused(kSend, "--text");
  refused(kSend + "--text ' '", "it is blank");
  refused(kSend + "--text x --file '" GW_PKI_SCRIPT "'", "--file");
  refused(kSend + "--text x --identifier abc", "'abc' is not a UUID");
  refused(kSend + "--text x --identifier 2d1a4b5c-0000-4000-8000-00000000000g", "is not a UUID");
  refused(kSend + "--text x --trace abc", "'abc' is not a GUID");
  refused(kSend + "--file '" GW_PKI_SCRIPT "' --identifier auto", "excludes");
}

TEST_CASE("command line: a number or id that cannot be one is wrong use (OPS-04)", "[app]") {
  refused("send --config '" GW_PKI_SCRIPT "' --from A20001 --to U20002 --text x --patient 9990000017",
          "--patient is no NHS number");
  refused("outbox show --config '" GW_PKI_SCRIPT "' 1234", "'1234' is no task id");
  refused("outbox list --config '" GW_PKI_SCRIPT "' --after zzz", "--after zzz");
  const std::string resolve = "outbox resolve --config '" GW_PKI_SCRIPT "' --as delivered --reason ";
  refused(resolve + "heard 1234", "'1234' is no task id");
  refused(resolve + "'' 38fs0a9c40000", "--reason must be one line");
  refused("outbox redrive --config '" GW_PKI_SCRIPT "' --reason '' 38fs0a9c40000", "--reason must be one line");
  refused("audit search --config '" GW_PKI_SCRIPT "' --patient abc", "--patient is no NHS number");
  refused("audit export --config '" GW_PKI_SCRIPT "' --patient 9990000019", "--patient is no NHS number");
}

TEST_CASE("command line: a state that is none is wrong use (OPS-04)", "[app]") {
  refused("outbox list --config '" GW_PKI_SCRIPT "' --state bogus", "bogus not in {received,sending,delivered,");
}

TEST_CASE("command line: what cannot be done, and what is not right, have codes of their own (OPS-04)", "[app]") {
  const std::string no_config = " --config '" GW_PKI_SCRIPT "'";
  CHECK(run("check-config" + no_config).code == 1);
  CHECK(run("serve" + no_config).code == 3);
  CHECK(run(kSend + "--text x").code == 3);
  CHECK(run("outbox list" + no_config).code == 3);
}

TEST_CASE("command line: the nearest command is meant, and none when none is near (OPS-04)", "[app]") {
  using gw::app::unknown_command;
  const std::vector<std::string> commands{"serve", "send", "validate"};
  CHECK(mentions(unknown_command("sent", commands), "did you mean 'send'?"));
  CHECK(mentions(unknown_command("val", commands), "did you mean 'validate'?"));
  CHECK_FALSE(mentions(unknown_command("xyzzy", commands), "did you mean"));
  CHECK_FALSE(mentions(unknown_command("", commands), "did you mean"));
  CHECK(mentions(unknown_command(std::string(100'000, 'x'), commands), "Commands: serve, send, validate"));
}

TEST_CASE("command line: an issue's place is printed once", "[app]") {
  const auto outcome = [](const std::string& diagnostics) {
    return R"({"resourceType":"OperationOutcome","issue":[{"diagnostics":")" + diagnostics +
           R"(","location":["Order.target"]}]})";
  };
  CHECK(gw::app::outcome_lines(outcome("Order.target is missing")) == "Order.target is missing");
  CHECK(gw::app::outcome_lines(outcome("it is missing")) == "Order.target: it is missing");
}
