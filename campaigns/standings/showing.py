"""Boards, walls and progress as they are shown: what was published, less who opted out since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from campaigns.programmes.models import Campaign
from campaigns.standings import pledges_repository, repository
from campaigns.standings.boards import PACE, PERCENT, VALUE
from campaigns.standings.kinds import BoardKind, Pace, SizeBand
from campaigns.standings.models import BoardLine, BoardSnapshot
from campaigns.standings.ranking import Alias, rank_aliases
from core.db import Session

BOARDS = (BoardKind.GROUPS, BoardKind.AREAS, BoardKind.PEOPLE)


@dataclass(frozen=True)
class ShownLine:
    """One line as everybody sees it."""

    label: str
    rank: int | None
    band: SizeBand | None
    count: int | None
    """People who took part; on a board of people, days with something done."""
    share_percent: int | None
    group_id: UUID | None


@dataclass(frozen=True)
class ShownBoard:
    """A board as everybody sees it."""

    board: BoardKind
    local_day: date
    taken_at: datetime
    is_final: bool
    correction: int
    changed_count: int
    corrected_on: date | None
    """The day of the last correction of a final board."""
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True)
class ShownWall:
    """Who promised something."""

    first_names: tuple[str, ...]
    """Of those who agreed to it."""
    anonymous_count: int | None
    """People who show no name, as published last; None while fewer than five."""


@dataclass(frozen=True)
class ShownProgress:
    """How far a campaign is, as everybody sees it."""

    pace: Pace
    percent: int | None
    local_day: date | None


async def show_board(session: Session, campaign: Campaign, board: BoardKind) -> ShownBoard | None:
    """The newest board of groups, areas or people; None before the first."""
    row = await repository.find_newest(session, campaign.id, board)
    return None if row is None else await _show_snapshot(session, campaign, row)


async def show_standing(
    session: Session, campaign: Campaign
) -> tuple[ShownProgress, dict[BoardKind, ShownBoard]]:
    """How far a campaign is, and its newest boards of groups, areas and people, read at once."""
    rows = await repository.load_newest(session, campaign.id, (BoardKind.PROGRESS, *BOARDS))
    boards = {
        board: await _show_snapshot(session, campaign, rows[board])
        for board in BOARDS
        if board in rows
    }
    return _say_progress(campaign, rows.get(BoardKind.PROGRESS)), boards


async def _show_snapshot(session: Session, campaign: Campaign, row: BoardSnapshot) -> ShownBoard:
    lines = (
        await _show_people(session, campaign, row)
        if row.board is BoardKind.PEOPLE
        else tuple(_show(line) for line in row.lines)
    )
    return ShownBoard(
        board=row.board,
        local_day=row.local_day,
        taken_at=row.taken_at,
        is_final=row.is_final,
        correction=row.correction,
        changed_count=row.changed_count,
        corrected_on=row.local_day if row.correction else None,
        lines=lines,
    )


async def _show_people(
    session: Session, campaign: Campaign, row: BoardSnapshot
) -> tuple[ShownLine, ...]:
    """Ranks among those who are still on it: who has gone leaves no gap."""
    days = {line.person_id: line.shown_count or 0 for line in row.lines if line.person_id}
    aliases = await repository.load_aliases(session, campaign.community_id, list(days))
    out = await repository.list_opted_out(session, campaign.community_id)
    minors = await repository.list_minors(session, list(days))
    people = [
        Alias(key, alias, days[key])
        for key, alias in aliases.items()
        if key not in out and key not in minors
    ]
    return tuple(
        ShownLine(one.alias, one.rank, None, one.days, None, None) for one in rank_aliases(people)
    )


def _show(line: BoardLine) -> ShownLine:
    return ShownLine(
        line.label, line.rank, line.band, line.shown_count, line.share_percent, line.group_id
    )


async def show_wall(session: Session, campaign: Campaign) -> ShownWall:
    """First names of those who agree to it now, and about how many others there are."""
    pledgers = await pledges_repository.list_pledgers(session, campaign.id)
    out = await repository.list_opted_out(session, campaign.community_id)
    named = [key for key, shows_name in pledgers if shows_name and key not in out]
    minors = await repository.list_minors(session, named)
    names = await pledges_repository.load_wall_names(
        session, [key for key in named if key not in minors]
    )
    row = await repository.find_newest(session, campaign.id, BoardKind.PLEDGES)
    count = None if row is None else _find(row.lines, VALUE).shown_count
    return ShownWall(tuple(one.first_name for one in names), count)


async def show_progress(session: Session, campaign: Campaign) -> ShownProgress:
    """How far a campaign is on the way to its goal, as published last."""
    if campaign.goal_value is None:
        return _say_progress(campaign, None)
    row = await repository.find_newest(session, campaign.id, BoardKind.PROGRESS)
    return _say_progress(campaign, row)


def _say_progress(campaign: Campaign, row: BoardSnapshot | None) -> ShownProgress:
    if campaign.goal_value is None:
        return ShownProgress(Pace.NO_GOAL, None, None)
    if row is None:
        return ShownProgress(Pace.TOO_FEW, None, None)
    percent = _find(row.lines, PERCENT).label
    return ShownProgress(
        Pace(_find(row.lines, PACE).label), int(percent) if percent else None, row.local_day
    )


def _find(lines: Sequence[BoardLine], key: str) -> BoardLine:
    return next(line for line in lines if line.subject_key == key)
