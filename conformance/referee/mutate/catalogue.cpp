#include "catalogue.hpp"

#include <algorithm>
#include <array>

namespace gw::referee {
namespace {

constexpr std::string_view kBaseTask = R"({
  "resourceType": "Order",
  "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},
  "contained": [{
    "resourceType": "Basic",
    "id": "words",
    "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},
    "text": {"status": "generated",
             "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Please book a blood test.</p></div>"},
    "code": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1",
                         "code": "Task Narrative"}]}
  }],
  "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e"}],
  "date": "2026-06-15",
  "subject": {"reference": "Patient/1", "display": "Somebody"},
  "source": {"reference": "Organization/1"},
  "target": {"reference": "Organization/2"},
  "reasonCodeableConcept": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1",
                                        "code": "2", "display": "Action Needed"}]},
  "detail": [{"reference": "#words"}]
})";

constexpr auto kInsertions = std::to_array<Insertion>({
    {"Order", R"({"id": "a1"})"},
    {"Order", R"({"id": "not an id"})"},
    {"Order", R"({"language": "en-GB"})"},
    {"Order", R"({"implicitRules": "http://example.org/rules"})"},
    {"Order",
     R"({"text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A task</div>"}})"},
    {"Order", R"({"text": {"status": "odd", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A task</div>"}})"},
    {"Order", R"({"text": {"status": "generated"}})"},
    {"Order", R"({"text": {"div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A task</div>"}})"},
    {"Order", R"({"contained": [{"resourceType": "Patient", "id": "p1", "active": true}]})"},
    {"Order", R"({"contained": [{"resourceType": "Basic", "id": "words", "code": {"text": "twin"}}]})"},
    {"Order", R"({"contained": [{"resourceType": "Spoon", "id": "s1"}]})"},
    {"Order", R"({"identifier": [{"system": "urn:x", "value": "2"}]})"},
    {"Order", R"({"identifier": [{"system": "urn:x"}]})"},
    {"Order", R"({"date": "2026-06-15"})"},
    {"Order", R"({"reasonReference": {"reference": "Condition/1"}})"},
    {"Order", R"({"reasonString": "because"})"},
    {"Order", R"({"reason": {"text": "because"}})"},
    {"Order", R"({"when": {"code": {"text": "soon"}}})"},
    {"Order", R"({"when": {"schedule": {"event": ["2026-06-16"]}}})"},
    {"Order", R"({"when": {"code": {"text": "soon"}, "schedule": {"event": ["2026-06-16"]}}})"},
    {"Order", R"({"detail": [{"reference": "#words"}]})"},
    {"Order", R"({"detail": [{"reference": "Basic/1"}]})"},
    {"Order", R"({"priority": "urgent"})"},
    {"Order", R"({"status": "draft"})"},
    {"Basic", R"({"identifier": [{"system": "urn:x", "value": "1"}]})"},
    {"Basic", R"({"subject": {"reference": "Patient/1"}})"},
    {"Basic", R"({"author": {"reference": "Practitioner/1"}})"},
    {"Basic", R"({"created": "2026-06-15"})"},
    {"Basic", R"({"language": "en"})"},
    {"Basic", R"({"contained": [{"resourceType": "Basic", "id": "inner", "code": {"text": "x"}}]})"},
    {"Basic", R"({"note": "x"})"},
    {"Meta", R"({"versionId": "1"})"},
    {"Meta", R"({"versionId": "has space"})"},
    {"Meta", R"({"lastUpdated": "2026-06-15T10:00:00Z"})"},
    {"Meta", R"({"lastUpdated": "2026-06-15"})"},
    {"Meta", R"({"profile": ["http://example.org/StructureDefinition/another"]})"},
    {"Meta", R"({"tag": [{"system": "urn:tags", "code": "a"}]})"},
    {"Meta", R"({"tag": [{"system": "urn:tags", "code": " a "}]})"},
    {"Meta", R"({"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "CEL"}]})"},
    {"Meta", R"({"source": "urn:x"})"},
    {"Identifier", R"({"use": "official"})"},
    {"Identifier", R"({"use": "best"})"},
    {"Identifier", R"({"type": {"text": "t"}})"},
    {"Identifier", R"({"period": {"start": "2026-01-01", "end": "2025-01-01"}})"},
    {"Identifier", R"({"period": {"start": "2026-01-01"}})"},
    {"Identifier", R"({"assigner": {"display": "Us"}})"},
    {"Identifier", R"({"label": "x"})"},
    {"CodeableConcept", R"({"text": "In words"})"},
    {"CodeableConcept", R"({"coding": [{"system": "http://snomed.info/sct", "code": "371530004"}]})"},
    {"CodeableConcept", R"({"code": "x"})"},
    {"Coding", R"({"version": "1"})"},
    {"Coding", R"({"userSelected": true})"},
    {"Coding", R"({"display": "Other words"})"},
    {"Coding", R"({"primary": true})"},
    {"Reference", R"({"display": "Shown"})"},
    {"Reference", R"({"identifier": {"value": "1"}})"},
    {"Reference", R"({"reference": "Patient/1"})"},
    {"Narrative", R"({"status": "additional"})"},
    {"Narrative", R"({"lang": "en"})"},
});

constexpr auto kExtensions = std::to_array<std::string_view>({
    R"({"extension": [{"url": "http://example.org/ext", "valueString": "x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueBoolean": true}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueInteger": 3}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueInteger": 3.5}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueInteger": 99999999999}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueDecimal": 1.50}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valuePositiveInt": 0}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueUnsignedInt": -1}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueUnsignedInt": 0}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueDate": "2026-06-15"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueDate": "2026-06-15T10:00:00Z"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueDateTime": "2026-06-15T10:00:00Z"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueInstant": "2026-06-15T10:00:00.5Z"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTime": "10:00:00"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTime": "25:00:00"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTime": "10:00"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueOid": "urn:oid:1.2.3"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueOid": "1.2.3"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueId": "a.b-c"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueId": "a_b"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueUri": "urn:x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueUri": "urn: x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueCode": "a b"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueCode": "a  b"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueMarkdown": "*x*"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueBase64Binary": "AAAA"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueBase64Binary": "AAA"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueBase64Binary": "A?AA"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueCoding": {"system": "urn:x", "code": "y"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueCodeableConcept": {"text": "y"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueIdentifier": {"use": "usual", "value": "1"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueIdentifier": {"use": "best", "value": "1"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valuePeriod": {"start": "2026-01-01", "end": "2026-02-01"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valuePeriod": {"start": "2026-03-01", "end": "2026-02-01"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueQuantity": {"value": 1.0, "unit": "mg"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueQuantity": {"value": 1.0, "code": "mg"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueQuantity": {"value": 1, "comparator": "~"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueReference": {"reference": "Patient/1"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueReference": {"reference": "#words"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueReference": {"reference": "#none"}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTiming": {"repeat": {"period": 1}}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTiming": {"repeat": {"duration": -1, "durationUnits": "h"}}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueTiming": {"repeat": {"when": "AC", "frequency": 2}}}]})",
    R"({"extension": [{"url": "http://example.org/ext", "extension": [{"url": "part", "valueString": "x"}]}]})",
    R"({"extension": [{"url": "http://example.org/ext", "extension": [{"url": "part"}]}]})",
    R"({"extension": [{"url": "http://example.org/ext", "extension": [{"url": "part", "valueString": "x"}], "valueString": "y"}]})",
    R"({"extension": [{"url": "http://example.org/ext"}]})",
    R"({"extension": [{"valueString": "no url"}]})",
    R"({"extension": [{"url": "has space", "valueString": "x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueString": "x", "valueInteger": 1}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueFoo": "x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "value": "x"}]})",
    R"({"extension": [{"url": "http://example.org/ext", "valueString": "x", "note": "y"}]})",
    R"({"modifierExtension": [{"url": "http://example.org/mod", "valueString": "x"}]})",
    R"({"id": "e1"})",
    R"({"id": "e 1"})",
});

constexpr auto kNarratives = std::to_array<std::string_view>({
    R"(<div>No namespace</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"> &#160; </div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><br/></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script>Text</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">Text</p></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><form>Text</form></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><input type="text"/>Text</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><iframe src="http://example.org/"/>Text</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><img src="http://example.org/a.png" alt="a"/>Text</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><img src="#pic" alt="a"/>Text</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><img src="data:image/png;base64,AAAA" alt="a"/></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><a href="javascript:x">Text</a></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><a href="https://example.org/">Text</a></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><a href="ftp://example.org/">Text</a></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><p style="color: red">Text</p></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><p style="background: url(http://example.org/); color: red">Text</p></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><table border="1"><thead><tr><th>A</th></tr></thead><tbody><tr><td colspan="2">B</td></tr></tbody></table></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><h1>A</h1><ul class="x"><li>B</li></ul><pre>C</pre><b>d</b><i>e</i></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><h7>A</h7></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><u>A</u></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><font>A</font></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><sub>a</sub><sup>b</sup></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><section>A</section></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><DIV>A</DIV></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">A</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml" id="a1" title="t">A</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><p data-x="1">A</p></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><!-- a comment -->A</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml">5 &lt; 6 &amp; 7</div>)",
    R"(<div xmlns="http://example.org/other">A</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/>A</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><object>A</object></div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><q cite="http://example.org/">A</q></div>)",
});

constexpr auto kNarrativesOfJson = std::to_array<std::string_view>({
    "Plain words",
    R"(<p xmlns="http://www.w3.org/1999/xhtml">Not a div</p>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml"><p>Broken</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml">Blank&nbsp;entity</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml">No such &entity;</div>)",
    R"(<div xmlns="http://www.w3.org/1999/xhtml">One</div><div xmlns="http://www.w3.org/1999/xhtml">Two</div>)",
    R"(<!DOCTYPE div><div xmlns="http://www.w3.org/1999/xhtml">A</div>)",
});

constexpr auto kDates = std::to_array<std::string_view>({
    "2026",
    "2026-06",
    "2026-06-14",
    "2026-06-16",
    "2026-06-15T10:00:00Z",
    "2026-06-15T10:00:00+01:00",
    "2026-06-15T10:00:00",
    "2026-06-15T10:00Z",
    "2026-06-15T10:00:00.123Z",
    "2026-06-15T10:00:00.123456789Z",
    "2026-06-15T24:00:00Z",
    "2026-06-15T23:59:60Z",
    "2026-06-15T10:00:00+14:00",
    "2026-06-15T10:00:00+15:00",
    "2026-06-15T10:00:00-00:00",
    "2026-06-15T10:00:00z",
    "2026-06-15t10:00:00Z",
    "2026-06-15 10:00:00Z",
    "2026-02-29",
    "2028-02-29",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-6-15",
    "26-06-15",
    "15/06/2026",
    "2026-06-15Z",
    "0000-01-01",
    "9999-12-31",
    " 2026-06-15",
    "2026-06-15 ",
    "20260615",
    "2026-06-15T10:00:00+0100",
    "2026-06-15T10",
    "2026-06-31",
    "2026-W24",
    "1850-01-01",
});

constexpr auto kUris = std::to_array<std::string_view>({
    "urn:x",
    "http://example.org/a b",
    "http://example.org/\xC3\xA9",
    "no-scheme",
    "http://",
    " http://fhir.nhs.net/ValueSet/gpconnect-task-type-1",
    "HTTP://FHIR.NHS.NET/ValueSet/gpconnect-task-type-1",
    "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1/",
    "urn:oid:1.2.3",
    "urn:uuid:not-one",
    "urn:uuid:8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e",
    "http://snomed.info/sct",
    "%zz",
    "http://hl7.org/fhir/StructureDefinition/Order",
    "http://example.org/{a}",
    "a\tb",
});

constexpr auto kCodes = std::to_array<std::string_view>({
    "1",     "2",    "3",         "Task Narrative", "task narrative", "Task  Narrative", " 2",
    "2 ",    "02",   "a b",       "a\tb",           "generated",      "additional",      "extensions",
    "empty", "none", "Generated", "official",       "en-GB",          "en_GB",
});

constexpr auto kIds = std::to_array<std::string_view>({
    "words",
    "Words",
    "a",
    "a.b-c",
    "a_b",
    "a b",
    "#words",
    "0123456789012345678901234567890123456789012345678901234567890123",
    "01234567890123456789012345678901234567890123456789012345678901234",
    "\xC3\xA9",
    "-",
    ".",
});

constexpr auto kReferences = std::to_array<std::string_view>({
    "Patient/1",
    "Patient/1/_history/2",
    "Organization/2",
    "Practitioner/3",
    "Device/4",
    "Group/1",
    "Substance/1",
    "Spoon/1",
    "patient/1",
    "Patient/",
    "Patient",
    "/Patient/1",
    "#words",
    "#Words",
    "#",
    "#none",
    "urn:uuid:8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e",
    "urn:oid:1.2.3",
    "http://example.org/fhir/Patient/1",
    "https://hub.example.nhs.uk:8443/A20047/DSTU2/1/Patient/1",
    "https://hub.example.nhs.uk:8443/A20047/DSTU2/1/Organization/1",
    "Patient/a b",
    "Patient?identifier=1",
    "../Patient/1",
    "Patient/1#x",
    "Patient/..",
    " Patient/1",
});

constexpr auto kGeneral = std::to_array<std::string_view>({
    "x",
    "Some words",
    " leading",
    "trailing ",
    "two  blanks",
    "a\nb",
    "a\tb",
    " ",
    "\t",
    "\xC2\xA0",
    "\xC3\xA9\xE2\x82\xAC",
    "\xF0\x9F\x99\x82",
    "\x7F",
    "<b>&amp;\"'",
    "true",
    "0",
    "-",
    "null",
    "2026-06-15",
    "",
    "",
});

constexpr auto kNumbers = std::to_array<std::string_view>({
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1.50",
    "0.1",
    "-0.5",
    "1e3",
    "1E-2",
    "2147483647",
    "2147483648",
    "-2147483648",
    "99999999999999999999",
    "0.000000000000000000001",
    "123456789012345678901234567890.5",
});

constexpr auto kRaw = std::to_array<std::string_view>({
    "null",
    "[]",
    "{}",
    "\"\"",
    "1",
    "true",
    "false",
    "1.5",
    "[null]",
    "[\"x\"]",
    "\"x\"",
    "[[\"x\"]]",
    "[{}]",
    "{\"value\": \"x\"}",
    "{\"id\": \"a\"}",
    "\"\\u0001\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "[\"x\", null]",
    "1e999",
    "{\"a\": 1, \"a\": 2}",
    "[1, 2]",
    "{\"extension\": [{\"url\": \"urn:x\", \"valueString\": \"y\"}]}",
    "{\"fhir_comments\": [\"a\"]}",
});

constexpr auto kNames = std::to_array<std::string_view>({
    "foo",
    "Foo",
    "_foo",
    "value",
    "valueString",
    "extensions",
    "reference",
    "resource",
    "contained",
    "comment",
});

bool any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view base_task() {
  return kBaseTask;
}
std::span<const Insertion> insertions() {
  return kInsertions;
}
std::span<const std::string_view> extensions() {
  return kExtensions;
}
std::span<const std::string_view> narratives() {
  return kNarratives;
}
std::span<const std::string_view> narratives_of_json() {
  return kNarrativesOfJson;
}
std::span<const std::string_view> general_values() {
  return kGeneral;
}
std::span<const std::string_view> numbers() {
  return kNumbers;
}
std::span<const std::string_view> raw_json() {
  return kRaw;
}
std::span<const std::string_view> names() {
  return kNames;
}

std::span<const std::string_view> values_for(std::string_view name) {
  if (any_of(name,
             {"date", "start", "end", "event", "created", "lastUpdated", "valueDate", "valueDateTime", "valueInstant"}))
    return kDates;
  if (any_of(name, {"system", "profile", "url", "implicitRules", "valueUri"})) return kUris;
  if (any_of(name, {"code", "use", "status", "language", "valueCode"})) return kCodes;
  if (any_of(name, {"id", "versionId", "valueId"})) return kIds;
  if (name == "reference") return kReferences;
  return kGeneral;
}

}  // namespace gw::referee
