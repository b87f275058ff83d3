#!/usr/bin/env bash
# Lets testssl.sh (a Debian package) look at a running gateway's TLS, and demands that it finds nothing above LOW
# (TLS-01, TLS-05). usage: testssl_test.sh GATEWAY MAKE_PKI SCRATCH_DIR    exit code 77: skipped, testssl is not here
#
# The checks are those that a server can fail by its settings and code: protocols, cipher categories, forward secrecy,
# server defaults and the known holes that are quick to look for; about a minute and a half in all. One finding is left
# out by name: certificates of the development PKI name no address where their CRL could be fetched.
set -euo pipefail
gateway=$1 make_pki=$2 scratch=$3
command -v testssl >/dev/null || { echo "skipped: testssl.sh is not installed (apt-get install testssl.sh)"; exit 77; }

rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"
"$make_pki" pki hub=localhost >make-pki.log 2>&1
printf 'ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN\n' >organisations.csv
printf 'A11111,200000000001,,Hub,north,mailbox,localhost\n' >>organisations.csv
printf '%s\n' 'NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID' >patients.csv
cat >gateway.toml <<'TOML'
threads = 1
[listen]
port = 0
[admin]
port = 0
[tls]
certificate = "pki/hub.pem"
key = "pki/hub.key"
trust = "pki/trust.pem"
crl = "pki/crl.pem"
[directory]
organisations = "organisations.csv"
patients = "patients.csv"
[outbox]
path = "outbox.db"
[spine]
public_url = "https://localhost"
TOML

"$gateway" serve --config gateway.toml 2>gateway.log &
serving=$!
trap 'kill "$serving" 2>/dev/null; wait "$serving" 2>/dev/null || true' EXIT
port=
for _ in $(seq 200); do
  port=$(sed -n 's/.*"started".*"port":\([0-9]*\).*/\1/p' gateway.log)
  [ -n "$port" ] && break
  kill -0 "$serving" || { cat gateway.log; exit 1; }
  sleep 0.1
done
[ -n "$port" ] || { echo "the gateway did not start"; cat gateway.log; exit 1; }

limit=170
timeout "$limit" testssl --quiet --color 0 --warnings batch --sneaky --openssl-timeout 5 --connect-timeout 5 \
  --add-ca pki/trust.pem --nodns min --jsonfile found.json -p -s -f -S -R -C -H -I -T -O -Z -W -A -D -J -F \
  "localhost:$port" >testssl.log 2>&1 || true
[ -s found.json ] || { echo "testssl.sh told nothing:"; tail -n 40 testssl.log; exit 1; }
grep -q 'Done ' testssl.log || { echo "testssl.sh did not end in $limit s:"; tail -n 20 testssl.log; exit 1; }

# Flat JSON: a finding's id stands before its severity, its words after it.
awk -F'"' '
  $2 == "id" { id = $4 }
  $2 == "severity" { severity = $4; counted++ }
  $2 == "finding" && id != "cert_revocation" && severity ~ /^(MEDIUM|HIGH|CRITICAL|FATAL)$/ {
    print severity ": " id ": " $4
    bad++
  }
  END {
    print counted + 0 " findings, " bad + 0 " above LOW"
    exit !(counted >= 40 && bad == 0)
  }' found.json
