#!/usr/bin/env bash
# OPS-06: makes the Debian package and looks into it: what is in it, with which rights, and whether the tools that judge such
# things agree (lintian, systemd-analyze, man, bash). A tool that is not installed is told, and its check left out.
#   contents_test.sh BUILD_DIR WORK_DIR
set -euo pipefail
build=$1 work=$2
fail() { printf 'FAIL: %s\n' "$1" >&2; exit 1; }
left_out() { printf 'left out: %s\n' "$1"; }
have() { command -v "$1" >/dev/null 2>&1; }

for tool in dpkg-deb dpkg-shlibdeps cpack; do
  have "$tool" || { echo "skipped: $tool is not installed (Debian: dpkg-dev, cmake)"; exit 77; }
done
[ -f "$build/CPackConfig.cmake" ] || { echo "skipped: this build is not one to be shipped (GW_SANITIZE)"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
# cpack takes what is built: it builds nothing itself, unlike `ninja package`.
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 ||
  { cat "$work/cpack.log" >&2; fail "cpack"; }
packages=("$work"/*.deb)
[ ${#packages[@]} -eq 1 ] || fail "one package, not ${packages[*]}"
package=${packages[0]}

# What is in it, with owner and rights: the mode and name of each file.
dpkg-deb -c "$package" | awk '{print $1, $2, $6}' >"$work/list"
wanted=(
  '-rwxr-xr-x root/root ./usr/bin/gpconnect-gateway'
  '-rw-r--r-- root/root ./lib/systemd/system/gpconnect-gateway.service'
  '-rw-r--r-- root/root ./etc/gpconnect-gateway/gateway.toml'
  '-rw-r--r-- root/root ./etc/gpconnect-gateway/organisations.csv'
  '-rw-r--r-- root/root ./etc/gpconnect-gateway/patients.csv'
  '-rw-r--r-- root/root ./usr/share/bash-completion/completions/gpconnect-gateway'
  '-rw-r--r-- root/root ./usr/share/man/man1/gpconnect-gateway.1.gz'
  '-rw-r--r-- root/root ./usr/share/doc/gpconnect-gateway/copyright'
  '-rw-r--r-- root/root ./usr/share/doc/gpconnect-gateway/changelog.gz'
  '-rw-r--r-- root/root ./usr/share/doc/gpconnect-gateway/gateway/guides/runbook.md'
  '-rw-r--r-- root/root ./usr/share/doc/gpconnect-gateway/gateway/guides/errors.md'
  '-rw-r--r-- root/root ./usr/share/doc/gpconnect-gateway/gateway/guides/openapi.json'
  '-rwxr-xr-x root/root ./usr/share/gpconnect-gateway/make-pki.sh'
  '-rw-r--r-- root/root ./usr/share/gpconnect-gateway/observability/alerts.yml'
  '-rw-r--r-- root/root ./usr/share/gpconnect-gateway/observability/dashboard.json'
)
for line in "${wanted[@]}"; do grep -qxF -- "$line" "$work/list" || fail "not in the package: $line"; done
if grep -v ' root/root ' "$work/list"; then fail "these belong to somebody"; fi
if grep -E '^-.*[.](hpp|cpp|a|key|db) *$' "$work/list"; then fail "these have no business in the package"; fi

# Everything under /etc is the administrator's: an upgrade asks before it changes it.
mkdir "$work/root" "$work/control"
dpkg-deb -x "$package" "$work/root"
dpkg-deb -e "$package" "$work/control"
(cd "$work/root" && find etc -type f -printf '/%p\n' | sort) | diff - <(sort "$work/control/conffiles") || fail "conffiles"
depends=$(dpkg-deb -f "$package" Depends)
for library in libssl3 libsqlite3-0 libsystemd0 adduser tzdata; do
  case "$depends" in *$library*) ;; *) fail "Depends lacks $library: $depends" ;; esac
done
for script in postinst prerm postrm; do
  [ -x "$work/control/$script" ] || fail "$script cannot be run"
  sh -n "$work/control/$script"
done

# What the README and the guides link to is there, at the path that they say; so is what the service and the manual name.
doc="$work/root/usr/share/doc/gpconnect-gateway"
links=0
while IFS=: read -r file link; do
  [ -e "$(dirname "$file")/$link" ] || fail "$file links to $link, which is not in the package"
  links=$((links + 1))
done < <(find "$doc" -name '*.md' -exec grep -Ho '](\([^)#: ]*\)' {} + | sed 's/](//')
[ "$links" -gt 0 ] || fail "no links were found in the README"
named=$(sed -n 's#^Documentation=.*file://##p' "$work/root/lib/systemd/system/gpconnect-gateway.service")
[ -f "$work/root$named" ] || fail "the service names $named"

# The program in it runs, and says the version that the package has.
program="$work/root/usr/bin/gpconnect-gateway"
[ "$("$program" --version)" = "$(dpkg-deb -f "$package" Version)" ] || fail "the versions differ"

# Completion: bash reads it, and it offers what the program takes.
completion="$work/root/usr/share/bash-completion/completions/gpconnect-gateway"
offers() { # WORDS... : what is offered for the last of them
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gpconnect_gateway; printf "%s\n" "${COMPREPLY[@]}"' \
    - "$completion" "$@"
}
offers gpconnect-gateway outb | grep -x outbox >/dev/null || fail "completion of a command"
offers gpconnect-gateway outbox re | grep -x resolve >/dev/null || fail "completion of a command below a command"
offers gpconnect-gateway outbox list --prob | grep -x -- --problems >/dev/null || fail "completion of an option"
offers gpconnect-gateway outbox list --state in-d | grep -x in-doubt >/dev/null || fail "completion of a value"
[ -z "$(offers gpconnect-gateway serve --config x)" ] || fail "files are left to bash"
for command in validate lint-jwt 'outbox backup'; do
  # shellcheck disable=SC2086 # a command of two words
  [ -z "$(offers gpconnect-gateway $command '')" ] || fail "files after $command are left to bash"
  # shellcheck disable=SC2086
  offers gpconnect-gateway $command --js | grep -x -- --json >/dev/null || fail "completion of an option of $command"
done

# Each command that the program tells of is in the manual, and the manual is right roff.
manual="$work/root/usr/share/man/man1/gpconnect-gateway.1.gz"
gzip -dc "$manual" >"$work/manual"
for command in $(offers gpconnect-gateway '' | grep -v '^-'); do
  sed 's/\\-/-/g' "$work/manual" | grep "^\.SS gpconnect-gateway $command" >/dev/null || fail "the manual lacks $command"
done
if have man; then
  complaints=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$manual" 2>&1 >/dev/null)
  [ -z "$complaints" ] || fail "man: $complaints"
else
  left_out "the manual's form (man-db is not installed)"
fi

unit="$work/root/lib/systemd/system/gpconnect-gateway.service"
if have systemd-analyze; then
  systemd-analyze security --offline=true --threshold=20 "$unit" >"$work/security" || { tail -3 "$work/security"; fail "exposure above 2.0"; }
  tail -1 "$work/security"
  # Every directive is known, and what it starts is there.
  mkdir "$work/unit"
  sed "s#/usr/bin/gpconnect-gateway#$program#" "$unit" >"$work/unit/gpconnect-gateway.service"
  complaints=$(systemd-analyze verify --man=no "$work/unit/gpconnect-gateway.service" 2>&1 | grep gpconnect-gateway) || true
  [ -z "$complaints" ] || fail "systemd-analyze verify: $complaints"
else
  left_out "the sandbox's judgement (systemd is not installed)"
fi
stop=$(sed -n 's/^TimeoutStopSec=\([0-9]*\)s$/\1/p' "$unit")
[ "${stop:-0}" -gt 30 ] || fail "TimeoutStopSec must be above [limits] drain_ms, 30 s"

if have lintian; then
  lintian --fail-on error,warning --suppress-tags-from-file /dev/null "$package" || fail "lintian"
else
  left_out "lintian (it is not installed)"
fi
echo "good: $(basename "$package")"
