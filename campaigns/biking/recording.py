"""Telling a ride, correcting it and taking it back. Figures are counted anew each time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from campaigns.biking import policy, repository
from campaigns.biking.checking import (
    RideFacts,
    check_open,
    check_overlap,
    check_ride,
    check_season,
    content_key,
    local_day,
    whole_minute,
)
from campaigns.biking.errors import (
    InvalidRide,
    NotTakingPart,
    OverlappingRides,
    RideUnknown,
    TooManyRides,
)
from campaigns.biking.gpx import Track
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.models import Ride
from campaigns.biking.rules import BikingRules, read_biking_rules
from campaigns.biking.tracks import measure_track
from campaigns.programmes import repository as programmes
from campaigns.programmes.errors import CampaignClosed
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import lock_for_work
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor

SUBJECT = "ride"


@dataclass(frozen=True)
class Recorded:
    """A ride as it stands, and whether it was told before."""

    ride: Ride
    is_new: bool


@dataclass(frozen=True)
class Season:
    """A biking campaign with what rides are checked by."""

    campaign: Campaign
    rules: BikingRules
    zone: ZoneInfo


async def open_season(session: Session, actor: Actor, campaign_id: UUID) -> Season:
    """The campaign for rides.

    Raises
    ------
    CampaignUnknown
        When there is none for this actor, or it is of another kind.
    """
    campaign = await programmes.get_campaign(session, actor, campaign_id)
    if campaign.kind is not CampaignKind.BIKING:
        raise CampaignClosed(f"A {campaign.kind.value} campaign counts no rides.")
    zone = await repository.read_time_zone(session, campaign.community_id)
    return Season(campaign, read_biking_rules(campaign.settings), ZoneInfo(zone))


async def add_ride(
    session: Session, actor: Actor, campaign_id: UUID, facts: RideFacts, *, now: datetime
) -> Recorded:
    """Tell one's own ride. Told again it is the same one. Records ``ride.recorded``."""
    if actor.person_id is None:
        raise NotPermitted("Rides are told by those who ride.")
    season = await open_season(session, actor, campaign_id)
    return await record_ride(session, actor, season, actor.person_id, facts, now=now)


async def add_track(
    session: Session,
    actor: Actor,
    campaign_id: UUID,
    track: Track,
    *,
    purpose: RidePurpose,
    now: datetime,
) -> Recorded:
    """Tell one's own ride by its track, of which only what `MeasuredRide` holds is kept."""
    season = await open_season(session, actor, campaign_id)
    measured = measure_track(track, season.rules)
    facts = RideFacts(
        started_at=measured.started_at,
        duration_s=measured.duration_s,
        distance_m=measured.distance_m,
        purpose=purpose,
        source=RideSource.GPX,
        start_cell=measured.start_cell,
        end_cell=measured.end_cell,
        span_s=measured.span_s,
    )
    return await add_ride(session, actor, campaign_id, facts, now=now)


async def record_ride(
    session: Session,
    actor: Actor,
    season: Season,
    person_id: UUID,
    facts: RideFacts,
    *,
    now: datetime,
) -> Recorded:
    """Write down a ride of somebody who takes part; see `add_ride`."""
    campaign, rules = season.campaign, season.rules
    team_ids = await programmes.list_working_ids(session, campaign.id)
    if not policy.can_record_ride(actor, campaign, person_id, team_ids):
        raise NotPermitted("Rides are told by those who ride, or by who manages the campaign.")
    check_ride(facts, rules)
    await _check_takes_part(session, campaign.id, person_id)
    key = content_key(facts)
    known = await repository.find_same_ride(session, campaign.id, person_id, key)
    if known is not None:
        return Recorded(known, is_new=False)
    check_season(facts, campaign, rules, now=now)
    day = local_day(facts.started_at, season.zone)
    await _check_others(session, season, person_id, facts, except_id=None)
    ride = Ride(
        campaign_id=campaign.id,
        community_id=campaign.community_id,
        person_id=person_id,
        source=facts.source,
        purpose=facts.purpose,
        started_at=whole_minute(facts.started_at),
        local_day=day,
        duration_s=math.ceil(facts.duration_s),
        distance_m=round(facts.distance_m),
        start_cell=facts.start_cell,
        end_cell=facts.end_cell,
        content_key=key,
        created_at=now,
        updated_at=now,
    )
    session.add(ride)
    await session.flush()
    _record(session, actor, ride, "ride.recorded", now)
    return Recorded(ride, is_new=True)


async def change_ride(
    session: Session, actor: Actor, ride_id: UUID, changes: Mapping[str, Any], *, now: datetime
) -> Ride:
    """Correct one's own ride while rides may be told. Records ``ride.changed``.

    Of a ride that came as a track only the purpose may change: the rest was measured.
    """
    seen = await repository.get_ride(session, actor, ride_id)
    if not policy.can_change_ride(actor, seen.person_id):
        raise NotPermitted("Only who rode it corrects a ride; a wrong one may be deleted.")
    season = await open_season(session, actor, seen.campaign_id)
    await _check_takes_part(session, seen.campaign_id, seen.person_id)
    ride = await _lock(session, ride_id)
    facts = RideFacts(
        started_at=ride.started_at,
        duration_s=ride.duration_s,
        distance_m=ride.distance_m,
        purpose=ride.purpose,
        source=ride.source,
    )
    changed = replace(facts, **changes)
    measured = replace(changed, purpose=facts.purpose) != facts
    if ride.source is RideSource.GPX and measured:
        raise InvalidRide("This ride was measured from its track: delete it and upload it again.")
    check_open(season.campaign, season.rules, now=now)
    if measured:
        check_ride(changed, season.rules)
        check_season(changed, season.campaign, season.rules, now=now)
        await _check_others(session, season, ride.person_id, changed, except_id=ride.id)
        key = content_key(changed)
        same = await repository.find_same_ride(session, ride.campaign_id, ride.person_id, key)
        if same is not None and same.id != ride.id:
            raise OverlappingRides("There is a ride with the same time and distance already.")
        ride.content_key = key
        ride.started_at = whole_minute(changed.started_at)
        ride.local_day = local_day(changed.started_at, season.zone)
        ride.duration_s = math.ceil(changed.duration_s)
        ride.distance_m = round(changed.distance_m)
    ride.purpose = changed.purpose
    ride.updated_at = now
    await session.flush()
    _record(session, actor, ride, "ride.changed", now)
    return ride


async def delete_ride(session: Session, actor: Actor, ride_id: UUID, *, now: datetime) -> Ride:
    """Take a ride back, at any time: it is gone, and no figure counts it. Records ``ride.deleted``.

    Gives the ride as it was.
    """
    ride = await repository.get_ride(session, actor, ride_id)
    campaign = await session.get(Campaign, ride.campaign_id)
    assert campaign is not None
    team_ids = await programmes.list_working_ids(session, campaign.id)
    if not policy.can_delete_ride(actor, campaign, ride.person_id, team_ids):
        raise NotPermitted("Only who rode it, or manages the campaign, deletes a ride.")
    ride = await _lock(session, ride_id)
    await session.delete(ride)
    await session.flush()
    _record(session, actor, ride, "ride.deleted", now)
    return ride


async def set_biking_rules(
    session: Session, actor: Actor, campaign_id: UUID, changes: Mapping[str, Any], *, now: datetime
) -> Campaign:
    """Change rules of a biking campaign; what is not named stays. Records ``campaign.rules_set``.

    Rides that were taken in stay.
    """
    row = await lock_for_work(session, actor, campaign_id)
    if row.kind is not CampaignKind.BIKING:
        raise CampaignClosed(f"A {row.kind.value} campaign counts no rides.")
    before = msgspec.to_builtins(read_biking_rules(row.settings))
    row.settings = msgspec.to_builtins(read_biking_rules({**before, **changes}))
    row.updated_at = now
    await session.flush()
    record_event(
        session,
        "campaign.rules_set",
        subject_type="campaign",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        changed_count=len(changes),
    )
    return row


async def _check_takes_part(session: Session, campaign_id: UUID, person_id: UUID) -> None:
    # The row is held, so that two uploads of one person wait for each other.
    member = await programmes.find_member(session, campaign_id, person_id, lock=True)
    if member is None or member.left_at is not None:
        raise NotTakingPart("Join the campaign first: rides count for those who take part.")


async def _check_others(
    session: Session, season: Season, person_id: UUID, facts: RideFacts, *, except_id: UUID | None
) -> None:
    campaign_id = season.campaign.id
    begins_at = whole_minute(facts.started_at)
    ends_at = begins_at + timedelta(seconds=facts.duration_s)
    near = await repository.list_rides_near(session, campaign_id, person_id, begins_at, ends_at)
    check_overlap(facts, [row for row in near if row.id != except_id])
    day = local_day(facts.started_at, season.zone)
    count = await repository.count_rides_on(session, campaign_id, person_id, day, except_id)
    if count >= season.rules.most_rides_a_day:
        raise TooManyRides(
            f"At most {season.rules.most_rides_a_day} rides a day count; there are as many on "
            f"{day.isoformat()}."
        )


async def _lock(session: Session, ride_id: UUID) -> Ride:
    ride = await repository.lock_ride(session, ride_id)
    if ride is None:
        raise RideUnknown(f"There is no ride {ride_id}, or it is not for you.")
    return ride


def _record(session: Session, actor: Actor, ride: Ride, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type=SUBJECT,
        subject_id=ride.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=ride.community_id,
        campaign_id=ride.campaign_id,
        what=ride.source.value,
    )
