"""The benchmarks: see run.sh --help. Everything runs on this machine; ours and nginx take turns in each round, so that
other work on the machine falls on both."""
import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import report
from world import World

SECTIONS = ("proxy", "handshakes", "memory", "growth", "startup", "micro")
HALF_LOAD = 0.5


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, world):
        self.options = options
        self.world = world
        self.runs = []
        self.through = ["gateway"] + (["nginx"] if world.nginx_program else [])

    def note(self, row):
        self.runs.append(row)
        say(f"  {row['what']:18} {row.get('through', ''):8} {row.get('connections', ''):>5} "
            f"{row.get('per_s', 0):>10,.0f}/s  p50 {row.get('p50_us', 0):>8,.0f} us  p99 {row.get('p99_us', 0):>8,.0f} us"
            f"  {row.get('note', '')}")

    def load(self, what, through, each_round, recipient, form, connections, rate=0, warm_up=None, **more):
        warm_up = self.options.warm_up if warm_up is None else warm_up
        row, used = self.world.drive("load", through, "--recipient", recipient, "--format", form, "--connections",
                                     connections, "--rate", rate, "--seconds", self.options.seconds,
                                     "--warm-up", warm_up)
        if row["requests"] == 0 or row["refused"] or row["broken"]:
            raise RuntimeError(f"{what} through {through} is no measurement: {row}")
        # CPU is counted over the warm-up too, so requests are scaled to the same time.
        served = row["per_s"] * (self.options.seconds + warm_up)
        row |= {f"cpu_{name}": seconds * 10_000 / served for name, seconds in used.items()}
        row |= {"what": what, "through": through, "round": each_round, "connections": connections,
                "peak_kb": self.world.processes[through].memory_kb(), **more}
        if rate:
            row["rate"] = rate
        self.note(row)
        return row

    def proxy(self):
        """Relay and mailbox beside nginx as a plain proxy, over a store that holds entries already."""
        options, world = self.options, self.world
        say(f"proxy: a store of {options.rows:,} entries")
        world.start_gateway(world.fill("proxy.db", options.rows))
        for each_round in range(options.rounds):
            for connections in options.connections:
                for through in self.through:
                    self.load("relay json", through, each_round, "endpoint", "json", connections)
                self.load("mailbox json", "gateway", each_round, "mailbox", "json", connections)
            for through in self.through:
                self.load("relay xml", through, each_round, "endpoint", "xml", 64)
        most = report.middle(self.runs, "per_s", what="relay json", through="gateway", connections=64)
        for each_round in range(options.rounds):
            # ANS-12: the answer in under 100 ms at p99, the recipient's own time with it.
            self.load("half load", "gateway", each_round, "endpoint", "json", 64, rate=int(most * HALF_LOAD))

    def handshakes(self):
        say("handshakes")
        self.world.start_gateway()
        for each_round in range(self.options.rounds):
            for what, flag in (("handshake full", []), ("handshake resumed", ["--resumed"])):
                for through in self.through:
                    row, used = self.world.drive("handshakes", through, "--seconds", self.options.seconds, *flag)
                    row |= {f"cpu_{name}": seconds * 10_000 / row["handshakes"] for name, seconds in used.items()}
                    row |= {"what": what, "through": through, "round": each_round, "connections": 16,
                            "note": f"{row['resumed']:,} of {row['handshakes']:,} resumed"}
                    self.note(row)

    def memory(self):
        """What idle connections hold, each having carried one task."""
        say("memory")
        for connections in self.options.idle:
            for through in self.through:
                self.world.remove("memory.db")
                self.world.start_gateway("memory.db")
                if through == "nginx":
                    self.world.stop("nginx")
                    self.world.start_nginx()
                process = self.world.processes[through]
                before = process.memory_kb("VmRSS")
                holder = subprocess.Popen([self.world.bench_program, "hold", *self.world.target(through),
                                           "--connections", str(connections)], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE)
                if holder.stdout.readline() != b"ready\n":
                    raise RuntimeError(f"{connections} connections to {through} could not be held")
                after = process.memory_kb("VmRSS")
                holder.communicate()
                self.note({"what": "idle", "through": through, "round": 0, "connections": connections,
                           "peak_kb": after, "kb_each": (after - before) / connections,
                           "note": f"{(after - before) / connections:.1f} KB a connection"})
        self.world.remove("memory.db")
        if self.options.loaded:
            self.world.start_gateway("memory.db")
            # Until all have made their handshakes, whose CPU would count with that of the tasks.
            row = self.load("memory at load", "gateway", 0, "endpoint", "json", self.options.loaded,
                            warm_up=max(self.options.warm_up, self.options.loaded / 200))
            for name in [name for name in row if name.startswith("cpu_")]:
                del row[name]
            self.world.stop("gateway")
            self.world.remove("memory.db")

    def growth(self):
        """The same load over stores of different sizes, in turns."""
        options = self.options
        for entries in options.growth:
            say(f"growth: making {entries:,} entries")
            self.world.fill("growth.db", entries)
        rate = None
        for each_round in range(options.rounds):
            for entries in options.growth:
                self.world.start_gateway(self.world.fill("growth.db", entries))
                note = f"{entries:,} entries"
                row = self.load("growth", "gateway", each_round, "endpoint", "json", 64, entries=entries, note=note)
                rate = rate or int(row["per_s"] * HALF_LOAD)
                self.load("growth half load", "gateway", each_round, "endpoint", "json", 64, rate=rate, entries=entries,
                          note=note)
        self.world.stop("gateway")
        self.world.remove("growth.db")

    def startup(self):
        for entries in self.options.startup:
            say(f"startup: making {entries:,} unfinished entries")
            took = self.world.start_gateway(self.world.fill("startup.db", entries, unfinished=True))
            self.note({"what": "startup", "through": "gateway", "round": 0, "entries": entries, "seconds": took,
                       "note": f"{entries:,} unfinished entries: ready after {took:.1f} s"})
        self.world.stop("gateway")
        self.world.remove("startup.db")

    def micro(self):
        say("micro-benchmarks")
        for program in sorted(self.world.bench_program.parent.glob("micro_*")):
            if not program.is_file() or not os.access(program, os.X_OK):
                continue
            found = subprocess.run([program, "--benchmark_format=json", f"--benchmark_min_time={self.options.micro_s}"],
                                   check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.world.dir)
            for each in json.loads(found.stdout)["benchmarks"]:
                unit = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[each["time_unit"]]
                self.runs.append({"what": "micro", "round": 0, "note": each["name"], "cpu_ns": each["cpu_time"] * unit,
                                  "real_ns": each["real_time"] * unit})


def numbers(text):
    return [int(each) for each in text.split(",") if each]


def parsed():
    parser = argparse.ArgumentParser(prog="run.sh", description="Benchmarks of the gateway beside nginx as a plain proxy.")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="one short round over small stores")
    parser.add_argument("--json", action="store_true", help="print one JSON object with 'runs' and 'ratios'")
    parser.add_argument("--only", default="", help=f"sections, with commas: {', '.join(SECTIONS)}")
    parser.add_argument("--dir", default=None, help="where the files go; filled stores are kept there (build/bench)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="measured in each run")
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--rows", type=int, default=1_000_000, help="entries in the store of section proxy")
    parser.add_argument("--connections", type=numbers, default=[1, 16, 64, 256], help="of section proxy, with commas")
    parser.add_argument("--idle", type=numbers, default=[100, 1_000, 10_000], help="of section memory")
    parser.add_argument("--loaded", type=int, default=1_000, help="connections of section memory that carry tasks")
    parser.add_argument("--growth", type=numbers, default=[10_000, 1_000_000, 10_000_000],
                        help="entries, with commas; 10,000,000 take 30 GB of disk while they are measured")
    parser.add_argument("--startup", type=numbers, default=[1_000_000], help="unfinished entries")
    parser.add_argument("--micro-s", type=float, default=0.5, help="seconds for each micro-benchmark")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up, options.rows = 1, 2, 0.5, 10_000
        options.connections, options.idle, options.loaded = [1, 64], [100, 1_000], 0
        options.growth, options.startup, options.micro_s = [10_000, 100_000], [10_000], 0.1
    options.only = [name for name in options.only.split(",") if name] or list(SECTIONS)
    unknown = set(options.only) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    return options


def main():
    options = parsed()
    top = Path(__file__).resolve().parents[2]
    world = World(top, options.build, options.dir or top / "build/bench")
    bench = Bench(options, world)
    if world.nginx_program is None:
        say("nginx is not installed here (Debian: nginx-light): the gateway is measured alone, without ratios to it")
    load = os.getloadavg()
    failed = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers end with us
    try:
        world.start_stub()
        world.start_nginx()
        for name in options.only:
            try:
                getattr(bench, name)()
            except RuntimeError as error:  # one section's trouble does not take the others' figures
                failed.append(name)
                say(f"{name}: {error}")
    finally:
        world.stop_all()
    picture = report.plot(bench.runs)
    if picture:
        (world.dir / "throughput.svg").write_text(picture)
    if options.json:
        machine = {"cpus": os.cpu_count(), "load_at_start": load[0]}
        print(json.dumps({"machine": machine, "runs": bench.runs, "ratios": report.ratios_of(bench.runs)}, indent=1))
    else:
        print(f"{os.cpu_count()} CPUs, load average {load[0]:.1f} at the start\n" + report.table(bench.runs))
        if picture:
            print(f"plot: {world.dir / 'throughput.svg'}")
    if failed:
        sys.exit(f"no whole measurement of: {', '.join(failed)}")


if __name__ == "__main__":
    main()
