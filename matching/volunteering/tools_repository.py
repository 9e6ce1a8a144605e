"""The queries on depots, their tools and what is lent. One statement decides who gets the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from core.db import Session
from matching.models import Assignment, RequestNeed, Volunteer
from matching.states import HELD_ASSIGNMENTS
from matching.volunteering.models import Depot, ToolLoan, ToolStock
from people.models import Ability, Household, HouseholdAddress

MAX_DEPOTS = 200
MAX_LOANS = 10_000
PAGE_SIZE = 100


@dataclass(frozen=True)
class StockRow:
    """Tools of one kind in one open depot, and where that is."""

    stock_id: UUID
    depot_id: UUID
    ability_id: UUID
    ability: str
    owned: int
    lent: int
    lon_deg: float
    lat_deg: float
    hours: tuple[str, ...]

    @property
    def free(self) -> int:
        """How many are there now."""
        return self.owned - self.lent


async def load_stocks(
    session: Session, community_id: UUID, abilities: Collection[UUID] | None = None
) -> list[StockRow]:
    """What the open depots of a community have, or what they have of some abilities."""
    query = (
        select(ToolStock, Ability.code, HouseholdAddress, Depot.hours)
        .join(Depot, Depot.id == ToolStock.depot_id)
        .join(Ability, Ability.id == ToolStock.ability_id)
        .join(HouseholdAddress, HouseholdAddress.household_id == Depot.household_id)
        .where(Depot.community_id == community_id, Depot.closed_at.is_(None))
        .order_by(Depot.code, Ability.code)
        .execution_options(populate_existing=True)
        .limit(MAX_LOANS)
    )
    if abilities is not None:
        query = query.where(ToolStock.ability_id.in_(sorted(abilities)))
    return [
        StockRow(
            stock_id=stock.id,
            depot_id=stock.depot_id,
            ability_id=stock.ability_id,
            ability=code,
            owned=stock.owned,
            lent=stock.lent,
            lon_deg=address.lon_deg,
            lat_deg=address.lat_deg,
            hours=tuple(hours),
        )
        for stock, code, address, hours in await session.execute(query)
    ]


async def load_borrowed(session: Session, community_id: UUID) -> dict[UUID, frozenset[str]]:
    """Abilities that volunteers of a community have on loan, promised or handed out."""
    query = (
        select(ToolLoan.volunteer_id, Ability.code)
        .join(Ability, Ability.id == ToolLoan.ability_id)
        .where(Ability.community_id == community_id, ToolLoan.returned_at.is_(None))
        .limit(MAX_LOANS)
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for volunteer_id, code in await session.execute(query):
        found[volunteer_id].add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


async def list_depots(session: Session, community_id: UUID) -> list[Depot]:
    """The open depots with their tools, by code."""
    query = (
        select(Depot)
        .where(Depot.community_id == community_id, Depot.closed_at.is_(None))
        .options(
            selectinload(Depot.stocks).joinedload(ToolStock.ability),
            joinedload(Depot.household).joinedload(Household.address),
        )
        .order_by(Depot.code)
        .limit(MAX_DEPOTS)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def find_depot(session: Session, community_id: UUID, code: str) -> Depot | None:
    """An open depot by its code, or None."""
    found: Depot | None = await session.scalar(
        select(Depot).where(
            Depot.community_id == community_id, Depot.code == code, Depot.closed_at.is_(None)
        )
    )
    return found


async def find_stock(session: Session, depot_id: UUID, ability_id: UUID) -> ToolStock | None:
    """The tools of one kind in a depot, or None."""
    found: ToolStock | None = await session.scalar(
        select(ToolStock).where(ToolStock.depot_id == depot_id, ToolStock.ability_id == ability_id)
    )
    return found


async def set_owned(session: Session, stock_id: UUID, owned: int) -> bool:
    """Set how many tools there are; False when more are out than that."""
    result = await session.execute(
        update(ToolStock)
        .where(ToolStock.id == stock_id, ToolStock.lent <= owned)
        .values(owned=owned)
        .execution_options(synchronize_session="fetch")
        .returning(ToolStock.id)
    )
    return result.first() is not None


async def take_tool(session: Session, stock_id: UUID) -> bool:
    """Take one tool from a stock; False when none is left. This statement decides who was first."""
    result = await session.execute(
        update(ToolStock)
        .where(ToolStock.id == stock_id, ToolStock.lent < ToolStock.owned)
        .values(lent=ToolStock.lent + 1)
        .execution_options(synchronize_session="fetch")
        .returning(ToolStock.id)
    )
    return result.first() is not None


async def end_loan(session: Session, loan_id: UUID, now: datetime) -> bool:
    """Put a tool back; False when it was back already."""
    result = await session.execute(
        update(ToolLoan)
        .where(ToolLoan.id == loan_id, ToolLoan.returned_at.is_(None))
        .values(returned_at=now)
        .execution_options(synchronize_session="fetch")
        .returning(ToolLoan.stock_id)
    )
    row = result.first()
    if row is None:
        return False
    await session.execute(
        update(ToolStock)
        .where(ToolStock.id == row[0], ToolStock.lent > 0)
        .values(lent=ToolStock.lent - 1)
        .execution_options(synchronize_session="fetch")
    )
    return True


async def list_loans_of(session: Session, volunteer_id: UUID) -> list[ToolLoan]:
    """What a volunteer has on loan, promised or handed out."""
    query = (
        select(ToolLoan)
        .where(ToolLoan.volunteer_id == volunteer_id, ToolLoan.returned_at.is_(None))
        .order_by(ToolLoan.id)
        .limit(PAGE_SIZE)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def find_loan(session: Session, volunteer_id: UUID, ability_id: UUID) -> ToolLoan | None:
    """The tool of one kind that a volunteer has on loan, or None."""
    found: ToolLoan | None = await session.scalar(
        select(ToolLoan).where(
            ToolLoan.volunteer_id == volunteer_id,
            ToolLoan.ability_id == ability_id,
            ToolLoan.returned_at.is_(None),
        )
    )
    return found


async def list_loans(
    session: Session, community_id: UUID, *, due_before: datetime | None = None
) -> list[tuple[ToolLoan, str, str]]:
    """(loan, ability, depot) of what is out, the longest due first."""
    query = (
        select(ToolLoan, Ability.code, Depot.code)
        .join(ToolStock, ToolStock.id == ToolLoan.stock_id)
        .join(Ability, Ability.id == ToolLoan.ability_id)
        .join(Depot, Depot.id == ToolStock.depot_id)
        .where(Depot.community_id == community_id, ToolLoan.returned_at.is_(None))
        .order_by(ToolLoan.due_at, ToolLoan.id)
        .limit(PAGE_SIZE)
    )
    if due_before is not None:
        query = query.where(ToolLoan.due_at < due_before)
    return [(loan, ability, depot) for loan, ability, depot in await session.execute(query)]


async def load_needs(session: Session, request_id: UUID) -> dict[UUID, str]:
    """Skills and tools that a request needs: id and code."""
    query = (
        select(Ability.id, Ability.code)
        .join(RequestNeed, RequestNeed.ability_id == Ability.id)
        .where(RequestNeed.request_id == request_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def load_needs_of_held_work(session: Session, volunteer_id: UUID) -> set[UUID]:
    """Skills and tools that the accepted work of a volunteer needs."""
    query = (
        select(RequestNeed.ability_id)
        .join(Assignment, Assignment.request_id == RequestNeed.request_id)
        .where(Assignment.volunteer_id == volunteer_id, Assignment.status.in_(HELD_ASSIGNMENTS))
        .distinct()
    )
    return set(await session.scalars(query))


async def find_anchor_points(session: Session, volunteer: Volunteer) -> list[tuple[float, float]]:
    """(lon, lat) of the places that a volunteer starts from; never leaves the server."""
    keys = [key for key in (volunteer.home_id, volunteer.second_anchor_id) if key is not None]
    query = select(HouseholdAddress).where(HouseholdAddress.household_id.in_(keys))
    return [(row.lon_deg, row.lat_deg) for row in await session.scalars(query)]


async def find_ability_code(session: Session, ability_id: UUID) -> str | None:
    """What an ability is called."""
    found: str | None = await session.scalar(select(Ability.code).where(Ability.id == ability_id))
    return found
