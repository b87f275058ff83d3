#!/usr/bin/env bash
# The fault tests in full: builds release, runs every one of them long, and ends with one table.
#   tests/fault/run.sh [OPTIONS] [PART...]     all parts by default
# Parts: kills cuts walk recipients clients disk fuzz
#   --kills N         kill -9 of a gateway under load            (default 2000)
#   --cuts N          power cuts                                 (default 10000)
#   --steps N         steps of the model's random walk           (default 100000)
#   --idle N          idle connections                           (default 10000)
#   --fuzz-minutes N  fuzzing of each target                     (default 10)
#   --seed N          where all random numbers start             (default: of the clock)
#   --build DIR       the build folder                           (default build/faults)
# A failing part names the seed that shows it again. Exit code 0: nothing found; 1: something was; 2: wrong usage.
set -uo pipefail
top="$(cd "$(dirname "$0")/../.." && pwd)"
kills=2000 cuts=10000 steps=100000 idle=10000 fuzz_minutes=10
seed="$(date +%s)"
build="$top/build/faults"
parts=()

usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
wrong() { echo "tests/fault/run.sh: $1; see --help" >&2; exit 2; }
number() { [[ "${2:-}" =~ ^[0-9]+$ ]] || wrong "$1 needs a number"; }
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help) usage; exit 0 ;;
    --kills) number "$@"; kills="$2"; shift ;;
    --cuts) number "$@"; cuts="$2"; shift ;;
    --steps) number "$@"; steps="$2"; shift ;;
    --idle) number "$@"; idle="$2"; shift ;;
    --fuzz-minutes) number "$@"; fuzz_minutes="$2"; shift ;;
    --seed) number "$@"; seed="$2"; shift ;;
    --build) [ -n "${2:-}" ] || wrong "--build needs a folder"; build="$2"; shift ;;
    kills | cuts | walk | recipients | clients | disk | fuzz) parts+=("$1") ;;
    *) wrong "unknown option or part '$1'" ;;
  esac
  shift
done
[ ${#parts[@]} -gt 0 ] || parts=(recipients clients disk cuts walk kills fuzz)

# shellcheck source=gateway/packages.sh
. "$top/gateway/packages.sh"
install_packages "${gateway_packages[@]}" "${test_packages[@]}" || exit 1
mkdir -p "$build" || exit 1
log="$build/fault-logs"
mkdir -p "$log"
echo "Building in $build ..."
{ cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo &&
  ninja -C "$build" test_fault test_peer_faults test_full_disk test_kill_matrix; } >"$log/build.log" 2>&1 ||
  { tail -n 40 "$log/build.log" >&2; exit 1; }

table=()
failed=0

# part NAME WHAT COMMAND...: runs it with its log in view, and keeps a line for the table.
part() {
  local name="$1" what="$2" began="$SECONDS" verdict=ok findings
  shift 2
  echo
  echo "== $name: $what, seed $seed"
  if ! "$@" 2>&1 | tee "$log/$name.log"; then
    verdict=FAILED
    failed=1
  fi
  findings="$(grep -Eo 'GW_FAULT_SEED=[0-9]+' "$log/$name.log" | sort -u | head -n 3 | paste -sd ' ')"
  [ "$verdict" = ok ] && findings=none
  table+=("$(printf '%-11s %-38s %-7s %6ss  %s' "$name" "$what" "$verdict" "$((SECONDS - began))" "${findings:-see $log/$name.log}")")
}

cd "$build/tests/fault" || exit 1
export GW_FAULT_SEED="$seed"
for name in "${parts[@]}"; do
  case "$name" in
    recipients) part "$name" "the table of a recipient's faults" ./test_peer_faults "[recipient],[overload]" ;;
    clients) part "$name" "the table of a client's faults, $idle idle" env GW_FAULT_IDLE="$idle" ./test_peer_faults "[client],[idle]" ;;
    disk) part "$name" "full, read-only and damaged disks" ./test_full_disk ;;
    cuts) part "$name" "$cuts power cuts" env GW_FAULT_CUTS="$cuts" ./test_fault "[power],[ledgers]" ;;
    walk) part "$name" "$steps steps" env GW_FAULT_STEPS="$steps" ./test_fault "[model]" ;;
    kills) part "$name" "$kills kills" env GW_FAULT_KILLS="$kills" ./test_kill_matrix ;;
    fuzz) part "$name" "$fuzz_minutes minutes a target" env GW_FUZZ_BUILD="$build/fuzz" "$top/tests/fuzz/run.sh" "$((fuzz_minutes * 60))" ;;
  esac
done

echo
echo "Fault tests of $(date -u +%F), seed $seed, $(git -C "$top" rev-parse --short HEAD 2>/dev/null || echo 'no revision')"
printf '%-11s %-38s %-7s %7s  %s\n' part what verdict time findings
printf '%s\n' "${table[@]}"
exit "$failed"
