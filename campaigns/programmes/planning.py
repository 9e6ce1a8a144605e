"""Planning a campaign: what it is, for whom, and what may still change once it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.programmes import policy, repository
from campaigns.programmes.checks import check_areas, check_campaign, check_moment
from campaigns.programmes.errors import (
    CampaignChanged,
    CampaignClosed,
    CampaignUnknown,
    InvalidCampaign,
    InvalidCampaignDates,
    SlugTaken,
)
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import Campaign, CampaignGroup, CampaignTeam
from campaigns.programmes.schedule import schedule_follow
from campaigns.programmes.transitions import SUBJECT
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.errors import CommunityUnknown
from people.models import Community

ALWAYS = frozenset({"title", "summary", "budget_note", "cost_cents", "languages"})
CHANGEABLE: dict[CampaignStatus, frozenset[str]] = {
    CampaignStatus.DRAFT: ALWAYS
    | {
        "slug",
        "goal_value",
        "goal_unit",
        "baseline_value",
        "starts_at",
        "ends_at",
        "areas",
        "comparison_areas",
    },
    CampaignStatus.SCHEDULED: ALWAYS
    | {
        "goal_value",
        "goal_unit",
        "baseline_value",
        "starts_at",
        "ends_at",
        "areas",
        "comparison_areas",
    },
    # What a campaign is measured by stands once it has begun.
    CampaignStatus.RUNNING: ALWAYS | {"ends_at"},
    CampaignStatus.FINISHED: frozenset({"budget_note", "cost_cents", "summary"}),
    CampaignStatus.ARCHIVED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class PlanCampaign:
    """A new campaign, as a draft."""

    community_id: UUID
    slug: str
    kind: CampaignKind
    title: str
    starts_at: datetime
    ends_at: datetime
    summary: str = ""
    goal_value: float | None = None
    goal_unit: GoalUnit | None = None
    baseline_value: float | None = None
    areas: Sequence[str] = ()
    comparison_areas: Sequence[str] = ()
    languages: Sequence[str] = ()
    budget_note: str | None = None
    cost_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeCampaign:
    """Fields by name with what they shall hold."""

    campaign_id: UUID
    changes: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    """Of the campaign as the caller saw it; a later one is not overwritten."""


@dataclass(frozen=True, kw_only=True)
class SetGroups:
    """The groups that a campaign is for, and those it is compared with."""

    campaign_id: UUID
    group_ids: Sequence[UUID] = ()
    comparison_group_ids: Sequence[UUID] = ()


async def plan_campaign(
    session: Session, actor: Actor, command: PlanCampaign, *, now: datetime
) -> Campaign:
    """Write down a new campaign; whoever does owns it. Records ``campaign.planned``."""
    if not policy.can_create_campaign(actor, command.community_id):
        raise NotPermitted("Only a manager of the community plans its campaigns.")
    community = await _get_community(session, command.community_id)
    row = Campaign(
        community_id=command.community_id,
        slug=command.slug.strip().lower(),
        kind=command.kind,
        status=CampaignStatus.DRAFT,
        title=command.title.strip(),
        summary=command.summary.strip(),
        goal_value=command.goal_value,
        goal_unit=command.goal_unit,
        baseline_value=command.baseline_value,
        starts_at=check_moment("The beginning", command.starts_at),
        ends_at=check_moment("The end", command.ends_at),
        areas=list(dict.fromkeys(command.areas)),
        comparison_areas=list(dict.fromkeys(command.comparison_areas)),
        languages=list(dict.fromkeys(command.languages)),
        budget_note=command.budget_note,
        cost_cents=command.cost_cents,
        settings={},
        created_by=actor.person_id,
        created_at=now,
        updated_at=now,
    )
    check_campaign(row)
    await check_areas(community, row.areas, row.comparison_areas)
    if await repository.is_slug_taken(session, row.community_id, row.slug):
        raise SlugTaken(f"A campaign of this community is called {row.slug!r}: take another name.")
    await _insert(session, row)
    if actor.person_id is not None:
        session.add(
            CampaignTeam(
                campaign_id=row.id, person_id=actor.person_id, role=TeamRole.OWNER, added_at=now
            )
        )
        await session.flush()
    _record(session, actor, row, "campaign.planned", now, what=row.kind.value)
    return row


async def change_campaign(
    session: Session, actor: Actor, command: ChangeCampaign, *, now: datetime
) -> Campaign:
    """Change what may still change in the campaign's state. Records ``campaign.changed``."""
    row = await lock_for_work(session, actor, command.campaign_id)
    if command.version is not None and command.version != row.version:
        raise CampaignChanged(
            f"The campaign is at version {row.version}, not {command.version}: look again first."
        )
    allowed = CHANGEABLE[row.status]
    for name, value in command.changes.items():
        if name not in CHANGEABLE[CampaignStatus.DRAFT]:
            raise InvalidCampaign(f"A campaign has no {name!r} that could be changed.")
        if name not in allowed and getattr(row, name) != value:
            raise CampaignClosed(
                f"The campaign is {row.status.value}: its {name} stands. What may change now: "
                f"{', '.join(sorted(allowed)) or 'nothing'}."
            )
        setattr(row, name, _tidy(name, value))
    row.updated_at = now
    with session.no_autoflush:
        check_campaign(row)
        if row.status is CampaignStatus.RUNNING and row.ends_at <= now:
            raise InvalidCampaignDates("To end the campaign now, finish it.")
        if row.status is CampaignStatus.SCHEDULED:
            check_ready(row, now=now)
        community = await _get_community(session, row.community_id)
        if row.status in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED):
            await check_areas(community, row.areas, row.comparison_areas)
        if command.changes.get("slug") is not None:
            await _check_slug(session, row)
    await session.flush()
    if row.status in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        await schedule_follow(session, row, now=now)
    _record(session, actor, row, "campaign.changed", now, changed_count=len(command.changes))
    return row


async def set_groups(
    session: Session, actor: Actor, command: SetGroups, *, now: datetime
) -> Campaign:
    """Let a campaign be for these groups and no others. Records ``campaign.groups_set``."""
    row = await lock_for_work(session, actor, command.campaign_id)
    if row.status not in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        raise CampaignClosed(f"The campaign is {row.status.value}: its groups stand.")
    own, others = set(command.group_ids), set(command.comparison_group_ids)
    if own & others:
        raise InvalidCampaign("A group cannot take part and be compared with at once.")
    if len(own | others) > repository.MAX_GROUPS:
        raise InvalidCampaign(f"Name at most {repository.MAX_GROUPS} groups.")
    usable = await repository.list_usable_group_ids(session, row.community_id, own | others)
    if own | others != usable:
        raise InvalidCampaign(
            "A campaign takes groups of its own community that are active; "
            f"{len((own | others) - usable)} of those named are not."
        )
    rows = [
        CampaignGroup(
            campaign_id=row.id, group_id=group_id, is_comparison=group_id in others, added_at=now
        )
        for group_id in sorted(own | others)
    ]
    await repository.replace_groups(session, row.id, rows)
    _record(session, actor, row, "campaign.groups_set", now, group_count=len(rows))
    return row


async def lock_for_work(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    """The campaign, held, for somebody who may change it.

    Raises
    ------
    CampaignUnknown
        When there is none, or the actor may not know of it.
    NotPermitted
        When the actor only may look at it.
    """
    seen = await repository.get_campaign(session, actor, campaign_id)
    team_ids = await repository.list_working_ids(session, campaign_id)
    if not policy.can_manage_campaign(actor, seen, team_ids):
        raise NotPermitted("Only managers, and owners and editors of the campaign, change it.")
    row = await repository.lock_campaign(session, campaign_id)
    if row is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}, or it is not for you.")
    return row


def check_ready(row: Campaign, *, now: datetime) -> None:
    """Refuse to schedule what has no goal, or is over already.

    Raises
    ------
    InvalidCampaign, InvalidCampaignDates
        Saying what is missing.
    """
    if row.goal_value is None:
        raise InvalidCampaign("Give the campaign a goal before it is scheduled.")
    if row.ends_at <= now:
        raise InvalidCampaignDates("The campaign would be over already: move its end.")


async def _insert(session: Session, row: Campaign) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise SlugTaken(
            f"Somebody just named a campaign {row.slug!r}: take another name."
        ) from None


async def _check_slug(session: Session, row: Campaign) -> None:
    found = await repository.find_campaign(session, Actor.system(), row.community_id, row.slug)
    if found is not None and found.id != row.id:
        raise SlugTaken(f"A campaign of this community is called {row.slug!r}: take another name.")


async def _get_community(session: Session, community_id: UUID) -> Community:
    found: Community | None = await session.get(Community, community_id)
    if found is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    return found


def _tidy(name: str, value: Any) -> Any:
    if name in ("areas", "comparison_areas", "languages"):
        return list(dict.fromkeys(value or ()))
    if name in ("starts_at", "ends_at"):
        return check_moment("A moment of the campaign", value)
    if name in ("title", "summary", "slug"):
        text = str(value or "").strip()
        return text.lower() if name == "slug" else text
    return value


def _record(
    session: Session, actor: Actor, row: Campaign, kind: str, now: datetime, **data: Any
) -> None:
    record_event(
        session,
        kind,
        subject_type=SUBJECT,
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        **data,
    )
