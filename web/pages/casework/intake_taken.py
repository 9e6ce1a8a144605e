"""What became of a call, and what to say before putting the phone down."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import NotFound
from core.i18n import LANGUAGES, Translator
from matching.intake import listing_repository as listing
from matching.intake.kinds import StandingStatus
from matching.intake.programme import load_kinds
from matching.intake.standing_listing_repository import load_standing
from matching.kinds import RequestKind, RequestStatus
from people import directory_repository as directory
from web.pages.casework.reading import load_names
from web.pages.casework.request_views import label_kind
from web.pages.casework.words import say_review_reason
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import TEMPLATES


@dataclass(frozen=True)
class TakenPage:
    """A call that was written down."""

    news: str
    language: str
    """Of the sentences for the caller."""
    sentences: tuple[str, ...]
    resident_id: UUID
    resident: str
    kind: str
    reference: str = ""
    request_id: UUID | None = None
    reasons: tuple[str, ...] = ()
    """Why a person looks at it first."""


@get("/staff/intake/taken/{request_id:uuid}", name="intake_taken")
async def get_taken(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A request that was taken by phone."""
    async with desk.look(request) as call:
        town, session, actor = call.staff(), call.session, call.actor
        row = (await listing.load_requests(session, actor, [request_id])).get(request_id)
        if row is None or row.community_id != town.id:
            raise NotFound(f"There is no request {request_id}.")
        details = (await listing.load_details(session, actor, [row.id])).get(row.id)
        _ = call.reader.translator.gettext
        told = await _translator_for(call, row.resident_id)
        waits = row.status is RequestStatus.NEEDS_REVIEW
        if call.said == "joined":
            news = _("We have this request already: %(code)s.") % {"code": row.reference}
        elif waits:
            news = _("Request %(code)s is in. Look at it first.") % {"code": row.reference}
        else:
            news = _("Request %(code)s is in. We ask volunteers.") % {"code": row.reference}
        reasons = () if details is None or not waits else tuple(details.review_reasons)
        page = TakenPage(
            news=news,
            language=told.language,
            sentences=_tell_request(
                told, row.reference, waits=waits, is_joined=call.said == "joined"
            ),
            resident_id=row.resident_id,
            resident=(await load_names(call, [row.resident_id])).get(row.resident_id, ""),
            kind=await _label(call, row.kind),
            reference=row.reference,
            request_id=row.id,
            reasons=tuple(say_review_reason(_, code) for code in reasons),
        )
        return call.show("casework/taken.html", {"page": page})


@get("/staff/intake/kept/{standing_id:uuid}", name="intake_kept")
async def get_kept(
    request: AnyRequest, standing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A wish that is kept for the snow."""
    async with desk.look(request) as call:
        town, session, actor = call.staff(), call.session, call.actor
        row = (await load_standing(session, actor, [standing_id])).get(standing_id)
        if row is None or row.community_id != town.id:
            raise NotFound(f"There is no standing request {standing_id}.")
        _ = call.reader.translator.gettext
        told = await _translator_for(call, row.resident_id)
        waits = row.status is StandingStatus.NEEDS_REVIEW
        page = TakenPage(
            news=_("It is kept for the snow. Look at it first.")
            if waits
            else _("It is kept for the snow."),
            language=told.language,
            sentences=_tell_wish(told, waits=waits),
            resident_id=row.resident_id,
            resident=(await load_names(call, [row.resident_id])).get(row.resident_id, ""),
            kind=await _label(call, row.kind),
            reasons=tuple(say_review_reason(_, code) for code in row.review_reasons)
            if waits
            else (),
        )
        return call.show("casework/taken.html", {"page": page})


def _tell_request(told: Translator, code: str, *, waits: bool, is_joined: bool) -> tuple[str, ...]:
    _ = told.gettext
    yours = _("Your code is %(code)s. Say it when you call again.") % {"code": code}
    if is_joined:
        return (_("We have this request already. There is nothing more to do."), yours)
    if waits:
        return (
            _("Thank you. One of us looks at it first, and then tells you how it goes on."),
            yours,
        )
    return (
        _("Thank you. We ask neighbors near you now, and tell you when somebody says yes."),
        yours,
        _("Nobody sees your address before they say yes."),
    )


def _tell_wish(told: Translator, *, waits: bool) -> tuple[str, ...]:
    _ = told.gettext
    if waits:
        return (_("Thank you. One of us looks at it first, and then tells you how it goes on."),)
    return (
        _("Thank you. When it snows, we ask neighbors for you. You do not have to call again."),
        _("Call us when you do not need it any more."),
    )


async def _translator_for(call: Call, person_id: UUID) -> Translator:
    """In the caller's own language when we speak it."""
    rows = await directory.load_preferences(call.session, call.actor, [person_id])
    spoken = rows[person_id].languages if person_id in rows else []
    language = next((code for code in spoken if code in LANGUAGES), call.reader.language)
    return Translator(language, TEMPLATES, time_zone=call.reader.time_zone)


async def _label(call: Call, kind: RequestKind) -> str:
    kinds = await load_kinds(call.session, call.town.id, call.now)
    return label_kind(kinds, kind, call.reader.language)
