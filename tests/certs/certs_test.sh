#!/usr/bin/env bash
# Shows with openssl's own verifier that make-pki.sh makes good certificates good, and each bad one bad for its own
# reason. usage: certs_test.sh MAKE_PKI SCRATCH_DIR
set -euo pipefail

make_pki=$1 scratch=$2
failures=0

check() { # SENTENCE COMMAND...
  local sentence=$1
  shift
  if "$@" >/dev/null 2>&1; then
    printf 'ok      %s\n' "$sentence"
  else
    printf 'FAILED  %s\n' "$sentence"
    failures=$((failures + 1))
  fi
}

# openssl's verdict on a chain file, checked as the gateway does: root only, whole chain against the CRLs, strictly.
verify() { # FILE PURPOSE [ARGS...]
  local file=$1 purpose=$2
  shift 2
  openssl verify -CAfile "$pki/trust.pem" -CRLfile "$pki/crl.pem" -crl_check_all -x509_strict \
    -untrusted "$pki/$file" -purpose "$purpose" "$@" "$pki/$file" 2>&1 || true
}
accepts() { verify "$@" | grep -q ': OK$'; }
refuses() { # REASON FILE PURPOSE [ARGS...]
  local reason=$1 verdict
  shift
  verdict=$(verify "$@")
  case $verdict in
    *': OK') return 1 ;;
    *"$reason"*) return 0 ;;
    *) printf '        said instead: %s\n' "$verdict" >&2 && return 1 ;;
  esac
}
key_fits() {
  [ "$(openssl pkey -in "$pki/$1.key" -pubout)" = "$(openssl x509 -in "$pki/$1.pem" -noout -pubkey)" ]
}
bears() { openssl x509 -in "$pki/$2" -noout -checkhost "$1" | grep -q 'does match'; }
is_mode_0400() { [ "$(ls -l "$1" | cut -c1-10)" = '-r--------' ]; }
fails() { ! "$@"; }
same_files() { [ "$(cksum "$pki"/*.pem "$pki"/*.key "$pki"/bad/*)" = "$1" ]; }

for kind in ecdsa rsa; do
  pki=$scratch/$kind
  rm -rf "$pki"
  option=()
  [ "$kind" = ecdsa ] || option=(--rsa)
  "$make_pki" "${option[@]}" --days 30 "$pki" one=one.example.test two=two.example.test,alias.example.test

  for purpose in sslserver sslclient; do
    check "$kind: one is good as $purpose" accepts one.pem "$purpose" -verify_hostname one.example.test
    check "$kind: two is good as $purpose" accepts two.pem "$purpose" -verify_hostname two.example.test
    check "$kind: expired is refused as $purpose" refuses 'certificate has expired' bad/expired.pem "$purpose"
    check "$kind: revoked is refused as $purpose" refuses 'certificate revoked' bad/revoked.pem "$purpose"
    check "$kind: self_signed is refused as $purpose" refuses 'self-signed certificate' bad/self_signed.pem "$purpose"
    check "$kind: untrusted is refused as $purpose" refuses 'self-signed certificate in certificate chain' \
      bad/untrusted.pem "$purpose"
    check "$kind: wrong_purpose is refused as $purpose" refuses 'unsuitable certificate purpose' \
      bad/wrong_purpose.pem "$purpose"
    check "$kind: wrong_host is good but for its name as $purpose" accepts bad/wrong_host.pem "$purpose"
    check "$kind: wrong_host is refused by its name as $purpose" refuses 'hostname mismatch' bad/wrong_host.pem \
      "$purpose" -verify_hostname one.example.test
  done
  check "$kind: every FQDN of a party is in its certificate" \
    accepts two.pem sslserver -verify_hostname alias.example.test
  for name in expired revoked self_signed wrong_purpose untrusted; do
    check "$kind: $name bears the first party's name" bears one.example.test "bad/$name.pem"
    check "$kind: the key of $name fits" key_fits "bad/$name"
  done
  check "$kind: the key of one fits" key_fits one
  for key in "$pki"/*.key "$pki"/bad/*.key "$pki"/ca/*.key; do
    check "$kind: ${key#"$pki"/} is for its owner alone" is_mode_0400 "$key"
  done
  check "$kind: the chain file holds leaf and sub CA" test "$(grep -c 'BEGIN CERTIFICATE' "$pki/one.pem")" = 2
done

pki=$scratch/ecdsa
before=$(cksum "$pki"/*.pem "$pki"/*.key "$pki"/bad/*)
same=(--days 30 "$pki" one=one.example.test two=two.example.test,alias.example.test)
check "a second run with the same arguments succeeds" "$make_pki" "${same[@]}"
check "a second run with the same arguments changes nothing" same_files "$before"
check "other arguments are refused without --force" fails "$make_pki" --days 30 "$pki" one=other.example.test
check "refused arguments change nothing" same_files "$before"
rm -f "$pki/bad/expired.key"
check "an incomplete PKI is made anew" "$make_pki" "${same[@]}"
check "an incomplete PKI is complete afterwards" test -s "$pki/bad/expired.key"
before=$(cksum "$pki"/*.pem "$pki"/*.key "$pki"/bad/*)
kept=$(cat "$pki/one.audit.key")
check "--force succeeds" "$make_pki" --force "${same[@]}"
check "--force makes everything anew" fails same_files "$before"
check "--force keeps the audit's key" test "$(cat "$pki/one.audit.key")" = "$kept"
check "a name with a slash is refused" fails "$make_pki" "$scratch/none" ../one=one.example.test
check "an FQDN with a line break is refused" fails "$make_pki" "$scratch/none" "one=a.test
b"
mkdir -p "$scratch/others/ca"
check "a folder with a ca/ of others is refused, also with --force" fails "$make_pki" --force "$scratch/others" one=a.test
check "a folder with a ca/ of others keeps it" test -d "$scratch/others/ca"
check "refused arguments leave no folder behind" test ! -e "$scratch/none"
check "--help explains" grep -q 'usage: make-pki.sh' <("$make_pki" --help)

rm -rf "$scratch/ecdsa" "$scratch/rsa" "$scratch/others"
[ "$failures" = 0 ] || { printf '%s checks failed\n' "$failures" >&2 && exit 1; }
