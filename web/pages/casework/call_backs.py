"""People who want to be called: the number for whoever calls, and a word that it was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency

from core.errors import NotFound
from core.pagination import PageArgs, count_all, read_page
from matching.intake import listing_repository as listing
from matching.intake.call_back_repository import list_closed, list_waiting
from matching.intake.call_backs import close_call, reopen_call
from matching.intake.models import CallBack
from web.pages.casework.words import LANGUAGE_NAMES
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id

MAX_SHOWN = 20


@dataclass(frozen=True)
class CallRow:
    """Somebody to call."""

    id: UUID
    name: str
    phone: str
    about: str
    language: str
    since: datetime
    """When it was asked for, or closed."""
    person_id: UUID | None
    request_id: UUID | None
    code: str


@dataclass(frozen=True)
class Calls:
    """Those who have waited longest, how many wait in all, and whom somebody called last."""

    rows: tuple[CallRow, ...]
    total: int
    closed: tuple[CallRow, ...]


async def read_calls(call: Call) -> Calls:
    """Whom to call, the oldest first, and who was called, the newest first."""
    waiting, closed = (find(call.actor, call.town.id) for find in (list_waiting, list_closed))
    first = PageArgs(first=MAX_SHOWN)
    rows = await _view(call, (await read_page(call.session, waiting, first)).items)
    done = await _view(call, (await read_page(call.session, closed, first)).items)
    return Calls(rows, await count_all(call.session, waiting) if rows else 0, done)


async def _view(call: Call, items: Sequence[CallBack]) -> tuple[CallRow, ...]:
    keys = [row.request_id for row in items if row.request_id is not None]
    requests = await listing.load_requests(call.session, call.actor, keys) if keys else {}
    return tuple(
        CallRow(
            id=row.id,
            name=row.name,
            phone=row.phone,
            about=row.about,
            language=LANGUAGE_NAMES.get(row.language, row.language),
            since=row.closed_at or row.created_at,
            person_id=row.person_id,
            request_id=row.request_id,
            code=requests[row.request_id].reference if row.request_id in requests else "",
        )
        for row in items
    )


@post("/staff/review/calls", name="staff_calls_press", status_code=303)
async def post_call(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """They were called; the number goes some days after. Or nobody was reached."""
    async with desk.press(request) as call:
        call.staff()
        key = field_id(call.form, "key")
        if key is None:
            raise NotFound("There is nobody to call.")
        if call.form.get("do") == "reopen":
            await reopen_call(call.session, call.actor, key, now=call.now)
            return call.go("/staff/review#calls", said="reopened")
        await close_call(call.session, call.actor, key, now=call.now)
        return call.go("/staff/review", said="called")
