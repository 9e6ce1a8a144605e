"""Being seen or not: opting out of boards, and the alias under which one is on them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.programmes.repository import belongs_to_community
from campaigns.standings import badges_repository, policy, repository
from campaigns.standings.errors import AliasTaken, InvalidAlias, OptedOut
from campaigns.standings.models import ALIAS_LENGTH, StandingChoice
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.errors import PersonUnknown

LEAST_LETTERS = 3
SHORTEST_NAME = 3
"""Words of a name that are shorter may stand in an alias."""

_ALIAS = re.compile(r"[^\W_][\w .'\-]*[^\W_]")
_LONG_NUMBER = re.compile(r"\d[\d .\-]{4,}\d")
_APART = re.compile(r"[\W_]+")


async def opt_out(
    session: Session, actor: Actor, community_id: UUID, person_id: UUID, *, now: datetime
) -> StandingChoice:
    """Take a person off every board, wall and list of a community, at once.

    Alias and badges go with it. Said again it does nothing. Records ``standing.opted_out``.
    """
    if not policy.can_opt_out(actor, community_id, person_id):
        raise NotPermitted("Only the person or staff of the community may opt out.")
    if not await belongs_to_community(session, person_id, community_id):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    row = await _lock_or_add(session, community_id, person_id, now)
    if row.opted_out_at is not None:
        return row
    row.alias, row.alias_key, row.opted_out_at, row.changed_at = None, None, now, now
    await session.flush()
    await repository.drop_from_boards(session, person_id, community_id)
    await badges_repository.drop_badges_of(session, person_id, community_id)
    _record(session, actor, row, "standing.opted_out", now)
    return row


async def opt_in(
    session: Session, actor: Actor, community_id: UUID, *, now: datetime
) -> StandingChoice:
    """Count again from the next boards on. Records ``standing.opted_in``."""
    if actor.person_id is None or not policy.can_choose(actor, community_id, actor.person_id):
        raise NotPermitted("Only people of the community decide this, each for themselves.")
    row = await _lock_or_add(session, community_id, actor.person_id, now)
    if row.opted_out_at is not None:
        row.opted_out_at, row.changed_at = None, now
        await session.flush()
        _record(session, actor, row, "standing.opted_in", now)
    return row


async def choose_alias(
    session: Session, actor: Actor, community_id: UUID, alias: str | None, *, now: datetime
) -> StandingChoice:
    """Be on the boards of people under this name; without one, be on none.

    Records ``standing.alias_chosen`` or ``standing.alias_dropped``, never the alias.
    """
    if actor.person_id is None or not policy.can_choose(actor, community_id, actor.person_id):
        raise NotPermitted("Only people of the community choose an alias, each for themselves.")
    row = await _lock_or_add(session, community_id, actor.person_id, now)
    if alias is None:
        if row.alias is not None:
            row.alias, row.alias_key, row.changed_at = None, None, now
            await session.flush()
            await repository.drop_from_boards(session, actor.person_id, community_id)
            _record(session, actor, row, "standing.alias_dropped", now)
        return row
    if row.opted_out_at is not None:
        raise OptedOut("You opted out of boards: take that back first, then choose an alias.")
    if await repository.is_minor(session, actor.person_id):
        raise InvalidAlias("People under 18 are not on public boards of people.")
    name = check_alias(alias, await repository.find_full_name(session, actor.person_id))
    key = fold_alias(name)
    holder = await repository.find_alias_holder(session, community_id, key)
    if holder not in (None, actor.person_id):
        raise AliasTaken("Somebody has this alias, or one that looks like it: choose another one.")
    try:
        async with session.begin_nested():
            row.alias, row.alias_key, row.changed_at = name, key, now
            await session.flush()
    except IntegrityError:
        raise AliasTaken(
            "Somebody has just taken this alias, or one that looks like it: choose another one."
        ) from None
    _record(session, actor, row, "standing.alias_chosen", now)
    return row


def check_alias(text: str, own_names: tuple[str, ...] = ()) -> str:
    """The alias in its one form.

    Raises
    ------
    InvalidAlias
        When it has other signs than letters, or gives away a name, a number or an address.
    """
    alias = " ".join(unicodedata.normalize("NFKC", text).split())
    if not LEAST_LETTERS <= len(alias) <= ALIAS_LENGTH or not _ALIAS.fullmatch(alias):
        raise InvalidAlias(
            f"An alias has {LEAST_LETTERS} to {ALIAS_LENGTH} letters and digits, with spaces, "
            "points or hyphens between them."
        )
    if _LONG_NUMBER.search(alias):
        raise InvalidAlias("An alias holds no long number: it could be somebody's phone.")
    words = {fold_alias(word) for word in _APART.split(alias)}
    together = fold_alias(alias)
    for name in own_names:
        folded = fold_alias(name)
        if len(folded) >= SHORTEST_NAME and (folded in words or folded in together):
            raise InvalidAlias("Choose an alias that does not hold your own name.")
    return alias


def fold_alias(text: str) -> str:
    """What is compared: without accents, case and signs, so that no two look alike."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _APART.sub("", letters)


async def _lock_or_add(
    session: Session, community_id: UUID, person_id: UUID, now: datetime
) -> StandingChoice:
    row = await repository.find_choice(session, community_id, person_id, lock=True)
    if row is not None:
        return row
    try:
        async with session.begin_nested():
            row = StandingChoice(community_id=community_id, person_id=person_id, changed_at=now)
            session.add(row)
            await session.flush()
    except IntegrityError:
        row = await repository.find_choice(session, community_id, person_id, lock=True)
        if row is None:
            raise
    return row


def _record(session: Session, actor: Actor, row: StandingChoice, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=row.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
    )
