"""The queries behind lists of rounds: for the staff of a community, page by page.

Whatever is loaded for a whole page is one statement, however many rounds are on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, func, or_, select

from core.db import Session
from core.errors import NotPermitted
from core.pagination import Listing, SortKey
from matching import policy
from matching.kinds import DocumentKind, OfferStatus, RoundJobStatus, RoundStatus
from matching.models import Offer
from matching.rounds.models import Round, RoundDocument, RoundJob, UnservedReason
from people.auth import Actor

MAX_WORDS = 50
MAX_GROUPS = 20_000
MAX_DRAFTS = 200_000
# Attributes of mapped classes, as plain columns.
_ROUND: Any = Round
_OFFER: Any = Offer
_REASON: Any = UnservedReason
_JOB: Any = RoundJob


class RoundSortBy(StrEnum):
    """What orders a list of rounds."""

    STARTED = "started"
    HORIZON = "horizon"


@dataclass(frozen=True)
class RoundFilter:
    """Which rounds a list holds; what is empty asks for nothing."""

    statuses: tuple[RoundStatus, ...] = ()
    storm_id: UUID | None = None
    started_from: datetime | None = None
    started_before: datetime | None = None


@dataclass(frozen=True)
class KeptDocument:
    """A document that a round keeps, without its text."""

    kind: DocumentKind
    size: int
    """Characters of its JSON text."""


@dataclass(frozen=True)
class CodeCount:
    """How many requests a round left for one reason."""

    code: str
    count: int


def rounds_visible_to(actor: Actor) -> Select[Round]:
    """Staff see the rounds of their communities; nobody else sees any."""
    query = select(Round)
    if actor.is_system:
        return query
    return query.where(Round.community_id.in_(actor.staff_communities()))


def list_community_rounds(
    actor: Actor,
    community_id: UUID,
    wanted: RoundFilter,
    *,
    by: RoundSortBy = RoundSortBy.STARTED,
    descending: bool = True,
) -> Listing[Round]:
    """The rounds of a community, for its staff.

    Raises
    ------
    NotPermitted
        For everybody else.
    """
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community see its matching rounds.")
    query = _narrow(rounds_visible_to(actor).where(Round.community_id == community_id), wanted)
    name, column = {
        RoundSortBy.STARTED: ("started_at", _ROUND.started_at),
        RoundSortBy.HORIZON: ("horizon_start_at", _ROUND.horizon_start_at),
    }[by]
    return Listing(
        query,
        key=SortKey("id", _ROUND.id, descending=descending),
        sort=(SortKey(name, column, descending=descending),),
    )


def _narrow(query: Select[Round], wanted: RoundFilter) -> Select[Round]:
    if wanted.statuses:
        query = query.where(Round.status.in_(wanted.statuses[:MAX_WORDS]))
    if wanted.storm_id is not None:
        query = query.where(Round.storm_id == wanted.storm_id)
    if wanted.started_from is not None:
        query = query.where(Round.started_at >= _moment(wanted.started_from))
    if wanted.started_before is not None:
        query = query.where(Round.started_at < _moment(wanted.started_before))
    return query


def _moment(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def list_offers_of_round(
    actor: Actor, round_id: UUID, statuses: tuple[OfferStatus, ...] = ()
) -> Listing[Offer]:
    """What a round proposed, in the order of time; empty when the round is not for the actor."""
    rounds = rounds_visible_to(actor).where(Round.id == round_id).with_only_columns(Round.id)
    query = select(Offer).where(Offer.round_id.in_(rounds))
    if statuses:
        query = query.where(Offer.status.in_(statuses[:MAX_WORDS]))
    return Listing(
        query, key=SortKey("id", _OFFER.id), sort=(SortKey("starts_at", _OFFER.starts_at),)
    )


def list_unserved(
    actor: Actor, round_id: UUID, codes: tuple[str, ...] = ()
) -> Listing[UnservedReason]:
    """Whom a round left without help, by reason; empty when the round is not for the actor."""
    rounds = rounds_visible_to(actor).where(Round.id == round_id).with_only_columns(Round.id)
    query = select(UnservedReason).where(UnservedReason.round_id.in_(rounds))
    if codes:
        query = query.where(UnservedReason.code.in_(codes[:MAX_WORDS]))
    return Listing(
        query,
        key=SortKey("request_id", _REASON.request_id),
        sort=(SortKey("code", _REASON.code),),
    )


async def find_round(session: Session, actor: Actor, round_id: UUID) -> Round | None:
    """A round, if the actor may see it."""
    found: Round | None = await session.scalar(rounds_visible_to(actor).where(Round.id == round_id))
    return found


# --- what belongs to the rounds of a page ---------------------------------------------------------


async def load_rounds(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Round]:
    """Rounds by key, as far as the actor may see them."""
    rows = await session.scalars(rounds_visible_to(actor).where(Round.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_certificates(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Mapping[str, Any]]:
    """The certificates that rounds keep, by round."""
    query = select(RoundDocument.round_id, RoundDocument.body).where(
        RoundDocument.round_id.in_(_visible(actor, keys)),
        RoundDocument.kind == DocumentKind.CERTIFICATE,
    )
    return {row.round_id: row.body for row in await session.execute(query)}


async def load_kept_documents(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[KeptDocument]]:
    """Which documents rounds keep, and how long they are, by round."""
    query = (
        select(
            RoundDocument.round_id,
            RoundDocument.kind,
            func.length(cast(RoundDocument.body, Text)),
        )
        .where(RoundDocument.round_id.in_(_visible(actor, keys)))
        .order_by(RoundDocument.round_id, RoundDocument.kind)
        .limit(MAX_GROUPS)
    )
    found: dict[UUID, list[KeptDocument]] = {}
    for round_id, kind, size in await session.execute(query):
        found.setdefault(round_id, []).append(KeptDocument(kind, int(size)))
    return found


async def load_reason_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[CodeCount]]:
    """How many requests rounds left for which reason, the most frequent first, by round."""
    count = func.count().label("n")
    query = (
        select(UnservedReason.round_id, UnservedReason.code, count)
        .where(UnservedReason.round_id.in_(_visible(actor, keys)))
        .group_by(UnservedReason.round_id, UnservedReason.code)
        .order_by(UnservedReason.round_id, count.desc(), UnservedReason.code)
        .limit(MAX_GROUPS)
    )
    found: dict[UUID, list[CodeCount]] = {}
    for round_id, code, number in await session.execute(query):
        found.setdefault(round_id, []).append(CodeCount(code, int(number)))
    return found


async def load_offer_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, dict[OfferStatus, int]]:
    """How many offers of rounds stand where, by round."""
    query = (
        select(Offer.round_id, Offer.status, func.count())
        .where(Offer.round_id.in_(_visible(actor, keys)))
        .group_by(Offer.round_id, Offer.status)
        .limit(MAX_GROUPS)
    )
    found: dict[UUID, dict[OfferStatus, int]] = {}
    for round_id, status, number in await session.execute(query):
        if round_id is not None:
            found.setdefault(round_id, {})[status] = int(number)
    return found


async def find_document_within(
    session: Session, round_id: UUID, kind: DocumentKind, *, most_characters: int
) -> Mapping[str, Any] | None:
    """A document of a round, unless it is longer than that; `load_kept_documents` says how long."""
    found: Mapping[str, Any] | None = await session.scalar(
        select(RoundDocument.body).where(
            RoundDocument.round_id == round_id,
            RoundDocument.kind == kind,
            func.length(cast(RoundDocument.body, Text)) <= most_characters,
        )
    )
    return found


async def find_round_before(session: Session, row: Round) -> Round | None:
    """The finished round of the same community that started last before this one."""
    found: Round | None = await session.scalar(
        select(Round)
        .where(
            Round.community_id == row.community_id,
            Round.status == RoundStatus.FINISHED,
            or_(
                Round.started_at < row.started_at,
                and_(Round.started_at == row.started_at, Round.id < row.id),
            ),
        )
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(1)
    )
    return found


async def find_last_prices(
    session: Session, community_id: UUID
) -> tuple[Round, Mapping[str, Any]] | None:
    """The newest finished round of a community that keeps prices, with them."""
    query = (
        select(Round, RoundDocument.body)
        .join(RoundDocument, RoundDocument.round_id == Round.id)
        .where(
            Round.community_id == community_id,
            Round.status == RoundStatus.FINISHED,
            RoundDocument.kind == DocumentKind.PRICES,
        )
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return None if found is None else (found[0], found[1])


def _visible(actor: Actor, keys: list[UUID]) -> Select[Any]:
    return rounds_visible_to(actor).where(Round.id.in_(keys)).with_only_columns(Round.id)


# --- rounds that somebody asked for ---------------------------------------------------------------


def round_jobs_visible_to(actor: Actor) -> Select[RoundJob]:
    """Staff see what was asked for in their communities; nobody else sees any."""
    query = select(RoundJob)
    if actor.is_system:
        return query
    return query.where(RoundJob.community_id.in_(actor.staff_communities()))


def list_round_jobs(
    actor: Actor, community_id: UUID, statuses: tuple[RoundJobStatus, ...] = ()
) -> Listing[RoundJob]:
    """The rounds that were asked for in a community, the latest first.

    Raises
    ------
    NotPermitted
        For everybody but its staff.
    """
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community see its matching rounds.")
    query = round_jobs_visible_to(actor).where(RoundJob.community_id == community_id)
    if statuses:
        query = query.where(RoundJob.status.in_(statuses[:MAX_WORDS]))
    return Listing(
        query,
        key=SortKey("id", _JOB.id, descending=True),
        sort=(SortKey("requested_at", _JOB.requested_at, descending=True),),
    )


async def load_round_jobs(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, RoundJob]:
    """Rounds that were asked for, by key, as far as the actor may see them."""
    rows = await session.scalars(round_jobs_visible_to(actor).where(RoundJob.id.in_(keys)))
    return {row.id: row for row in rows}


# --- drafts ---------------------------------------------------------------------------------------


async def list_bare_drafts(session: Session, round_id: UUID) -> list[UUID]:
    """Draft offers of a round that belong to no ask: nobody was told, and nobody will be."""
    query = (
        select(Offer.id)
        .where(
            Offer.round_id == round_id,
            Offer.status == OfferStatus.PROPOSED,
            Offer.ask_id.is_(None),
        )
        .order_by(Offer.id)
        .limit(MAX_DRAFTS)
    )
    return list(await session.scalars(query))
