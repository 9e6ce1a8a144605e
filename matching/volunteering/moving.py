"""Where a volunteer starts from: another home, another second place, or none."""

from __future__ import annotations

from datetime import datetime

from core.db import Session
from matching.imports.records import Place
from matching.models import Volunteer
from matching.volunteering import profile, repository
from people import vetting
from people.kinds import PlaceKind
from people.models import Person


async def move_home(
    session: Session,
    volunteer: Volunteer,
    place: Place,
    *,
    now: datetime,
    moves_person: bool = True,
) -> None:
    """Let a volunteer start from another home. The address that they left is not kept.

    A move ends the checks that hold for one address only; to the same home it changes nothing.
    The person moves along, unless it is a stranger's word alone that they do.
    """
    before = volunteer.home_id
    home = await profile.find_or_add_home(session, volunteer.community_id, before, place, now=now)
    if home.id == before:
        return
    volunteer.home_id = home.id
    person = await session.get(Person, volunteer.person_id) if moves_person else None
    if person is not None and person.household_id == before:
        person.household_id = home.id
    await session.flush()
    await repository.forget_left_address(session, before)
    await vetting.lapse_after_move(session, volunteer.person_id, volunteer.community_id, now=now)


async def change_second_place(
    session: Session, volunteer: Volunteer, place: Place | None, *, now: datetime
) -> None:
    """Let a volunteer start from a second place too, or, with None, from home alone."""
    before = volunteer.second_anchor_id
    if place is None:
        volunteer.second_anchor_id = None
    else:
        second = await profile.find_or_add_home(
            session, volunteer.community_id, before, place, now=now, kind=PlaceKind.WORK
        )
        volunteer.second_anchor_id = second.id
    if before is not None and before != volunteer.second_anchor_id:
        await session.flush()
        await repository.forget_left_address(session, before)
