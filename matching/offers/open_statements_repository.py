"""The statements behind what a volunteer's app shows, made once: making them takes longer than
asking them.

They name tables instead of classes, and everything that hangs on a volunteer comes as lines of one
long list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    ScalarSelect,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import TypeEngine

from core.columns import UtcDateTime
from matching.intake.kinds import IntakeTopic
from matching.intake.models import IntakeRules
from matching.kinds import AskStatus, AssignmentStatus, OfferStatus, StormStatus
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
MAX_LINES = 5_000
RUNNING_STORMS = (StormStatus.ACTIVE, StormStatus.HOLD)

WINDOW, HOURS, BAN, OFFER, ASK = range(5)
"""What a line is."""
COLUMNS: tuple[tuple[str, TypeEngine[Any]], ...] = (
    *((f"at_{number}", UtcDateTime()) for number in range(1, 7)),
    *((f"number_{number}", Integer()) for number in range(1, 4)),
    *((f"day_{number}", Date()) for number in range(1, 3)),
    *((f"word_{number}", String()) for number in range(1, 4)),
    *((f"key_{number}", Uuid()) for number in range(1, 5)),
)
"""Room for the values of any line; each kind of line leaves most of it empty."""

VOLUNTEER, COMMUNITY = Volunteer.__table__, Community.__table__
STORM, IN_STORM, REACH = Storm.__table__, StormVolunteer.__table__, VolunteerReach.__table__
RULES, INTAKE = CommunityRules.__table__, IntakeRules.__table__
WINDOWS, WEEKLY, BANS = AvailabilityWindow.__table__, WeeklyHours.__table__, Ban.__table__
OFFERS, WORK, REQUESTS = Offer.__table__, Assignment.__table__, HelpRequest.__table__
ASKS, ASKED = Ask.__table__, AskedHome.__table__


class Statements(NamedTuple):
    """What is sent for one way of naming volunteers."""

    profiles: Select[Any]
    lines: CompoundSelect[Any]


def _select_profiles(whose: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            VOLUNTEER.c.id,
            VOLUNTEER.c.community_id,
            VOLUNTEER.c.status,
            VOLUNTEER.c.paused_until,
            VOLUNTEER.c.mode,
            VOLUNTEER.c.max_tasks,
            VOLUNTEER.c.max_travel_s,
            COMMUNITY.c.time_zone,
            REACH.c.homes,
            STORM.c.status.label("storm_status"),
            STORM.c.hold_reason,
            IN_STORM.c.not_today_at,
            _newest(RULES, RULES.c.rules).label("rules"),
            _newest(INTAKE, INTAKE.c.data, INTAKE.c.topic == IntakeTopic.KINDS).label("kinds"),
        )
        .join(COMMUNITY, COMMUNITY.c.id == VOLUNTEER.c.community_id)
        .outerjoin(REACH, REACH.c.volunteer_id == VOLUNTEER.c.id)
        # A community has one storm that is not closed.
        .outerjoin(
            STORM,
            and_(STORM.c.community_id == VOLUNTEER.c.community_id, _is(STORM, RUNNING_STORMS)),
        )
        .outerjoin(
            IN_STORM,
            and_(IN_STORM.c.storm_id == STORM.c.id, IN_STORM.c.volunteer_id == VOLUNTEER.c.id),
        )
        .where(whose)
        .order_by(VOLUNTEER.c.id)
        .limit(MAX_PROFILES)
    )


def _newest(table: Any, column: Any, *conditions: Any) -> ScalarSelect[Any]:
    """What holds now of rules with a beginning."""
    return (
        select(column)
        .where(
            table.c.community_id == VOLUNTEER.c.community_id,
            table.c.valid_from <= bindparam("now"),
            *conditions,
        )
        .order_by(table.c.valid_from.desc())
        .limit(1)
        .correlate(VOLUNTEER)
        .scalar_subquery()
    )


def _select_lines(whose: ColumnElement[bool]) -> CompoundSelect[Any]:
    keys = select(VOLUNTEER.c.id).where(whose)
    windows = _line(
        WINDOW, WINDOWS.c.volunteer_id, at_1=WINDOWS.c.starts_at, at_2=WINDOWS.c.ends_at
    ).where(WINDOWS.c.volunteer_id.in_(keys), WINDOWS.c.ends_at > bindparam("now"))
    weekly = _line(
        HOURS,
        WEEKLY.c.volunteer_id,
        number_1=WEEKLY.c.weekday,
        number_2=WEEKLY.c.start_min,
        number_3=WEEKLY.c.end_min,
        day_1=WEEKLY.c.valid_from,
        day_2=WEEKLY.c.valid_until,
    ).where(WEEKLY.c.volunteer_id.in_(keys))
    bans = _line(BAN, BANS.c.volunteer_id, key_1=BANS.c.resident_id).where(
        BANS.c.volunteer_id.in_(keys)
    )
    return union_all(windows, weekly, bans, _select_offers(keys), _select_asks(keys)).limit(
        MAX_LINES
    )


def _select_offers(keys: Select[Any]) -> Select[Any]:
    """What can be taken or is agreed, and of homes that still wait what they said no to."""
    still_matters = or_(
        _is(OFFERS, (*TAKEABLE_OFFERS, OfferStatus.DECLINED)),
        WORK.c.status == AssignmentStatus.RELEASED,
    )
    return (
        _line(
            OFFER,
            OFFERS.c.volunteer_id,
            at_1=OFFERS.c.starts_at,
            at_2=OFFERS.c.ends_at,
            at_3=WORK.c.starts_at,
            at_4=WORK.c.ends_at,
            at_5=OFFERS.c.proposed_at,
            at_6=OFFERS.c.sent_at,
            number_1=OFFERS.c.position,
            word_1=OFFERS.c.status,
            word_2=WORK.c.status,
            word_3=OFFERS.c.code,
            key_1=OFFERS.c.id,
            key_2=OFFERS.c.request_id,
            key_3=OFFERS.c.ask_id,
            key_4=OFFERS.c.round_id,
        )
        .select_from(
            OFFERS.join(REQUESTS, REQUESTS.c.id == OFFERS.c.request_id).outerjoin(
                WORK, WORK.c.offer_id == OFFERS.c.id
            )
        )
        .where(
            OFFERS.c.volunteer_id.in_(keys),
            or_(_is(WORK, HELD_ASSIGNMENTS), and_(_is(REQUESTS, OPEN_REQUESTS), still_matters)),
        )
    )


def _select_asks(keys: Select[Any]) -> Select[Any]:
    """Asks that wait for an answer or whose offers can still be taken, a line for each home."""
    named = select(OFFERS.c.ask_id).where(
        OFFERS.c.volunteer_id.in_(keys), _is(OFFERS, TAKEABLE_OFFERS)
    )
    return (
        _line(
            ASK,
            ASKS.c.volunteer_id,
            at_1=ASKS.c.sent_at,
            at_2=ASKS.c.silent_after_at,
            number_1=ASKED.c.position,
            word_1=ASKS.c.status,
            word_2=ASKS.c.origin,
            key_1=ASKS.c.id,
            key_2=ASKED.c.request_id,
        )
        .select_from(ASKS.outerjoin(ASKED, and_(ASKED.c.ask_id == ASKS.c.id, ASKED.c.in_plan)))
        .where(
            ASKS.c.volunteer_id.in_(keys),
            ASKS.c.sent_at.is_not(None),
            or_(ASKS.c.status == AskStatus.SENT, ASKS.c.id.in_(named)),
        )
    )


def _line(what: int, volunteer_id: Any, **values: Any) -> Select[Any]:
    """One kind of line: its values, and nothing in the other columns."""
    columns = [
        (type_coerce(values[name], kind) if name in values else cast(null(), kind)).label(name)
        for name, kind in COLUMNS
    ]
    kind_of_line = literal_column(str(what), Integer()).label("what")
    return select(kind_of_line, volunteer_id.label("volunteer_id"), *columns)


def _is(table: Any, states: Sequence[Any]) -> ColumnElement[bool]:
    return or_(*(table.c.status == state for state in states))


def _make(whose: ColumnElement[bool]) -> Statements:
    return Statements(_select_profiles(whose), _select_lines(whose))


BY_KEY = _make(VOLUNTEER.c.id == bindparam("key"))
BY_PERSON = _make(VOLUNTEER.c.person_id == bindparam("key"))
