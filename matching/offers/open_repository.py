"""The queries behind what a volunteer's app shows: five, however many homes are open.

Few columns and no objects of the mapper, as this is asked for more often than anything else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Date,
    Integer,
    ScalarSelect,
    Uuid,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from core.columns import UtcDateTime
from core.db import Session
from matching.availability import Weekly, Window
from matching.intake.kinds import IntakeTopic
from matching.intake.models import IntakeRules
from matching.kinds import (
    AskOrigin,
    AskStatus,
    AssignmentStatus,
    HoldReason,
    OfferStatus,
    StormStatus,
    TravelMode,
    VolunteerStatus,
)
from matching.models import (
    Assignment,
    AvailabilityWindow,
    Ban,
    HelpRequest,
    Offer,
    Storm,
    Volunteer,
    WeeklyHours,
)
from matching.offers.models import Ask, AskedHome, StormVolunteer, VolunteerReach
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS, TAKEABLE_OFFERS
from people.models import Community, CommunityRules

MAX_PROFILES = 20
MAX_ROWS = 2_000
RUNNING_STORMS = (StormStatus.ACTIVE, StormStatus.HOLD)
TIME, HOURS, BAN = 0, 1, 2


class OfferRow(NamedTuple):
    """An offer to which a yes counts, of a home that still needs somebody."""

    id: UUID
    request_id: UUID
    ask_id: UUID | None
    round_id: UUID | None
    status: OfferStatus
    code: str
    position: int
    starts_at: datetime
    ends_at: datetime
    proposed_at: datetime
    sent_at: datetime | None


class AskRow(NamedTuple):
    """An ask that was sent."""

    id: UUID
    origin: AskOrigin
    status: AskStatus
    sent_at: datetime
    silent_after_at: datetime | None


class StormRow(NamedTuple):
    """The storm that is on."""

    status: StormStatus
    hold_reason: HoldReason | None


@dataclass
class Profile:
    """What one person offers in one community, and all that decides what is open for them."""

    id: UUID
    community_id: UUID
    status: VolunteerStatus
    paused_until: datetime | None
    mode: TravelMode
    max_tasks: int
    max_travel_s: int
    time_zone: str
    ways: dict[UUID, list[Any]]
    """What the last wave measured: seconds, metres, bucket, chance and value of each home."""
    storm: StormRow | None
    not_today_at: datetime | None
    rules: dict[str, Any] | None
    kinds: dict[str, Any] | None
    windows: list[Window] = field(default_factory=list)
    weekly: list[Weekly] = field(default_factory=list)
    banned: set[UUID] = field(default_factory=set)
    """Residents whom they must not meet."""
    struck: set[UUID] = field(default_factory=set)
    """Requests that they declined or gave back."""
    held: dict[UUID, Window] = field(default_factory=dict)
    """Requests that they have agreed to, and when."""
    offers: list[OfferRow] = field(default_factory=list)
    """The newest first."""


async def load_profiles(
    session: Session,
    now: datetime,
    *,
    volunteer_id: UUID | None = None,
    person_id: UUID | None = None,
    community_id: UUID | None = None,
) -> list[Profile]:
    """The profile with this key, or those of a person, with hours, offers and agreed work."""
    whose = Volunteer.person_id == person_id if volunteer_id is None else (
        Volunteer.id == volunteer_id
    )  # fmt: skip
    query = (
        select(
            Volunteer.id,
            Volunteer.community_id,
            Volunteer.status,
            Volunteer.paused_until,
            Volunteer.mode,
            Volunteer.max_tasks,
            Volunteer.max_travel_s,
            Community.time_zone,
            VolunteerReach.homes,
            Storm.status.label("storm_status"),
            Storm.hold_reason,
            StormVolunteer.not_today_at,
            _rules_at(now).label("rules"),
            _kinds_at(now).label("kinds"),
        )
        .join(Community, Community.id == Volunteer.community_id)
        .outerjoin(VolunteerReach, VolunteerReach.volunteer_id == Volunteer.id)
        # A community has one storm that is not closed.
        .outerjoin(
            Storm,
            and_(Storm.community_id == Volunteer.community_id, Storm.status.in_(RUNNING_STORMS)),
        )
        .outerjoin(
            StormVolunteer,
            and_(StormVolunteer.storm_id == Storm.id, StormVolunteer.volunteer_id == Volunteer.id),
        )
        .where(whose)
        .order_by(Volunteer.id)
        .limit(MAX_PROFILES)
    )
    if community_id is not None:
        query = query.where(Volunteer.community_id == community_id)
    found = {row.id: _read_profile(row) for row in (await session.execute(query)).all()}
    if found:
        await _add_hours_and_bans(session, found, now)
        await _add_offers_and_work(session, found)
    return list(found.values())


async def load_asks(
    session: Session, volunteer_ids: Collection[UUID], named: Collection[UUID]
) -> list[tuple[UUID, AskRow, list[UUID]]]:
    """Asks of these volunteers that wait for an answer, and those with these keys.

    Each with whose it is and the requests of its plan in order; the newest first.
    """
    query = (
        select(
            Ask.volunteer_id,
            Ask.id,
            Ask.origin,
            Ask.status,
            Ask.sent_at,
            Ask.silent_after_at,
            AskedHome.request_id,
        )
        .outerjoin(AskedHome, and_(AskedHome.ask_id == Ask.id, AskedHome.in_plan))
        .where(
            Ask.volunteer_id.in_(volunteer_ids),
            Ask.sent_at.is_not(None),
            or_(Ask.status == AskStatus.SENT, Ask.id.in_(named)),
        )
        .order_by(Ask.sent_at.desc(), Ask.id.desc(), AskedHome.position)
        .limit(MAX_ROWS)
    )
    found: dict[UUID, tuple[UUID, AskRow, list[UUID]]] = {}
    for volunteer_id, *ask, request_id in (await session.execute(query)).all():
        _, _, planned = found.setdefault(ask[0], (volunteer_id, AskRow(*ask), []))
        if request_id is not None:
            planned.append(request_id)
    return list(found.values())


def _rules_at(now: datetime) -> ScalarSelect[Any]:
    return (
        select(CommunityRules.rules)
        .where(
            CommunityRules.community_id == Volunteer.community_id, CommunityRules.valid_from <= now
        )
        .order_by(CommunityRules.valid_from.desc())
        .limit(1)
        .correlate(Volunteer)
        .scalar_subquery()
    )


def _kinds_at(now: datetime) -> ScalarSelect[Any]:
    return (
        select(IntakeRules.data)
        .where(
            IntakeRules.community_id == Volunteer.community_id,
            IntakeRules.topic == IntakeTopic.KINDS,
            IntakeRules.valid_from <= now,
        )
        .order_by(IntakeRules.valid_from.desc())
        .limit(1)
        .correlate(Volunteer)
        .scalar_subquery()
    )


def _read_profile(row: Any) -> Profile:
    storm = None
    if row.storm_status is not None:
        storm = StormRow(row.storm_status, row.hold_reason)
    return Profile(
        id=row.id,
        community_id=row.community_id,
        status=row.status,
        paused_until=row.paused_until,
        mode=row.mode,
        max_tasks=row.max_tasks,
        max_travel_s=row.max_travel_s,
        time_zone=row.time_zone,
        ways={UUID(hex=key): way for key, way in (row.homes or {}).items()},
        storm=storm,
        not_today_at=row.not_today_at,
        rules=row.rules,
        kinds=row.kinds,
    )


async def _add_hours_and_bans(
    session: Session, profiles: dict[UUID, Profile], now: datetime
) -> None:
    """Three short lists in one statement: a column that a list lacks is empty in it."""
    keys = list(profiles)
    windows = select(
        literal(TIME),
        AvailabilityWindow.volunteer_id,
        AvailabilityWindow.starts_at,
        AvailabilityWindow.ends_at,
        *(cast(null(), Integer()) for _ in range(3)),
        *(cast(null(), Date()) for _ in range(2)),
        cast(null(), Uuid()),
    ).where(AvailabilityWindow.volunteer_id.in_(keys), AvailabilityWindow.ends_at > now)
    no_moments = (cast(null(), UtcDateTime()), cast(null(), UtcDateTime()))
    hours = select(
        literal(HOURS),
        WeeklyHours.volunteer_id,
        *no_moments,
        WeeklyHours.weekday,
        WeeklyHours.start_min,
        WeeklyHours.end_min,
        WeeklyHours.valid_from,
        WeeklyHours.valid_until,
        cast(null(), Uuid()),
    ).where(WeeklyHours.volunteer_id.in_(keys))
    bans = select(
        literal(BAN),
        Ban.volunteer_id,
        *no_moments,
        *(cast(null(), Integer()) for _ in range(3)),
        *(cast(null(), Date()) for _ in range(2)),
        Ban.resident_id,
    ).where(Ban.volunteer_id.in_(keys))
    rows = (await session.execute(union_all(windows, hours, bans))).all()
    for what, volunteer_id, opens, closes, *weekly, resident_id in rows:
        profile = profiles[volunteer_id]
        if what == TIME:
            profile.windows.append((opens, closes))
        elif what == HOURS:
            profile.weekly.append(Weekly(*weekly))
        else:
            profile.banned.add(resident_id)


async def _add_offers_and_work(session: Session, profiles: dict[UUID, Profile]) -> None:
    query = (
        select(
            Offer.volunteer_id,
            Assignment.status.label("work"),
            Assignment.starts_at.label("begins"),
            Assignment.ends_at.label("ends"),
            Offer.id,
            Offer.request_id,
            Offer.ask_id,
            Offer.round_id,
            Offer.status,
            Offer.code,
            Offer.position,
            Offer.starts_at,
            Offer.ends_at,
            Offer.proposed_at,
            Offer.sent_at,
        )
        .join(HelpRequest, HelpRequest.id == Offer.request_id)
        .outerjoin(Assignment, Assignment.offer_id == Offer.id)
        .where(
            Offer.volunteer_id.in_(list(profiles)),
            or_(
                Assignment.status.in_(HELD_ASSIGNMENTS),
                and_(
                    HelpRequest.status.in_(OPEN_REQUESTS),
                    or_(
                        Offer.status.in_((*TAKEABLE_OFFERS, OfferStatus.DECLINED)),
                        Assignment.status == AssignmentStatus.RELEASED,
                    ),
                ),
            ),
        )
        .order_by(Offer.proposed_at.desc(), Offer.position, Offer.id)
        .limit(MAX_ROWS)
    )
    for volunteer_id, work, begins, ends, *values in (await session.execute(query)).all():
        profile, offer = profiles[volunteer_id], OfferRow(*values)
        if work in HELD_ASSIGNMENTS:
            profile.held[offer.request_id] = (begins, ends)
        elif offer.status in TAKEABLE_OFFERS:
            profile.offers.append(offer)
        else:
            profile.struck.add(offer.request_id)
