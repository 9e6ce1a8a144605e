"""The history of a request in plain words, for the resident and for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import Event
from matching import policy
from matching.errors import RequestUnknown
from matching.intake import repository
from matching.intake.sentences import knows, say, say_count
from matching.kinds import OfferStatus
from matching.models import HelpRequest
from people.auth import Actor

MAX_EVENTS = 200


@dataclass(frozen=True)
class HistoryLine:
    """One thing that happened."""

    at: datetime
    code: str
    sentence: str
    actor_id: UUID | None = None
    """Who did it, for staff alone; None when the product did."""


async def list_history(
    session: Session, actor: Actor, request_id: UUID, *, language: str = "en"
) -> list[HistoryLine]:
    """What happened to a request, oldest first; never who was asked.

    The last line says how many neighbours were asked, and how they answered so far.
    """
    request = await session.get(HelpRequest, request_id)
    if request is None or not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise RequestUnknown(f"There is no request {request_id}.")
    events = await repository.list_request_events(session, request_id, MAX_EVENTS)
    counts = await repository.count_offers(session, request_id)
    trace = Trace(request.resident_id, request.created_at, request.updated_at)
    return tell_history(trace, events, counts, language)


@dataclass(frozen=True)
class Trace:
    """What of a request its history is told by."""

    resident_id: UUID
    created_at: datetime
    updated_at: datetime


def tell_history(
    trace: Trace, events: Sequence[Event], counts: Mapping[OfferStatus, int], language: str
) -> list[HistoryLine]:
    """The lines of a history from its events and from how many were asked."""
    lines = _tell_events(events, trace.resident_id, language)
    asked = _tell_asked(counts, language)
    if asked:
        last = events[-1].happened_at if events else trace.created_at
        lines.append(HistoryLine(max(last, trace.updated_at), "asked", asked))
    return lines


def _tell_events(events: Sequence[Event], resident_id: UUID, language: str) -> list[HistoryLine]:
    lines: list[HistoryLine] = []
    opened = False
    for event in events:
        code = _code_of(event, resident_id, opened=opened)
        opened = opened or event.kind == "request.open"
        if knows("history", code):
            sentence = say("history", code, language)
            lines.append(HistoryLine(event.happened_at, code, sentence, event.actor_id))
    return lines


def _code_of(event: Event, resident_id: UUID, *, opened: bool) -> str:
    kind, reason = event.kind, event.reason or ""
    if kind == "request.submitted" and event.actor_id != resident_id:
        return "request.submitted.staff"
    if kind == "request.cancelled" and reason.startswith("declined_"):
        return "request.cancelled.declined"
    if knows("history", f"{kind}.{reason}"):
        return f"{kind}.{reason}"
    if kind == "request.open" and opened:
        return "request.open.again"
    return kind


def _tell_asked(counts: Mapping[OfferStatus, int], language: str) -> str:
    """ "We asked 3 neighbors. 2 have not answered yet." """
    reached = {
        status: count for status, count in counts.items() if status is not OfferStatus.PROPOSED
    }
    total = sum(reached.values())
    if not total:
        return ""
    silent = reached.get(OfferStatus.SENT, 0) + reached.get(OfferStatus.EXPIRED, 0)
    declined = reached.get(OfferStatus.DECLINED, 0)
    parts = [say_count("asked", total, language)]
    if silent and OfferStatus.ACCEPTED not in reached:
        parts.append(say_count("silent", silent, language))
    if declined:
        parts.append(say_count("declined", declined, language))
    return " ".join(parts)
