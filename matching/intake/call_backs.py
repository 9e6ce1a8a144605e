"""Being called by a person of the programme: asked for with a number alone, without an account.

The number is used for this call and nothing else. It is removed soon after the call, and when the
person is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from core.db import Session
from core.errors import Conflict, NotFound
from core.events import record_event
from core.ids import new_id
from core.jobs import JobRegistry, JobTools
from core.logging import get_logger
from matching import repository
from matching.imports import fields
from matching.imports.country import phone_region_of
from matching.imports.errors import CellRefused
from matching.intake import call_back_repository
from matching.intake.errors import InvalidRequest
from matching.intake.models import ABOUT_LENGTH, CallBack
from matching.intake.repository import lock_community
from messaging.conversations import tidy_text
from people.auth import Actor
from people.errors import InvalidProfile
from people.models import Community
from people.profile import clean_name

KEPT_AFTER_CALL: Final = timedelta(days=7)
KEPT_WAITING: Final = timedelta(days=30)
MOST_WAITING: Final = 1_000
"""In one community: more than that are no people."""
MOST_AT_A_NUMBER: Final = 10
"""Names that wait at one number: that of a household, a shelter or a library."""
FORGET_CALL_BACKS: Final = "matching.forget_call_backs"
MAX_PAGES = 200

_logger = get_logger(__name__)


class CallBackUnknown(NotFound):
    """There is no such call, or not for this actor."""

    code = "call_back_unknown"


class TooManyCallBacks(Conflict):
    """So many wait that no more are taken."""

    code = "too_many_call_backs"


@dataclass(frozen=True)
class AskForCall:
    """Who wants to be called, where and why.

    Parameters
    ----------
    request_id
        One of the person's own requests that it is about.
    """

    name: str
    phone: str
    about: str = ""
    language: str = "en"
    request_id: UUID | None = None


def find_call_faults(community: Community, command: AskForCall) -> tuple[str, ...]:
    """What cannot be taken: ``name``, ``phone``, ``about``."""
    bad = []
    try:
        clean_name(command.name)
    except InvalidProfile:
        bad.append("name")
    if _read_phone(community, command.phone) is None:
        bad.append("phone")
    if len(tidy_text(command.about)) > ABOUT_LENGTH:
        bad.append("about")
    return tuple(bad)


async def ask_for_call(
    session: Session, actor: Actor, community: Community, command: AskForCall, *, now: datetime
) -> CallBack:
    """Write down that somebody wants to be called. Records ``call_back.asked``.

    A name waits once at a number: asking again adds the new words to the call that waits.

    Raises
    ------
    InvalidRequest
        When name, number or words cannot be taken.
    """
    phone = _read_phone(community, command.phone)
    if phone is None or find_call_faults(community, command):
        raise InvalidRequest("Write a name, and a phone number with its area code.")
    await lock_community(session, community.id)
    there = await call_back_repository.list_waiting_at(session, community.id, phone)
    known = _find_name(there, command.name)
    if known is not None:
        await _add_words(session, actor, known, command, now)
        return known
    waiting = await call_back_repository.count_waiting_of(session, community.id, MOST_WAITING)
    if waiting >= MOST_WAITING or len(there) >= MOST_AT_A_NUMBER:
        raise TooManyCallBacks("So many people wait for a call that no more are taken now.")
    row = CallBack(
        id=new_id(),
        community_id=community.id,
        person_id=actor.person_id,
        request_id=await _find_own_request(session, actor, community.id, command.request_id),
        name=clean_name(command.name),
        phone=phone,
        about=tidy_text(command.about),
        language=command.language,
        created_at=now,
        asked_at=now,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, row, "call_back.asked", now)
    return row


async def close_call(session: Session, actor: Actor, key: UUID, *, now: datetime) -> CallBack:
    """Staff have called, or tried to no avail. Records ``call_back.closed``; twice is fine."""
    row = await call_back_repository.lock_call_back(session, actor, key)
    if row is None:
        raise CallBackUnknown("There is no such call for you.")
    if row.closed_at is None:
        row.closed_at, row.closed_by_id = now, actor.person_id
        await session.flush()
        _record(session, actor, row, "call_back.closed", now)
    return row


async def reopen_call(session: Session, actor: Actor, key: UUID, *, now: datetime) -> CallBack:
    """Nobody was reached: it waits again, where it stood. Records ``call_back.reopened``.

    Twice is fine. Whoever has asked again meanwhile waits once, with the words of both.
    """
    row = await call_back_repository.lock_call_back(session, actor, key)
    if row is None:
        raise CallBackUnknown("There is no such call for you.")
    if row.closed_at is None:
        return row
    await lock_community(session, row.community_id)
    there = await call_back_repository.list_waiting_at(session, row.community_id, row.phone)
    again = _find_name(there, row.name)
    if again is not None:
        again.about = _join_words(row.about, again.about)
        again.request_id = again.request_id or row.request_id
        again.created_at = row.created_at
        await session.delete(row)
        row = again
    row.closed_at = row.closed_by_id = None
    row.asked_at = now
    await session.flush()
    _record(session, actor, row, "call_back.reopened", now)
    return row


def _find_name(rows: Sequence[CallBack], name: str) -> CallBack | None:
    """Who of those that wait at a number has this name, however its letters are written."""
    wanted = clean_name(name).casefold()
    return next((row for row in rows if row.name.casefold() == wanted), None)


async def _add_words(
    session: Session, actor: Actor, row: CallBack, command: AskForCall, now: datetime
) -> None:
    """The same person asks again: nothing of what they say is lost, and the place is kept."""
    row.about = _join_words(row.about, tidy_text(command.about))
    asked = await _find_own_request(session, actor, row.community_id, command.request_id)
    row.request_id = asked or row.request_id
    row.person_id = row.person_id or actor.person_id
    row.language = command.language
    row.asked_at = now
    await session.flush()


def _join_words(before: str, after: str) -> str:
    """Both, one under the other; the newer ones alone where there is no room for both."""
    if not after or after in before:
        return before
    both = f"{before}\n{after}" if before else after
    return both if len(both) <= ABOUT_LENGTH else after


async def _find_own_request(
    session: Session, actor: Actor, community_id: UUID, request_id: UUID | None
) -> UUID | None:
    """The request, when it is the actor's own."""
    if request_id is None or actor.person_id is None:
        return None
    request = await repository.find_request(session, actor, community_id, request_id)
    return None if request is None or request.resident_id != actor.person_id else request_id


def _read_phone(community: Community, phone: str) -> str | None:
    region = phone_region_of(community.time_zone)
    try:
        return fields.parse_phone("phone", phone.strip(), region=region) or None
    except CellRefused:
        return None


def _record(session: Session, actor: Actor, row: CallBack, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="call_back",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
    )


async def forget_call_backs(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove numbers some days after the call, and those of calls that nobody made."""
    count = 0
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            now = tools.clock.now()
            page_count = await call_back_repository.delete_old(
                session, closed_before=now - KEPT_AFTER_CALL, asked_before=now - KEPT_WAITING
            )
        count += page_count
        if not page_count:
            break
    _logger.info("call_backs.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker remove old numbers, every day."""
    registry.add(FORGET_CALL_BACKS, forget_call_backs, at_once=1)
    registry.every(FORGET_CALL_BACKS, minutes=24 * 60)
