// DSTU2's invariants, and GP Connect's slices (gpc), one small function each, named as its key with '_' for '-'. The
// generated tables point to them, so a profile that names a key without a function does not link. Each gives the
// element that breaks the rule, or null.
#pragma once

#include "fhir/element.hpp"
#include "rules/scope.hpp"

namespace gw::rules::invariants {

using Broken = const fhir::Element*;

Broken age_1(const Scope& scope, const fhir::Element& quantity);
Broken att_1(const Scope& scope, const fhir::Element& attachment);
Broken bdl_1(const Scope& scope, const fhir::Element& bundle);
Broken bdl_2(const Scope& scope, const fhir::Element& bundle);
Broken bdl_3(const Scope& scope, const fhir::Element& bundle);
Broken bdl_4(const Scope& scope, const fhir::Element& bundle);
Broken bdl_5(const Scope& scope, const fhir::Element& entry);
Broken bdl_6(const Scope& scope, const fhir::Element& entry);
Broken bdl_7(const Scope& scope, const fhir::Element& bundle);
Broken cnt_1(const Scope& scope, const fhir::Element& quantity);
Broken cpt_2(const Scope& scope, const fhir::Element& contact_point);
Broken dis_1(const Scope& scope, const fhir::Element& quantity);
Broken dom_1(const Scope& scope, const fhir::Element& resource);
Broken dom_2(const Scope& scope, const fhir::Element& resource);
Broken dom_3(const Scope& scope, const fhir::Element& resource);
Broken dom_4(const Scope& scope, const fhir::Element& resource);
Broken drt_1(const Scope& scope, const fhir::Element& quantity);
Broken ext_1(const Scope& scope, const fhir::Element& extension);
Broken gpc_org_1(const Scope& scope, const fhir::Element& organization);
Broken gpc_prac_1(const Scope& scope, const fhir::Element& practitioner);
Broken mny_1(const Scope& scope, const fhir::Element& quantity);
Broken ord_1(const Scope& scope, const fhir::Element& when);
Broken sev_1(const Scope& scope, const fhir::Element& object);
Broken org_1(const Scope& scope, const fhir::Element& organization);
Broken org_2(const Scope& scope, const fhir::Element& address);
Broken org_3(const Scope& scope, const fhir::Element& telecom);
Broken pat_1(const Scope& scope, const fhir::Element& contact);
Broken per_1(const Scope& scope, const fhir::Element& period);
Broken qty_3(const Scope& scope, const fhir::Element& quantity);
Broken rat_1(const Scope& scope, const fhir::Element& ratio);
Broken ref_1(const Scope& scope, const fhir::Element& reference);
Broken rng_2(const Scope& scope, const fhir::Element& range);
Broken sqty_1(const Scope& scope, const fhir::Element& quantity);
Broken tim_1(const Scope& scope, const fhir::Element& repeat);
Broken tim_2(const Scope& scope, const fhir::Element& repeat);
Broken tim_3(const Scope& scope, const fhir::Element& repeat);
Broken tim_4(const Scope& scope, const fhir::Element& duration);
Broken tim_5(const Scope& scope, const fhir::Element& period);
Broken tim_6(const Scope& scope, const fhir::Element& repeat);
Broken tim_7(const Scope& scope, const fhir::Element& repeat);

}  // namespace gw::rules::invariants
