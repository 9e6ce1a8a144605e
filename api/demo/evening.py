"""One evening of snow, from made-up people to a stored round with maps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from api.commands.imports import ImportRequest, run_import
from api.commands.rounds import RoundBars, travel_of
from api.demo.comparison import ByHand, make_by_hand
from api.opening import open_database
from api.progress import Steps
from core.clock import FixedClock
from core.errors import InvalidInput
from core.migrate import upgrade
from core.settings import Settings
from geo.city import CityPack, find_pack_file
from matching.demo_people import EVENING, make_demo_files
from matching.engine.recruits import Recruit, recruits
from matching.files.json_file import write_whole
from matching.files.plan_file import write_plan
from matching.files.problem_file import write_problem
from matching.imports.preparing import FileKind
from matching.imports.report import ImportReport
from matching.maps.building import MapWords, build_map
from matching.maps.content import MapContent, Reason
from matching.maps.content import Recruit as MapRecruit
from matching.maps.page import render_page
from matching.maps.picture import render_picture
from matching.maps.routes_file import make_routes_geojson
from matching.rounds.planning import PlannedRound, PlanRound, RoundTools, plan_round
from matching.rounds.reason_words import Times, newcomer_words
from matching.rounds.reasons import count_reasons, describe_newcomer
from matching.rounds.travel import PackTravel, TravelFinder
from matching.rounds.wider_ways import settle_newcomers
from matching.rounds.words import certificate_sentences, change_sentences
from people.auth import Actor

CITY = "cambridge"
COMMUNITY = "cambridge"
DATABASE = "talkoot.db"
MARK = "demo.json"
OUTPUTS = (
    "volunteers.csv",
    "residents.csv",
    DATABASE,
    "plan.json",
    "problem.json",
    "routes.geojson",
    "map.html",
    "map.png",
)
SHOWN_RECRUITS = 5
TRIED_RECRUITS = 8
TRIED_REASONS = 3
NOTE = (
    "Demonstration. The streets and addresses are real; people, requests and numbers are made up."
)

TravelOf = Callable[[CityPack], TravelFinder]


@dataclass(frozen=True)
class DemoSize:
    """What makes one demonstration different from another."""

    requests: int
    volunteers: int
    seed: int


@dataclass(frozen=True, eq=False)
class Evening:
    """Everything that the demonstration found."""

    imports: tuple[ImportReport, ImportReport]
    planned: PlannedRound
    by_hand: ByHand
    recruits: tuple[Recruit, ...]
    content: MapContent


async def play_evening(out: Path, size: DemoSize, settings: Settings, steps: Steps) -> Evening:
    """Make people, import them, run a round, compare, try recruits, and write all files."""
    url = prepare_folder(out, size)
    pack = CityPack.open(find_pack_file(CITY))
    moment = FixedClock(afternoon(pack))
    steps.start("Making up people")
    files = make_demo_files(
        pack, n_requests=size.requests, n_volunteers=size.volunteers, seed=size.seed
    )
    write_whole(out / "volunteers.csv", files.volunteers.encode())
    write_whole(out / "residents.csv", files.residents.encode())
    reports = []
    for kind in (FileKind.VOLUNTEERS, FileKind.RESIDENTS):
        request = ImportRequest(
            kind, out / f"{kind.value}.csv", COMMUNITY, city=CITY, synthetic=True
        )
        reports.append((await run_import(url, request, settings, clock=moment, steps=steps))[0])
    find_travel = travel_of(settings)
    bars = RoundBars(steps, keep_best=True)
    async with open_database(url) as database:
        planned = await plan_round(
            database,
            Actor.system(),
            PlanRound(COMMUNITY, seed=size.seed, workers=settings.workers, tries=TRIED_REASONS),
            tools=RoundTools(clock=moment, find_travel=find_travel),
            watcher=bars,
        )
    steps.start("Making the list by hand")
    by_hand = make_by_hand(planned.made)
    tried = _try_recruits(planned, find_travel, steps)
    steps.start("Drawing maps")
    content = _draw(planned, tried, settings, size)
    _write_files(out, planned, content)
    return Evening((reports[0], reports[1]), planned, by_hand, tried, content)


def afternoon(pack: CityPack) -> datetime:
    """Half past three before the evening: the moment at which the demonstration plays."""
    zone = ZoneInfo(pack.meta.time_zone)
    return datetime.combine(EVENING, time(15, 30), zone).astimezone(UTC)


def prepare_folder(
    out: Path, size: DemoSize, *, play: str = "evening", outputs: Sequence[str] = OUTPUTS
) -> str:
    """An empty folder, or one with the same demonstration, whose next round is compared.

    Another demonstration in the folder is replaced, and every storm begins anew; a folder with
    anything else is refused.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in out.iterdir()}
    except OSError as error:
        raise InvalidInput(f"{out} cannot be used as a folder: {error.strerror}.") from error
    mark = json.dumps(asdict(size) | ({} if play == "evening" else {"play": play}))
    if names and MARK not in names:
        raise InvalidInput(f"{out} holds other files; name an empty folder with --out.")
    same = MARK in names and (out / MARK).read_text("utf-8") == mark
    if not same or play != "evening":
        for name in names & {*OUTPUTS, *outputs, f"{DATABASE}-wal", f"{DATABASE}-shm"}:
            (out / name).unlink()
    write_whole(out / MARK, mark.encode())
    url = f"sqlite:///{os.path.abspath(out / DATABASE)}"
    upgrade(url)
    return url


def _try_recruits(
    planned: PlannedRound, find_travel: TravelOf, steps: Steps
) -> tuple[Recruit, ...]:
    steps.start("Trying one more volunteer", TRIED_RECRUITS)

    def advance(done: int) -> None:
        steps.advance(done)

    return recruits(
        planned.made.problem,
        planned.solution,
        TRIED_RECRUITS,
        extend=settle_newcomers(planned.made, find_travel(planned.pack)),
        progress=advance,
    )


def _draw(
    planned: PlannedRound, tried: tuple[Recruit, ...], settings: Settings, size: DemoSize
) -> MapContent:
    certificate = planned.solution.certificate
    words = MapWords(
        note=NOTE,
        footer=(
            f"Made by talkoot demo --requests {size.requests} --volunteers {size.volunteers} "
            f"--seed {size.seed}. Inputs {certificate.problem_digest[:16]}."
        ),
        reasons=[
            Reason(count.homes, count.words, describe_areas(count.areas))
            for count in count_reasons(planned.reasons)
        ],
        recruits=[
            MapRecruit(describe_recruit(planned, one), area_of(planned, one), one.served_more)
            for one in tried[:SHOWN_RECRUITS]
            if one.served_more > 0
        ],
        certificate=certificate_sentences(certificate, planned.report),
        changes=change_sentences(planned.changes) if planned.changes is not None else (),
    )
    return build_map(
        planned.made,
        planned.solution,
        planned.pack,
        PackTravel(planned.pack, cache_dir=settings.cache_dir),
        words,
        area_worth={area_of(planned, one): max(0, one.served_more) for one in reversed(tried)},
    )


def describe_areas(areas: Sequence[tuple[str, int]], most: int = 4) -> str:
    """North Cambridge 5, Baldwin 2, and 3 elsewhere."""
    shown = ", ".join(f"{name} {count}" for name, count in areas[:most])
    rest = sum(count for _, count in areas[most:])
    return f"{shown}, and {rest} elsewhere" if rest else shown


def describe_recruit(planned: PlannedRound, tried: Recruit) -> str:
    """Who the person would be, in words."""
    times = Times(planned.made.inputs.horizon.zero_at, ZoneInfo(planned.pack.meta.time_zone))
    newcomer = describe_newcomer(planned.made.problem, tried.price.newcomer)
    words = newcomer_words(newcomer, times)
    return words[0].upper() + words[1:]


def area_of(planned: PlannedRound, tried: Recruit) -> str:
    """The neighbourhood of a person who was tried."""
    area = tried.price.area
    return planned.made.problem.area_names[area] if area >= 0 else "elsewhere"


def _write_files(out: Path, planned: PlannedRound, content: MapContent) -> None:
    problem, start = planned.made.problem, planned.made.inputs.horizon.zero_at
    write_problem(out / "problem.json", problem, name="talkoot demo", horizon_start=start)
    write_plan(
        out / "plan.json",
        problem,
        planned.solution,
        unserved=planned.reasons.plan_rows(),
        horizon_start=start,
    )
    routes = make_routes_geojson(content)
    write_whole(out / "routes.geojson", msgspec.json.encode(routes))
    write_whole(out / "map.html", render_page(content).encode())
    write_whole(out / "map.png", render_picture(content))
