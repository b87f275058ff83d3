// What a page is told of its visitor and what it gives back; the frame around every page. Pure.
//
// The console's pages are made here, on the server, and work without scripts. Not chosen: a JSON interface with a
// program in the browser, which would have had to do the escaping, the roles and the words a second time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.hpp"
#include "base/ids.hpp"
#include "console/fields.hpp"
#include "console/html.hpp"
#include "console/sessions.hpp"
#include "console/settings.hpp"
#include "directory/directory.hpp"

namespace gw::console {

namespace asio = boost::asio;

/// One request, as far as it was let in.
struct Visit {
  const RequestHead& head;
  std::string_view path;  ///< without the query
  Fields query;
  Fields form;  ///< of a POST; its form token was right
  std::optional<Session> session;
  std::string session_token;
  std::shared_ptr<const directory::Directory> directory;

  /// Of a signed-in visitor.
  [[nodiscard]] const User& user() const { return *session->user; }
};

/// What comes of it: a page, or a way to another; and what the audit says of it (AUD-01).
struct Page {
  int status = 200;
  std::string title;
  Html main;
  std::string go_to;   ///< 303 to this path in place of a page
  std::string cookie;  ///< Set-Cookie; empty: none
  std::string audit;   ///< what was done, in the audit's words: "list tasks"
  std::optional<TaskId> task;
  std::string patient;  ///< NHS number
  std::string trace;
  UserPtr signed_in;  ///< whom this made a session for
};

[[nodiscard]] Page redirect(std::string to);
/// A page that says in a heading and a sentence why there is no other.
[[nodiscard]] Page sorry(int status, std::string_view heading, std::string_view sentence);

/// The whole document around `page`.
[[nodiscard]] std::string document_of(const Page& page, const Visit& visit);

/// `<form method="post">` with the session's form token in it; the caller closes it.
[[nodiscard]] Html form_to(std::string_view action, const Visit& visit);
[[nodiscard]] Html hidden(std::string_view name, std::string_view value);

/// What is wrong with a form: the id of the field, and a sentence for the list on top and beside the field.
struct FieldError {
  std::string field, sentence;
};
[[nodiscard]] Html error_summary(const std::vector<FieldError>& errors);
/// The error beside the field, or nothing.
[[nodiscard]] Html error_message(const std::vector<FieldError>& errors, std::string_view field);
[[nodiscard]] bool is_wrong(const std::vector<FieldError>& errors, std::string_view field);
/// The opening tag of a field's group, marked where the field is wrong.
[[nodiscard]] Html open_group(const std::vector<FieldError>& errors, std::string_view field);
/// What the field itself says of its hint and its error: aria-describedby, aria-invalid.
[[nodiscard]] Html described(const std::vector<FieldError>& errors, std::string_view field, bool hint = false);

/// A row of a summary list.
[[nodiscard]] Html summary_row(std::string_view key, const Html& value);
[[nodiscard]] Html summary_row(std::string_view key, std::string_view value);

/// What only support can use, folded away: rows of a summary list, and what stands after it.
[[nodiscard]] Html for_support(const Html& rows, const Html& after = {});

/// The patient's name, birthday and NHS number, as on every screen about one patient.
[[nodiscard]] Html patient_banner(const directory::Patient& patient);
[[nodiscard]] Html text_html(std::string_view text);

}  // namespace gw::console
