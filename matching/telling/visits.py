"""To both sides of an agreed visit. Only the volunteer's own message holds the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.db import Session
from core.i18n import choose_language
from matching.models import Assignment, HelpRequest, Volunteer
from matching.offers.disclosure import read_visit_details
from matching.telling import repository
from matching.telling.repository import Recipient
from matching.telling.values import (
    SHORT_NAME,
    SHORT_PLACE,
    Note,
    make_link,
    send_note,
    shorten,
    visit_values,
)
from messaging.calendar import Visit, make_cancellation, make_invitation
from messaging.models import Message
from people.auth import Actor
from people.kinds import Purpose

NO_NAME = {"en": "Your neighbor", "es": "Su vecino"}
"""Where a helper's name is not known."""
ORGANIZER = "visits@talkoot.invalid"
"""Calendars want one; nobody is asked to answer to it."""
REMIND_BEFORE_S = 3_600


async def notify_agreed(
    session: Session, work: Assignment, *, now: datetime
) -> tuple[Message, Message]:
    """Volunteer and resident hear that it is agreed; the volunteer gets the address."""
    request, volunteer, to = await _volunteer_of(session, work)
    actor = Actor(person_id=volunteer.person_id)
    details = await read_visit_details(session, actor, work.id, now=now)
    unit = f", {details.address.unit}" if details.address.unit else ""
    address = f"{details.address.address_text}{unit}"
    values = await visit_values(session, work, request, to, now=now)
    values |= {
        "address": address,
        "short_address": shorten(address, SHORT_PLACE),
        "notes": details.access_notes,
        "contact": None if details.contact is None else details.contact.value,
        "link": await _visit_link(session, work, to, now),
    }
    visit = _visit(work, to, summary=values["job"], location=address)
    note = Note(
        kind="agreed_volunteer",
        about=work,
        values=values,
        storm_id=request.storm_id,
        calendar=make_invitation(visit, now=now) if _has_length(work) else None,
    )
    told = await send_note(session, to, note, now=now)
    return told, await _tell_resident(session, work, "agreed_resident", now=now)


async def notify_on_the_way(session: Session, work: Assignment, *, now: datetime) -> Message:
    """The resident hears that somebody is on the way."""
    return await _tell_resident(session, work, "on_the_way", now=now)


async def notify_done(session: Session, work: Assignment, *, now: datetime) -> Message:
    """The resident is asked whether it is done: one tap, yes or not done."""
    return await _tell_resident(session, work, "done_resident_confirm", now=now)


async def notify_cancelled_by_volunteer(
    session: Session, work: Assignment, *, now: datetime
) -> Message:
    """The resident hears that the helper cannot come and that others are asked."""
    return await _tell_resident(session, work, "cancelled_by_volunteer", now=now)


async def notify_cancelled_by_resident(
    session: Session, work: Assignment, *, now: datetime
) -> Message:
    """The volunteer need not come; the visit leaves their calendar."""
    request, _, to = await _volunteer_of(session, work)
    values = await visit_values(session, work, request, to, now=now)
    visit = _visit(work, to, summary=values["job"], sequence=1)
    note = Note(
        kind="cancelled_by_resident",
        about=work,
        values=values,
        purpose=Purpose.OFFERS,
        storm_id=request.storm_id,
        calendar=make_cancellation(visit, now=now) if _has_length(work) else None,
    )
    return await send_note(session, to, note, now=now)


async def notify_thanks(session: Session, work: Assignment, *, now: datetime) -> Message:
    """The resident confirmed: thanks to the volunteer."""
    request, _, to = await _volunteer_of(session, work)
    note = Note(
        kind="thanks_volunteer",
        about=work,
        values={},
        purpose=Purpose.OFFERS,
        storm_id=request.storm_id,
    )
    return await send_note(session, to, note, now=now)


async def notify_not_done(session: Session, work: Assignment, *, now: datetime) -> Message:
    """The resident says that something is left to do; no blame."""
    request, _, to = await _volunteer_of(session, work)
    note = Note(
        kind="not_done_volunteer",
        about=work,
        values={"link": await _visit_link(session, work, to, now)},
        purpose=Purpose.OFFERS,
        storm_id=request.storm_id,
    )
    return await send_note(session, to, note, now=now)


async def notify_visit_reminder(
    session: Session, work: Assignment, kind: str, *, now: datetime
) -> Message:
    """The volunteer is reminded (``day_before`` or ``soon``), and can say "cannot come"."""
    request, _, to = await _volunteer_of(session, work)
    values = await visit_values(session, work, request, to, now=now)
    values |= {"soon": kind == "soon", "link": await _visit_link(session, work, to, now)}
    note = Note(
        kind="visit_reminder",
        about=work,
        values=values,
        purpose=Purpose.OFFERS,
        occasion=kind,
        storm_id=request.storm_id,
        expires_at=work.starts_at,
    )
    return await send_note(session, to, note, now=now)


async def notify_check_in(session: Session, work: Assignment, *, now: datetime) -> Message:
    """A visit should be over and was never begun: did the volunteer make it?"""
    request, _, to = await _volunteer_of(session, work)
    offer = await repository.get_offer(session, work.offer_id)
    values = await visit_values(session, work, request, to, now=now)
    values |= {"code": offer.code, "link": await _visit_link(session, work, to, now)}
    note = Note(kind="check_in", about=work, values=values, purpose=Purpose.OFFERS)
    return await send_note(session, to, note, now=now)


async def _tell_resident(
    session: Session, work: Assignment, kind: str, *, now: datetime
) -> Message:
    """What the resident hears: who comes by first name, when, and a link to their own page."""
    request = await repository.get_request(session, work.request_id)
    volunteer = await repository.get_volunteer(session, work.volunteer_id)
    to = await repository.get_recipient(session, work.community_id, request.resident_id)
    found = await repository.find_first_name(session, volunteer.person_id)
    name = found or NO_NAME[choose_language(to.languages)]
    values: dict[str, Any] = await visit_values(session, work, request, to, now=now)
    values |= {
        "name": name,
        "short_name": shorten(name, SHORT_NAME),
        "link": await make_link(session, "request", to.person_id, request.id, now=now),
    }
    note = Note(
        kind=kind,
        about=work,
        values=values,
        purpose=Purpose.MATCHING,
        storm_id=request.storm_id,
    )
    return await send_note(session, to, note, now=now)


async def _volunteer_of(
    session: Session, work: Assignment
) -> tuple[HelpRequest, Volunteer, Recipient]:
    request = await repository.get_request(session, work.request_id)
    volunteer = await repository.get_volunteer(session, work.volunteer_id)
    to = await repository.get_recipient(session, work.community_id, volunteer.person_id)
    return request, volunteer, to


async def _visit_link(session: Session, work: Assignment, to: Recipient, now: datetime) -> str:
    return await make_link(session, "visit", to.person_id, work.id, now=now, until=work.ends_at)


def _has_length(work: Assignment) -> bool:
    return work.ends_at > work.starts_at


def _visit(
    work: Assignment,
    to: Recipient,
    *,
    summary: str,
    location: str | None = None,
    sequence: int = 0,
) -> Visit:
    return Visit(
        visit_id=work.id,
        sequence=sequence,
        starts_at=work.starts_at,
        ends_at=work.ends_at,
        time_zone=to.time_zone,
        summary=summary,
        organizer=ORGANIZER,
        location=location,
        remind_before_s=REMIND_BEFORE_S if location is not None else None,
    )
