"""A manager opens, holds, resumes and closes a storm; who and why is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.db import Session
from core.errors import InvalidInput, NotPermitted
from core.events import record_event
from matching import policy
from matching import repository as matching_repository
from matching.errors import RulesSetThen, StormAlreadyOpen, StormUnknown
from matching.kinds import HoldReason, StormStatus
from matching.models import Storm
from matching.storms import repository
from matching.storms.following import (
    begin_watch,
    enqueue_notices,
    enter_active,
    enter_closed,
    enter_hold,
)
from matching.storms.models import StormRulesVersion
from matching.storms.rules import read_storm_rules
from matching.transitions import Cause, move_storm
from people.auth import Actor
from people.policy import can_change_rules

FORESEEN = timedelta(days=2)
"""So far ahead somebody may say when the snow will stop."""


@dataclass(frozen=True)
class OpenStorm:
    """A manager decides that help is needed, whatever the stations say."""

    community_id: UUID
    reason: str
    """A code word, such as ``phone_calls``."""
    snow_ended_at: datetime | None = None
    """None is now."""
    depth_cm: float | None = None


async def open_storm(session: Session, actor: Actor, command: OpenStorm, *, now: datetime) -> Storm:
    """Make a storm active by hand. Records each state on the way, with the manager and why.

    Weather changes nothing for the hours that the rule ``directed_s`` says.

    Raises
    ------
    StormAlreadyOpen
        When the storm is active or on hold already.
    """
    _check(actor, command.community_id)
    if command.snow_ended_at is not None and command.snow_ended_at > now + FORESEEN:
        raise InvalidInput("The end of the snow lies more than two days ahead; give the right day.")
    await repository.lock_community(session, command.community_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=command.reason)
    storm = await repository.find_current_storm(session, command.community_id)
    if storm is None:
        storm = await begin_watch(session, command.community_id, cause)
    if storm.status not in (StormStatus.WATCH, StormStatus.ARMED):
        raise StormAlreadyOpen(
            f"The storm of this community is {storm.status.value} already; resume or close it "
            "instead."
        )
    if storm.status is StormStatus.WATCH:
        await move_storm(session, storm.id, StormStatus.ARMED, cause)
    await move_storm(session, storm.id, StormStatus.ACTIVE, cause)
    rules = await repository.read_storm_rules_at(session, command.community_id, now)
    await session.refresh(storm)
    storm.directed_until_at = now + timedelta(seconds=rules.directed_s)
    if command.depth_cm is not None:
        storm.depth_cm = command.depth_cm
    await session.flush()
    ended_at = command.snow_ended_at or now
    await enter_active(session, storm, rules, ended_at=ended_at, now=now)
    return storm


async def arm_storm(
    session: Session, actor: Actor, community_id: UUID, *, reason: str, now: datetime
) -> Storm:
    """Tell residents and volunteers by hand that help may be needed. Records ``storm.armed``.

    Weather changes nothing for the hours that the rule ``directed_s`` says. People are told once a
    storm, by a job.

    Raises
    ------
    StormAlreadyOpen
        When the storm is armed, active or on hold already.
    """
    _check(actor, community_id)
    await repository.lock_community(session, community_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    storm = await repository.find_current_storm(session, community_id)
    if storm is None:
        storm = await begin_watch(session, community_id, cause)
    if storm.status is not StormStatus.WATCH:
        raise StormAlreadyOpen(f"The storm of this community is {storm.status.value} already.")
    await move_storm(session, storm.id, StormStatus.ARMED, cause)
    rules = await repository.read_storm_rules_at(session, community_id, now)
    await session.refresh(storm)
    storm.directed_until_at = now + timedelta(seconds=rules.directed_s)
    if storm.noticed_at is None:
        storm.noticed_at = now
        for audience in ("residents", "volunteers"):
            await enqueue_notices(session, storm.id, audience, after=None, now=now)
    await session.flush()
    return storm


async def hold_storm(
    session: Session,
    actor: Actor,
    storm_id: UUID,
    hold_reason: HoldReason,
    *,
    reason: str,
    now: datetime,
) -> Storm:
    """Send nobody out until a manager resumes. Records ``storm.hold``."""
    storm = await _get_storm(session, actor, storm_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    if storm.status is not StormStatus.HOLD:
        await move_storm(session, storm.id, StormStatus.HOLD, cause, hold_reason=hold_reason)
    else:
        storm.hold_reason = hold_reason
        _record(session, storm, "storm.held_by_hand", cause)
    storm.held_by_hand = True
    storm.directed_until_at = None
    await session.flush()
    await enter_hold(session, storm, now=now)
    return storm


async def resume_storm(
    session: Session, actor: Actor, storm_id: UUID, *, reason: str, now: datetime
) -> Storm:
    """End a hold; weather changes nothing for some hours. Records ``storm.active``."""
    storm = await _get_storm(session, actor, storm_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    await move_storm(session, storm.id, StormStatus.ACTIVE, cause)
    rules = await repository.read_storm_rules_at(session, storm.community_id, now)
    storm.held_by_hand = False
    storm.directed_until_at = now + timedelta(seconds=rules.directed_s)
    await session.flush()
    await enter_active(session, storm, rules, ended_at=storm.snow_ended_at or now, now=now)
    return storm


async def close_storm(
    session: Session, actor: Actor, storm_id: UUID, *, reason: str, now: datetime
) -> Storm:
    """End a storm for good. Records ``storm.closed``."""
    storm = await _get_storm(session, actor, storm_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    await move_storm(session, storm.id, StormStatus.CLOSED, cause)
    await enter_closed(session, storm, now=now)
    return storm


async def set_storm_rules(
    session: Session,
    actor: Actor,
    community_id: UUID,
    rules: dict[str, Any],
    *,
    valid_from: datetime,
    now: datetime,
) -> StormRulesVersion:
    """Let new storm rules hold from a moment on; older ones stay. Records ``storm_rules.set``."""
    if not can_change_rules(actor, community_id):
        raise NotPermitted("Only a manager of this community decides its storm rules.")
    checked = read_storm_rules(rules)
    if await repository.has_storm_rules_from(session, community_id, valid_from):
        raise RulesSetThen(f"Storm rules from {valid_from.isoformat()} on are set already.")
    row = StormRulesVersion(
        community_id=community_id,
        valid_from=valid_from,
        rules=msgspec.to_builtins(checked),
    )
    session.add(row)
    await session.flush()
    record_event(
        session,
        "storm_rules.set",
        subject_type="community",
        subject_id=community_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
        valid_from_at=valid_from,
    )
    return row


def _check(actor: Actor, community_id: UUID) -> None:
    if not policy.can_direct_storm(actor, community_id):
        raise NotPermitted("Only staff of the community may open, hold or close its storms.")


async def _get_storm(session: Session, actor: Actor, storm_id: UUID) -> Storm:
    storm = await matching_repository.get_locked(session, Storm, storm_id)
    if storm is None:
        raise StormUnknown(f"There is no storm {storm_id}.")
    _check(actor, storm.community_id)
    return storm


def _record(session: Session, storm: Storm, kind: str, cause: Cause) -> None:
    record_event(
        session,
        kind,
        subject_type="storm",
        subject_id=storm.id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=storm.community_id,
        reason=cause.reason,
    )
