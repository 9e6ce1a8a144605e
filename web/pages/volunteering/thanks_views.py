"""What residents said after visits, for whoever came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from matching.intake.programme import load_kinds
from matching.models import Volunteer
from matching.offers.thanks_repository import list_own_thanks
from web.pages.desk import Call

LATELY = timedelta(days=14)
MOST_LATELY = 3


@dataclass(frozen=True)
class ThanksLine:
    """One thank-you, without who said it."""

    label: str
    words: str
    at: datetime


async def read_thanks(
    call: Call, own: Volunteer, *, since: datetime, most: int
) -> list[ThanksLine]:
    """What was said since a moment, the newest first."""
    rows = await list_own_thanks(call.session, call.actor, since=since, most=most)
    kinds = await load_kinds(call.session, own.community_id, call.now)
    language = call.reader.language
    return [
        ThanksLine(kinds.get(kind).label(language), row.words, row.said_at) for row, kind in rows
    ]
