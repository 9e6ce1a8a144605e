"""Opening a community, and deciding its rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people import policy, repository
from people.auth import Actor
from people.errors import CommunityAlreadyThere, InvalidCommunity, InvalidRules
from people.models import Community, CommunityRules
from people.rules import Rules, read_rules

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class CreateCommunity:
    """What a new community is."""

    slug: str
    name: str
    time_zone: str
    city_pack: str
    utm_epsg: int
    locale: str = "en"

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise InvalidCommunity(
                f"The short name {self.slug!r} cannot be used: small letters, digits and hyphens."
            )
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidCommunity(
                f"There is no time zone {self.time_zone!r}: write it like America/New_York."
            ) from None


async def create_community(
    session: Session, actor: Actor, command: CreateCommunity, *, now: datetime
) -> Community:
    """Open a community. Records ``community.created``."""
    if not policy.can_create_community(actor):
        raise NotPermitted("Only whoever runs this installation opens communities.")
    if await repository.find_community(session, command.slug) is not None:
        raise CommunityAlreadyThere(f"There is a community called {command.slug!r} already.")
    community = Community(
        slug=command.slug,
        name=command.name,
        time_zone=command.time_zone,
        city_pack=command.city_pack,
        utm_epsg=command.utm_epsg,
        locale=command.locale,
        created_at=now,
    )
    session.add(community)
    await session.flush()
    record_event(
        session,
        "community.created",
        subject_type="community",
        subject_id=community.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community.id,
    )
    return community


async def set_rules(
    session: Session,
    actor: Actor,
    community_id: UUID,
    rules: dict[str, Any],
    *,
    valid_from: datetime,
    now: datetime,
) -> CommunityRules:
    """Let new rules hold from a moment on; older ones stay on record. Records ``rules.set``."""
    if not policy.can_change_rules(actor, community_id):
        raise NotPermitted("Only a manager of this community decides its rules.")
    checked = read_rules(rules)
    row = CommunityRules(
        community_id=community_id,
        valid_from=valid_from,
        rules=msgspec.to_builtins(checked),
    )
    session.add(row)
    await session.flush()
    record_event(
        session,
        "rules.set",
        subject_type="community",
        subject_id=community_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
        valid_from_at=valid_from,
    )
    return row


async def change_rules(
    session: Session,
    actor: Actor,
    community_id: UUID,
    changes: Mapping[str, Any],
    *,
    valid_from: datetime | None = None,
    now: datetime,
) -> Rules:
    """Let some rules change from a moment on, from now without one; the others stay as they are.

    A later change that is planned already is not touched. Records ``rules.set``.
    """
    if not policy.can_change_rules(actor, community_id):
        raise NotPermitted("Only a manager of this community decides its rules.")
    starts_at = valid_from or now
    if starts_at < now:
        raise InvalidRules("Rules hold from now on or later: what happened stays as it was.")
    if not changes:
        raise InvalidRules("Name at least one rule to change.")
    before = msgspec.to_builtins(await repository.read_rules_at(session, community_id, starts_at))
    checked = read_rules({**before, **changes})
    await repository.drop_rules_from(session, community_id, starts_at)
    rules = msgspec.to_builtins(checked)
    await set_rules(session, actor, community_id, rules, valid_from=starts_at, now=now)
    return checked
