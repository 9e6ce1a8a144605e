"""A whole made-up town in one call: a bit of everything that the product keeps.

For demonstrations and for tests that need two communities beside each other. Nobody in it exists:
names are numbers, mail goes to the town's own ``.example`` domain, and phone numbers come from the
range that is kept free for fiction. Whatever tells who somebody is holds the short name of the
town, so that a leak from one town into another is found by looking for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import h3.api.basic_int as h3

from api.demo.town_engagement import Engagement, add_engagement
from api.demo.town_integrations import TownIntegrations
from api.demo.town_people import Place, TownPeople
from api.demo.town_rows import TownRows
from api.demo.town_work import TownWork
from core.db import Session
from core.ids import new_id
from messaging.confirming import CONFIRM_CONTACT, LINK_LIFE
from people.links import LinkTo, create_link
from people.models import Community

OPENED_BEFORE = timedelta(days=90)
AREAS = ("Riverside", "Hilltop", "Old Mill", "Station")
SMALLEST, LARGEST = 4, 1_000


@dataclass(frozen=True, kw_only=True)
class TownPlan:
    """What a town is called, how large it is and where it lies."""

    slug: str
    name: str | None = None
    scale: int = 10
    """So many residents and volunteers, and as many rows of everything else, or more."""
    city_pack: str = "cambridge"
    utm_epsg: int = 32619
    time_zone: str = "America/New_York"
    places: Sequence[Place] = field(default_factory=tuple)
    """Homes: those of the residents, then those of the volunteers; empty makes them up."""


@dataclass(frozen=True, kw_only=True)
class Town(Engagement):
    """The ids of everything in a town.

    The first resident and the first volunteer have `scale` rows of everything that is theirs; the
    first conversation holds as many posts.
    """

    community_id: UUID
    slug: str
    manager_id: UUID
    """A person, as the coordinator, the residents and ``volunteer_person_ids``."""
    coordinator_id: UUID
    resident_ids: tuple[UUID, ...]
    volunteer_ids: tuple[UUID, ...]
    """Profiles; the person of each stands at the same place of ``volunteer_person_ids``."""
    volunteer_person_ids: tuple[UUID, ...]
    household_ids: tuple[UUID, ...]
    storm_id: UUID
    """The active one; the others are closed."""
    storm_ids: tuple[UUID, ...]
    round_id: UUID
    """The newest of ``round_ids``; it keeps documents and reasons."""
    round_ids: tuple[UUID, ...]
    round_job_ids: tuple[UUID, ...]
    """What was asked for: one for each round, the last one called off."""
    request_ids: tuple[UUID, ...]
    """First those that were offered, then the accepted, the open, the confirmed ones, and those
    that wait for review: `scale` of each."""
    standing_ids: tuple[UUID, ...]
    """First the active ones, then those that wait for review."""
    ask_ids: tuple[UUID, ...]
    """The live ask of each volunteer."""
    offer_ids: tuple[UUID, ...]
    """First those that wait for an answer: of each volunteer, then more of the first one."""
    assignment_ids: tuple[UUID, ...]
    """First the agreed visit of each volunteer, then what the first one has done."""
    thread_ids: tuple[UUID, ...]
    """The conversation about each agreed visit."""
    message_ids: tuple[UUID, ...]
    contact_ids: Mapping[UUID, UUID]
    """The mail address of each person, as a contact point."""
    confirm_token: str
    """Of the link that asks the first resident whether that address is theirs."""
    guardian_consent_ids: tuple[UUID, ...]
    """Given by the first resident, and by the first volunteer."""
    away_ids: tuple[UUID, ...]
    """Days away of each volunteer."""
    ban_ids: tuple[UUID, ...]
    """Of each volunteer: the first one's own wish, the others by that of the resident."""
    depot_ids: tuple[UUID, ...]
    ability_ids: tuple[UUID, ...]
    webhook_ids: tuple[UUID, ...]
    """At most 15."""
    delivery_ids: tuple[UUID, ...]
    """What the first webhook was told."""
    calendar_ids: Mapping[UUID, UUID]
    """The calendar of the first two volunteers, the coordinator and the manager, by person."""
    sign_in_ids: Mapping[UUID, UUID]
    """A browser of the same people and of the first resident, by person."""
    token_ids: Mapping[UUID, UUID]
    """An API token of each of them, by person."""


async def seed_town(session: Session, plan: TownPlan, *, now: datetime) -> Town:
    """Add a town as it is in the middle of a storm, at ``now``."""
    community = await _add_community(session, plan, now)
    places = list(plan.places) or make_places(plan.slug, 2 * plan.scale)
    rows = TownRows(session)
    people = TownPeople(rows, community, plan.scale, now)
    people.add_all(places)
    work = TownWork(rows, people, now)
    work.add_all()
    others = TownIntegrations(rows, people, now)
    others.add_all()
    engagement = add_engagement(rows, people, work, now)
    await rows.write()
    return Town(
        community_id=community.id,
        slug=plan.slug,
        manager_id=people.manager_id,
        coordinator_id=people.coordinator_id,
        resident_ids=tuple(people.resident_ids),
        volunteer_ids=tuple(people.volunteer_ids),
        volunteer_person_ids=tuple(people.volunteer_person_ids),
        household_ids=tuple(people.household_ids),
        storm_id=work.storm_ids[-1],
        storm_ids=tuple(work.storm_ids),
        round_id=work.round_ids[-1],
        round_ids=tuple(work.round_ids),
        round_job_ids=tuple(work.round_job_ids),
        request_ids=tuple(work.request_ids),
        standing_ids=tuple(work.standing_ids),
        ask_ids=tuple(work.ask_ids),
        offer_ids=tuple(work.offer_ids),
        assignment_ids=tuple(work.assignment_ids),
        thread_ids=tuple(work.thread_ids),
        message_ids=tuple(work.message_ids),
        contact_ids=people.contact_ids,
        confirm_token=await _ask_to_confirm(session, people, now),
        guardian_consent_ids=tuple(people.guardian_consent_ids),
        away_ids=tuple(people.away_ids),
        ban_ids=tuple(people.ban_ids),
        depot_ids=tuple(people.depot_ids),
        ability_ids=tuple(people.ability_ids),
        webhook_ids=tuple(others.webhook_ids),
        delivery_ids=tuple(others.delivery_ids),
        calendar_ids=others.calendar_ids,
        sign_in_ids=others.sign_in_ids,
        token_ids=others.token_ids,
        **vars(engagement),
    )


async def _add_community(session: Session, plan: TownPlan, now: datetime) -> Community:
    community = Community(
        id=new_id(),
        slug=plan.slug,
        name=plan.name or plan.slug.replace("-", " ").title(),
        time_zone=plan.time_zone,
        city_pack=plan.city_pack,
        utm_epsg=plan.utm_epsg,
        created_at=now - OPENED_BEFORE,
    )
    session.add(community)
    await session.flush()
    return community


async def _ask_to_confirm(session: Session, people: TownPeople, now: datetime) -> str:
    first = people.resident_ids[0]
    link = LinkTo(
        action=CONFIRM_CONTACT,
        person_id=first,
        subject_id=people.contact_ids[first],
        expires_at=now + LINK_LIFE,
    )
    return await create_link(session, link, now=now)


def make_places(slug: str, count: int) -> list[Place]:
    """Made-up homes along made-up streets, ten to a street."""
    places = []
    for number in range(count):
        lon_deg = -71.1106 + 0.0012 * (number % 10)
        lat_deg = 42.3736 + 0.0009 * (number // 10 % 40)
        places.append(
            Place(
                address_text=f"{number + 1} {slug.title()} Way",
                lon_deg=lon_deg,
                lat_deg=lat_deg,
                cell=h3.latlng_to_cell(lat_deg, lon_deg, 9),
                area=AREAS[number // 10 % len(AREAS)],
            )
        )
    return places
