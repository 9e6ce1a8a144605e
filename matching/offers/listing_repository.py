"""The queries behind lists of offers and of agreed work, by who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from core.db import Session
from core.pagination import Listing, SortKey
from matching.intake.kinds import IntakeTopic
from matching.intake.models import IntakeRules
from matching.kinds import AssignmentStatus, OfferStatus, RequestKind
from matching.models import Assignment, HelpRequest, Offer, RequestWindow, Volunteer
from matching.offers.models import AskedHome
from matching.states import HELD_ASSIGNMENTS
from messaging.conversation_models import Thread
from people.auth import Actor
from people.models import Household

MAX_VERSIONS = 1_000
VISIT = "assignment"


class OfferSort(StrEnum):
    """What offers are ordered by."""

    PROPOSED = "proposed"
    STARTS = "starts"


class AssignmentSort(StrEnum):
    """What agreed work is ordered by."""

    STARTS = "starts"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class OfferFilter:
    """Which offers; what is empty sets no limit."""

    statuses: Sequence[OfferStatus] = ()
    volunteer_id: UUID | None = None
    round_id: UUID | None = None
    request_id: UUID | None = None
    proposed_after: datetime | None = None


@dataclass(frozen=True)
class AssignmentFilter:
    """Which agreed work; what is empty sets no limit."""

    statuses: Sequence[AssignmentStatus] = ()
    volunteer_id: UUID | None = None
    request_id: UUID | None = None
    starts_after: datetime | None = None
    starts_before: datetime | None = None


@dataclass(frozen=True)
class OfferedHomeRow:
    """The home of an offer, as far as it may be told before a yes."""

    offer_id: UUID
    request_id: UUID
    kind: RequestKind
    scope: list[str] | None
    service_s: int
    starts_at: datetime
    ends_at: datetime
    area: str | None
    cell: int | None
    deadline_at: datetime | None
    travel_bucket: str | None
    urgent: bool = False


def offers_visible_to(actor: Actor) -> Select[Offer]:
    """Staff see the offers of their communities, volunteers those put to them."""
    return select(Offer).where(_may_see(actor, Offer.community_id, Offer.volunteer_id))


def assignments_visible_to(actor: Actor) -> Select[Assignment]:
    """Staff see the work of their communities, volunteers their own."""
    return (
        select(Assignment)
        .where(_may_see(actor, Assignment.community_id, Assignment.volunteer_id))
        .options(joinedload(Assignment.volunteer))
    )


def _may_see(
    actor: Actor,
    community: InstrumentedAttribute[UUID],
    volunteer: InstrumentedAttribute[UUID],
) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    if actor.person_id is None:
        return false()
    mine = select(Volunteer.id).where(Volunteer.person_id == actor.person_id)
    return or_(community.in_(actor.staff_communities()), volunteer.in_(mine))


def list_offers(
    actor: Actor,
    community_id: UUID,
    only: OfferFilter,
    by: OfferSort,
    *,
    descending: bool,
) -> Listing[Offer]:
    """The offers of a community that the actor may see; not those that nobody has sent yet."""
    query = offers_visible_to(actor).where(Offer.community_id == community_id)
    if only.statuses:
        query = query.where(Offer.status.in_(only.statuses))
    if only.volunteer_id is not None:
        query = query.where(Offer.volunteer_id == only.volunteer_id)
    if only.round_id is not None:
        query = query.where(Offer.round_id == only.round_id)
    if only.request_id is not None:
        query = query.where(Offer.request_id == only.request_id)
    if only.proposed_after is not None:
        query = query.where(Offer.proposed_at >= only.proposed_after)
    if not actor.is_staff(community_id):
        query = query.where(Offer.sent_at.is_not(None))
    column = {OfferSort.PROPOSED: Offer.proposed_at, OfferSort.STARTS: Offer.starts_at}[by]
    return _listing(query, Offer, column, descending)


def list_assignments(
    actor: Actor,
    community_id: UUID | None,
    only: AssignmentFilter,
    by: AssignmentSort,
    *,
    descending: bool,
) -> Listing[Assignment]:
    """Agreed work that the actor may see, in one community or in all of them."""
    query = assignments_visible_to(actor)
    if community_id is not None:
        query = query.where(Assignment.community_id == community_id)
    if only.statuses:
        query = query.where(Assignment.status.in_(only.statuses))
    if only.volunteer_id is not None:
        query = query.where(Assignment.volunteer_id == only.volunteer_id)
    if only.request_id is not None:
        query = query.where(Assignment.request_id == only.request_id)
    if only.starts_after is not None:
        query = query.where(Assignment.starts_at >= only.starts_after)
    if only.starts_before is not None:
        query = query.where(Assignment.starts_at < only.starts_before)
    column = {
        AssignmentSort.STARTS: Assignment.starts_at,
        AssignmentSort.ACCEPTED: Assignment.accepted_at,
    }[by]
    return _listing(query, Assignment, column, descending)


def list_own_assignments(
    actor: Actor, only: AssignmentFilter, by: AssignmentSort, *, descending: bool
) -> Listing[Assignment]:
    """The actor's own agreed work, in whichever community."""
    mine = select(Volunteer.id).where(Volunteer.person_id == actor.person_id)
    listing = list_assignments(actor, None, only, by, descending=descending)
    return Listing(
        listing.query.where(Assignment.volunteer_id.in_(mine)), listing.key, listing.sort
    )


async def load_offers(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Offer]:
    """Offers by key, as far as the actor may see them; none that is not sent, but for staff."""
    rows = await session.scalars(offers_visible_to(actor).where(Offer.id.in_(keys)))
    return {
        row.id: row for row in rows if row.sent_at is not None or actor.is_staff(row.community_id)
    }


async def load_assignments(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Assignment]:
    """Agreed work by key, as far as the actor may see it."""
    rows = await session.scalars(assignments_visible_to(actor).where(Assignment.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_offered_homes(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, OfferedHomeRow]:
    """The homes of these offers by offer, as far as they may be told before a yes."""
    last = (
        select(func.max(RequestWindow.closes_at))
        .where(RequestWindow.request_id == HelpRequest.id)
        .correlate(HelpRequest)
        .scalar_subquery()
    )
    query = (
        select(
            Offer.id,
            HelpRequest.id,
            HelpRequest.kind,
            HelpRequest.scope,
            HelpRequest.service_s,
            Offer.starts_at,
            Offer.ends_at,
            Household.area,
            Household.cell,
            last,
            AskedHome.travel_bucket,
        )
        .join(HelpRequest, HelpRequest.id == Offer.request_id)
        .join(Household, Household.id == HelpRequest.household_id)
        .outerjoin(
            AskedHome,
            and_(AskedHome.ask_id == Offer.ask_id, AskedHome.request_id == Offer.request_id),
        )
        .where(Offer.id.in_(keys), _may_see(actor, Offer.community_id, Offer.volunteer_id))
    )
    return {row[0]: OfferedHomeRow(*row) for row in (await session.execute(query)).all()}


async def load_codes(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, str]:
    """The codes of these offers, such as ``K7``."""
    query = select(Offer.id, Offer.code).where(
        Offer.id.in_(keys), _may_see(actor, Offer.community_id, Offer.volunteer_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def load_thread_ids(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, UUID]:
    """The conversation about each of these visits."""
    query = (
        select(Thread.subject_id, Thread.id)
        .join(Assignment, Assignment.id == Thread.subject_id)
        .where(
            Thread.subject_type == VISIT,
            Thread.subject_id.in_(keys),
            _may_see(actor, Assignment.community_id, Assignment.volunteer_id),
        )
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def load_route_order(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, int]:
    """Which stop each of these visits is on its volunteer's way through what is not over yet."""
    place = (
        func.row_number()
        .over(
            partition_by=Assignment.volunteer_id,
            order_by=(Assignment.starts_at, Assignment.id),
        )
        .label("place")
    )
    volunteers = select(Assignment.volunteer_id).where(Assignment.id.in_(keys))
    route = (
        select(Assignment.id, place)
        .where(
            Assignment.volunteer_id.in_(volunteers),
            Assignment.status.in_(HELD_ASSIGNMENTS),
            _may_see(actor, Assignment.community_id, Assignment.volunteer_id),
        )
        .subquery()
    )
    query = select(route.c.id, route.c.place).where(route.c.id.in_(keys))
    return {row[0]: row[1] for row in await session.execute(query)}


async def load_kind_versions(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[tuple[datetime, dict[str, Any]]]]:
    """What these communities call their kinds of help, each version with its beginning."""
    query = (
        select(IntakeRules.community_id, IntakeRules.valid_from, IntakeRules.data)
        .where(IntakeRules.community_id.in_(keys), IntakeRules.topic == IntakeTopic.KINDS)
        .order_by(IntakeRules.valid_from.desc())
        .limit(MAX_VERSIONS)
    )
    found: dict[UUID, list[tuple[datetime, dict[str, Any]]]] = {}
    for community_id, valid_from, data in (await session.execute(query)).all():
        found.setdefault(community_id, []).append((valid_from, data))
    return found


def _listing(
    query: Select[Any],
    model: type[Offer] | type[Assignment],
    column: InstrumentedAttribute[Any],
    descending: bool,
) -> Listing[Any]:
    return Listing(
        query,
        key=SortKey("id", model.id, descending),
        sort=(SortKey(column.key, column, descending),),
    )
