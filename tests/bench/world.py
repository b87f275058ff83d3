"""The processes of a benchmark and their files: certificates, gateway, nginx, recipient stub, load generator."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

GATEWAY, SENDER, RECIPIENT = "gateway.bench.test", "sender.bench.test", "recipient.bench.test"

ORGANISATIONS = """ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID
A20001,200000000101,GP Practice,Bench Surgery,Bench,https://{sender}:1/A20001/DSTU2/1,{sender},1
U20002,200000000102,Extended Access Hub,Bench Hub,Bench,mailbox,{gateway},2
B20003,200000000103,GP Practice,Bench Practice,Bench,https://{recipient}:{stub}/B20003/DSTU2/1,{recipient},3
"""

PATIENTS = """NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,\
ADDR4,ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID
9990000018,14/07/1945,,Appleby,Rowan,,Ms,,,,,,,,A20001,1
9990002754,31/05/1962,,Cotton,Ash,,Mr,,,,,,,,B20003,3
"""

# There may be 256 connections to the recipient, as many as drive the gateway unless more are asked for; beyond that, as
# in the section on memory, tasks wait for one.
GATEWAY_TOML = """log_level = "warn"
[listen]
address = "127.0.0.1"
port = {port}
[admin]
address = "127.0.0.1"
port = {admin}
[tls]
certificate = "pki/gateway.pem"
key = "pki/gateway.key"
trust = "pki/trust.pem"
crl = "pki/crl.pem"
resumption = true
[directory]
organisations = "organisations.csv"
patients = "patients.csv"
[spine]
public_url = "https://{gateway}:{port}"
[outbox]
path = "{outbox}"
[delivery]
connections_per_recipient = 256
waiting_per_recipient = 2048
[limits]
sender_rate_per_s = 1000000
connections = 20000
connections_per_peer = 20000
[hosts]
"{recipient}:{stub}" = "127.0.0.1:{stub}"
"""

# As plain as a proxy can be: both legs mutual TLS and kept alive, nothing logged, nothing written.
NGINX_CONF = """worker_processes auto;
worker_rlimit_nofile 65536;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx-error.log;
events {{ worker_connections 24000; }}
http {{
  access_log off;
  client_body_temp_path {dir}/nginx-body;
  proxy_temp_path {dir}/nginx-proxy;
  fastcgi_temp_path {dir}/nginx-fastcgi;
  uwsgi_temp_path {dir}/nginx-uwsgi;
  scgi_temp_path {dir}/nginx-scgi;
  keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  upstream recipient {{ server 127.0.0.1:{stub}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {dir}/pki/gateway.pem;
    ssl_certificate_key {dir}/pki/gateway.key;
    ssl_client_certificate {dir}/pki/trust.pem;
    ssl_crl {dir}/pki/crl.pem;
    ssl_verify_client on;
    ssl_verify_depth 3;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:bench:10m;
    location / {{
      proxy_pass https://recipient;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_ssl_certificate {dir}/pki/gateway.pem;
      proxy_ssl_certificate_key {dir}/pki/gateway.key;
      proxy_ssl_trusted_certificate {dir}/pki/trust.pem;
      proxy_ssl_verify on;
      proxy_ssl_verify_depth 3;
      proxy_ssl_name {recipient};
      proxy_ssl_server_name on;
    }}
  }}
}}
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Process:
    """One server of the benchmark, with what it has used."""

    def __init__(self, name, words, log, ready):
        self.name = name
        self.log = Path(log)
        self.child = subprocess.Popen(words, stdout=self.log.open("ab"), stderr=subprocess.STDOUT,
                                      stdin=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 600
        while not ready():
            if self.child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} did not start; see {log}")
            time.sleep(0.01)

    def pids(self):
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        return [self.child.pid] + [int(pid) for pid in children.read_text().split()]

    def cpu_s(self):
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_kb(self, line="VmHWM"):
        """VmHWM: the most it ever had; VmRSS: what it has now."""
        total = 0
        for pid in self.pids():
            for each in Path(f"/proc/{pid}/status").read_text().splitlines():
                if each.startswith(line + ":"):
                    total += int(each.split()[1])
        return total

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            self.child.wait(120)


def listens(port):
    def ready():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    return ready


class World:
    def __init__(self, top, build, directory):
        self.dir = Path(directory).resolve()
        self.dir.mkdir(parents=True, exist_ok=True)
        self.gateway_program = Path(build).resolve() / "gateway/app/gpconnect-gateway"
        self.bench_program = Path(build).resolve() / "tests/bench/gateway-bench"
        self.nginx_program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        self.processes = {}
        self.port, self.admin, self.nginx_port, self.stub_port = free_ports(4)
        subprocess.run([Path(top) / "certs/make-pki.sh", self.dir / "pki", f"gateway={GATEWAY}", f"sender={SENDER}",
                        f"recipient={RECIPIENT}"], check=True, stdout=subprocess.DEVNULL)
        names = {"gateway": GATEWAY, "sender": SENDER, "recipient": RECIPIENT, "stub": self.stub_port}
        (self.dir / "organisations.csv").write_text(ORGANISATIONS.format(**names))
        (self.dir / "patients.csv").write_text(PATIENTS)
        (self.dir / "nginx.conf").write_text(
            NGINX_CONF.format(dir=self.dir, port=self.nginx_port, **names))
        self.names = names

    def start_stub(self):
        self.processes["stub"] = Process("stub", [self.bench_program, "stub", "--port", str(self.stub_port),
                                                  *self.files("recipient")], self.dir / "stub.log",
                                         listens(self.stub_port))

    def start_nginx(self):
        if self.nginx_program is None:
            return
        self.processes["nginx"] = Process("nginx", [self.nginx_program, "-c", self.dir / "nginx.conf", "-p", self.dir,
                                                    "-e", self.dir / "nginx-error.log"],
                                          self.dir / "nginx.log", listens(self.nginx_port))

    def start_gateway(self, outbox="outbox.db"):
        """Gives the seconds until it was ready."""
        self.stop("gateway")
        config = self.dir / "gateway.toml"
        config.write_text(GATEWAY_TOML.format(port=self.port, admin=self.admin, outbox=outbox, **self.names))

        def ready():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=1) as answer:
                    return answer.status == 200
            except OSError:
                return False

        begun = time.monotonic()
        self.processes["gateway"] = Process("gateway", [self.gateway_program, "serve", "--config", config],
                                            self.dir / "gateway.log", ready)
        return time.monotonic() - begun

    def fill(self, outbox, entries, unfinished=False):
        """A database of so many entries, made once and kept. Gives a fresh copy's name, to be used up."""
        kept = self.dir / f"filled-{entries}{'-unfinished' if unfinished else ''}.db"
        if not kept.exists():
            half = kept.with_suffix(".half")
            for rest in (half, Path(f"{half}-wal"), Path(f"{half}-shm")):
                rest.unlink(missing_ok=True)
            subprocess.run([self.bench_program, "fill", "--outbox", half, "--entries", str(entries),
                            *(["--unfinished"] if unfinished else [])], check=True)
            half.rename(kept)
        self.remove(outbox)
        subprocess.run(["cp", "--sparse=never", kept, self.dir / outbox], check=True)
        os.sync()
        return outbox

    def remove(self, outbox):
        for path in self.dir.glob(f"{outbox}*"):
            path.unlink()

    def files(self, party):
        pki = self.dir / "pki"
        return ["--certificate", pki / f"{party}.pem", "--key", pki / f"{party}.key", "--trust", pki / "trust.pem"]

    def target(self, proxy):
        port = self.nginx_port if proxy == "nginx" else self.port
        return ["--host", GATEWAY, "--port", str(port), *self.files("sender")]

    def drive(self, command, proxy, *options):
        """One run of the load generator: what it says, and what each server used for it."""
        before = {name: process.cpu_s() for name, process in self.processes.items()}
        done = subprocess.run([self.bench_program, command, *self.target(proxy), *map(str, options)],
                              check=True, stdout=subprocess.PIPE)
        row = json.loads(done.stdout)
        used = {name: process.cpu_s() - before[name] for name, process in self.processes.items()}
        return row, used

    def stop(self, name):
        process = self.processes.pop(name, None)
        if process is not None:
            process.stop()

    def stop_all(self):
        for name in list(self.processes):
            self.stop(name)
