"""Names of streets along them, and numbers of houses, where there is room."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

from web.pages.design.ground import Area, Ground
from web.pages.design.window import Window

SIGN_PX: Final = 6.3
"""How wide a letter of a name is, about."""
NAME_HIGH_PX: Final = 15
NUMBER_HIGH_PX: Final = 12
AREA_SIGN_PX: Final = 6.9
AREA_SHIFTS_PX: Final = (
    (0, 0),
    (0, 14),
    (0, -14),
    (0, 26),
    (0, -26),
    (34, 0),
    (-34, 0),
    (0, 40),
    (0, -40),
)
MOST_NAMES: Final = 14
MOST_NUMBERS: Final = 60
MOST_LISTED: Final = 200
PIN_BOX: Final = (-20, -54, 20, 6)
EDGE_PX: Final = 4


def place_names(ground: Ground, window: Window, room: Sequence[Any]) -> str:
    """A name on each street that has room for it: the main ones first, then the longest."""
    pieces = _find_pieces(ground, window)
    boxes = list(room)
    inner = shapely.box(EDGE_PX, EDGE_PX, window.width - EDGE_PX, window.height - EDGE_PX)
    words = []
    for name, line in pieces:
        spot = _find_spot(line, len(name) * SIGN_PX, inner, boxes)
        if spot is None:
            continue
        x, y, turn, box = spot
        boxes.append(box)
        words.append(
            f'<text x="{x}" y="{y}" dy="4" transform="rotate({turn} {x} {y})">{escape(name)}</text>'
        )
        if len(words) == MOST_NAMES:
            break
    return f'<g class="m-street">{"".join(words)}</g>' if words else ""


def place_numbers(ground: Ground, window: Window, room: Sequence[Any]) -> str:
    """Numbers of houses, one a place."""
    inside = _find_houses(ground, window)
    boxes = list(room)
    words = []
    pixels = np.rint(window.project(ground.houses[inside])).astype(int).tolist()
    for at, (x, y) in zip(inside.tolist(), pixels, strict=True):
        number = ground.house_numbers[at]
        half = len(number) * 3.5 + 1
        box = shapely.box(x - half, y - NUMBER_HIGH_PX / 2, x + half, y + NUMBER_HIGH_PX / 2)
        if any(box.intersects(other) for other in boxes):
            continue
        boxes.append(box)
        words.append(f'<text x="{x}" y="{y + 4}">{escape(number)}</text>')
        if len(words) == MOST_NUMBERS:
            break
    return f'<g class="m-num">{"".join(words)}</g>' if words else ""


def list_houses(ground: Ground, window: Window) -> list[list[Any]]:
    """Lon, lat and number of the houses in a picture, for the map in the browser."""
    inside = _find_houses(ground, window)[:MOST_LISTED]
    places = np.round(ground.houses[inside], 5).tolist()
    numbers = [ground.house_numbers[at] for at in inside.tolist()]
    return [[lon, lat, number] for (lon, lat), number in zip(places, numbers, strict=True)]


def _find_houses(ground: Ground, window: Window) -> npt.NDArray[np.intp]:
    west, south, east, north = window.bounds
    lon, lat = ground.houses[:, 0], ground.houses[:, 1]
    return np.flatnonzero((lon > west) & (lon < east) & (lat > south) & (lat < north))


def place_area_names(window: Window, areas: Sequence[Area], room: Sequence[Any]) -> str:
    """The names of neighborhoods, moved a little where a number or another name stands."""
    boxes, words = list(room), []
    for area in areas:
        x, y = window.project_one(area.lon_deg, area.lat_deg)
        half = round(len(area.name) * AREA_SIGN_PX / 2) + EDGE_PX
        x = min(max(x, half), window.width - half)
        spots = [(x + right, y + down) for right, down in AREA_SHIFTS_PX]
        found = [(text_box(area.name, spot, AREA_SIGN_PX), spot) for spot in spots]
        free = [one for one in found if not any(one[0].intersects(other) for other in boxes)]
        box, (x, y) = (free or found)[0]
        boxes.append(box)
        words.append(f'<text x="{x}" y="{y + 4}">{escape(area.name)}</text>')
    return f'<g class="m-hoodn">{"".join(words)}</g>' if words else ""


def text_box(words: str, at: tuple[int, int], sign_px: float) -> Any:
    """Where words stand that have this place in their middle."""
    half = len(words) * sign_px / 2 + 2
    return shapely.box(at[0] - half, at[1] - 8, at[0] + half, at[1] + 8)


def _find_pieces(ground: Ground, window: Window) -> list[tuple[str, Any]]:
    """The longest piece of each named street in the picture, in pixels."""
    lines: dict[str, list[Any]] = defaultdict(list)
    rank: dict[str, int] = {}
    for at in ground.tree.query(window.box).tolist():
        name = ground.names[at]
        if name:
            lines[name].append(ground.lines[at])
            rank[name] = max(rank.get(name, 0), int(ground.ranks[at]))
    pieces = []
    for name, parts in lines.items():
        pixels = window.to_pixels(parts)
        if len(pixels):
            merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pixels)))
            longest = max(merged, key=lambda line: float(line.length))
            pieces.append((rank[name], float(longest.length), name, longest))
    pieces.sort(key=lambda piece: (-piece[0], -piece[1], piece[2]))
    return [(name, line) for _, _, name, line in pieces]


def _find_spot(
    line: Any, wide_px: float, inner: Any, boxes: Sequence[Any]
) -> tuple[int, int, int, Any] | None:
    """Where along a line a name fits, nearest its middle."""
    if line.length < wide_px + 10:
        return None
    for share in (0.5, 0.38, 0.62, 0.26, 0.74):
        middle = line.length * share
        low, high = middle - wide_px / 2, middle + wide_px / 2
        if low < 0 or high > line.length:
            continue
        start, end = line.interpolate(low), line.interpolate(high)
        # A street that bends here more than its own width has no straight place for the name.
        if math.hypot(end.x - start.x, end.y - start.y) < 0.97 * wide_px:
            continue
        x, y = round((start.x + end.x) / 2), round((start.y + end.y) / 2)
        turn = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        flat = shapely.box(
            x - wide_px / 2, y - NAME_HIGH_PX / 2, x + wide_px / 2, y + NAME_HIGH_PX / 2
        )
        box = affinity.rotate(flat, turn, origin=(x, y))
        if inner.contains(box) and not any(box.intersects(other) for other in boxes):
            return x, y, round(turn), box
    return None


def pin_box(at: tuple[int, int]) -> Any:
    """Where a pin stands."""
    west, top, east, low = PIN_BOX
    return shapely.box(at[0] + west, at[1] + top, at[0] + east, at[1] + low)
