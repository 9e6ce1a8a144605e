"""Places that a typed address may mean, and the pin between them and the door. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from core.i18n import Translator
from geo.candidate import Candidate, Precision
from geo.finding import Suggestion
from matching.imports.places import LIKELY_SCORE
from web.pages.asking.answers import Answers, Spot

MOST_SPOTS: Final = 3
STEP_M: Final = 5.0
"""As far as one press of a button moves the pin, here and in the browser."""
FARTHEST_M: Final = 400.0
"""From the place that was found: further away another address is meant."""
METRES_PER_DEG: Final = 111_320.0
WAYS: Final = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
SAME_DEG: Final = 2e-6


def keep_likely(found: tuple[Suggestion, ...]) -> tuple[Spot, ...]:
    """What may be meant: the one that is certain, else the likely ones."""
    likely = [one for one in found if one.candidate.score >= LIKELY_SCORE]
    if likely and likely[0].is_sure and likely[0].candidate.score >= 1.0:
        likely = likely[:1]
    return tuple(
        make_spot(one.candidate, one.cell)
        for one in likely[:MOST_SPOTS]
        if one.candidate.precision is not Precision.AREA
    )


def make_spot(found: Candidate, cell: int) -> Spot:
    """A place as the answers keep it."""
    return Spot(
        label=found.label,
        lon_deg=float(found.lon),
        lat_deg=float(found.lat),
        precision=found.precision.value,
        cell=int(cell),
        area=found.area,
        postcode=found.postcode,
        number=found.number,
        address_id=found.address_id,
        unit=found.unit,
    )


def is_corner(spot: Spot) -> bool:
    """Where two streets meet: near enough to begin from."""
    return not spot.is_house and "&" in spot.label


def say_spot(spot: Spot, translator: Translator) -> str:
    """How exactly a place is known, in words."""
    _ = translator.gettext
    if spot.is_house and spot.precision == Precision.ROOFTOP.value:
        known = _("We know this house.")
    elif spot.is_house:
        known = _("Found between its neighbors: please check the pin.")
    elif is_corner(spot):
        known = _("A street corner: move the pin to the door.")
    else:
        known = _("A whole street: move the pin to the door.")
    where = ", ".join(part for part in (spot.area, spot.postcode) if part)
    return f"{where}. {known}" if where else known


def apart_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Metres between two points, longitude and latitude."""
    narrow = math.cos(math.radians(first[1]))
    x_m = (first[0] - second[0]) * METRES_PER_DEG * narrow
    return math.hypot(x_m, (first[1] - second[1]) * METRES_PER_DEG)


def move_pin(answers: Answers, way: str) -> Answers:
    """The pin one step further, never far from what was found."""
    spot, point = answers.spot, answers.point
    if spot is None or point is None or way not in WAYS:
        return answers
    east, north = WAYS[way]
    narrow = math.cos(math.radians(point[1]))
    moved = (
        round(point[0] + east * STEP_M / (METRES_PER_DEG * narrow), 6),
        round(point[1] + north * STEP_M / METRES_PER_DEG, 6),
    )
    if apart_m(moved, (spot.lon_deg, spot.lat_deg)) > FARTHEST_M:
        return answers
    return replace(answers, pin=moved)


def read_pin(answers: Answers, form: Mapping[str, str]) -> Answers:
    """The choice between the places, and the pin as the browser has moved it."""
    pick = int(form.get("place", "")) if form.get("place", "") in ("0", "1", "2") else -1
    if not 0 <= pick < len(answers.spots):
        return answers
    if pick != answers.pick:
        return replace(answers, pick=pick, pin=None)
    spot, point = answers.spot, answers.point
    try:
        given = (float(form.get("lon", "")), float(form.get("lat", "")))
    except ValueError:
        return answers
    if spot is None or point is None or not all(math.isfinite(part) for part in given):
        return answers
    stays = all(abs(a - b) < SAME_DEG for a, b in zip(given, point, strict=True))
    if stays or apart_m(given, (spot.lon_deg, spot.lat_deg)) > FARTHEST_M:
        return answers
    return replace(answers, pin=(round(given[0], 6), round(given[1], 6)))


def find_faults(answers: Answers, translator: Translator) -> dict[str, str]:
    """What is missing before a neighbor can find the door."""
    _ = translator.gettext
    spot = answers.spot
    if spot is None or spot.is_house:
        return {}
    if answers.pin is None:
        return {"place": _("This is a street, not a house. Move the pin to the door first.")}
    if not answers.notes:
        return {"notes": _("Say how to find the door, for example the house number")}
    return {}
