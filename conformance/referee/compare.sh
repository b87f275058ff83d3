#!/usr/bin/env bash
# Sets the gateway's verdicts on mutated tasks beside those of HAPI FHIR's DSTU2 instance validator, and prints where
# they agree, where they differ and why. Needs Java 17, Maven and a way to Maven Central the first time.
#   compare.sh BUILD_DIR [COUNT] [SEED]     exit code 0: every difference is explained in differences.csv; 1: not
set -euo pipefail
if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  sed -n '2,4s/^# //p' "$0"
  exit 0
fi
here="$(cd "$(dirname "$0")" && pwd)"
build="${1:?usage: compare.sh BUILD_DIR [COUNT] [SEED]}"
count="${2:-10000}"
seed="${3:-20261121}"
build="$(cd "$build" && pwd)"
work="$build/referee"
tools="$build/conformance/referee"
command -v java >/dev/null && command -v mvn >/dev/null || { echo "compare.sh needs java and mvn (Debian: openjdk-17-jdk-headless maven)"; exit 2; }

cmake --build "$build" --target gw_mutate gw_verdict gw_compare
mvn -q -B -f "$here/java/pom.xml" -DbuildDirectory="$work/java" package
rm -rf "$work/tasks"
"$tools/gw_mutate" "$seed" "$count" "$work/tasks"
"$tools/gw_verdict" "$work/tasks" >"$work/gateway.jsonl"
java -cp "$work/java/lib/*:$work/java/referee-1.jar" referee.Referee "$here/../../profiles" "$work/tasks" \
  >"$work/referee.jsonl" 2>"$work/referee.log"
echo "seed $seed, $count tasks"
"$tools/gw_compare" "$work/gateway.jsonl" "$work/referee.jsonl" "$work/tasks/index.tsv" "$here/differences.csv"
