"""``talkoot simulate``: play storms with made-up people, and compare ways to find helpers."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.progress import Steps, show_steps
from core.errors import InvalidInput
from geo.city import CityPack, find_pack_file
from matching.simulation.compare import Results, Row, play_scenario
from matching.simulation.goals import SEASON, SIZES, Goal, judge_goals
from matching.simulation.parameters import SCENARIOS, Behaviour
from matching.simulation.plots import draw_scenarios
from matching.simulation.policies import CONTESTANTS, GREEDY, LADDER, USUAL
from matching.simulation.report import goals_table, table_of, write_page, write_rows
from matching.simulation.world import Ground

GROUPS = {"sizes": SIZES, "all": tuple(name for name in SCENARIOS if name != "smoke")}
SEASON_STORMS = 6
CITY = "cambridge"
SHOWN = (
    "served",
    "weight",
    "urgent_share",
    "messages_per_served",
    "inactive_share",
    "worst_area_share",
)
"""Measures in the terminal; the report has them all."""


@dataclass(frozen=True)
class _Task:
    """One scenario to play."""

    name: str
    behaviour: Behaviour
    storms: int


@click.command()
@click.argument("storms", metavar="[STORM]...", nargs=-1)
@click.option("--seeds", type=click.IntRange(1, 1000), default=6, show_default=True)
@click.option("--first-seed", type=click.IntRange(min=0), default=201, show_default=True)
@click.option("--policies", metavar="A,B,...", help="Names, separated by commas; see --list.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for CSV, Markdown and pictures.",
)
@click.option("--pack", "pack_name", default=CITY, show_default=True, help="City pack.")
@click.option("--list", "show_names", is_flag=True, help="List storms and policies, and stop.")
@click.option("--quiet", is_flag=True, help="No progress, no tables.")
def simulate(storms: tuple[str, ...], **options: Any) -> None:
    """Play STORM under several policies with the same people and the same luck.

    STORM is the name of a scenario (several may be given), "season" for six storms in a row,
    "sizes" or "all"; "base" without one. The same seeds give the same figures.
    """
    console = Console(highlight=False)
    if options["show_names"]:
        _print_names(console)
        return
    tasks = _find_tasks(storms or ("base",))
    names = _find_policies(options["policies"])
    folder: Path | None = options["folder"]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    ground = Ground.of_pack(CityPack.open(find_pack_file(options["pack_name"])))
    seeds = range(options["first_seed"], options["first_seed"] + options["seeds"])
    started_s = time.monotonic()
    with show_steps(quiet=options["quiet"]) as steps:
        rows = [row for task in tasks for row in _play(ground, task, seeds, names, steps)]
    results = Results(rows)
    goals = judge_goals(results)
    if not options["quiet"]:
        _print_results(console, results, goals, time.monotonic() - started_s)
    if folder is not None:
        write_rows(results, folder / "storms.csv")
        write_page(results, goals, LADDER if LADDER in names else GREEDY, folder / "report.md")
        draw_scenarios(results, folder)
        if not options["quiet"]:
            console.print(f"Tables, figures and pictures are in {folder}.")


def _find_tasks(storms: tuple[str, ...]) -> list[_Task]:
    names = dict.fromkeys(name for storm in storms for name in GROUPS.get(storm, (storm,)))
    tasks = []
    for name in names:
        if name == SEASON:
            tasks.append(_Task(name, SCENARIOS["base"], SEASON_STORMS))
        elif name in SCENARIOS:
            tasks.append(_Task(name, SCENARIOS[name], 1))
        else:
            raise InvalidInput(f"There is no storm {name!r}; `talkoot simulate --list` lists them.")
    return tasks


def _find_policies(text: str | None) -> list[str]:
    names = list(USUAL) if text is None else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in CONTESTANTS:
            raise InvalidInput(
                f"There is no policy {name!r}; `talkoot simulate --list` lists them."
            )
    return list(dict.fromkeys(names))


def _play(ground: Ground, task: _Task, seeds: range, names: list[str], steps: Steps) -> list[Row]:
    steps.start(f"{task.name}", len(seeds) * len(names) * task.storms)
    return play_scenario(
        ground,
        task.name,
        task.behaviour,
        seeds,
        [CONTESTANTS[name] for name in names],
        storms=task.storms,
        tell=steps.advance,
    )


def _print_names(console: Console) -> None:
    console.print("Storms: " + ", ".join([*SCENARIOS, SEASON, *GROUPS]))
    console.print("Policies:")
    for one in CONTESTANTS.values():
        mark = "" if one.name in USUAL else " (only when named)"
        console.print(f"  {one.name}: {one.words}{mark}")


def _print_results(console: Console, results: Results, goals: list[Goal], seconds: float) -> None:
    for scenario in results.scenarios:
        lines = table_of(results, scenario, columns=SHOWN)
        seeds = results.seeds(scenario)
        console.print(_as_table(f"{scenario}, {len(seeds)} seeds", lines))
    shown = [goal for goal in goals if math.isfinite(goal.measured.value)]
    if shown:
        console.print(_as_table("Goals", goals_table(shown)))
    console.print(
        f"Played in {seconds:,.0f} s. A model of people, not people: see docs/simulation.md."
    )


def _as_table(title: str, lines: list[list[str]]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    head, *body = lines
    for at, heading in enumerate(head):
        table.add_column(heading, justify="left" if at == 0 else "right")
    for cells in body:
        table.add_row(*cells)
    return table
