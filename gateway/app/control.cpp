#include "app/control.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <utility>

#include "base/log.hpp"
#include "net/task_group.hpp"

namespace gw::app {

namespace {

using Local = asio::local::stream_protocol;
using Stream = boost::beast::basic_stream<Local>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLineBytes = 8192;
constexpr seconds kPeerPatience{5};
constexpr milliseconds kStopPatience{10'000};
/// After an accept that failed (EMFILE): an operator is wanted most when something has run out.
constexpr milliseconds kAcceptPause{100};

std::filesystem::path socket_of(const std::filesystem::path& database) {
  return std::filesystem::absolute(database).string() + ".control";
}

/// A socket's address holds 107 bytes of path; through its folder's descriptor any path fits.
class Address {
 public:
  explicit Address(const std::filesystem::path& path)
      : folder_(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        text_(fmt::format("/proc/self/fd/{}/{}", folder_, path.filename().string())) {}
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;
  ~Address() {
    if (folder_ >= 0) ::close(folder_);
  }
  [[nodiscard]] Local::endpoint endpoint() const { return Local::endpoint{text_}; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int folder_;
  std::string text_;
};

std::string answer_line(const Result<CarriedOut>& done) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  json.Key("answer");
  const bool refused = !done && (done.error().kind == FaultKind::kInvalid || done.error().kind == FaultKind::kNotFound);
  json.String(done ? "done" : refused ? "refused" : "failed");
  json.Key("text");
  json.String(done ? done->text : done.error().detail);
  if (done && !done->state.empty()) {
    json.Key("state");
    json.String(done->state);
  }
  if (done && done->deleted) {
    json.Key("deleted");
    json.Uint64(*done->deleted);
  }
  json.EndObject();
  return std::string{buffer.GetString()} + "\n";
}

Result<CarriedOut> answer_from(std::string_view line) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  const auto text_of = [&json](const char* name) -> std::string {
    if (json.HasParseError() || !json.IsObject()) return {};
    const auto member = json.FindMember(name);
    return member != json.MemberEnd() && member->value.IsString() ? member->value.GetString() : std::string{};
  };
  const auto answer = text_of("answer");
  if (answer == "done") {
    CarriedOut done{.text = text_of("text"), .state = text_of("state"), .deleted = std::nullopt};
    const auto deleted = json.FindMember("deleted");
    if (deleted != json.MemberEnd() && deleted->value.IsUint64()) done.deleted = deleted->value.GetUint64();
    return done;
  }
  if (answer == "refused") return fault(FaultKind::kInvalid, text_of("text"));
  if (answer == "failed") return fault(FaultKind::kStorage, text_of("text"));
  return fault(FaultKind::kClosed, "the gateway ended the connection without an answer; look before you repeat this");
}

std::string user_behind(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "uid unknown";
  return fmt::format("uid {}", peer.uid);
}

Fault io_fault(std::string_view what, const boost::system::error_code& error) {
  return fault(FaultKind::kIo, fmt::format("the control socket cannot be {}: {}", what, error.message()));
}

}  // namespace

struct Control::Core {
  Core(net::IoThreads& threads_in, std::filesystem::path path_in, outbox::Outbox& outbox_in,
       delivery::DeferredWorker* deferred_in)
      : threads(threads_in),
        path(std::move(path_in)),
        outbox(outbox_in),
        deferred(deferred_in),
        acceptor(threads.context(0)) {}

  net::IoThreads& threads;
  const std::filesystem::path path;
  outbox::Outbox& outbox;
  delivery::DeferredWorker* const deferred;
  Local::acceptor acceptor;
  std::atomic<bool> stopping{false};
  net::TaskGroup tasks{"control"};

  static asio::awaitable<void> serve_one(std::shared_ptr<Core> core, Local::socket socket) {
    auto user = user_behind(socket.native_handle());
    Stream stream{std::move(socket)};
    stream.expires_after(kPeerPatience);
    std::string line;
    const auto [error, size] =
        co_await asio::async_read_until(stream, asio::dynamic_buffer(line, kLineBytes), '\n', kTuple);
    if (error) co_return;
    stream.expires_never();
    auto command = command_from(std::string_view{line}.substr(0, size));
    Result<CarriedOut> done = command ? Result<CarriedOut>{CarriedOut{}} : Result<CarriedOut>{command.error()};
    if (command) {
      log::info("operator command", {{"verb", command->verb}, {"task", command->id}, {"user", user}});
      done = co_await carry_out(core->outbox, std::move(*command), std::move(user), core->deferred);
    }
    const auto answer = answer_line(done);
    stream.expires_after(kPeerPatience);
    co_await asio::async_write(stream, asio::buffer(answer), kTuple);
  }

  /// One after the other: operators are few, and a silent one is sent away after a while.
  static asio::awaitable<void> serve(std::shared_ptr<Core> core) {
    while (!core->stopping) {
      auto [error, socket] = co_await core->acceptor.async_accept(kTuple);
      if (core->stopping) break;
      if (error) {
        log::error("an operator's connection was not accepted", {{"cause", std::string_view{error.message()}}});
        asio::steady_timer pause{core->threads.context(0), kAcceptPause};
        co_await pause.async_wait(kTuple);
        continue;
      }
      co_await serve_one(core, std::move(socket));
    }
  }
};

Result<std::unique_ptr<Control>> Control::bind(net::IoThreads& threads, const std::filesystem::path& database,
                                               outbox::Outbox& outbox, delivery::DeferredWorker* deferred) {
  auto core = std::make_shared<Core>(threads, socket_of(database), outbox, deferred);
  std::error_code ignored;
  std::filesystem::remove(core->path, ignored);
  const Address address{core->path};
  boost::system::error_code error;
  core->acceptor.open(Local{}, error);
  if (!error) core->acceptor.bind(address.endpoint(), error);
  if (error) return io_fault("bound at " + core->path.string(), error);
  // Nobody can connect before listen().
  constexpr mode_t owner_only = 0600;
  if (::chmod(address.text().c_str(), owner_only) != 0) {
    return io_fault("kept to its owner", {errno, boost::system::generic_category()});
  }
  core->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return io_fault("listened on", error);
  return std::unique_ptr<Control>{new Control{std::move(core)}};
}

Control::Control(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Control::~Control() {
  stop();
}

void Control::start() {
  core_->tasks.spawn(core_->threads.context(0).get_executor(), Core::serve(core_));
}

void Control::stop() {
  if (core_->stopping.exchange(true)) return;
  std::error_code ignored;
  std::filesystem::remove(core_->path, ignored);
  asio::post(core_->threads.context(0), [core = core_] {
    boost::system::error_code closed;
    core->acceptor.close(closed);
  });
  if (!core_->tasks.wait_empty(kStopPatience)) core_->tasks.cancel();
}

bool is_served(const std::filesystem::path& database) {
  asio::io_context context{1};
  Local::socket socket{context};
  boost::system::error_code error;
  const Address address{socket_of(database)};
  socket.connect(address.endpoint(), error);
  return !error;
}

Result<CarriedOut> ask_gateway(const std::filesystem::path& database, const OperatorCommand& command) {
  asio::io_context context{1};
  Local::socket socket{context};
  boost::system::error_code error;
  const Address address{socket_of(database)};
  socket.connect(address.endpoint(), error);
  if (error) return fault(FaultKind::kUnreachable, "no gateway listens there: " + error.message());
  const auto line = to_line(command) + "\n";
  asio::write(socket, asio::buffer(line), error);
  if (error) return io_fault("written to", error);
  std::string answer;
  asio::read_until(socket, asio::dynamic_buffer(answer, kLineBytes), '\n', error);
  return answer_from(answer);
}

}  // namespace gw::app
