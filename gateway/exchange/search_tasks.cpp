#include "exchange/search_tasks.hpp"

#include <string>
#include <utility>
#include <vector>

#include "exchange/answer.hpp"
#include "exchange/resource_builder.hpp"
#include "exchange/stored_order.hpp"

namespace gw::exchange {

namespace {

void add_link(const Node& bundle, std::string_view relation, const std::string& url) {
  const auto link = bundle.add_item("link");
  link.set("relation", relation);
  link.set("url", url);
}

/// The same query with its `_after` replaced: where the next page starts.
std::string next_query(std::string_view query, TaskId last) {
  std::string next;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto pair = query.substr(0, ampersand);
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
    if (!pair.starts_with("_after=") && !pair.empty()) next += std::string{pair} + "&";
  }
  return next + "_after=" + to_text(last);
}

}  // namespace

asio::awaitable<Response> search_tasks(const Parts& parts, const Caller& caller, Trail& trail, fhir::Format format) {
  auto query = task_query(caller);
  if (!query) co_return refused(query.error(), trail, format);
  auto found = co_await parts.outbox.search(std::move(*query));
  if (!found) co_return refused(refusal_of_reading(), trail, format);

  fhir::Document document{{}, fhir::Format::kJson};
  const auto bundle = Node::resource_in(document, "Bundle");
  bundle.set("type", "searchset");
  const auto url = caller.base + "/Order?";
  add_link(bundle, "self", url + std::string{caller.url.query});
  if (found->more) add_link(bundle, "next", url + next_query(caller.url.query, found->tasks.back().task.id));
  std::vector<fhir::Document> orders;  // their elements are grafted into the Bundle
  orders.reserve(found->tasks.size());
  for (const auto& stored : found->tasks) {
    orders.push_back(stored_document(stored));
    const auto entry = bundle.add_item("entry");
    entry.set("fullUrl", caller.base + "/Order/" + to_text(stored.task.id));
    entry.add_resource("resource", "Order").adopt_children_of(*orders.back().root());
    entry.add("search").set("mode", "match");
  }
  trail.record.outcome = "found " + std::to_string(found->tasks.size());
  co_return answer(200, written(document, format), format);
}

}  // namespace gw::exchange
