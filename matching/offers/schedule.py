"""The jobs of the ladder, put into the transaction of what makes them necessary."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.ids import new_id
from core.jobs import NewJob, enqueue

WAVE = "matching.wave"
SEND = "matching.send"
RESEAT = "matching.reseat"
REPLAN = "matching.replan_person"
EXPIRE = "matching.expire"
LOOK = "look"
"""Where in the arguments of a wave stands whether it is a look."""


async def schedule_wave(
    session: Session,
    community_id: UUID,
    *,
    now: datetime,
    storm_id: UUID | None = None,
    due_at: datetime | None = None,
    is_look: bool = False,
) -> bool:
    """Have people asked: now, or at a moment. One wave waits at a time, for the earliest moment.

    A look is a wave that nobody has planned to ask anybody by: it sees whether somebody can be
    asked by then. False when one waits already that is due no later.
    """
    args = {
        "community_id": str(community_id),
        "run": new_id().hex,
        "planned_at": (due_at or now).isoformat(),
    }
    if is_look:
        args[LOOK] = "1"
    if storm_id is not None:
        args["storm_id"] = str(storm_id)
    key = wave_key(community_id)
    return await enqueue(session, NewJob(name=WAVE, args=args, key=key, due_at=due_at, now=now))


def wave_key(community_id: UUID) -> str:
    """What makes the wave of a community that waits the only one."""
    return f"wave:{community_id}"


async def schedule_sending(session: Session, round_id: UUID, *, now: datetime) -> bool:
    """Have the asks of a round sent."""
    return await enqueue(
        session,
        NewJob(name=SEND, args={"round_id": str(round_id)}, key=f"send:{round_id}", now=now),
    )


async def schedule_reseat(session: Session, request_id: UUID, *, now: datetime) -> bool:
    """Have somebody else asked about a home that lost its volunteer or a hope of one."""
    return await enqueue(
        session,
        NewJob(
            name=RESEAT, args={"request_id": str(request_id)}, key=f"reseat:{request_id}", now=now
        ),
    )


async def schedule_replan(session: Session, volunteer_id: UUID, *, now: datetime) -> bool:
    """Have the open offers of a volunteer fitted around what they have agreed to."""
    return await enqueue(
        session,
        NewJob(
            name=REPLAN,
            args={"volunteer_id": str(volunteer_id)},
            key=f"replan:{volunteer_id}",
            now=now,
        ),
    )
