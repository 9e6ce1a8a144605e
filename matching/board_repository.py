"""How a community stands at this moment, in counts that its staff look at all day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select

from core.db import Session
from core.errors import NotPermitted
from matching import policy
from matching.kinds import AskStatus, OfferStatus, RequestStatus
from matching.models import HelpRequest, Offer, Storm
from matching.offers.models import Ask
from matching.rounds import jobs_repository
from matching.rounds.models import RoundJob
from matching.states import LIVE_ASKS, OPEN_REQUESTS
from matching.storms.repository import find_current_storm
from people.auth import Actor

Status = TypeVar("Status", bound=StrEnum)

UNDER_WAY = (*OPEN_REQUESTS, RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)
"""Requests whose offers are counted: those that are not over."""


@dataclass(frozen=True)
class Board:
    """A community in counts."""

    community_id: UUID
    requests: Mapping[RequestStatus, int]
    offers: Mapping[OfferStatus, int]
    """Of requests that are not over."""
    asks: Mapping[AskStatus, int]
    """Those that wait to be sent, and those that wait for an answer."""
    storm: Storm | None
    round_job: RoundJob | None
    """The newest round that somebody asked for."""


async def read_board(session: Session, actor: Actor, community_id: UUID) -> Board:
    """How a community stands, for its staff. Five statements, however large it is.

    Raises
    ------
    NotPermitted
        For everybody else.
    """
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see its board.")
    requests = (
        select(HelpRequest.status, func.count())
        .where(HelpRequest.community_id == community_id)
        .group_by(HelpRequest.status)
    )
    offers = (
        select(Offer.status, func.count())
        .join(HelpRequest, Offer.request_id == HelpRequest.id)
        .where(HelpRequest.community_id == community_id, HelpRequest.status.in_(UNDER_WAY))
        .group_by(Offer.status)
    )
    asks = (
        select(Ask.status, func.count())
        .where(Ask.community_id == community_id, Ask.status.in_(LIVE_ASKS))
        .group_by(Ask.status)
    )
    return Board(
        community_id,
        requests=await _count(session, requests),
        offers=await _count(session, offers),
        asks=await _count(session, asks),
        storm=await find_current_storm(session, community_id),
        round_job=await jobs_repository.find_last_job(session, community_id),
    )


async def _count(session: Session, query: Select[Status, int]) -> dict[Status, int]:
    return {status: count for status, count in await session.execute(query)}  # noqa: C416 - typed
