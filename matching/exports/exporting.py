"""Taking rows out: who may, on record, and bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import Database, Session
from core.events import record_event
from matching.exports import policy, repository, writing
from matching.exports.errors import ExportNotForYou, ExportUnknown
from matching.exports.kinds import COLUMNS, Form, What
from people.auth import Actor
from people.repository import find_community

MAX_ROWS = 200_000


@dataclass(frozen=True)
class Export:
    """Rows that may be taken out now."""

    community_id: UUID
    slug: str
    what: What
    form: Form
    coverage: tuple[dict[str, Any], ...] | None = None
    """The rows of the coverage; others are read while they are written."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return COLUMNS[self.what]


async def open_export(
    session: Session, actor: Actor, slug: str, what: What, form: Form, *, now: datetime
) -> Export:
    """Let the actor take rows out. Records ``export.made``.

    Raises
    ------
    ExportUnknown
        When the community does not exist, or is not the actor's.
    ExportNotForYou
        When the role there, or the token, does not reach these rows.
    """
    community = await find_community(session, slug)
    if community is None or not policy.belongs_to(actor, community.id):
        raise ExportUnknown("There is no such export.")
    if not policy.can_export(actor, community.id, what):
        raise ExportNotForYou(
            f"The rows of {what.value} are for staff of the community, or for a token with the "
            "scope for them."
        )
    coverage = None
    if what is What.COVERAGE:
        cells = await repository.load_coverage(session, community.id)
        coverage = tuple(asdict(row) for row in cells)
        count = len(coverage)
    else:
        count = min(MAX_ROWS, await repository.count_rows(session, what, community.id))
    record_event(
        session,
        "export.made",
        subject_type="community",
        subject_id=community.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community.id,
        what=what.value,
        format=form.value,
        row_count=count,
    )
    return Export(community.id, community.slug, what, form, coverage)


async def write_export(
    database: Database, export: Export, *, mark: bool = False
) -> AsyncIterator[bytes]:
    """The file, piece by piece: a short session for each, so that slow readers hold nothing."""
    if export.form is Form.CSV:
        yield writing.write_csv_head(export.columns, mark=mark)
        async for rows in _read_pages(database, export):
            yield writing.write_csv_rows(export.columns, rows)
        return
    yield writing.GEOJSON_HEAD
    first = True
    async for rows in _read_pages(database, export):
        outlines = export.what is What.COVERAGE
        yield writing.write_features(export.columns, rows, first=first, outlines=outlines)
        first = False
    yield writing.GEOJSON_FOOT


async def _read_pages(database: Database, export: Export) -> AsyncIterator[list[dict[str, Any]]]:
    if export.coverage is not None:
        if export.coverage:
            yield list(export.coverage)
        return
    after: UUID | None = None
    for _ in range(MAX_ROWS // repository.PAGE):
        async with database.read() as session:
            rows = await repository.load_page(session, export.what, export.community_id, after)
        if rows:
            yield rows
        if len(rows) < repository.PAGE:
            return
        after = rows[-1]["id"]
