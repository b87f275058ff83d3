#include "console/console.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "console/assets.hpp"
#include "console/audit_page.hpp"
#include "console/delivery_page.hpp"
#include "console/send_page.hpp"
#include "console/sign_in_page.hpp"
#include "console/tasks_page.hpp"
#include "exchange/content_coding.hpp"

namespace gw::console {

namespace {

constexpr std::size_t kGzipFromBytes = 1024;

bool operates(Role role) {
  return role == Role::kOperator;
}
bool audits(Role role) {
  return role == Role::kAuditor;
}

/// What only who is signed in may ask for, and in which role.
struct Route {
  std::string_view method, path;
  bool (*may)(Role role);
  asio::awaitable<Page> (*serve)(const Parts& parts, const Visit& visit);
};

constexpr std::array<Route, 9> kRoutes = {{
    {"GET", "/tasks", &sees_tasks, &tasks_page},
    {"POST", "/tasks/patient", &sees_tasks, &tasks_of_patient},
    {"GET", "/send", &sees_tasks, &send_page},
    {"POST", "/send", &sees_tasks, &send_form},
    {"GET", "/delivery", &operates, &delivery_page},
    {"POST", "/delivery", &operates, &delivery_form},
    {"GET", "/audit", &audits, &audit_page},
    {"POST", "/audit", &audits, &audit_search},
    {"POST", "/audit/verify", &audits, &audit_verify},
}};

/// Headers of every answer. Pages load their own style sheet, script and images and nothing else, from nowhere else.
void add_headers(Response& response, bool may_be_kept) {
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
       "frame-ancestors 'none'"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"X-Frame-Options", "DENY"});
  response.headers.push_back({"Referrer-Policy", "same-origin"});
  response.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
  response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  response.headers.push_back({"Permissions-Policy", "camera=(), geolocation=(), microphone=()"});
  response.headers.push_back({"Strict-Transport-Security", "max-age=31536000"});
  response.headers.push_back({"Cache-Control", may_be_kept ? "public, max-age=31536000, immutable" : "no-store"});
}

Response answer_of(const Page& page, const Visit& visit) {
  Response response;
  if (!page.cookie.empty()) response.headers.push_back({"Set-Cookie", page.cookie});
  if (page.go_to.empty()) {
    response.status = page.status;
    response.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    response.body = document_of(page, visit);
  } else {
    response.status = 303;
    response.headers.push_back({"Location", page.go_to});
  }
  add_headers(response, false);
  return response;
}

Response answer_of(const Asset& asset) {
  Response response;
  response.headers.push_back({"Content-Type", std::string{asset.type}});
  response.body = asset.bytes;
  add_headers(response, true);
  return response;
}

/// Whether a form was sent from a page of ours. Browsers say so themselves; the session's form token says it again, but
/// there is none before sign-in.
bool is_from_here(const RequestHead& head) {
  const auto site = header_value(head.headers, "Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  constexpr std::string_view scheme = "https://";
  const auto origin = header_value(head.headers, "Origin");
  if (origin.empty()) return !site.empty();
  return origin.starts_with(scheme) && iequals(origin.substr(scheme.size()), header_value(head.headers, "Host"));
}

Page not_found() {
  return sorry(404, "There is no such page", "Check the address, or go back to the start.");
}

Page of_another_page() {
  auto page =
      sorry(403, "This form cannot be used any more",
            "It did not come from a page of this session. Go back to the start and try again; nothing was done.");
  page.audit = "refused: form token";
  return page;
}

Page of_another_role(const Visit& visit) {
  auto page = sorry(403, "This is not for your role", "Sign in as somebody who may do this.");
  page.audit = "refused: role, " + std::string{visit.path};
  return page;
}

}  // namespace

Console::Console(Parts parts)
    : parts_(std::move(parts)),
      users_(parts_.settings.users),
      sessions_(parts_.settings, users_),
      limit_(parts_.settings),
      passwords_(parts_.settings.sign_ins_waiting) {}

asio::awaitable<Response> Console::handle(const RequestHead& head, net::BodyReader& body) {
  const std::string_view target = head.target;
  const auto path = target.substr(0, target.find('?'));
  constexpr std::string_view assets = "/assets/";
  if (path.starts_with(assets) && (head.method == "GET" || head.method == "HEAD")) {
    if (const auto* const asset = find_asset(path.substr(assets.size()))) {
      auto response = answer_of(*asset);
      exchange::encode_answer(response, head.headers, kGzipFromBytes);
      co_return response;
    }
  }
  Visit visit{.head = head, .path = path, .query = {}, .form = {}, .session = {}, .session_token = {}, .directory = {}};
  visit.directory = parts_.directory.current();
  visit.session_token = cookie_of(head.headers, kSessionCookie);
  visit.session = sessions_.find(visit.session_token, std::chrono::steady_clock::now());
  auto page = co_await serve(visit, body);
  page = co_await recorded(std::move(page), visit);
  co_return answer_of(page, visit);
}

asio::awaitable<Page> Console::serve(Visit& visit, net::BodyReader& body) {
  const auto& head = visit.head;
  auto query = Fields::from(std::string_view{head.target}.substr(std::min(visit.path.size() + 1, head.target.size())));
  if (!query) co_return sorry(400, "The address cannot be read", "It holds a broken percent-encoding.");
  visit.query = std::move(*query);
  const bool posts = head.method == "POST";
  if (!posts && head.method != "GET" && head.method != "HEAD") {
    co_return sorry(405, "This cannot be done here", "Pages are asked for with GET, forms are sent with POST.");
  }
  if (posts) {
    const auto bytes = co_await body.read_all(parts_.settings.form_bytes);
    if (!bytes) co_return sorry(400, "The form could not be read", "It is too long, or did not come whole.");
    auto form = Fields::from(*bytes);
    if (!form) co_return sorry(400, "The form could not be read", "It holds a broken percent-encoding.");
    visit.form = std::move(*form);
    if (!is_from_here(head)) co_return of_another_page();
    if (visit.session && !same_secret(visit.form.raw("form_token"), visit.session->form_token)) {
      co_return of_another_page();
    }
  }
  if (visit.path == "/sign-in" && !posts) co_return sign_in_page(visit, users_);
  if (visit.path == "/sign-in") co_return co_await sign_in(visit, Desk{sessions_, limit_, passwords_, users_});
  if (!visit.session) co_return redirect("/sign-in");
  if (visit.path == "/sign-out" && posts) co_return sign_out(visit, sessions_);
  const auto& user = visit.user();
  if (visit.path == "/") co_return redirect(std::string{home_of(user.role)});

  const auto method = posts ? std::string_view{"POST"} : std::string_view{"GET"};
  const auto* const route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& each) {
    return each.path == visit.path && each.method == method;
  });
  if (route == kRoutes.end()) co_return not_found();
  if (!route->may(user.role)) co_return of_another_role(visit);
  if (sees_tasks(user.role) && visit.directory->by_ods(user.organisation.text()) == nullptr) {
    co_return sorry(503, "Your organisation is not in the directory",
                    "The gateway's directory has no " + user.organisation.text() + ". Tell your operator.");
  }
  co_return co_await route->serve(parts_, visit);
}

/// What was done, and by whom, is durable before anybody sees it (AUD-01, AUD-02).
asio::awaitable<Page> Console::recorded(Page page, const Visit& visit) {
  if (page.audit.empty()) co_return page;
  outbox::AuditRecord record;
  record.at = visit.head.received_at;
  record.kind = "console";
  record.task = page.task;
  record.trace = page.trace;
  record.patient = page.patient;
  record.peer_address = visit.head.peer.address;
  record.peer_fingerprint = visit.head.peer.fingerprint;
  record.status = page.go_to.empty() ? page.status : 303;
  record.outcome = page.audit;
  const auto user = visit.session ? visit.session->user : page.signed_in;
  if (user != nullptr) {
    record.user_id = user->id;
    record.user_name = user->name;
    record.user_role = name_of(user->role);
    record.organisation = user->organisation.text();
  }
  const auto written = co_await parts_.outbox.record(std::move(record));
  if (written) co_return page;
  log::error("a console request could not be recorded", {{"cause", written.error().detail}});
  co_return sorry(
      503, "The gateway cannot work now",
      "It could not put this request on record, so it does not answer it. If you sent a task, look into the "
      "list of tasks before you send it again.");
}

asio::awaitable<Response> Console::protocol_error(net::ProtocolFault fault, std::string_view detail, const Peer&) {
  Response response;
  constexpr int bad_certificate = 495;
  response.status = fault == net::ProtocolFault::kBadCertificate       ? bad_certificate
                    : fault == net::ProtocolFault::kTooManyConnections ? 503
                                                                       : 400;
  response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  response.body = std::string{detail} + "\n";
  response.close = true;
  add_headers(response, false);
  co_return response;
}

}  // namespace gw::console
