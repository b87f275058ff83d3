// One party of the demo's world as a sender: its certificate, its view of the directory, and requests made with them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "app/demo_world.hpp"
#include "directory/source.hpp"
#include "exchange/task_message.hpp"
#include "net/client.hpp"
#include "net/tls_context.hpp"

namespace gw::app {

class DemoClient {
 public:
  /// Reads the party's own config and directory. Throws when the world's files are not right.
  DemoClient(const DemoWorld& world, const Party& party);

  [[nodiscard]] const directory::Organisation& organisation(std::string_view ods) const;
  [[nodiscard]] const directory::Patient& patient(std::string_view logical_id) const;

  /// A task to send; `body` empty: an Order is made from the other members.
  struct Task {
    std::string from, to;  ///< ODS codes
    std::string patient;   ///< logical id
    bool action = false;
    std::string base;  ///< where: "https://host:port/ODS/DSTU2/1", or a proxied form of it
    std::string body;
    std::string identifier;
  };
  struct Request {
    std::string verb = "POST";
    std::string base;
    std::string below;  ///< "/Order"
    Headers headers;
    std::string body;
    bool with_certificate = true;
  };

  [[nodiscard]] Request request_of(const Task& task, Instant now) const;
  /// A read of `below` ("/Order/[id]") by organisation `from` at `to`.
  [[nodiscard]] Request read_of(const Task& task, std::string below, Instant now) const;
  /// Send and wait for the whole answer.
  [[nodiscard]] Result<net::WireAnswer> send(const Request& request) const;

 private:
  Config config_;
  std::unique_ptr<directory::DirectorySource> source_;
  std::unique_ptr<net::ClientTls> tls_, anonymous_tls_;
  std::shared_ptr<const directory::Directory> directory_;
};

}  // namespace gw::app
