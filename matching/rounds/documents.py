"""The documents that a round keeps, for staff of its community."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.db import Session
from matching.errors import DocumentTooLarge
from matching.kinds import DocumentKind
from matching.rounds import listing_repository as listing
from matching.rounds.reading import get_round
from people.auth import Actor

MAX_CHARACTERS = 16_000_000
"""The problem of about 1,000 requests and 400 volunteers."""


async def get_document(
    session: Session, actor: Actor, round_id: UUID, kind: DocumentKind
) -> Mapping[str, Any] | None:
    """A document as it is stored; None when the round keeps none of this kind.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    DocumentTooLarge
        When it is longer than `MAX_CHARACTERS`.
    """
    await get_round(session, actor, round_id)
    kept = await listing.load_kept_documents(session, actor, [round_id])
    size = next((one.size for one in kept.get(round_id, ()) if one.kind is kind), None)
    if size is None:
        return None
    if size > MAX_CHARACTERS:
        raise DocumentTooLarge(
            f"The document has {size:,} characters, more than {MAX_CHARACTERS:,}: read it where "
            "the round ran, with 'talkoot round --problem' or from the database."
        )
    return await listing.find_document_within(
        session, round_id, kind, most_characters=MAX_CHARACTERS
    )
