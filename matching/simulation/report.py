"""What a comparison writes: a CSV of every storm, and a page of tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from matching.simulation.compare import Interval, Results
from matching.simulation.goals import Goal
from matching.simulation.measures import MEASURES
from matching.simulation.parameters import SCENARIOS, SOURCES, Behaviour
from matching.simulation.policies import BOUND, CONTESTANTS

COLUMNS = (
    ("served", "homes", 1, 1.0),
    ("weight", "weight", 1, 1.0),
    ("urgent_share", "urgent %", 0, 100.0),
    ("messages_per_served", "messages per home", 2, 1.0),
    ("messages_p50", "p50", 1, 1.0),
    ("messages_p95", "p95", 1, 1.0),
    ("inactive_share", "left %", 1, 100.0),
    ("worst_area_share", "worst area %", 1, 100.0),
    ("km_per_served", "km per home", 2, 1.0),
    ("load_gini", "Gini", 2, 1.0),
    ("hours_to_accept", "h to yes", 2, 1.0),
)
"""Measure, heading, digits, factor."""

INTRODUCTION = (
    "Made by `talkoot simulate`. All of this is a model: no number of how people behave comes from"
    " a snow programme, and no ratio here may be quoted as a result of the product."
)


def write_rows(results: Results, path: Path) -> None:
    """Every storm as one line of a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scenario", "policy", "seed", "storm", *MEASURES])
        for row in results.rows:
            values = [f"{row.values[name]:.6g}" if name in row.values else "" for name in MEASURES]
            writer.writerow([row.scenario, row.policy, row.seed, row.storm, *values])


def table_of(
    results: Results, scenario: str, *, columns: Sequence[str] = MEASURES
) -> list[list[str]]:
    """A heading and one line for each policy: means with 95 % intervals where it matters."""
    chosen = [column for column in COLUMNS if column[0] in columns]
    lines = [["policy", *(heading for _, heading, _, _ in chosen)]]
    for policy in results.policies(scenario):
        cells = [policy]
        for name, _, digits, factor in chosen:
            if policy == BOUND and name not in ("served", "weight"):
                cells.append("")
                continue
            one = scale(results.mean(scenario, policy, name), factor)
            cells.append(one.words(digits) if name in ("served", "weight") else _plain(one, digits))
        lines.append(cells)
    return lines


def ratios_of(results: Results, scenario: str, ours: str) -> list[list[str]]:
    """A heading and one line for each other policy: how ours compares, paired by seed."""
    lines = [[f"{ours} against", "homes", "weight", "messages"]]
    for other in results.policies(scenario):
        if other == ours:
            continue
        names = ("served", "weight") if other == BOUND else ("served", "weight", "messages")
        cells = [results.ratio(scenario, ours, other, name).words(3) for name in names]
        lines.append([other, *cells, *[""] * (3 - len(cells))])
    return lines


def goals_table(goals: Sequence[Goal]) -> list[list[str]]:
    """A heading and one line for each goal."""
    lines = [["goal", "what", "target", "measured (95 %)", "n", ""]]
    return lines + [
        [
            goal.id,
            goal.words,
            f"{goal.sign} {goal.target:g}",
            goal.measured.words(goal.digits),
            str(goal.measured.n),
            "met" if goal.met else "missed",
        ]
        for goal in goals
    ]


def write_page(results: Results, goals: Sequence[Goal], ours: str, path: Path) -> None:
    """All tables as one Markdown page."""
    parts = [
        "# Simulated storms",
        "",
        INTRODUCTION,
        "",
        "## Goals",
        "",
        *as_markdown(goals_table(goals)),
    ]
    for scenario in results.scenarios:
        seeds = results.seeds(scenario)
        parts += [
            "",
            f"## {scenario}",
            "",
            f"Seeds {seeds[0]} to {seeds[-1]} ({len(seeds)}); means, ± the 95 % interval.",
            "",
            *as_markdown(table_of(results, scenario)),
        ]
        first = ours if ours in results.policies(scenario) else "ladder-greedy"
        if first in results.policies(scenario):
            parts += ["", *as_markdown(ratios_of(results, scenario, first))]
    parts += ["", "## Policies", ""]
    parts += [f"- **{one.name}**: {one.words}." for one in CONTESTANTS.values()]
    parts += ["", "## Parameters", "", *as_markdown(parameters_table(SCENARIOS["base"]))]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def parameters_table(behaviour: Behaviour) -> list[list[str]]:
    """Every number of the model, its value and its source."""
    lines = [["parameter", "value", "source"]]
    for name, value in asdict(behaviour).items():
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        lines.append([f"`{name}`", shown, SOURCES[name]])
    return lines


def as_markdown(lines: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; the first line is the heading."""
    head, *body = lines
    rows = ["| " + " | ".join(cells) + " |" for cells in body]
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *rows]


def scale(one: Interval, factor: float) -> Interval:
    """The interval in another unit."""
    return Interval(one.value * factor, one.low * factor, one.high * factor, one.n)


def _plain(one: Interval, digits: int) -> str:
    return f"{one.value:.{digits}f}"


def ranking(results: Results, scenario: str) -> list[str]:
    """Policies by homes served, best first, without the bound."""
    names = [name for name in results.policies(scenario) if name != BOUND]
    return sorted(names, key=lambda name: -results.mean(scenario, name, "served").value)
