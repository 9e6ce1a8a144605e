"""What goes on in Cambridge besides the storm: groups, meetings, and a campaign that runs now.

Synthetic people do it through the product itself, each by their own word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

import numpy as np

from api.demo.campaigns import Neighbor
from api.demo.campaigns_recycling import WEEK
from api.demo.campaigns_seasons import Stage, follow, join, plan_and_schedule
from campaigns.biking.checking import RideFacts
from campaigns.biking.recording import add_ride
from campaigns.events.kinds import EventAudience, Repeats
from campaigns.events.planning import CreateEvent, NamedPlace, create_event
from campaigns.events.repository import list_occurrences
from campaigns.events.series import Rule
from campaigns.events.signing_up import SignUp, sign_up
from campaigns.groups.founding import FoundGroup, found_group
from campaigns.groups.kinds import Joining, PostKind
from campaigns.groups.members import JoinGroup, join_group
from campaigns.groups.posts import PostInGroup, post_in_group
from campaigns.programmes.kinds import CampaignKind, GoalUnit
from campaigns.programmes.planning import PlanCampaign, SetGroups, set_groups
from campaigns.standings.boards import publish_boards
from geo.open_cities import open_city
from matching.imports.records import Place
from people.auth import Actor
from people.interests.catalogue import SaveInterest, save_interest
from people.kinds import Precision, Role

TOPICS = (
    ("cycling", "Riding bikes", "Andar en bicicleta"),
    ("gardening", "Gardens", "Jardines"),
    ("repairing", "Repairing things", "Reparar cosas"),
    ("night_sky", "Night sky", "El cielo de noche"),
    ("reading", "Books", "Libros"),
)
CAMPAIGN_DAYS_GONE = 17
CAMPAIGN_LENGTH = WEEK * 4
RIDE_CHANCE = 0.2
"""That somebody who takes part rode on a day."""
OTHERS_CHANCE = 0.1
"""That somebody rides who is in none of the groups."""
EVENING = time(18, 0)


@dataclass(frozen=True)
class PlannedGroup:
    """A group as its founder wrote it down."""

    name: str
    topic: str
    summary: str
    member_count: int
    area: str | None = None
    languages: tuple[str, ...] = ("en",)
    joining: Joining = Joining.OPEN
    words: str = ""
    """The first thing that was said in it."""


@dataclass(frozen=True)
class PlannedMeeting:
    """An event as its host wrote it down, at a real street corner."""

    title: str
    description: str
    place: str
    in_days: int
    capacity: int
    guests: int
    weeks: int = 1
    """How many weeks in a row it takes place."""


GROUPS = (
    PlannedGroup(
        "North Cambridge Winter Riders",
        "cycling",
        "We ride to work and to the shop, also in the cold. Slow is fine.",
        14,
        "North Cambridge",
        words="Studded tires: who has a pair to try?",
    ),
    PlannedGroup(
        "Port Parents on Bikes",
        "cycling",
        "Cargo bikes, child seats, and the safest way to school.",
        23,
        "The Port",
        words="The way along Harvard Street has new lines. Shall we try it on Saturday?",
    ),
    PlannedGroup(
        "Riverside Gardeners",
        "gardening",
        "Seeds, tools and work days in three small gardens.",
        11,
        "Riverside",
        words="The compost is ready. Bring a bucket.",
    ),
    PlannedGroup(
        "Vecinos de East Cambridge",
        "reading",
        "Leemos un libro al mes y tomamos café.",
        9,
        "East Cambridge",
        ("es", "en"),
        words="El libro de diciembre está en la biblioteca.",
    ),
    PlannedGroup(
        "Repair Evenings",
        "repairing",
        "Lamps, zips and radios. Somebody knows how.",
        31,
        words="We look for somebody who can sew.",
    ),
    PlannedGroup(
        "Sky over Danehy Park",
        "night_sky",
        "A telescope, warm tea, and a clear evening.",
        7,
        "Neighborhood Nine",
        joining=Joining.BY_REQUEST,
        words="If the sky stays clear we meet on Thursday.",
    ),
)
MEETINGS = (
    PlannedMeeting(
        "Repair evening",
        "Bring what is broken, and stay while it is mended. Tools are there.",
        "449 Broadway",
        4,
        30,
        21,
        weeks=4,
    ),
    PlannedMeeting(
        "Lights and brakes: free check",
        "We look over your bike before the dark weeks. It takes ten minutes.",
        "344 Broadway",
        6,
        12,
        12,
    ),
    PlannedMeeting(
        "Slow ride along the river",
        "Six miles, with a stop for hot chocolate. Children come with somebody.",
        "806 Massachusetts Avenue",
        9,
        20,
        8,
    ),
    PlannedMeeting(
        "How to help in a storm",
        "One hour for new volunteers: what you do, what you never do, whom you call.",
        "51 Inman Street",
        12,
        40,
        17,
    ),
)


async def play_gatherings(
    stage: Stage,
    people: Sequence[Neighbor],
    known: Sequence[UUID],
    *,
    seed: int,
    now: datetime,
) -> None:
    """Topics, groups, a campaign of riding that is half through, and meetings to come.

    ``known`` are those whom one can try out: they belong to the first group and take part.
    """
    rng = np.random.default_rng([seed, 7])
    async with stage.database.begin() as session:
        for code, label, label_es in TOPICS:
            command = SaveInterest(stage.community.id, code, label, label_es)
            await save_interest(session, stage.actor, command, now=now)
    before = now - timedelta(days=60)
    crowd = iter([people[number].person_id for number in rng.permutation(len(people)).tolist()])
    members = [
        await _found(stage, group, crowd, known if number == 0 else (), now=before)
        for number, group in enumerate(GROUPS)
    ]
    riding = [(key, ids) for (key, ids), group in zip(members, GROUPS, strict=True)]
    await _ride(stage, riding[:2], people, known, rng=rng, now=now)
    everybody = [one.person_id for one in people]
    for meeting in MEETINGS:
        chosen = rng.permutation(len(everybody))[: meeting.guests].tolist()
        await _invite(stage, meeting, [everybody[number] for number in chosen], now=now)


async def _found(
    stage: Stage,
    planned: PlannedGroup,
    crowd: Iterator[UUID],
    known: Sequence[UUID],
    *,
    now: datetime,
) -> tuple[UUID, list[UUID]]:
    founder = next(crowd)
    command = FoundGroup(
        community_id=stage.community.id,
        name=planned.name,
        topic=planned.topic,
        summary=planned.summary,
        area=planned.area,
        languages=planned.languages,
        joining=Joining.OPEN,
    )
    ids = [founder, *known]
    async with stage.database.begin() as session:
        group = await found_group(session, _as_resident(stage, founder), command, now=now)
        ids += islice(crowd, planned.member_count - len(ids))
        for person_id in ids[1:]:
            actor = _as_resident(stage, person_id)
            await join_group(session, actor, JoinGroup(group_id=group.id), now=now)
        group.joining = planned.joining
        post = PostInGroup(group_id=group.id, text=planned.words, kind=PostKind.DISCUSSION)
        await post_in_group(session, _as_resident(stage, founder), post, now=now)
    return group.id, ids


async def _ride(
    stage: Stage,
    groups: Sequence[tuple[UUID, list[UUID]]],
    people: Sequence[Neighbor],
    known: Sequence[UUID],
    *,
    rng: np.random.Generator,
    now: datetime,
) -> None:
    """Winter Wheels: the groups of riders and others, each day as the weather of chance has it."""
    first = now.date() - timedelta(days=CAMPAIGN_DAYS_GONE)
    command = PlanCampaign(
        community_id=stage.community.id,
        slug="winter-wheels",
        kind=CampaignKind.BIKING,
        title="Winter Wheels",
        summary="Ride a bike at least once this month. Ten minutes counts. Snow days do not break "
        "anything.",
        starts_at=stage.midnight(first),
        ends_at=stage.midnight(first + CAMPAIGN_LENGTH),
        goal_value=400,
        goal_unit=GoalUnit.RIDE_DAYS,
        languages=("en", "es"),
    )
    begun = stage.moment(first)
    row = await plan_and_schedule(stage, command, now=begun - timedelta(days=14))
    async with stage.database.begin() as session:
        chosen = SetGroups(campaign_id=row.id, group_ids=tuple(key for key, _ in groups))
        await set_groups(session, stage.actor, chosen, now=begun - timedelta(days=1))
    await follow(stage, row.id, begun)
    riders = list(dict.fromkeys(key for _, ids in groups for key in ids))
    riders += [one.person_id for one in people if rng.random() < OTHERS_CHANCE]
    riders = list(dict.fromkeys(riders))
    await join(stage, row.id, riders, now=begun)
    for number in range(CAMPAIGN_DAYS_GONE):
        day = first + timedelta(days=number)
        rode = [key for key in riders if key not in known and rng.random() < RIDE_CHANCE]
        await _tell(stage, row.id, rode, day, rng=rng)
    async with stage.database.begin() as session:
        await publish_boards(session, row.id, now=now)


async def _tell(
    stage: Stage, campaign_id: UUID, person_ids: Sequence[UUID], day: date, rng: np.random.Generator
) -> None:
    evening = stage.midnight(day) + timedelta(hours=19)
    async with stage.database.begin() as session:
        for person_id in person_ids:
            minutes = int(rng.integers(10, 45))
            facts = RideFacts(
                started_at=stage.midnight(day) + timedelta(hours=8, minutes=minutes),
                duration_s=60.0 * minutes,
                distance_m=220.0 * minutes,
            )
            await add_ride(session, _as_resident(stage, person_id), campaign_id, facts, now=evening)


async def _invite(
    stage: Stage, planned: PlannedMeeting, guests: Sequence[UUID], *, now: datetime
) -> None:
    """A meeting with the guests who have said that they come."""
    start = datetime.combine(now.date() + timedelta(days=planned.in_days), EVENING)
    rule = Rule(Repeats.WEEKLY, count=planned.weeks) if planned.weeks > 1 else None
    command = CreateEvent(
        community_id=stage.community.id,
        title=planned.title,
        description=planned.description,
        place=NamedPlace(planned.place, _find_place(stage, planned.place)),
        starts_local=start.isoformat(timespec="minutes"),
        duration_s=5_400,
        capacity=planned.capacity,
        rule=rule,
        audience=EventAudience.PUBLIC,
        max_party=4,
        publish=True,
    )
    async with stage.database.begin() as session:
        made = await create_event(session, stage.actor, command, now=now)
    async with stage.database.begin() as session:
        day = (await list_occurrences(session, made.event.id))[0]
        for person_id in guests:
            actor = _as_resident(stage, person_id)
            await sign_up(session, actor, SignUp(day.id), now=now)


def _find_place(stage: Stage, address: str) -> Place:
    """A real address of the city: a library, a school, the city's office."""
    city = open_city(stage.community.city_pack)
    found = city.geocoder.geocode(address)[0]
    return Place(
        address_text=address,
        unit=None,
        lon_deg=found.lon,
        lat_deg=found.lat,
        precision=Precision.ROOFTOP.value,
        area=city.service_area.get_area(found.lon, found.lat),
        cell=city.cells().cell_of(found.lon, found.lat),
        address_id=None,
    )


def _as_resident(stage: Stage, person_id: UUID) -> Actor:
    return Actor(person_id=person_id, roles={stage.community.id: frozenset({Role.RESIDENT})})
