"""The place of an address in a form: typed, or picked from those that it may be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InvalidInput
from core.settings import Settings
from geo.candidate import Candidate
from matching.imports.records import Place
from matching.intake.addresses import AddressNotCertain, WrittenAddress, find_place
from people.models import Community
from web.pages.desk import Call

MAX_LABEL = 200


@dataclass(frozen=True)
class Located:
    """What a typed address came to: a place, or those that it may be, or none."""

    place: Place | None = None
    candidates: tuple[Candidate, ...] = ()
    is_unknown: bool = False

    @property
    def spots(self) -> list[tuple[str, str, str]]:
        """The candidates as choices of a form: what is sent, the label, the neighborhood."""
        return [
            (f"{one.lon:.6f},{one.lat:.6f},{one.label}", one.label, one.area or "")
            for one in self.candidates
        ]


def read_written_address(form: Mapping[str, str]) -> WrittenAddress | None:
    """What was typed, or the candidate that was picked for just these words; None for nothing."""
    typed, unit = form.get("address", "").strip(), form.get("unit", "")
    if not typed:
        return None
    lon, _, rest = form.get("spot", "").partition(",")
    lat, _, label = rest.partition(",")
    if form.get("asked_address", "").strip() == typed:
        try:
            return WrittenAddress(label[:MAX_LABEL], unit, lon_deg=float(lon), lat_deg=float(lat))
        except ValueError:
            pass
    return WrittenAddress(typed, unit)


async def locate(
    town: Community, anonymity_k: int, written: WrittenAddress, settings: Settings
) -> Located:
    """Find a place. Geocoding takes its time: no transaction is to be open."""
    try:
        found = await asyncio.to_thread(find_place, town.city_pack, anonymity_k, written, settings)
    except AddressNotCertain as error:
        return Located(candidates=error.candidates)
    except InvalidInput:
        return Located(is_unknown=True)
    return Located(place=found)


def say_what_is_missing(call: Call, located: Located) -> str:
    """Why there is no place yet."""
    _ = call.reader.translator.gettext
    if located.candidates:
        return _("We found several places. Choose one of them")
    if located.is_unknown:
        return _("We do not find this address. Look at the number and the street")
    return _("Write the street and the house number")
