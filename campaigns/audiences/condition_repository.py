"""The conditions of segments as SQL: one expression for each, true or false and never unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, false, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from campaigns.audiences.definitions import (
    All,
    Any_,
    Condition,
    HasRole,
    InArea,
    InCampaign,
    InGroup,
    InHousehold,
    InShape,
    Interested,
    Leaf,
    Not,
    Speaks,
    TookPart,
)
from campaigns.audiences.kinds import HouseholdFact, TookPartIn
from campaigns.events.kinds import Attendance
from campaigns.events.models import EventOccurrence, EventRegistration
from campaigns.groups.kinds import MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.programmes.models import Campaign, CampaignMember
from people.interests.models import HouseholdFacts, PersonInterest
from people.models import Household, Membership, Person, Preferences


@dataclass(frozen=True)
class Place:
    """Where and when conditions are looked at."""

    community_id: UUID
    now: datetime
    cells: Mapping[int, tuple[int, ...]]
    """The cells inside a shape, by the ``id`` of its condition."""


def build_condition(condition: Condition | None, place: Place) -> ColumnElement[bool]:
    """Whether a person is described. Needs `Person`, `Household` and `Preferences` joined."""
    if condition is None:
        return true()
    if isinstance(condition, All):
        return and_(true(), *(build_condition(part, place) for part in condition.of))
    if isinstance(condition, Any_):
        return or_(false(), *(build_condition(part, place) for part in condition.of))
    if isinstance(condition, Not):
        return not_(build_condition(condition.of, place))
    return build_leaf(condition, place)


def build_leaf(leaf: Leaf, place: Place) -> ColumnElement[bool]:
    """One condition. What is not known of a person does not hold."""
    if isinstance(leaf, InArea):
        return _known(Household.area.in_(leaf.names))
    if isinstance(leaf, InShape):
        return _known(Household.cell.in_(place.cells[id(leaf)]))
    if isinstance(leaf, Interested):
        topics = select(PersonInterest.person_id).where(
            PersonInterest.community_id == place.community_id, PersonInterest.topic.in_(leaf.topics)
        )
        return Person.id.in_(topics)
    if isinstance(leaf, Speaks):
        return _speaks(leaf)
    if isinstance(leaf, InHousehold):
        return _lives_with(leaf)
    if isinstance(leaf, HasRole):
        roles = select(Membership.person_id).where(
            Membership.community_id == place.community_id,
            Membership.role == leaf.role,
            Membership.ended_at.is_(None),
        )
        return Person.id.in_(roles)
    if isinstance(leaf, InGroup):
        return _in_group(leaf, place)
    if isinstance(leaf, InCampaign):
        joined = (
            select(CampaignMember.person_id)
            .join(Campaign, Campaign.id == CampaignMember.campaign_id)
            .where(
                Campaign.community_id == place.community_id,
                Campaign.id == leaf.campaign_id,
                CampaignMember.left_at.is_(None),
            )
        )
        return Person.id.in_(joined)
    return _took_part(leaf, place)


def _known(expression: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(expression, false())


def _speaks(leaf: Speaks) -> ColumnElement[bool]:
    words: ColumnElement[Any] = cast(Preferences.languages, Text)
    choices = [
        words.like(f'%"{language}{end}%') for language in leaf.languages for end in ('"', "-")
    ]
    return _known(or_(*choices))


def _lives_with(leaf: InHousehold) -> ColumnElement[bool]:
    """Declared by somebody who lives there still."""
    column = (
        HouseholdFacts.has_seniors
        if leaf.fact is HouseholdFact.SENIORS
        else HouseholdFacts.has_children
    )
    teller = aliased(Person)
    homes = (
        select(HouseholdFacts.household_id)
        .join(teller, teller.id == HouseholdFacts.declared_by)
        .where(
            column.is_(True),
            teller.household_id == HouseholdFacts.household_id,
            teller.erased_at.is_(None),
        )
    )
    return _known(Person.household_id.in_(homes))


def _in_group(leaf: InGroup, place: Place) -> ColumnElement[bool]:
    members = (
        select(GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(
            Group.community_id == place.community_id,
            Group.id == leaf.group_id,
            GroupMember.status == MemberStatus.MEMBER,
        )
    )
    homes = members.with_only_columns(GroupMember.household_id).where(
        GroupMember.household_id.is_not(None)
    )
    people = members.where(GroupMember.person_id.is_not(None))
    return or_(Person.id.in_(people), _known(Person.household_id.in_(homes)))


def _took_part(leaf: TookPart, place: Place) -> ColumnElement[bool]:
    since = None if leaf.days is None else place.now - timedelta(days=leaf.days)
    if leaf.what is TookPartIn.EVENT:
        came = (
            select(EventRegistration.person_id)
            .join(EventOccurrence, EventOccurrence.id == EventRegistration.occurrence_id)
            .where(
                EventRegistration.community_id == place.community_id,
                EventRegistration.person_id.is_not(None),
                EventRegistration.attendance == Attendance.CAME,
                EventOccurrence.starts_at <= place.now,
            )
        )
        if leaf.subject_id is not None:
            came = came.where(EventOccurrence.event_id == leaf.subject_id)
        if since is not None:
            came = came.where(EventOccurrence.starts_at >= since)
        return Person.id.in_(came)
    stayed = (
        select(CampaignMember.person_id)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(
            Campaign.community_id == place.community_id,
            Campaign.ends_at <= place.now,
            or_(CampaignMember.left_at.is_(None), CampaignMember.left_at >= Campaign.ends_at),
        )
    )
    if leaf.subject_id is not None:
        stayed = stayed.where(Campaign.id == leaf.subject_id)
    if since is not None:
        stayed = stayed.where(Campaign.ends_at >= since)
    return Person.id.in_(stayed)
