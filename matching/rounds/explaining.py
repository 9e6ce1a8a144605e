"""What the last round decided about one request, in plain words; no name, no street."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db import Session
from core.errors import InvalidInput
from core.ids import parse_id
from matching import policy, repository
from matching.errors import NothingToTry, RequestUnknown
from matching.files.plan_file import PlanDocument, load_plan
from matching.files.problem_file import load_problem
from matching.files.problem_format import ProblemDocument
from matching.kinds import DocumentKind, RequestStatus
from matching.models import HelpRequest
from matching.rounds import repository as round_repository
from matching.rounds.inputs import midnight_before
from matching.rounds.models import Round, UnservedReason
from matching.rounds.reason_words import NOT_NOW, UNANSWERED, WINDOW_OVER, Times, reason_sentences
from matching.rounds.reasons import explain_one
from people.auth import Actor
from people.models import Community
from people.repository import get_community, list_communities

STATUS_WORDS = {
    RequestStatus.SUBMITTED: "has just come in",
    RequestStatus.NEEDS_REVIEW: "waits for somebody to look at it",
    RequestStatus.OPEN: "is open",
    RequestStatus.OFFERED: "is with volunteers, who have not answered yet",
    RequestStatus.ACCEPTED: "has a volunteer",
    RequestStatus.IN_PROGRESS: "is being done",
    RequestStatus.DONE: "is done",
    RequestStatus.CONFIRMED: "is done, and the resident said so",
    RequestStatus.NOT_DONE: "was not done, says the resident",
    RequestStatus.CANCELLED: "was cancelled",
    RequestStatus.EXPIRED: "is over: its time has passed",
}


@dataclass(frozen=True)
class Explanation:
    """What can be said about one request."""

    request_id: UUID
    reference: str
    round_id: UUID | None
    served: bool
    code: str | None
    detail: Mapping[str, Any]
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "request_id": str(self.request_id),
            "reference": self.reference,
            "round_id": None if self.round_id is None else str(self.round_id),
            "served": self.served,
            "reason": self.code,
            "detail": dict(self.detail),
            "sentences": list(self.sentences),
        }


async def explain_request(
    session: Session, actor: Actor, name: str, *, community_slug: str | None
) -> Explanation:
    """The stored explanation of the newest finished round.

    Raises
    ------
    RequestUnknown
        When the actor may see no such request.
    """
    community = await _find_community(session, community_slug)
    key = parse_id(name)
    request = await repository.find_request(session, actor, community.id, key or name)
    if request is None:
        raise RequestUnknown(
            f"There is no request {name[:40]!r} in {community.slug}. Give its reference (six "
            "letters and digits) or its id."
        )
    return await _explain(session, community, request)


async def explain_request_by_id(session: Session, actor: Actor, request_id: UUID) -> Explanation:
    """The same for staff who have the id of a request.

    Raises
    ------
    RequestUnknown
        When there is no such request in a community of theirs.
    """
    request = await repository.find_request(session, actor, None, request_id)
    if request is None or not policy.can_run_round(actor, request.community_id):
        raise RequestUnknown("There is no such request, or it is not for you.")
    community = await session.get(Community, request.community_id)
    assert community is not None
    return await _explain(session, community, request)


async def _explain(session: Session, community: Community, request: HelpRequest) -> Explanation:
    last = await round_repository.find_last_finished_round(session, community.id)
    if last is None:
        return _tell(request, None, False, None, (*_state(request), "No round has run yet."))
    reason = await round_repository.find_unserved_reason(session, last.id, request.id)
    if reason is not None:
        words = _state(request) + _reason_sentences(reason, last, community)
        return _tell(request, last, False, reason, words)
    offers = await round_repository.list_round_offers_for(session, last.id, request.id)
    if not offers:
        words = (*_state(request), "The last round did not plan it.")
        return _tell(request, last, False, None, words)
    zone = ZoneInfo(community.time_zone)
    start = offers[0].starts_at.astimezone(zone)
    people = "One volunteer is" if len(offers) == 1 else f"{len(offers)} volunteers are"
    words = (f"{people} planned for it at {start:%H:%M} on {start:%A %-d %B}.",)
    return _tell(request, last, True, None, _state(request) + words)


async def try_request(
    session: Session, actor: Actor, name: str, *, community_slug: str | None
) -> Callable[[], Explanation]:
    """Prepare to try what would change the answer of the last round about one request.

    Reads the round's problem and plan; the function that it returns plans again, some seconds
    long, and needs no database.

    Raises
    ------
    NothingToTry
        When no round left the request without help, or its problem was too large to keep.
    """
    told = await explain_request(session, actor, name, community_slug=community_slug)
    if told.round_id is None or told.code is None or told.code == WINDOW_OVER:
        raise NothingToTry(f"{' '.join(told.sentences)} There is nothing to try.")
    kept = [
        await round_repository.find_document(session, told.round_id, kind)
        for kind in (DocumentKind.PROBLEM, DocumentKind.PLAN)
    ]
    if kept[0] is None or kept[1] is None:
        raise NothingToTry("The problem of that round was too large to keep; plan again.")
    community = await _find_community(session, community_slug)
    zone = ZoneInfo(community.time_zone)
    loaded = load_problem(msgspec.convert(kept[0], ProblemDocument), Path())
    plan = load_plan(msgspec.convert(kept[1], PlanDocument), loaded.problem)
    start = loaded.horizon_start

    def work() -> Explanation:
        number = loaded.problem.requests.ids.index(told.reference)
        reason = explain_one(loaded.problem, plan.solution, number)
        if told.code in (UNANSWERED, NOT_NOW):
            # The problem holds no more than that they had no place; who was asked is on record.
            detail = {**reason.detail, "funnel": told.detail["funnel"]}
            reason = replace(reason, code=told.code, detail=detail)
        sentences = told.sentences[:2]
        if start is not None:
            sentences += tuple(reason_sentences(reason.code, reason.detail, Times(start, zone)))
        return replace(told, code=reason.code, detail=reason.detail, sentences=sentences)

    return work


async def _find_community(session: Session, slug: str | None) -> Community:
    if slug is not None:
        return await get_community(session, slug)
    found = await list_communities(session)
    if len(found) != 1:
        names = ", ".join(row.slug for row in found) or "none yet"
        raise InvalidInput(f"Say which community with --community; there are: {names}.")
    return found[0]


def _tell(
    request: HelpRequest,
    last: Round | None,
    served: bool,
    reason: UnservedReason | None,
    sentences: tuple[str, ...],
) -> Explanation:
    return Explanation(
        request_id=request.id,
        reference=request.reference,
        round_id=None if last is None else last.id,
        served=served,
        code=None if reason is None else reason.code,
        detail={} if reason is None else reason.detail,
        sentences=sentences,
    )


def _state(request: HelpRequest) -> tuple[str, ...]:
    return (f"Request {request.reference} {STATUS_WORDS[request.status]}.",)


def _reason_sentences(reason: UnservedReason, last: Round, community: Community) -> tuple[str, ...]:
    zone = ZoneInfo(community.time_zone)
    when = f"{last.started_at.astimezone(zone):%-d %B %Y, %H:%M}"
    times = Times(midnight_before(last.horizon_start_at, zone), zone)
    told = reason_sentences(reason.code, reason.detail, times)
    return (f"The round of {when} found nobody for it.", *told)
