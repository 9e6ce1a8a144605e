"""``talkoot round`` and ``talkoot explain``: match, and say why not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.opening import open_database
from api.progress import Steps, show_steps
from core.clock import SystemClock
from core.errors import InvalidInput
from core.settings import Settings
from geo.choices import choose_travel
from geo.city import CityPack
from matching.engine.stop import Stop
from matching.files.plan_file import write_plan
from matching.files.problem_file import write_problem
from matching.rounds.explaining import Explanation, explain_request, try_request
from matching.rounds.planning import PlannedRound, PlanRound, RoundTools, RoundWatcher, plan_round
from matching.rounds.reasons import count_reasons
from matching.rounds.travel import TravelFinder
from matching.rounds.words import (
    certificate_sentences,
    change_sentences,
    figure_rows,
)
from people.auth import Actor
from people.repository import get_community


class RoundBars(RoundWatcher):
    """Shows a round as progress bars, and asks what to do with an interrupted plan."""

    def __init__(self, steps: Steps, *, keep_best: bool = False, ask: bool = False) -> None:
        self._steps = steps
        self._keep_best = keep_best
        self._ask = ask
        self._words = "Planning"
        self._best = ""

    def step(self, words: str, total: int = 0) -> None:
        self._words, self._best = words, ""
        self._steps.start(words, total or None)

    def phase(self, name: str, total: int) -> None:
        self._words = f"Planning: {name}"
        self._steps.start(f"{self._words}{self._best}", total or None)

    def advance(self, done: int) -> None:
        self._steps.advance(done)

    def incumbent(self, value: float, served: int) -> None:
        self._best = f", {served:,} homes so far"
        self._steps.say(f"{self._words}{self._best}")

    async def keep(self, planned: PlannedRound) -> bool:
        if self._keep_best or not self._ask:
            return self._keep_best
        self._steps.pause()
        return await asyncio.to_thread(
            click.confirm, "Interrupted. Store the best plan so far?", default=False, err=True
        )


@click.command(name="round")
@click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs.")
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
@click.option("--dry-run", is_flag=True, help="Plan and show, store nothing.")
@click.option("--time-limit", metavar="S", type=float, help="Seconds; the best plan so far counts.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--tries",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    help="Requests without help for which to try what would change that; seconds each.",
)
@click.option("--from", "start", metavar="TIME", help="Local time, such as 2027-01-24T16:00.")
@click.option("--until", "end", metavar="TIME", help="Local time; 36 hours later by default.")
@click.option("--keep-best", is_flag=True, help="After Ctrl-C store the best plan so far.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", "plan_path", type=click.Path(path_type=Path), help="Plan file.")
@click.option("--problem", "problem_path", type=click.Path(path_type=Path), help="Problem file.")
def round_command(community: str, database_url: str | None, **options: Any) -> None:
    """Match the open requests of a community with its volunteers.

    The plan becomes draft offers; nobody is told anything yet. Ctrl-C ends the search early: the
    best plan so far is shown, and stored if you say so.
    """
    limit_s = options["time_limit"]
    if limit_s is not None and not (math.isfinite(limit_s) and limit_s > 0):
        raise InvalidInput("--time-limit must be above 0 seconds.")
    for path in (options["plan_path"], options["problem_path"]):
        if path is not None and not path.parent.is_dir():
            raise InvalidInput(f"{path.parent} is no folder; make it first.")
    settings = Settings.from_environment()
    url = database_url or settings.database_url
    with show_steps(quiet=options["as_json"]) as steps:
        bars = RoundBars(steps, keep_best=options["keep_best"], ask=steps.interactive)
        planned = asyncio.run(_run(url, community, options, settings, bars))
    _write_files(planned, options["plan_path"], options["problem_path"])
    if options["as_json"]:
        click.echo(json.dumps(round_json(planned), ensure_ascii=False, indent=2))
    else:
        print_round(planned)


async def _run(
    url: str, community: str, options: dict[str, Any], settings: Settings, bars: RoundBars
) -> PlannedRound:
    stop = Stop(options["time_limit"])
    async with open_database(url) as database:
        async with database.read() as session:
            zone = ZoneInfo((await get_community(session, community)).time_zone)
        command = PlanRound(
            community=community,
            seed=options["seed"],
            workers=settings.workers,
            start_at=parse_local("--from", options["start"], zone),
            end_at=parse_local("--until", options["end"], zone),
            dry_run=options["dry_run"],
            tries=options["tries"],
        )
        tools = RoundTools(clock=SystemClock(), find_travel=travel_of(settings))
        watch_interrupts(stop, bars)
        return await plan_round(
            database, Actor.system(), command, tools=tools, stop=stop, watcher=bars
        )


def travel_of(settings: Settings) -> Callable[[CityPack], TravelFinder]:
    """Travel from the source that this installation has chosen."""
    return lambda pack: lambda mode: choose_travel(settings, pack, mode)


def watch_interrupts(stop: Stop, watcher: RoundWatcher) -> None:
    """The first Ctrl-C ends the search early; a second one gives up at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupt() -> None:
        if watcher.interrupted and task is not None:
            task.cancel()
        watcher.interrupted = True
        stop.cancel()

    # Where the loop takes no signals (Windows), Ctrl-C ends the command as usual.
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, interrupt)


def parse_local(option: str, text: str | None, zone: ZoneInfo) -> datetime | None:
    """A local time that somebody typed, as a moment."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} cannot be read; write it like 2027-01-24T16:00.") from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(UTC)


def _write_files(planned: PlannedRound, plan: Path | None, problem: Path | None) -> None:
    start = planned.made.inputs.horizon.zero_at
    if plan is not None:
        rows = planned.reasons.plan_rows()
        write_plan(plan, planned.made.problem, planned.solution, unserved=rows, horizon_start=start)
    if problem is not None:
        write_problem(problem, planned.made.problem, horizon_start=start)


def print_round(planned: PlannedRound) -> None:
    """The plan in figures, what changed, and why some have nobody."""
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for label, value in figure_rows(planned.made, planned.solution):
        table.add_row(label, value)
    console.print(table)
    for sentence in certificate_sentences(planned.solution.certificate, planned.report):
        console.print(sentence)
    for sentence in change_sentences(planned.changes):
        console.print(sentence)
    print_reasons(console, planned)
    if planned.stored is None:
        console.print("[bold]Nothing was stored.[/]")
        return
    console.print(
        f"Round {planned.stored.round.id} is stored with {planned.stored.offer_count} draft offers."
    )
    stale = planned.stored.stale_request_ids
    if stale:
        console.print(f"{len(stale)} requests changed while the round ran and got no offer.")


def print_reasons(console: Console, planned: PlannedRound) -> None:
    """Why requests have nobody, by reason."""
    counts = count_reasons(planned.reasons)
    if planned.made.later:
        console.print(f"{len(planned.made.later)} requests are for later than this round.")
    if not counts:
        return
    table = Table(box=box.SIMPLE_HEAD, title="Why some have nobody", title_justify="left")
    table.add_column("Homes", justify="right")
    table.add_column("Reason")
    table.add_column("For example")
    for count in counts:
        table.add_row(str(count.homes), count.words, ", ".join(count.references[:3]))
    console.print(table)
    console.print(
        f"Ask for one: talkoot explain {counts[0].references[0]} "
        f"--community {planned.made.inputs.community.slug}"
    )


def round_json(planned: PlannedRound) -> dict[str, Any]:
    """The round as plain data: ids and numbers only."""
    certificate, changes = planned.solution.certificate, planned.changes
    proven = math.isfinite(certificate.bound)
    return {
        "round": None if planned.stored is None else str(planned.stored.round.id),
        "stored": planned.stored is not None,
        "requests": len(planned.made.requests),
        "volunteers": len(planned.made.volunteers),
        "served": len({j for route in planned.solution.routes for j in route.requests}),
        "weight_served": certificate.weight_served,
        "value_m": certificate.value,
        "bound_m": certificate.bound if proven else None,
        "gap": certificate.gap if proven else None,
        "stopped_early": certificate.stopped,
        "inputs_hash": certificate.problem_digest,
        "seed": certificate.seed,
        "offers": None if planned.stored is None else planned.stored.offer_count,
        "later": len(planned.made.later),
        "unserved": planned.reasons.plan_rows(),
        "changes": None
        if changes is None
        else {
            "newly_served": list(changes.newly_served),
            "no_longer_served": list(changes.no_longer_served),
            "moved": list(changes.moved),
            "kept": changes.kept,
        },
    }


@click.command()
@click.argument("request_name", metavar="REQUEST")
@click.option("--community", metavar="SLUG", help="Needed when several share the database.")
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
@click.option("--try", "try_changes", is_flag=True, help="Try what would change it; seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(
    request_name: str,
    community: str | None,
    database_url: str | None,
    try_changes: bool,
    as_json: bool,
) -> None:
    """Say what the last round decided about REQUEST (its reference or id), and why.

    Prints neither name nor street. With --try the surroundings are planned again with single
    changes, until the smallest is found that would serve the request.
    """
    url = database_url or Settings.from_environment().database_url
    told = asyncio.run(_explain(url, request_name, community, try_changes))
    if isinstance(told, Explanation):
        answer = told
    else:
        with show_steps(quiet=as_json) as steps:
            steps.start("Trying changes, one by one")
            answer = told()
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    for sentence in answer.sentences:
        console.print(sentence, markup=False)


async def _explain(
    url: str, name: str, community: str | None, try_changes: bool
) -> Explanation | Callable[[], Explanation]:
    async with open_database(url) as database, database.read() as session:
        ask = try_request if try_changes else explain_request
        return await ask(session, Actor.system(), name, community_slug=community)
