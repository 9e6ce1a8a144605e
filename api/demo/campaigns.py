"""Two campaigns in Cambridge with two seasons of synthetic data each: one works, one does not.

Nobody in them exists, and nobody's waste was weighed. What the campaigns truly do is set here, in
`CAPTURE_LIFT`, `WRONG_LIFT` and `RIDE_LIFT`; what the pages say of them was measured, from files
that went the way of every hauler's and rider's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np

from api.demo.campaigns_biking import Rider, RidingTown, write_rides
from api.demo.campaigns_recycling import WEEK, Campaigning, RecyclingTown, spread_routes
from api.demo.campaigns_seasons import (
    RecyclingSeason,
    Stage,
    follow,
    join,
    plan_and_schedule,
    play_recycling,
)
from api.demo.town_people import Place, TownPeople
from api.demo.town_rows import TownRows
from api.progress import Steps
from campaigns.biking.importing import import_rides, read_rides_file
from campaigns.biking.recording import set_biking_rules
from campaigns.programmes.kinds import CampaignKind, GoalUnit
from campaigns.programmes.planning import PlanCampaign
from campaigns.programmes.repository import get_campaign
from campaigns.recycling.routes import count_area_addresses
from campaigns.results.figures import Results
from campaigns.results.making import make_results
from campaigns.results.publishing import publish_results
from core.db import Database
from core.errors import InvalidInput
from core.ids import new_id
from geo.open_cities import open_city
from people.auth import Actor
from people.kinds import Role
from people.models import Community

CAPTURE_LIFT, WRONG_LIFT = 0.12, -0.15
"""Cart tags truly make homes on their routes recycle 12 % more, and 15 % less that is wrong."""
RIDE_LIFT = 0.0
"""The ride weeks truly change nothing: who rides takes part, and rides as before."""
RECYCLING_WEEKS, RIDE_WEEKS = 13, 4
WEEKS_BETWEEN = 18
"""From the end of the first season of rides to the beginning of the second."""
ROUTES = 26
PEOPLE_AN_AREA = 14
RIDERS_AN_AREA = 8
JOIN_CHANCE = 0.6
RIDES_LATE = timedelta(hours=11)


@dataclass(frozen=True)
class Neighbor:
    """Somebody who may take part."""

    person_id: UUID
    mail: str
    area: str


@dataclass(frozen=True)
class PlayedCampaigns:
    """The campaigns, the figures of each, and the one who manages them."""

    recycling_id: UUID
    diary_id: UUID
    riding_id: UUID
    results: tuple[Results, ...]
    people: tuple[Neighbor, ...] = ()
    """Who may take part in what else goes on."""


async def play_campaigns(
    database: Database,
    community: Community,
    actor: Actor,
    *,
    seed: int,
    now: datetime,
    steps: Steps,
) -> PlayedCampaigns:
    """People, routes, two seasons of each campaign, and their results made public."""
    stage = Stage(database, actor, community)
    today = now.astimezone(stage.moment(now.date()).tzinfo).date()
    last_monday = today - timedelta(days=today.weekday())
    rng = np.random.default_rng(seed)
    steps.start("Making up people of the campaigns")
    people = await add_people(stage, last_monday - WEEK * 40, rng)
    steps.start("Two seasons of recycling")
    recycling_id = await _recycle(stage, last_monday, people, seed, rng)
    steps.start("Two seasons of riding")
    diary_id, riding_id = await _ride(stage, last_monday, people, seed, rng)
    steps.start("Working out results")
    found: list[Results] = []
    for campaign_id in (recycling_id, riding_id):
        async with database.begin() as session:
            await publish_results(session, actor, campaign_id, now=now)
        async with database.read() as session:
            campaign = await get_campaign(session, actor, campaign_id)
            found.append(await make_results(session, campaign, now=now))
    steps.finish()
    return PlayedCampaigns(recycling_id, diary_id, riding_id, tuple(found), tuple(people))


async def add_people(stage: Stage, since: date, rng: np.random.Generator) -> list[Neighbor]:
    """Synthetic people at real addresses, as many in each neighbourhood."""
    city = open_city(stage.community.city_pack)
    addresses, cells = city.pack.addresses, city.cells()
    found: list[Neighbor] = []
    async with stage.database.begin() as session:
        rows = TownRows(session)
        people = TownPeople(rows, stage.community, 0, stage.moment(since))
        for area in city.pack.areas.names:
            homes = [row for row, name in enumerate(addresses.areas) if name == area]
            if len(homes) < PEOPLE_AN_AREA:
                continue
            for row in rng.choice(homes, PEOPLE_AN_AREA, replace=False).tolist():
                lon_deg, lat_deg = (float(value) for value in addresses.lonlat[row])
                place = Place(
                    address_text=f"{addresses.numbers[row]} {addresses.streets[row]}",
                    lon_deg=lon_deg,
                    lat_deg=lat_deg,
                    cell=cells.cell_of(lon_deg, lat_deg),
                    area=area,
                )
                number = NUMBERS_FROM + len(found)
                key = people.add_person(new_id(), Role.RESIDENT, number, people.add_home(place))
                mail = f"{Role.RESIDENT.value}-{number + 1}@{stage.community.slug}.example"
                found.append(Neighbor(key, mail, area))
        await rows.write()
    return found


async def _recycle(
    stage: Stage,
    last_monday: date,
    people: Sequence[Neighbor],
    seed: int,
    rng: np.random.Generator,
) -> UUID:
    """Cart tags: thirteen weeks before, thirteen weeks with them on half of the routes."""
    addresses = await count_area_addresses(stage.community)
    town = RecyclingTown(spread_routes(addresses, ROUTES), seed)
    season = RecyclingSeason(
        slug="cart-tags",
        title="Cart tags: what goes in the blue cart",
        summary="Synthetic data. A tag on each cart of half of the routes says what was right and "
        "what does not belong there. The other routes had none.",
        first_day=last_monday - WEEK * RECYCLING_WEEKS,
        baseline_week_count=RECYCLING_WEEKS,
        week_count=RECYCLING_WEEKS,
        cost_cents=1_240_000,
        seed=seed,
        campaigning=Campaigning(capture_lift=CAPTURE_LIFT, wrong_lift=WRONG_LIFT),
    )
    joining = [one.person_id for one in people if rng.random() < JOIN_CHANCE / 2]
    return await play_recycling(stage, season, town, joining)


async def _ride(
    stage: Stage,
    last_monday: date,
    people: Sequence[Neighbor],
    seed: int,
    rng: np.random.Generator,
) -> tuple[UUID, UUID]:
    """A ride diary for everybody through the year, and ride weeks in half of the city."""
    areas = list(dict.fromkeys(one.area for one in people))
    chosen, others = tuple(areas[::2]), tuple(areas[1::2])
    weeks_first = last_monday - WEEK * RIDE_WEEKS
    diary_first = weeks_first - WEEK * (RIDE_WEEKS + WEEKS_BETWEEN)
    riders = [one for area in areas for one in _of(people, area)[:RIDERS_AN_AREA]]
    diary_id = await _plan(
        stage, "ride-diary", "Ride diary", DIARY, (diary_first, last_monday), goal=3_000
    )
    await join(stage, diary_id, [one.person_id for one in riders], now=stage.moment(diary_first))
    town = RidingTown([Rider(one.mail, one.area) for one in riders], seed)
    season = town.ride(diary_first, RIDE_WEEKS)
    await _tell(stage, diary_id, season, now=stage.moment(diary_first + WEEK * RIDE_WEEKS))
    riding_id = await _plan(
        stage,
        "ride-weeks",
        "Ride weeks",
        RIDE_WEEKS_WORDS,
        (weeks_first, last_monday),
        goal=400,
        areas=(chosen, others),
        baseline=(diary_first, diary_first + WEEK * RIDE_WEEKS - timedelta(days=1)),
    )
    joined = [one for one in riders if one.area in chosen and rng.random() < JOIN_CHANCE]
    await join(stage, riding_id, [one.person_id for one in joined], now=stage.moment(weeks_first))
    mails = {one.mail for one in joined}
    season = town.ride(weeks_first, RIDE_WEEKS, lift=RIDE_LIFT, lifted=frozenset(chosen))
    over = stage.midnight(last_monday)
    await _tell(stage, riding_id, [one for one in season if one[0] in mails], now=over)
    await _tell(stage, diary_id, [one for one in season if one[0] not in mails], now=over)
    for campaign_id in (diary_id, riding_id):
        await follow(stage, campaign_id, over + RIDES_LATE)
    return diary_id, riding_id


async def _plan(
    stage: Stage,
    slug: str,
    title: str,
    summary: str,
    days: tuple[date, date],
    *,
    goal: float,
    areas: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    baseline: tuple[date, date] | None = None,
) -> UUID:
    """A biking campaign that has just begun."""
    now = stage.moment(days[0]) - timedelta(days=1)
    command = PlanCampaign(
        community_id=stage.community.id,
        slug=slug,
        kind=CampaignKind.BIKING,
        title=title,
        summary=summary,
        starts_at=stage.midnight(days[0]),
        ends_at=stage.midnight(days[1]),
        goal_value=goal,
        goal_unit=GoalUnit.RIDE_DAYS,
        areas=areas[0],
        comparison_areas=areas[1],
        languages=("en", "es"),
        cost_cents=310_000,
    )
    row = await plan_and_schedule(stage, command, now=now)
    if baseline is not None:
        rules = {
            "baseline_from": baseline[0].isoformat(),
            "baseline_until": baseline[1].isoformat(),
        }
        async with stage.database.begin() as session:
            await set_biking_rules(session, stage.actor, row.id, rules, now=now)
    await follow(stage, row.id, stage.moment(days[0]))
    return row.id


async def _tell(
    stage: Stage,
    campaign_id: UUID,
    rides: list[tuple[str, date, tuple[object, ...]]],
    *,
    now: datetime,
) -> None:
    """Send a file of rides, as a manager would.

    Raises
    ------
    InvalidInput
        When a line was refused for another reason than that a ride overlaps one before.
    """
    table = read_rides_file(write_rides(rides))
    async with stage.database.begin() as session:
        report = await import_rides(session, stage.actor, campaign_id, table, now=now)
    if report.created < 0.9 * report.total:
        raise InvalidInput(f"Rides were refused: {report.rejects_csv[:500]}")


def _of(people: Sequence[Neighbor], area: str) -> list[Neighbor]:
    return [one for one in people if one.area == area]


NUMBERS_FROM = 5_000
"""Beyond the numbers of the people of the storm."""
DIARY = "Synthetic data. Everybody who likes writes down when they rode."
RIDE_WEEKS_WORDS = (
    "Synthetic data. Four weeks of posters, a breakfast for riders and a prize draw in seven "
    "neighborhoods. The other ones had none of it."
)
