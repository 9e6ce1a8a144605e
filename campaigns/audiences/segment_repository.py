"""The queries on segments and their versions. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, false, select

from campaigns.audiences.errors import SegmentUnknown
from campaigns.audiences.models import Segment, SegmentVersion
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor

MAX_VERSIONS = 50


@dataclass(frozen=True)
class SegmentFilter:
    """Which segments of a community."""

    community_id: UUID
    archived_too: bool = False


def visible_to(actor: Actor) -> Select[Segment]:
    """Staff see the segments of their communities, nobody else any."""
    query = select(Segment)
    if actor.is_system:
        return query
    communities = actor.staff_communities()
    return query.where(Segment.community_id.in_(communities) if communities else false())


def list_segments(actor: Actor, wanted: SegmentFilter) -> Listing[Segment]:
    """The segments of a community, by name."""
    query = visible_to(actor).where(Segment.community_id == wanted.community_id)
    if not wanted.archived_too:
        query = query.where(Segment.archived_at.is_(None))
    return Listing(
        query,
        key=SortKey("id", Segment.id),
        sort=(SortKey("name", Segment.name),),
    )


async def get_segment(
    session: Session, actor: Actor, segment_id: UUID, *, lock: bool = False
) -> Segment:
    """One segment; unknown and hidden answer alike."""
    query = visible_to(actor).where(Segment.id == segment_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Segment | None = await session.scalar(query)
    if found is None:
        raise SegmentUnknown(f"There is no segment {segment_id}, or it is not for you.")
    return found


async def get_version(
    session: Session, actor: Actor, version_id: UUID
) -> tuple[Segment, SegmentVersion]:
    """One version with its segment; unknown and hidden answer alike."""
    version = await session.get(SegmentVersion, version_id)
    if version is None:
        raise SegmentUnknown(f"There is no version {version_id} of a segment.")
    return await get_segment(session, actor, version.segment_id), version


async def get_version_number(session: Session, segment_id: UUID, number: int) -> SegmentVersion:
    """The version of a segment with this number."""
    found: SegmentVersion | None = await session.scalar(
        select(SegmentVersion).where(
            SegmentVersion.segment_id == segment_id, SegmentVersion.number == number
        )
    )
    if found is None:
        raise SegmentUnknown(f"The segment {segment_id} has no version {number}.")
    return found


async def load_segments(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Segment]:
    """Segments by key, as far as they are for this actor."""
    rows = await session.scalars(visible_to(actor).where(Segment.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_versions(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, SegmentVersion]:
    """Versions by key, as far as their segments are for this actor."""
    mine = visible_to(actor).with_only_columns(Segment.id)
    rows = await session.scalars(
        select(SegmentVersion).where(
            SegmentVersion.id.in_(keys), SegmentVersion.segment_id.in_(mine)
        )
    )
    return {row.id: row for row in rows}


async def load_versions_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[SegmentVersion]]:
    """The versions of segments, the newest first, at most 50 of each."""
    mine = visible_to(actor).with_only_columns(Segment.id).where(Segment.id.in_(keys))
    rows = await session.scalars(
        select(SegmentVersion)
        .join(Segment, Segment.id == SegmentVersion.segment_id)
        .where(
            SegmentVersion.segment_id.in_(mine),
            SegmentVersion.number > Segment.latest_number - MAX_VERSIONS,
        )
        .order_by(SegmentVersion.segment_id, SegmentVersion.number.desc())
    )
    found: dict[UUID, list[SegmentVersion]] = {}
    for row in rows:
        found.setdefault(row.segment_id, []).append(row)
    return found
