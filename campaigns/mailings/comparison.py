"""The result of a comparison: read once, at the time that was fixed before the first mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from campaigns.mailings import figures_repository
from campaigns.mailings.approving import go_on_with
from campaigns.mailings.kinds import MailingStatus, Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.transitions import move_mailing
from campaigns.measuring.effects import Verdict
from campaigns.measuring.shares import ShareDifference, compare_shares, find_share
from core.db import Session
from matching.transitions import Cause

WINNERS = {Verdict.HIGHER: Variant.A, Verdict.LOWER: Variant.B}
"""A is compared with B."""


def compare(
    acted: dict[Variant, int], reached: dict[Variant, int]
) -> tuple[ShareDifference | None, Variant | None]:
    """The difference of those who acted, and which variant it speaks for; None when for neither."""
    if not reached.get(Variant.A) or not reached.get(Variant.B):
        return None, None
    first, second = (
        find_share(acted.get(variant, 0), reached[variant]) for variant in (Variant.A, Variant.B)
    )
    difference = compare_shares(first, second)
    return difference, WINNERS.get(difference.verdict)


async def decide(session: Session, mailing: Mailing, *, now: datetime) -> None:
    """Write the result down. A difference that is shown sends the better variant to the rest.

    Else a person chooses; where nobody is left, the mailing has ended.
    """
    until = mailing.result_due_at or now
    acted, reached = await figures_repository.count_sample(session, mailing.id, until)
    difference, winner = compare(acted, reached)
    mailing.result = _write(acted, reached, difference, winner, now)
    left = mailing.next_position < (mailing.recipient_count or 0)
    reason = "difference_shown" if winner is not None else "no_difference_shown"
    cause = Cause(now=now, reason=reason)
    if not left:
        move_mailing(session, mailing, MailingStatus.SENT, cause)
    elif winner is None:
        move_mailing(session, mailing, MailingStatus.CHOOSING, cause)
    else:
        await go_on_with(session, mailing, winner, cause)


def _write(
    acted: dict[Variant, int],
    reached: dict[Variant, int],
    difference: ShareDifference | None,
    winner: Variant | None,
    now: datetime,
) -> dict[str, Any]:
    verdict = Verdict.NO_EFFECT_SHOWN if difference is None else difference.verdict
    shares: dict[str, Any] = {}
    if difference is not None:
        shares = {"a": asdict(difference.first), "b": asdict(difference.second)}
        shares["difference"] = {
            "estimate": difference.estimate,
            "low": difference.low,
            "high": difference.high,
        }
    return {
        "read_at": now.isoformat(),
        "acted": {variant.value: acted.get(variant, 0) for variant in Variant},
        "reached": {variant.value: reached.get(variant, 0) for variant in Variant},
        "verdict": verdict.value,
        "winner": None if winner is None else winner.value,
        **shares,
    }
