"""Badges: rules as data, given by a job that may run as often as it likes.

Who has which badge follows from what was done alone. So the job gives what is missing, and takes
back, without a word to anybody, what was earned with data that has been deleted since. It never
tells that a run of weeks has ended: there is nothing to lose.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import get_campaign
from campaigns.standings import badges_repository as repository
from campaigns.standings import deeds_repository, policy
from campaigns.standings.deeds import Deed
from campaigns.standings.earning import Merits, earns
from campaigns.standings.errors import BadgeRuleUnknown, CodeTaken, InvalidBadgeRule
from campaigns.standings.kinds import BadgeKind
from campaigns.standings.models import BadgeRule
from campaigns.standings.pledging import check_code, check_labels
from campaigns.standings.repository import list_opted_out
from campaigns.standings.sources import STANDINGS
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.models import Community

MOST = 1_000
"""Weeks, people or visits that a rule may ask for."""


@dataclass(frozen=True, kw_only=True)
class AddBadgeRule:
    """For what a badge is given."""

    community_id: UUID
    code: str
    kind: BadgeKind
    threshold: int
    labels: Mapping[str, str]
    valid_from: datetime
    valid_until: datetime | None = None
    campaign_id: UUID | None = None


@dataclass
class _Facts:
    """What was done in one campaign."""

    deeds: list[Deed] = field(default_factory=list)
    inviters: dict[UUID, UUID] = field(default_factory=dict)
    kept: list[tuple[UUID, datetime]] = field(default_factory=list)


async def add_badge_rule(
    session: Session, actor: Actor, command: AddBadgeRule, *, now: datetime
) -> BadgeRule:
    """Give a badge for something. Records ``badge_rule.added``."""
    if not policy.can_manage_badges(actor, command.community_id):
        raise NotPermitted("Only managers of the community decide for what badges are given.")
    check_code(command.code)
    labels = check_labels(command.labels)
    if not 1 <= command.threshold <= MOST:
        raise InvalidBadgeRule(f"A badge asks for 1 to {MOST} of something.")
    if command.valid_until is not None and command.valid_until <= command.valid_from:
        raise InvalidBadgeRule("The rule must end after it begins.")
    if command.campaign_id is not None:
        campaign = await get_campaign(session, actor, command.campaign_id)
        if campaign.community_id != command.community_id:
            raise InvalidBadgeRule("The campaign belongs to another community.")
        if command.kind is BadgeKind.HELPED_IN_STORM:
            raise InvalidBadgeRule("Help in storms belongs to no campaign: leave the campaign out.")
    if await repository.find_rule(session, command.community_id, command.code) is not None:
        raise CodeTaken(f"There is a badge called {command.code!r} already.")
    row = BadgeRule(
        community_id=command.community_id,
        campaign_id=command.campaign_id,
        code=command.code,
        kind=command.kind,
        threshold=command.threshold,
        labels=labels,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, row, "badge_rule.added", now)
    return row


async def end_badge_rule(
    session: Session, actor: Actor, rule_id: UUID, *, now: datetime
) -> BadgeRule:
    """Count nothing more for a badge; what was earned stays. Records ``badge_rule.ended``."""
    row = await repository.get_rule(session, rule_id)
    if row is None or not policy.can_manage_badges(actor, row.community_id):
        raise BadgeRuleUnknown("There is no such badge, or it is not yours to change.")
    if row.valid_until is None or row.valid_until > now:
        if row.valid_from >= now:
            raise InvalidBadgeRule("The rule has not begun yet: let it begin first.")
        row.valid_until = now
        await session.flush()
        _record(session, actor, row, "badge_rule.ended", now)
    return row


async def give_badges(session: Session, community_id: UUID, *, now: datetime) -> tuple[int, int]:
    """Bring the badges of a community up to date; how many were given and taken back."""
    rules = [
        row
        for row in await repository.list_rules_of(session, community_id)
        if row.valid_from <= now
    ]
    if not rules:
        return 0, 0
    zone = ZoneInfo((await session.get_one(Community, community_id)).time_zone)
    may_have = await repository.list_belonging(session, community_id)
    may_have -= await list_opted_out(session, community_id)
    facts = await _load_facts(session, community_id, rules)
    visits = await deeds_repository.load_storm_visits(session, community_id)
    given = taken = 0
    for rule in rules:
        merits = _weigh(rule, facts, visits, zone)
        wanted = {
            person_id
            for person_id, mine in merits.items()
            if person_id in may_have and earns(rule.kind, rule.threshold, mine)
        }
        holders = await repository.list_holders(session, rule.id)
        for person_id in sorted(wanted - holders):
            repository.add_badge(session, rule.id, person_id, now)
        await repository.take_badges(session, rule.id, holders - wanted)
        given, taken = given + len(wanted - holders), taken + len(holders - wanted)
    await session.flush()
    return given, taken


async def _load_facts(
    session: Session, community_id: UUID, rules: list[BadgeRule]
) -> dict[UUID, _Facts]:
    """What was done in the campaigns that the rules speak of."""
    campaigns: list[Campaign] = await repository.list_campaigns_of(session, community_id)
    if all(rule.campaign_id is not None for rule in rules):
        wanted = {rule.campaign_id for rule in rules}
        campaigns = [row for row in campaigns if row.id in wanted]
    return {
        row.id: _Facts(
            deeds=list(await STANDINGS[row.kind].list_deeds(session, row)),
            inviters=await repository.load_inviters(session, row.id),
            kept=await deeds_repository.load_kept_pledges(session, row.id),
        )
        for row in campaigns
    }


def _weigh(
    rule: BadgeRule,
    facts: Mapping[UUID, _Facts],
    visits: list[tuple[UUID, datetime]],
    zone: ZoneInfo,
) -> dict[UUID, Merits]:
    """What each person did in the time of a rule."""
    first = rule.valid_from.astimezone(zone).date()
    last = date.max if rule.valid_until is None else rule.valid_until.astimezone(zone).date()
    days: dict[UUID, set[date]] = defaultdict(set)
    brought: dict[UUID, set[UUID]] = defaultdict(set)
    kept: Counter[UUID] = Counter()
    for campaign_id, fact in facts.items():
        if rule.campaign_id not in (None, campaign_id):
            continue
        for deed in fact.deeds:
            if first <= deed.day <= last:
                days[deed.person_id].add(deed.day)
                inviter = fact.inviters.get(deed.person_id)
                if inviter is not None:
                    brought[inviter].add(deed.person_id)
        kept.update(key for key, at in fact.kept if first <= at.astimezone(zone).date() <= last)
    helped = Counter(key for key, at in visits if first <= at.astimezone(zone).date() <= last)
    return {
        key: Merits(
            days=frozenset(days.get(key, ())),
            brought=len(brought.get(key, ())),
            storm_visits=helped[key],
            pledges_kept=kept[key],
        )
        for key in {*days, *brought, *kept, *helped}
    }


def _record(session: Session, actor: Actor, row: BadgeRule, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="badge_rule",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
    )
