"""Telling managers that one of their webhooks was switched off."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from core.db import Session
from core.i18n import choose_language
from messaging.kinds import Draft
from messaging.repository import find_reach
from messaging.sending import queue_message
from messaging.templates import render
from messaging.webhooks import repository
from messaging.webhooks.models import WebhookEndpoint

KIND = "webhook_disabled"
FOLDER = Path(__file__).parents[1] / "emails" / KIND


async def tell_managers(session: Session, endpoint: WebhookEndpoint, *, now: datetime) -> int:
    """Queue one message to each manager of the community; how many."""
    managers = await repository.list_managers(session, endpoint.community_id)
    told = 0
    for person_id in managers:
        reach = await find_reach(session, endpoint.community_id, person_id)
        if reach is None:
            continue
        preferences = reach.preferences
        words = render(
            FOLDER,
            choose_language(preferences.languages if preferences is not None else []),
            {
                "host": urlsplit(endpoint.url).hostname or "",
                "reason": endpoint.disabled_reason,
                "community": reach.community_name,
            },
            time_zone=reach.time_zone,
        )
        draft = Draft(
            community_id=endpoint.community_id,
            person_id=person_id,
            kind=KIND,
            key=f"{KIND}:{endpoint.id}:{now.isoformat()}:{person_id}",
            purpose=None,
            words=words,
            subject_type="webhook",
            subject_id=endpoint.id,
            hurry=True,
            counts=False,
        )
        await queue_message(session, draft, now=now)
        told += 1
    return told
