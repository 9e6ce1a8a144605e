"""The job of links: forget those whose time is over."""

from __future__ import annotations

from typing import Any

from core.jobs import JobRegistry, JobTools
from core.logging import get_logger
from people.links import delete_old_links

FORGET_LINKS = "people.forget_links"
MAX_PAGES = 200

_logger = get_logger(__name__)


async def forget_links(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove links that are too old, page by page."""
    count = 0
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            page_count = await delete_old_links(session, now=tools.clock.now())
        count += page_count
        if not page_count:
            break
    _logger.info("links.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker clear away old links, every day."""
    registry.add(FORGET_LINKS, forget_links, at_once=1)
    registry.every(FORGET_LINKS, minutes=24 * 60)
