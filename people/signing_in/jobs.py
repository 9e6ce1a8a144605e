"""The job of signing in: forget what has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.jobs import JobRegistry, JobTools
from core.logging import get_logger
from people.signing_in import repository
from people.signing_in.kinds import IDLE, LONGEST
from people.signing_in.models import ApiToken, SignIn, SignInLink

FORGET_SIGN_INS = "people.forget_sign_ins"
MAX_PAGES = 200
KEEP_LINKS = timedelta(hours=2)
"""Longer than mails to one address are counted."""
KEEP_TOKENS = timedelta(days=90)
"""After their end they are still shown to their owner."""

_logger = get_logger(__name__)


async def forget_sign_ins(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove sign-ins, links and tokens whose time is over, page by page."""
    now = tools.clock.now()
    count = 0
    for table, column, before in (
        (SignIn, SignIn.seen_at, now - IDLE),
        (SignIn, SignIn.created_at, now - LONGEST),
        (SignInLink, SignInLink.expires_at, now - KEEP_LINKS),
        (ApiToken, ApiToken.expires_at, now - KEEP_TOKENS),
    ):
        for _ in range(MAX_PAGES):
            async with tools.database.begin() as session:
                page_count = await repository.delete_old(session, table, column, before)
            count += page_count
            if not page_count:
                break
    _logger.info("sign_ins.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker clear away what has ended, every hour."""
    registry.add(FORGET_SIGN_INS, forget_sign_ins, at_once=1)
    registry.every(FORGET_SIGN_INS, minutes=60)
