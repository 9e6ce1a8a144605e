"""Requests as a list shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from matching.intake import listing_repository as listing
from matching.intake.help_kinds import HelpKinds, default_kinds
from matching.intake.programme import load_kinds
from matching.kinds import RequestKind
from matching.models import HelpRequest
from people.repository import read_rules_at
from web.pages.casework.reading import load_names
from web.pages.casework.words import say_state
from web.pages.desk import Call


@dataclass(frozen=True)
class RequestRow:
    """One request in a list."""

    id: UUID
    reference: str
    kind: str
    state: str
    shape: str
    resident_id: UUID
    resident: str
    area: str
    created_at: datetime
    deadline_at: datetime | None
    is_urgent: bool
    is_late: bool
    """Its time is over, and nobody has come."""


def label_kind(kinds: HelpKinds, code: RequestKind, language: str) -> str:
    """What the programme calls a kind, also one that it gives no more."""
    known = {**default_kinds().by_code(), **kinds.by_code()}
    return known[code].label(language)


def label_scope(
    kinds: HelpKinds, code: RequestKind, parts: Sequence[str], language: str
) -> list[str]:
    """The agreed parts of the work."""
    known = {**default_kinds().by_code(), **kinds.by_code()}
    return [known[code].scope_label(part, language) for part in parts]


async def view_requests(call: Call, rows: Collection[HelpRequest]) -> list[RequestRow]:
    """Requests with names and areas; a fixed number of statements."""
    if not rows:
        return []
    session, actor, language = call.session, call.actor, call.reader.language
    kinds = await load_kinds(session, call.town.id, call.now)
    rules = await read_rules_at(session, call.town.id, call.now)
    places = await listing.load_shown_places(session, actor, [row.household_id for row in rows])
    names = await load_names(call, [row.resident_id for row in rows])
    views = []
    for row in rows:
        state, shape = say_state(call.reader.translator.gettext, row.status.value)
        place = places.get(row.household_id)
        views.append(
            RequestRow(
                id=row.id,
                reference=row.reference,
                kind=label_kind(kinds, row.kind, language),
                state=state,
                shape=shape,
                resident_id=row.resident_id,
                resident=names.get(row.resident_id, ""),
                area=(None if place is None else place.area) or "",
                created_at=row.created_at,
                deadline_at=row.deadline_at,
                is_urgent=row.weight >= rules.urgent_weight,
                is_late=row.deadline_at is not None
                and row.deadline_at < call.now
                and row.status.value in ("submitted", "needs_review", "open", "offered"),
            )
        )
    return views
