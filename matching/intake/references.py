"""References: the short names of requests that people read out on the phone."""

from __future__ import annotations

from uuid import UUID

from core.db import Session
from core.ids import new_codes
from matching import repository
from matching.models import REFERENCE_LENGTH

TRIES = 20
"""Each leaves over those alone that others had already, far fewer than one in a thousand."""


async def draw_references(session: Session, community_id: UUID, count: int) -> list[str]:
    """So many references, no two alike, that no request of the community has.

    Raises
    ------
    RuntimeError
        The community has nearly all references that there are.
    """
    drawn: list[str] = []
    for _ in range(TRIES):
        fresh = new_codes(count - len(drawn), REFERENCE_LENGTH) - set(drawn)
        drawn += fresh - await repository.load_references(session, community_id, fresh)
        if len(drawn) == count:
            return drawn
    raise RuntimeError(f"No {count} references are free in community {community_id}.")


async def draw_reference(session: Session, community_id: UUID) -> str:
    """One reference that no request of the community has."""
    (drawn,) = await draw_references(session, community_id, 1)
    return drawn
