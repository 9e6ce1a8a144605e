"""The query on what is asked for already by somebody, or at a home or right beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from core.db import Session
from matching.intake.duplicates import NEAR_M
from matching.intake.models import StandingRequest
from matching.intake.repository import LIVE, METRES_PER_DEG
from matching.models import HelpRequest
from matching.repository import requests_visible_to
from people.auth import Actor
from people.models import Household, HouseholdAddress, Person

MAX_NEAR = 10
MAX_HOMES = 50


@dataclass(frozen=True)
class Near:
    """Whose requests, and where; what is None is not looked for."""

    resident_id: UUID | None = None
    household_id: UUID | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None


async def list_live_near(
    session: Session, actor: Actor, community_id: UUID, near: Near
) -> list[HelpRequest]:
    """Live requests of this person or home, or of one so near that it may be the same."""
    alike: list[ColumnElement[bool]] = []
    if near.resident_id is not None:
        alike.append(HelpRequest.resident_id == near.resident_id)
    if near.household_id is not None:
        alike.append(HelpRequest.household_id == near.household_id)
    if near.lon_deg is not None and near.lat_deg is not None:
        alike.append(HelpRequest.household_id.in_(_homes(near.lon_deg, near.lat_deg)))
    if not alike:
        return []
    query = (
        requests_visible_to(actor)
        .where(HelpRequest.community_id == community_id, HelpRequest.status.in_(LIVE), or_(*alike))
        .order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        .limit(MAX_NEAR)
    )
    return list(await session.scalars(query))


def _homes(lon_deg: float, lat_deg: float) -> Select[Any]:
    reach = NEAR_M / METRES_PER_DEG
    scale = math.cos(math.radians(lat_deg))
    return select(HouseholdAddress.household_id).where(
        and_(
            HouseholdAddress.lat_deg.between(lat_deg - reach, lat_deg + reach),
            HouseholdAddress.lon_deg.between(lon_deg - reach / scale, lon_deg + reach / scale),
        )
    )


async def list_homes_asked_for(session: Session, person_id: UUID) -> list[Household]:
    """Where somebody lives or has asked for help before, with addresses; their home first."""
    own = select(Person.household_id).where(Person.id == person_id)
    asked = select(HelpRequest.household_id).where(HelpRequest.resident_id == person_id)
    wished = select(StandingRequest.household_id).where(StandingRequest.resident_id == person_id)
    query = (
        select(Household)
        .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
        .where(or_(*(Household.id.in_(part) for part in (own, asked, wished))))
        .options(joinedload(Household.address))
        .order_by(Household.id.in_(own).desc(), Household.id)
        .limit(MAX_HOMES)
    )
    return list(await session.scalars(query))
