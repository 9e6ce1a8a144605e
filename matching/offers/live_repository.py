"""The queries behind the list of what is open now: few columns, as it is asked for often."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from core.db import Session
from matching.kinds import RequestKind
from matching.models import HelpRequest, RequestWindow
from matching.states import OPEN_REQUESTS
from people.models import Household

KEYS_PER_QUERY = 500


class Span(NamedTuple):
    """A window of a request."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class WaitingHome:
    """A request that still needs somebody, as far as a list of open homes must know it."""

    id: UUID
    resident_id: UUID
    kind: RequestKind
    weight: float
    service_s: int
    scope: list[str] | None
    area: str | None
    cell: int | None
    windows: tuple[Span, ...]


_WAITING = (
    select(
        HelpRequest.id,
        HelpRequest.resident_id,
        HelpRequest.kind,
        HelpRequest.weight,
        HelpRequest.service_s,
        HelpRequest.scope,
        Household.area,
        Household.cell,
        RequestWindow.opens_at,
        RequestWindow.closes_at,
    )
    .join(Household, Household.id == HelpRequest.household_id)
    .join(RequestWindow, RequestWindow.request_id == HelpRequest.id)
    .where(
        HelpRequest.id.in_(bindparam("keys", expanding=True)),
        HelpRequest.status.in_(OPEN_REQUESTS),
        HelpRequest.seats_taken < HelpRequest.crew_size,
    )
    .order_by(RequestWindow.opens_at, RequestWindow.id)
)
"""Made once: making it takes longer than asking it."""


async def load_waiting_homes(session: Session, keys: Collection[UUID]) -> list[WaitingHome]:
    """Those of these requests that still need somebody, with windows and the shown place."""
    homes: dict[UUID, WaitingHome] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        some = {"keys": ordered[start : start + KEYS_PER_QUERY]}
        for row in (await session.execute(_WAITING, some)).all():
            values: tuple[Any, ...] = tuple(row)
            key, span = values[0], Span(*values[-2:])
            known = homes.get(key)
            spans = (span,) if known is None else (*known.windows, span)
            homes[key] = WaitingHome(*(*values[:-2], spans))
    return list(homes.values())
