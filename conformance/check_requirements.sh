#!/usr/bin/env bash
# Keeps conformance/requirements.csv honest: every rule that is said to be met is named by a test, every rule id that a
# test names is in the matrix, and what is not met says so.
#   check_requirements.sh [SOURCE_DIR]     exit code 0: honest; 1: names each fault
# Columns: id,rule,source,where,test,state; state is met, partly or open. No field holds a comma.
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
top="${1:-$(cd "$(dirname "$0")/.." && pwd)}"
matrix="$top/conformance/requirements.csv"
faults=0
complain() { echo "requirements.csv: $*"; faults=$((faults + 1)); }

[ "$(head -n 1 "$matrix")" = "id,rule,source,where,test,state" ] || complain "the first line must be id,rule,source,where,test,state"

declare -A known=()
line=1
while IFS=, read -r id rule source where test state rest; do
  line=$((line + 1))
  [[ "$id" =~ ^[A-Z]{3,4}-[0-9]{2}$ ]] || { complain "line $line: '$id' is no rule id"; continue; }
  [ -z "${known[$id]:-}" ] || complain "line $line: $id stands twice"
  known[$id]=1
  [ -z "$rest" ] || complain "line $line: $id has more than six fields"
  [ -n "$rule" ] && [ -n "$source" ] || complain "line $line: $id has no rule or no source"
  case "$state" in
    open) continue ;;
    met | partly) ;;
    *) complain "line $line: $id: state '$state' is none of met, partly, open"; continue ;;
  esac
  for path in $where; do
    [ -e "$top/$path" ] || complain "line $line: $id: there is no $path"
  done
  for path in $test; do
    if [ ! -f "$top/$path" ]; then
      complain "line $line: $id: there is no $path"
    elif ! grep -qF "$id" "$top/$path"; then
      complain "line $line: $id is not named in $path"
    fi
  done
  [ -n "$test" ] || complain "line $line: $id is '$state' but names no test"
  [ -n "$where" ] || complain "line $line: $id is '$state' but names no code"
done < <(tail -n +2 "$matrix")

for id in $(grep -rhoE '\b(TASK|ANS|TLS|SSP|JWT|OUT|AUD|OPS)-[0-9]{2}\b' "$top/tests" "$top/gateway" "$top/profiles" | sort -u); do
  [ -n "${known[$id]:-}" ] || complain "$id is named in the sources but is not in the matrix"
done

[ "$faults" -eq 0 ] && echo "requirements.csv: ${#known[@]} rules, all honest"
[ "$faults" -eq 0 ]
