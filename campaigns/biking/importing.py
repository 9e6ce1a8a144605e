"""Rides from a CSV file: every line checked, and told what is wrong with it.

Columns: ``date`` and ``start`` by the community's clock, ``minutes``, ``km`` or ``miles``, and
``purpose``; ``person`` (a mail address, or the key of a list) in a file for several people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.biking import policy, repository
from campaigns.biking.checking import RideFacts
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.recording import Season, open_season, record_ride
from campaigns.programmes import repository as programmes
from campaigns.programmes.policy import can_manage_campaign
from core.db import Session
from core.errors import NotPermitted, TalkootError
from matching.errors import UnusableFile
from matching.imports.csv_table import CsvRow, CsvTable, parse_csv_table
from matching.imports.errors import CellRefused, Problem
from matching.imports.report import RejectedLine, write_rejects
from people.auth import Actor

MAX_BYTES = 10_000_000
MAX_LINES = 20_000
KM_M, MILE_M = 1_000.0, 1_609.344
KNOWN = frozenset({"person", "date", "start", "minutes", "km", "miles", "purpose"})
REQUIRED = frozenset({"date", "start", "minutes"})
ALIASES = {
    "day": "date",
    "start_time": "start",
    "time": "start",
    "duration": "minutes",
    "duration_min": "minutes",
    "min": "minutes",
    "distance_km": "km",
    "kilometres": "km",
    "kilometers": "km",
    "distance_mi": "miles",
    "mi": "miles",
    "email": "person",
}

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,7}([.,]\d{1,6})?", re.ASCII)


@dataclass
class RideImport:
    """What became of each line."""

    total: int
    created: int = 0
    unchanged: int = 0
    """Rides that were told before."""
    rejected: list[RejectedLine] = field(default_factory=list)
    stored: bool = True
    """False when one bad line was to keep all of them out, or nothing was to be written."""
    rejects_csv: str = ""
    """The refused lines with their reasons, to mend and send again; no cell is a formula."""


class NothingStored(Exception):
    """Undoes what was written of a file; carries the report."""

    def __init__(self, report: RideImport) -> None:
        self.report = report
        super().__init__("nothing of the file was stored")


@dataclass(frozen=True)
class _Target:
    """Who brings a list, into what, and people by what it calls them."""

    actor: Actor
    season: Season
    people: dict[str, UUID]


def read_rides_file(data: bytes, name: str = "The file") -> CsvTable:
    """The lines of a CSV file of rides.

    Raises
    ------
    UnusableFile
        When it is no such file, in one sentence.
    """
    if len(data) > MAX_BYTES:
        raise UnusableFile(f"{name} has more than {MAX_BYTES // 1_000_000} MB. Split it.")
    table = parse_csv_table(data, name, known=KNOWN, aliases=ALIASES, required=REQUIRED)
    if not {"km", "miles"} & set(table.columns):
        raise UnusableFile(f"{name} lacks the column km (or miles). Add it to the first line.")
    if len(table.rows) > MAX_LINES:
        raise UnusableFile(f"{name} has more than {MAX_LINES:,} lines. Split it.")
    return table


async def import_rides(
    session: Session,
    actor: Actor,
    campaign_id: UUID,
    table: CsvTable,
    *,
    all_or_nothing: bool = False,
    progress: Callable[[int], None] | None = None,
    now: datetime,
) -> RideImport:
    """Tell the rides of a file; the same file again adds nothing.

    Lines without a person are the actor's own.

    Raises
    ------
    NothingStored
        When a line is refused and all were wanted or none: leave the transaction with it.
    """
    season = await open_season(session, actor, campaign_id)
    team_ids = await programmes.list_working_ids(session, campaign_id)
    if not policy.can_import_rides(actor, season.campaign, team_ids):
        raise NotPermitted("Rides are told by people of the community.")
    # Nobody but who manages the campaign learns by a file who is here.
    manages = can_manage_campaign(actor, season.campaign, team_ids)
    people = await _find_people(session, season, table.rows) if manages else {}
    target = _Target(actor, season, people)
    report = RideImport(total=len(table.rows))
    for number, row in enumerate(table.rows, start=1):
        problem = await _import_line(session, target, row, report, now=now)
        if problem is not None:
            report.rejected.append(RejectedLine(row.line, (problem,)))
        if progress is not None:
            progress(number)
    report.rejects_csv = write_rejects(table, report.rejected) if report.rejected else ""
    if all_or_nothing and report.rejected:
        report.stored, report.created = False, 0
        raise NothingStored(report)
    return report


async def _import_line(
    session: Session, target: _Target, row: CsvRow, report: RideImport, *, now: datetime
) -> Problem | None:
    """What is wrong with a line, or None when it is told."""
    actor, season = target.actor, target.season
    try:
        if row.problem is not None:
            raise CellRefused("", f"The line {row.problem}", "Mend the line.")
        person_id = _read_person(actor, row, target.people)
        facts = _read_facts(row, season.zone)
        recorded = await record_ride(session, actor, season, person_id, facts, now=now)
    except CellRefused as refused:
        return refused.problem
    except TalkootError as error:
        return Problem("", str(error).rstrip("."), "Correct the line, or delete it.")
    if recorded.is_new:
        report.created += 1
    else:
        report.unchanged += 1
    return None


async def _find_people(session: Session, season: Season, rows: Iterable[CsvRow]) -> dict[str, UUID]:
    """People by what the file calls them."""
    texts = sorted({_person_text(row) for row in rows} - {""})
    found: dict[str, UUID] = {}
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        found |= await repository.find_people(session, season.campaign.community_id, part)
    return found


def _person_text(row: CsvRow) -> str:
    text = row.cells.get("person", "")
    return text.lower() if "@" in text else text


def _read_person(actor: Actor, row: CsvRow, people: dict[str, UUID]) -> UUID:
    text = _person_text(row)
    if not text:
        if actor.person_id is None:
            raise CellRefused("person", "is empty", "Write the mail address or key of who rode.")
        return actor.person_id
    found = people.get(text)
    if found is None:
        raise CellRefused(
            "person", "is nobody whom you may enter rides for", "Check the address or key."
        )
    return found


def _read_facts(row: CsvRow, zone: ZoneInfo) -> RideFacts:
    return RideFacts(
        started_at=_read_beginning(row.cells["date"], row.cells["start"], zone),
        duration_s=60 * _read_number("minutes", row.cells["minutes"]),
        distance_m=_read_distance(row),
        purpose=_read_purpose(row.cells.get("purpose", "")),
        source=RideSource.CSV,
    )


def _read_beginning(day_text: str, time_text: str, zone: ZoneInfo) -> datetime:
    """The moment, by the community's clock; the first of the two in a repeated hour."""
    try:
        if not _DATE.fullmatch(day_text):
            raise ValueError
        day = date.fromisoformat(day_text)
    except ValueError:
        raise CellRefused("date", "is no day", "Write it like 2027-05-01.") from None
    match = _TIME.fullmatch(time_text)
    if match is None:
        raise CellRefused("start", "is no time of day", "Write it like 08:30.")
    local = datetime.combine(day, time(int(match[1]), int(match[2])), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CellRefused(
            "start", "was skipped when the clocks were put forward", "Write when it really was."
        )
    return moment


def _read_distance(row: CsvRow) -> float:
    for column, metres in (("km", KM_M), ("miles", MILE_M)):
        text = row.cells.get(column, "")
        if text:
            return metres * _read_number(column, text)
    raise CellRefused("km", "is empty", "Write how far the ride was, in km or in miles.")


def _read_number(column: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CellRefused(column, "is no number", "Write a number, such as 12.5.")
    value = float(text.replace(",", "."))
    if value <= 0:
        raise CellRefused(column, "is not more than zero", "Write what was ridden.")
    return value


def _read_purpose(text: str) -> RidePurpose:
    if not text:
        return RidePurpose.TRANSPORT
    try:
        return RidePurpose(text.lower())
    except ValueError:
        raise CellRefused("purpose", "is not known", "Write transport or leisure.") from None
