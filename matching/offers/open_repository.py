"""What a volunteer's app shows, from the database: two statements, and a third for the homes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from core.db import Session
from matching.availability import Weekly, Window
from matching.kinds import (
    AskOrigin,
    AskStatus,
    HoldReason,
    OfferStatus,
    StormStatus,
    TravelMode,
    VolunteerStatus,
)
from matching.offers.open_statements_repository import (
    BAN,
    BY_KEY,
    BY_PERSON,
    HOURS,
    OFFER,
    WINDOW,
)
from matching.states import HELD_ASSIGNMENTS, TAKEABLE_OFFERS

HELD_WORDS = frozenset(status.value for status in HELD_ASSIGNMENTS)


class OfferRow(NamedTuple):
    """An offer to which a yes counts, of a home that still needs somebody."""

    id: UUID
    request_id: UUID
    ask_id: UUID | None
    round_id: UUID | None
    status: OfferStatus
    code: str
    position: int
    starts_at: datetime
    ends_at: datetime
    proposed_at: datetime
    sent_at: datetime | None


class AskRow(NamedTuple):
    """An ask that was sent, and the requests of its plan in order."""

    id: UUID
    origin: AskOrigin
    status: AskStatus
    sent_at: datetime
    silent_after_at: datetime | None
    planned: tuple[UUID, ...]


class StormRow(NamedTuple):
    """The storm that is on."""

    status: StormStatus
    hold_reason: HoldReason | None


@dataclass
class Profile:
    """What one person offers in one community, and all that decides what is open for them."""

    id: UUID
    community_id: UUID
    status: VolunteerStatus
    paused_until: datetime | None
    mode: TravelMode
    max_tasks: int
    max_travel_s: int
    time_zone: str
    ways: dict[UUID, list[Any]]
    """What the last wave measured: seconds, metres, bucket, chance and value of each home."""
    storm: StormRow | None
    not_today_at: datetime | None
    rules: dict[str, Any] | None
    kinds: dict[str, Any] | None
    windows: list[Window] = field(default_factory=list)
    weekly: list[Weekly] = field(default_factory=list)
    banned: set[UUID] = field(default_factory=set)
    """Residents whom they must not meet."""
    struck: set[UUID] = field(default_factory=set)
    """Requests that they declined or gave back."""
    held: dict[UUID, Window] = field(default_factory=dict)
    """Requests that they have agreed to, and when."""
    offers: list[OfferRow] = field(default_factory=list)
    """The newest first."""
    asks: list[AskRow] = field(default_factory=list)
    """Those that wait for an answer or still hold offers, the newest first."""


async def load_profiles(
    session: Session,
    now: datetime,
    *,
    volunteer_id: UUID | None = None,
    person_id: UUID | None = None,
) -> list[Profile]:
    """The profile with this key, or those of a person, with all that decides what is open."""
    if session.new or session.dirty or session.deleted:
        # Statements on tables, unlike those on classes, do not write what waits to be written.
        await session.flush()
    statements, key = (BY_PERSON, person_id) if volunteer_id is None else (BY_KEY, volunteer_id)
    values = {"key": key, "now": now}
    rows = (await session.execute(statements.profiles, values)).all()
    found = {row.id: _read_profile(row) for row in rows}
    if found:
        lines: dict[UUID, list[Any]] = {key: [] for key in found}
        for line in (await session.execute(statements.lines, values)).all():
            lines[line.volunteer_id].append(line)
        for key, profile in found.items():
            _add_lines(profile, lines[key])
    return list(found.values())


def _read_profile(row: Any) -> Profile:
    storm = None
    if row.storm_status is not None:
        storm = StormRow(row.storm_status, row.hold_reason)
    return Profile(
        id=row.id,
        community_id=row.community_id,
        status=row.status,
        paused_until=row.paused_until,
        mode=row.mode,
        max_tasks=row.max_tasks,
        max_travel_s=row.max_travel_s,
        time_zone=row.time_zone,
        ways={UUID(hex=key): way for key, way in (row.homes or {}).items()},
        storm=storm,
        not_today_at=row.not_today_at,
        rules=row.rules,
        kinds=row.kinds,
    )


def _add_lines(profile: Profile, lines: Sequence[Any]) -> None:
    """Put each line where it belongs."""
    asks: dict[UUID, list[Any]] = {}
    for line in lines:
        if line.what == WINDOW:
            profile.windows.append((line.at_1, line.at_2))
        elif line.what == HOURS:
            minutes = (line.number_1, line.number_2, line.number_3)
            profile.weekly.append(Weekly(*minutes, line.day_1, line.day_2))
        elif line.what == BAN:
            profile.banned.add(line.key_1)
        elif line.what == OFFER:
            _add_offer(profile, line)
        else:
            asks.setdefault(line.key_1, []).append(line)
    profile.offers.sort(key=lambda offer: (offer.position, offer.id))
    profile.offers.sort(key=lambda offer: offer.proposed_at, reverse=True)
    profile.asks.extend(_read_ask(one) for one in asks.values())
    profile.asks.sort(key=lambda ask: (ask.sent_at, ask.id), reverse=True)


def _add_offer(profile: Profile, line: Any) -> None:
    """An offer that can be taken, work that is agreed, or a home that is not for them again."""
    if line.word_2 in HELD_WORDS:
        profile.held[line.key_2] = (line.at_3, line.at_4)
        return
    status = OfferStatus(line.word_1)
    if status not in TAKEABLE_OFFERS:
        profile.struck.add(line.key_2)
        return
    profile.offers.append(
        OfferRow(
            id=line.key_1,
            request_id=line.key_2,
            ask_id=line.key_3,
            round_id=line.key_4,
            status=status,
            code=line.word_3,
            position=line.number_1,
            starts_at=line.at_1,
            ends_at=line.at_2,
            proposed_at=line.at_5,
            sent_at=line.at_6,
        )
    )


def _read_ask(lines: Sequence[Any]) -> AskRow:
    first = lines[0]
    homes = sorted((line.number_1, line.key_2) for line in lines if line.key_2 is not None)
    return AskRow(
        id=first.key_1,
        origin=AskOrigin(first.word_2),
        status=AskStatus(first.word_1),
        sent_at=first.at_1,
        silent_after_at=first.at_2,
        planned=tuple(key for _, key in homes),
    )
