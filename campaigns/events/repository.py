"""The queries on events. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from campaigns.events.errors import EventUnknown
from campaigns.events.kinds import (
    EventAudience,
    EventStatus,
)
from campaigns.events.models import (
    CommunityEvent,
    EventOccurrence,
    EventPlace,
    EventRegistration,
)
from campaigns.groups.kinds import GroupRole, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.programmes.models import Campaign, CampaignTeam
from campaigns.programmes.repository import WORKING
from core.db import Session
from people.auth import Actor
from people.kinds import Channel
from people.models import Community, ContactPoint, Membership, Person

MAX_OF_EVENT = 100
MAX_PEOPLE_PAGE = 200


def groups_of(person_id: UUID | None) -> Select[UUID]:
    """The groups that somebody belongs to, alone or with the household."""
    household = select(Person.household_id).where(Person.id == person_id).scalar_subquery()
    return select(GroupMember.group_id).where(
        or_(GroupMember.person_id == person_id, GroupMember.household_id == household),
        GroupMember.status == MemberStatus.MEMBER,
    )


def organized_by(person_id: UUID | None) -> ColumnElement[bool]:
    """Events of the groups and campaigns that somebody organizes."""
    if person_id is None:
        return false()
    groups = select(GroupMember.group_id).where(
        GroupMember.person_id == person_id,
        GroupMember.role == GroupRole.ORGANIZER,
        GroupMember.status == MemberStatus.MEMBER,
    )
    teams = select(CampaignTeam.campaign_id).where(
        CampaignTeam.person_id == person_id, CampaignTeam.role.in_(WORKING)
    )
    return or_(CommunityEvent.group_id.in_(groups), CommunityEvent.campaign_id.in_(teams))


def visible_to(actor: Actor) -> Select[CommunityEvent]:
    """The events that the actor may know of.

    Everybody sees public ones, people of the community also those for it, members those of their
    group. Drafts are for staff and organizers. Whoever signed up keeps seeing the event.
    """
    query = select(CommunityEvent)
    if actor.is_system:
        return query
    shown = CommunityEvent.status != EventStatus.DRAFT
    choices: list[ColumnElement[bool]] = [
        and_(shown, CommunityEvent.audience == EventAudience.PUBLIC)
    ]
    if actor.person_id is not None:
        signed_up = (
            select(EventOccurrence.event_id)
            .join(EventRegistration, EventRegistration.occurrence_id == EventOccurrence.id)
            .where(EventRegistration.person_id == actor.person_id)
        )
        choices += [
            and_(
                shown,
                CommunityEvent.audience == EventAudience.COMMUNITY,
                CommunityEvent.community_id.in_(tuple(sorted(actor.roles))),
            ),
            and_(
                shown,
                CommunityEvent.audience == EventAudience.GROUP,
                CommunityEvent.group_id.in_(groups_of(actor.person_id)),
            ),
            CommunityEvent.community_id.in_(actor.staff_communities()),
            organized_by(actor.person_id),
            and_(shown, CommunityEvent.id.in_(signed_up)),
        ]
    return query.where(or_(*choices))


async def get_event(session: Session, actor: Actor, event_id: UUID) -> CommunityEvent:
    """One event; unknown and hidden answer alike."""
    found: CommunityEvent | None = await session.scalar(
        visible_to(actor).where(CommunityEvent.id == event_id)
    )
    if found is None:
        raise EventUnknown(f"There is no event {event_id}, or it is not for you.")
    return found


async def get_event_of(
    session: Session, actor: Actor, occurrence_id: UUID
) -> tuple[CommunityEvent, EventOccurrence]:
    """A day of an event, with the event; unknown and hidden answer alike."""
    row = await session.get(EventOccurrence, occurrence_id)
    if row is None:
        raise EventUnknown(f"There is no day {occurrence_id} of an event, or it is not for you.")
    return await get_event(session, actor, row.event_id), row


async def read_event(session: Session, event_id: UUID) -> CommunityEvent:
    """An event that a row of ours points to."""
    return await session.get_one(CommunityEvent, event_id)


async def organizes(session: Session, actor: Actor, event: CommunityEvent) -> bool:
    """Whether the actor organizes this event by way of its group or campaign."""
    query = select(CommunityEvent.id).where(
        CommunityEvent.id == event.id, organized_by(actor.person_id)
    )
    return await session.scalar(query) is not None


async def organizes_group(session: Session, actor: Actor, group_id: UUID | None) -> bool:
    """Whether the actor is an organizer of a group."""
    if group_id is None or actor.person_id is None:
        return False
    query = select(GroupMember.id).where(
        GroupMember.group_id == group_id,
        GroupMember.person_id == actor.person_id,
        GroupMember.role == GroupRole.ORGANIZER,
        GroupMember.status == MemberStatus.MEMBER,
    )
    return await session.scalar(query) is not None


async def works_on_campaign(session: Session, actor: Actor, campaign_id: UUID | None) -> bool:
    """Whether the actor is of the team that changes a campaign."""
    if campaign_id is None or actor.person_id is None:
        return False
    query = select(CampaignTeam.person_id).where(
        CampaignTeam.campaign_id == campaign_id,
        CampaignTeam.person_id == actor.person_id,
        CampaignTeam.role.in_(WORKING),
    )
    return await session.scalar(query) is not None


async def belongs_to(session: Session, person_id: UUID, event: CommunityEvent) -> bool:
    """Whether an event is for this person: by community, or by group."""
    member = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.community_id == event.community_id,
        Membership.ended_at.is_(None),
    )
    if await session.scalar(member.limit(1)) is None:
        return False
    if event.audience is not EventAudience.GROUP:
        return True
    mine = groups_of(person_id).where(GroupMember.group_id == event.group_id)
    return await session.scalar(mine.limit(1)) is not None


async def find_group(session: Session, group_id: UUID, community_id: UUID) -> Group | None:
    """A group of a community."""
    found: Group | None = await session.scalar(
        select(Group).where(Group.id == group_id, Group.community_id == community_id)
    )
    return found


async def find_campaign(session: Session, campaign_id: UUID, community_id: UUID) -> Campaign | None:
    """A campaign of a community."""
    found: Campaign | None = await session.scalar(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.community_id == community_id)
    )
    return found


async def find_by_client_key(
    session: Session, community_id: UUID, client_key: str
) -> CommunityEvent | None:
    """The event that a program has added before under this key."""
    found: CommunityEvent | None = await session.scalar(
        select(CommunityEvent).where(
            CommunityEvent.community_id == community_id, CommunityEvent.client_key == client_key
        )
    )
    return found


async def get_community(session: Session, community_id: UUID) -> Community | None:
    """Whose clock holds."""
    return await session.get(Community, community_id)


async def get_place(session: Session, place_id: UUID) -> EventPlace:
    """A place that a row of ours points to."""
    return await session.get_one(EventPlace, place_id)


async def get_occurrence(session: Session, occurrence_id: UUID) -> EventOccurrence:
    """A day that a row of ours points to."""
    return await session.get_one(EventOccurrence, occurrence_id)


async def find_email(session: Session, person_id: UUID) -> str | None:
    """The mail address by which calendars know a person."""
    found: str | None = await session.scalar(
        select(ContactPoint.value)
        .where(ContactPoint.person_id == person_id, ContactPoint.channel == Channel.EMAIL)
        .order_by(ContactPoint.preferred.desc(), ContactPoint.id)
        .limit(1)
    )
    return found


async def list_occurrences(session: Session, event_id: UUID) -> list[EventOccurrence]:
    """All days of an event, in order."""
    query = (
        select(EventOccurrence)
        .where(EventOccurrence.event_id == event_id)
        .order_by(EventOccurrence.starts_at, EventOccurrence.id)
        .limit(MAX_OF_EVENT)
    )
    return list(await session.scalars(query))
