"""The queries on what people decided about boards, and on the boards that were published.

`list_opted_out` is the one place that says who is on no board, wall or list that others see.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import selectinload

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.standings.kinds import BoardKind
from campaigns.standings.models import BoardLine, BoardSnapshot, StandingChoice
from core.db import Session
from people.auth import Actor
from people.models import Person, PersonName
from people.safeguard_models import Minor

MAX_PEOPLE = 100_000
MAX_CAMPAIGNS = 500


async def list_opted_out(session: Session, community_id: UUID) -> frozenset[UUID]:
    """Who does not want to be seen on boards, walls, lists and feeds of a community.

    Everything that others see leaves these people out: names, aliases, badges, and the counts of
    groups and areas. Who was erased is among them. How far a campaign is on the way to its goal
    still counts what they did there.
    """
    out = await session.scalars(
        select(StandingChoice.person_id)
        .where(
            StandingChoice.community_id == community_id, StandingChoice.opted_out_at.is_not(None)
        )
        .limit(MAX_PEOPLE)
    )
    erased = await session.scalars(
        select(Person.id).where(Person.erased_at.is_not(None)).limit(MAX_PEOPLE)
    )
    return frozenset([*out, *erased])


def is_opted_out(
    person_id: ColumnElement[UUID], community_id: ColumnElement[UUID] | UUID
) -> ColumnElement[bool]:
    """The same as a condition of a query on people of a community; the erased have no names."""
    return (
        select(StandingChoice.person_id)
        .where(
            StandingChoice.person_id == person_id,
            StandingChoice.community_id == community_id,
            StandingChoice.opted_out_at.is_not(None),
        )
        .exists()
    )


async def list_minors(session: Session, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Who of these people is known to be under 18: no public page calls them by any name."""
    rows = await session.scalars(select(Minor.person_id).where(Minor.person_id.in_(person_ids)))
    return frozenset(rows)


async def find_choice(
    session: Session, community_id: UUID, person_id: UUID, *, lock: bool = False
) -> StandingChoice | None:
    """What a person decided, if anything."""
    query = select(StandingChoice).where(
        StandingChoice.community_id == community_id, StandingChoice.person_id == person_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: StandingChoice | None = await session.scalar(query)
    return found


async def find_alias_holder(session: Session, community_id: UUID, alias_key: str) -> UUID | None:
    """Who is called so on the boards of a community."""
    found: UUID | None = await session.scalar(
        select(StandingChoice.person_id).where(
            StandingChoice.community_id == community_id, StandingChoice.alias_key == alias_key
        )
    )
    return found


async def is_minor(session: Session, person_id: UUID) -> bool:
    """Whether somebody is known to be under 18."""
    return await session.get(Minor, person_id) is not None


async def find_full_name(session: Session, person_id: UUID) -> tuple[str, ...]:
    """The words of a person's name, so that an alias does not give it away."""
    row = await session.get(PersonName, person_id)
    if row is None:
        return ()
    return tuple(f"{row.full_name} {row.call_name or ''}".split())


async def load_aliases(
    session: Session, community_id: UUID, person_ids: Collection[UUID]
) -> dict[UUID, str]:
    """How those are called on boards who chose an alias, as they decided last."""
    rows = await session.execute(
        select(StandingChoice.person_id, StandingChoice.alias).where(
            StandingChoice.community_id == community_id,
            StandingChoice.person_id.in_(person_ids),
            StandingChoice.opted_out_at.is_(None),
            StandingChoice.alias.is_not(None),
        )
    )
    return {row.person_id: row.alias for row in rows}


async def list_people_with_alias(session: Session, community_id: UUID) -> frozenset[UUID]:
    """Everybody of a community who chose an alias."""
    rows = await session.scalars(
        select(StandingChoice.person_id)
        .where(
            StandingChoice.community_id == community_id,
            StandingChoice.opted_out_at.is_(None),
            StandingChoice.alias.is_not(None),
        )
        .limit(MAX_PEOPLE)
    )
    return frozenset(rows)


async def drop_from_boards(session: Session, person_id: UUID, community_id: UUID | None) -> None:
    """Take a person off every published board of people; everywhere without a community."""
    lines = delete(BoardLine).where(BoardLine.person_id == person_id)
    if community_id is not None:
        snapshots = (
            select(BoardSnapshot.id)
            .join(Campaign, Campaign.id == BoardSnapshot.campaign_id)
            .where(Campaign.community_id == community_id)
        )
        lines = lines.where(BoardLine.snapshot_id.in_(snapshots))
    await session.execute(lines.execution_options(synchronize_session=False))


async def find_newest(
    session: Session, campaign_id: UUID, board: BoardKind
) -> BoardSnapshot | None:
    """A board as it was published last, with its lines."""
    return (await load_newest(session, campaign_id, [board])).get(board)


async def load_newest(
    session: Session, campaign_id: UUID, boards: Collection[BoardKind]
) -> dict[BoardKind, BoardSnapshot]:
    """Several boards of a campaign as they were published last, with their lines."""
    place = func.row_number().over(
        partition_by=BoardSnapshot.board,
        order_by=(BoardSnapshot.taken_at.desc(), BoardSnapshot.correction.desc()),
    )
    placed = (
        select(BoardSnapshot.id, place.label("place"))
        .where(BoardSnapshot.campaign_id == campaign_id, BoardSnapshot.board.in_(boards))
        .subquery()
    )
    rows = await session.scalars(
        select(BoardSnapshot)
        .join(placed, placed.c.id == BoardSnapshot.id)
        .where(placed.c.place == 1)
        .options(selectinload(BoardSnapshot.lines))
    )
    return {row.board: row for row in rows}


async def drop_daily(session: Session, campaign_id: UUID, board: BoardKind, *, keep: UUID) -> None:
    """Forget the boards of earlier days: only the newest and the final ones are kept."""
    old = select(BoardSnapshot.id).where(
        BoardSnapshot.campaign_id == campaign_id,
        BoardSnapshot.board == board,
        BoardSnapshot.is_final.is_(False),
        BoardSnapshot.id != keep,
    )
    await session.execute(
        delete(BoardLine)
        .where(BoardLine.snapshot_id.in_(old))
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        delete(BoardSnapshot)
        .where(BoardSnapshot.id.in_(old))
        .execution_options(synchronize_session=False)
    )


async def list_to_publish(session: Session, ended_after: datetime) -> list[UUID]:
    """Campaigns whose boards are worked out each day: those that run, or ended not long ago."""
    rows = await session.scalars(
        select(Campaign.id)
        .where(
            Campaign.status.in_((CampaignStatus.RUNNING, CampaignStatus.FINISHED)),
            Campaign.ends_at > ended_after,
        )
        .order_by(Campaign.id)
        .limit(MAX_CAMPAIGNS)
    )
    return list(rows)


async def load_own_choices(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, StandingChoice]:
    """What the actor decided in these communities."""
    if actor.person_id is None:
        return {}
    rows = await session.scalars(
        select(StandingChoice).where(
            StandingChoice.person_id == actor.person_id, StandingChoice.community_id.in_(keys)
        )
    )
    return {row.community_id: row for row in rows}
