"""The volunteers of a town, with what is missing before they can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from core.errors import NotPermitted
from core.pagination import count_all, read_page
from matching.intake.programme import load_kinds
from matching.kinds import VolunteerStatus
from matching.models import Volunteer
from matching.volunteering import listing_repository as volunteers
from matching.volunteering import policy
from matching.volunteering.ability_names import say_gap
from matching.volunteering.clearance_reading import read_clearances
from people.repository import read_rules_at
from web.pages.casework.person_views import is_paused
from web.pages.casework.reading import load_names, page_args
from web.pages.casework.words import LANGUAGE_NAMES, Tag, say_taking_part
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest


@dataclass(frozen=True)
class VolunteerRow:
    """One volunteer in the list."""

    person_id: UUID
    name: str
    area: str
    tag: Tag
    missing: str
    visit_count: int
    held_count: int
    languages: str
    joined_at: datetime


@get("/staff/volunteers", name="staff_volunteers")
async def get_volunteers(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The newest first: those still need a look."""
    async with desk.look(request) as call:
        town, given = call.staff(), call.request.query_params
        if not policy.can_list_volunteers(call.actor, town.id):
            raise NotPermitted("Only staff of the community look through its volunteers.")
        status = given.get("state", "active")
        language = given.get("language", "")
        only = volunteers.VolunteerFilter(
            statuses=(VolunteerStatus(status),) if status in set(VolunteerStatus) else (),
            language=language if language in LANGUAGE_NAMES else None,
        )
        rows = volunteers.list_volunteers_of(
            call.actor, town.id, only, volunteers.VolunteerSort.JOINED, descending=True
        )
        page = await read_page(call.session, rows, page_args(call))
        say = call.reader.translator.gettext
        asked: dict[str, Any] = {"state": status, "language": language}
        more = urlencode({**asked, "after": page.cursors[-1]}) if page.has_next else ""
        values = {
            "rows": await _view_volunteers(call, page.items),
            "total": await count_all(call.session, rows),
            "more": f"/staff/volunteers?{more}" if more else "",
            "asked": asked,
            "states": [(one.value, say_taking_part(say, one.value)[0]) for one in VolunteerStatus],
            "languages": list(LANGUAGE_NAMES.items()),
        }
        return call.show("casework/volunteers.html", values)


async def _view_volunteers(call: Call, rows: Sequence[Volunteer]) -> list[VolunteerRow]:
    """Volunteers with what is missing; a fixed number of statements."""
    session, actor, keys = call.session, call.actor, [row.id for row in rows]
    if not keys:
        return []
    names = await load_names(call, [row.person_id for row in rows])
    kinds = (await load_kinds(session, call.town.id, call.now)).kinds
    offered = {kind.code for kind in kinds if kind.offered}
    cleared = await read_clearances(session, actor, keys, now=call.now)
    impact = await volunteers.load_impact(session, actor, keys)
    spoken = await volunteers.load_languages(session, actor, keys)
    say = call.reader.translator.gettext
    rules = await read_rules_at(session, call.town.id, call.now)
    words: dict[str, str] = {}
    shown = []
    for row in rows:
        known = [one for one in cleared.get(row.id, []) if one.kind in offered]
        gaps = {gap for one in known for gap in one.gaps}
        for gap in gaps - words.keys():
            words[gap] = say_gap(call.reader.language, gap, rules)
        done = impact.get(row.id)
        state = "paused" if is_paused(row, call.now) else row.status.value
        codes = spoken.get(row.id, [])
        shown.append(
            VolunteerRow(
                person_id=row.person_id,
                name=names.get(row.person_id, ""),
                area=row.home.area or "",
                tag=say_taking_part(say, state),
                missing=", ".join(sorted({words[gap] for gap in gaps})),
                visit_count=0 if done is None else done.visit_count,
                held_count=0 if done is None else done.held_count,
                languages=", ".join(LANGUAGE_NAMES.get(code, code) for code in codes),
                joined_at=row.created_at,
            )
        )
    return shown
