"""The queries behind the list of what is open now: few columns, as it is asked for often."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

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
    area: str | None
    cell: int | None
    windows: tuple[Span, ...]


async def load_waiting_homes(session: Session, keys: Collection[UUID]) -> list[WaitingHome]:
    """Those of these requests that still need somebody, with windows and the shown place."""
    homes: list[WaitingHome] = []
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        some = ordered[start : start + KEYS_PER_QUERY]
        spans: dict[UUID, list[Span]] = {}
        windows = (
            select(RequestWindow.request_id, RequestWindow.opens_at, RequestWindow.closes_at)
            .where(RequestWindow.request_id.in_(some))
            .order_by(RequestWindow.opens_at)
        )
        for request_id, opens_at, closes_at in (await session.execute(windows)).all():
            spans.setdefault(request_id, []).append(Span(opens_at, closes_at))
        query = (
            select(
                HelpRequest.id,
                HelpRequest.resident_id,
                HelpRequest.kind,
                HelpRequest.weight,
                HelpRequest.service_s,
                Household.area,
                Household.cell,
            )
            .join(Household, Household.id == HelpRequest.household_id)
            .where(
                HelpRequest.id.in_(some),
                HelpRequest.status.in_(OPEN_REQUESTS),
                HelpRequest.seats_taken < HelpRequest.crew_size,
            )
        )
        homes += [
            WaitingHome(*row, windows=tuple(spans.get(row.id, ())))
            for row in (await session.execute(query)).all()
        ]
    return [home for home in homes if home.windows]
