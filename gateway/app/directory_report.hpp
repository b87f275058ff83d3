// One organisation of the directory and all that follows from its entry: how it is reached, what it may send and to
// whom, who may send to it, how it is treated otherwise than the rest. Pure; must not know how it is printed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/directory_findings.hpp"

namespace gw::app {

/// A partner's policy, in words: the column and what it means.
using PolicyLines = std::vector<std::pair<std::string, std::string>>;

struct DirectoryReport {
  const directory::Organisation* organisation = nullptr;
  std::string place;        ///< "organisations.csv:4"
  std::string receives;     ///< "mailbox", "endpoint", "service" (the directory service says where) or "nothing"
  std::string base;         ///< URL of its service; empty where it has none that is known
  std::string proxied;      ///< the same through this gateway as a proxy; empty for a mailbox
  std::string connects_to;  ///< "host:port", or the address that [hosts] has for it
  std::string certificate;  ///< name that the certificate there must have
  std::vector<std::string> may_send;     ///< ODS codes of those it may send a task to
  std::vector<std::string> may_receive;  ///< ODS codes of those who may send a task to it
  PolicyLines policy;
  DirectoryFindings findings;
};

/// `organisation` is one of `directory`'s own records.
[[nodiscard]] DirectoryReport report_on(const directory::Directory& directory,
                                        const directory::Organisation& organisation, const Config& config);

}  // namespace gw::app
