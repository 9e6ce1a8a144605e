"""The job of audiences: forget previews that are too old to be compared with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.audiences.look_repository import delete_looks
from core.jobs import JobRegistry, JobTools
from core.logging import get_logger

FORGET_LOOKS = "audiences.forget_looks"
KEPT_DAYS = 90
MAX_PAGES = 100

_logger = get_logger(__name__)


async def forget_looks(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove looks after 90 days, page by page."""
    count = 0
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            before = tools.clock.now() - timedelta(days=KEPT_DAYS)
            page_count = await delete_looks(session, before)
        count += page_count
        if not page_count:
            break
    _logger.info("audiences.looks_forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker forget old previews, every day."""
    registry.add(FORGET_LOOKS, forget_looks, at_once=1)
    registry.every(FORGET_LOOKS, minutes=24 * 60)
