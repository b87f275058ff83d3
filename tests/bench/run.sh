#!/usr/bin/env bash
# Builds the release and measures it beside nginx as a plain mutual TLS proxy.
#   ./tests/bench/run.sh           everything: hours, and 35 GB of disk for the stores of a million and ten million entries
#   ./tests/bench/run.sh --quick   a few minutes
#   ./tests/bench/run.sh --help    all options; --json prints one object for programs
set -euo pipefail
top="$(cd "$(dirname "$0")/../.." && pwd)"
build="$top/build/bench-release"

case " $* " in *" -h "* | *" --help "*) exec python3 "$top/tests/bench/run.py" --build "$build" --help ;; esac

# shellcheck source=gateway/packages.sh
. "$top/gateway/packages.sh"
install_packages "${gateway_packages[@]}" "${bench_packages[@]}" >&2

mkdir -p "$top/build"
{
  cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo
  ninja -C "$build" benchmarks
} >&2
exec python3 "$top/tests/bench/run.py" --build "$build" "$@"
