"""Whether a ride can have been, whether it counts, and what rides add up to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from campaigns.biking.checking import (
    RideFacts,
    check_overlap,
    check_ride,
    check_season,
    content_key,
    local_day,
)
from campaigns.biking.errors import (
    EntryTooLate,
    ImpossibleRide,
    InvalidBikingRules,
    InvalidRide,
    OverlappingRides,
    RideOutsideCampaign,
)
from campaigns.biking.figures import (
    GroupShare,
    SizeBand,
    find_band_shares,
    find_group_shares,
    find_new_riders,
    find_points,
    find_saved,
    size_band,
)
from campaigns.biking.figures_repository import MemberFacts, RideTotal
from campaigns.biking.models import Ride
from campaigns.biking.rules import BikingRules, read_biking_rules
from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from tests.factories.campaigns import JUNE, MAY

RULES = BikingRules()
MORNING = MAY + timedelta(days=2, hours=8, minutes=30)
CAMBRIDGE = ZoneInfo("America/New_York")


def ride(**changes: Any) -> RideFacts:
    facts: dict[str, Any] = {"started_at": MORNING, "duration_s": 1_200, "distance_m": 5_000}
    return RideFacts(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"distance_m": -5_000}, InvalidRide, "more than nothing"),
        ({"distance_m": 0}, InvalidRide, "more than nothing"),
        ({"duration_s": -1}, InvalidRide, "more than nothing"),
        ({"distance_m": float("nan")}, InvalidRide, "more than nothing"),
        ({"duration_s": float("inf")}, InvalidRide, "more than nothing"),
        ({"distance_m": 199}, InvalidRide, "from 200 m on"),
        ({"duration_s": 59}, InvalidRide, "from 60 s on"),
        ({"distance_m": 300_001, "duration_s": 50_000}, ImpossibleRide, "300 km"),
        ({"duration_s": 57_601}, ImpossibleRide, "16 hours"),
        ({"span_s": 57_601}, ImpossibleRide, "16 hours"),
        ({"distance_m": 12_000}, ImpossibleRide, "36 km/h"),
        ({"started_at": datetime(2027, 5, 3, 8, 30)}, InvalidRide, "time zone"),  # noqa: DTZ001 - the case
    ],
)
def test_what_nobody_rode_is_refused(
    changes: dict[str, Any], error: type[InvalidRide], words: str
) -> None:
    with pytest.raises(error, match=words):
        check_ride(ride(**changes), RULES)


def test_a_usual_ride_is_taken() -> None:
    check_ride(ride(), RULES)


def campaign(status: CampaignStatus = CampaignStatus.RUNNING) -> Campaign:
    return Campaign(kind=CampaignKind.BIKING, status=status, starts_at=MAY, ends_at=JUNE)


def test_rides_count_from_the_first_moment_to_before_the_last_one() -> None:
    now = JUNE + timedelta(days=1)
    finished = campaign(CampaignStatus.FINISHED)
    for started_at in (MAY, JUNE - timedelta(seconds=1)):
        check_season(ride(started_at=started_at), finished, RULES, now=now)
    for started_at in (MAY - timedelta(seconds=1), JUNE):
        with pytest.raises(RideOutsideCampaign, match="before the campaign or after"):
            check_season(ride(started_at=started_at), finished, RULES, now=now)


def test_a_ride_in_the_future_waits_until_it_is_over() -> None:
    over = MORNING + timedelta(seconds=1_200)
    check_season(ride(), campaign(), RULES, now=over)
    with pytest.raises(RideOutsideCampaign, match="future"):
        check_season(ride(), campaign(), RULES, now=over - timedelta(minutes=3))


def test_late_entries_end_with_the_days_of_grace() -> None:
    finished = campaign(CampaignStatus.FINISHED)
    check_season(ride(), finished, RULES, now=JUNE + timedelta(days=7, seconds=-1))
    with pytest.raises(EntryTooLate, match="7 days"):
        check_season(ride(), finished, RULES, now=JUNE + timedelta(days=7))
    for status in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED, CampaignStatus.ARCHIVED):
        with pytest.raises(EntryTooLate, match=status.value):
            check_season(ride(), campaign(status), RULES, now=MORNING + timedelta(hours=1))


def stored(started_at: datetime, duration_s: int) -> Ride:
    return Ride(started_at=started_at, duration_s=duration_s)


def test_two_rides_at_once_are_refused_and_one_after_the_other_is_not() -> None:
    other = stored(MORNING, 1_200)
    for minutes in (-10, 0, 10, 18):
        with pytest.raises(OverlappingRides):
            check_overlap(ride(started_at=MORNING + timedelta(minutes=minutes)), [other])
    for minutes in (-20, 20):
        check_overlap(ride(started_at=MORNING + timedelta(minutes=minutes)), [other])
    inside = stored(MORNING + timedelta(minutes=5), 300)
    with pytest.raises(OverlappingRides):
        check_overlap(ride(), [inside])


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 5, 4, 3, 59, tzinfo=UTC), date(2027, 5, 3)),
        (datetime(2027, 5, 4, 4, 0, tzinfo=UTC), date(2027, 5, 4)),
        (datetime(2027, 1, 4, 4, 59, tzinfo=UTC), date(2027, 1, 3)),
        # The night when clocks are put forward, and the one when they are put back.
        (datetime(2027, 3, 14, 6, 59, tzinfo=UTC), date(2027, 3, 14)),
        (datetime(2027, 3, 15, 3, 59, tzinfo=UTC), date(2027, 3, 14)),
        (datetime(2027, 3, 15, 4, 0, tzinfo=UTC), date(2027, 3, 15)),
        (datetime(2027, 11, 8, 4, 59, tzinfo=UTC), date(2027, 11, 7)),
        (datetime(2027, 11, 8, 5, 0, tzinfo=UTC), date(2027, 11, 8)),
    ],
)
def test_a_day_ends_by_the_communitys_clock(moment: datetime, day: date) -> None:
    assert local_day(moment, CAMBRIDGE) == day


def test_the_same_ride_has_the_same_key_however_it_is_told() -> None:
    told = content_key(ride())
    assert content_key(ride(started_at=MORNING.astimezone(CAMBRIDGE))) == told
    assert content_key(ride(started_at=MORNING + timedelta(seconds=59))) == told
    assert content_key(ride(distance_m=5_001)) != told
    assert content_key(ride(started_at=MORNING + timedelta(minutes=1))) != told


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"grace_days": -1}, "grace_days"),
        ({"grace_days": 61}, "grace_days"),
        ({"most_mean_km_h": float("nan")}, "most_mean_km_h"),
        ({"most_mean_km_h": 70}, "less than"),
        ({"small_group_most": 100}, "less than"),
        ({"baseline_from": "2026-05-01"}, "both"),
        ({"baseline_from": "2026-05-31", "baseline_until": "2026-05-01"}, "in their order"),
        ({"co2_g_per_km": 170.0}, "source"),
        ({"co2_g_per_km": 170.0, "co2_source": "A stated source"}, "car_share"),
        ({"car_share": 1.5}, "share"),
        ({"most_rides_a_day": 0}, "most_rides_a_day"),
        ({"most_duration_s": 90_000}, "86400"),
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(rules: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidBikingRules, match=words):
        read_biking_rules(rules)


def person(number: int) -> UUID:
    return UUID(int=number)


def member(number: int, before: bool | None = None, invited_by: int | None = None) -> MemberFacts:
    return MemberFacts(
        person(number), None if invited_by is None else person(invited_by), before, None
    )


def test_who_counts_as_new() -> None:
    members = [
        member(1, before=False),
        member(2, before=True),
        member(3),
        member(4),
        member(5, before=False),
        member(6, before=False),
    ]
    found = find_new_riders(
        members,
        [person(number) for number in (1, 2, 3, 4, 5)],
        # What we know of a person goes before what they say.
        earlier_riders=[person(5)],
        earlier_members=[person(4)],
    )
    assert found == {person(1), person(4)}


def test_bringing_a_new_rider_is_worth_more_than_any_day() -> None:
    members = [member(1, before=True), member(2, before=False, invited_by=1), member(3, True, 1)]
    days = {
        person(1): {date(2027, 5, 1): 90_000, date(2027, 5, 2): 1_999},
        person(2): {date(2027, 5, 1): 500},
    }
    points = {one.person_id: one for one in find_points(members, days, [person(2)], RULES)}
    assert points[person(1)].ride_points == 2 * 10 + 20 + 1
    assert points[person(1)].encouragement_points == 100
    assert (points[person(2)].total, points[person(3)].total) == (10, 0)
    most_of_a_day = RULES.ride_day_points + RULES.km_points * RULES.most_km_a_day
    assert points[person(1)].encouragement_points > most_of_a_day


def test_groups_stand_beside_groups_of_their_size() -> None:
    assert [size_band(count, RULES) for count in (1, 19, 20, 99, 100)] == [
        SizeBand.SMALL,
        SizeBand.SMALL,
        SizeBand.MEDIUM,
        SizeBand.MEDIUM,
        SizeBand.LARGE,
    ]
    people = {person(1): [person(n) for n in range(10, 20)], person(2): []}
    shares = find_group_shares(people, [person(12), person(13), person(99)], RULES)
    assert shares == [GroupShare(person(1), SizeBand.SMALL, 10, 2)]


def test_a_band_tells_nothing_about_few_people() -> None:
    def band_of(members: int, riders: int) -> Any:
        (found,) = find_band_shares([GroupShare(person(1), SizeBand.MEDIUM, members, riders)])
        return found.share

    assert band_of(30, 4) is None
    assert band_of(30, 26) is None
    shown = band_of(30, 12)
    assert (shown.estimate, shown.low < 0.4 < shown.high) == (0.4, True)


def test_what_was_saved_is_shown_with_its_source_alone() -> None:
    totals = [RideTotal(person(1), 4, 2, 20_000, 3, 15_000)]
    assert find_saved(totals, RULES) is None
    trips = find_saved(totals, read_biking_rules({"car_share": 0.5}))
    assert trips is not None
    assert (trips.car_trip_count, trips.co2_kg) == (1.5, None)
    rules = {"car_share": 0.5, "co2_g_per_km": 200.0, "co2_source": "The city's own count"}
    saved = find_saved(totals, read_biking_rules(rules))
    assert saved is not None
    assert (saved.co2_kg, saved.co2_source) == (1.5, "The city's own count")
