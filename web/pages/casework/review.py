"""What waits for a person's eye: requests and wishes to look at, visits that were not done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import Conflict, InvalidInput, NotFound
from core.pagination import PageArgs, count_all, read_page
from matching.intake import listing_repository as listing
from matching.intake.judging import explain_verdict
from matching.intake.listing_repository import RequestFilter
from matching.intake.models import StandingRequest
from matching.intake.programme import load_kinds
from matching.intake.reviewing import (
    approve_request,
    approve_standing,
    decline_request,
    decline_standing,
    merge_requests,
)
from matching.intake.standing_listing_repository import list_review_queue, load_waiting
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import HelpRequest
from matching.offers import listing_repository as offers
from web.pages.casework.call_backs import read_calls
from web.pages.casework.reading import load_names, page_args
from web.pages.casework.request_file import ReasonMissing, read_reason
from web.pages.casework.request_views import RequestRow, label_kind, label_scope, view_requests
from web.pages.casework.words import say_came_by, say_no_because, say_review_reason
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.refusals import say_refusal

PAGE = "casework/review.html"
MAX_SHOWN = 10
MAX_NOT_DONE = 10
SILENT_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Waiting:
    """One request or wish that waits, with what helps to decide."""

    id: UUID
    is_wish: bool
    kind: str
    code: str
    resident_id: UUID
    resident: str
    area: str
    scope: str
    came_by: str
    since: datetime
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    similar: RequestRow | None
    can_join: bool


@dataclass(frozen=True)
class Silent:
    """A volunteer who wanted to come and has not said that they began."""

    id: UUID
    person_id: UUID | None
    name: str
    request_id: UUID
    code: str
    at: datetime


@get("/staff/review", name="staff_review")
async def get_review(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The oldest first."""
    async with desk.look(request) as call:
        call.staff()
        return call.show(PAGE, await _values(call))


@post("/staff/review", name="staff_review_press", status_code=303)
async def post_review(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Decide on one, and go on to the next."""
    async with desk.press(request) as call:
        call.staff()
        key, do = field_id(call.form, "key"), call.form.get("do", "")
        if key is None:
            raise NotFound("There is nothing to decide on.")
        waiting = (await load_waiting(call.session, call.actor, [key])).get(key)
        if waiting is None or waiting.community_id != call.town.id:
            raise NotFound(f"There is no request {key}.")
        try:
            await _decide(call, waiting, do)
        except (Conflict, InvalidInput) as error:
            _ = call.reader.translator.gettext
            words = _("Somebody has decided on it meanwhile.")
            if isinstance(error, ReasonMissing):
                words = _("Choose why not. The home hears it.")
            elif isinstance(error, InvalidInput):
                words = say_refusal(call.reader.translator, error)
            values = await _values(call)
            raise call.show_again(PAGE, values | {"errors": {"queue": words}}) from None
        return call.go("/staff/review", said=do)


async def _decide(call: Call, waiting: HelpRequest | StandingRequest, do: str) -> None:
    session, actor, now = call.session, call.actor, call.now
    if isinstance(waiting, StandingRequest):
        if do == "approve":
            await approve_standing(session, actor, waiting.id, now=now)
            return
        if do == "say_no":
            reason = read_reason(call.form)
            await decline_standing(session, actor, waiting.id, reason=reason, now=now)
            return
    elif do == "approve":
        await approve_request(session, actor, waiting.id, now=now)
        return
    elif do == "say_no":
        await decline_request(session, actor, waiting.id, reason=read_reason(call.form), now=now)
        return
    elif do == "merge":
        keep_id = field_id(call.form, "keep") or waiting.id
        await merge_requests(session, actor, keep_id=keep_id, drop_id=waiting.id, now=now)
        return
    raise NotFound(f"There is no button {do[:40]!r}.")


async def _values(call: Call) -> dict[str, Any]:
    queue = list_review_queue(call.actor, call.town.id)
    page = await read_page(call.session, queue, page_args(call, first=MAX_SHOWN))
    keys = [row.id for row in page.items]
    found = await load_waiting(call.session, call.actor, keys)
    rows = listing.list_community_requests(
        call.actor,
        call.town.id,
        RequestFilter(statuses=(RequestStatus.NOT_DONE, RequestStatus.DONE)),
    )
    unsure = await read_page(call.session, rows, PageArgs(first=MAX_NOT_DONE))
    return {
        "errors": {},
        "items": await _view_waiting(call, [found[key] for key in keys if key in found]),
        "total": await count_all(call.session, queue),
        "more": f"/staff/review?after={page.cursors[-1]}" if page.has_next else "",
        "silent": await _list_silent(call),
        "calls": await read_calls(call),
        "unsure": await view_requests(call, unsure.items),
        "no_because": list(say_no_because(call.reader.translator.gettext).items()),
    }


async def _list_silent(call: Call) -> list[Silent]:
    """Agreed visits whose time went by without a word."""
    only = offers.AssignmentFilter(
        statuses=(AssignmentStatus.ACCEPTED,), starts_before=call.now - SILENT_AFTER
    )
    rows = offers.list_assignments(
        call.actor, call.town.id, only, offers.AssignmentSort.STARTS, descending=True
    )
    works = (await read_page(call.session, rows, PageArgs(first=MAX_NOT_DONE))).items
    requests = await listing.load_requests(
        call.session, call.actor, [work.request_id for work in works]
    )
    names = await load_names(call, [work.volunteer.person_id for work in works])
    return [
        Silent(
            id=work.id,
            person_id=work.volunteer.person_id,
            name=names.get(work.volunteer.person_id, ""),
            request_id=work.request_id,
            code=requests[work.request_id].reference,
            at=work.starts_at,
        )
        for work in works
        if work.request_id in requests
    ]


async def _view_waiting(call: Call, rows: Sequence[HelpRequest | StandingRequest]) -> list[Waiting]:
    session, actor, say = call.session, call.actor, call.reader.translator.gettext
    requests = [row.id for row in rows if isinstance(row, HelpRequest)]
    details = await listing.load_details(session, actor, requests)
    versions = (await listing.load_eligibility_versions(session, actor, [call.town.id])).get(
        call.town.id, []
    )
    names = await load_names(call, [row.resident_id for row in rows])
    places = await listing.load_shown_places(session, actor, [row.household_id for row in rows])
    kinds, language = await load_kinds(session, call.town.id, call.now), call.reader.language
    similar = await _load_similar(call, rows, [row.similar_to_id for row in details.values()])
    views = []
    for row in rows:
        is_wish = isinstance(row, StandingRequest)
        about = row if isinstance(row, StandingRequest) else details.get(row.id)
        channel = None if about is None else about.channel.value
        codes = () if about is None else tuple(about.review_reasons)
        rules = [] if about is None else about.verdict_reasons
        other = None if about is None else about.similar_to_id
        place = places.get(row.household_id)
        views.append(
            Waiting(
                id=row.id,
                is_wish=is_wish,
                kind=label_kind(kinds, row.kind, language),
                code="" if isinstance(row, StandingRequest) else row.reference,
                resident_id=row.resident_id,
                resident=names.get(row.resident_id, ""),
                area=(None if place is None else place.area) or "",
                scope=", ".join(label_scope(kinds, row.kind, row.scope, language)),
                came_by=say_came_by(say, channel),
                since=row.created_at,
                reasons=tuple(say_review_reason(say, code) for code in codes),
                rules=tuple(explain_verdict(versions, row.created_at, rules, language)),
                similar=similar.get(other) if other is not None else None,
                can_join=not is_wish and other in similar,
            )
        )
    return views


async def _load_similar(
    call: Call,
    rows: Sequence[HelpRequest | StandingRequest],
    of_requests: Collection[UUID | None],
) -> dict[UUID, RequestRow]:
    of_wishes = [row.similar_to_id for row in rows if isinstance(row, StandingRequest)]
    keys = [key for key in (*of_requests, *of_wishes) if key is not None]
    found = await listing.load_requests(call.session, call.actor, keys)
    return {row.id: row for row in await view_requests(call, list(found.values()))}
