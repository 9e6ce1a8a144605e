"""People who sign up for an event, in crowds that come all at once, in a process of its own.

``python -m tests.sign_up_process URL OCCURRENCE COMMUNITY NOW PERSON ...`` says ``ready`` and waits
for a line on standard input before each crowd, so that several processes begin together each time:
else one of them may be done before the other one has its first turn.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from campaigns.events.signing_up import SignUp, sign_up
from core.db import Database
from core.errors import DatabaseBusy
from people.kinds import Role
from tests.factories.people import actor_as
from tests.patience import be_patient

ROOT = Path(__file__).resolve().parent.parent
TRIES = 20
CROWD = 40
"""As many as a server lets wait for its connections."""
READY, GO = "ready\n", "go\n"


async def run(
    url: str, occurrence_id: UUID, community_id: UUID, now: datetime, people: Sequence[UUID]
) -> None:
    """Sign everybody up, as programs do: again when the database was busy."""

    async def join(person_id: UUID) -> None:
        actor = actor_as(Role.RESIDENT, community_id, person_id)
        for attempt in range(TRIES):
            try:
                async with database.begin() as session:
                    await sign_up(session, actor, SignUp(occurrence_id), now=now)
                return
            except DatabaseBusy:
                if attempt == TRIES - 1:
                    raise

    async with Database(url) as database:
        for begun in range(0, len(people), CROWD):
            sys.stdout.write(READY)
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.readline)
            await asyncio.gather(*(join(person_id) for person_id in people[begun : begun + CROWD]))


def start(
    url: str, occurrence_id: UUID, community_id: UUID, now: datetime, people: Sequence[UUID]
) -> subprocess.Popen[str]:
    """Start the process; it says before each crowd when it is ready."""
    words = [sys.executable, "-m", "tests.sign_up_process", url, str(occurrence_id)]
    words += [str(community_id), now.isoformat(), *map(str, people)]
    return subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


if __name__ == "__main__":
    be_patient()
    asyncio.run(
        run(
            sys.argv[1],
            UUID(sys.argv[2]),
            UUID(sys.argv[3]),
            datetime.fromisoformat(sys.argv[4]),
            [UUID(text) for text in sys.argv[5:]],
        )
    )
