#!/usr/bin/env bash
# Runs the guide "Every use case with curl" as it stands, in one bash, against a running demo; each block's last line
# must be what the guide says.
#   curl_guide_test.sh GUIDE PROGRAM PKI_SCRIPT WORK_DIR
set -euo pipefail
guide=$1 program=$2 pki=$3 work=$4
for tool in curl jq openssl; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"
"$program" demo --dir "$work/world" --pki-script "$pki" >"$work/demo.log" 2>&1 &
demo=$!
trap 'kill $demo 2>/dev/null; wait $demo 2>/dev/null || true' EXIT
until [ -f "$work/world/topology.json" ]; do
  kill -0 $demo 2>/dev/null || { cat "$work/demo.log" >&2; echo "FAIL: the demo ended" >&2; exit 1; }
  sleep 0.2
done

# The guide as one script: each block's output goes to a file of its own, in the same shell, so that variables last.
awk '
  /^```sh$/ { inside = 1; ++n; printf "{\n"; next }
  /^```$/ && inside { inside = 0; printf "} >block.%d\n", n; next }
  inside { print; next }
  /^→ `.*`$/ { sub(/^→ `/, ""); sub(/`$/, ""); printf "says %d <<'\''END'\''\n%s\nEND\n", n, $0 }
' "$guide" >"$work/guide.sh"
cat >"$work/run.sh" <<'RUN'
set -euo pipefail
checked=0
says() {
  local wanted got
  wanted=$(cat) got=$(tail -n 1 "block.$1")
  [ "$wanted" = "$got" ] || { echo "FAIL: block $1 prints '$got', not '$wanted'" >&2; cat answer.json >&2; exit 1; }
  checked=$((checked + 1))
}
. "$PWD/guide.sh"
[ "$checked" -ge 10 ] || { echo "FAIL: the guide has only $checked outcomes" >&2; exit 1; }
echo "good: $checked outcomes as the guide says"
RUN
cd "$work" && TMPDIR="$work" world="$work/world" bash run.sh
