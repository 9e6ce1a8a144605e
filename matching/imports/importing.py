"""Stores a prepared file: new lines are added, changed ones updated, equal ones left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.ids import new_id
from core.worded import Worded as _
from matching.imports import repository
from matching.imports.abilities import ability_kind, ability_label
from matching.imports.desired import (
    person_record,
    request_columns,
    request_record,
    volunteer_columns,
    volunteer_record,
)
from matching.imports.errors import Problem
from matching.imports.pairs import PairImport
from matching.imports.preparing import FileKind, PreparedFile, PreparedLine
from matching.imports.records import (
    RequestRecord,
    StoredPerson,
    StoredRequest,
    StoredVolunteer,
    VolunteerRecord,
)
from matching.imports.report import ImportReport, RejectedLine
from matching.imports.rows import ResidentRow, VolunteerRow
from matching.imports.writing import RowWriter
from matching.intake.duplicates import Sketch, normal_contact
from matching.intake.import_checks import Finding, load_import_checks
from matching.intake.kinds import IntakeChannel
from matching.intake.models import RequestDetails
from matching.intake.references import draw_references
from matching.intake.repository import to_plane
from matching.kinds import RequestKind, RequestStatus
from matching.models import (
    AvailabilityWindow,
    HelpRequest,
    RequestNeed,
    RequestWindow,
    Volunteer,
    WeeklyHours,
)
from people.auth import Actor
from people.kinds import Role
from people.repository import ensure_abilities, list_abilities

CHANGEABLE = frozenset({RequestStatus.SUBMITTED, RequestStatus.NEEDS_REVIEW, RequestStatus.OPEN})
CLOSED = frozenset(
    {
        RequestStatus.DONE,
        RequestStatus.CONFIRMED,
        RequestStatus.CANCELLED,
        RequestStatus.EXPIRED,
    }
)


@dataclass(frozen=True)
class ImportPeople:
    """Store a prepared file in a community.

    Parameters
    ----------
    synthetic
        Mark new people as made up.
    dry_run
        Say what would happen and write nothing.
    """

    community_id: UUID
    file: PreparedFile
    now: datetime
    synthetic: bool = False
    dry_run: bool = False


async def import_people(session: Session, actor: Actor, command: ImportPeople) -> ImportReport:
    """Store a file in the caller's transaction, all good lines or none. Records ``people.imported``
    and ``request.open`` or ``request.needs_review``."""
    if not actor.is_staff(command.community_id):
        raise NotPermitted("Only those who work for this community import people.")
    importing = _Importing(session, command)
    importing.writer.actor_id = actor.person_id
    if not command.dry_run:
        await repository.lock_community(session, command.community_id)
    await importing.prepare_abilities()
    if command.file.kind is FileKind.VOLUNTEERS:
        await importing.import_volunteers()
    else:
        await importing.import_residents()
    report = importing.report
    if not command.dry_run:
        importing.writer.add_event(
            "people.imported",
            "community",
            command.community_id,
            {
                "kind": command.file.kind.value,
                "created_count": report.created,
                "updated_count": report.updated,
                "unchanged_count": report.unchanged,
                "rejected_count": len(report.rejected),
            },
        )
        await importing.writer.write(session)
    return report


class _Importing:
    """One import: reads what is there, compares, and collects what must be written."""

    def __init__(self, session: Session, command: ImportPeople) -> None:
        self.session = session
        self.command = command
        self.community_id = command.community_id
        self.lines = command.file.lines
        self.writer = RowWriter(command.community_id, command.now, synthetic=command.synthetic)
        self.abilities: Mapping[str, UUID] = {}
        self.references: Iterator[str] = iter(())
        table = command.file.table
        self.report = ImportReport(
            kind=command.file.kind.value,
            total=len(table.rows),
            encoding=table.encoding,
            delimiter=table.delimiter,
            unknown_columns=table.unknown,
            dry_run=command.dry_run,
            rejected=list(command.file.rejected),
        )

    async def prepare_abilities(self) -> None:
        """Know the id of every skill and tool in the file; new ones join the catalogue."""
        wanted = {code for line in self.lines for code in _abilities_of(line.row)}
        known = {row.code: row.id for row in await list_abilities(self.session, self.community_id)}
        new = sorted(wanted - set(known))
        self.report.new_abilities = tuple(new)
        if self.command.dry_run:
            self.abilities = {**known, **{code: new_id() for code in new}}
            return
        rows = await ensure_abilities(
            self.session,
            self.community_id,
            [(ability_kind(code), code, ability_label(code)) for code in new],
        )
        self.abilities = {code: row.id for code, row in rows.items()}

    async def import_volunteers(self) -> None:
        keys = [line.contact.source_key for line in self.lines]
        people = await repository.read_people(self.session, self.community_id, Role.VOLUNTEER, keys)
        volunteers = await repository.read_volunteers(self.session, self.community_id, keys)
        for line in self.lines:
            row = cast(VolunteerRow, line.row)
            key = row.contact.source_key
            person_id, household_id, changed = self._store_person(
                line, people.get(key), Role.VOLUNTEER, frozenset(row.skills)
            )
            stored = volunteers.get(key)
            record = volunteer_record(row)
            if stored is None:
                self._add_volunteer(record, key, person_id, household_id)
                self.report.created += 1
            elif stored.record != record:
                self._change_volunteer(stored, record)
                self.report.updated += 1
            elif changed:
                self.report.updated += 1
            else:
                self.report.unchanged += 1

    async def import_residents(self) -> None:
        rows = [cast(ResidentRow, line.row) for line in self.lines]
        keys = [row.contact.source_key for row in rows]
        people = await repository.read_people(self.session, self.community_id, Role.RESIDENT, keys)
        requests = await repository.read_requests(
            self.session, self.community_id, [row.request_key for row in rows]
        )
        named = {key for row in rows for key in (*row.season_volunteers, *row.banned_volunteers)}
        volunteers = await repository.find_volunteer_ids(self.session, self.community_id, named)
        pairs = PairImport(self.session, self.writer, volunteers)
        await pairs.load([stored.person_id for stored in people.values()])
        checks = await load_import_checks(
            self.session,
            self.community_id,
            {RequestKind(row.kind) for row in rows},
            self.command.now.date(),
            self.command.now,
        )
        self.references = iter(await draw_references(self.session, self.community_id, len(rows)))
        made: dict[str, UUID] = {}
        for line, row in zip(self.lines, rows, strict=True):
            stored = requests.get(row.request_key)
            record = request_record(row)
            problem = pairs.check(row) or _check_change(stored, record)
            if problem is not None:
                self.report.rejected.append(RejectedLine(row.line, (problem,)))
                continue
            key = row.contact.source_key
            changed = False
            if key not in made:
                person_id, household_id, changed = self._store_person(
                    line, people.get(key), Role.RESIDENT, frozenset()
                )
                made[key] = person_id
                pairs.households[person_id] = household_id
            person_id = made[key]
            changed |= pairs.store(row, person_id)
            if stored is None:
                home_id = pairs.households[person_id]
                new = _sketch(line, row, person_id, home_id)
                finding = checks.check(new, line.place.area)
                self._add_request(record, row.request_key, new, finding)
                self.report.created += 1
                self.report.in_review += bool(finding.reasons)
            elif stored.record != record:
                self._change_request(stored, record)
                self.report.updated += 1
            elif changed:
                self.report.updated += 1
            else:
                self.report.unchanged += 1

    def _store_person(
        self,
        line: PreparedLine,
        stored: StoredPerson | None,
        role: Role,
        abilities: frozenset[str],
    ) -> tuple[UUID, UUID, bool]:
        """Person id, household id, and whether anything had to be written."""
        record = person_record(line, abilities)
        if stored is None:
            person_id, household_id = self.writer.add_person(
                record, role, line.contact.source_key, self.abilities
            )
            self.writer.grant(person_id, set(line.contact.consents))
            return person_id, household_id, True
        new_consents = set(line.contact.consents) - stored.consents
        self.writer.grant(stored.person_id, new_consents)
        if record != stored.record:
            self.writer.change_person(stored, record, self.abilities)
        changed = record != stored.record or bool(new_consents)
        return stored.person_id, stored.household_id, changed

    def _add_volunteer(
        self, record: VolunteerRecord, key: str, person_id: UUID, household_id: UUID
    ) -> None:
        volunteer_id = new_id()
        self.writer.add(
            Volunteer,
            id=volunteer_id,
            community_id=self.community_id,
            person_id=person_id,
            home_id=household_id,
            source_key=key,
            created_at=self.command.now,
            updated_at=self.command.now,
            **volunteer_columns(record),
        )
        self._add_hours(volunteer_id, record)

    def _change_volunteer(self, stored: StoredVolunteer, record: VolunteerRecord) -> None:
        columns = volunteer_columns(record)
        volunteer_id = stored.volunteer_id
        self.writer.change(Volunteer, id=volunteer_id, updated_at=self.command.now, **columns)
        self.writer.empty(AvailabilityWindow, volunteer_id)
        self.writer.empty(WeeklyHours, volunteer_id)
        self._add_hours(volunteer_id, record)

    def _add_hours(self, volunteer_id: UUID, record: VolunteerRecord) -> None:
        for start, end in record.windows:
            self.writer.add(
                AvailabilityWindow,
                id=new_id(),
                volunteer_id=volunteer_id,
                starts_at=start,
                ends_at=end,
            )
        for weekday, start_min, end_min in record.weekly_hours:
            self.writer.add(
                WeeklyHours,
                id=new_id(),
                volunteer_id=volunteer_id,
                weekday=weekday,
                start_min=start_min,
                end_min=end_min,
            )

    def _add_request(self, record: RequestRecord, key: str, new: Sketch, finding: Finding) -> None:
        assert new.request_id is not None
        request_id = new.request_id
        status = RequestStatus.NEEDS_REVIEW if finding.reasons else RequestStatus.OPEN
        self.writer.add(
            HelpRequest,
            id=request_id,
            community_id=self.community_id,
            reference=next(self.references),
            resident_id=new.resident_id,
            household_id=new.household_id,
            status=status,
            source_key=key,
            created_at=self.command.now,
            updated_at=self.command.now,
            **request_columns(record),
        )
        self.writer.add(
            RequestDetails,
            request_id=request_id,
            channel=IntakeChannel.IMPORT,
            verdict=finding.decision.verdict,
            verdict_version=finding.decision.version,
            verdict_reasons=list(finding.decision.reasons),
            review_reasons=list(finding.reasons),
            similar_to_id=finding.similar_to_id,
        )
        self._add_request_parts(request_id, record)
        self.writer.add_event(
            f"request.{status.value}", "request", request_id, {"kind": record.kind}
        )

    def _change_request(self, stored: StoredRequest, record: RequestRecord) -> None:
        columns = request_columns(record)
        request_id = stored.request_id
        self.writer.change(HelpRequest, id=request_id, updated_at=self.command.now, **columns)
        self.writer.empty(RequestWindow, request_id)
        self.writer.empty(RequestNeed, request_id)
        self._add_request_parts(request_id, record)

    def _add_request_parts(self, request_id: UUID, record: RequestRecord) -> None:
        for opens, closes in record.windows:
            self.writer.add(
                RequestWindow, id=new_id(), request_id=request_id, opens_at=opens, closes_at=closes
            )
        for code in sorted(record.needs):
            self.writer.add(RequestNeed, request_id=request_id, ability_id=self.abilities[code])


def _sketch(line: PreparedLine, row: ResidentRow, person_id: UUID, home_id: UUID) -> Sketch:
    """What a new request is compared by."""
    x_m, y_m = to_plane(line.place.lon_deg, line.place.lat_deg)
    contacts = (line.contact.email, line.contact.phone)
    return Sketch(
        request_id=new_id(),
        kind=RequestKind(row.kind),
        windows=row.windows,
        resident_id=person_id,
        household_id=home_id,
        name=line.contact.name,
        contacts=frozenset(normal_contact(value) for value in contacts if value),
        x_m=x_m,
        y_m=y_m,
        unit=line.place.unit or "",
    )


def _abilities_of(row: ResidentRow | VolunteerRow) -> tuple[str, ...]:
    return row.needs if isinstance(row, ResidentRow) else row.skills


def _check_change(stored: StoredRequest | None, record: RequestRecord) -> Problem | None:
    """A request that somebody has answered is not changed by a file."""
    if stored is None or stored.record == record or stored.status in CHANGEABLE:
        return None
    if stored.status in CLOSED:
        return Problem(
            "request_id",
            _("belongs to a request that is closed (%(status)s)", status=stored.status),
            _("Give the new need an id of its own in the column request_id."),
        )
    return Problem(
        "request_id",
        _("belongs to a request that volunteers know already (%(status)s)", status=stored.status),
        _("Change it by hand, so that they are told."),
    )
