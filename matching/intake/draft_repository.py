"""The statements about answers of people who are asking for help on our pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from core.db import Session
from matching.intake.models import AskDraft

PAGE = 500


async def find_draft(session: Session, digest: str, *, lock: bool = False) -> AskDraft | None:
    """The answers of one browser."""
    query = select(AskDraft).where(AskDraft.secret_digest == digest)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: AskDraft | None = await session.scalar(query)
    return found


async def delete_drafts(session: Session, *, before: datetime) -> int:
    """Remove one page of answers that nobody has touched since; how many."""
    keys = list(
        await session.scalars(select(AskDraft.id).where(AskDraft.updated_at < before).limit(PAGE))
    )
    if not keys:
        return 0
    await session.execute(delete(AskDraft).where(AskDraft.id.in_(keys)))
    return len(keys)
