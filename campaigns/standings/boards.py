"""Boards: worked out once a day from what was done, frozen at the end, corrected when data is late.

Each day's board stands on the numbers of the one before: a line moves only when at least five
people more or fewer are counted (`campaigns.standings.ranking.hold`). When the season and the days
for late entries are over, the board is final. Data that comes, changes or goes after that makes a
new final board with a note that says so; the old one stays readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from campaigns.groups.repository import list_member_person_ids
from campaigns.programmes.kinds import CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import lock_campaign
from campaigns.standings import deeds_repository, repository
from campaigns.standings.deeds import Deed
from campaigns.standings.kinds import BoardKind, Pace
from campaigns.standings.models import BoardLine, BoardSnapshot
from campaigns.standings.pledges_repository import list_pledgers
from campaigns.standings.progress import (
    COUNTS_PEOPLE,
    Progress,
    floor_percent,
    measure_progress,
)
from campaigns.standings.ranking import Held, Line, Tally, count_changed, hold, make_lines
from campaigns.standings.sources import STANDINGS, find_zone
from campaigns.standings.suppression import K, show_count
from core.db import Session
from core.events import record_event

LATE_DAYS = 3
"""So long after the end a board waits for late entries before it is final."""
CORRECTION_DAYS = 60
"""So long after the end late data still corrects a final board."""
MAX_PEOPLE_LINES = 1_000

CONTRIBUTORS, MEMBERS, VALUE, PERCENT, PACE = (
    "contributors",
    "members",
    "value",
    "percent",
    "pace",
)


@dataclass(frozen=True)
class Scene:
    """What the boards of one campaign are worked out from."""

    campaign: Campaign
    deeds: Sequence[Deed]
    out: frozenset[UUID]
    """Who opted out."""
    today: date
    now: datetime

    @property
    def active(self) -> frozenset[UUID]:
        """Who did something and may be counted."""
        return frozenset(deed.person_id for deed in self.deeds) - self.out


async def publish_boards(
    session: Session, campaign_id: UUID, *, now: datetime
) -> list[BoardSnapshot]:
    """Publish today's boards of a campaign, once; what was published.

    Records ``board.published``, ``board.frozen`` or ``board.corrected``.
    """
    campaign = await lock_campaign(session, campaign_id)
    if campaign is None or campaign.status not in (CampaignStatus.RUNNING, CampaignStatus.FINISHED):
        return []
    today = now.astimezone(await find_zone(session, campaign)).date()
    last = await repository.load_newest(session, campaign_id, list(BoardKind))
    newest = {board: last.get(board) for board in BoardKind}
    if all(_is_done(campaign, row, today, now) for row in newest.values()):
        return []
    deeds = await STANDINGS[campaign.kind].list_deeds(session, campaign)
    out = await repository.list_opted_out(session, campaign.community_id)
    scene = Scene(campaign, deeds, out, today, now)
    published = []
    for board in BoardKind:
        snapshot = await _publish(session, scene, board, newest[board])
        if snapshot is not None:
            published.append(snapshot)
    return published


def _may_freeze(campaign: Campaign, now: datetime) -> bool:
    """Whether the season and the days for late entries are over."""
    over = campaign.status is CampaignStatus.FINISHED
    return over and now >= campaign.ends_at + timedelta(days=LATE_DAYS)


def _is_done(campaign: Campaign, newest: BoardSnapshot | None, today: date, now: datetime) -> bool:
    """Whether nothing is to be published of this board before tomorrow."""
    if newest is None:
        return False
    if newest.is_final and now >= campaign.ends_at + timedelta(days=CORRECTION_DAYS):
        return True
    return newest.local_day == today and (newest.is_final or not _may_freeze(campaign, now))


async def _publish(
    session: Session, scene: Scene, board: BoardKind, before: BoardSnapshot | None
) -> BoardSnapshot | None:
    campaign = scene.campaign
    if _is_done(campaign, before, scene.today, scene.now):
        return None
    ends = _may_freeze(campaign, scene.now)
    if before is not None and before.local_day == scene.today:
        before.is_final = True
        _record(session, scene, before, "board.frozen")
        return before
    corrects = before is not None and before.is_final
    held = {} if before is None else {line.subject_key: _held(line) for line in before.lines}
    lines = await _make_rows(session, scene, board, held)
    changed = _count_changes(() if before is None else before.lines, lines)
    if corrects and changed == 0:
        return None
    snapshot = BoardSnapshot(
        campaign_id=campaign.id,
        board=board,
        local_day=scene.today,
        taken_at=scene.now,
        is_final=ends or corrects,
        correction=before.correction + 1 if before is not None and corrects else 0,
        changed_count=changed if corrects else 0,
        lines=lines,
    )
    session.add(snapshot)
    await session.flush()
    await repository.drop_daily(session, campaign.id, board, keep=snapshot.id)
    word = "corrected" if corrects else "frozen" if ends else "published"
    _record(session, scene, snapshot, f"board.{word}")
    return snapshot


async def _make_rows(
    session: Session, scene: Scene, board: BoardKind, held: Mapping[str, Held]
) -> list[BoardLine]:
    if board is BoardKind.PEOPLE:
        return await _list_people(session, scene)
    if board is BoardKind.PLEDGES:
        return [await _count_pledgers(session, scene, held)]
    if board is BoardKind.PROGRESS:
        progress = await measure_progress(session, scene.campaign, now=scene.now)
        return progress_rows(progress, held)
    tallies = await (
        _count_groups(session, scene) if board is BoardKind.GROUPS else _count_areas(session, scene)
    )
    lines = make_lines(tallies, held, adds_up=board is BoardKind.AREAS)
    return [_row(line, position) for position, line in enumerate(lines)]


async def _count_groups(session: Session, scene: Scene) -> list[Tally]:
    campaign = scene.campaign
    found = []
    for group in await deeds_repository.list_board_groups(
        session, campaign.community_id, campaign.id
    ):
        people = set(await list_member_person_ids(session, group.id)) - scene.out
        count = len(people & scene.active)
        found.append(Tally(str(group.id), group.name, count, len(people), group.id))
    return found


async def _count_areas(session: Session, scene: Scene) -> list[Tally]:
    by_area = await deeds_repository.load_people_by_area(
        session, scene.campaign.community_id, scene.campaign.areas
    )
    return [
        Tally(area, area, len((people - scene.out) & scene.active), len(people - scene.out))
        for area, people in sorted(by_area.items())
    ]


async def _list_people(session: Session, scene: Scene) -> list[BoardLine]:
    """Days of those who chose an alias. Aliases are read when the board is shown."""
    chosen = await repository.list_people_with_alias(session, scene.campaign.community_id)
    days: dict[UUID, set[date]] = {}
    for deed in scene.deeds:
        if deed.person_id in chosen and deed.person_id not in scene.out:
            days.setdefault(deed.person_id, set()).add(deed.day)
    minors = await repository.list_minors(session, list(days))
    ordered = sorted(days.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        BoardLine(
            subject_key=str(person_id),
            position=position,
            person_id=person_id,
            label="",
            shown_count=len(theirs),
        )
        for position, (person_id, theirs) in enumerate(
            item for item in ordered if item[0] not in minors
        )
    ][:MAX_PEOPLE_LINES]


async def _count_pledgers(session: Session, scene: Scene, held: Mapping[str, Held]) -> BoardLine:
    """How many people promised something and do not show their name."""
    people = [key for key, named in await list_pledgers(session, scene.campaign.id) if not named]
    count = hold(len(set(people) - scene.out), held.get(VALUE, Held()).count)
    return _figure(VALUE, 0, count, show_count(count))


def progress_rows(progress: Progress, held: Mapping[str, Held]) -> list[BoardLine]:
    """What is published of the way to a goal, in steps that tell about nobody."""
    contributors = hold(progress.contributor_count, held.get(CONTRIBUTORS, Held()).count)
    members = hold(progress.member_count, held.get(MEMBERS, Held()).count)
    percent = progress.percent
    if percent is not None and progress.goal and progress.unit in COUNTS_PEOPLE:
        value: float = contributors
        if progress.unit is GoalUnit.PARTICIPATION_SHARE:
            value = min(1.0, contributors / members) if members else 0.0
        percent = int(100 * value / progress.goal + 1e-9)
    seen = not progress.is_of_people or contributors >= K
    pace = progress.pace if seen or percent is None else Pace.TOO_FEW
    rows = [_figure(CONTRIBUTORS, 0, contributors, None), _figure(MEMBERS, 1, members, None)]
    shown = None if percent is None or not seen else floor_percent(percent)
    rows.append(_figure(PERCENT, 2, 0, None, label="" if shown is None else str(shown)))
    rows.append(_figure(PACE, 3, 0, None, label=pace.value))
    return rows


def _figure(
    key: str, position: int, count: int, shown: int | None, *, label: str = ""
) -> BoardLine:
    return BoardLine(
        subject_key=key, position=position, label=label, shown_count=shown, held_count=count
    )


def _row(line: Line, position: int) -> BoardLine:
    return BoardLine(
        subject_key=line.key,
        position=position,
        group_id=line.group_id,
        label=line.label,
        band=line.band,
        rank=line.rank,
        shown_count=line.shown_count,
        share_percent=line.share_percent,
        held_count=line.held.count,
        held_size=line.held.size,
    )


def _held(row: BoardLine) -> Held:
    return Held(row.held_count, row.held_size)


def _line(row: BoardLine) -> Line:
    return Line(
        key=row.subject_key,
        label=row.label,
        held=_held(row),
        group_id=row.group_id,
        band=row.band,
        rank=row.rank,
        shown_count=row.shown_count,
        share_percent=row.share_percent,
    )


def _count_changes(before: Sequence[BoardLine], after: Sequence[BoardLine]) -> int:
    return count_changed([_line(row) for row in before], [_line(row) for row in after])


def _record(session: Session, scene: Scene, snapshot: BoardSnapshot, kind: str) -> None:
    record_event(
        session,
        kind,
        subject_type="campaign",
        subject_id=scene.campaign.id,
        happened_at=scene.now,
        community_id=scene.campaign.community_id,
        what=snapshot.board.value,
        changed_count=snapshot.changed_count,
    )
