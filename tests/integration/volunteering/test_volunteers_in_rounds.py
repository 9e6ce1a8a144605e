"""What limits volunteers reaches the plan, and the independent checker agrees with the plan."""

from __future__ import annotations

import functools
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from core.clock import FixedClock
from core.db import Database, Session
from geo.city import CityPack, shipped_pack
from geo.straight_travel import StraightTravel
from geo.travel import TravelMode
from matching.availability import Away, local_day
from matching.engine.check import check
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.imports.records import Place
from matching.kinds import AssignmentStatus, OfferStatus, RequestKind, RequestStatus
from matching.models import Assignment, AvailabilityWindow, RequestWindow, Volunteer
from matching.repository import take_seat
from matching.rounds.inputs import read_inputs
from matching.rounds.problem import RoundProblem, build_round_problem
from matching.rounds.reason_words import Times, reason_sentences
from matching.rounds.reasons import explain_round
from matching.volunteering.standing_back import AddAway, add_away, pause_volunteer
from matching.volunteering.teams import FormTeam, NewMember, count_seats, form_team
from matching.volunteering.tools import OpenDepot, SetStock, open_depot, set_stock
from people.auth import Actor
from people.guardians import DeclareAge, GiveConsent, declare_age, give_guardian_consent
from people.kinds import Role
from people.models import Community, Household
from people.vetting import RecordVetting, record_vetting
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import add_ability, add_community, add_household, add_person

SYSTEM = Actor.system()
TOMORROW = EVENING + timedelta(days=1)


@functools.cache
def cambridge() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


def straight(mode: TravelMode) -> StraightTravel:
    return StraightTravel(mode)


class Town:
    """A community with rounds that travel in straight lines."""

    def __init__(self, database: Database, clock: FixedClock, community: Community) -> None:
        self.database, self.clock, self.community = database, clock, community

    async def plan(self) -> tuple[RoundProblem, Solution]:
        async with self.database.read() as session:
            inputs = await read_inputs(session, self.community, now=self.clock.now())
        made = build_round_problem(inputs, cambridge(), straight)
        solution = solve(made.problem, stop=Stop(), seed=1)
        report = check(made.problem, solution)
        assert report.violations == ()
        return made, solution

    def visits(self, made: RoundProblem, solution: Solution) -> set[tuple[UUID, UUID]]:
        return {
            (made.volunteers[route.volunteer].id, made.requests[j].id)
            for route in solution.routes
            for j in route.requests
        }

    def reasons(self, made: RoundProblem, solution: Solution) -> dict[UUID, tuple[str, str]]:
        """Code and sentences of each unserved request."""
        times = Times(made.inputs.horizon.zero_at, made.inputs.zone)
        return {
            made.requests[one.request].id: (
                one.code,
                " ".join(reason_sentences(one.code, one.detail, times)),
            )
            for one in explain_round(made, solution).reasons
        }


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    async with database.begin() as session:
        return Town(database, clock, await add_community(session))


def all_day(day: int = 0) -> list[RequestWindow]:
    start = EVENING + timedelta(days=day)
    return [RequestWindow(opens_at=start, closes_at=start + timedelta(hours=4))]


async def add_open(session: Session, town: Town, *, days: tuple[int, ...] = (0,), **values: Any):  # type: ignore[no-untyped-def]  # a HelpRequest
    row = await add_request(session, town.community, **values)
    row.windows = [window for day in days for window in all_day(day)]
    await session.flush()
    return row


async def free_on(session: Session, volunteer: Volunteer, *days: int) -> None:
    """The evenings of some days."""
    await session.refresh(volunteer, ["windows"])
    volunteer.windows = [
        AvailabilityWindow(
            starts_at=EVENING + timedelta(days=day), ends_at=EVENING + timedelta(days=day, hours=4)
        )
        for day in days
    ]
    await session.flush()


async def test_no_more_visits_on_a_day_than_a_volunteer_gives(town: Town) -> None:
    """Two evenings, six homes open on both: one of the days has a visit behind it already."""
    async with town.database.begin() as session:
        for _ in range(6):
            await add_open(session, town, days=(0, 1))
        volunteer = await add_volunteer(session, town.community, max_tasks=5, max_tasks_per_day=2)
        await free_on(session, volunteer, 0, 1)
        done = await add_request(session, town.community, status=RequestStatus.CONFIRMED)
        offer = await add_offer(session, done, volunteer, status=OfferStatus.ACCEPTED)
        session.add(
            Assignment(
                community_id=town.community.id,
                request_id=done.id,
                volunteer_id=volunteer.id,
                offer_id=offer.id,
                status=AssignmentStatus.DONE,
                seat=0,
                starts_at=EVENING - timedelta(hours=2),
                ends_at=EVENING - timedelta(hours=1),
                accepted_at=EVENING - timedelta(hours=3),
            )
        )
    made, solution = await town.plan()
    days = Counter(
        local_day(made.inputs.horizon.moment(start_s), made.inputs.zone)
        for route in solution.routes
        for start_s in route.start_s
    )
    days[EVENING.date()] += 1
    assert sum(days.values()) == 2
    assert all(count <= 2 for count in days.values())


async def test_a_full_day_leaves_the_next_one_free(town: Town) -> None:
    async with town.database.begin() as session:
        for _ in range(3):
            await add_open(session, town, days=(0, 1))
        volunteer = await add_volunteer(session, town.community, max_tasks=2, max_tasks_per_day=0)
        await free_on(session, volunteer, 0, 1)
        other = await add_volunteer(session, town.community, max_tasks=2)
        await free_on(session, other, 1)
    made, solution = await town.plan()
    assert {key for key, _ in town.visits(made, solution)} == {other.id}
    assert len(town.visits(made, solution)) == 2


async def test_nobody_is_planned_on_days_away(town: Town) -> None:
    async with town.database.begin() as session:
        request = await add_open(session, town, days=(0, 1))
        volunteer = await add_volunteer(session, town.community)
        await free_on(session, volunteer, 0, 1)
        away = Away(date(2026, 1, 15), date(2026, 1, 15))
        await add_away(session, SYSTEM, AddAway(volunteer.id, away), now=town.clock.now())
    made, solution = await town.plan()
    assert town.visits(made, solution) == {(volunteer.id, request.id)}
    (route,) = solution.routes
    assert made.inputs.horizon.moment(route.start_s[0]) >= TOMORROW


async def test_work_of_somebody_who_pauses_stays_theirs(town: Town) -> None:
    async with town.database.begin() as session:
        request = await add_open(session, town, status=RequestStatus.ACCEPTED, seats_taken=1)
        volunteer = await add_volunteer(session, town.community)
        offer = await add_offer(session, request, volunteer, status=OfferStatus.ACCEPTED)
        session.add(
            Assignment(
                community_id=town.community.id,
                request_id=request.id,
                volunteer_id=volunteer.id,
                offer_id=offer.id,
                seat=0,
                starts_at=offer.starts_at,
                ends_at=offer.ends_at,
                accepted_at=town.clock.now(),
            )
        )
        await add_volunteer(session, town.community)
        await session.flush()
        await pause_volunteer(session, SYSTEM, volunteer.id, until=None, now=town.clock.now())
    made, solution = await town.plan()
    assert made.requests == ()
    assert town.visits(made, solution) == set()


async def far_place(session: Session, community: Community, lat_deg: float) -> Household:
    return await add_household(session, community, lon_deg=-71.1106, lat_deg=lat_deg)


async def test_the_other_place_is_where_a_volunteer_starts_then(town: Town) -> None:
    """Home is out of reach of the request, work is next to it; each has its own hour."""
    async with town.database.begin() as session:
        request = await add_open(session, town)
        volunteer = await add_volunteer(session, town.community)
        home = await far_place(session, town.community, 42.3990)
        work = await far_place(session, town.community, 42.3738)
        volunteer.home_id, volunteer.second_anchor_id = home.id, work.id
        await session.refresh(volunteer, ["windows"])
        volunteer.windows = [
            AvailabilityWindow(starts_at=EVENING, ends_at=EVENING + timedelta(hours=1)),
            AvailabilityWindow(
                starts_at=EVENING + timedelta(hours=2),
                ends_at=EVENING + timedelta(hours=4),
                from_second_anchor=True,
            ),
        ]
    made, solution = await town.plan()
    assert made.anchors[0].id == work.id
    assert town.visits(made, solution) == {(volunteer.id, request.id)}
    assert made.inputs.horizon.moment(solution.routes[0].start_s[0]) >= EVENING + timedelta(hours=2)
    assert np.allclose(made.lonlat[0], (-71.1106, 42.3738))


async def test_a_check_that_is_missing_is_the_reason(town: Town) -> None:
    async with town.database.begin() as session:
        groceries = await add_open(session, town, weight=2.0)
        groceries.kind = RequestKind.GROCERIES
        snow = await add_open(session, town)
        volunteer = await add_volunteer(session, town.community)
    made, solution = await town.plan()
    assert town.visits(made, solution) == {(volunteer.id, snow.id)}
    code, words = town.reasons(made, solution)[groceries.id]
    assert code == "vetting_missing"
    assert "1 lacks a valid background check" in words

    async with town.database.begin() as session:
        passed = RecordVetting(town.community.id, volunteer.person_id, "background_check")
        await record_vetting(session, SYSTEM, passed, now=town.clock.now())
    made, solution = await town.plan()
    assert (volunteer.id, groceries.id) in town.visits(made, solution)
    assert "vetting:background_check" not in made.problem.skill_names


async def test_a_check_must_hold_to_the_end_of_the_round(town: Town) -> None:
    async with town.database.begin() as session:
        groceries = await add_open(session, town)
        groceries.kind = RequestKind.GROCERIES
        volunteer = await add_volunteer(session, town.community)
        soon_over = RecordVetting(
            town.community.id,
            volunteer.person_id,
            "background_check",
            valid_until=EVENING + timedelta(hours=3),
        )
        await record_vetting(session, SYSTEM, soon_over, now=town.clock.now())
    made, solution = await town.plan()
    assert town.visits(made, solution) == set()


async def test_a_minor_helps_with_consent_and_an_adult(town: Town) -> None:
    async with town.database.begin() as session:
        request = await add_open(session, town)
        volunteer = await add_volunteer(session, town.community)
        guardian = await add_person(session, town.community, role=Role.VOLUNTEER)
        minor = volunteer.person_id
        await declare_age(
            session, SYSTEM, DeclareAge(town.community.id, minor, 2011), now=town.clock.now()
        )
    made, solution = await town.plan()
    code, words = town.reasons(made, solution)[request.id]
    assert code == "guardian_missing"
    assert "guardian" in words

    consent = GiveConsent(
        town.community.id, minor, guardian.id, EVENING + timedelta(days=90), "1", "form",
        kinds=("snow",), alone=True,
    )  # fmt: skip
    async with town.database.begin() as session:
        await give_guardian_consent(session, SYSTEM, consent, now=town.clock.now())
    made, solution = await town.plan()
    assert "an adult who comes along" in town.reasons(made, solution)[request.id][1]

    async with town.database.begin() as session:
        team = FormTeam(volunteer.id, "Two", 2, (NewMember("An Adult"),))
        await form_team(session, SYSTEM, team, now=town.clock.now())
    made, solution = await town.plan()
    assert town.visits(made, solution) == {(volunteer.id, request.id)}


async def test_a_team_is_a_whole_crew(town: Town) -> None:
    """Two pairs of hands at a heavy job: the family does it alone, one place in its plan."""
    async with town.database.begin() as session:
        crew = await add_open(session, town, crew_size=2, weight=3.0)
        single = await add_open(session, town)
        family = await add_volunteer(session, town.community, max_tasks=1)
        team = FormTeam(family.id, "The Synthetics", 2)
        await form_team(session, SYSTEM, team, now=town.clock.now())
        neighbour = await add_volunteer(session, town.community, max_tasks=1)
    made, solution = await town.plan()
    assert town.visits(made, solution) == {(family.id, crew.id), (neighbour.id, single.id)}
    async with town.database.begin() as session:
        seats = await count_seats(session, family.id, crew)
        assert seats == 2
        assert await take_seat(session, crew.id, town.clock.now(), seats=seats) == 2
        assert await take_seat(session, crew.id, town.clock.now()) is None
        assert await count_seats(session, neighbour.id, single) == 1


async def test_a_team_that_is_taken_up_leaves_other_crews_to_single_people(town: Town) -> None:
    async with town.database.begin() as session:
        first = await add_open(session, town, crew_size=2, weight=3.0)
        second = await add_open(session, town, crew_size=2, weight=2.0)
        family = await add_volunteer(session, town.community, max_tasks=1)
        await form_team(
            session, SYSTEM, FormTeam(family.id, "The Synthetics", 3), now=town.clock.now()
        )
        one = await add_volunteer(session, town.community, max_tasks=1)
        two = await add_volunteer(session, town.community, max_tasks=1)
    made, solution = await town.plan()
    assert town.visits(made, solution) == {
        (family.id, first.id),
        (one.id, second.id),
        (two.id, second.id),
    }


async def test_work_that_a_team_holds_needs_nobody_else(town: Town) -> None:
    async with town.database.begin() as session:
        crew = await add_open(
            session, town, crew_size=3, seats_taken=2, status=RequestStatus.OPEN, weight=3.0
        )
        family = await add_volunteer(session, town.community)
        offer = await add_offer(session, crew, family, status=OfferStatus.ACCEPTED)
        session.add(
            Assignment(
                community_id=town.community.id,
                request_id=crew.id,
                volunteer_id=family.id,
                offer_id=offer.id,
                seat=0,
                seats=2,
                starts_at=offer.starts_at,
                ends_at=offer.ends_at,
                accepted_at=town.clock.now(),
            )
        )
        third = await add_volunteer(session, town.community)
        await add_volunteer(session, town.community)
    made, solution = await town.plan()
    assert int(made.problem.requests.crew_size[0]) == 2
    visits = town.visits(made, solution)
    assert len(visits) == 2
    assert (family.id, crew.id) in visits
    assert third.id is not None


def depot_place(lat_deg: float = 42.3737) -> Place:
    return Place("1 Depot Street", None, -71.1106, lat_deg, "rooftop", "Riverside", None, "d1")


async def open_stock(town: Town, session: Session, owned: int, **values: Any) -> None:
    community = town.community.id
    depot = OpenDepot(community, "library", "Library", depot_place(), **values)
    await open_depot(session, SYSTEM, depot, now=town.clock.now())
    stock = SetStock(community, "library", "snow_blower", owned)
    await set_stock(session, SYSTEM, stock, now=town.clock.now())


async def test_tools_on_loan_go_as_far_as_the_stock(town: Town) -> None:
    async with town.database.begin() as session:
        blower = await add_ability(session, town.community, "snow_blower")
        requests = [
            await add_open(session, town, needs=[blower], weight=weight)
            for weight in (1.0, 3.0, 2.0)
        ]
        for _ in range(3):
            await add_volunteer(session, town.community, max_tasks=1)
        await open_stock(town, session, 2)
    made, solution = await town.plan()
    assert len(made.loans) == 2
    served = {request for _, request in town.visits(made, solution)}
    assert served == {requests[1].id, requests[2].id}
    code, words = town.reasons(made, solution)[requests[0].id]
    assert code == "tool_stock"
    assert "snow blower (none left to lend)" in words


async def test_enough_tools_are_no_limit(town: Town) -> None:
    async with town.database.begin() as session:
        blower = await add_ability(session, town.community, "snow_blower")
        await add_open(session, town, needs=[blower])
        await add_volunteer(session, town.community)
        await open_stock(town, session, 9)
    made, solution = await town.plan()
    assert len(town.visits(made, solution)) == 1
    assert made.problem.skill_names == ("snow_blower",)


async def test_a_closed_depot_lends_nothing(town: Town) -> None:
    async with town.database.begin() as session:
        blower = await add_ability(session, town.community, "snow_blower")
        request = await add_open(session, town, needs=[blower])
        await add_volunteer(session, town.community)
        await open_stock(town, session, 9, hours=("Mon 9:00-10:00",))
    made, solution = await town.plan()
    assert made.loans == frozenset()
    assert town.reasons(made, solution)[request.id][0] == "tool_missing"
