"""Answers of somebody who asks for help page by page: kept for a day, for one browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from core.db import Session
from core.ids import new_id
from core.jobs import JobRegistry, JobTools
from core.logging import get_logger
from matching.intake import draft_repository
from matching.intake.models import AskDraft

DRAFT_LIFE: Final = timedelta(hours=24)
FORGET_DRAFTS: Final = "matching.forget_ask_drafts"
MAX_PAGES = 200

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Browser:
    """Whose answers they are: one browser, in one town, and who is signed in there."""

    digest: str
    community_id: UUID
    person_id: UUID | None


async def find_draft(
    session: Session, browser: Browser, *, now: datetime, lock: bool = False
) -> AskDraft | None:
    """The answers so far; None when there are none, they are too old or somebody else's."""
    draft = await draft_repository.find_draft(session, browser.digest, lock=lock)
    if (
        draft is None
        or draft.updated_at < now - DRAFT_LIFE
        or draft.community_id != browser.community_id
        or (draft.person_id is not None and draft.person_id != browser.person_id)
    ):
        return None
    return draft


async def save_draft(
    session: Session, browser: Browser, answers: dict[str, Any], *, now: datetime
) -> AskDraft:
    """Keep the answers; what another person or an earlier call for help left there goes."""
    draft = await draft_repository.find_draft(session, browser.digest, lock=True)
    if draft is not None and (draft.outcome is not None or _is_of_another(draft, browser)):
        await session.delete(draft)
        await session.flush()
        draft = None
    if draft is None:
        draft = AskDraft(id=new_id(), secret_digest=browser.digest, created_at=now)
        session.add(draft)
    draft.community_id, draft.person_id = browser.community_id, browser.person_id
    draft.answers, draft.updated_at = answers, now
    await session.flush()
    return draft


async def close_draft(
    session: Session, draft: AskDraft, outcome: dict[str, Any], *, now: datetime
) -> None:
    """It was sent: the answers go, and what became of it stays for a day."""
    draft.answers, draft.outcome, draft.updated_at = {}, outcome, now
    await session.flush()


async def drop_draft(session: Session, browser: Browser) -> None:
    """Begin again from the start; twice is fine."""
    draft = await draft_repository.find_draft(session, browser.digest, lock=True)
    if draft is not None:
        await session.delete(draft)
        await session.flush()


def _is_of_another(draft: AskDraft, browser: Browser) -> bool:
    return draft.person_id is not None and draft.person_id != browser.person_id


async def forget_drafts(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove answers that were not sent within a day, page by page."""
    count = 0
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            before = tools.clock.now() - DRAFT_LIFE
            page_count = await draft_repository.delete_drafts(session, before=before)
        count += page_count
        if not page_count:
            break
    _logger.info("ask_drafts.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker clear away old answers, every day."""
    registry.add(FORGET_DRAFTS, forget_drafts, at_once=1)
    registry.every(FORGET_DRAFTS, minutes=24 * 60)
