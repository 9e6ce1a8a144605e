"""Thanks from a resident to whoever came: a few words, once, for them and the staff alone.

There are no stars: nobody is compared by what others say of them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import InvalidInput, NotPermitted
from core.events import record_event
from matching import policy, repository
from matching.errors import NothingDoneYet, RequestUnknown
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from matching.offers import thanks_repository
from matching.offers.visit_models import THANKS_LENGTH, VisitThanks
from messaging.conversations import tidy_text
from messaging.masking import mask_contacts
from people.auth import Actor


class InvalidThanks(InvalidInput):
    """Words that cannot be passed on."""

    code = "invalid_thanks"


async def thank_helpers(
    session: Session, actor: Actor, request_id: UUID, words: str, *, now: datetime
) -> VisitThanks:
    """Pass on a resident's thanks to those who came. Records ``request.thanked``.

    The words are optional. Numbers and addresses are masked, as in every conversation. Once a
    request: the second time changes nothing.

    Raises
    ------
    InvalidThanks
        When the words are too long.
    NothingDoneYet
        When nobody has come, or the resident has not said that it is done.
    """
    request = await repository.get_locked(session, HelpRequest, request_id)
    if request is None or not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise RequestUnknown(f"There is no request {request_id}.")
    known = await thanks_repository.find_thanks(session, request_id)
    if known is not None:
        return known
    done = await repository.list_work_done(session, request_id)
    if request.status is not RequestStatus.CONFIRMED or not done:
        raise NothingDoneYet(f"Nobody has come for request {request_id} yet.")
    kept = tidy_text(words)
    if len(kept) > THANKS_LENGTH:
        raise InvalidThanks(f"This has {len(kept)} characters; write at most {THANKS_LENGTH}.")
    masked = mask_contacts(kept).text[:THANKS_LENGTH]
    thanks = VisitThanks(request_id=request_id, words=masked, said_at=now)
    session.add(thanks)
    await session.flush()
    record_event(
        session,
        "request.thanked",
        subject_type="request",
        subject_id=request_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=request.community_id,
    )
    return thanks


async def take_back_thanks(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> None:
    """Staff take words away that hurt. Records ``request.thanks_removed``; twice is fine.

    That they were said stays, so that they are not said again.
    """
    request = await repository.get_locked(session, HelpRequest, request_id)
    if request is None or not actor.is_staff(request.community_id):
        raise NotPermitted("Only staff of the community take thanks away.")
    known = await thanks_repository.find_thanks(session, request_id)
    if known is None or known.removed_at is not None:
        return
    known.words, known.removed_at = "", now
    await session.flush()
    record_event(
        session,
        "request.thanks_removed",
        subject_type="request",
        subject_id=request_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=request.community_id,
    )
