"""What suggestions of groups go by: stated interests, the shown cell of the home, languages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from campaigns.groups import repository
from campaigns.groups.kinds import GroupStatus, Joining
from campaigns.groups.models import Group, GroupMember
from core.db import Session
from people.auth import Actor
from people.interests.models import Interest, PersonInterest
from people.models import Household, Person, Preferences

MAX_WEIGHED = 500


@dataclass(frozen=True)
class Facts:
    """What a person said, and the cell that may be shown of the home."""

    interests: dict[str, str]
    """Labels by code."""
    cell: int | None
    languages: frozenset[str]


async def load_facts(session: Session, person_id: UUID, community_id: UUID, language: str) -> Facts:
    """What a person said about themselves in a community."""
    stated = await session.execute(
        select(PersonInterest.topic, Interest.label, Interest.label_es)
        .join(
            Interest,
            (Interest.code == PersonInterest.topic)
            & (Interest.community_id == PersonInterest.community_id),
            isouter=True,
        )
        .where(PersonInterest.person_id == person_id, PersonInterest.community_id == community_id)
        .order_by(PersonInterest.topic)
    )
    cell = await session.scalar(
        select(Household.cell)
        .join(Person, Person.household_id == Household.id)
        .where(Person.id == person_id, Household.community_id == community_id)
    )
    languages = await session.scalar(
        select(Preferences.languages).where(Preferences.person_id == person_id)
    )
    return Facts(
        interests={
            topic: (spanish if language == "es" else None) or label or topic
            for topic, label, spanish in stated
        },
        cell=cell,
        languages=frozenset(languages or ()),
    )


async def list_joinable(
    session: Session, actor: Actor, community_id: UUID, topics: Collection[str]
) -> list[Group]:
    """Groups of these topics that take new members and that the person was never in."""
    person_id = actor.person_id
    homes = select(Person.household_id).where(Person.id == person_id)
    known = select(GroupMember.group_id).where(
        (GroupMember.person_id == person_id) | GroupMember.household_id.in_(homes)
    )
    query = (
        repository.visible_to(actor)
        .where(
            Group.community_id == community_id,
            Group.topic.in_(topics),
            Group.status == GroupStatus.ACTIVE,
            Group.joining != Joining.BY_INVITATION,
            Group.id.not_in(known),
        )
        .order_by(Group.id.desc())
        .limit(MAX_WEIGHED)
    )
    return list(await session.scalars(query))
