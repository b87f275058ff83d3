#!/usr/bin/env bash
# Makes a development PKI shaped like the one that real parties use: a root CA, a sub CA that issues, CRLs of both, one
# certificate for each party, and the bad certificates that tests need. Never for production: see certs/README.md.
# Needs bash, openssl 1.1.1 or later, and POSIX tools.
set -euo pipefail
umask 077

usage() {
  cat <<'TEXT'
usage: make-pki.sh [--rsa] [--days N] [--force] DIR NAME=FQDN[,FQDN...] [NAME=FQDN...]

Makes a development PKI in DIR. Each party NAME gets NAME.pem (leaf, then sub CA) and NAME.key, good as TLS server
and as TLS client, for its FQDNs.

  --rsa      RSA 2048 keys instead of ECDSA P-256
  --days N   validity of certificates and CRLs in days (default 825)
  --force    make everything anew, also when DIR is complete or holds a PKI made with other arguments
  --help     this text

In DIR:
  trust.pem  the trust anchor: the root CA; peers send the sub CA themselves
  crl.pem    the CRLs of root and sub CA, for revocation checks of the whole chain
  NAME.pem   NAME.key
  NAME.audit.key  the key of NAME's audit; kept, once it is there, also by --force
  bad/       expired, revoked, self_signed, untrusted, wrong_purpose: as the first party's, each with one fault;
             wrong_host: faultless, but for wrong-host.invalid
  ca/        the CAs with their keys and databases

Does nothing when DIR is complete for the same arguments and stays valid for another day.

example: make-pki.sh dev-pki gateway=gateway.example.test practice=practice.example.test
TEXT
}

die() {
  printf 'make-pki.sh: %s\n' "$1" >&2
  exit 1
}

rsa=no days=825 force=no
while [ $# -gt 0 ]; do
  case $1 in
    --rsa) rsa=yes ;;
    --force) force=yes ;;
    --days)
      [ $# -ge 2 ] || die "--days needs a number"
      days=$2
      shift
      ;;
    --days=*) days=${1#--days=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      shift
      break
      ;;
    -*) die "unknown option $1 (see --help)" ;;
    *) break ;;
  esac
  shift
done
case $days in
  '' | *[!0-9]* | 0* | ??????*) die "--days takes a number from 1 to 99999, not '$days'" ;;
esac
if [ $# -lt 2 ]; then
  usage >&2
  exit 2
fi
dir=$1
shift
parties=("$@")
seen=' '
for party in "${parties[@]}"; do
  name=${party%%=*} fqdns=${party#*=}
  [ "$name" != "$party" ] || die "'$party' is not NAME=FQDN"
  case $name in
    '' | *[!A-Za-z0-9_-]* | -*) die "the name in '$party' may hold letters, digits, _ and - only" ;;
    trust | crl | bad | ca) die "'$name' is a name that this script uses itself; choose another" ;;
  esac
  case $seen in *" $name "*) die "the name '$name' is given twice" ;; esac
  seen="$seen$name "
  case $fqdns in
    '' | *[!A-Za-z0-9.,-]* | ,* | *, | *,,*) die "'$fqdns' in '$party' is not an FQDN or a list of them with commas" ;;
  esac
  first=${fqdns%%,*}
  [ ${#first} -le 64 ] || die "'$first' is longer than the 64 characters that a common name may have"
done
command -v openssl >/dev/null || die "openssl is not installed"

bad_names=(expired revoked self_signed wrong_host wrong_purpose untrusted)
stamp="rsa=$rsa days=$days ${parties[*]}"

is_complete() {
  [ -f "$dir/ca/made-with" ] && [ "$(cat "$dir/ca/made-with")" = "$stamp" ] || return 1
  local file
  for file in trust crl; do [ -s "$dir/$file.pem" ] || return 1; done
  for file in "${parties[@]%%=*}" "${bad_names[@]/#/bad/}"; do
    [ -s "$dir/$file.pem" ] && [ -s "$dir/$file.key" ] || return 1
  done
  openssl x509 -in "$dir/trust.pem" -noout -checkend 86400 >/dev/null
}

# What this script replaces must be its own: DIR may be a folder that holds other things.
if [ ! -f "$dir/ca/made-with" ] && [ ! -f "$dir/ca/root.cnf" ]; then
  for file in "$dir/ca" "$dir/bad"; do
    [ ! -e "$file" ] || die "$file exists and was not made by this script; choose another DIR"
  done
fi

# Never made anew: what was written under it can be checked with no other.
make_audit_keys() {
  local file
  for file in "${parties[@]%%=*}"; do
    file=$dir/$file.audit.key
    [ -s "$file" ] || (umask 277 && openssl rand -hex 32 >"$file")
  done
}

if [ "$force" = no ]; then
  if is_complete; then
    make_audit_keys
    exit 0
  fi
  if [ -f "$dir/ca/made-with" ] && [ "$(cat "$dir/ca/made-with")" != "$stamp" ]; then
    die "$dir holds a PKI made with other arguments ($(cat "$dir/ca/made-with")); --force replaces it"
  fi
fi

mkdir -p "$dir"
work=$(mktemp -d "$dir/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/bad" "$work/ca"
log="$work/openssl.log"

# Run openssl quietly; show what it said only when it failed.
run() {
  if ! openssl "$@" >>"$log" 2>&1; then
    cat "$log" >&2
    die "openssl $1 failed"
  fi
}

if [ "$rsa" = yes ]; then
  new_key=(-newkey rsa:2048 -nodes)
else
  new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
fi

# The configuration of one CA. Leaf profiles take the SAN from the environment.
write_config() { # CA_NAME
  cat >"$work/ca/$1.cnf" <<TEXT
[req]
distinguished_name = dn
prompt = no
utf8 = yes
string_mask = utf8only
[dn]
O = Development only
CN = \${ENV::PKI_CN}
[ca]
default_ca = this
[this]
database = $work/ca/$1.index
crlnumber = $work/ca/$1.crlnumber
new_certs_dir = $work/ca
certificate = $work/ca/$1.pem
private_key = $work/ca/$1.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
crl_extensions = crl
[any]
organizationName = optional
commonName = supplied
[crl]
authorityKeyIdentifier = keyid:always
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[sub]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[party]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = \${ENV::PKI_SAN}
[wrong_purpose]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = \${ENV::PKI_SAN}
[self_signed]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
subjectAltName = \${ENV::PKI_SAN}
TEXT
  : >"$work/ca/$1.index"
  printf '01\n' >"$work/ca/$1.crlnumber"
}

export PKI_CN='' PKI_SAN='DNS:unused.invalid'

# A self-signed certificate: OUT.pem, OUT.key.
self_sign() { # CONFIG_OF_CA PROFILE OUT
  run req -x509 -new -config "$work/ca/$1.cnf" -extensions "$2" "${new_key[@]}" -keyout "$work/$3.key" \
    -out "$work/$3.pem" -days "$days" -sha256
}

# A certificate by a CA: OUT.pem, OUT.key; further arguments go to `openssl ca`.
issue() { # CA PROFILE OUT [ARGS...]
  local ca=$1 profile=$2 out=$3
  shift 3
  run req -new -config "$work/ca/$ca.cnf" "${new_key[@]}" -keyout "$work/$out.key" -out "$work/request.csr"
  [ $# -gt 0 ] || set -- -days "$days"
  run ca -batch -notext -config "$work/ca/$ca.cnf" -extensions "$profile" -in "$work/request.csr" \
    -out "$work/$out.pem" "$@"
}

make_root() { # CA_NAME COMMON_NAME
  write_config "$1"
  PKI_CN=$2 self_sign "$1" root "ca/$1"
}

# A certificate by the sub CA, with the sub CA behind it.
issue_with_chain() { # PROFILE OUT [ARGS...]
  issue sub "$@"
  cat "$work/ca/sub.pem" >>"$work/$2.pem"
}

write_crl() { # CA_NAME
  run ca -batch -config "$work/ca/$1.cnf" -gencrl -crldays "$days" -md sha256 -out "$work/ca/$1.crl"
}

san_of() { # FQDN[,FQDN...]
  printf 'DNS:%s' "${1//,/,DNS:}"
}

make_root root 'Development Root CA'
write_config sub
PKI_CN='Development Sub CA' issue root sub ca/sub
cp "$work/ca/root.pem" "$work/trust.pem"

for party in "${parties[@]}"; do
  fqdns=${party#*=}
  PKI_CN=${fqdns%%,*} PKI_SAN=$(san_of "$fqdns") issue_with_chain party "${party%%=*}"
done

fqdns=${parties[0]#*=}
PKI_CN=${fqdns%%,*} PKI_SAN=$(san_of "$fqdns")
issue_with_chain party bad/expired -startdate 20200101000000Z -enddate 20210101000000Z
issue_with_chain party bad/revoked
run ca -batch -config "$work/ca/sub.cnf" -revoke "$work/bad/revoked.pem" -crl_reason keyCompromise
issue_with_chain wrong_purpose bad/wrong_purpose
self_sign sub self_signed bad/self_signed
PKI_CN=wrong-host.invalid PKI_SAN=DNS:wrong-host.invalid issue_with_chain party bad/wrong_host
make_root other 'Another Root CA'
issue other party bad/untrusted
cat "$work/ca/other.pem" >>"$work/bad/untrusted.pem"

write_crl root
write_crl sub
cat "$work/ca/root.crl" "$work/ca/sub.crl" >"$work/crl.pem"

# Into place: certificates for all to read, keys for their owner alone; the stamp last.
rm -f "$work"/ca/other.* "$work"/ca/*.old "$work"/ca/*.attr "$work/request.csr" "$log"
find "$work/ca" -name '[0-9A-F]*.pem' -exec rm -f {} +
absolute=$(cd "$dir" && pwd)
for ca in root sub; do
  sed "s|$work/ca|$absolute/ca|g" "$work/ca/$ca.cnf" >"$work/ca/$ca.cnf.new"
  mv "$work/ca/$ca.cnf.new" "$work/ca/$ca.cnf"
done
find "$work" -name '*.key' -exec chmod 0400 {} +
find "$work" -name '*.pem' -exec chmod 0644 {} +
chmod 0755 "$work/bad"
rm -rf "$dir/bad" "$dir/ca"
mv -f "$work"/* "$dir/"
make_audit_keys
printf '%s\n' "$stamp" >"$dir/ca/made-with"

printf '%s\n' \
  "trust anchor and CRLs: $dir/trust.pem $dir/crl.pem" \
  "parties:               $(printf '%s ' "${parties[@]%%=*}")" \
  "bad certificates:      $(printf '%s ' "${bad_names[@]/#/bad/}")"
