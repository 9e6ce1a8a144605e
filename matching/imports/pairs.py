"""Season pairs and bans that a residents file names."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from core.db import Session
from core.ids import new_id
from core.worded import Worded as _
from matching.imports import repository
from matching.imports.errors import Problem
from matching.imports.rows import ResidentRow
from matching.imports.writing import RowWriter
from matching.models import Ban, SeasonPair
from people.repository import read_rules_at


class PairImport:
    """Season pairs and bans of a residents file: added and prolonged, never taken away."""

    def __init__(self, session: Session, writer: RowWriter, volunteers: Mapping[str, UUID]) -> None:
        self.session = session
        self.writer = writer
        self.volunteers = volunteers
        self.households: dict[UUID, UUID] = {}
        self.season: dict[UUID, list[SeasonPair]] = {}
        self.bans: dict[UUID, set[UUID]] = {}
        self.bonus_m = 0.0

    async def load(self, resident_ids: list[UUID]) -> None:
        """Read the pairs that these residents have already."""
        self.season = await repository.read_season_pairs(self.session, resident_ids)
        self.bans = await repository.read_bans(self.session, resident_ids)
        writer = self.writer
        rules = await read_rules_at(self.session, writer.community_id, writer.now)
        self.bonus_m = rules.season_bonus_m

    def check(self, row: ResidentRow) -> Problem | None:
        """What is wrong with the volunteers that a line names, or None."""
        for column in ("season_volunteers", "banned_volunteers"):
            unknown = [key for key in getattr(row, column) if key not in self.volunteers]
            if unknown:
                return Problem(
                    column,
                    _(
                        "names a volunteer who is not in this community: %(unknown)s",
                        unknown=repr(unknown[0][:40]),
                    ),
                    _("Import the volunteers first, or correct the id."),
                )
        return None

    def store(self, row: ResidentRow, resident_id: UUID) -> bool:
        """Collect what is new; True when there is something."""
        writer, changed = self.writer, False
        for key in row.banned_volunteers:
            volunteer_id = self.volunteers[key]
            known = self.bans.setdefault(resident_id, set())
            if volunteer_id not in known:
                known.add(volunteer_id)
                changed = True
                writer.add(
                    Ban,
                    id=new_id(),
                    community_id=writer.community_id,
                    volunteer_id=volunteer_id,
                    resident_id=resident_id,
                    created_at=writer.now,
                )
        for key in row.season_volunteers:
            changed |= self._store_season(row, resident_id, self.volunteers[key])
        return changed

    def _store_season(self, row: ResidentRow, resident_id: UUID, volunteer_id: UUID) -> bool:
        writer = self.writer
        first = min(row.windows[0][0].date(), row.season_until or row.windows[0][0].date())
        for pair in self.season.get(resident_id, []):
            if pair.volunteer_id == volunteer_id:
                if pair.valid_until == row.season_until:
                    return False
                writer.change(SeasonPair, id=pair.id, valid_until=row.season_until)
                return True
        pair = SeasonPair(
            id=new_id(),
            community_id=writer.community_id,
            volunteer_id=volunteer_id,
            resident_id=resident_id,
            valid_from=first,
            valid_until=row.season_until,
            bonus_m=self.bonus_m,
        )
        self.season.setdefault(resident_id, []).append(pair)
        columns = ("id", "community_id", "volunteer_id", "resident_id")
        dates = ("valid_from", "valid_until", "bonus_m")
        writer.add(SeasonPair, **{name: getattr(pair, name) for name in columns + dates})
        return True
