"""What the tags of OpenStreetMap mean for us: streets and who may use them, water, parks, places.

References
----------
.. [1] OpenStreetMap Wiki: Key:highway, Key:access, OSM tags for routing/Access restrictions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
_LOCAL = ("unclassified", "residential", "living_street", "service", "road")
_ROADS = frozenset([*_LINKED, *(f"{kind}_link" for kind in _LINKED), *_LOCAL])
_FAST = frozenset(f"{kind}{end}" for kind in ("motorway", "trunk") for end in ("", "_link"))
_PATHS = frozenset(
    ["footway", "path", "pedestrian", "steps", "track", "cycleway", "bridleway", "platform"]
)
_FOOT = (_ROADS - _FAST) | {"footway", "path", "pedestrian", "steps", "track", "platform"}
_BIKE = (_ROADS - _FAST) | {"cycleway", "path", "track"}
_DENIED = frozenset(
    ["no", "private", "agricultural", "forestry", "delivery", "use_sidepath", "emergency", "bus"]
)
_ALLOWED = frozenset(["yes", "designated", "permissive", "official", "destination", "customers"])
_NAME_KEYS = ("alt_name", "old_name", "official_name", "loc_name", "short_name", "reg_name")
_LANGUAGE_NAME = re.compile(r"^name:[a-z]{2,3}$")
_SPEED = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?$")
_KMH_PER_MPH = 1.609344

_WATER = {
    "natural": {"water"},
    "waterway": {"riverbank", "dock"},
    "landuse": {"reservoir", "basin"},
}
_PARK = {
    "leisure": {"park", "garden", "nature_reserve", "playground", "recreation_ground"},
    "landuse": {"recreation_ground", "village_green", "forest", "cemetery", "allotments"},
    "natural": {"wood"},
}
_PLACES = {
    "amenity": {
        "library": "library",
        "community_centre": "community_centre",
        "nursing_home": "senior_home",
        "pharmacy": "pharmacy",
        "hospital": "hospital",
        "clinic": "clinic",
        "school": "school",
        "townhall": "townhall",
        "recycling": "recycling",
        "grit_bin": "salt_barrel",
    },
    "shop": {"supermarket": "supermarket"},
}
_SENIOR_FACILITIES = frozenset(["assisted_living", "nursing_home", "group_home"])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a way, and the driving direction: 1 along it, -1 against it, 0 both."""

    foot: bool
    bike: bool
    car: bool
    oneway: int


def find_street_class(tags: Tags) -> str | None:
    """The kind of street or path of a way; None when nobody travels on it."""
    kind = tags.get("highway")
    if kind in _ROADS or kind in _PATHS:
        return kind
    return "platform" if tags.get("railway") == "platform" else None


def read_access(tags: Tags, street_class: str) -> Access:
    """Who may use a way. The most specific tag decides, then the kind of way.

    A cycleway is for walkers only when it says so, a footway for bicycles likewise.
    """
    car = _may_use(tags, ("motorcar", "motor_vehicle", "vehicle", "access"), street_class in _ROADS)
    return Access(
        foot=_may_use(tags, ("foot", "access"), street_class in _FOOT),
        bike=_may_use(tags, ("bicycle", "vehicle", "access"), street_class in _BIKE),
        car=car and street_class in _ROADS,
        oneway=_read_oneway(tags, street_class),
    )


def _may_use(tags: Tags, keys: tuple[str, ...], usual: bool) -> bool:
    for position, key in enumerate(keys):
        value = tags.get(key)
        if value in _DENIED:
            return False
        if value in _ALLOWED:
            # A general "access=yes" opens a road to nobody for whom it is not built.
            return True if position == 0 else usual
    return usual


def _read_oneway(tags: Tags, street_class: str) -> int:
    value = tags.get("oneway")
    if value in ("yes", "true", "1"):
        return 1
    if value in ("-1", "reverse"):
        return -1
    if value is None:
        round_about = tags.get("junction") in ("roundabout", "circular")
        return int(round_about or street_class == "motorway")
    return 0


def read_max_speed(tags: Tags) -> float | None:
    """The signed speed limit in km/h; None when not given as a number."""
    found = _SPEED.match(tags.get("maxspeed", ""))
    if found is None:
        return None
    return round(float(found[1]) * (_KMH_PER_MPH if found[2] == "mph" else 1.0), 1)


def read_alias_names(tags: Tags) -> tuple[str, ...]:
    """Other names of a street, in other languages too, each once, in a fixed order."""
    keys = [key for key in _NAME_KEYS if key in tags]
    keys += sorted(key for key in tags if _LANGUAGE_NAME.match(key))
    names = [name.strip() for key in keys for name in tags[key].split(";")]
    return tuple(dict.fromkeys(name for name in names if name and name != tags.get("name")))


def find_water_kind(tags: Tags) -> str | None:
    """The kind of a water area; None for anything else."""
    return tags.get("water", _first_value(tags, _WATER)) if _first_value(tags, _WATER) else None


def find_park_kind(tags: Tags) -> str | None:
    """The kind of a green area; None for anything else."""
    return _first_value(tags, _PARK)


def _first_value(tags: Tags, wanted: Mapping[str, set[str]]) -> str | None:
    for key, values in wanted.items():
        value = tags.get(key)
        if value in values:
            return value
    return None


def find_place_kind(tags: Tags) -> str | None:
    """The kind of a place that a neighbour may need; None for anything else.

    Places need a name, except grit bins, which nobody names.
    """
    kind = None
    if tags.get("amenity") == "social_facility":
        senior = tags.get("social_facility:for", "") in ("senior", "senior;disabled")
        kind = "social_facility"
        if senior or tags.get("social_facility") in _SENIOR_FACILITIES:
            kind = "senior_home"
    for key, kinds in _PLACES.items():
        kind = kind or kinds.get(tags.get(key, ""))
    return kind if kind == "salt_barrel" or "name" in tags else None
