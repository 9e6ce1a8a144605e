"""What is forgotten by itself: people who came along with a team, and do so no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.jobs import JobRegistry, JobTools
from matching.personal.belongings_repository import is_known_by_nothing
from matching.personal.erasure import erase_person
from matching.volunteering.teams import FORGET_MEMBER
from people.auth import Actor


async def forget_member(tools: JobTools, args: dict[str, Any]) -> None:
    """Erase somebody who left a team, unless we know them by something else."""
    now, person_id = tools.clock.now(), UUID(args["person_id"])
    async with tools.database.begin() as session:
        if await is_known_by_nothing(session, person_id, now=now):
            await erase_person(session, Actor.system(), person_id, now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Make these jobs known to the worker."""
    registry.add(FORGET_MEMBER, forget_member)
