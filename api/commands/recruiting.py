"""``talkoot recruiting check``: whether forecasts of volunteers keep what they promise."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from api.commands.imports import ImportRequest, run_import
from api.demo.evening import CITY, COMMUNITY, afternoon
from api.opening import open_database
from api.progress import Steps, show_steps
from campaigns.recruiting.checking import Checked, check_forecast
from campaigns.recruiting.forecasting import Ground, make_forecast
from core.clock import FixedClock
from core.migrate import upgrade
from core.settings import Settings
from geo.city import CityPack, find_pack_file
from matching.demo_people import make_demo_files
from matching.engine.stop import Stop
from matching.files.json_file import write_whole
from matching.imports.preparing import FileKind
from matching.rounds.inputs import read_inputs
from matching.rounds.problem import build_round_problem
from matching.rounds.travel import PackTravel
from people.repository import get_community

LEAST_KEPT = 0.9
FAILED_EXIT_CODE = 1
OTHER_SEED = 10_000
"""Plans that check a promise have seeds that the forecast did not know."""


@dataclass(frozen=True)
class CheckedTown:
    """One made-up town: what was promised, and what planning again gave."""

    seed: int
    request_count: int
    volunteer_count: int
    suggested_count: int
    promised_count: int
    served_more_count: int
    elsewhere_counts: tuple[int, ...]


@click.group(name="recruiting")
def recruiting_group() -> None:
    """Look at what recruitment campaigns promise."""


@recruiting_group.command(name="check")
@click.option("--seeds", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option("--first-seed", type=click.IntRange(0, 1_000_000), default=1, show_default=True)
@click.option("--requests", type=click.IntRange(10, 2_000), default=150, show_default=True)
@click.option("--volunteers", type=click.IntRange(1, 1_000), default=50, show_default=True)
@click.option("--most", type=click.IntRange(1, 40), default=12, show_default=True)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.01),
    default=15.0,
    show_default=True,
    help="After so long begin no other town. The first one is looked at to its end.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_command(
    seeds: int,
    first_seed: int,
    *,
    requests: int,
    volunteers: int,
    most: int,
    minutes: float,
    as_json: bool,
) -> None:
    """Promise in made-up towns, add the volunteers, plan again, and compare.

    For each seed people are made up in the demonstration city. A forecast says whom to recruit.
    Then the suggested volunteers are added and everything is planned again with another seed; and
    twice more with homes drawn anew in their neighbourhoods. Exit code 1 when less than 90 per
    cent of all promises are kept.

    A town of 150 requests is planned about 50 times, which takes some minutes. The first town is
    always looked at to its end; a later one that time cuts short promises what was found by then.
    """
    stop, towns = Stop(60 * minutes), list[CheckedTown]()
    with show_steps(quiet=as_json) as steps:
        for seed in range(first_seed, first_seed + seeds):
            if towns and stop.reached():
                break
            limit = stop if towns else Stop()
            towns.append(_check_town(seed, (requests, volunteers), most, steps, limit))
    if len(towns) < seeds:
        click.echo(
            f"{len(towns)} of {seeds} towns were looked at in {minutes:g} minutes; "
            "--minutes gives more time.",
            err=True,
        )
    promised = sum(town.promised_count for town in towns)
    served = sum(town.served_more_count for town in towns)
    if as_json:
        click.echo(json.dumps([asdict(town) for town in towns]))
    else:
        for town in towns:
            elsewhere = ", ".join(str(count) for count in town.elsewhere_counts)
            click.echo(
                f"seed {town.seed}: {town.suggested_count} volunteers, promised "
                f"{town.promised_count}, served {town.served_more_count} more; with other homes "
                f"{elsewhere}"
            )
        share = f"{100 * served / promised:.0f} %" if promised else "nothing was promised"
        click.echo(f"all towns: promised {promised}, served {served} more ({share})")
    if any(town.served_more_count < LEAST_KEPT * town.promised_count for town in towns):
        raise SystemExit(FAILED_EXIT_CODE)


def _check_town(
    seed: int, people: tuple[int, int], most: int, steps: Steps, stop: Stop
) -> CheckedTown:
    """One town with so many requests and volunteers."""
    ground = asyncio.run(_make_ground(seed, *people, steps))
    steps.start(f"Town {seed}: whom to recruit", 100)
    told = 0

    def advance(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // total
        steps.advance(percent - told)
        told = percent

    forecast = make_forecast(ground, most_volunteers=most, seed=seed, stop=stop, progress=advance)
    steps.start(f"Town {seed}: planning with them again")
    checked: Checked = check_forecast(ground, forecast, seed=OTHER_SEED + seed, draws=2)
    return CheckedTown(
        seed=seed,
        request_count=len(ground.problem.requests),
        volunteer_count=len(ground.problem.volunteers),
        suggested_count=forecast.volunteer_count,
        promised_count=checked.promised_count,
        served_more_count=checked.served_more_count,
        elsewhere_counts=checked.elsewhere_counts,
    )


async def _make_ground(seed: int, requests: int, volunteers: int, steps: Steps) -> Ground:
    """The problem of an evening of snow with made-up people."""
    pack = CityPack.open(find_pack_file(CITY))
    moment, settings = FixedClock(afternoon(pack)), Settings()
    steps.start(f"Town {seed}: making up people")
    files = make_demo_files(pack, n_requests=requests, n_volunteers=volunteers, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/town.db"
        upgrade(url)
        for kind, text in (
            (FileKind.VOLUNTEERS, files.volunteers),
            (FileKind.RESIDENTS, files.residents),
        ):
            path = Path(folder) / f"{kind.value}.csv"
            write_whole(path, text.encode())
            request = ImportRequest(kind, path, COMMUNITY, city=CITY, synthetic=True)
            await run_import(url, request, settings, clock=moment, steps=steps)
        async with open_database(url) as database, database.read() as session:
            community = await get_community(session, COMMUNITY)
            inputs = await read_inputs(session, community, now=moment.now())
    steps.start(f"Town {seed}: measuring ways along the streets")
    made = await asyncio.to_thread(build_round_problem, inputs, pack, PackTravel(pack))
    numbers: dict[object, int] = {}
    residents = [numbers.setdefault(row.resident_id, len(numbers)) for row in made.requests]
    return Ground(made.problem, residents)
