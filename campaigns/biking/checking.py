"""Whether a ride can have been, and whether it counts in a campaign. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.biking.errors import (
    EntryTooLate,
    ImpossibleRide,
    InvalidRide,
    OverlappingRides,
    RideOutsideCampaign,
)
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.models import Ride
from campaigns.biking.rules import BikingRules
from campaigns.biking.tracks import KM_H
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign

CLOCK_SLACK = timedelta(minutes=2)
"""The clocks of phones are not ours."""
OVERLAP_SLACK = timedelta(minutes=1)
"""Beginnings are kept to the minute."""


@dataclass(frozen=True, kw_only=True)
class RideFacts:
    """What somebody says of a ride, or what their track says."""

    started_at: datetime
    duration_s: float
    distance_m: float
    purpose: RidePurpose = RidePurpose.TRANSPORT
    source: RideSource = RideSource.FORM
    start_cell: int | None = None
    end_cell: int | None = None
    span_s: float | None = None
    """From beginning to end with pauses, when it is known to be longer."""


def check_ride(facts: RideFacts, rules: BikingRules) -> None:
    """Refuse what nobody rode on a bicycle.

    Raises
    ------
    InvalidRide, ImpossibleRide
        Naming the limit.
    """
    if facts.started_at.tzinfo is None:
        raise InvalidRide("The beginning needs a time zone, such as 2027-05-01T08:30:00-04:00.")
    for what, value in (("distance", facts.distance_m), ("time", facts.duration_s)):
        if not math.isfinite(value) or value <= 0:
            raise InvalidRide(f"The {what} of a ride must be more than nothing.")
    if facts.distance_m < rules.least_distance_m:
        raise InvalidRide(f"A ride counts from {rules.least_distance_m} m on.")
    if facts.duration_s < rules.least_duration_s:
        raise InvalidRide(f"A ride counts from {rules.least_duration_s} s on.")
    if facts.distance_m > rules.most_distance_m:
        raise ImpossibleRide(
            f"A ride is at most {rules.most_distance_m / 1_000:.0f} km; tell longer ones in parts."
        )
    if max(facts.duration_s, facts.span_s or 0) > rules.most_duration_s:
        raise ImpossibleRide(
            f"A ride is at most {rules.most_duration_s / 3_600:.0f} hours; tell longer ones in "
            "parts."
        )
    mean_km_h = facts.distance_m / facts.duration_s * KM_H
    if mean_km_h > rules.most_mean_km_h:
        raise ImpossibleRide(
            f"{mean_km_h:.0f} km/h over the whole ride is faster than a bicycle in town; at most "
            f"{rules.most_mean_km_h:.0f} count. Check distance and time."
        )


def check_season(
    facts: RideFacts, campaign: Campaign, rules: BikingRules, *, now: datetime
) -> None:
    """Refuse rides that were not during the campaign, and those that are told too late.

    Raises
    ------
    RideOutsideCampaign, EntryTooLate
    """
    check_open(campaign, rules, now=now)
    span_s = max(facts.duration_s, facts.span_s or 0)
    if facts.started_at + timedelta(seconds=span_s) > now + CLOCK_SLACK:
        raise RideOutsideCampaign("The ride would end in the future: tell it when it is over.")
    if not campaign.starts_at <= facts.started_at < campaign.ends_at:
        raise RideOutsideCampaign("The ride began before the campaign or after its end.")


def check_open(campaign: Campaign, rules: BikingRules, *, now: datetime) -> None:
    """Refuse changes once what was ridden is settled.

    Raises
    ------
    EntryTooLate
    """
    if campaign.status not in (CampaignStatus.RUNNING, CampaignStatus.FINISHED):
        raise EntryTooLate(
            f"The campaign is {campaign.status.value}: rides are told while it runs, and for "
            f"{rules.grace_days} days after."
        )
    if now >= campaign.ends_at + timedelta(days=rules.grace_days):
        raise EntryTooLate(
            f"Rides could be told until {rules.grace_days} days after the campaign's end; that "
            "time is over."
        )


def check_overlap(facts: RideFacts, others: Iterable[Ride]) -> None:
    """Refuse a second ride at the same time.

    Raises
    ------
    OverlappingRides
    """
    begins_at = whole_minute(facts.started_at)
    ends_at = begins_at + timedelta(seconds=facts.duration_s)
    for other in others:
        other_ends_at = other.started_at + timedelta(seconds=other.duration_s)
        if begins_at + OVERLAP_SLACK < other_ends_at and other.started_at + OVERLAP_SLACK < ends_at:
            raise OverlappingRides(
                "Another ride of yours was at the same time: change or delete that one first."
            )


def whole_minute(moment: datetime) -> datetime:
    """The minute in which something began: nothing finer is kept."""
    return moment.replace(second=0, microsecond=0)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day by the community's clock; on the night of a clock change, too."""
    return moment.astimezone(zone).date()


def content_key(facts: RideFacts) -> str:
    """The same for the same ride of the same person, however often it is told."""
    minute = int(whole_minute(facts.started_at).timestamp())
    content = f"{minute}:{math.ceil(facts.duration_s)}:{round(facts.distance_m)}"
    return hashlib.sha256(content.encode()).hexdigest()
