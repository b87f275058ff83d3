#!/usr/bin/env bash
# OPS-06: on a clean Debian 12 root: installs the package, starts the program as the unit would, serves a task, upgrades to a
# higher version, finds the task still there, removes, purges. Needs root, debootstrap and a Debian mirror, and takes
# minutes, so ctest leaves it out unless GW_INSTALL_TEST=1 is set.
#   install_test.sh BUILD_DIR WORK_DIR PKI_SCRIPT        GW_DEBIAN_MIRROR: another mirror than deb.debian.org
set -euo pipefail
build=$1 work=$2 pki=$3
skip() { echo "skipped: $1"; exit 77; }
fail() { printf 'FAIL: %s\n' "$1" >&2; exit 1; }
step() { printf '== %s\n' "$1"; }
[ "${GW_INSTALL_TEST:-}" = 1 ] || skip "it takes minutes; GW_INSTALL_TEST=1 runs it"
[ -f "$build/CPackConfig.cmake" ] || skip "this build is not one to be shipped (GW_SANITIZE)"
[ "$(id -u)" = 0 ] || skip "only root can make a Debian root"
for tool in debootstrap cpack dpkg-shlibdeps jq; do
  command -v "$tool" >/dev/null || skip "$tool is not installed (Debian: debootstrap, cmake, dpkg-dev, jq)"
done

root="$work/root"
mkdir -p "$work"
in_root=(chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
# As the unit: its user, and no way to become another.
of_service=("${in_root[@]}" setpriv --reuid gpconnect-gateway --regid gpconnect-gateway --init-groups --no-new-privs)
inside() { "${in_root[@]}" "$@"; }
as_service() { "${of_service[@]}" "$@"; }
gateway=
stop_gateway() {
  [ -z "$gateway" ] || { kill -TERM "$gateway" 2>/dev/null && wait "$gateway"; } || true
  gateway=
}
leave() {
  stop_gateway
  local mounted
  for mounted in dev/pts proc; do
    if mountpoint -q "$root/$mounted"; then umount "$root/$mounted"; fi
  done
}
trap leave EXIT

pack() { # VERSION: the package of what is built, called so
  rm -rf "${work:?}/$1"
  cpack --config "$build/CPackConfig.cmake" -B "$work/$1" -D "CPACK_PACKAGE_VERSION=$1" \
    -D "CPACK_DEBIAN_PACKAGE_VERSION=$1" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log" >&2; fail cpack; }
  cp "$work/$1"/*.deb "$root/root/$1.deb"
}
start() { # as the unit says it, but for systemd, which a chroot has not
  local command
  command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/gpconnect-gateway.service")
  # shellcheck disable=SC2086 # the words of ExecStart
  "${of_service[@]}" $command --ready-fd 3 3>"$work/ready" 2>"$work/gateway.log" &
  gateway=$!
  for _ in $(seq 300); do
    [ "$(cat "$work/ready" 2>/dev/null)" = ready ] && return
    kill -0 $gateway 2>/dev/null || { cat "$work/gateway.log" >&2; fail "it does not start"; }
    sleep 0.1
  done
  fail "it is not ready after 30 s"
}
config=/etc/gpconnect-gateway/gateway.toml

step "a clean Debian root"
rm -rf "$root"
debootstrap --variant=minbase bookworm "$root" "${GW_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
  { tail -5 "$work/debootstrap.log" >&2; skip "no Debian root can be made here"; }
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
version=$(sed -n 's/^set(CPACK_PACKAGE_VERSION "\(.*\)")$/\1/p' "$build/CPackConfig.cmake")
pack "$version"
pack "$version+next"

step "install $version"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends "/root/$version.deb" >"$work/install.log" 2>&1 ||
  { cat "$work/install.log" >&2; fail install; }
inside getent passwd gpconnect-gateway >/dev/null || fail "no user was made"
[ "$(inside stat -c '%a %U' /var/lib/gpconnect-gateway)" = '700 gpconnect-gateway' ] || fail "the state folder"
[ "$(inside stat -c '%a %U:%G' /etc/gpconnect-gateway)" = '750 root:gpconnect-gateway' ] || fail "the folder of the keys"

step "configure: the shipped example with certificates and two organisations"
inside apt-get install -y -qq --no-install-recommends openssl >/dev/null 2>&1
"$pki" "$work/pki" gateway=gateway.example.nhs.uk practice=practice.example.nhs.uk >/dev/null
for file in trust.pem crl.pem gateway.pem gateway.key; do
  install -m 0440 -o root -g "$(inside getent group gpconnect-gateway | cut -d: -f3)" "$work/pki/$file" "$root/etc/gpconnect-gateway/"
done
# The rows and the first task are those of the guide, as installed.
guide="$root/usr/share/doc/gpconnect-gateway/gateway/guides/deploying.md"
sed -n 's/^ *\(TEST0[12],\)/\1/p' "$guide" >>"$root/etc/gpconnect-gateway/organisations.csv"
sed -n 's/^ *\(9990000018,\)/\1/p' "$guide" >>"$root/etc/gpconnect-gateway/patients.csv"
first_task=$(sed -n "s/^ *sudo -u gpconnect-gateway \(gpconnect-gateway send .*\) --text '.*'\$/\1/p" "$guide")
[ -n "$first_task" ] || fail "the guide sends no task"
as_service gpconnect-gateway check-config || fail "the example is not right"
as_service gpconnect-gateway doctor --local || fail "the doctor finds a fault"

step "start, and serve a task"
start
send() {
  # shellcheck disable=SC2086 # the words of the guide's command
  as_service $first_task --text "$1" --json |
    jq -e '.status == 201' >/dev/null || { cat "$work/gateway.log" >&2; fail "the task was not taken"; }
}
count() { as_service gpconnect-gateway outbox list --json | wc -l; }
send 'Before the upgrade.'
[ "$(count)" = 1 ] || fail "the task is not in the outbox"

step "upgrade to $version+next: configuration, tasks and audit stay"
before=$(inside md5sum $config /etc/gpconnect-gateway/organisations.csv /etc/gpconnect-gateway/gateway.key)
inside apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "/root/$version+next.deb" >"$work/upgrade.log" 2>&1 ||
  { cat "$work/upgrade.log" >&2; fail upgrade; }
[ "$(inside dpkg-query -W -f '${Version}' gpconnect-gateway)" = "$version+next" ] || fail "it was not upgraded"
[ "$before" = "$(inside md5sum $config /etc/gpconnect-gateway/organisations.csv /etc/gpconnect-gateway/gateway.key)" ] ||
  fail "the upgrade changed the configuration"
stop_gateway
start
[ "$(count)" = 1 ] || fail "the task did not outlast the upgrade"
send 'After the upgrade.'
[ "$(count)" = 2 ] || fail "the second task is not there"
as_service gpconnect-gateway audit verify | grep ^good >/dev/null || fail "the audit did not outlast the upgrade"
stop_gateway

step "remove: configuration and tasks stay"
inside apt-get remove -y -qq gpconnect-gateway >"$work/remove.log" 2>&1 || { cat "$work/remove.log" >&2; fail remove; }
[ ! -e "$root/usr/bin/gpconnect-gateway" ] || fail "the program is still there"
for kept in "$config" /var/lib/gpconnect-gateway/outbox.db; do [ -f "$root$kept" ] || fail "removal took $kept"; done

step "purge: nothing stays"
inside apt-get purge -y -qq gpconnect-gateway >"$work/purge.log" 2>&1 || { cat "$work/purge.log" >&2; fail purge; }
left=$(find "$root/etc" "$root/usr" "$root/var/lib" "$root/lib/systemd" -name '*gpconnect*' ! -path '*/apt/*' ! -path '*/deb-systemd-helper*')
[ -z "$left" ] || fail "these were left behind: $left"
inside getent passwd gpconnect-gateway >/dev/null && fail "its user was left behind"
leave
trap - EXIT
rm -rf "$root"
echo "good: installed, served, upgraded, removed, purged"
