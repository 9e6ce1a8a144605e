"""Campaigns, groups and rides for tests of pledges, boards and badges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.models import Ride
from campaigns.groups.kinds import Joining, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.standings.models import PledgeTemplate
from core.db import Session
from core.ids import new_code, new_id
from people.models import Community, Person

STARTS_AT = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
"""Midnight of a Monday in Cambridge, Massachusetts."""
ENDS_AT = STARTS_AT + timedelta(days=56, seconds=-1)


async def add_campaign(
    session: Session,
    community: Community,
    *,
    slug: str = "winter-wheels",
    kind: CampaignKind = CampaignKind.BIKING,
    status: CampaignStatus = CampaignStatus.RUNNING,
    goal_value: float | None = 1_000,
    goal_unit: GoalUnit | None = GoalUnit.RIDES,
    **others: Any,
) -> Campaign:
    values: dict[str, Any] = {
        "title": "Winter wheels",
        "summary": "",
        "starts_at": STARTS_AT,
        "ends_at": ENDS_AT,
        "areas": [],
        "comparison_areas": [],
        "languages": ["en"],
        "settings": {},
        "created_at": STARTS_AT,
        "updated_at": STARTS_AT,
    } | others
    campaign = Campaign(
        id=new_id(),
        community_id=community.id,
        slug=slug,
        kind=kind,
        status=status,
        goal_value=goal_value,
        goal_unit=goal_unit,
        **values,
    )
    session.add(campaign)
    await session.flush()
    return campaign


async def join(
    session: Session,
    campaign: Campaign,
    person: Person,
    *,
    invited_by: UUID | None = None,
    took_part_before: bool | None = None,
) -> CampaignMember:
    member = CampaignMember(
        campaign_id=campaign.id,
        person_id=person.id,
        joined_at=campaign.starts_at,
        invite_code=new_code(10),
        invited_by=invited_by,
        took_part_before=took_part_before,
    )
    session.add(member)
    await session.flush()
    return member


async def ride(
    session: Session,
    campaign: Campaign,
    person: Person,
    days: Iterable[date],
    *,
    distance_m: int = 4_000,
) -> list[Ride]:
    rides = []
    for day in days:
        started_at = datetime.combine(day, time(13), UTC)
        rides.append(
            Ride(
                campaign_id=campaign.id,
                community_id=campaign.community_id,
                person_id=person.id,
                source=RideSource.FORM,
                purpose=RidePurpose.TRANSPORT,
                started_at=started_at,
                local_day=day,
                duration_s=1_200,
                distance_m=distance_m,
                content_key=hashlib.sha256(f"{day}{new_id()}".encode()).hexdigest(),
                created_at=started_at,
                updated_at=started_at,
            )
        )
    session.add_all(rides)
    await session.flush()
    return rides


async def add_group(
    session: Session,
    community: Community,
    slug: str,
    people: Iterable[Person],
    *,
    joining: Joining = Joining.OPEN,
) -> Group:
    group = Group(
        id=new_id(),
        community_id=community.id,
        slug=slug,
        name=slug.replace("-", " ").title(),
        summary="",
        topic="cycling",
        languages=["en"],
        joining=joining,
        created_at=STARTS_AT,
    )
    session.add(group)
    await session.flush()
    session.add_all(
        GroupMember(
            group_id=group.id, person_id=one.id, status=MemberStatus.MEMBER, joined_at=STARTS_AT
        )
        for one in people
    )
    await session.flush()
    return group


async def add_template(
    session: Session, campaign: Campaign, code: str = "bike_to_work", *, max_amount: float = 50
) -> PledgeTemplate:
    row = PledgeTemplate(
        id=new_id(),
        campaign_id=campaign.id,
        code=code,
        labels={"en": "Bike to work", "es": "Ir al trabajo en bicicleta"},
        unit="rides",
        suggested_amount=10,
        max_amount=max_amount,
        created_at=STARTS_AT,
    )
    session.add(row)
    await session.flush()
    return row


def every_day(first: date, count: int, *, step: int = 1) -> list[date]:
    """So many days."""
    return [first + timedelta(days=number * step) for number in range(count)]
