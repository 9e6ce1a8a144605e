"""The queries that show depots, loans and bans to those who may see them."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from core.db import Session
from core.pagination import Listing, SortKey
from matching.kinds import BanSide
from matching.models import Ban, Volunteer
from matching.repository import volunteers_visible_to
from matching.volunteering.listing_repository import MAX_LINES
from matching.volunteering.models import Depot, ToolLoan, ToolStock
from people.auth import Actor
from people.models import Ability, Household


async def load_open_loans(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[ToolLoan]]:
    """What these volunteers have on loan, promised or handed out."""
    query = (
        _loans(actor)
        .where(ToolLoan.volunteer_id.in_(keys), ToolLoan.returned_at.is_(None))
        .order_by(ToolLoan.due_at, ToolLoan.id)
        .limit(MAX_LINES)
    )
    found: dict[UUID, list[ToolLoan]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.volunteer_id].append(row)
    return found


def list_tool_loans(actor: Actor, community_id: UUID) -> Listing[ToolLoan]:
    """What is out in a community, the longest due first: for staff all of it, else one's own."""
    here = select(Volunteer.id).where(Volunteer.community_id == community_id)
    query = _loans(actor).where(ToolLoan.volunteer_id.in_(here), ToolLoan.returned_at.is_(None))
    return Listing(
        query,
        key=SortKey("id", ToolLoan.id),
        sort=(SortKey("due_at", ToolLoan.due_at),),
    )


async def load_loans(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, ToolLoan]:
    """Loans by key, as far as the actor may see them."""
    rows = await session.scalars(_loans(actor).where(ToolLoan.id.in_(keys)))
    return {row.id: row for row in rows}


def list_depots_of(community_id: UUID) -> Listing[Depot]:
    """The open depots of a community, by code. Where they are is public."""
    query = (
        select(Depot)
        .where(Depot.community_id == community_id, Depot.closed_at.is_(None))
        .options(joinedload(Depot.household).joinedload(Household.address))
    )
    return Listing(
        query,
        key=SortKey("id", Depot.id),
        sort=(SortKey("code", Depot.code),),
    )


async def load_depots(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Depot]:
    """Open depots by key, with where they are."""
    query = (
        select(Depot)
        .where(Depot.id.in_(keys), Depot.closed_at.is_(None))
        .options(joinedload(Depot.household).joinedload(Household.address))
    )
    return {row.id: row for row in await session.scalars(query)}


async def load_stocks_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[ToolStock]]:
    """What these depots own and what is out, by code."""
    query = (
        select(ToolStock)
        .join(Ability, Ability.id == ToolStock.ability_id)
        .where(ToolStock.depot_id.in_(keys))
        .options(joinedload(ToolStock.ability))
        .order_by(Ability.code, ToolStock.id)
        .limit(MAX_LINES)
    )
    found: dict[UUID, list[ToolStock]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.depot_id].append(row)
    return found


def bans_visible_to(actor: Actor) -> Select[Ban]:
    """Staff see the bans of their communities; the two themselves only those they wished."""
    query = select(Ban)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    return query.where(or_(Ban.community_id.in_(actor.staff_communities()), _own_wish(actor)))


def list_bans_of(actor: Actor, community_id: UUID) -> Listing[Ban]:
    """The bans of a community that the actor may see, the newest first."""
    return _bans(bans_visible_to(actor).where(Ban.community_id == community_id))


def list_bans_about(actor: Actor, community_id: UUID, person_id: UUID) -> Listing[Ban]:
    """The bans of a community that are about somebody, on either side, the newest first."""
    theirs = select(Volunteer.id).where(Volunteer.person_id == person_id)
    about = or_(Ban.resident_id == person_id, Ban.volunteer_id.in_(theirs))
    query = bans_visible_to(actor).where(Ban.community_id == community_id, about)
    return _bans(query)


def list_own_bans(actor: Actor) -> Listing[Ban]:
    """Those whom the actor does not want to meet, the newest first."""
    return _bans(select(Ban).where(_own_wish(actor)))


async def load_bans(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Ban]:
    """Bans by key, as far as the actor may see them."""
    rows = await session.scalars(bans_visible_to(actor).where(Ban.id.in_(keys)))
    return {row.id: row for row in rows}


def _loans(actor: Actor) -> Select[ToolLoan]:
    mine = volunteers_visible_to(actor).with_only_columns(Volunteer.id)
    stock = joinedload(ToolLoan.stock)
    return (
        select(ToolLoan)
        .where(ToolLoan.volunteer_id.in_(mine))
        .options(stock.joinedload(ToolStock.ability), stock.joinedload(ToolStock.depot))
        .execution_options(populate_existing=True)
    )


def _own_wish(actor: Actor) -> ColumnElement[bool]:
    if actor.person_id is None:
        return false()
    mine = select(Volunteer.id).where(Volunteer.person_id == actor.person_id)
    return or_(
        and_(Ban.asked_by == BanSide.VOLUNTEER, Ban.volunteer_id.in_(mine)),
        and_(Ban.asked_by == BanSide.RESIDENT, Ban.resident_id == actor.person_id),
    )


def _bans(query: Select[Ban]) -> Listing[Ban]:
    return Listing(
        query,
        key=SortKey("id", Ban.id, descending=True),
        sort=(SortKey("created_at", Ban.created_at, descending=True),),
    )
