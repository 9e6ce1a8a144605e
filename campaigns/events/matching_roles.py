"""Who could fill the roles of an event: the optimiser that matches residents and volunteers.

Each place in a role is a visit at the event's place, as long as the event, with the role's skills
and tools. Candidates are people who offered to help that day, and active volunteers who agreed to
be asked about campaigns and have that time free. Ways are straight lines times 1.3: an estimate.
The plan proposes; an organizer confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.events import helpers_repository, repository, seats_repository
from campaigns.events.errors import EventClosed, NoRoles
from campaigns.events.kinds import HelperStatus, OccurrenceStatus
from campaigns.events.models import EventHelper, EventOccurrence, EventRole
from campaigns.events.organizing import hold_day
from campaigns.events.planning import record
from campaigns.events.role_problem import MARGIN_S, NO_LIMIT, Candidate, RoleInputs, make_problem
from core.db import Session
from geo.travel import TravelMode
from matching.availability import Window
from matching.engine.funnel import Funnel, FunnelMaker, Reason
from matching.engine.problem import Problem
from matching.engine.solve import solve
from matching.models import Volunteer
from matching.volunteering.days import Span, find_free_time
from people.auth import Actor
from people.models import Household


@dataclass(frozen=True)
class RolePlan:
    """Who is proposed for what, and why places stay open."""

    occurrence_id: UUID
    proposed: tuple[tuple[UUID, UUID, int], ...]
    """(role, person, metres to go)."""
    unfilled: tuple[RoleGap, ...]


@dataclass(frozen=True)
class RoleGap:
    """Places of a role that nobody was found for."""

    role_id: UUID
    code: str
    count: int
    reason: Reason
    missing: tuple[str, ...]
    sentence: str


async def read_role_inputs(
    session: Session, actor: Actor, occurrence_id: UUID, *, now: datetime
) -> RoleInputs:
    """The open places of a day, and everybody who might fill one."""
    event, day = await hold_day(session, actor, occurrence_id)
    if day.status is OccurrenceStatus.CANCELLED or now >= day.starts_at:
        raise EventClosed("Helpers are looked for before an event begins.")
    roles = await helpers_repository.list_roles(session, event.id)
    if not roles:
        raise NoRoles("The event names no roles; say first which hands it needs.")
    place = await repository.get_place(session, day.place_id or event.place_id)
    helpers = await helpers_repository.list_helpers(session, day.id)
    taking = [row.role_id for row in helpers if row.status in helpers_repository.TAKING]
    offers = {
        row.person_id: row
        for row in helpers
        if row.is_own_offer and row.status not in helpers_repository.TAKING
    }
    away = await helpers_repository.list_withdrawn(session, day.id)
    away |= {row.person_id for row in helpers if row.status in helpers_repository.TAKING}
    volunteers = [
        row
        for row in await helpers_repository.list_volunteers(
            session, event.community_id, list(offers), now
        )
        if row.person_id not in away
    ]
    busy = await helpers_repository.list_busy(
        session, [row.id for row in volunteers], day.starts_at, day.ends_at
    )
    others = [key for key in offers if key not in {row.person_id for row in volunteers}]
    homes = await helpers_repository.load_homes(session, others)
    people = [row.person_id for row in volunteers] + others
    codes = await helpers_repository.load_codes(session, people)
    zone = ZoneInfo(event.time_zone)
    found = [
        _of_volunteer(row, day, zone, codes, offers.get(row.person_id), is_busy=row.id in busy)
        for row in volunteers
    ]
    here = (place.lon_deg, place.lat_deg)
    found += [_of_helper(offers[key], day, homes.get(key), codes, here) for key in others]
    return RoleInputs(
        day.id,
        day.starts_at,
        day.ends_at,
        place.lon_deg,
        place.lat_deg,
        tuple(roles),
        tuple(max(0, role.wanted_count - taking.count(role.id)) for role in roles),
        tuple(found),
    )


def plan_roles(inputs: RoleInputs) -> RolePlan:
    """The best way to fill the open places, and a reason for each that stays open. Pure."""
    places = [
        role
        for role, count in zip(inputs.roles, inputs.open_count, strict=True)
        for _ in range(count)
    ]
    if not places:
        return RolePlan(inputs.occurrence_id, (), ())
    problem = make_problem(inputs, places)
    solution = solve(problem)
    seated: dict[int, int] = {
        int(j): route.volunteer for route in solution.routes for j in route.requests
    }
    proposed = tuple(
        (places[j].id, inputs.candidates[i].person_id, _measure(problem, i, j))
        for j, i in sorted(seated.items())
    )
    maker = FunnelMaker(problem, solution)
    gaps = []
    for role in inputs.roles:
        left = [j for j, place in enumerate(places) if place.id == role.id and j not in seated]
        if left:
            gaps.append(_explain(role, len(left), maker.make(left[0]), problem))
    return RolePlan(inputs.occurrence_id, proposed, tuple(gaps))


async def store_role_plan(
    session: Session, actor: Actor, plan: RolePlan, *, now: datetime
) -> list[EventHelper]:
    """Keep the proposals instead of earlier ones; who was confirmed or withdrew meanwhile stays.

    Records ``community_event.roles_planned``.
    """
    event, day = await hold_day(session, actor, plan.occurrence_id)
    helpers = {row.person_id: row for row in await helpers_repository.list_helpers(session, day.id)}
    gone = await helpers_repository.list_withdrawn(session, day.id)
    for row in list(helpers.values()):
        if row.status is HelperStatus.PROPOSED:
            if row.is_own_offer:
                row.status, row.role_id, row.changed_at = HelperStatus.VOLUNTEERED, None, now
            else:
                del helpers[row.person_id]
                await session.delete(row)
    await session.flush()
    for role_id, person_id, travel_m in plan.proposed:
        known = helpers.get(person_id)
        if person_id in gone or (known and known.status in helpers_repository.TAKING):
            continue
        if known is None:
            if not await seats_repository.is_present(session, person_id):
                continue
            known = EventHelper(
                occurrence_id=day.id,
                community_id=event.community_id,
                person_id=person_id,
                is_own_offer=False,
                created_at=now,
            )
            session.add(known)
        known.status = HelperStatus.PROPOSED
        known.role_id = role_id
        known.travel_m = travel_m
        known.changed_at = now
    await session.flush()
    record(
        session,
        "community_event.roles_planned",
        event,
        actor,
        now,
        proposed_count=len(plan.proposed),
        unfilled_count=sum(gap.count for gap in plan.unfilled),
    )
    return await helpers_repository.list_helpers(session, day.id)


def _of_volunteer(
    row: Volunteer,
    day: EventOccurrence,
    zone: ZoneInfo,
    codes: dict[UUID, set[str]],
    offer: EventHelper | None,
    *,
    is_busy: bool,
) -> Candidate:
    """A volunteer by their own limits; who offered to help that day has that time."""
    around = _around(day)
    span = Span(around[0], around[1], zone)
    free: list[Window] = [around]
    home: Household = row.home
    if offer is None:
        free = find_free_time(row, span, from_second_anchor=False)
        if row.second_anchor is not None and not _covers(free, day):
            free = find_free_time(row, span, from_second_anchor=True)
            home = row.second_anchor
    return Candidate(
        row.person_id,
        home.address.lon_deg,
        home.address.lat_deg,
        frozenset(codes.get(row.person_id, ())),
        () if is_busy else tuple(free),
        TravelMode(row.mode.value),
        row.max_travel_s,
        NO_LIMIT if row.radius_m is None else row.radius_m,
        row.load,
        1.0 if offer is not None else row.accept_prior,
        offer is not None,
        None if offer is None else offer.role_id,
    )


def _of_helper(
    offer: EventHelper,
    day: EventOccurrence,
    home: Household | None,
    codes: dict[UUID, set[str]],
    here: tuple[float, float],
) -> Candidate:
    """Somebody who offered to help and is no volunteer: they know how far they go."""
    at = here if home is None else (home.address.lon_deg, home.address.lat_deg)
    return Candidate(
        offer.person_id,
        at[0],
        at[1],
        frozenset(codes.get(offer.person_id, ())),
        (_around(day),),
        TravelMode.CAR,
        MARGIN_S,
        NO_LIMIT,
        0.0,
        1.0,
        True,
        offer.role_id,
    )


def _around(day: EventOccurrence) -> Window:
    margin = timedelta(seconds=MARGIN_S)
    return day.starts_at - margin, day.ends_at + margin


def _covers(windows: Sequence[Window], day: EventOccurrence) -> bool:
    return any(opens <= day.starts_at and day.ends_at <= closes for opens, closes in windows)


def _measure(problem: Problem, volunteer: int, request: int) -> int:
    """Metres from somebody's home to the event."""
    travel = problem.travel[int(problem.volunteers.mode[volunteer])]
    there = len(problem.volunteers) + request
    _, metres = travel.legs(np.array([volunteer]), np.array([there]))
    return int(metres[0])


def _explain(role: EventRole, count: int, funnel: Funnel, problem: Problem) -> RoleGap:
    """Why places of a role stay open, in words an organizer can act on."""
    reason = funnel.reason or Reason.LOWER_VALUE
    missing = tuple(problem.skill_names[bit] for bit, _ in funnel.missing_skills)
    asked = f"{funnel.volunteers} people were looked at"
    if not funnel.volunteers:
        words = "nobody offered to help, and nobody who may be asked was found"
    elif reason is Reason.OUT_OF_REACH:
        words = f"{asked}: it is too far for {funnel.too_far} of them"
    elif reason is Reason.SKILL_MISSING:
        words = f"{asked}: {funnel.without_skills} of them lack {', '.join(missing)}"
    elif reason is Reason.NO_COMMON_TIME:
        words = f"{asked}: {funnel.without_time} of them have no time for all of it"
    elif reason is Reason.LOWER_VALUE:
        words = f"{asked}: {funnel.able} could, and all of them are needed in other roles"
    elif reason is Reason.NOT_WORTH_IT:
        words = f"{asked}: for the {funnel.able} who could the way is too long"
    else:
        words = f"{asked}: {funnel.able} of them could do it"
    return RoleGap(role.id, role.code, count, reason, missing, f"{role.label}: {words}.")
