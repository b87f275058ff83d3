#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test. Ends with the runner's own summary.
#   ./tests/run.sh              all tests
#   ./tests/run.sh -R outbox    those whose name matches (options go to ctest)
#   GW_SANITIZE=address|thread  builds and runs them under sanitizers, in a build folder of their own
#   GW_INSTALL_TEST=1           also installs, upgrades and removes the package on a clean Debian root (root; minutes)
set -euo pipefail
top="$(cd "$(dirname "$0")/.." && pwd)"
case "${1:-}" in -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

# shellcheck source=gateway/packages.sh
. "$top/gateway/packages.sh"
install_packages "${gateway_packages[@]}" "${test_packages[@]}"

sanitize="${GW_SANITIZE:-}"
build="$top/build/tests${sanitize:+-$sanitize}"
mkdir -p "$top/build"
flags=()
if [ -n "$sanitize" ]; then
  flags=(-DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1")  # stacks that can be read, and half the wait
  export LSAN_OPTIONS="suppressions='$top/tests/sanitizers/leaks.supp':print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
fi
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGW_SANITIZE="$sanitize" "${flags[@]}"
ninja -C "$build"
ctest --test-dir "$build" --output-on-failure --timeout 900 "$@"
