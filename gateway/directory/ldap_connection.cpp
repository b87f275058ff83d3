#include "directory/ldap_connection.hpp"

#include <lber.h>
#include <ldap.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

namespace gw::directory {

namespace {

constexpr std::size_t kNameBytes = 200;

timeval timeval_of(milliseconds time) {
  constexpr long kMillisASecond = 1000;
  return {.tv_sec = time.count() / kMillisASecond, .tv_usec = (time.count() % kMillisASecond) * kMillisASecond};
}

struct FreeMessage {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
struct FreeValues {
  void operator()(berval** values) const { ldap_value_free_len(values); }
};
struct FreeText {
  void operator()(char* text) const { ldap_memfree(text); }
};

LdapEntry read_entry(LDAP* handle, LDAPMessage* message, const std::vector<std::string>& attributes) {
  LdapEntry entry;
  const std::unique_ptr<char, FreeText> name{ldap_get_dn(handle, message)};
  if (name) entry.name = std::string{name.get()}.substr(0, kNameBytes);
  for (const auto& attribute : attributes) {
    auto& held = entry.values.emplace_back();
    const std::unique_ptr<berval*, FreeValues> values{ldap_get_values_len(handle, message, attribute.c_str())};
    for (auto* const* value = values.get(); value != nullptr && *value != nullptr; ++value) {
      held.emplace_back((*value)->bv_val, (*value)->bv_len);
    }
  }
  return entry;
}

/// Options one after the other; remembers whether all were taken.
class Options {
 public:
  explicit Options(LDAP* handle) : handle_(handle) {}
  void set(int option, const void* value) {
    good_ = ldap_set_option(handle_, option, value) == LDAP_OPT_SUCCESS && good_;
  }
  void number(int option, int value) { set(option, &value); }
  void file(int option, const std::filesystem::path& path) { set(option, path.empty() ? nullptr : path.c_str()); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  LDAP* handle_;
  bool good_ = true;
};

/// Everything that a machine's own ldap.conf could say otherwise is said here.
bool configure(LDAP* handle, const LdapSettings& settings) {
  Options options{handle};
  const auto connect = timeval_of(settings.connect);
  const auto search = timeval_of(settings.search);
  options.number(LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3);
  options.set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  options.set(LDAP_OPT_RESTART, LDAP_OPT_ON);
  options.number(LDAP_OPT_DEREF, LDAP_DEREF_NEVER);
  options.set(LDAP_OPT_NETWORK_TIMEOUT, &connect);
  options.set(LDAP_OPT_TIMEOUT, &search);
  options.file(LDAP_OPT_X_TLS_CACERTDIR, {});
  options.file(LDAP_OPT_X_TLS_CACERTFILE, settings.trust);
  options.file(LDAP_OPT_X_TLS_CERTFILE, settings.certificate);
  options.file(LDAP_OPT_X_TLS_KEYFILE, settings.key);
  options.file(LDAP_OPT_X_TLS_CRLFILE, settings.crl);
  options.number(LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND);
  options.number(LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2);
  Sockbuf* socket = nullptr;
  ber_len_t longest = settings.answer_bytes;
  return options.good() && ldap_get_option(handle, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS &&
         ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &longest) == 1;
}

}  // namespace

std::string escaped_for_filter(std::string_view value) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr unsigned low_bits = 4;
  constexpr unsigned low_mask = 15;
  std::string out;
  for (const char c : value) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '.' || c == ':' || c == '_';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'\\', hex[byte >> low_bits], hex[byte & low_mask]});
    }
  }
  return out;
}

void LdapConnection::Unbind::operator()(::ldap* handle) const {
  ldap_unbind_ext_s(handle, nullptr, nullptr);
}

Fault LdapConnection::fault_of(int code, std::string_view doing) const {
  const std::unique_ptr<char, FreeText> more{[this] {
    char* text = nullptr;
    if (handle_) ldap_get_option(handle_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    return text;
  }()};
  std::string detail = settings_.url + ": " + std::string{doing} + ": " + ldap_err2string(code);
  // What GnuTLS says of a refused certificate comes out as "(unknown error code)".
  if (more && *more != '\0' && *more != '(') detail += " (" + std::string{more.get()}.substr(0, kNameBytes) + ')';
  switch (code) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE:
    case LDAP_BUSY:
      return fault(FaultKind::kUnreachable, std::move(detail));
    case LDAP_TIMEOUT:
    case LDAP_TIMELIMIT_EXCEEDED:
      return fault(FaultKind::kTimeout, std::move(detail));
    case LDAP_SIZELIMIT_EXCEEDED:
      return fault(FaultKind::kTooLarge, std::move(detail));
    default:
      return fault(FaultKind::kMalformed, std::move(detail));
  }
}

/// Give `handle` our side of TLS. One context serves all connections made here until a file changes: libldap over
/// GnuTLS never frees the certificates and the key that it read into one, nor a context that was asked for. A failure
/// is not remembered, since it may pass without a change of the files (no descriptor left).
Status LdapConnection::use_tls(::ldap* handle) {
  const FileStates states = {file_state(settings_.certificate), file_state(settings_.key), file_state(settings_.trust),
                             file_state(settings_.crl)};
  if (tls_ != nullptr && states == tls_made_of_) {
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_CTX, tls_) == LDAP_OPT_SUCCESS) return Done{};
    return fault(FaultKind::kInternal, "libldap refused its own TLS context");
  }
  // Made here, not at the first connection, so that a file that cannot be used is told from a server that is away.
  int as_client = 0;
  void* made = nullptr;
  if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &as_client) != LDAP_OPT_SUCCESS ||
      ldap_get_option(handle, LDAP_OPT_X_TLS_CTX, &made) != LDAP_OPT_SUCCESS) {
    return fault(FaultKind::kInvalid, "the certificate, key, trust or CRL file for the directory service " +
                                          settings_.url + " cannot be used");
  }
  tls_ = made;
  tls_made_of_ = states;
  return Done{};
}

Status LdapConnection::connect() {
  LDAP* made = nullptr;
  const int initialised = ldap_initialize(&made, settings_.url.c_str());
  handle_.reset(made);
  if (initialised != LDAP_SUCCESS) return fault_of(initialised, "connecting");
  deadline_.set(settings_.connect);
  if (!configure(made, settings_) || !deadline_.attach(made))
    return fault(FaultKind::kInternal, "libldap refused one of its options");
  if (auto usable = use_tls(made); !usable) return usable;
  const int connected =
      settings_.url.starts_with("ldaps://") ? ldap_connect(made) : ldap_start_tls_s(made, nullptr, nullptr);
  if (connected != LDAP_SUCCESS) return fault_of(connected, "connecting, each side with its certificate");
  return Done{};
}

Result<std::vector<LdapEntry>> LdapConnection::search_once(const std::string& base, const std::string& filter,
                                                           const std::vector<std::string>& attributes) {
  std::vector<char*> names;
  for (const auto& attribute : attributes) names.push_back(const_cast<char*>(attribute.c_str()));
  names.push_back(nullptr);
  deadline_.set(settings_.search);
  auto limit = timeval_of(settings_.search);
  LDAPMessage* answer = nullptr;
  const int code = ldap_search_ext_s(handle_.get(), base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), names.data(), 0,
                                     nullptr, nullptr, &limit, static_cast<int>(settings_.entries), &answer);
  const std::unique_ptr<LDAPMessage, FreeMessage> kept{answer};
  if (code == LDAP_NO_SUCH_OBJECT) return std::vector<LdapEntry>{};
  if (code != LDAP_SUCCESS) return fault_of(code, "searching");
  std::vector<LdapEntry> entries;
  for (auto* at = ldap_first_entry(handle_.get(), answer); at != nullptr; at = ldap_next_entry(handle_.get(), at)) {
    // A server need not keep to the limit that it was told.
    if (entries.size() == settings_.entries) return fault_of(LDAP_SIZELIMIT_EXCEEDED, "searching");
    entries.push_back(read_entry(handle_.get(), at, attributes));
  }
  return entries;
}

Result<std::vector<LdapEntry>> LdapConnection::search(const std::string& base, const std::string& filter,
                                                      const std::vector<std::string>& attributes) {
  const auto now = std::chrono::steady_clock::now();
  if (now - used_at_ > settings_.idle) handle_.reset();
  used_at_ = now;
  const bool fresh = handle_ == nullptr;
  if (fresh) {
    if (auto connected = connect(); !connected) {
      handle_.reset();
      return connected.error();
    }
  }
  auto found = search_once(base, filter, attributes);
  if (found) return found;
  const auto kind = found.error().kind;
  // After a timeout the answer may still come; what else failed may have left the connection unusable.
  if (kind != FaultKind::kTooLarge) handle_.reset();
  if (kind != FaultKind::kUnreachable || fresh) return found;
  return search(base, filter, attributes);
}

}  // namespace gw::directory
