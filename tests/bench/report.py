"""What a benchmark found: medians, ratios, a table, a plot."""
from statistics import median

COLUMNS = [("what", "what"), ("through", "through"), ("connections", "conns"), ("per_s", "per s"), ("p50_us", "p50 us"),
           ("p99_us", "p99 us"), ("p999_us", "p99.9 us"), ("cpu_gateway", "gw cpu"), ("cpu_nginx", "nginx cpu"),
           ("cpu_stub", "stub cpu"), ("peak_kb", "peak MB"), ("note", "")]


def rows_of(runs, **wanted):
    return [run for run in runs if all(run.get(key) == value for key, value in wanted.items())]


def middle(runs, value, **wanted):
    """The median of `value` over the rounds; None where nothing was measured."""
    found = [run[value] for run in rows_of(runs, **wanted) if run.get(value) is not None]
    return median(found) if found else None


def merged(runs):
    """The rounds of the same measurement as one row of medians."""
    groups = {}
    for run in runs:
        key = tuple(run.get(name) for name in ("what", "through", "connections", "rate", "entries"))
        groups.setdefault(key, []).append(run)
    for rounds in groups.values():
        row = dict(rounds[0])
        for name, value in rounds[0].items():
            if isinstance(value, float) or name in ("peak_kb", "refused", "broken"):
                row[name] = median([each[name] for each in rounds if each.get(name) is not None])
        yield row


def pair_ratio(runs, what, against, through="gateway", value="per_s", **wanted):
    """Median over the rounds of ours against nginx's of the same round: a loaded machine slows both."""
    ours = {run["round"]: run[value] for run in rows_of(runs, what=what, through=through, **wanted)}
    theirs = {run["round"]: run[value] for run in rows_of(runs, what=against, through="nginx", **wanted)}
    pairs = [ours[each] / theirs[each] for each in ours if theirs.get(each)]
    return median(pairs) if pairs else None


def ratios_of(runs):
    def growth(what, entries):
        least, most = (middle(runs, "p99_us", what=what, entries=each) for each in (10_000, entries))
        return most / least if least and most else None

    parse, whole = (middle(runs, "cpu_ns", what="micro", note=name) for name in ("rapidjson_alone", "json_task"))
    return {
        "relay_vs_nginx": pair_ratio(runs, "relay json", "relay json", connections=64),
        "mailbox_vs_nginx": pair_ratio(runs, "mailbox json", "relay json", connections=64),
        "relay_xml_vs_nginx": pair_ratio(runs, "relay xml", "relay xml", connections=64),
        "handshake_vs_nginx": pair_ratio(runs, "handshake full", "handshake full"),
        "resumed_vs_nginx": pair_ratio(runs, "handshake resumed", "handshake resumed"),
        "validate_vs_parse": whole / parse if parse and whole else None,
        "growth_p99_1m_vs_10k": growth("growth half load", 1_000_000),
        "growth_p99_10m_vs_10k": growth("growth half load", 10_000_000),
        "growth_full_p99_10m_vs_10k": growth("growth", 10_000_000),
    }


def shown(name, value):
    if value is None:
        return ""
    if name == "peak_kb":
        return f"{value / 1024:.1f}"
    if name.startswith("cpu_"):
        return f"{value:.2f}"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def table(runs):
    lines = [[title for _, title in COLUMNS]]
    for row in merged(run for run in runs if run["what"] != "micro"):
        lines.append([shown(name, row.get(name)) for name, _ in COLUMNS])
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    text = []
    for line in lines:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(zip(line, widths))]
        cells[-1] = line[-1]
        text.append("  ".join(cells).rstrip())
    text.append("cpu: CPU seconds of that process for 10,000 requests; peak MB: of the process measured; medians")
    micro = rows_of(runs, what="micro")
    if micro:
        text += ["", "micro-benchmark".ljust(40) + "CPU ns".rjust(16) + "time ns".rjust(16)]
        text += [run["note"].ljust(40) + f"{run['cpu_ns']:16,.0f}{run['real_ns']:16,.0f}" for run in micro]
    text += ["", "ratios"]
    text += [f"  {name:30}" + ("not measured" if value is None else f"{value:.2f}")
             for name, value in ratios_of(runs).items()]
    return "\n".join(text)


COLOURS = {"nginx": "#5b6770", "gateway, relay": "#005eb8", "gateway, mailbox": "#007f3b"}


def plot(runs):
    """Requests a second against connections, as SVG; None when there are no two points."""
    lines = {}
    for row in merged(runs):
        if row["what"] in ("relay json", "mailbox json") and "rate" not in row:
            name = "nginx" if row["through"] == "nginx" else "gateway, " + row["what"].split()[0]
            lines.setdefault(name, []).append((row["connections"], row["per_s"]))
    stops = sorted({connections for points in lines.values() for connections, _ in points})
    if len(stops) < 2:
        return None
    left, top, width, height = 80, 30, 560, 320
    most = max(rate for points in lines.values() for _, rate in points) * 1.05

    def x(connections):
        return left + width * stops.index(connections) / (len(stops) - 1)

    def y(rate):
        return top + height * (1 - rate / most)

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 40}" height="{top + height + 60}" '
           'font-family="sans-serif" font-size="13">', '<rect width="100%" height="100%" fill="white"/>']
    for step in range(6):
        rate = most * step / 5
        svg.append(f'<line x1="{left}" x2="{left + width}" y1="{y(rate):.1f}" y2="{y(rate):.1f}" stroke="#d8dde0"/>')
        svg.append(f'<text x="{left - 8}" y="{y(rate) + 4:.1f}" text-anchor="end">{rate:,.0f}</text>')
    for connections in stops:
        svg.append(f'<text x="{x(connections):.1f}" y="{top + height + 20}" text-anchor="middle">{connections}</text>')
    svg.append(f'<text x="{left + width / 2}" y="{top + height + 45}" text-anchor="middle">connections</text>')
    svg.append(f'<text x="{left}" y="{top - 12}">requests a second</text>')
    for place, (name, points) in enumerate(sorted(lines.items())):
        points.sort()
        way = " ".join(f"{x(connections):.1f},{y(rate):.1f}" for connections, rate in points)
        svg.append(f'<polyline points="{way}" fill="none" stroke="{COLOURS[name]}" stroke-width="2.5"/>')
        svg += [f'<circle cx="{x(connections):.1f}" cy="{y(rate):.1f}" r="4" fill="{COLOURS[name]}"/>'
                for connections, rate in points]
        svg.append(f'<text x="{left + 14}" y="{top + 18 + 18 * place}" fill="{COLOURS[name]}">{name}</text>')
    return "\n".join(svg + ["</svg>", ""])
