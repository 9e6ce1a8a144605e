"""What a biking campaign reached: who took part, who is new, and what that brings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from campaigns.biking.figures_repository import MemberFacts, RideTotal
from campaigns.biking.rules import BikingRules
from campaigns.measuring.shares import Share, find_share
from campaigns.standings.suppression import K, suppress


class SizeBand(StrEnum):
    """Groups are compared with groups of about their size."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True)
class GroupShare:
    """How many of a group's members rode at least once."""

    group_id: UUID
    band: SizeBand
    member_count: int
    rider_count: int


@dataclass(frozen=True)
class BandShare:
    """All groups of one size; the share is None where it would tell about single people."""

    band: SizeBand
    group_count: int
    share: Share | None


@dataclass(frozen=True)
class Points:
    """What one person's rides and invitations bring."""

    person_id: UUID
    ride_points: int
    encouragement_points: int

    @property
    def total(self) -> int:
        """Both."""
        return self.ride_points + self.encouragement_points


@dataclass(frozen=True)
class Saved:
    """Trips that were not made by car, and what that may have saved; rough, and says by what."""

    car_trip_count: float
    co2_kg: float | None
    co2_source: str | None


def size_band(member_count: int, rules: BikingRules) -> SizeBand:
    """Of a group with so many members."""
    if member_count <= rules.small_group_most:
        return SizeBand.SMALL
    return SizeBand.MEDIUM if member_count <= rules.medium_group_most else SizeBand.LARGE


def find_group_shares(
    people: Mapping[UUID, Collection[UUID]], rider_ids: Collection[UUID], rules: BikingRules
) -> list[GroupShare]:
    """The share of each group that has members, by group."""
    riders = set(rider_ids)
    return [
        GroupShare(group_id, size_band(len(set(ids)), rules), len(set(ids)), len(riders & set(ids)))
        for group_id, ids in sorted(people.items())
        if ids
    ]


def find_band_shares(shares: Sequence[GroupShare]) -> list[BandShare]:
    """Each band's share as everybody may see it: of five or more who rode and five who did not."""
    bands = {band: [one for one in shares if one.band is band] for band in SizeBand}
    riders = {band: sum(one.rider_count for one in rows) for band, rows in bands.items()}
    members = {band: sum(one.member_count for one in rows) for band, rows in bands.items()}
    shown = suppress({band: count for band, count in riders.items() if members[band]})
    found = []
    for band, rows in bands.items():
        if not rows:
            continue
        safe = shown[band] is not None and members[band] - riders[band] >= K
        share = find_share(riders[band], members[band]) if safe else None
        found.append(BandShare(band, len(rows), share))
    return found


def find_new_riders(
    members: Sequence[MemberFacts],
    rider_ids: Collection[UUID],
    *,
    earlier_riders: Collection[UUID],
    earlier_members: Collection[UUID],
) -> frozenset[UUID]:
    """Those who ride now and did not before.

    Rides that we know of from before decide; without any, what the person said; without that,
    an earlier season in which they took part and did not ride. Who said nothing and was never
    seen before is not counted as new.
    """
    riders, rode_before, seen = set(rider_ids), set(earlier_riders), set(earlier_members)
    return frozenset(
        one.person_id
        for one in members
        if one.person_id in riders
        and one.person_id not in rode_before
        and (
            one.took_part_before is False
            or (one.took_part_before is None and one.person_id in seen)
        )
    )


def find_points(
    members: Sequence[MemberFacts],
    days: Mapping[UUID, Mapping[date, int]],
    new_rider_ids: Collection[UUID],
    rules: BikingRules,
) -> list[Points]:
    """Everybody's points, by person: days and kilometres, and new riders whom they brought."""
    brought: dict[UUID, int] = {}
    new = set(new_rider_ids)
    for one in members:
        if one.invited_by is not None and one.person_id in new:
            brought[one.invited_by] = brought.get(one.invited_by, 0) + 1
    found = []
    for one in members:
        ridden = days.get(one.person_id, {})
        km = sum(min(metres // 1_000, rules.most_km_a_day) for metres in ridden.values())
        found.append(
            Points(
                person_id=one.person_id,
                ride_points=rules.ride_day_points * len(ridden) + rules.km_points * km,
                encouragement_points=rules.new_rider_points * brought.get(one.person_id, 0),
            )
        )
    return sorted(found, key=lambda points: points.person_id)


def find_saved(totals: Sequence[RideTotal], rules: BikingRules) -> Saved | None:
    """What transport rides saved, where the campaign states by which share and factor."""
    if rules.car_share is None:
        return None
    trips = rules.car_share * sum(total.transport_count for total in totals)
    if rules.co2_g_per_km is None:
        return Saved(trips, None, None)
    km = rules.car_share * sum(total.transport_m for total in totals) / 1_000
    return Saved(trips, km * rules.co2_g_per_km / 1_000, rules.co2_source)
