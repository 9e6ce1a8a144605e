"""What surveys do when a person is erased, or takes along what is kept about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.pulse import repository
from core.db import Session

TABLES = frozenset({"survey", "survey_question", "survey_invitation", "survey_answer"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Remove the person's answers, and that the person was asked."""
    await repository.forget_person(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """What the person was asked, and answered."""
    asked, answers = await repository.load_rows_about(session, person_id)
    return {
        "survey_invitation": [
            {
                "survey_id": row.survey_id,
                "area": row.area,
                "invited_at": row.invited_at,
                "answered_at": row.answered_at,
            }
            for row in asked
        ],
        "survey_answer": [
            {
                "question_id": row.question_id,
                "choice": row.choice,
                "scale": row.scale,
                "text": row.text,
                "answered_at": row.answered_at,
            }
            for row in answers
        ],
    }
