"""The queries that find who did what in a campaign, and who could have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from campaigns.biking.models import Ride
from campaigns.groups.kinds import GroupStatus, Joining
from campaigns.groups.models import Group
from campaigns.programmes.models import CampaignGroup, CampaignMember
from campaigns.recruiting.models import RecruitedSignUp
from campaigns.recycling.kinds import Arm
from campaigns.recycling.models import CampaignRoute, RouteWeight, SetOutCount
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import Pledge
from core.db import Session
from matching.kinds import AssignmentStatus
from matching.models import Assignment, HelpRequest, Volunteer
from people.models import Household, Membership, Person

MAX_ROWS = 200_000
MAX_GROUPS = 200


async def load_member_facts(session: Session, campaign_id: UUID) -> dict[UUID, CampaignMember]:
    """Who takes part now, by person."""
    rows = await session.scalars(
        select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign_id, CampaignMember.left_at.is_(None))
        .limit(MAX_ROWS)
    )
    return {row.person_id: row for row in rows}


async def load_ride_days(
    session: Session, campaign_id: UUID
) -> list[tuple[UUID, date, int, float]]:
    """Person, local day, rides and kilometres of those who take part now."""
    rows = await session.execute(
        select(Ride.person_id, Ride.local_day, func.count(), func.sum(Ride.distance_m))
        .join(
            CampaignMember,
            (CampaignMember.campaign_id == Ride.campaign_id)
            & (CampaignMember.person_id == Ride.person_id),
        )
        .where(Ride.campaign_id == campaign_id, CampaignMember.left_at.is_(None))
        .group_by(Ride.person_id, Ride.local_day)
        .order_by(Ride.local_day, Ride.person_id)
        .limit(MAX_ROWS)
    )
    return [(row[0], row[1], int(row[2]), float(row[3]) / 1_000) for row in rows]


async def load_kept_pledges(session: Session, campaign_id: UUID) -> list[tuple[UUID, datetime]]:
    """Person and moment of each promise that was kept, wholly or in part."""
    rows = await session.execute(
        select(Pledge.person_id, Pledge.settled_at)
        .where(
            Pledge.campaign_id == campaign_id,
            Pledge.status.in_((PledgeStatus.KEPT, PledgeStatus.PARTLY)),
            Pledge.settled_at.is_not(None),
        )
        .order_by(Pledge.settled_at, Pledge.id)
        .limit(MAX_ROWS)
    )
    return [(row.person_id, row.settled_at) for row in rows]


async def load_sign_ups(session: Session, campaign_id: UUID) -> list[RecruitedSignUp]:
    """Who signed up for a campaign."""
    rows = await session.scalars(
        select(RecruitedSignUp)
        .where(RecruitedSignUp.campaign_id == campaign_id)
        .order_by(RecruitedSignUp.signed_up_at)
        .limit(MAX_ROWS)
    )
    return list(rows)


async def load_set_outs(session: Session, campaign_id: UUID) -> list[tuple[date, float]]:
    """Monday and carts set out, on the routes where the campaign works."""
    rows = await session.execute(
        select(SetOutCount.week, func.sum(SetOutCount.set_out_count))
        .join(CampaignRoute, CampaignRoute.route_id == SetOutCount.route_id)
        .where(CampaignRoute.campaign_id == campaign_id, CampaignRoute.arm == Arm.TREATED)
        .group_by(SetOutCount.week)
        .order_by(SetOutCount.week)
        .limit(MAX_ROWS)
    )
    return [(row[0], float(row[1])) for row in rows]


async def load_weights(
    session: Session, campaign_id: UUID, stream: str
) -> list[tuple[date, float]]:
    """Day and kilograms of a stream, on the routes where the campaign works."""
    rows = await session.execute(
        select(RouteWeight.day, func.sum(RouteWeight.weight_kg))
        .join(CampaignRoute, CampaignRoute.route_id == RouteWeight.route_id)
        .where(
            CampaignRoute.campaign_id == campaign_id,
            CampaignRoute.arm == Arm.TREATED,
            RouteWeight.stream == stream,
        )
        .group_by(RouteWeight.day)
        .order_by(RouteWeight.day)
        .limit(MAX_ROWS)
    )
    return [(row[0], float(row[1])) for row in rows]


async def list_board_groups(session: Session, community_id: UUID, campaign_id: UUID) -> list[Group]:
    """The groups on a campaign's board: those that it is for, or all; only what all may know of."""
    chosen = (
        await session.scalars(
            select(CampaignGroup.group_id).where(
                CampaignGroup.campaign_id == campaign_id, CampaignGroup.is_comparison.is_(False)
            )
        )
    ).all()
    query = select(Group).where(
        Group.community_id == community_id,
        Group.status == GroupStatus.ACTIVE,
        Group.joining == Joining.OPEN,
    )
    if chosen:
        query = query.where(Group.id.in_(chosen))
    return list(await session.scalars(query.order_by(Group.id).limit(MAX_GROUPS)))


async def load_people_by_area(
    session: Session, community_id: UUID, areas: Collection[str]
) -> dict[str, set[UUID]]:
    """The people of a community by the neighbourhood of their home; no areas means all."""
    query = (
        select(Household.area, Person.id)
        .join(Household, Household.id == Person.household_id)
        .where(
            Household.community_id == community_id,
            Household.area.is_not(None),
            Person.erased_at.is_(None),
            Person.id.in_(
                select(Membership.person_id).where(
                    Membership.community_id == community_id, Membership.ended_at.is_(None)
                )
            ),
        )
        .limit(MAX_ROWS)
    )
    if areas:
        query = query.where(Household.area.in_(areas))
    found: dict[str, set[UUID]] = defaultdict(set)
    for area, person_id in await session.execute(query):
        if area is not None:
            found[area].add(person_id)
    return dict(found)


async def load_storm_visits(session: Session, community_id: UUID) -> list[tuple[UUID, datetime]]:
    """Person and moment of each visit done in a storm."""
    rows = await session.execute(
        select(Volunteer.person_id, Assignment.ended_at)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(
            Assignment.community_id == community_id,
            Assignment.status == AssignmentStatus.DONE,
            Assignment.ended_at.is_not(None),
            HelpRequest.storm_id.is_not(None),
        )
        .order_by(Assignment.ended_at, Assignment.id)
        .limit(MAX_ROWS)
    )
    return [(row.person_id, row.ended_at) for row in rows]
