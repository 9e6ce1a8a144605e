"""Pages that explain: help, the snow rules of the city, privacy, accessibility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from litestar import get
from litestar.di import NamedDependency

from matching.intake.errors import NoRuleThen
from matching.intake.ordinance_packs import OrdinanceVersion, load_pack
from matching.intake.programme import load_deadline_rules
from people.repository import read_rules_at
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all

USUAL_K: Final = 20
CM_PER_FOOT: Final = 30.48


@dataclass(frozen=True)
class SnowLaw:
    """A city's snow rule in words, and where it was read."""

    city: str
    snow: tuple[str, ...]
    ice: tuple[str, ...]
    since: str
    as_of: str
    path_feet: float | None
    version: OrdinanceVersion


@get("/help", name="help")
@shown_to_all
async def get_help(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """How it works: by web, by phone, by text; the rules at the door; questions."""
    async with desk.look(request) as call:
        return call.show_public("front/help.html", {})


@get("/rules", name="rules")
@shown_to_all
async def get_rules(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Until when sidewalks must be clear, by the law of the city."""
    async with desk.look(request) as call:
        return call.show_public("front/rules.html", {"law": await _read_law(call)})


@get("/privacy", name="privacy")
@shown_to_all
async def get_privacy(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What is kept, who sees it, how long, and how to be forgotten."""
    async with desk.look(request) as call:
        k = USUAL_K
        if call.place is not None:
            k = (await read_rules_at(call.session, call.place.id, call.now)).anonymity_k
        return call.show_public("front/privacy.html", {"k": k})


@get("/accessibility", name="accessibility")
@shown_to_all
async def get_accessibility(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What was done so that everybody can use the pages, and whom to tell when one cannot."""
    async with desk.look(request) as call:
        return call.show_public("front/accessibility.html", {})


async def _read_law(call: Call) -> SnowLaw | None:
    """The rule that holds today; None where none is known."""
    if call.place is None:
        return None
    rules = await load_deadline_rules(call.session, call.place, call.now)
    if rules.ordinance is None:
        return None
    pack = load_pack(rules.ordinance)
    try:
        version = pack.version_on(call.now.astimezone(ZoneInfo(pack.time_zone)).date())
    except NoRuleThen:
        return None
    locale, width = call.reader.translator.locale, version.path_width_cm
    words = [(one.hazard, one.sentence[call.reader.language]) for one in version.clauses]
    return SnowLaw(
        city=pack.city,
        snow=tuple(text for hazard, text in words if hazard == "snow"),
        ice=tuple(text for hazard, text in words if hazard == "ice"),
        since=format_date(version.valid_from, "long", locale=locale),
        as_of=format_date(version.as_of, "long", locale=locale),
        path_feet=width and round(width / CM_PER_FOOT, 1),
        version=version,
    )
