// Which distributed trace a log line belongs to.
#include "exchange/trace_context.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace gw;
using namespace gw::exchange;

namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kGuid = "2D1A4B5C-0000-4000-8000-00000000000F";
const std::string kGuidDigits = "2d1a4b5c00004000800000000000000f";

TraceContext of(const std::string& traceparent) {
  return trace_context_of({{"TraceParent", traceparent}}, kGuid);
}

}  // namespace

TEST_CASE("trace: a traceparent gives trace, parent and flags (OPS-03)", "[exchange]") {
  const auto context = of("00-" + kTrace + "-" + kParent + "-01");
  CHECK(context.trace_id == kTrace);
  CHECK(context.parent_id == kParent);
  CHECK(context.flags == "01");
  CHECK(of("cc-" + kTrace + "-" + kParent + "-00-what-a-later-version-adds").trace_id == kTrace);
}

TEST_CASE("trace: anything else is not logged, and Ssp-TraceID is the trace (OPS-03, AUD-04)", "[exchange]") {
  const std::string zeros(32, '0');
  for (const auto& text :
       {std::string{}, std::string{"00"}, "00-" + kTrace + "-" + kParent, "00-" + zeros + "-" + kParent + "-01",
        "00-" + kTrace + "-0000000000000000-01", "ff-" + kTrace + "-" + kParent + "-01",
        "00-" + kTrace + "-" + kParent + "-01-more", "00-" + kTrace + "-" + kParent + "-zz",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01", "00-9990000018 in a trace id for all!-" + kParent}) {
    CAPTURE(text);
    const auto context = of(text);
    CHECK(context.trace_id == kGuidDigits);
    CHECK(context.parent_id.empty());
    CHECK(context.flags.empty());
  }
  const auto good = "00-" + kTrace + "-" + kParent + "-01";
  CHECK(trace_context_of({{"traceparent", good}, {"traceparent", good}}, kGuid).trace_id == kGuidDigits);
}

TEST_CASE("trace: without either there is none (OPS-03)", "[exchange]") {
  CHECK(trace_context_of({}, "").trace_id.empty());
  CHECK(trace_context_of({}, "9990000018").trace_id.empty());
  CHECK(trace_context_of({}, "00000000-0000-0000-0000-000000000000").trace_id.empty());
}

TEST_CASE("trace: each request is a span of its own (OPS-03)", "[exchange]") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = new_span_id();
    REQUIRE(id.size() == 16);
    REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    REQUIRE(seen.insert(id).second);
  }
}
