"""Where the lines and dots of charts stand. The templates draw them; the words stand in tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.measuring.effects import Effect
from campaigns.results.figures import SeriesPoint

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 14, 30
BAR_WIDTH = 100
MOST_TICKS = 5


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    value: float


@dataclass(frozen=True)
class IntervalChart:
    """An interval against zero, on a line of `WIDTH` units."""

    low: float
    estimate: float
    high: float
    zero: float
    unseen_from: float
    unseen_to: float
    """Effects within these could not have been seen."""


@dataclass(frozen=True)
class Line:
    """One line of weeks: pieces without a gap, and every dot."""

    name: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LineChart:
    """Weeks from left to right."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    starts_x: float | None
    """Where the campaign began."""
    first: SeriesPoint
    last: SeriesPoint


@dataclass(frozen=True)
class Bar:
    """A share with its interval, in units of `BAR_WIDTH` for the largest of its table."""

    width: float
    low: float
    high: float
    mark: float | None
    """Where the share of the whole stands."""


def draw_interval(effect: Effect) -> IntervalChart:
    """An interval, with room for zero and for what could not have been seen."""
    reach = 1.15 * max(abs(effect.low), abs(effect.high), effect.detectable, 1e-12)

    def place(value: float) -> float:
        return round((value / reach + 1) / 2 * WIDTH, 1)

    return IntervalChart(
        low=place(effect.low),
        estimate=place(effect.estimate),
        high=place(effect.high),
        zero=place(0.0),
        unseen_from=place(-effect.detectable),
        unseen_to=place(effect.detectable),
    )


def draw_bar(
    share: float, low: float, high: float, *, most: float, whole: float | None = None
) -> Bar:
    """One share beside the largest upper end of its table."""

    def place(value: float) -> float:
        return round(min(1.0, value / most) * BAR_WIDTH, 1) if most > 0 else 0.0

    return Bar(place(share), place(low), place(high), None if whole is None else place(whole))


def draw_series(points: Sequence[SeriesPoint]) -> LineChart | None:
    """Weeks as lines; None for fewer than two."""
    values = [
        value for point in points for value in (point.units, point.controls) if value is not None
    ]
    if len(points) < 2 or len(values) < 2:
        return None
    ticks = choose_ticks(min(values), max(values))
    least, most = ticks[0], ticks[-1]
    first, last = points[0].starts_on.toordinal(), points[-1].starts_on.toordinal()

    def place_x(point: SeriesPoint) -> float:
        share = (point.starts_on.toordinal() - first) / max(1, last - first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def place_y(value: float) -> float:
        return round(TOP + (most - value) / (most - least) * (HEIGHT - TOP - BOTTOM), 1)

    def line(name: str) -> Line:
        pieces: list[list[tuple[float, float]]] = [[]]
        for point in points:
            value = getattr(point, name)
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append((place_x(point), place_y(value)))
        return Line(
            name,
            tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
            tuple(dot for piece in pieces for dot in piece),
        )

    began = next((point for point in points if point.phase == "during"), None)
    return LineChart(
        (line("controls"), line("units")),
        tuple(Tick(place_y(value), value) for value in ticks),
        None if began is None else place_x(began),
        points[0],
        points[-1],
    )


def choose_ticks(least: float, most: float) -> list[float]:
    """Round numbers from below the least to above the most."""
    if most - least < 1e-9 * max(1.0, abs(most)):
        least, most = least - 0.5 * abs(least or 1.0), most + 0.5 * abs(most or 1.0)
    rough = (most - least) / (MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in (1, 2, 2.5, 5, 10) if power * size >= rough)
    start = math.floor(least / step)
    stop = math.ceil(most / step)
    return [round(number * step, 12) for number in range(start, stop + 1)]
