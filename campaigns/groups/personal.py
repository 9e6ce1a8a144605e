"""What groups do when a person is erased, or takes along what is kept about them.

The text of their posts is removed; the places where it stood and the replies of others stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.groups import personal_repository as repository
from campaigns.groups.models import GroupMember
from core.db import Session
from core.events import record_event
from matching.personal.erasure_repository import load_marks

TABLES = frozenset({"affinity_group", "group_member", "group_post", "group_report"})
REASON = "person_erased"


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Take a person out of all groups and remove what they wrote.

    A group that loses its last organizer goes on, and staff may give it another one. Records
    ``group.without_organizer``.
    """
    groups = await repository.list_live_groups(session, person_id)
    marks = await load_marks(session, person_id)
    await repository.empty_posts(session, person_id)
    await repository.hide_marks(session, person_id, marks)
    await repository.end_memberships(session, GroupMember.person_id == person_id, now)
    household_id = await repository.find_household_id(session, person_id)
    if household_id is not None and not await repository.has_other_adults(
        session, household_id, person_id
    ):
        await repository.end_memberships(session, GroupMember.household_id == household_id, now)
    for group in await repository.list_without_organizer(session, groups):
        record_event(
            session,
            "group.without_organizer",
            subject_type="group",
            subject_id=group.id,
            happened_at=now,
            community_id=group.community_id,
            reason=REASON,
        )
    await session.flush()


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """The person's memberships, groups they founded, posts and reports."""
    return await repository.load_rows_about(session, person_id)
