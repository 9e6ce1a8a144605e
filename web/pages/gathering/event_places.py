"""Where an event is: an address that was typed, a place from before, or a group's neighborhood."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from campaigns.events.models import EventPlace
from campaigns.events.planning import NamedPlace
from campaigns.events.planning_repository import find_used_place
from campaigns.groups.models import Group
from core.ids import parse_id
from geo.privacy import cell_center
from matching.imports.records import Place
from people.kinds import Precision
from people.models import NAME_LENGTH
from people.repository import read_rules_at
from web.pages.desk import Call, Desk
from web.pages.gathering.ground import go_to_town
from web.pages.guards import AnyRequest, read_form
from web.pages.locating import Located, locate, read_written_address, say_what_is_missing

ADDRESS, AREA, KEEP, BEFORE = "address", "area", "keep", "p:"


async def locate_asked(
    request: AnyRequest, desk: Desk, community: str, check: Callable[[Call], Awaitable[object]]
) -> Located:
    """The place that was typed or picked. Geocoding takes its time, so no transaction is open.

    Parameters
    ----------
    check
        Refuses those for whom the form is not.
    """
    form = await read_form(request)
    written = read_written_address(form)
    if form.get("where", ADDRESS) != ADDRESS or written is None:
        return Located()
    async with desk.look(request) as call:
        call.person()
        call.browser.check(form)
        call = await go_to_town(call, community)
        await check(call)
        rules = await read_rules_at(call.session, call.town.id, call.now)
    return await locate(call.town, rules.anonymity_k, written, desk.settings)


async def read_place(
    call: Call,
    located: Located,
    group: Group | None,
    errors: dict[str, str],
    *,
    kept: EventPlace | None = None,
) -> NamedPlace | None:
    """The place that the form names; None, and why, when it names none.

    A place that is known keeps its name unless another one is written. Who sees the address is
    said for every choice.

    Parameters
    ----------
    kept
        Where it is now, for a form that offers to leave it there.
    """
    _, form = call.reader.translator.gettext, call.form
    where, name = form.get("where", ADDRESS), " ".join(form.get("place_name", "").split())
    is_public, is_before = "is_public" in form, where.startswith(BEFORE)
    known = kept if where == KEEP else await _find_before(call, where) if is_before else None
    if len(name) > NAME_LENGTH or not (name or known is not None or is_before):
        errors["place_name"] = _("Write what people call the place, for example Danehy Park")
    if known is not None:
        return NamedPlace(name[:NAME_LENGTH] or known.name, _place_of(known), is_public)
    if where == AREA and group is not None and group.area and group.cell is not None:
        return NamedPlace(name, _middle_of(group), is_public)
    if where != ADDRESS:
        errors["where"] = _("Choose where it is")
    elif located.place is None:
        errors["address"] = say_what_is_missing(call, located)
    if located.place is None or "place_name" in errors or where != ADDRESS:
        return None
    return NamedPlace(name, located.place, is_public)


async def _find_before(call: Call, where: str) -> EventPlace | None:
    key = parse_id(where.removeprefix(BEFORE))
    if key is None:
        return None
    return await find_used_place(call.session, call.actor, call.town.id, key)


def _place_of(row: EventPlace) -> Place:
    return Place(
        address_text=row.address_text,
        unit=row.unit,
        lon_deg=row.lon_deg,
        lat_deg=row.lat_deg,
        precision=row.precision.value,
        area=row.area,
        cell=row.cell,
        address_id=row.address_id,
    )


def _middle_of(group: Group) -> Place:
    """The middle of a group's neighborhood: nobody's home."""
    assert group.cell is not None
    assert group.area is not None
    lon_deg, lat_deg = cell_center(group.cell)
    return Place(
        address_text=group.area,
        unit=None,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        precision=Precision.AREA.value,
        area=group.area,
        cell=group.cell,
        address_id=None,
    )


def make_place_values(
    call: Call,
    located: Located,
    places: Sequence[EventPlace],
    *,
    group: Group | None = None,
    kept: str = "",
) -> dict[str, Any]:
    """What the part of a form shows that asks where it is."""
    _ = call.reader.translator.gettext
    options = [(KEEP, _("Where it is now"), kept)] if kept else []
    options += [(f"{BEFORE}{one.id}", one.name, _say_address(call, one)) for one in places]
    if group is not None and group.area and group.cell is not None:
        words = _("Somewhere in %(area)s", area=group.area)
        options.append((AREA, words, _("You tell the place later.")))
    options.append((ADDRESS, _("At an address"), ""))
    return {
        "places": options,
        "spots": located.spots,
    }


def _say_address(call: Call, place: EventPlace) -> str:
    if place.is_public:
        return place.address_text
    return call.reader.translator.gettext(
        "%(address)s. So far only those who have a seat see this address.",
        address=place.address_text,
    )
