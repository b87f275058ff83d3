#include "console/sign_in_page.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "console/words.hpp"

namespace gw::console {

namespace {

/// In bytes: longer ones are nobody's, and are not remembered by the limit of attempts.
constexpr std::size_t kMostName = 200;

/// Whose certificate the connection was made with; the TLS layer has checked it.
UserPtr user_of_certificate(const Users& users, const Peer& peer) {
  if (peer.fingerprint.empty()) return nullptr;
  return users.find([&peer](const User& user) { return user.certificate == peer.fingerprint; });
}

std::string_view address_of(const Peer& peer) {
  return std::string_view{peer.address}.substr(0, peer.address.rfind(':'));
}

std::string cookie_with(std::string_view token) {
  return fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict", kSessionCookie, token);
}

Page form_page(const Users& users, const Visit& visit, const std::vector<FieldError>& errors) {
  Page page{.status = errors.empty() ? 200 : 401, .title = "Sign in"};
  page.main << error_summary(errors) << R"(<div class="app-narrow"><h1>Sign in</h1>)"_m;
  if (const auto known = user_of_certificate(users, visit.head.peer)) {
    page.main << form_to("/sign-in", visit) << hidden("with", "certificate")
              << R"(<p>Your browser showed the certificate of )"_m << known->name
              << R"(.</p><button class="nhsuk-button">Sign in with this certificate</button></form>)"_m;
    if (known->password_hash.empty()) {
      page.main << "</div>"_m;
      return page;
    }
  }
  page.main << form_to("/sign-in", visit) << open_group(errors, "user")
            << R"(<label class="nhsuk-label" for="user">User name</label>)"_m << error_message(errors, "user")
            << R"(<input class="nhsuk-input nhsuk-input--width-20" id="user" name="user" value=")"_m
            << visit.form.get("user") << R"(" autocomplete="username" autocapitalize="none" spellcheck="false")"_m
            << described(errors, "user") << "></div>"_m << open_group(errors, "password")
            << R"(<label class="nhsuk-label" for="password">Password</label>)"_m << error_message(errors, "password")
            << R"(<input class="nhsuk-input nhsuk-input--width-20" id="password" name="password" type="password" )"_m
            << R"(autocomplete="current-password")"_m << described(errors, "password")
            << R"(></div><button class="nhsuk-button">Sign in</button></form></div>)"_m;
  return page;
}

Page refused(const Users& users, const Visit& visit, const std::vector<FieldError>& errors, std::string audit) {
  auto page = form_page(users, visit, errors);
  page.audit = std::move(audit);
  return page;
}

/// Where no field is wrong.
std::vector<FieldError> only(std::string sentence) {
  return {{"", std::move(sentence)}};
}

/// The same whether it is the name or the password.
Page not_right(const Users& users, const Visit& visit) {
  return refused(users, visit,
                 {{"user", "The user name or the password is not right"}, {"password", "Enter the password again"}},
                 "sign in refused: credentials");
}

Page incomplete(const Users& users, const Visit& visit) {
  std::vector<FieldError> errors;
  if (visit.form.get("user").empty()) errors.push_back({"user", "Enter your user name"});
  if (visit.form.raw("password").empty()) errors.push_back({"password", "Enter your password"});
  return refused(users, visit, errors, "sign in refused: incomplete");
}

Page signed_in(const UserPtr& user, const Visit& visit, Sessions& sessions) {
  sessions.end(visit.session_token);
  const auto token = sessions.begin(user, std::chrono::steady_clock::now());
  auto page = redirect(std::string{home_of(user->role)});
  page.cookie = cookie_with(token);
  page.audit = "sign in";
  page.signed_in = user;
  log::info("console sign-in", {{"user", user->id}, {"role", name_of(user->role)}});
  return page;
}

}  // namespace

std::string_view home_of(Role role) {
  if (sees_tasks(role)) return "/tasks";
  return role == Role::kOperator ? "/delivery" : "/audit";
}

Page sign_in_page(const Visit& visit, const Users& users) {
  return form_page(users, visit, {});
}

asio::awaitable<Page> sign_in(const Visit& visit, Desk desk) {
  if (visit.form.get("with") == "certificate") {
    const auto known = user_of_certificate(desk.users, visit.head.peer);
    if (known != nullptr) co_return signed_in(known, visit, desk.sessions);
    co_return refused(desk.users, visit, only("The certificate is nobody's here"), "sign in refused: certificate");
  }
  const std::string name{visit.form.get("user")};
  std::string password{visit.form.raw("password")};
  if (name.empty() || password.empty()) co_return incomplete(desk.users, visit);
  if (name.size() > kMostName) co_return not_right(desk.users, visit);
  const auto address = address_of(visit.head.peer);
  if (const auto wait = desk.limit.attempt(name, address, std::chrono::steady_clock::now())) {
    log::warn("console sign-in held off", {{"peer", address}});
    auto page = refused(desk.users, visit,
                        only(fmt::format("Too many attempts failed. Try again in {}, or ask your operator",
                                         text_of_age(std::chrono::duration_cast<milliseconds>(*wait)))),
                        "sign in refused: too many attempts");
    page.status = 429;
    co_return page;
  }
  const auto user = desk.users.by_id(name);
  std::string hash = user == nullptr ? std::string{} : user->password_hash;
  const auto right = co_await desk.passwords.matches(std::move(hash), std::move(password));
  if (!right) {
    auto page =
        refused(desk.users, visit, only("Too many people sign in at this moment. Try again"), "sign in refused: busy");
    page.status = 503;
    co_return page;
  }
  if (!*right) {
    log::warn("console sign-in failed", {{"peer", address}});
    co_return not_right(desk.users, visit);
  }
  desk.limit.succeeded(name, address);
  co_return signed_in(user, visit, desk.sessions);
}

Page sign_out(const Visit& visit, Sessions& sessions) {
  sessions.end(visit.session_token);
  auto page = redirect("/sign-in");
  page.cookie = fmt::format("{}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", kSessionCookie);
  page.audit = "sign out";
  return page;
}

}  // namespace gw::console
