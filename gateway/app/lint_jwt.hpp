// gpconnect-gateway lint-jwt: the gateway's own checks of an audit token, on a developer's desk (JWT-07).
#pragma once

#include <cstdio>

#include "app/commands.hpp"
#include "base/time.hpp"

namespace gw::app {

/// Where the token comes from and the findings go; the command's are the process's own.
struct LintStreams {
  std::FILE* in = stdin;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

/// The command. `now` counts where --at says nothing. Gives kExitDone for a token that is right, kExitRefused for one
/// that is not, kExitUsage for an unknown interaction or time, kExitFailed when the file cannot be read.
int lint_jwt(const LintJwtOptions& options, const LintStreams& streams, Instant now);

}  // namespace gw::app
