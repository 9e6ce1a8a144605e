"""Who came by a campaign, and how far: sign-up, vetting passed, first task done.

A sign-up counts for one campaign at most. A source code decides; without one, the campaign that
ran in the person's neighbourhood then, of several the one that began last. Somebody with the code
of one campaign never counts for another, and coming back after leaving is no sign-up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.measuring.shares import Share, find_share
from campaigns.programmes import repository as programmes
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import lock_for_work
from campaigns.recruiting import repository
from campaigns.recruiting.errors import InvalidSource, NotRecruiting, SourceTaken
from campaigns.recruiting.kinds import AttributionRule, FunnelStep
from campaigns.recruiting.models import RecruitedSignUp, RecruitingSource
from campaigns.recruiting.repository import SignUpEvent
from core.db import Session
from core.events import record_event
from people.auth import Actor
from people.models import NAME_LENGTH
from people.repository import read_rules_at
from people.rules import Rules

LATE = timedelta(days=14)
"""A link may be followed so long after a campaign's end, and its code still counts."""
FOLLOWED = timedelta(days=180)
"""So long after its end a campaign's people are followed to their first task."""
_CODE = re.compile(r"[a-z](?!.*[0-9]{6})[a-z0-9_-]{1,39}")


@dataclass(frozen=True, kw_only=True)
class AddSource:
    """A code under which people sign up: on a link, a flyer, a bus."""

    campaign_id: UUID
    code: str
    label: str


async def add_source(
    session: Session, actor: Actor, command: AddSource, *, now: datetime
) -> RecruitingSource:
    """Give a campaign a source code. Said twice it is one; the label may be changed.

    Records ``recruiting_source.added``.

    Raises
    ------
    SourceTaken
        When another campaign of the community uses it.
    """
    campaign = await lock_for_work(session, actor, command.campaign_id)
    refuse_others(campaign)
    code, label = command.code.strip().lower(), " ".join(command.label.split())
    if not _CODE.fullmatch(code):
        raise InvalidSource(
            "A code has 2 to 40 small letters, - and _ and a few digits, and begins with a letter, "
            "such as library-flyer."
        )
    if not 1 <= len(label) <= NAME_LENGTH:
        raise InvalidSource(f"A source needs a name of 1 to {NAME_LENGTH} characters.")
    row = await repository.find_source(session, campaign.community_id, code)
    if row is not None and row.campaign_id != campaign.id:
        raise SourceTaken(f"Another campaign uses the code {code}: take another one.")
    if row is not None:
        row.label = label
        await session.flush()
        return row
    if len(await repository.list_sources(session, campaign.id)) >= repository.MAX_SOURCES:
        raise InvalidSource(f"A campaign has at most {repository.MAX_SOURCES} sources.")
    row = RecruitingSource(
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        code=code,
        label=label,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    record_event(
        session,
        "recruiting_source.added",
        subject_type="campaign",
        subject_id=campaign.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=campaign.community_id,
        code=code,
    )
    return row


def refuse_others(campaign: Campaign) -> None:
    """Refuse a campaign that does not recruit volunteers.

    Raises
    ------
    NotRecruiting
    """
    if campaign.kind is not CampaignKind.RECRUITMENT:
        raise NotRecruiting("This campaign does not recruit volunteers.")


async def attribute_sign_ups(session: Session, community_id: UUID, *, now: datetime) -> int:
    """Let new sign-ups count for campaigns, and follow all to their next step; how many are new.

    Done again it changes nothing. Whom two processes attribute at once counts once.
    """
    campaigns = await repository.list_recruiting_campaigns(
        session, ended_after=now - FOLLOWED, community_id=community_id
    )
    if not campaigns:
        return 0
    sources = await repository.load_sources_of(session, community_id)
    new = await repository.list_new_sign_ups(
        session,
        community_id,
        since=min(campaign.starts_at for campaign in campaigns),
        until=now,
    )
    rows = []
    for sign_up in new:
        found = choose_campaign(sign_up, campaigns, sources)
        if found is not None:
            rows.append(_make_row(sign_up, *found, now))
    session.add_all(rows)
    await session.flush()
    for campaign in campaigns:
        await stamp_steps(session, await repository.list_sign_ups(session, campaign.id), now=now)
    await session.flush()
    return len(rows)


def choose_campaign(
    sign_up: SignUpEvent,
    campaigns: Sequence[Campaign],
    sources: dict[str, RecruitingSource],
) -> tuple[Campaign, RecruitingSource | None] | None:
    """For which campaign a sign-up counts; pure."""
    source = sources.get(sign_up.code or "")
    if source is not None:
        for campaign in campaigns:
            within = campaign.starts_at <= sign_up.signed_up_at < campaign.ends_at + LATE
            if campaign.id == source.campaign_id and within:
                return campaign, source
        return None
    there = [
        campaign
        for campaign in campaigns
        if campaign.starts_at <= sign_up.signed_up_at < campaign.ends_at
        and (not campaign.areas or sign_up.area in campaign.areas)
    ]
    if not there:
        return None
    return max(there, key=lambda one: (bool(one.areas), one.starts_at, one.id)), None


def _make_row(
    sign_up: SignUpEvent, campaign: Campaign, source: RecruitingSource | None, now: datetime
) -> RecruitedSignUp:
    by_code = source is not None
    return RecruitedSignUp(
        campaign_id=campaign.id,
        rule=AttributionRule.SOURCE_CODE if by_code else AttributionRule.AREA_WINDOW,
        source_id=None if source is None else source.id,
        person_id=sign_up.person_id,
        volunteer_id=sign_up.volunteer_id,
        signed_up_at=sign_up.signed_up_at,
        recorded_at=now,
    )


async def stamp_steps(session: Session, rows: Sequence[RecruitedSignUp], *, now: datetime) -> None:
    """Note when people reached their next steps; a step once reached stays."""
    waiting = [
        row
        for row in rows
        if row.volunteer_id is not None
        and (row.vetting_passed_at is None or row.first_task_done_at is None)
    ]
    by_community: dict[UUID, list[RecruitedSignUp]] = defaultdict(list)
    for row in waiting:
        campaign = await session.get(Campaign, row.campaign_id)
        assert campaign is not None
        by_community[campaign.community_id].append(row)
    for community_id, some in by_community.items():
        done = await repository.load_first_done(
            session, [row.volunteer_id for row in some if row.volunteer_id is not None]
        )
        passed = await repository.load_first_passed(
            session, community_id, [row.person_id for row in some if row.person_id is not None]
        )
        rules = await read_rules_at(session, community_id, now)
        for row in some:
            if row.vetting_passed_at is None and row.person_id is not None:
                checks = passed.get(row.person_id, {})
                row.vetting_passed_at = find_passed_at(rules, checks, row.signed_up_at)
            if row.first_task_done_at is None and row.volunteer_id is not None:
                row.first_task_done_at = done.get(row.volunteer_id)


def find_passed_at(
    rules: Rules, checks: dict[str, datetime], signed_up_at: datetime
) -> datetime | None:
    """When somebody had passed all that one kind of help asks for; pure.

    Where the programme asks for nothing, that is at once.
    """
    asked = [codes for codes in rules.required_vetting.values() if codes]
    if not asked:
        return signed_up_at
    moments = [
        max(checks[code] for code in codes)
        for codes in asked
        if all(code in checks for code in codes)
    ]
    return max(min(moments), signed_up_at) if moments else None


@dataclass(frozen=True)
class Step:
    """One step of the funnel, as a share of those who signed up."""

    step: FunnelStep
    share: Share | None
    """None while nobody signed up."""
    count: int


@dataclass(frozen=True)
class Funnel:
    """How far people came.

    Parameters
    ----------
    by_code_count, by_area_count
        Sign-ups by each rule.
    cost_cents
        What the campaign cost so far; None is not told.
    cost_per_first_task_cents
        None without a cost, or without anybody who has done a first task.
    """

    steps: tuple[Step, ...]
    by_code_count: int
    by_area_count: int
    by_source: tuple[tuple[RecruitingSource, int], ...]
    cost_cents: int | None
    cost_per_first_task_cents: int | None


async def read_funnel(session: Session, actor: Actor, campaign_id: UUID) -> Funnel:
    """How many signed up, passed their checks and did a first task.

    Counted at least once an hour while the campaign runs.
    """
    campaign = await programmes.get_campaign(session, actor, campaign_id)
    refuse_others(campaign)
    rows = await repository.list_sign_ups(session, campaign_id)
    sources = await repository.list_sources(session, campaign_id)
    return make_funnel(rows, sources, campaign.cost_cents)


async def count_now(session: Session, actor: Actor, campaign_id: UUID, *, now: datetime) -> Funnel:
    """Count sign-ups up to this moment, for those who work on the campaign."""
    campaign = await lock_for_work(session, actor, campaign_id)
    refuse_others(campaign)
    await attribute_sign_ups(session, campaign.community_id, now=now)
    return await read_funnel(session, actor, campaign_id)


def make_funnel(
    rows: Sequence[RecruitedSignUp], sources: Sequence[RecruitingSource], cost_cents: int | None
) -> Funnel:
    """The funnel of some sign-ups; pure."""
    total = len(rows)
    vetted = sum(row.vetting_passed_at is not None for row in rows)
    helped = sum(row.first_task_done_at is not None for row in rows)
    counts = (
        (FunnelStep.SIGNED_UP, total),
        (FunnelStep.VETTING_PASSED, vetted),
        (FunnelStep.FIRST_TASK_DONE, helped),
    )
    return Funnel(
        steps=tuple(
            Step(step, find_share(count, total) if total else None, count) for step, count in counts
        ),
        by_code_count=sum(row.rule is AttributionRule.SOURCE_CODE for row in rows),
        by_area_count=sum(row.rule is AttributionRule.AREA_WINDOW for row in rows),
        by_source=tuple(
            (source, sum(row.source_id == source.id for row in rows)) for source in sources
        ),
        cost_cents=cost_cents,
        cost_per_first_task_cents=(
            round(cost_cents / helped) if cost_cents is not None and helped else None
        ),
    )
