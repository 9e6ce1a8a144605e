"""What the pages of a round show: pure, from what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.i18n import Translator
from matching.kinds import OfferStatus, RequestStatus
from matching.rounds.inputs import midnight_before
from matching.rounds.models import Round, UnservedReason
from matching.rounds.reading import Comparison
from people.models import Community
from web.pages.storm_board import words as say

SHOWN_NAMES = 12


@dataclass(frozen=True)
class Home:
    """A request by what staff may read without opening its address."""

    request_id: UUID
    reference: str
    area: str
    status: RequestStatus


@dataclass(frozen=True)
class Changes:
    """How a plan differs from the one before."""

    before_id: UUID
    newly: int
    lost: int
    moved: int
    kept: int
    newly_names: str
    lost_names: str
    moved_names: str


@dataclass(frozen=True)
class Left:
    """A home that a round left out, and what would help."""

    home: Home
    title: str
    funnel: str
    change: str
    effect: str
    is_open: bool


def make_changes(found: Comparison) -> Changes:
    """Counts, and the first references of each."""
    changes = found.changes
    return Changes(
        found.before.id,
        len(changes.newly_served),
        len(changes.no_longer_served),
        len(changes.moved),
        changes.kept,
        _some(changes.newly_served),
        _some(changes.no_longer_served),
        _some(changes.moved),
    )


def make_left(
    words: Translator, row: UnservedReason, home: Home | None, clock: Callable[[int], str]
) -> Left:
    """Why one home was left out."""
    tried = row.detail.get("tried") or {}
    smallest = tried.get("smallest")
    change = effect = ""
    if tried.get("served_again"):
        change = words.gettext("Planning again around it serves it: the next round may.")
    elif smallest is not None:
        change = say.change_words(words, smallest["change"], clock)
        effect = _effect(words, len(smallest["gained"]) - 1, len(smallest["displaced"]))
    elif tried:
        change = words.gettext("No single change that was tried would serve it.")
    shown = home or Home(row.request_id, "", "", RequestStatus.OPEN)
    return Left(
        home=shown,
        title=say.reason_title(words.gettext, row.code),
        funnel=say.funnel_words(words, row.detail.get("funnel", {})),
        change=change,
        effect=effect,
        is_open=shown.status in (RequestStatus.OPEN, RequestStatus.NOT_DONE),
    )


def make_clock(words: Translator, row: Round, town: Community) -> Callable[[int], str]:
    """Turns the seconds that a round counts in into local times."""
    zero_at = midnight_before(row.horizon_start_at, ZoneInfo(town.time_zone))
    return lambda seconds: words.say_time(zero_at + timedelta(seconds=seconds))


def make_offer_counts(
    words: Translator, counts: Mapping[OfferStatus, int]
) -> list[tuple[tuple[str, str], int]]:
    """Where the offers of a round stand."""
    return [
        (offer_tag(words.gettext, status), counts[status])
        for status in OfferStatus
        if counts.get(status)
    ]


def offer_tag(words: say.Say, status: OfferStatus) -> tuple[str, str]:
    """Where an offer stands: words and shape."""
    _ = words
    return {
        OfferStatus.PROPOSED: (_("Not sent"), "sent"),
        OfferStatus.SENT: (_("No answer yet"), "wait"),
        OfferStatus.ACCEPTED: (_("Said yes"), "ok"),
        OfferStatus.DECLINED: (_("Said no"), "sent"),
        OfferStatus.EXPIRED: (_("Did not answer in time"), "sent"),
        OfferStatus.WITHDRAWN: (_("Taken back"), "sent"),
    }[status]


def _effect(words: Translator, more: int, displaced: int) -> str:
    parts = []
    if more > 0:
        parts.append(
            words.ngettext(
                "%(num)s more home would have somebody too.",
                "%(num)s more homes would have somebody too.",
                more,
            )
        )
    if displaced:
        parts.append(
            words.ngettext(
                "%(num)s other home would lose its neighbor.",
                "%(num)s other homes would lose their neighbor.",
                displaced,
            )
        )
    return " ".join(parts)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:SHOWN_NAMES]) + (" ..." if len(names) > SHOWN_NAMES else "")
