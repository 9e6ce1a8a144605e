"""The queries on collection routes, what is counted on them, and how they were drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, delete, false, func, select
from sqlalchemy.orm import selectinload

from campaigns.recycling.figures import WeekSums, monday_of
from campaigns.recycling.kinds import CartState, Stream
from campaigns.recycling.models import (
    CampaignRoute,
    CartAudit,
    CartLook,
    CollectionRoute,
    RouteDraw,
    RouteWeight,
    SetOutCount,
    WasteSort,
)
from core.db import Session
from core.events import Event
from core.pagination import Listing, SortKey
from people.auth import Actor

MAX_ROUTES = 2_000
"""Of one community."""
MAX_ROWS = 500_000
MAX_RECORDED = 10
RECORDED = ("recycling.recorded", "recycling.routes_set")
WEEK = timedelta(days=7)
_ROUTE: Any = CollectionRoute
_AUDIT: Any = CartAudit

Sums = Mapping[tuple[UUID, date], WeekSums]
"""By route and Monday."""


def visible_to(actor: Actor) -> Select[CollectionRoute]:
    """The routes that the actor may know of: those of the communities that they belong to."""
    query = select(CollectionRoute)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    return query.where(CollectionRoute.community_id.in_(tuple(sorted(actor.roles))))


def list_routes(actor: Actor, community_id: UUID) -> Listing[CollectionRoute]:
    """The routes of a community by their code."""
    return Listing(
        visible_to(actor).where(CollectionRoute.community_id == community_id),
        SortKey("code", _ROUTE.code),
    )


async def load_routes(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, CollectionRoute]:
    """Routes by their id."""
    rows = await session.scalars(visible_to(actor).where(CollectionRoute.id.in_(keys)))
    return {row.id: row for row in rows}


async def find_route(session: Session, actor: Actor, route_id: UUID) -> CollectionRoute | None:
    """One route, if the actor may know of it."""
    row: CollectionRoute | None = await session.scalar(
        visible_to(actor).where(CollectionRoute.id == route_id)
    )
    return row


async def list_recorded(session: Session, actor: Actor, community_id: UUID) -> list[Event]:
    """When routes and measurements came in, the latest first; for staff of the community."""
    if not actor.is_staff(community_id):
        return []
    query = (
        select(Event)
        .where(Event.community_id == community_id, Event.kind.in_(RECORDED))
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_RECORDED)
    )
    return list(await session.scalars(query))


async def load_codes(session: Session, community_id: UUID) -> dict[str, CollectionRoute]:
    """All routes of a community by their code."""
    rows = await session.scalars(
        select(CollectionRoute)
        .where(CollectionRoute.community_id == community_id)
        .order_by(CollectionRoute.code)
        .limit(MAX_ROUTES)
    )
    return {row.code: row for row in rows}


async def load_set_outs(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> dict[tuple[UUID, date], SetOutCount]:
    """Counts of some routes by route and Monday."""
    rows = await session.scalars(
        select(SetOutCount).where(
            SetOutCount.route_id.in_(route_ids), SetOutCount.week.between(first, last)
        )
    )
    return {(row.route_id, row.week): row for row in rows}


async def load_weights(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> dict[tuple[UUID, date, Stream], RouteWeight]:
    """Weights of some routes by route, day and stream."""
    rows = await session.scalars(
        select(RouteWeight).where(
            RouteWeight.route_id.in_(route_ids), RouteWeight.day.between(first, last)
        )
    )
    return {(row.route_id, row.day, row.stream): row for row in rows}


async def load_sorts(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> dict[tuple[UUID, date, str], WasteSort]:
    """Sorted samples of some routes by route, Monday and name."""
    rows = await session.scalars(
        select(WasteSort).where(
            WasteSort.route_id.in_(route_ids), WasteSort.week.between(first, last)
        )
    )
    return {(row.route_id, row.week, row.sample): row for row in rows}


async def load_audits_by_key(
    session: Session, route_ids: Collection[UUID], keys: Collection[str]
) -> dict[tuple[UUID, str], CartAudit]:
    """Walks of some routes by route and key, with their carts."""
    rows = await session.scalars(
        select(CartAudit)
        .where(CartAudit.route_id.in_(route_ids), CartAudit.source_key.in_(keys))
        .options(selectinload(CartAudit.carts))
    )
    return {(row.route_id, row.source_key): row for row in rows}


async def find_audit(session: Session, audit_id: UUID) -> CartAudit | None:
    """One walk with its carts."""
    row: CartAudit | None = await session.scalar(
        select(CartAudit).where(CartAudit.id == audit_id).options(selectinload(CartAudit.carts))
    )
    return row


def audits_visible_to(actor: Actor) -> Select[CartAudit]:
    """Walks that the actor may know of: staff see all of theirs, everybody their own."""
    query = select(CartAudit).options(selectinload(CartAudit.carts))
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    staffed = select(CollectionRoute.id).where(
        CollectionRoute.community_id.in_(actor.staff_communities())
    )
    return query.where(CartAudit.route_id.in_(staffed) | (CartAudit.auditor_id == actor.person_id))


def list_audits(actor: Actor, community_id: UUID) -> Listing[CartAudit]:
    """Walks in a community that the actor may know of, the newest week first."""
    routes = select(CollectionRoute.id).where(CollectionRoute.community_id == community_id)
    return Listing(
        audits_visible_to(actor).where(CartAudit.route_id.in_(routes)),
        SortKey("id", _AUDIT.id, descending=True),
        (SortKey("week", _AUDIT.week, descending=True),),
    )


async def load_audits(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, CartAudit]:
    """Walks by their id."""
    rows = await session.scalars(audits_visible_to(actor).where(CartAudit.id.in_(keys)))
    return {row.id: row for row in rows}


async def find_draw(session: Session, campaign_id: UUID) -> RouteDraw | None:
    """How the routes of a campaign were drawn."""
    row: RouteDraw | None = await session.scalar(
        select(RouteDraw).where(RouteDraw.campaign_id == campaign_id)
    )
    return row


async def list_drawn_routes(
    session: Session, campaign_id: UUID
) -> list[tuple[CampaignRoute, CollectionRoute]]:
    """The routes of a campaign with the side of each, by their code."""
    rows = await session.execute(
        select(CampaignRoute, CollectionRoute)
        .join(CollectionRoute, CollectionRoute.id == CampaignRoute.route_id)
        .where(CampaignRoute.campaign_id == campaign_id)
        .order_by(CollectionRoute.code)
        .limit(MAX_ROUTES)
    )
    return [(row[0], row[1]) for row in rows]


async def remove_draw(session: Session, campaign_id: UUID) -> None:
    """Forget how the routes of a campaign were drawn."""
    await session.execute(delete(CampaignRoute).where(CampaignRoute.campaign_id == campaign_id))
    await session.execute(delete(RouteDraw).where(RouteDraw.campaign_id == campaign_id))


async def load_sums(
    session: Session, routes: Sequence[CollectionRoute], first: date, last: date
) -> dict[tuple[UUID, date], WeekSums]:
    """Everything that was counted on some routes, by route and Monday."""
    if not routes:
        return {}
    households = {row.id: row.household_count for row in routes}
    keys = list(households)
    found: dict[tuple[UUID, date], WeekSums] = {}

    def add(route_id: UUID, week: date, **values: float | int | None) -> None:
        sums = found.get((route_id, week)) or WeekSums(households[route_id])
        found[route_id, week] = replace(sums, **values)  # type: ignore[arg-type]  # by name

    for (route_id, week), count in (await load_set_outs(session, keys, first, last)).items():
        add(route_id, week, set_out_count=count.set_out_count)
    for (route_id, week, stream), weight_kg in (
        await _sum_weights(session, keys, first, last)
    ).items():
        add(route_id, week, **{f"{stream.value}_kg": weight_kg})
    for route_id, week, right, wrong, lost in await _sum_sorts(session, keys, first, last):
        add(route_id, week, sorted_right_kg=right, sorted_wrong_kg=wrong, sorted_lost_kg=lost)
    for route_id, week, clean, contaminated, not_out in await _sum_carts(
        session, keys, first, last
    ):
        add(
            route_id,
            week,
            clean_count=clean,
            contaminated_count=contaminated,
            not_out_count=not_out,
        )
    return found


async def _sum_weights(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> dict[tuple[UUID, date, Stream], float]:
    rows = await session.execute(
        select(RouteWeight.route_id, RouteWeight.day, RouteWeight.stream, RouteWeight.weight_kg)
        .where(
            RouteWeight.route_id.in_(route_ids),
            RouteWeight.day.between(first, last + WEEK - timedelta(days=1)),
        )
        .limit(MAX_ROWS)
    )
    sums: dict[tuple[UUID, date, Stream], float] = defaultdict(float)
    for route_id, day, stream, weight_kg in rows:
        sums[route_id, monday_of(day), stream] += weight_kg
    return sums


async def _sum_sorts(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> list[tuple[UUID, date, float, float, float]]:
    rows = await session.execute(
        select(
            WasteSort.route_id,
            WasteSort.week,
            func.sum(WasteSort.recyclables_in_recycling_kg),
            func.sum(WasteSort.contaminants_in_recycling_kg),
            func.sum(WasteSort.recyclables_in_trash_kg),
        )
        .where(WasteSort.route_id.in_(route_ids), WasteSort.week.between(first, last))
        .group_by(WasteSort.route_id, WasteSort.week)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


async def _sum_carts(
    session: Session, route_ids: Collection[UUID], first: date, last: date
) -> list[tuple[UUID, date, int, int, int]]:
    counts = [
        func.sum(case((CartLook.state == state, 1), else_=0))
        for state in (CartState.CLEAN, CartState.CONTAMINATED, CartState.NOT_OUT)
    ]
    rows = await session.execute(
        select(CartAudit.route_id, CartAudit.week, *counts)
        .join(CartLook, CartLook.audit_id == CartAudit.id)
        .where(CartAudit.route_id.in_(route_ids), CartAudit.week.between(first, last))
        .group_by(CartAudit.route_id, CartAudit.week)
    )
    return [(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows]
