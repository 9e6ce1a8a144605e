"""The only place where a mailing changes its state: checked, and written into the history."""

from __future__ import annotations

from typing import Any

from campaigns.mailings.kinds import MailingStatus
from campaigns.mailings.models import Mailing
from campaigns.mailings.states import ENDED, MAILING
from core.db import Session
from core.events import record_event
from matching.states import check_transition
from matching.transitions import Cause

SUBJECT = "mailing"


def move_mailing(
    session: Session, mailing: Mailing, to: MailingStatus, cause: Cause, **data: Any
) -> Mailing:
    """Bring a locked mailing into its next state. Records ``mailing.<state>``.

    Raises
    ------
    IllegalTransition
        When that state may not follow.
    """
    before = mailing.status
    check_transition(MAILING, before, to)
    mailing.status = to
    mailing.updated_at = cause.now
    mailing.held_reason = None
    if to in ENDED:
        mailing.ended_at = cause.now
    facts: dict[str, Any] = {"from": before.value, "purpose": mailing.purpose.value, **data}
    if mailing.campaign_id is not None:
        facts["campaign_id"] = mailing.campaign_id
    record_event(
        session,
        f"mailing.{to.value}",
        subject_type=SUBJECT,
        subject_id=mailing.id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=mailing.community_id,
        reason=cause.reason,
        **facts,
    )
    return mailing


def note_progress(session: Session, mailing: Mailing, cause: Cause, **data: Any) -> None:
    """Write down that a mailing went on. Records ``mailing.progressed``."""
    mailing.updated_at = cause.now
    record_event(
        session,
        "mailing.progressed",
        subject_type=SUBJECT,
        subject_id=mailing.id,
        happened_at=cause.now,
        community_id=mailing.community_id,
        reason=cause.reason,
        count=mailing.next_position,
        **data,
    )
