#!/usr/bin/env bash
# Builds the fuzz targets with Clang under ASan and UBSan, replays the seeds, and fuzzes each target for a while.
#   tests/fuzz/run.sh [SECONDS] [TARGET...]   30 seconds for each of all targets by default
# Exit code 0: nothing found; 1: an input broke a promise or the program (libFuzzer names the file); 77: no Clang here.
# GW_FUZZ_BUILD: the build folder (default: build/fuzz). GW_FAULT_SEED: where the random numbers start (default: anywhere;
# the log of a run names its seed).
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
top="$(cd "$(dirname "$0")/../.." && pwd)"
seconds="${1:-30}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(json_body xml_body narrative token request_head answer_head config directory)

clang="$(command -v clang++-14 || command -v clang++ || true)"
if [ -z "$clang" ]; then
  echo "Skipped: fuzzing needs clang and libclang-rt (Debian: clang-14 libclang-rt-14-dev)."
  exit 77
fi
export CCACHE_NOHASHDIR=1
build="${GW_FUZZ_BUILD:-$top/build/fuzz}"
mkdir -p "$build"
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$clang" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS="-fsanitize=fuzzer-no-link -fsanitize-ignorelist=$top/tests/fuzz/ignorelist.txt" -DGW_SANITIZE=address -DGW_FUZZ=ON >"$build/configure.log" ||
  { cat "$build/configure.log"; exit 1; }
ninja -C "$build" "${targets[@]/#/fuzz_}" >"$build/ninja.log" || { cat "$build/ninja.log"; exit 1; }

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fuzz() {
  local target="$1"
  mkdir -p "$work/$target"
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -seed="${GW_FAULT_SEED:-0}" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$build/" "$work/$target" "$top/tests/fuzz/seeds/$target" >"$work/$target.log" 2>&1; then
    printf '%-14s %s, seed %s\n' "$target" "$(grep -a '^Done ' "$work/$target.log")" \
      "$(sed -n 's/^INFO: Seed: //p' "$work/$target.log")"
  else
    { printf '%-14s FAILED\n' "$target"; tail -n 60 "$work/$target.log"; } >&2
    return 1
  fi
}
export -f fuzz
export work build top seconds
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -euo pipefail -c 'fuzz {}' || exit 1
