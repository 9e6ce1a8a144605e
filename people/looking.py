"""Staff look people up, and each time it is written down who was found and whose contacts were
opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import Event, record_event
from core.pagination import Page, PageArgs, read_page
from people import directory_repository as directory
from people import looking_repository, policy
from people.auth import Actor
from people.directory_repository import PeopleFilter
from people.errors import PersonUnknown
from people.models import ContactPoint, Person


async def search_people(
    session: Session,
    actor: Actor,
    community_id: UUID,
    wanted: PeopleFilter,
    page: PageArgs,
    *,
    now: datetime,
) -> Page[Person]:
    """One page of the people of a community. Records ``person.found`` for each of them."""
    if not policy.can_list_people(actor, community_id):
        raise NotPermitted("Only staff of the community may look through its people.")
    found = await read_page(session, directory.list_people_of(actor, community_id, wanted), page)
    for person in found.items:
        _record(
            session,
            actor,
            "person.found",
            person_id=person.id,
            community_id=community_id,
            now=now,
            reason="searched",
        )
    return found


async def open_file(
    session: Session, actor: Actor, community_id: UUID, person_id: UUID, *, now: datetime
) -> Person:
    """Open what is kept about somebody. Records ``person.opened``."""
    person = await find_person(session, actor, community_id, person_id)
    _record(
        session, actor, "person.opened", person_id=person_id, community_id=community_id, now=now
    )
    return person


async def open_contacts(
    session: Session, actor: Actor, community_id: UUID, person_id: UUID, *, now: datetime
) -> Sequence[ContactPoint]:
    """Show staff how a person is reached. Records ``contact.released``."""
    await find_person(session, actor, community_id, person_id)
    found = (await directory.load_contacts_of(session, actor, [person_id])).get(person_id, [])
    _record(
        session,
        actor,
        "contact.released",
        person_id=person_id,
        community_id=community_id,
        now=now,
        reason="asked",
    )
    return found


async def find_person(
    session: Session, actor: Actor, community_id: UUID, person_id: UUID
) -> Person:
    """Somebody of a community, for its staff.

    Raises
    ------
    PersonUnknown
        When there is no such person in it, or not for this actor.
    """
    person = (await directory.load_people(session, actor, [person_id])).get(person_id)
    belongs = person is not None and any(
        row.community_id == community_id for row in person.memberships
    )
    if person is None or not belongs or not policy.can_list_people(actor, community_id):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    return person


async def list_looks(session: Session, actor: Actor, person: Person) -> list[Event]:
    """Who saw what of a person, the newest first; for staff."""
    return await looking_repository.list_looks(session, actor, person)


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    person_id: UUID,
    community_id: UUID,
    now: datetime,
    reason: str | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
        reason=reason,
    )
