"""What one programme decided about intake: kinds of help, eligibility and deadlines, by moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching.errors import RulesSetThen
from matching.intake import repository
from matching.intake.deadlines import Due, due_at
from matching.intake.eligibility import EligibilityRules, default_eligibility, read_eligibility
from matching.intake.errors import InvalidIntakeRules, NoRuleThen
from matching.intake.help_kinds import HelpKinds, default_kinds, read_kinds
from matching.intake.kinds import IntakeTopic
from matching.intake.models import IntakeRules
from matching.intake.ordinance_packs import list_packs, load_pack
from matching.kinds import RequestKind
from people import policy
from people.auth import Actor
from people.errors import CommunityUnknown
from people.models import Community


class DeadlineRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Until when a programme helps after a snowfall."""

    ordinance: str | None = None
    """Name of the ordinance pack; None where no law is known."""
    promise_hours: float | None = None
    """What the programme promises, hours after the snow ended; may be looser than the law."""
    default_hours: float = 24.0
    """Without law, promise or end of the snow: hours from now."""
    late_hours: float = 12.0
    """A request that comes after the deadline, or too close to it, is worth this many hours."""
    season_ends: str = "04-30"
    """Last day of a season, month and day."""


@dataclass(frozen=True)
class Deadline:
    """Until when help is of use, and what says so."""

    at: datetime
    law: Due | None
    promised_at: datetime | None


async def load_kinds(session: Session, community_id: UUID, now: datetime) -> HelpKinds:
    """The kinds of help of a programme at a moment."""
    data = await repository.read_intake_rules(session, community_id, IntakeTopic.KINDS, now)
    return default_kinds() if data is None else read_kinds(data)


async def load_storm_kinds(
    session: Session, community_id: UUID, now: datetime
) -> frozenset[RequestKind]:
    """The kinds of help that a programme asks volunteers for only while a storm is active."""
    return (await load_kinds(session, community_id, now)).storm_kinds()


async def load_eligibility(session: Session, community_id: UUID, now: datetime) -> EligibilityRules:
    """The eligibility rules of a programme at a moment."""
    data = await repository.read_intake_rules(session, community_id, IntakeTopic.ELIGIBILITY, now)
    return default_eligibility() if data is None else read_eligibility(data)


async def load_deadline_rules(
    session: Session, community: Community, now: datetime
) -> DeadlineRules:
    """The deadlines of a programme; by default the ordinance of its city pack, if one ships."""
    data = await repository.read_intake_rules(session, community.id, IntakeTopic.DEADLINES, now)
    if data is not None:
        return read_deadline_rules(data)
    known = community.city_pack in list_packs()
    return DeadlineRules(ordinance=community.city_pack if known else None)


async def load_rules(
    session: Session, community_id: UUID, topic: IntakeTopic, now: datetime
) -> HelpKinds | EligibilityRules | DeadlineRules:
    """The rules of any topic that hold at a moment."""
    if topic is IntakeTopic.KINDS:
        return await load_kinds(session, community_id, now)
    if topic is IntakeTopic.ELIGIBILITY:
        return await load_eligibility(session, community_id, now)
    community = await repository.find_community(session, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    return await load_deadline_rules(session, community, now)


async def find_deadline(
    session: Session,
    community_id: UUID,
    snow_ended_at: datetime | None,
    *,
    now: datetime,
    place: tuple[float, float] | None = None,
) -> Deadline:
    """Until when a sidewalk should be cleared: the promise, else the law, else a default.

    ``place`` is (lon, lat) of the home; without it the sun is taken at a point in the city.
    """
    community = await repository.find_community(session, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    rules = await load_deadline_rules(session, community, now)
    return reckon_deadline(rules, snow_ended_at, now=now, place=place)


def reckon_deadline(
    rules: DeadlineRules,
    snow_ended_at: datetime | None,
    *,
    now: datetime,
    place: tuple[float, float] | None = None,
) -> Deadline:
    """As `find_deadline`, from rules already read."""
    if snow_ended_at is None:
        return Deadline(now + timedelta(hours=rules.default_hours), None, None)
    law = None
    if rules.ordinance is not None:
        lon_deg, lat_deg = place or (None, None)
        try:
            law = due_at(load_pack(rules.ordinance), snow_ended_at, lon_deg, lat_deg)
        except NoRuleThen:
            law = None
    promised_at = None
    if rules.promise_hours is not None:
        promised_at = snow_ended_at.astimezone(UTC) + timedelta(hours=rules.promise_hours)
    at = promised_at or (law.at if law else now + timedelta(hours=rules.default_hours))
    return Deadline(at, law, promised_at)


def season_end(rules: DeadlineRules, community: Community, now: datetime) -> date:
    """The last day of the season that a moment belongs to, or of the next one."""
    month, day = (int(part) for part in rules.season_ends.split("-"))
    today = now.astimezone(ZoneInfo(community.time_zone)).date()
    end = date(today.year, month, day)
    return end if end >= today else date(today.year + 1, month, day)


def read_deadline_rules(data: Mapping[str, Any]) -> DeadlineRules:
    """The deadlines that a mapping spells; raises `InvalidIntakeRules` naming the fault."""
    try:
        rules = msgspec.convert(data, DeadlineRules)
        month, day = (int(part) for part in rules.season_ends.split("-"))
        date(2001, month, day)
    except (msgspec.ValidationError, ValueError) as error:
        raise InvalidIntakeRules(f"The deadlines cannot be used: {error}.") from None
    if rules.ordinance is not None and rules.ordinance not in list_packs():
        raise InvalidIntakeRules(
            f"The deadlines name no known ordinance pack: {rules.ordinance!r}; there are: "
            f"{', '.join(list_packs())}."
        )
    hours = (rules.promise_hours, rules.default_hours, rules.late_hours)
    if any(value is not None and not 0 < value <= 240 for value in hours):
        raise InvalidIntakeRules("The deadlines must be more than 0 and at most 240 hours.")
    return rules


_READERS: Mapping[IntakeTopic, Callable[[Mapping[str, Any]], Any]] = {
    IntakeTopic.KINDS: read_kinds,
    IntakeTopic.ELIGIBILITY: read_eligibility,
    IntakeTopic.DEADLINES: read_deadline_rules,
}


async def set_intake_rules(
    session: Session,
    actor: Actor,
    community_id: UUID,
    topic: IntakeTopic,
    data: Mapping[str, Any],
    *,
    valid_from: datetime,
    now: datetime,
) -> IntakeRules:
    """Let new rules of a topic hold from a moment on; older ones stay. Records ``rules.set``."""
    if not policy.can_change_rules(actor, community_id):
        raise NotPermitted("Only a manager of this community decides its rules.")
    checked = _READERS[topic](data)
    if await repository.has_intake_rules_from(session, community_id, topic, valid_from):
        raise RulesSetThen(
            f"Rules about {topic.value} from {valid_from.isoformat()} on are set already."
        )
    row = IntakeRules(
        community_id=community_id,
        topic=topic,
        valid_from=valid_from,
        data=msgspec.to_builtins(checked),
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
        subject=topic.value,
        valid_from_at=valid_from,
    )
    return row
