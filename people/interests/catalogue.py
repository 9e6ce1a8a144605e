"""The topics that a community offers: managers add them, rename them, take them away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.interests import policy, repository
from people.interests.errors import InvalidInterest
from people.interests.models import Interest
from people.models import NAME_LENGTH

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class SaveInterest:
    """A topic as it is to be from now on."""

    community_id: UUID
    code: str
    label: str
    label_es: str | None = None
    retired: bool = False
    """Offered no more; who stated it keeps it."""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise InvalidInterest(
                "The code of a topic is a word of small letters, digits and _, such as 'cycling'."
            )
        for label in (self.label, self.label_es):
            if label is not None and not 1 <= len(label.strip()) <= NAME_LENGTH:
                raise InvalidInterest(f"The name of a topic has 1 to {NAME_LENGTH} characters.")


async def save_interest(
    session: Session, actor: Actor, command: SaveInterest, *, now: datetime
) -> Interest:
    """Add a topic, or change the one with this code; the same again changes nothing.

    Records ``interest.saved``.
    """
    if not policy.can_edit_catalogue(actor, command.community_id):
        raise NotPermitted("Only managers decide which topics a community offers.")
    row = await repository.find_interest(session, command.community_id, command.code)
    if row is None:
        rows = await repository.list_catalogue(session, command.community_id, retired_too=True)
        if len(rows) >= repository.MAX_TOPICS:
            raise InvalidInterest(f"A community offers at most {repository.MAX_TOPICS} topics.")
        row = Interest(community_id=command.community_id, code=command.code, created_at=now)
        session.add(row)
    row.label = command.label.strip()
    row.label_es = None if command.label_es is None else command.label_es.strip()
    row.retired_at = (row.retired_at or now) if command.retired else None
    await session.flush()
    record_event(
        session,
        "interest.saved",
        subject_type="interest",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        code=command.code,
    )
    return row
