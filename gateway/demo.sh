#!/usr/bin/env bash
# Installs what is missing, builds the gateway, and shows it at work: a small world of gateways on this machine.
#   ./gateway/demo.sh          leaves the world running and says how to send it a task; Ctrl-C stops it
#   ./gateway/demo.sh --once   does the tour and ends: exit code 0 if every step did what it should
#   --dir DIR                  where the world's files go (default: build/demo)
set -euo pipefail
top="$(cd "$(dirname "$0")/.." && pwd)"
dir="$top/build/demo"
once=()
while [ $# -gt 0 ]; do
  case "$1" in
    --once) once=(--once) ;;
    --dir) [ -n "${2:-}" ] || { echo "demo.sh: --dir needs a folder; see --help" >&2; exit 2; }; dir="$2"; shift ;;
    -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "demo.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

# shellcheck source=gateway/packages.sh
. "$top/gateway/packages.sh"
install_packages "${gateway_packages[@]}"

echo "Building (five to ten minutes on two cores the first time) ..."
mkdir -p "$top/build" || { echo "demo.sh: it builds in $top/build, so this user must be able to write there" >&2; exit 1; }
cmake -S "$top" -B "$top/build/release" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGW_TESTS=OFF >"$top/build/configure.log" 2>&1 ||
  { cat "$top/build/configure.log" >&2; exit 1; }
ninja -C "$top/build/release" gpconnect-gateway

exec "$top/build/release/gateway/app/gpconnect-gateway" demo --dir "$dir" --pki-script "$top/certs/make-pki.sh" "${once[@]}"
