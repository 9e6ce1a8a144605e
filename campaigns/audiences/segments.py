"""Segments: saved under a name, changed by a new version, laid aside. Versions never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.audiences import policy
from campaigns.audiences import segment_repository as repository
from campaigns.audiences.checks import check_references
from campaigns.audiences.definitions import Definition, read_definition, write_definition
from campaigns.audiences.errors import (
    AudienceNotForYou,
    InvalidSegment,
    SegmentChanged,
    SegmentNameTaken,
)
from campaigns.audiences.finding import Audience, find_audience
from campaigns.audiences.models import NOTE_LENGTH, Segment, SegmentVersion
from core.db import Session
from core.events import record_event
from people.auth import Actor
from people.kinds import Purpose
from people.models import NAME_LENGTH


@dataclass(frozen=True)
class SaveSegment:
    """A new segment."""

    community_id: UUID
    name: str
    definition: Definition
    note: str = ""

    def __post_init__(self) -> None:
        _check_words(self.name, self.note)


@dataclass(frozen=True)
class ChangeSegment:
    """What a segment says from now on."""

    segment_id: UUID
    seen_number: int
    """The version that the change is based on."""
    definition: Definition
    name: str
    note: str = ""

    def __post_init__(self) -> None:
        _check_words(self.name, self.note)


async def save_segment(
    session: Session, actor: Actor, command: SaveSegment, *, now: datetime
) -> tuple[Segment, SegmentVersion]:
    """Save a description of people under a name. Records ``segment.saved``.

    Raises
    ------
    SegmentNameTaken
        When another segment of the community has this name.
    """
    if not policy.can_use_audiences(actor, command.community_id):
        raise AudienceNotForYou("Only managers of the community describe whom to reach.")
    await check_references(session, command.community_id, command.definition)
    segment = Segment(
        community_id=command.community_id,
        name=command.name.strip(),
        note=command.note.strip(),
        created_by=actor.person_id,
        created_at=now,
    )
    await _flush_named(session, segment)
    version = await _add_version(session, actor, segment, command.definition, now)
    return segment, version


async def change_segment(
    session: Session, actor: Actor, command: ChangeSegment, *, now: datetime
) -> tuple[Segment, SegmentVersion]:
    """Let a segment say something else: a new version, unless it says the same.

    Records ``segment.saved``.

    Raises
    ------
    SegmentChanged
        When somebody changed it meanwhile.
    """
    segment = await repository.get_segment(session, actor, command.segment_id, lock=True)
    if not policy.can_use_audiences(actor, segment.community_id):
        raise AudienceNotForYou("Only managers of the community describe whom to reach.")
    if segment.latest_number != command.seen_number:
        raise SegmentChanged("Somebody changed this segment meanwhile: look at it again.")
    await check_references(session, segment.community_id, command.definition)
    segment.name, segment.note = command.name.strip(), command.note.strip()
    await _flush_named(session, segment)
    latest = await repository.get_version_number(session, segment.id, segment.latest_number)
    if latest.definition == write_definition(command.definition):
        return segment, latest
    segment.latest_number += 1
    version = await _add_version(session, actor, segment, command.definition, now)
    return segment, version


async def archive_segment(
    session: Session, actor: Actor, segment_id: UUID, *, now: datetime
) -> Segment:
    """Offer a segment no more; again changes nothing. Records ``segment.archived``."""
    segment = await repository.get_segment(session, actor, segment_id, lock=True)
    if not policy.can_use_audiences(actor, segment.community_id):
        raise AudienceNotForYou("Only managers of the community describe whom to reach.")
    if segment.archived_at is None:
        segment.archived_at = now
        await session.flush()
        record_event(
            session,
            "segment.archived",
            subject_type="segment",
            subject_id=segment.id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=segment.community_id,
        )
    return segment


async def find_version_audience(
    session: Session,
    actor: Actor,
    segment_version_id: UUID,
    purpose: Purpose,
    now: datetime,
    *,
    besides: UUID | None = None,
) -> Audience:
    """Who is reached now by what a segment said in one of its versions."""
    segment, version = await repository.get_version(session, actor, segment_version_id)
    definition = read_definition(version.definition)
    return await find_audience(
        session, actor, segment.community_id, definition, purpose, now=now, besides=besides
    )


async def _add_version(
    session: Session, actor: Actor, segment: Segment, definition: Definition, now: datetime
) -> SegmentVersion:
    version = SegmentVersion(
        segment_id=segment.id,
        number=segment.latest_number,
        definition=write_definition(definition),
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(version)
    await session.flush()
    record_event(
        session,
        "segment.saved",
        subject_type="segment",
        subject_id=segment.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=segment.community_id,
        version_count=segment.latest_number,
    )
    return version


async def _flush_named(session: Session, segment: Segment) -> None:
    try:
        async with session.begin_nested():
            session.add(segment)
            await session.flush()
    except IntegrityError:
        raise SegmentNameTaken(
            "Another segment of the community has this name: choose another one."
        ) from None


def _check_words(name: str, note: str) -> None:
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise InvalidSegment(f"The name of a segment has 1 to {NAME_LENGTH} characters.")
    if len(note) > NOTE_LENGTH:
        raise InvalidSegment(f"The note of a segment has at most {NOTE_LENGTH} characters.")
