"""Until when help is promised at an address, for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.intake.programme import Deadline, find_deadline
from matching.storms.repository import find_current_storm


@dataclass(frozen=True)
class UntilWhen:
    """Until when, what says so, and by which end of the snow that was reckoned."""

    deadline: Deadline
    snow_ended_at: datetime | None
    """None: the snow has not stopped, so that the deadline is a guess."""

    @property
    def at(self) -> datetime:
        """Until when."""
        return self.deadline.at


async def tell_until_when(
    session: Session,
    community_id: UUID,
    *,
    now: datetime,
    snow_ended_at: datetime | None = None,
    place: tuple[float, float] | None = None,
) -> UntilWhen:
    """The deadline after a snowfall; without ``snow_ended_at``, in the storm that is on.

    ``place`` is (lon, lat) of the home: where the law goes by the sun, it rises there.
    """
    if snow_ended_at is not None:
        found = await find_deadline(session, community_id, snow_ended_at, now=now, place=place)
        return UntilWhen(found, snow_ended_at)
    storm = await find_current_storm(session, community_id)
    ended_at = None if storm is None else storm.snow_ended_at
    found = await find_deadline(session, community_id, ended_at, now=now, place=place)
    if storm is not None and storm.deadline_at is not None:
        found = Deadline(storm.deadline_at, found.law, found.promised_at)
    return UntilWhen(found, ended_at)
