"""What ends with a person's rights: sign-ins, API tokens, every way in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.logging import get_logger
from people.auth import STAFF, Actor
from people.signing_in import repository
from people.signing_in.sessions import end_all_sign_ins

ROLE_CHANGED = "role_changed"

_logger = get_logger(__name__)


async def follow_role_change(
    session: Session, actor: Actor, person_id: UUID, *, now: datetime
) -> None:
    """A person became staff or ceased to be: they sign in anew.

    With the last role of the staff go their API tokens. The caller has changed the role.
    """
    await session.flush()
    await end_all_sign_ins(session, actor, person_id, ROLE_CHANGED, now=now)
    roles = await repository.load_live_roles(session, person_id)
    if not any(role in STAFF for _, role in roles):
        await repository.revoke_tokens(session, person_id, now)
    _logger.info("role.changed", person_id=person_id)


async def forget_ways_in(session: Session, person_id: UUID) -> None:
    """An erased person has no way in any more: no sign-in, link, password, token or identity."""
    await repository.forget_person(session, person_id)
