"""When the ladder asks about a home again, as its own schedule has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.jobs import find_waiting_job
from matching.intake.programme import load_storm_kinds
from matching.kinds import RequestKind, StormStatus
from matching.ladder.rules import LadderRules
from matching.ladder.timing import move_out_of_quiet
from matching.offers import asks_repository
from matching.offers.schedule import LOOK, wave_key
from matching.offers.wave_state import quiet_spans
from people.repository import read_rules_at

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class NextWave:
    """When the ladder comes to a home again."""

    at: datetime
    is_look: bool
    """It sees whether somebody can be asked by then; nobody has planned to ask."""


async def find_next_asking(
    session: Session, community_id: UUID, kind: RequestKind, *, now: datetime
) -> NextWave | None:
    """When more neighbours are asked about a home that still needs somebody, or looked for.

    None when nobody can say: no wave waits, it is late, a person looks at its asks first, or the
    help is asked for in a storm and none is active.
    """
    wave = await find_waiting_job(session, wave_key(community_id))
    community = await asks_repository.find_community(session, community_id)
    if wave is None or community is None or wave.due_at <= now:
        return None
    if (await read_rules_at(session, community_id, now)).review_proposals:
        return None
    if kind in await load_storm_kinds(session, community_id, now):
        storm = await asks_repository.find_running_storm(session, community_id)
        if storm is None or storm.status is not StormStatus.ACTIVE:
            return None
    # A wave that is due in the quiet hours asks after them.
    quiet = quiet_spans(ZoneInfo(community.time_zone), now, wave.due_at + A_DAY)
    due_s = move_out_of_quiet(wave.due_at.timestamp(), quiet, 0.0, LadderRules())
    return NextWave(datetime.fromtimestamp(due_s, UTC), LOOK in wave.args)
