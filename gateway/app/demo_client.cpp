#include "app/demo_client.hpp"

#include <stdexcept>
#include <utility>

#include "app/send.hpp"
#include "base/digest.hpp"
#include "delivery/route.hpp"

namespace gw::app {

namespace {

/// Who writes all the demo's tasks.
exchange::User clinician() {
  return {.id = "1", .sds_id = "111222333444", .title = "Dr", .family = "Jones", .given = "Ada", .role = "R0260"};
}

}  // namespace

DemoClient::DemoClient(const DemoWorld& world, const Party& party) {
  ConfigMistakes mistakes;
  config_ = load_config(world.config(party), mistakes);
  source_ = std::make_unique<directory::DirectorySource>(config_.organisations, config_.patients);
  const auto loaded = source_->reload();
  auto tls = net::ClientTls::load(config_.tls);
  auto files = config_.tls;
  files.certificate.clear();
  files.key.clear();
  auto anonymous = net::ClientTls::load(files);
  if (!mistakes.lines.empty() || !loaded || !tls || !anonymous) {
    throw std::runtime_error("the demo's own files of " + party.name + " are not right");
  }
  tls_ = std::move(*tls);
  anonymous_tls_ = std::move(*anonymous);
  directory_ = source_->current();
}

const directory::Organisation& DemoClient::organisation(std::string_view ods) const {
  return *directory_->by_ods(ods);
}

const directory::Patient& DemoClient::patient(std::string_view logical_id) const {
  return *directory_->patient_by_logical_id(logical_id);
}

DemoClient::Request DemoClient::request_of(const Task& task, Instant now) const {
  const auto& from = organisation(task.from);
  const auto& to = organisation(task.to);
  const auto& about = patient(task.patient);
  Request request;
  request.base = task.base;
  request.below = "/Order";
  request.headers = exchange::make_headers(from, to, &about, exchange::kCreateOrder, clinician(), now);
  request.body = task.body;
  if (request.body.empty()) {
    // Each has words of its own, or the next one would be taken for a blind repeat of it (OUT-11).
    const auto summary = random_uuid().substr(0, 8);
    request.body = exchange::make_order({.from = &from,
                                         .to = &to,
                                         .patient = &about,
                                         .action_needed = task.action,
                                         .text = "Seen at the evening clinic; please read summary " + summary + ".",
                                         .identifier = task.identifier},
                                        now);
  }
  return request;
}

DemoClient::Request DemoClient::read_of(const Task& task, std::string below, Instant now) const {
  Request request;
  request.verb = "GET";
  request.base = task.base;
  request.below = std::move(below);
  request.headers = exchange::make_headers(organisation(task.from), organisation(task.to), &patient(task.patient),
                                           exchange::kReadOrder, clinician(), now);
  std::erase_if(request.headers, [](const Header& header) { return header.name == "Content-Type"; });
  return request;
}

Result<net::WireAnswer> DemoClient::send(const Request& request) const {
  const auto path = request.base.find('/', std::string_view{"https://"}.size());
  auto route = delivery::route_to(request.base.substr(0, path), config_.exchange.hosts);
  if (!route) return route.error();
  net::WireRequest wire;
  wire.method = request.verb;
  wire.target = request.base.substr(path) + request.below;
  wire.headers = request.headers;
  wire.body = request.body;
  return send_request(route->target, request.with_certificate ? *tls_ : *anonymous_tls_, wire);
}

}  // namespace gw::app
