#include "console/passwords.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "outbox/completion.hpp"
#include "outbox/work_queue.hpp"

namespace gw::console {

namespace {

constexpr std::chrono::milliseconds kPatience{60'000};

struct Check {
  std::string hash, password;
  outbox::CompletionPtr<bool> done;
};

std::size_t characters(const std::string& text) {
  constexpr unsigned char continuation_mask = 0xC0;
  constexpr unsigned char continuation = 0x80;
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & continuation_mask) != continuation;
  }));
}

void answer(Check check, Result<bool> result) {
  sodium_memzero(check.password.data(), check.password.size());
  check.done->set(std::move(result));
  outbox::ReadyWaiters ready;
  ready.add(std::move(check.done));
  ready.post();
}

}  // namespace

Status start_sodium() {
  if (sodium_init() < 0) return fault(FaultKind::kInternal, "libsodium cannot be started");
  return Done{};
}

Result<std::string> hash_password(const std::string& password) {
  if (auto started = start_sodium(); !started) return started.error();
  if (characters(password) < kLeastPassword || password.size() > kMostPassword) {
    return fault(FaultKind::kInvalid, fmt::format("a password has {} characters or more, and at most {} bytes",
                                                  kLeastPassword, kMostPassword));
  }
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return fault(FaultKind::kInternal, "there is not enough memory to hash a password (64 MB)");
  }
  return std::string{hash.data()};
}

bool is_password_hash(const std::string& text) {
  return start_sodium().has_value() && text.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_needs_rehash(text.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != -1;
}

struct Passwords::Inside {
  explicit Inside(std::size_t waiting) : queue(waiting), thread(&Inside::work, this) {}

  outbox::WorkQueue<Check> queue;
  std::string nobodys;  ///< the hash of a password that nobody has: what an empty hash is compared with
  std::thread thread;

  void work() {
    if (auto made = hash_password(random_password()); made) nobodys = std::move(*made);
    std::vector<Check> taken;
    while (queue.take(taken, 1, kPatience)) {
      for (auto& check : taken) {
        const bool known = !check.hash.empty();
        const auto& hash = known ? check.hash : nobodys;
        const bool same =
            crypto_pwhash_str_verify(hash.c_str(), check.password.data(), check.password.size()) == 0 && known;
        answer(std::move(check), same);
      }
      taken.clear();
    }
  }

  static std::string random_password() {
    constexpr std::size_t size = 16;
    std::string password(size, '\0');
    randombytes_buf(password.data(), password.size());
    return password;
  }
};

Passwords::Passwords(std::size_t waiting) : inside_(std::make_unique<Inside>(waiting)) {}

Passwords::~Passwords() {
  inside_->queue.close();
  inside_->thread.join();
}

asio::awaitable<Result<bool>> Passwords::matches(std::string hash, std::string password) {
  if (password.size() > kMostPassword) co_return false;
  auto& queue = inside_->queue;
  auto start = [&queue, hash = std::move(hash), password = std::move(password)](auto handler) mutable {
    Check check{std::move(hash), std::move(password), outbox::make_completion<bool>(std::move(handler))};
    if (auto taken = queue.push(check); !taken) answer(std::move(check), taken.error());
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<bool>)>(std::move(start),
                                                                                             asio::use_awaitable);
}

}  // namespace gw::console
