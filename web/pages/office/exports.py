"""What may be taken out of the product as files, and who took what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from litestar import get
from litestar.di import NamedDependency

from core.i18n import Translator
from matching.exports.kinds import COLUMNS, Form, What
from matching.exports.policy import can_export
from matching.exports.repository import list_exports
from people.directory_repository import load_names
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest


@dataclass(frozen=True)
class ExportChoice:
    """One kind of file."""

    title: str
    words: str
    columns: str
    files: tuple[tuple[str, str], ...]
    """What it is called, and its address."""


@dataclass(frozen=True)
class Taken:
    """A file that somebody took."""

    at: datetime
    what: str
    who: str
    rows: int


@get("/staff/exports", name="staff_exports")
async def get_exports(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every kind of file that this person may take, and what was taken lately."""
    async with desk.look(request) as call:
        town, speaker = call.staff(), call.reader.translator
        titles = _name_all(speaker)
        choices = [
            ExportChoice(
                titles[what][0],
                titles[what][1],
                ", ".join(COLUMNS[what]),
                tuple(
                    (_name_form(speaker, form), f"/exports/{town.slug}/{what.value}.{form.value}")
                    for form in Form
                ),
            )
            for what in What
            if can_export(call.actor, town.id, what)
        ]
        events = await list_exports(call.session, call.actor, town.id)
        keys = [event.actor_id for event in events if event.actor_id is not None]
        names = await load_names(call.session, call.actor, keys)
        taken = [
            Taken(
                event.happened_at,
                _name_taken(titles, str(event.data.get("what", "")), speaker),
                names[event.actor_id].full_name
                if event.actor_id in names
                else speaker.gettext("Somebody"),
                int(event.data.get("row_count") or 0),
            )
            for event in events
        ]
        return call.show("office/exports.html", {"choices": choices, "taken": taken})


def _name_all(speaker: Translator) -> dict[What, tuple[str, str]]:
    _ = speaker.gettext
    return {
        What.REQUESTS: (_("Requests"), _("Each request for help: kind, state, deadline, area.")),
        What.VOLUNTEERS: (_("Volunteers"), _("Each volunteer: how far they go, and how much.")),
        What.ASSIGNMENTS: (_("Visits"), _("Each yes, with its times and how it ended.")),
        What.COVERAGE: (_("Coverage"), _("Counts for each area of the map. For staff alone.")),
    }


def _name_form(speaker: Translator, form: Form) -> str:
    _ = speaker.gettext
    return {Form.CSV: _("For spreadsheets (CSV)"), Form.GEOJSON: _("For maps (GeoJSON)")}[form]


def _name_taken(titles: dict[What, tuple[str, str]], code: str, speaker: Translator) -> str:
    known = {what.value: words[0] for what, words in titles.items()}
    if code == "report":
        return speaker.gettext("Figures of the programme")
    return known.get(code, speaker.gettext("Results of a campaign"))
