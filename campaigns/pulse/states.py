"""The states of a survey, and what leads from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from campaigns.pulse.errors import SurveyWrongState
from campaigns.pulse.kinds import SurveyStatus
from campaigns.pulse.models import Survey
from core.db import Session
from core.events import record_event
from people.auth import Actor

NEXT: Mapping[SurveyStatus, frozenset[SurveyStatus]] = {
    SurveyStatus.DRAFT: frozenset({SurveyStatus.OPEN, SurveyStatus.CANCELLED}),
    SurveyStatus.OPEN: frozenset({SurveyStatus.CLOSED, SurveyStatus.CANCELLED}),
    SurveyStatus.CLOSED: frozenset(),
    SurveyStatus.CANCELLED: frozenset(),
}


async def move(
    session: Session,
    actor: Actor,
    survey: Survey,
    status: SurveyStatus,
    *,
    now: datetime,
    invited_count: int | None = None,
) -> None:
    """Take a survey, which is locked, to another state. Records ``survey.<status>``."""
    if status not in NEXT[survey.status]:
        raise SurveyWrongState(
            f"A survey that is {survey.status.value} cannot become {status.value}."
        )
    survey.status = status
    if status is SurveyStatus.OPEN:
        survey.opened_at = now
    elif survey.opened_at is not None:
        survey.closed_at = now
    await session.flush()
    record_event(
        session,
        f"survey.{status.value}",
        subject_type="survey",
        subject_id=survey.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=survey.community_id,
        invited_count=invited_count,
    )
