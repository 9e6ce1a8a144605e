"""Table, CSV and picture of a comparison."""

from __future__ import annotations

import csv
import os
import platform
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.engines import ENGINES, OURS

Row = dict[str, Any]
Key = tuple[str, str, str, str]

COLUMNS = (
    "size", "tightness", "seed", "repeat", "engine", "time_limit_s", "status", "served", "weight",
    "value", "bound", "share", "km", "gini", "wall_s", "cpu_s", "peak_mb", "start_mb", "violations",
    "first_violation", "bound_searched", "bound_undecided",
)  # fmt: skip

COLOURS = {
    OURS: "#0b6e4f", "nearest-first": "#767676", "ortools-routing": "#b85c00",
    "vroom-0": "#9bb7e0", "vroom-1": "#5b8ad0", "vroom-5": "#1f4e9c", "pyvrp": "#a03070",
}  # fmt: skip


def write_report(rows: Sequence[Row], folder: Path) -> None:
    """Write ``results.csv``, ``results.md`` and ``results.png`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = add_shares(rows)
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    (folder / "results.md").write_text(format_report(rows), encoding="utf-8")
    draw(rows, folder / "results.png")


def add_shares(rows: Sequence[Row]) -> list[Row]:
    """Each plan's value as a share of the bound that our engine proved for the same instance."""
    bounds: dict[tuple[Any, ...], float] = {}
    for row in rows:
        if row.get("bound"):
            key = (row["size"], row["seed"], row["tightness"])
            bounds[key] = min(row["bound"], bounds.get(key, row["bound"]))
    full = []
    for row in rows:
        bound = bounds.get((row["size"], row["seed"], row["tightness"]))
        share = row["value"] / bound if bound and "value" in row else None
        full.append({**row, "share": share})
    return full


def format_report(rows: Sequence[Row]) -> str:
    """The report as Markdown."""
    parts = ["# Comparison of engines", "", *_describe_setting(rows), ""]
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["size"], row["tightness"]].append(row)
    for (size, tightness), members in groups.items():
        seeds = sorted({row["seed"] for row in members})
        parts += [f"## {size}, {tightness} (seeds {', '.join(map(str, seeds))})", ""]
        parts += [*_format_table(members), ""]
    return "\n".join(parts)


def _describe_setting(rows: Sequence[Row]) -> list[str]:
    packages = sorted({name for engine in ENGINES.values() for name in engine.packages})
    names = {row["engine"] for row in rows}
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = f"{_cpu_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return [
        "Every engine ran alone in its own process, with one thread, on the identical problem; one",
        "checker judged every plan. Wall time goes from the problem in memory to the routes, with",
        "matrices and models. Memory is the peak of the whole process. `share` is the plan's value",
        "divided by the bound that Talkoot proved for the instance; means over the seeds, medians",
        "for times. The last two columns compare with Talkoot on the same instances.",
        "",
        f"Machine: {machine}, {python}; load average at the end: {load}.",
        f"Versions: {', '.join(_versions(packages))}.",
        f"Engines: {', '.join(sorted(names))}.",
    ]


def _cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else "unknown processor"


def _versions(packages: Iterable[str]) -> list[str]:
    found = []
    for name in packages:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return found


def _format_table(rows: Sequence[Row]) -> list[str]:
    names = ["engine", "limit s", "served", "weight", "share", "spread", "km", "Gini", "wall s"]
    names += ["CPU s", "MB", "weight, ours = 0", "time, ours = 1"]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    ours = [row for row in rows if row["engine"] == OURS and "value" in row]
    for (engine, limit), members in _by_setting(rows).items():
        good = [row for row in members if "value" in row]
        label = f"**{engine}**" if engine == OURS else engine
        if not good:
            why = "; ".join(sorted({row["status"] for row in members}))
            lines.append(f"| {label} | {limit} | {why} |" + " |" * 10)
            continue
        lines.append(f"| {label} | {limit} | {_format_figures(good, members, ours)} |")
    return lines


def _by_setting(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows of one engine, runs to the usual limit apart from those with ten times our time."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    limits: dict[str, set[float]] = defaultdict(set)
    for row in rows:
        if row["time_limit_s"] is not None:
            limits[row["engine"]].add(row["time_limit_s"])
    fixed = {5.0, 30.0, 60.0}
    for row in rows:
        limit = row["time_limit_s"]
        label = "" if limit is None else f"{limit:g}"
        if limit is not None and limit not in fixed and len(limits[row["engine"]]) > 1:
            label = "10 x ours"
        groups[row["engine"], label].append(row)
    return dict(sorted(groups.items(), key=lambda item: (item[0][0] != OURS, item[0])))


def _format_figures(good: list[Row], members: list[Row], ours: list[Row]) -> str:
    shares = [row["share"] for row in good if row["share"] is not None]
    cells = [
        f"{mean(row['served'] for row in good):,.0f}",
        f"{mean(row['weight'] for row in good):,.0f}",
        f"{mean(shares):.2%}" if shares else "",
        f"{min(shares):.2%} to {max(shares):.2%}" if shares else "",
        f"{mean(row['km'] for row in good):,.0f}",
        f"{mean(row['gini'] for row in good):.3f}",
        f"{median(row['wall_s'] for row in good):.2f}",
        f"{median(row['cpu_s'] for row in good):.2f}",
        f"{median(row['peak_mb'] for row in good):,.0f}",
        *_compare_with_ours(good, ours),
    ]
    if any(row["status"] != "ok" for row in members):
        cells[0] += " (" + "; ".join(sorted({row["status"] for row in members} - {"ok"})) + ")"
    return " | ".join(cells)


def _compare_with_ours(good: list[Row], ours: list[Row]) -> tuple[str, str]:
    """Weight and wall time as multiples of ours, on the instances that both solved."""
    mine: dict[tuple[int, int], Row] = {(row["seed"], row.get("repeat", 0)): row for row in ours}
    pairs = [
        (row, mine[row["seed"], row.get("repeat", 0)])
        for row in good
        if (row["seed"], row.get("repeat", 0)) in mine
    ]
    if not pairs:
        return "", ""
    weight = sum(row["weight"] for row, _ in pairs) / sum(own["weight"] for _, own in pairs)
    time = median(row["wall_s"] / own["wall_s"] for row, own in pairs)
    return f"{weight - 1:+.1%}", f"{time:.3g}"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the share of the bound against wall time, one panel for each size."""
    import matplotlib  # heavy: only when a picture is wanted

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = list(dict.fromkeys(row["size"] for row in rows if row.get("share") is not None))
    if not sizes:
        return
    figure, panels = pyplot.subplots(1, len(sizes), figsize=(5.2 * len(sizes), 4), squeeze=False)
    for panel, size in zip(panels[0], sizes, strict=True):
        points = [row for row in rows if row["size"] == size and row.get("share") is not None]
        for name in COLOURS:
            own = [row for row in points if row["engine"] == name]
            if own:
                panel.scatter(
                    [row["wall_s"] for row in own],
                    [100 * row["share"] for row in own],
                    label=name,
                    color=COLOURS[name],
                    marker="o" if name == OURS else "s",
                    s=36,
                )
        panel.set_xscale("log")
        panel.set_title(f"{size} requests x volunteers")
        panel.set_xlabel("wall time on one core, seconds")
        panel.set_ylabel("value, % of the proven bound")
        panel.grid(visible=True, alpha=0.25)
    panels[0][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    pyplot.close(figure)
