"""Rides: told, told again, corrected, taken back, counted and forgotten, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.biking import figures_repository, repository
from campaigns.biking.checking import RideFacts
from campaigns.biking.errors import (
    EntryTooLate,
    InvalidBikingRules,
    InvalidRide,
    NotTakingPart,
    OverlappingRides,
    RideUnknown,
    TooManyRides,
)
from campaigns.biking.gpx import read_track
from campaigns.biking.importing import NothingStored, import_rides, read_rides_file
from campaigns.biking.kinds import RidePurpose
from campaigns.biking.measuring import (
    UnitKind,
    list_unit_figures,
    load_biking_figures,
    load_group_shares,
    load_points,
    load_ride_totals,
    measure_effect,
)
from campaigns.biking.models import Ride
from campaigns.biking.recording import (
    add_ride,
    add_track,
    change_ride,
    delete_ride,
    set_biking_rules,
)
from campaigns.errors import TooLittleData
from campaigns.measuring.effects import Verdict
from campaigns.programmes.errors import CampaignClosed
from campaigns.programmes.joining import leave_campaign
from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Person
from people.repository import load_actor
from tests.factories.campaigns import JUNE, MAY, add_campaign, add_member
from tests.factories.people import add_community, add_household, add_person
from tests.gpx import START, ride_east, write_gpx

NOW = MAY + timedelta(days=10)
MORNING = MAY + timedelta(days=2, hours=8, minutes=30)


@dataclass(frozen=True)
class Season:
    """A town, its running campaign, somebody who rides and the manager."""

    community: Community
    campaign: Campaign
    person: Person
    rider: Actor
    manager: Actor


async def seed(database: Database, **values: Any) -> Season:
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community, **values)
        person = await add_person(session, community, email="rider@example.org")
        boss = await add_person(session, community, role=Role.MANAGER)
        await add_member(session, campaign, person)
        rider, manager = await load_actor(session, person.id), await load_actor(session, boss.id)
        return Season(community, campaign, person, rider, manager)


def ride(**changes: Any) -> RideFacts:
    facts: dict[str, Any] = {"started_at": MORNING, "duration_s": 1_200, "distance_m": 5_000}
    return RideFacts(**(facts | changes))


def later(hours: float, **changes: Any) -> RideFacts:
    return ride(started_at=MORNING + timedelta(hours=hours), **changes)


async def total_of(database: Database, campaign: Campaign) -> list[tuple[int, int, int]]:
    async with database.read() as session:
        totals = await load_ride_totals(session, campaign.id)
    return [(one.ride_count, one.day_count, one.distance_m) for one in totals]


async def test_a_ride_counts_once_and_figures_follow_each_change(database: Database) -> None:
    season = await seed(database)
    key, rider = season.campaign.id, season.rider
    async with database.begin() as session:
        first = await add_ride(session, rider, key, ride(), now=NOW)
        again = await add_ride(session, rider, key, ride(), now=NOW)
        assert (first.is_new, again.is_new, again.ride.id) == (True, False, first.ride.id)
        second = await add_ride(session, rider, key, later(9), now=NOW)
    assert await total_of(database, season.campaign) == [(2, 1, 10_000)]
    async with database.begin() as session:
        changes = {"distance_m": 4_000, "started_at": MORNING + timedelta(days=1)}
        changed = await change_ride(session, rider, second.ride.id, changes, now=NOW)
        assert changed.local_day == date(2027, 5, 4)
    assert await total_of(database, season.campaign) == [(2, 2, 9_000)]
    async with database.begin() as session:
        await delete_ride(session, rider, first.ride.id, now=NOW)
        with pytest.raises(RideUnknown):
            await delete_ride(session, rider, first.ride.id, now=NOW)
    assert await total_of(database, season.campaign) == [(1, 1, 4_000)]
    async with database.begin() as session:
        retold = await add_ride(session, rider, key, ride(), now=NOW)
        assert retold.is_new
        await leave_campaign(session, rider, key, now=NOW)
    assert await total_of(database, season.campaign) == []


async def test_overlaps_and_more_rides_than_a_day_has_are_refused(database: Database) -> None:
    season = await seed(database, settings={"most_rides_a_day": 3})
    key, rider = season.campaign.id, season.rider
    async with database.begin() as session:
        for hours in (0, 1, 2):
            await add_ride(session, rider, key, later(hours), now=NOW)
        with pytest.raises(OverlappingRides):
            await add_ride(session, rider, key, later(0.1), now=NOW)
        with pytest.raises(TooManyRides, match="2027-05-03"):
            await add_ride(session, rider, key, later(3), now=NOW)
        # Twenty-three o'clock belongs to the day, midnight to the next one.
        with pytest.raises(TooManyRides):
            await add_ride(session, rider, key, later(15), now=NOW)
        await add_ride(session, rider, key, later(15.5), now=NOW)
        clash = await add_ride(session, rider, key, later(24), now=NOW)
        changes = {"started_at": MORNING + timedelta(hours=15.6)}
        with pytest.raises(OverlappingRides):
            await change_ride(session, rider, clash.ride.id, changes, now=NOW)
    assert await total_of(database, season.campaign) == [(5, 2, 25_000)]


async def test_two_uploads_of_one_ride_at_once_are_one_ride(database: Database) -> None:
    season = await seed(database)

    async def tell() -> bool:
        async with database.begin() as session:
            done = await add_ride(session, season.rider, season.campaign.id, ride(), now=NOW)
        return done.is_new

    told = await asyncio.gather(*(tell() for _ in range(4)))
    assert sorted(told) == [False, False, False, True]
    assert await total_of(database, season.campaign) == [(1, 1, 5_000)]


async def test_who_may_tell_and_take_back_which_ride(database: Database) -> None:
    season = await seed(database)
    key = season.campaign.id
    async with database.begin() as session:
        told = await add_ride(session, season.rider, key, ride(), now=NOW)
        stranger = await load_actor(session, (await add_person(session, season.community)).id)
        elsewhere = await add_community(session, "elsewhere")
        foreign = await load_actor(session, (await add_person(session, elsewhere)).id)
        with pytest.raises(NotTakingPart):
            await add_ride(session, stranger, key, ride(), now=NOW)
        with pytest.raises(NotPermitted):
            await add_ride(session, foreign, key, ride(), now=NOW)
        for actor in (stranger, foreign, Actor.anonymous()):
            with pytest.raises(RideUnknown):
                await delete_ride(session, actor, told.ride.id, now=NOW)
        with pytest.raises(NotPermitted, match="Only who rode it"):
            await change_ride(session, season.manager, told.ride.id, {}, now=NOW)
        await delete_ride(session, season.manager, told.ride.id, now=NOW)
    assert await total_of(database, season.campaign) == []


async def test_after_the_days_of_grace_nothing_is_told_or_changed_but_taken_back(
    database: Database,
) -> None:
    season = await seed(database, status=CampaignStatus.FINISHED)
    key, rider = season.campaign.id, season.rider
    closed = JUNE + timedelta(days=7)
    async with database.begin() as session:
        told = await add_ride(session, rider, key, ride(), now=closed - timedelta(seconds=1))
        with pytest.raises(EntryTooLate):
            await add_ride(session, rider, key, later(5), now=closed)
        with pytest.raises(EntryTooLate):
            await change_ride(session, rider, told.ride.id, {"distance_m": 900}, now=closed)
        await delete_ride(session, rider, told.ride.id, now=closed)


async def test_of_a_track_no_place_is_kept_but_two_coarse_cells(database: Database) -> None:
    season = await seed(database)
    track = read_track(write_gpx([ride_east(400)]))
    async with database.begin() as session:
        done = await add_track(
            session,
            season.rider,
            season.campaign.id,
            track,
            purpose=RidePurpose.LEISURE,
            now=NOW,
        )
        again = await add_track(
            session,
            season.rider,
            season.campaign.id,
            track,
            purpose=RidePurpose.TRANSPORT,
            now=NOW,
        )
        with pytest.raises(InvalidRide, match="measured from its track"):
            await change_ride(session, season.rider, done.ride.id, {"distance_m": 9}, now=NOW)
        purpose = {"purpose": RidePurpose.TRANSPORT}
        kept = await change_ride(session, season.rider, done.ride.id, purpose, now=NOW)
    assert (again.is_new, kept.purpose) == (False, RidePurpose.TRANSPORT)
    assert (kept.distance_m, kept.duration_s, kept.started_at) == (3_993, 798, START)
    columns = {column.name for column in Ride.__table__.columns}
    assert not {name for name in columns if "lon" in name or "lat_" in name or "track" in name}
    async with database.read() as session:
        cells = await figures_repository.load_cell_riders(session, season.campaign.id)
    assert cells.keys() == {kept.start_cell, kept.end_cell}


CSV = """date,start,minutes,km,purpose
2027-05-03,08:30,20,5.0,transport
2027-05-03,18:05,20,"5,2",leisure
2027-05-04,25:00,20,5,transport
2027-05-04,08:30,-20,5,transport
2027-05-04,08:30,20,1e3,transport
2027-05-04,08:30,20,5,business
2027-05-04,08:30,20,50,transport
2027-05-03,08:40,20,6,transport
2029-05-03,08:40,20,6,transport
"""


async def test_a_list_is_taken_line_by_line_and_twice_adds_nothing(database: Database) -> None:
    season = await seed(database)
    table = read_rides_file(CSV.encode())
    for created, unchanged in ((2, 0), (0, 2)):
        async with database.begin() as session:
            report = await import_rides(session, season.rider, season.campaign.id, table, now=NOW)
        assert (report.total, report.created, report.unchanged) == (9, created, unchanged)
    told = {line.line: line.reason() for line in report.rejected}
    assert told.keys() == {4, 5, 6, 7, 8, 9, 10}
    for line, words in (
        (4, "start: is no time of day"),
        (5, "minutes: is not more than zero"),
        (6, "km: is no number"),
        (7, "purpose: is not known"),
        (8, "faster than a bicycle"),
        (9, "Another ride"),
        (10, "future"),
    ):
        assert words in told[line]
    assert len(report.rejects_csv.splitlines()) == 8


async def test_one_bad_line_undoes_all_when_all_are_wanted(database: Database) -> None:
    season = await seed(database)
    table = read_rides_file(CSV.encode())
    with pytest.raises(NothingStored) as undone:
        async with database.begin() as session:
            await import_rides(
                session, season.rider, season.campaign.id, table, all_or_nothing=True, now=NOW
            )
    assert (undone.value.report.stored, undone.value.report.created) == (False, 0)
    assert await total_of(database, season.campaign) == []


async def test_a_skipped_hour_is_refused_and_a_repeated_one_is_its_first(
    database: Database,
) -> None:
    season = await seed(
        database, starts_at=MAY - timedelta(days=90), ends_at=MAY + timedelta(days=300)
    )
    lines = "date,start,minutes,miles\n2027-03-14,02:30,20,3\n2027-11-07,01:30,20,3\n"
    table = read_rides_file(lines.encode())
    async with database.begin() as session:
        report = await import_rides(
            session, season.rider, season.campaign.id, table, now=MAY + timedelta(days=250)
        )
        (row,) = (await load_rides(session, season)).values()
    assert [line.line for line in report.rejected] == [2]
    assert "clocks were put forward" in report.rejected[0].reason()
    assert (row.started_at.hour, row.distance_m) == (5, 4_828)


async def load_rides(session: Any, season: Season) -> dict[Any, Ride]:
    query = repository.visible_to(season.rider)
    return {row.id: row for row in await session.scalars(query)}


async def test_nobody_learns_by_a_list_who_lives_here(database: Database) -> None:
    season = await seed(database)
    async with database.begin() as session:
        await add_person(session, season.community, email="neighbor@example.org")
        lines = (
            "person,date,start,minutes,km\nneighbor@example.org,2027-05-03,08:30,20,5\n"
            "nobody@example.org,2027-05-03,08:30,20,5\n"
        )
        table = read_rides_file(lines.encode())
        report = await import_rides(session, season.rider, season.campaign.id, table, now=NOW)
    assert len({line.problems for line in report.rejected}) == 1


async def test_who_manages_brings_the_rides_of_others(database: Database) -> None:
    season = await seed(database)
    lines = "person,date,start,minutes,km\nrider@example.org,2027-05-03,08:30,20,5\n"
    async with database.begin() as session:
        table = read_rides_file(lines.encode())
        report = await import_rides(session, season.manager, season.campaign.id, table, now=NOW)
    assert report.rejected == []
    assert await total_of(database, season.campaign) == [(1, 1, 5_000)]


async def test_a_recycling_campaign_counts_no_rides_and_rules_are_checked(
    database: Database,
) -> None:
    season = await seed(database)
    async with database.begin() as session:
        other = await add_campaign(
            session, season.community, kind=CampaignKind.RECYCLING, slug="recycle"
        )
        with pytest.raises(CampaignClosed, match="counts no rides"):
            await add_ride(session, season.rider, other.id, ride(), now=NOW)
        with pytest.raises(InvalidBikingRules):
            await set_biking_rules(
                session, season.manager, season.campaign.id, {"grace_days": -1}, now=NOW
            )
        with pytest.raises(NotPermitted):
            await set_biking_rules(session, season.rider, season.campaign.id, {}, now=NOW)


async def test_an_erased_rider_is_gone_from_every_figure_and_takes_their_rides_along(
    database: Database, clock: FixedClock
) -> None:
    season = await seed(database)
    async with database.begin() as session:
        friend = await add_person(session, season.community)
        await add_member(session, season.campaign, friend, invited_by=season.person.id)
        await add_ride(session, season.rider, season.campaign.id, ride(), now=NOW)
    async with database.begin() as session:
        document = await export_person(session, season.rider, season.person.id, now=NOW)
    assert '"distance_m": 5000' in str(document).replace("'", '"')
    async with database.begin() as session:
        await erase_person(session, season.rider, season.person.id, now=NOW)
    async with database.read() as session:
        figures = await load_biking_figures(session, season.campaign.id)
        (left,) = await figures_repository.load_members(session, season.campaign.id)
    assert (figures.member_count, figures.totals) == (1, ())
    assert (left.person_id, left.invited_by) == (friend.id, None)


async def test_new_riders_and_points_come_from_statements_and_earlier_seasons(
    database: Database,
) -> None:
    season = await seed(database)
    async with database.begin() as session:
        last_year = await add_campaign(
            session,
            season.community,
            slug="last-year",
            status=CampaignStatus.FINISHED,
            starts_at=MAY - timedelta(days=365),
            ends_at=JUNE - timedelta(days=365),
        )
        fresh, known = [await add_person(session, season.community) for _ in range(2)]
        for person in (fresh, known):
            await add_member(
                session,
                season.campaign,
                person,
                invited_by=season.person.id,
                took_part_before=False,
            )
        await add_member(session, last_year, known)
        long_ago = ride(started_at=MORNING - timedelta(days=365))
        then = NOW - timedelta(days=365)
        actor = await load_actor(session, known.id)
        await add_ride(session, actor, last_year.id, long_ago, now=then)
        for person in (fresh, known):
            actor = await load_actor(session, person.id)
            await add_ride(session, actor, season.campaign.id, ride(), now=NOW)
    async with database.read() as session:
        figures = await load_biking_figures(session, season.campaign.id)
        points = await load_points(session, season.campaign.id)
    assert figures.new_rider_ids == {fresh.id}
    by_person = {one.person_id: (one.ride_points, one.encouragement_points) for one in points}
    assert by_person == {season.person.id: (0, 100), fresh.id: (15, 0), known.id: (15, 0)}
    assert [one.person_id for one in points] == sorted(by_person)


async def test_neighborhoods_are_compared_with_those_where_nothing_was_done(
    database: Database,
) -> None:
    """Days ridden a week: two in all areas before, three where the campaign ran."""
    own, others = ["Riverside", "The Port", "Baldwin"], ["East Cambridge", "Mid-Cambridge"]
    others.append("Cambridgeport")
    season = await seed(
        database,
        areas=own,
        comparison_areas=others,
        settings={"baseline_from": "2026-05-01", "baseline_until": "2026-05-28"},
        starts_at=MAY,
        ends_at=MAY + timedelta(days=28),
    )
    async with database.begin() as session:
        last_year = await add_campaign(
            session,
            season.community,
            slug="last-year",
            status=CampaignStatus.FINISHED,
            starts_at=MAY - timedelta(days=365),
            ends_at=JUNE - timedelta(days=365),
        )
        for number, area in enumerate([*own, *others]):
            home = await add_household(session, season.community, area=area)
            person = await add_person(session, season.community, household=home)
            for campaign, days in (
                (last_year, 8),
                (season.campaign, (12 if area in own else 8) + number % 3),
            ):
                await add_member(session, campaign, person)
                for day in range(days):
                    session.add(make_ride(campaign, person, day, last=day == days - 1))
        await session.flush()
    async with database.read() as session:
        units = await list_unit_figures(session, season.campaign.id)
        effect = await measure_effect(session, season.campaign.id)
    assert [unit.kind for unit in units] == [UnitKind.AREA] * 6
    assert [unit.change.before for unit in units] == [2.0] * 6
    assert [unit.is_comparison for unit in units] == [False] * 3 + [True] * 3
    assert effect.verdict is Verdict.HIGHER
    assert (effect.estimate, effect.low > 0) == (pytest.approx(1.0), True)


def make_ride(campaign: Campaign, person: Person, day: int, *, last: bool) -> Ride:
    """One of the campaign's first days; the last one falls on the campaign's last day."""
    chosen = 27 if last else day
    started_at = campaign.starts_at + timedelta(days=chosen, hours=8)
    return Ride(
        campaign_id=campaign.id,
        community_id=campaign.community_id,
        person_id=person.id,
        source="csv",
        purpose="transport",
        started_at=started_at,
        local_day=started_at.date(),
        duration_s=600,
        distance_m=2_000,
        content_key=f"{chosen:064}",
        created_at=started_at,
        updated_at=started_at,
    )


async def test_without_anything_to_compare_with_no_effect_is_told(database: Database) -> None:
    season = await seed(database)
    async with database.read() as session:
        assert await list_unit_figures(session, season.campaign.id) == []
        assert await load_group_shares(session, season.campaign.id) == []
        with pytest.raises(TooLittleData, match="days before"):
            await measure_effect(session, season.campaign.id)
