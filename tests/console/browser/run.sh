#!/usr/bin/env bash
# Runs the browser tests of the console over a demo of its own: run.sh GATEWAY SOURCE_FOLDER WORK_FOLDER
# Needs node, npm, Chromium, and the npm registry the first time; says what is missing and ends with 77 (skipped).
# GW_SCREENSHOTS=1 also writes the screenshots that the README shows.
set -euo pipefail
gateway="$1" top="$2" work="$3"
here="$top/tests/console/browser"

skip() { echo "SKIPPED: $*"; exit 77; }
for tool in node npm; do
  command -v "$tool" >/dev/null || skip "there is no $tool here (Debian: apt-get install nodejs npm)"
done
command -v chromium >/dev/null || skip "there is no Chromium here (Debian: apt-get install chromium)"

# Packages stay out of the source folder, and are fetched again only when what is asked for has changed.
fetch() {
  mkdir -p "$2"
  cmp -s "$1/package-lock.json" "$2/fetched" && return
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  (cd "$2" && npm ci --no-audit --no-fund --ignore-scripts >npm.log 2>&1) ||
    skip "npm could not fetch what the tests run with; $2/npm.log says why"
  cp "$1/package-lock.json" "$2/fetched"
}
fetch "$here" "$work/tests"
fetch "$top/gateway/console/web" "$work/web"

# The style sheet that is committed is the one that its source makes.
cp "$top/gateway/console/web/console.scss" "$work/web/"
(cd "$work/web" && npm run --silent build)
cmp "$work/web/console.css" "$top/gateway/console/web/console.css" ||
  { echo "FAIL gateway/console/web/console.css is not what npm run build makes of console.scss" >&2; exit 1; }

rm -rf "$work/demo"
"$gateway" demo --dir "$work/demo" --pki-script "$top/certs/make-pki.sh" >"$work/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true' EXIT
until [ -e "$work/demo/topology.json" ]; do
  kill -0 "$demo" 2>/dev/null || { cat "$work/demo.log" >&2; exit 1; }
  sleep 0.2
done

cp "$here"/*.mjs "$work/tests/"
cd "$work/tests"
GW_BINARY="$gateway" GW_TOPOLOGY="$work/demo/topology.json" GW_SHOTS="${GW_SCREENSHOTS:+$top/gateway/console/screenshots}" \
  node --test --test-concurrency=1 --test-timeout=300000 console_test.mjs
