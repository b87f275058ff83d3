#include "envelope/rows.hpp"

#include <iterator>

namespace gw::test {

Rows all_rows() {
  return joined(joined(transport_rows(), envelope_rows()), joined(token_rows(), joined(patient_rows(), error_rows())));
}

Rows joined(Rows first, Rows second) {
  first.insert(first.end(), std::make_move_iterator(second.begin()), std::make_move_iterator(second.end()));
  return first;
}

Change header(std::string name, std::string value) {
  return [=](Request& request, World&) {
    if (header_count(request.headers, name) != 0) request.drop(name);
    request.add(name, value);
  };
}

Change claim(std::string pointer, std::string json) {
  return [=](Request& request, World&) { request.token.set(pointer, json); };
}

Change order(std::string pointer, std::string json) {
  return [=](Request& request, World&) { request.order.set(pointer, json); };
}

Change without_order(std::string pointer) {
  return [=](Request& request, World&) { request.order.erase(pointer); };
}

Change target(std::string target) {
  return [=](Request& request, World&) { request.target = target; };
}

Change get(std::string below, std::string interaction) {
  return [=](Request& request, World&) { request.get(below, interaction); };
}

Change certificate(std::string party) {
  return [=](Request& request, World&) { request.party = party; };
}

}  // namespace gw::test
