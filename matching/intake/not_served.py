"""Why nobody has come yet: a sentence for the resident, all that was found out for staff."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from matching.intake.progress_repository import LastReason
from matching.intake.sentences import knows, say
from matching.rounds.inputs import midnight_before
from matching.rounds.reason_words import WORDS, Times, reason_sentences

ALIKE = {"no_capacity": "all_full", "not_worth_it": "all_full"}
"""Reasons that are one and the same to a resident."""


def tell_resident(reason: LastReason, language: str) -> str:
    """What the resident may know; never that somebody must not be sent there."""
    code = ALIKE.get(reason.code, reason.code)
    return say("not_served", code if knows("not_served", code) else "other", language)


def tell_staff(reason: LastReason, zone: ZoneInfo) -> list[str]:
    """How many volunteers are near, where they drop out, and what would change it."""
    if reason.code not in WORDS:
        return []
    times = Times(midnight_before(reason.horizon_start_at, zone), zone)
    return reason_sentences(reason.code, reason.detail, times)
