"""What waits for a person's eye: approved, declined with a reason, or joined with another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching import policy
from matching.errors import RequestUnknown
from matching.intake import repository, standing_repository
from matching.intake.duplicates import NEAR_M
from matching.intake.errors import InvalidRequest, NotInReview, StandingUnknown
from matching.intake.kinds import StandingStatus
from matching.intake.models import StandingRequest
from matching.intake.programme import load_deadline_rules
from matching.intake.standing import close_of_window, open_standing_requests, record_standing
from matching.intake.taking import STORM_ON
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest, RequestWindow
from matching.notifications import (
    notify_request_approved,
    notify_request_declined,
    notify_standing_declined,
)
from matching.offers.new_homes import ask_about_homes
from matching.repository import get_locked
from matching.storms.repository import find_current_storm
from matching.transitions import Cause, move_request
from people.auth import Actor

MAX_LISTED = 100


class DeclineReason(StrEnum):
    """Why a request is not taken up."""

    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    OUTSIDE_AREA = "outside_area"
    NOT_OUR_HELP = "not_our_help"
    NO_ANSWER = "no_answer"
    OTHER = "other"


@dataclass(frozen=True)
class ReviewItem:
    """One thing that waits for a person. Holds ids and code words only."""

    id: UUID
    is_standing: bool
    reference: str | None
    """The short name of a request; a standing wish has none."""
    kind: RequestKind
    since: datetime
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    """Codes of the eligibility rules that do not hold or cannot be judged."""
    similar_to_id: UUID | None


async def list_review(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = MAX_LISTED,
) -> list[ReviewItem]:
    """One page of what waits for a person, the oldest first; ``after`` is since and id."""
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see what waits for review.")
    limit = max(1, min(limit, MAX_LISTED))
    requests = await repository.list_waiting_for_review(
        session, community_id, after=after, limit=limit
    )
    wishes = await standing_repository.list_standing_for_review(
        session, community_id, after=after, limit=limit
    )
    items = [
        ReviewItem(
            id=request.id,
            is_standing=False,
            reference=request.reference,
            kind=request.kind,
            since=request.created_at,
            reasons=() if details is None else tuple(details.review_reasons),
            rules=() if details is None else tuple(details.verdict_reasons),
            similar_to_id=None if details is None else details.similar_to_id,
        )
        for request, details in requests
    ]
    items += [
        ReviewItem(
            id=wish.id,
            is_standing=True,
            reference=None,
            kind=wish.kind,
            since=wish.created_at,
            reasons=tuple(wish.review_reasons),
            rules=tuple(wish.verdict_reasons),
            similar_to_id=wish.similar_to_id,
        )
        for wish in wishes
    ]
    return sorted(items, key=lambda item: (item.since, item.id))[:limit]


async def approve_request(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """Let a request wait for help after all. Records ``request.open``.

    A window that went by while it waited is opened again for some hours.
    """
    request = await _get_in_review(session, actor, request_id)
    await _renew_window(session, request, now)
    cause = Cause(now=now, actor_id=actor.person_id, reason="approved")
    await move_request(session, request.id, RequestStatus.OPEN, cause)
    await ask_about_homes(session, request.community_id, [request], now=now)
    await notify_request_approved(session, request, now=now)
    return request


async def decline_request(
    session: Session, actor: Actor, request_id: UUID, *, reason: DeclineReason, now: datetime
) -> HelpRequest:
    """Say no to a request; the resident hears why. Records ``request.cancelled``."""
    request = await _get_in_review(session, actor, request_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=f"declined_{reason.value}")
    await move_request(session, request.id, RequestStatus.CANCELLED, cause)
    await notify_request_declined(session, request, reason=reason.value, now=now)
    return request


async def merge_requests(
    session: Session, actor: Actor, *, keep_id: UUID, drop_id: UUID, now: datetime
) -> HelpRequest:
    """Let one request stand for two that are the same; what the dropped one adds is kept.

    The kept one gets the other's scope, while nobody has taken it, and its access notes, if it has
    none. Records ``request.cancelled`` and ``request.joined``.
    """
    if keep_id == drop_id:
        raise InvalidRequest("A request cannot be joined with itself.")
    locked = {
        key: await get_locked(session, HelpRequest, key) for key in sorted((keep_id, drop_id))
    }
    keep, drop = locked[keep_id], locked[drop_id]
    if (
        keep is None
        or drop is None
        or keep.community_id != drop.community_id
        or not policy.can_review_requests(actor, keep.community_id)
    ):
        raise RequestUnknown("There are no two such requests in one community of yours.")
    if drop.status is not RequestStatus.NEEDS_REVIEW:
        raise NotInReview(f"The request {drop_id} does not wait for review; cancel it by hand.")
    if keep.status not in repository.LIVE or keep.kind is not drop.kind:
        raise InvalidRequest("The request to keep must be alive and of the same kind of help.")
    if not await _is_one_home(session, keep, drop):
        raise InvalidRequest(
            f"The requests {keep.reference} and {drop.reference} are for two homes; joining them "
            "would leave one without help."
        )
    untaken = (RequestStatus.NEEDS_REVIEW, RequestStatus.OPEN, RequestStatus.OFFERED)
    if keep.status in untaken and not set(drop.scope) <= set(keep.scope):
        keep.scope = [*keep.scope, *(code for code in drop.scope if code not in keep.scope)]
        keep.updated_at = now
    await _keep_notes(session, keep_id=keep_id, drop_id=drop_id)
    details = await repository.find_details(session, drop_id)
    if details is not None:
        details.similar_to_id = keep_id
    await session.flush()
    cause = Cause(now=now, actor_id=actor.person_id, reason="joined_with_another")
    await move_request(session, drop_id, RequestStatus.CANCELLED, cause)
    record_event(
        session,
        "request.joined",
        subject_type="request",
        subject_id=keep_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=keep.community_id,
        request_id=drop_id,
    )
    await session.flush()
    return keep


async def approve_standing(
    session: Session, actor: Actor, standing_id: UUID, *, now: datetime
) -> StandingRequest:
    """Let a standing wish hold, also in a storm that is on. Records ``standing.active``."""
    wish = await _get_wish_in_review(session, actor, standing_id)
    wish.status = StandingStatus.ACTIVE
    wish.updated_at = now
    record_standing(session, "standing.active", wish, now, actor_id=actor.person_id)
    await session.flush()
    storm = await find_current_storm(session, wish.community_id)
    if storm is not None and storm.status in STORM_ON:
        await open_standing_requests(session, storm, now=now)
    return wish


async def decline_standing(
    session: Session, actor: Actor, standing_id: UUID, *, reason: DeclineReason, now: datetime
) -> StandingRequest:
    """Say no to a standing wish; the resident hears why. Records ``standing.ended``."""
    wish = await _get_wish_in_review(session, actor, standing_id)
    wish.status = StandingStatus.ENDED
    wish.updated_at = now
    record_standing(
        session,
        "standing.ended",
        wish,
        now,
        actor_id=actor.person_id,
        reason=f"declined_{reason.value}",
    )
    await session.flush()
    await notify_standing_declined(session, wish, reason=reason.value, now=now)
    return wish


async def _get_in_review(session: Session, actor: Actor, request_id: UUID) -> HelpRequest:
    request = await get_locked(session, HelpRequest, request_id)
    if request is None or not policy.can_review_requests(actor, request.community_id):
        raise RequestUnknown(f"There is no request {request_id}.")
    if request.status is not RequestStatus.NEEDS_REVIEW:
        raise NotInReview(
            f"The request {request.reference} does not wait for review; it is "
            f"{request.status.value}."
        )
    return request


async def _get_wish_in_review(session: Session, actor: Actor, standing_id: UUID) -> StandingRequest:
    wish = await standing_repository.lock_standing(session, standing_id)
    if wish is None or not policy.can_review_requests(actor, wish.community_id):
        raise StandingUnknown(f"There is no standing request {standing_id}.")
    if wish.status is not StandingStatus.NEEDS_REVIEW:
        raise NotInReview(
            f"The standing request {standing_id} does not wait for review; it is "
            f"{wish.status.value}."
        )
    return wish


async def _renew_window(session: Session, request: HelpRequest, now: datetime) -> None:
    loaded = await repository.load_request(session, request.id)
    community = await repository.find_community(session, request.community_id)
    if loaded is None or community is None:
        return
    needed = timedelta(seconds=request.service_s)
    if any(window.closes_at - max(window.opens_at, now) >= needed for window in loaded.windows):
        return
    rules = await load_deadline_rules(session, community, now)
    closes_at = close_of_window(request.deadline_at or now, request.service_s, rules, now)
    loaded.windows.append(RequestWindow(opens_at=now, closes_at=closes_at))
    loaded.deadline_at = closes_at
    await session.flush()


async def _is_one_home(session: Session, one: HelpRequest, other: HelpRequest) -> bool:
    if one.household_id == other.household_id:
        return True
    first = await repository.find_home(session, one.household_id)
    second = await repository.find_home(session, other.household_id)
    if first is None or second is None or first.unit.casefold() != second.unit.casefold():
        return False
    (x_m, y_m), (other_x_m, other_y_m) = first.xy_m, second.xy_m
    return float(((x_m - other_x_m) ** 2 + (y_m - other_y_m) ** 2) ** 0.5) <= NEAR_M


async def _keep_notes(session: Session, *, keep_id: UUID, drop_id: UUID) -> None:
    kept = await repository.find_access(session, keep_id)
    dropped = await repository.find_access(session, drop_id)
    if kept is not None and dropped is not None and not kept.access_notes:
        kept.access_notes = dropped.access_notes
