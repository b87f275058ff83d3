// The task that the benchmarks work on: as long as the published sample, in words of our own.
#pragma once

#include <string>

namespace gw::bench {

/// About 1.6 KB, dated 2026-06-15, from Organization/1 to Organization/2 about Patient/1.
inline std::string sample_task() {
  return R"({
  "resourceType": "Order",
  "meta": {
    "profile": [
      "http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"
    ]
  },
  "contained": [
    {
      "resourceType": "Basic",
      "id": "words",
      "meta": {
        "profile": [
          "http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"
        ]
      },
      "text": {
        "status": "generated",
        "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Please book a blood test for this patient within the week, and tell the patient by telephone.</p><p>The last result was high; <b>fasting</b> is not needed.</p></div>"
      },
      "code": {
        "coding": [
          {
            "system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1",
            "code": "Task Narrative",
            "display": "Task Narrative"
          }
        ]
      }
    }
  ],
  "identifier": [
    {
      "system": "urn:ietf:rfc:3986",
      "value": "urn:uuid:8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e"
    }
  ],
  "date": "2026-06-15",
  "subject": {
    "reference": "Patient/1"
  },
  "source": {
    "reference": "Organization/1"
  },
  "target": {
    "reference": "Organization/2"
  },
  "reasonCodeableConcept": {
    "coding": [
      {
        "system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1",
        "code": "2",
        "display": "Action Needed"
      }
    ]
  },
  "detail": [
    {
      "reference": "#words"
    }
  ]
}
)";
}

}  // namespace gw::bench
