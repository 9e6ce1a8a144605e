"""``talkoot demo``: one evening of snow in Cambridge, from start to map."""

from __future__ import annotations

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource
from rich import box
from rich.console import Console
from rich.table import Table

from api.demo.campaigns_report import play_in_folder, print_campaigns
from api.demo.comparison import compare_areas, figures, proof
from api.demo.evening import (
    COMMUNITY,
    DATABASE,
    OUTPUTS,
    SHOWN_RECRUITS,
    DemoSize,
    Evening,
    area_of,
    describe_recruit,
    play_evening,
)
from api.demo.storm import play_storm
from api.demo.storm_report import find_figures, print_story, write_story
from api.progress import show_steps
from core.errors import InvalidInput
from core.settings import Settings
from matching.rounds.reason_words import Times, reason_sentences
from matching.rounds.words import certificate_sentences, change_sentences

STORM_SIZE = {"requests": 120, "volunteers": 50}
"""A storm of this size plays in a minute or two."""


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for everything that is made.",
)
@click.option("--requests", type=click.IntRange(1, 5_000), default=400, show_default=True)
@click.option("--volunteers", type=click.IntRange(1, 2_000), default=160, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--storm",
    is_flag=True,
    help="Play a whole storm in fast time instead: asks, answers, visits. 120 requests, 50 "
    "volunteers unless said.",
)
@click.option(
    "--campaigns",
    is_flag=True,
    help="Play two campaigns with two seasons of data each instead: one works, one does not.",
)
@click.option("--quiet", is_flag=True, help="No progress bars.")
@click.pass_context
def demo(
    context: click.Context,
    *,
    out: Path,
    requests: int,
    volunteers: int,
    seed: int,
    storm: bool,
    campaigns: bool,
    quiet: bool,
) -> None:
    """Play one evening of snow in Cambridge: people, import, round, maps.

    The streets and addresses are real, the people are made up. A second run in the same folder
    plans another round and says what changed.
    """
    if storm and campaigns:
        raise InvalidInput("--storm and --campaigns are two plays: name one of them.")
    if campaigns:
        _play_campaigns(out, seed, quiet=quiet)
        return
    if storm:
        given = {
            name: value
            for name, value in (("requests", requests), ("volunteers", volunteers))
            if context.get_parameter_source(name) is not ParameterSource.DEFAULT
        }
        _play_storm(out, DemoSize(**{**STORM_SIZE, **given}, seed=seed), quiet=quiet)
        return
    size = DemoSize(requests, volunteers, seed)
    with show_steps(quiet=quiet) as steps:
        evening = asyncio.run(play_evening(out, size, Settings.from_environment(), steps))
    _print_evening(Console(highlight=False, soft_wrap=False), evening, out)


def _play_storm(out: Path, size: DemoSize, *, quiet: bool) -> None:
    with show_steps(quiet=quiet) as steps:
        story = asyncio.run(play_storm(out, size, Settings.from_environment(), steps))
    figures = find_figures(story)
    write_story(out, story, figures)
    print_story(Console(highlight=False, soft_wrap=False), story, figures, out)


def _play_campaigns(out: Path, seed: int, *, quiet: bool) -> None:
    with show_steps(quiet=quiet) as steps:
        played = asyncio.run(play_in_folder(out, seed, steps))
    print_campaigns(Console(highlight=False, soft_wrap=False), played, out)


def _print_evening(console: Console, evening: Evening, out: Path) -> None:
    planned = evening.planned
    console.print()
    console.print(f"[bold]{evening.content.title}[/] {evening.content.when}.")
    for report in evening.imports:
        console.print(
            f"Imported {report.total} {report.kind}: {report.created} new, {report.updated} "
            f"changed, {report.unchanged} as before, {len(report.rejected)} refused."
        )
    console.print(" ".join(change_sentences(planned.changes)))
    _print_comparison(console, evening)
    _print_areas(console, evening)
    for sentence in certificate_sentences(planned.solution.certificate, planned.report):
        console.print(sentence)
    _print_recruits(console, evening)
    _print_explanations(console, evening, out)
    console.print()
    names = ", ".join(name for name in OUTPUTS if name != "map.html")
    console.print(f"[bold]Open {out / 'map.html'}[/] in a browser; it needs no network.")
    console.print(f"Beside it: {names}.")
    console.print(f"Check the plan: talkoot verify {out / 'plan.json'} {out / 'problem.json'}")


def _print_comparison(console: Console, evening: Evening) -> None:
    made, ours, hand = evening.planned.made, evening.planned.solution, evening.by_hand.solution
    table = Table(box=box.SIMPLE_HEAD, title="The round, and the usual list", title_justify="left")
    table.add_column("")
    table.add_column("Talkoot", justify="right")
    table.add_column("By hand, nearest first", justify="right")
    pairs = zip(figures(made, ours) + proof(ours), figures(made, hand) + proof(hand), strict=True)
    for (label, mine), (_, theirs) in pairs:
        table.add_row(label, mine, theirs)
    console.print(table)


def _print_areas(console: Console, evening: Evening) -> None:
    made = evening.planned.made
    table = Table(box=box.SIMPLE_HEAD, title="By neighborhood", title_justify="left")
    table.add_column("")
    for title in ("Homes", "Found", "Nobody", "Found by hand"):
        table.add_column(title, justify="right")
    for row in compare_areas(made, evening.planned.solution, evening.by_hand.solution):
        numbers = (row.asked, row.served, row.asked - row.served, row.by_hand)
        table.add_row(row.name, *map(str, numbers))
    console.print(table)


def _print_recruits(console: Console, evening: Evening) -> None:
    useful = [one for one in evening.recruits if one.served_more > 0][:SHOWN_RECRUITS]
    if not useful:
        return
    table = Table(box=box.SIMPLE_HEAD, title="One more volunteer, each tried", title_justify="left")
    table.add_column("Homes", justify="right")
    table.add_column("Weight", justify="right")
    table.add_column("Where")
    table.add_column("Who")
    for one in useful:
        table.add_row(
            f"+{one.served_more}",
            f"{one.weight_gain:+g}",
            area_of(evening.planned, one),
            describe_recruit(evening.planned, one),
        )
    console.print(table)


def _print_explanations(console: Console, evening: Evening, out: Path) -> None:
    planned = evening.planned
    tried = [one for one in planned.reasons.reasons if "tried" in one.detail]
    if not tried:
        return
    references = planned.made.problem.requests.ids
    times = Times(planned.made.inputs.horizon.zero_at, ZoneInfo(planned.pack.meta.time_zone))
    console.print(f"[bold]Why some have nobody[/] ({len(tried)} of them)")
    for reason in tried:
        told = " ".join(reason_sentences(reason.code, reason.detail, times))
        console.print(f"  {references[reason.request]}: {told}", markup=False)
    database = f"sqlite:///{out / DATABASE}"
    console.print(
        f"Ask about another: talkoot explain {references[tried[0].request]} --community "
        f"{COMMUNITY} --database-url {database}",
        soft_wrap=True,
    )
