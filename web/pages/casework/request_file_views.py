"""All that is known of one request, for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.pagination import PageArgs, read_page
from matching.intake import listing_repository as listing
from matching.intake import progress_repository as progress
from matching.intake.changing import BEFORE_A_YES, BEFORE_IT_IS_DONE
from matching.intake.history import Trace, tell_history
from matching.intake.not_served import tell_resident, tell_staff
from matching.intake.programme import load_kinds
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import HelpRequest, Offer
from matching.offers import listing_repository as offers
from matching.offers.disclosure import list_who_saw_address
from matching.states import OPEN_REQUESTS, TAKEABLE_OFFERS
from matching.volunteering.ability_names import say_ability
from matching.volunteering.listing_repository import load_volunteers
from messaging.reading_repository import MessageFilter, list_messages_of
from people import directory_repository as directory
from web.pages.casework.message_rows import MessageRow, view_messages
from web.pages.casework.reading import PersonView, load_names, view_people
from web.pages.casework.request_views import (
    RequestRow,
    label_scope,
    view_requests,
)
from web.pages.casework.words import (
    Say,
    say_caller,
    say_came_by,
    say_contact_choice,
    say_offer,
    say_review_reason,
    say_work,
)
from web.pages.desk import Call

MAX_OFFERS = 50
MAX_MESSAGES = 20
UNTOLD = (OfferStatus.PROPOSED, OfferStatus.WITHDRAWN)
CALLABLE = (*BEFORE_IT_IS_DONE, RequestStatus.NOT_DONE)
VISITED = (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS, RequestStatus.DONE)


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    sentence: str
    who: str


@dataclass(frozen=True)
class Asked:
    """A volunteer who was asked, or who comes."""

    id: UUID
    person_id: UUID | None
    name: str
    state: str
    shape: str
    at: datetime
    ends_at: datetime | None = None
    code: str = ""
    can_answer: bool = False
    was_told: bool = True
    """False for a draft that nobody has sent."""
    is_agreed: bool = False
    """Agreed, and not begun."""
    thread_id: UUID | None = None


@dataclass(frozen=True)
class Looked:
    """Somebody who saw the address."""

    name: str
    at: datetime


@dataclass(frozen=True)
class RequestFile:
    """One request in full."""

    row: RequestRow
    resident: PersonView | None
    news: str
    scope: list[str]
    needs: list[str]
    windows: list[tuple[datetime, datetime]]
    minutes: int
    crew_size: int
    notes: str
    contact: str
    came_by: str
    taken_by: str
    caller: str
    reasons: list[str]
    similar: RequestRow | None
    lines: list[Line]
    asked: list[Asked]
    """Volunteers who were told of it, and those of a plan who were not."""
    helpers: list[Asked]
    looked: list[Looked]
    why_nobody: str
    why_more: list[str]
    messages: list[MessageRow]
    can: frozenset[str]
    """What may be done now: approve, change, change_work, cancel, confirm, not_done, take."""


async def read_file(call: Call, row: HelpRequest) -> RequestFile:
    """Everything about a request that the page shows; a fixed number of statements."""
    session, actor, say = call.session, call.actor, call.reader.translator.gettext
    key = row.id
    details = (await listing.load_details(session, actor, [key])).get(key)
    access = (await listing.load_access(session, actor, [key])).get(key)
    caller = (await listing.load_callers(session, actor, [key])).get(key)
    windows = (await listing.load_windows(session, actor, [key])).get(key, [])
    needs = (await listing.load_needs(session, actor, [key])).get(key, [])
    kinds = await load_kinds(session, call.town.id, call.now)
    people = await directory.load_people(session, actor, [row.resident_id])
    similar_id = None if details is None else details.similar_to_id
    similar = (
        {} if similar_id is None else await listing.load_requests(session, actor, [similar_id])
    )
    rows = await view_requests(call, [row, *similar.values()])
    taken_by = None if details is None else details.taken_by_id
    why, more = await _tell_why(call, row)
    waits = row.status is RequestStatus.NEEDS_REVIEW
    residents = await view_people(call, list(people.values()))
    return RequestFile(
        row=rows[0],
        resident=residents[0] if residents else None,
        news=tell_news(say, rows[0].reference, row.status),
        scope=label_scope(kinds, row.kind, row.scope, call.reader.language),
        needs=[say_ability(call.reader.language, need.code, need.label) for need in needs],
        windows=[(window.opens_at, window.closes_at) for window in windows],
        minutes=row.service_s // 60,
        crew_size=row.crew_size,
        notes=(None if access is None else access.access_notes) or "",
        contact=say_contact_choice(say)[
            "platform" if access is None else access.contact_choice.value
        ],
        came_by=say_came_by(say, None if details is None else details.channel.value),
        taken_by=(await load_names(call, [taken_by])).get(taken_by, "") if taken_by else "",
        caller=_tell_caller(
            say,
            None if details is None or details.caller is None else details.caller.value,
            None if caller is None else caller.caller_name,
        ),
        reasons=[say_review_reason(say, code) for code in details.review_reasons]
        if details is not None and waits
        else [],
        similar=rows[1] if len(rows) > 1 else None,
        lines=await _tell_lines(call, row),
        asked=await _list_asked(call, row),
        helpers=await _list_helpers(call, row),
        looked=await _list_looked(call, row),
        why_nobody=why,
        why_more=more,
        messages=await _list_messages(call, row),
        can=list_possible(row.status),
    )


def tell_news(say: Say, code: str, status: RequestStatus) -> str:
    """Where it stands, as a sentence."""
    _ = say
    sentence = {
        RequestStatus.SUBMITTED: _("%(code)s has just come in."),
        RequestStatus.NEEDS_REVIEW: _("%(code)s waits for you to look."),
        RequestStatus.OPEN: _("Nobody comes for %(code)s yet."),
        RequestStatus.OFFERED: _("Neighbors are asked about %(code)s."),
        RequestStatus.ACCEPTED: _("Somebody has said yes to %(code)s."),
        RequestStatus.IN_PROGRESS: _("Somebody is at work on %(code)s."),
        RequestStatus.DONE: _("%(code)s is done. The home has not confirmed it yet."),
        RequestStatus.CONFIRMED: _("%(code)s is done, and the home says so too."),
        RequestStatus.NOT_DONE: _("The home says that %(code)s was not done."),
        RequestStatus.CANCELLED: _("%(code)s is called off."),
        RequestStatus.EXPIRED: _("The time of %(code)s is over."),
    }[status]
    return sentence % {"code": code}


def list_possible(status: RequestStatus) -> frozenset[str]:
    """What staff may do with a request in this state."""
    found = set()
    if status is RequestStatus.NEEDS_REVIEW:
        found |= {"approve"}
    if status in BEFORE_IT_IS_DONE:
        found |= {"change"}
    if status in BEFORE_A_YES:
        found |= {"change_work"}
    if status in CALLABLE:
        found |= {"cancel"}
    if status in VISITED:
        found |= {"confirm", "not_done"}
    if status in OPEN_REQUESTS:
        found |= {"take"}
    return frozenset(found)


def _tell_caller(say: Say, code: str | None, name: str | None) -> str:
    words = say_caller(say).get(code or "", "") if code else ""
    return ", ".join(part for part in (words, name or "") if part)


async def _tell_why(call: Call, row: HelpRequest) -> tuple[str, list[str]]:
    if row.status not in OPEN_REQUESTS:
        return "", []
    found = (await progress.load_last_reasons(call.session, call.actor, [row.id])).get(row.id)
    if found is None:
        return "", []
    more = tell_staff(found, ZoneInfo(call.town.time_zone))
    # What a round found out in detail is told in English alone.
    return tell_resident(found, call.reader.language), more


async def _tell_lines(call: Call, row: HelpRequest) -> list[Line]:
    events = await progress.load_request_events(call.session, call.actor, [row.id])
    counts = await progress.load_offer_counts(call.session, call.actor, [row.id])
    trace = Trace(row.resident_id, row.created_at, row.updated_at)
    told = tell_history(trace, events.get(row.id, ()), counts.get(row.id, {}), call.reader.language)
    names = await load_names(call, [line.actor_id for line in told])
    return [
        Line(line.at, line.sentence, names.get(line.actor_id, "") if line.actor_id else "")
        for line in told
    ]


async def _name_volunteers(call: Call, keys: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    found = await load_volunteers(call.session, call.actor, list(dict.fromkeys(keys)))
    names = await load_names(call, [row.person_id for row in found.values()])
    return {key: (row.person_id, names.get(row.person_id, "")) for key, row in found.items()}


async def _list_asked(call: Call, row: HelpRequest) -> list[Asked]:
    say = call.reader.translator.gettext
    only = offers.OfferFilter(request_id=row.id)
    rows = offers.list_offers(
        call.actor, call.town.id, only, offers.OfferSort.PROPOSED, descending=True
    )
    page = await read_page(call.session, rows, PageArgs(first=MAX_OFFERS))
    found: Sequence[Offer] = page.items
    who = await _name_volunteers(call, [offer.volunteer_id for offer in found])
    is_open = row.status in OPEN_REQUESTS
    asked = []
    for offer in found:
        was_told = offer.sent_at is not None or offer.status not in UNTOLD
        if not was_told and offer.status is OfferStatus.WITHDRAWN:
            continue  # a draft that was dropped: nobody ever heard of it
        person_id, name = who.get(offer.volunteer_id, (None, ""))
        state, shape = say_offer(say, offer.status.value)
        asked.append(
            Asked(
                id=offer.id,
                person_id=person_id,
                name=name,
                state=state,
                shape=shape,
                at=offer.sent_at or offer.proposed_at,
                code=offer.code,
                was_told=was_told,
                can_answer=is_open and offer.status in TAKEABLE_OFFERS,
            )
        )
    return asked


async def _list_helpers(call: Call, row: HelpRequest) -> list[Asked]:
    say = call.reader.translator.gettext
    only = offers.AssignmentFilter(request_id=row.id)
    rows = offers.list_assignments(
        call.actor, call.town.id, only, offers.AssignmentSort.STARTS, descending=False
    )
    page = await read_page(call.session, rows, PageArgs(first=MAX_OFFERS))
    names = await load_names(call, [work.volunteer.person_id for work in page.items])
    threads = await offers.load_thread_ids(
        call.session, call.actor, [work.id for work in page.items]
    )
    helpers = []
    for work in page.items:
        state, shape = say_work(say, work.status.value)
        helpers.append(
            Asked(
                id=work.id,
                person_id=work.volunteer.person_id,
                name=names.get(work.volunteer.person_id, ""),
                state=state,
                shape=shape,
                at=work.starts_at,
                ends_at=work.ends_at,
                is_agreed=work.status is AssignmentStatus.ACCEPTED,
                thread_id=threads.get(work.id),
            )
        )
    return helpers


async def _list_looked(call: Call, row: HelpRequest) -> list[Looked]:
    rows = await list_who_saw_address(call.session, call.actor, row.id)
    return [Looked(one.name or "", one.at) for one in rows]


async def _list_messages(call: Call, row: HelpRequest) -> list[MessageRow]:
    rows = list_messages_of(call.actor, call.town.id, MessageFilter(subject_id=row.id))
    page = await read_page(call.session, rows, PageArgs(first=MAX_MESSAGES))
    return await view_messages(call, page.items)
