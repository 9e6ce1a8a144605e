"""People say what they care about and who lives in their home, and take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.errors import PersonUnknown
from people.interests import policy, repository
from people.interests.errors import FactsNeedConsent, InterestUnknown, WithoutHousehold
from people.interests.models import HouseholdFacts
from people.kinds import Channel, Purpose
from people.models import Consent
from people.repository import find_consent

MAX_STATED = 30


@dataclass(frozen=True)
class StateInterests:
    """All that a person cares about in a community; what is left out counts no more."""

    person_id: UUID
    community_id: UUID
    topics: tuple[str, ...]


@dataclass(frozen=True)
class DeclareHousehold:
    """Who lives in the person's home; None is not said. Nothing said removes the facts."""

    person_id: UUID
    community_id: UUID
    has_seniors: bool | None
    has_children: bool | None


async def state_interests(
    session: Session, actor: Actor, command: StateInterests, *, now: datetime
) -> list[str]:
    """Write down what a person cares about; the codes that stand now.

    Records ``interests.stated``, with how many and not which.
    """
    if not policy.can_state_interests(actor, command.person_id, command.community_id):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    if not await repository.is_member(session, command.person_id, command.community_id):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    if len(set(command.topics)) > MAX_STATED:
        raise InterestUnknown(f"Choose at most {MAX_STATED} topics.")
    kept = set(await repository.list_topics(session, command.person_id, command.community_id))
    offered = {row.code for row in await repository.list_catalogue(session, command.community_id)}
    if not set(command.topics) <= offered | kept:
        raise InterestUnknown("Choose among the topics that the community offers.")
    await repository.replace_topics(
        session, command.person_id, command.community_id, command.topics, now
    )
    record_event(
        session,
        "interests.stated",
        subject_type="person",
        subject_id=command.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        topic_count=len(set(command.topics)),
    )
    return sorted(set(command.topics))


async def declare_household(
    session: Session, actor: Actor, command: DeclareHousehold, *, now: datetime
) -> HouseholdFacts | None:
    """Keep who lives in a home, under the person's consent to campaigns; None once removed.

    The facts go when that consent is withdrawn on every channel. Records ``household.declared``,
    without what was declared.

    Raises
    ------
    FactsNeedConsent
        When the person has not agreed to hear of campaigns.
    WithoutHousehold
        When the person has no home in the community.
    """
    if not policy.can_declare_household(actor, command.person_id):
        raise NotPermitted("Who lives in a home is said by somebody who lives there.")
    home_id = await repository.find_home(session, command.person_id, command.community_id)
    if home_id is None:
        raise WithoutHousehold("Give the address of your home first.")
    facts = await repository.lock_facts(session, home_id)
    if command.has_seniors is None and command.has_children is None:
        if facts is not None:
            await session.delete(facts)
        facts = None
    else:
        consent = await find_any_consent(session, command.person_id, command.community_id)
        if consent is None:
            raise FactsNeedConsent("Agree first to hear of campaigns; then this can be kept.")
        if facts is None:
            facts = HouseholdFacts(household_id=home_id)
            session.add(facts)
        facts.has_seniors = command.has_seniors
        facts.has_children = command.has_children
        facts.declared_at = now
        facts.declared_by = command.person_id
        facts.consent_id = consent.id
    await session.flush()
    record_event(
        session,
        "household.declared",
        subject_type="household",
        subject_id=home_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
    )
    return facts


async def list_stated(
    session: Session, actor: Actor, person_id: UUID, community_id: UUID
) -> list[str]:
    """The codes of what a person cares about: for the person and staff of the community."""
    if not policy.can_state_interests(actor, person_id, community_id) or not (
        await repository.is_member(session, person_id, community_id)
    ):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    return await repository.list_topics(session, person_id, community_id)


async def find_own_facts(
    session: Session, actor: Actor, community_id: UUID
) -> HouseholdFacts | None:
    """What is kept of the actor's own home; None when nothing is."""
    if actor.person_id is None:
        return None
    home_id = await repository.find_home(session, actor.person_id, community_id)
    return None if home_id is None else await repository.find_facts(session, home_id)


async def find_any_consent(session: Session, person_id: UUID, community_id: UUID) -> Consent | None:
    """The consent to campaigns that holds on any channel."""
    for channel in Channel:
        found = await find_consent(
            session, person_id, Purpose.CAMPAIGNS, channel, community_id=community_id
        )
        if found is not None:
            return found
    return None
