#include "directory/ldap_deadline.hpp"

#include <lber.h>
#include <ldap.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace gw::directory {

/// Known to libldap through `callbacks`, and to each connection's layer as its private pointer.
struct LdapDeadline::Watch {
  ldap_conncb callbacks{};
  std::chrono::steady_clock::time_point until{};
};

namespace {

/// Between the socket (level 10) and TLS (level 20).
constexpr int kLevel = LBER_SBIOD_LEVEL_PROVIDER + 5;

/// Waits until the socket is ready for `events`; false, with errno set, once the time has passed.
bool wait_for(Sockbuf_IO_Desc* layer, short events, std::chrono::steady_clock::time_point until) {
  ber_socket_t descriptor = -1;
  if (ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &descriptor) != 1) return false;
  pollfd one{.fd = descriptor, .events = events, .revents = 0};
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) errno = ETIMEDOUT;
    return ready > 0;
  }
}

// The layer's functions, as libldap calls them: each waits, then goes on to the next layer.
int setup(Sockbuf_IO_Desc* layer, void* until) {
  layer->sbiod_pvt = until;
  return 0;
}

int control(Sockbuf_IO_Desc* layer, int option, void* argument) {
  return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

ber_slen_t read(Sockbuf_IO_Desc* layer, void* bytes, ber_len_t size) {
  const auto until = *static_cast<std::chrono::steady_clock::time_point*>(layer->sbiod_pvt);
  return wait_for(layer, POLLIN, until) ? LBER_SBIOD_READ_NEXT(layer, bytes, size) : -1;
}

ber_slen_t write(Sockbuf_IO_Desc* layer, void* bytes, ber_len_t size) {
  const auto until = *static_cast<std::chrono::steady_clock::time_point*>(layer->sbiod_pvt);
  return wait_for(layer, POLLOUT, until) ? LBER_SBIOD_WRITE_NEXT(layer, bytes, size) : -1;
}

int connected(LDAP*, Sockbuf* socket, LDAPURLDesc*, sockaddr*, ldap_conncb* callbacks) {
  static Sockbuf_IO layer{.sbi_setup = setup,
                          .sbi_remove = nullptr,
                          .sbi_ctrl = control,
                          .sbi_read = read,
                          .sbi_write = write,
                          .sbi_close = nullptr};
  return ber_sockbuf_add_io(socket, &layer, kLevel, callbacks->lc_arg);
}

void closed(LDAP*, Sockbuf*, ldap_conncb*) {}

}  // namespace

LdapDeadline::LdapDeadline() : watch_(std::make_unique<Watch>()) {
  watch_->callbacks.lc_add = connected;
  watch_->callbacks.lc_del = closed;
  watch_->callbacks.lc_arg = &watch_->until;
}

LdapDeadline::~LdapDeadline() = default;

bool LdapDeadline::attach(::ldap* handle) {
  return ldap_set_option(handle, LDAP_OPT_CONNECT_CB, &watch_->callbacks) == LDAP_OPT_SUCCESS;
}

void LdapDeadline::set(milliseconds limit) {
  watch_->until = std::chrono::steady_clock::now() + limit;
}

}  // namespace gw::directory
