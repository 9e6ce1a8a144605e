"""What rounds keep, told again: why a request was left, what one more person adds, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching.errors import RoundUnknown
from matching.kinds import DocumentKind
from matching.rounds import listing_repository as listing
from matching.rounds import repository as round_repository
from matching.rounds.inputs import midnight_before
from matching.rounds.models import Round, UnservedReason
from matching.rounds.outcome import RoundChanges, Visits, compare_visits, read_visits
from matching.rounds.reason_words import (
    Times,
    change_words,
    describe_reason,
    effect_words,
    reason_sentences,
)
from matching.rounds.recruiting import recruit_sentence
from people.auth import Actor
from people.models import Community


@dataclass(frozen=True)
class ToldReason:
    """Why one request was left, as stored and in words."""

    row: UnservedReason
    sentence: str
    sentences: tuple[str, ...]
    change_sentence: str | None
    """The smallest change that would serve it; None when none was tried or found."""


@dataclass(frozen=True)
class ToldPrice:
    """What one more volunteer of a kind would add in one neighbourhood."""

    row: Mapping[str, Any]
    area: str | None
    sentence: str


@dataclass(frozen=True)
class ToldPrices:
    """What a round keeps about newcomers, and how many residents asked where."""

    round: Round
    prices: tuple[ToldPrice, ...]
    areas: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Comparison:
    """A round beside the finished one before it."""

    before: Round
    changes: RoundChanges


def times_of(row: Round, community: Community) -> Times:
    """Turns the seconds that a round counts in into local times."""
    zone = ZoneInfo(community.time_zone)
    return Times(midnight_before(row.horizon_start_at, zone), zone)


def tell_reason(reason: UnservedReason, times: Times) -> ToldReason:
    """Everything that is stored about one request, in words."""
    detail = reason.detail
    smallest = (detail.get("tried") or {}).get("smallest")
    change = None
    if smallest is not None:
        words = change_words(smallest["change"], times)
        change = f"It would be served {words}{effect_words(smallest)}."
    return ToldReason(
        row=reason,
        sentence=f"{describe_reason(reason.code, int(detail.get('crew_size', 1)))}.",
        sentences=tuple(reason_sentences(reason.code, detail, times)),
        change_sentence=change,
    )


def tell_prices(row: Round, document: Mapping[str, Any], community: Community) -> ToldPrices:
    """What a round keeps about newcomers: those that were tried first, the best first."""
    times = times_of(row, community)
    prices = tuple(
        ToldPrice(entry, entry["newcomer"]["area"], recruit_sentence(entry, times))
        for entry in document["prices"]
    )
    return ToldPrices(row, prices, document["areas"])


async def find_told_prices(session: Session, actor: Actor, round_id: UUID) -> ToldPrices | None:
    """What a round keeps about newcomers; None when it has not worked it out.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    """
    row, community = await get_round(session, actor, round_id)
    document = await round_repository.find_document(session, round_id, DocumentKind.PRICES)
    return None if document is None else tell_prices(row, document, community)


async def get_round(session: Session, actor: Actor, round_id: UUID) -> tuple[Round, Community]:
    """A round with its community.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    """
    row = await listing.find_round(session, actor, round_id)
    if row is None:
        raise RoundUnknown("There is no such matching round, or it is not for you.")
    community = await session.get(Community, row.community_id)
    assert community is not None
    return row, community


async def find_last_told_prices(session: Session, community: Community) -> ToldPrices | None:
    """What the newest round that worked it out keeps about newcomers."""
    found = await listing.find_last_prices(session, community.id)
    return None if found is None else tell_prices(*found, community)


async def compare_with_before(session: Session, actor: Actor, round_id: UUID) -> Comparison | None:
    """What changed between the finished round before and this one.

    None for the first round, and where one of the two kept no plan.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    """
    row, _ = await get_round(session, actor, round_id)
    before = await listing.find_round_before(session, row)
    if before is None:
        return None
    plan = await round_repository.find_document(session, row.id, DocumentKind.PLAN)
    last = await round_repository.find_document(session, before.id, DocumentKind.PLAN)
    if plan is None or last is None:
        return None
    after: Visits = read_visits(plan)
    left: Any = plan.get("unserved", ())
    asking = {*after, *(entry["request"] for entry in left)}
    return Comparison(before, compare_visits(read_visits(last), after, asking))
