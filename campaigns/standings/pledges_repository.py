"""The queries on pledges and what may be promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import visible_to as visible_campaigns
from campaigns.standings.kinds import OPEN_OR_KEPT, PledgeStatus
from campaigns.standings.models import Pledge, PledgeTemplate
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import PersonName

MAX_TEMPLATES = 50
MAX_REMINDERS = 200
MAX_NAMES = 200


@dataclass(frozen=True)
class PledgeCounts:
    """What became of the pledges of a campaign."""

    made: int
    kept: int
    partly: int
    withdrawn: int


@dataclass(frozen=True)
class WallEntry:
    """Somebody whose first name may stand on the wall."""

    person_id: UUID
    first_name: str


async def find_template(session: Session, template_id: UUID) -> PledgeTemplate | None:
    """What may be promised, by key."""
    found: PledgeTemplate | None = await session.get(PledgeTemplate, template_id)
    return found


async def find_template_by_code(
    session: Session, campaign_id: UUID, code: str
) -> PledgeTemplate | None:
    """What may be promised, by its code."""
    found: PledgeTemplate | None = await session.scalar(
        select(PledgeTemplate).where(
            PledgeTemplate.campaign_id == campaign_id, PledgeTemplate.code == code
        )
    )
    return found


async def count_templates(session: Session, campaign_id: UUID) -> int:
    """How many things may be promised in a campaign, closed ones too."""
    found = await session.scalar(
        select(func.count())
        .select_from(PledgeTemplate)
        .where(PledgeTemplate.campaign_id == campaign_id)
    )
    return int(found or 0)


def list_templates(actor: Actor, campaign_id: UUID) -> Listing[PledgeTemplate]:
    """What may be promised in a campaign that the actor may know of, by code."""
    campaigns = visible_campaigns(actor).with_only_columns(Campaign.id)
    query = select(PledgeTemplate).where(
        PledgeTemplate.campaign_id == campaign_id, PledgeTemplate.campaign_id.in_(campaigns)
    )
    return Listing(
        query,
        key=SortKey("id", PledgeTemplate.id),
        sort=(SortKey("code", PledgeTemplate.code),),
    )


async def load_templates(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, PledgeTemplate]:
    """Templates by key: of campaigns that the actor may know of, and of their own pledges."""
    campaigns = visible_campaigns(actor).with_only_columns(Campaign.id)
    mine = select(Pledge.template_id).where(Pledge.person_id == actor.person_id)
    rows = await session.scalars(
        select(PledgeTemplate).where(
            PledgeTemplate.id.in_(keys),
            PledgeTemplate.campaign_id.in_(campaigns) | PledgeTemplate.id.in_(mine),
        )
    )
    return {row.id: row for row in rows}


async def find_pledge(session: Session, pledge_id: UUID) -> Pledge | None:
    """One pledge, held until the transaction ends."""
    found: Pledge | None = await session.scalar(
        select(Pledge)
        .where(Pledge.id == pledge_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def find_standing_pledge(
    session: Session, template_id: UUID, person_id: UUID
) -> Pledge | None:
    """What a person promised from a template and did not withdraw."""
    found: Pledge | None = await session.scalar(
        select(Pledge).where(
            Pledge.template_id == template_id,
            Pledge.person_id == person_id,
            Pledge.status != PledgeStatus.WITHDRAWN,
        )
    )
    return found


def list_my_pledges(actor: Actor) -> Listing[Pledge]:
    """The actor's pledges, the newest first."""
    return Listing(
        select(Pledge).where(Pledge.person_id == actor.person_id),
        key=SortKey("id", Pledge.id, descending=True),
        sort=(SortKey("made_at", Pledge.made_at, descending=True),),
    )


async def load_pledges(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Pledge]:
    """The actor's own pledges by key; nobody reads another's."""
    if actor.person_id is None:
        return {}
    rows = await session.scalars(
        select(Pledge).where(Pledge.id.in_(keys), Pledge.person_id == actor.person_id)
    )
    return {row.id: row for row in rows}


async def count_by_status(session: Session, campaign_id: UUID) -> PledgeCounts:
    """What became of the pledges of a campaign."""
    rows = await session.execute(
        select(Pledge.status, func.count())
        .where(Pledge.campaign_id == campaign_id)
        .group_by(Pledge.status)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    return PledgeCounts(
        made=counts.get(PledgeStatus.MADE, 0),
        kept=counts.get(PledgeStatus.KEPT, 0),
        partly=counts.get(PledgeStatus.PARTLY, 0),
        withdrawn=counts.get(PledgeStatus.WITHDRAWN, 0),
    )


async def list_pledgers(session: Session, campaign_id: UUID) -> Sequence[tuple[UUID, bool]]:
    """Everybody with a pledge that stands: the person, and whether any of theirs shows a name."""
    rows = await session.execute(
        select(Pledge.person_id, Pledge.shows_name).where(
            Pledge.campaign_id == campaign_id, Pledge.status.in_(OPEN_OR_KEPT)
        )
    )
    named: dict[UUID, bool] = {}
    for person_id, shows_name in rows:
        named[person_id] = named.get(person_id, False) or shows_name
    return sorted(named.items())


async def load_wall_names(session: Session, person_ids: Sequence[UUID]) -> list[WallEntry]:
    """First names, and no more of a name."""
    rows = await session.scalars(
        select(PersonName).where(PersonName.person_id.in_(person_ids)).limit(MAX_NAMES)
    )
    found = []
    for row in rows:
        words = (row.call_name or row.full_name).split()
        if words:
            found.append(WallEntry(row.person_id, words[0]))
    return sorted(found, key=lambda one: (one.first_name.casefold(), one.person_id))


async def list_to_remind(session: Session, now: datetime) -> list[UUID]:
    """Pledges whose reminder is due."""
    query = (
        select(Pledge.id)
        .where(Pledge.remind_at <= now, Pledge.status == PledgeStatus.MADE)
        .order_by(Pledge.remind_at, Pledge.id)
        .limit(MAX_REMINDERS)
    )
    return list(await session.scalars(query))
