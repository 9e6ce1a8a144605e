"""All that staff see of one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.pagination import PageArgs, read_page
from matching.intake.listing_repository import RequestFilter, list_community_requests
from matching.intake.programme import load_kinds
from matching.models import Volunteer
from matching.volunteering import lent_repository
from matching.volunteering import listing_repository as volunteers
from matching.volunteering.ability_names import say_ability, say_gap
from matching.volunteering.ability_names import say_check as name_check
from matching.volunteering.clearance_reading import read_clearances
from messaging.reading_repository import MessageFilter, list_messages_of
from people import directory_repository as directory
from people import policy
from people.auth import STAFF
from people.consents import find_holding
from people.kinds import Role
from people.looking import list_looks
from people.models import Person
from people.repository import read_rules_at
from web.pages.casework.message_rows import MessageRow, view_messages
from web.pages.casework.reading import ContactView, PersonView, load_names, view_people
from web.pages.casework.request_views import RequestRow, label_kind, view_requests
from web.pages.casework.words import (
    Say,
    Tag,
    say_channel,
    say_check,
    say_looked,
    say_purpose,
    say_role,
    say_taking_part,
)
from web.pages.desk import Call

MAX_ROWS = 20


@dataclass(frozen=True)
class RoleView:
    """What somebody is in this town."""

    code: str
    words: str
    since: datetime
    ended_at: datetime | None
    can_end: bool


@dataclass(frozen=True)
class ConsentView:
    """What somebody agreed to, or no more."""

    words: str
    channel: str
    granted: bool
    at: datetime
    by_themselves: bool


@dataclass(frozen=True)
class CheckView:
    """A check of a volunteer."""

    words: str
    tag: Tag
    at: datetime
    until: datetime | None


@dataclass(frozen=True)
class BanView:
    """Somebody whom they do not meet."""

    id: UUID
    name: str
    person_id: UUID | None
    at: datetime


@dataclass(frozen=True)
class VolunteerView:
    """What somebody offers as a volunteer."""

    id: UUID
    tag: Tag
    status: str
    paused_until: datetime | None
    joined_at: datetime
    area: str
    hours: list[tuple[str, str]]
    """Days of the week with their hours."""
    tools: list[str]
    loans: list[tuple[str, datetime]]
    missing: list[tuple[str, str]]
    """Kinds of help that they may not take yet, and what is missing."""
    cleared: list[str]
    visit_count: int
    held_count: int
    last_at: datetime | None


@dataclass(frozen=True)
class LookView:
    """Somebody looked."""

    name: str
    what: str
    at: datetime


@dataclass(frozen=True)
class PersonFile:
    """One person in full."""

    person: PersonView
    roles: list[RoleView]
    requests: list[RequestRow]
    volunteer: VolunteerView | None
    checks: list[CheckView]
    consents: list[ConsentView]
    messages: list[MessageRow]
    bans: list[BanView]
    looks: list[LookView]
    is_minor: bool
    can: frozenset[str]
    """What the actor may do: roles, export, erase, check."""
    open_contacts: tuple[ContactView, ...] = ()
    giveable: list[tuple[str, str]] = field(default_factory=list)


async def read_person(call: Call, person: Person) -> PersonFile:
    """Everything about a person that the page shows; a fixed number of statements."""
    session, actor, town_id = call.session, call.actor, call.town.id
    say, key = call.reader.translator.gettext, person.id
    (view,) = await view_people(call, [person])
    asked = list_community_requests(actor, town_id, RequestFilter(resident_id=key))
    requests = await read_page(session, asked, PageArgs(first=MAX_ROWS))
    sent = list_messages_of(actor, town_id, MessageFilter(person_id=key))
    messages = await read_page(session, sent, PageArgs(first=MAX_ROWS))
    lines = (await directory.load_consents_of(session, actor, [key])).get(key, [])
    minors = await directory.load_minors_of(session, actor, [key])
    roles = _view_roles(call, person)
    held = {role.code for role in roles if role.ended_at is None}
    return PersonFile(
        person=view,
        roles=roles,
        requests=await view_requests(call, requests.items),
        volunteer=await _read_volunteer(call, key),
        checks=await _read_checks(call, key),
        consents=[
            ConsentView(
                words=say_purpose(say, line.purpose.value),
                channel="" if line.channel is None else say_channel(say, line.channel.value),
                granted=line.granted,
                at=line.recorded_at,
                by_themselves=line.recorded_by == line.person_id,
            )
            for line in find_holding(lines)
            if line.community_id == town_id
        ],
        messages=await view_messages(call, messages.items),
        bans=await _read_bans(call, key),
        looks=await _read_looks(call, person),
        is_minor=key in minors,
        can=list_possible(call, person),
        giveable=[
            (role.value, say_role(say, role.value))
            for role in (Role.COORDINATOR, Role.MANAGER)
            if role.value not in held
        ],
    )


def list_possible(call: Call, person: Person) -> frozenset[str]:
    """What the policies let the actor do with this person."""
    actor, town_id = call.actor, call.town.id
    communities = frozenset(row.community_id for row in person.memberships)
    found = set()
    if policy.can_give_role(actor, town_id):
        found.add("roles")
    if policy.can_export_person(actor, person.id, communities):
        found.add("export")
    if policy.can_erase_person(actor, person.id, communities):
        found.add("erase")
    if policy.can_record_vetting(actor, person.id, town_id):
        found.add("check")
    if policy.can_record_consent(actor, person.id, town_id):
        found.add("consent")
    return frozenset(found)


def _view_roles(call: Call, person: Person) -> list[RoleView]:
    say, actor, town_id = call.reader.translator.gettext, call.actor, call.town.id
    return [
        RoleView(
            code=row.role.value,
            words=say_role(say, row.role.value),
            since=row.since,
            ended_at=row.ended_at,
            can_end=row.role in STAFF
            and row.ended_at is None
            and policy.can_end_role(actor, person.id, town_id),
        )
        for row in policy.shown_roles(actor, person.id, person.memberships)
        if row.community_id == town_id
    ]


async def find_profile(call: Call, person_id: UUID) -> Volunteer | None:
    """What a person offers in this town."""
    only = volunteers.VolunteerFilter(person_ids=[person_id])
    rows = volunteers.list_volunteers_of(
        call.actor, call.town.id, only, volunteers.VolunteerSort.JOINED, descending=True
    )
    return next(iter((await read_page(call.session, rows, PageArgs(first=1))).items), None)


async def _read_volunteer(call: Call, person_id: UUID) -> VolunteerView | None:
    row = await find_profile(call, person_id)
    if row is None:
        return None
    session, actor, key = call.session, call.actor, row.id
    kinds = await load_kinds(session, call.town.id, call.now)
    cleared = (await read_clearances(session, actor, [key], now=call.now)).get(key, [])
    hours = (await volunteers.load_weekly_hours(session, actor, [key])).get(key, [])
    tools = (await volunteers.load_abilities(session, actor, [key])).get(key, [])
    loans = (await lent_repository.load_open_loans(session, actor, [key])).get(key, [])
    impact = (await volunteers.load_impact(session, actor, [key])).get(key)
    language, say = call.reader.language, call.reader.translator.gettext
    rules = await read_rules_at(session, call.town.id, call.now)
    offered = {kind.code for kind in kinds.kinds if kind.offered}
    return VolunteerView(
        id=key,
        tag=say_taking_part(say, "paused" if is_paused(row, call.now) else row.status.value),
        status="paused" if is_paused(row, call.now) else row.status.value,
        paused_until=row.paused_until,
        joined_at=row.created_at,
        area=row.home.area or "",
        hours=[
            (say_weekday(say, one.weekday), f"{clock(one.start_min)}-{clock(one.end_min)}")
            for one in hours
        ],
        tools=[say_ability(language, ability.code, ability.label) for ability in tools],
        loans=[
            (say_ability(language, lent.code, lent.label), loan.due_at)
            for loan in loans
            for lent in (loan.stock.ability,)
        ],
        missing=[
            (
                label_kind(kinds, one.kind, language),
                ", ".join(say_gap(language, gap, rules) for gap in one.gaps),
            )
            for one in cleared
            if one.missing and one.kind in offered
        ],
        cleared=[
            label_kind(kinds, one.kind, language)
            for one in cleared
            if not one.missing and one.kind in offered
        ],
        visit_count=0 if impact is None else impact.visit_count,
        held_count=0 if impact is None else impact.held_count,
        last_at=None if impact is None else impact.last_at,
    )


def is_paused(row: Volunteer, now: datetime) -> bool:
    """Whether a volunteer is asked nothing now, although they take part."""
    return row.status.value == "active" and row.paused_until is not None and row.paused_until > now


def clock(minute: int) -> str:
    """Minutes after midnight as a clock shows them."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def say_weekday(say: Say, number: int) -> str:
    """A day of the week; 0 is Monday."""
    _ = say
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )[number]


async def _read_checks(call: Call, person_id: UUID) -> list[CheckView]:
    """The last line on each check."""
    rules = await read_rules_at(call.session, call.town.id, call.now)
    found = await directory.load_vetting_of(call.session, call.actor, [person_id])
    last = {row.code: row for row in found.get(person_id, []) if row.community_id == call.town.id}
    say = call.reader.translator.gettext
    return [
        CheckView(
            words=name_check(call.reader.language, row.code, rules),
            tag=say_check(say, row.status.value),
            at=row.recorded_at,
            until=row.valid_until,
        )
        for row in last.values()
    ]


async def _read_bans(call: Call, person_id: UUID) -> list[BanView]:
    rows = lent_repository.list_bans_about(call.actor, call.town.id, person_id)
    bans = (await read_page(call.session, rows, PageArgs(first=MAX_ROWS))).items
    profiles = await volunteers.load_volunteers(
        call.session, call.actor, [ban.volunteer_id for ban in bans]
    )
    others: list[UUID | None] = []
    for ban in bans:
        profile = profiles.get(ban.volunteer_id)
        volunteer = None if profile is None else profile.person_id
        others.append(volunteer if ban.resident_id == person_id else ban.resident_id)
    names = await load_names(call, others)
    return [
        BanView(ban.id, names.get(other, "") if other else "", other, ban.created_at)
        for ban, other in zip(bans, others, strict=True)
    ]


async def _read_looks(call: Call, person: Person) -> list[LookView]:
    say = call.reader.translator.gettext
    events = await list_looks(call.session, call.actor, person)
    names = await load_names(call, [event.actor_id for event in events])
    zone = ZoneInfo(call.town.time_zone)
    last = {
        (event.actor_id, event.kind, event.happened_at.astimezone(zone).date()): event
        for event in reversed(events)
    }
    # Somebody who looks often on one day stands there once, with the last time.
    shown = sorted(last.values(), key=lambda event: event.happened_at, reverse=True)
    return [
        LookView(
            name=names.get(event.actor_id, "") if event.actor_id else "",
            what=say_looked(say, event.kind),
            at=event.happened_at,
        )
        for event in shown
    ]
