# The Debian 12 packages that building, testing and running need. Sourced by demo.sh and tests/run.sh.
# install_packages NAME...: installs those that are missing, as root or through sudo, and says which.

gateway_packages=(
  g++ cmake ninja-build mold ccache openssl ca-certificates tzdata curl
  libboost1.81-dev rapidjson-dev libssl-dev libsqlite3-dev libexpat1-dev zlib1g-dev
  libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libhowardhinnant-date-dev libldap-dev
  libsodium-dev libsystemd-dev libjemalloc-dev
)
test_packages=(catch2 testssl.sh slapd dpkg-dev file jq lintian clang-14 libclang-rt-14-dev)
[ -z "${GW_INSTALL_TEST:-}" ] || test_packages+=(debootstrap)
# The console's browser tests. Where they are there from elsewhere, Debian's would be in their way.
command -v npm >/dev/null || test_packages+=(nodejs npm)
command -v chromium >/dev/null || test_packages+=(chromium chromium-l10n)
bench_packages=(libbenchmark-dev python3 nginx-light)

# One compiler cache for all build folders: with the folder's path in the key, tests would compile everything again.
export CCACHE_NOHASHDIR=1

install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing Debian packages (takes a minute or more): ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Not root and no sudo: install them yourself, then run this again." >&2; return 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq || { echo "apt-get update failed; it says why above." >&2; return 1; }
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    { echo "The packages could not be installed; apt-get says why above." >&2; return 1; }
}
