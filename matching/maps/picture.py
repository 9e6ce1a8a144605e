"""The map as a picture, for a page that cannot hold a map: reports, mails, the README."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from matching.maps.content import MapCell, MapContent
from matching.maps.page import label_point

COLORS = {
    "out": "#e9edec",
    "land": "#f0ede6",
    "water": "#bcd3df",
    "park": "#d9e5d2",
    "thin": "#dbd6cb",
    "mid": "#c8c1b4",
    "main": "#a9a091",
    "hood": "#7c7467",
    "halo": "#f7f5f0",
    "ok": "#14584a",
    "ask": "#f4b63f",
    "ask_edge": "#8a5a00",
    "wait": "#a5322a",
    "route": "#24557d",
    "ink": "#15212b",
    "ink_2": "#43525d",
    "card": "#ffffff",
    "line": "#cdd5d6",
}
SIZE_INCHES = (12.8, 9.6)
DOTS_PER_INCH = 125


def render_picture(content: MapContent) -> bytes:
    """The homes and routes of a round as PNG, in the light colours of the page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor=COLORS["card"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.055, 1.0, 0.845), facecolor=COLORS["out"])
    shapes = [*content.basemap.land, *(cell.polygon for cell in content.cells)]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    _frame(axes, (west, south, east, north), SIZE_INCHES[0] / (0.845 * SIZE_INCHES[1]))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(COLORS["line"])
    _draw_basemap(axes, content)
    _draw_cells(axes, content)
    _draw_routes(axes, content)
    _draw_labels(axes, content)
    _draw_words(figure, axes, content)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": "Talkoot", "Title": content.title})
    return target.getvalue()


def _frame(axes: Any, bounds: tuple[float, float, float, float], shape: float) -> None:
    """Show the bounds in the middle of a frame of this width to height, in true proportion."""
    west, south, east, north = bounds
    stretch = np.cos(np.radians((south + north) / 2))
    width, height = 1.05 * (east - west) * stretch, 1.05 * (north - south)
    width, height = max(width, height * shape), max(height, width / shape)
    lon, lat = (west + east) / 2, (south + north) / 2
    axes.set_xlim(lon - width / stretch / 2, lon + width / stretch / 2)
    axes.set_ylim(lat - height / 2, lat + height / 2)


def _path(polygons: Iterable[Any]) -> Any:
    from matplotlib.path import Path

    parts = [part for polygon in polygons for part in shapely.get_parts(polygon)]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    paths = [Path(np.asarray(ring.coords), closed=True) for ring in rings]
    return Path.make_compound_path(*paths) if paths else None


def _fill(axes: Any, polygons: Iterable[Any], **style: Any) -> None:
    from matplotlib.patches import PathPatch

    path = _path(polygons)
    if path is not None:
        axes.add_patch(PathPatch(path, **style))


def _lines(axes: Any, lines: Iterable[Any], **style: Any) -> None:
    from matplotlib.collections import LineCollection

    axes.add_collection(
        LineCollection([np.asarray(line.coords) for line in lines], capstyle="round", **style),
        autolim=False,
    )


def _draw_basemap(axes: Any, content: MapContent) -> None:
    basemap = content.basemap
    _fill(axes, basemap.land, facecolor=COLORS["land"], linewidth=0, zorder=1)
    _fill(axes, basemap.park, facecolor=COLORS["park"], linewidth=0, zorder=2)
    _fill(axes, basemap.water, facecolor=COLORS["water"], linewidth=0, zorder=3)
    _lines(axes, basemap.small, colors=COLORS["thin"], linewidths=0.6, zorder=4)
    _lines(axes, basemap.middle, colors=COLORS["mid"], linewidths=0.9, zorder=4)
    _lines(axes, basemap.main, colors=COLORS["main"], linewidths=1.4, zorder=4)
    borders = [
        ring
        for area in content.areas
        for part in shapely.get_parts(area.polygon)
        for ring in (part.exterior,)
    ]
    _lines(axes, borders, colors=COLORS["hood"], linewidths=0.9, linestyles=(0, (1, 3)), zorder=7)


def cell_kind(cell: MapCell) -> str:
    """``ok`` when every home has a neighbor, ``ask`` when less than half have nobody, ``wait``."""
    if cell.nobody == 0:
        return "ok"
    return "ask" if cell.nobody * 2 < cell.asked else "wait"


def _draw_cells(axes: Any, content: MapContent) -> None:
    styles = {
        "ok": {"facecolor": COLORS["ok"], "alpha": 0.36, "edgecolor": COLORS["ok"]},
        "ask": {"facecolor": COLORS["ask"], "alpha": 0.82, "edgecolor": COLORS["ask_edge"]},
        "wait": {"facecolor": COLORS["wait"], "alpha": 0.94, "edgecolor": COLORS["land"]},
    }
    for cell in content.cells:
        kind = cell_kind(cell)
        _fill(axes, [cell.polygon], linewidth=0.8, zorder=5, **styles[kind])
        if cell.nobody:
            largest = max(shapely.get_parts(cell.polygon), key=lambda part: part.area)
            axes.text(
                largest.centroid.x,
                largest.centroid.y,
                str(cell.nobody),
                ha="center",
                va="center",
                fontsize=8.5,
                fontweight="bold",
                color=COLORS["card"] if kind == "wait" else COLORS["ink"],
                zorder=9,
            )


def _draw_routes(axes: Any, content: MapContent) -> None:
    lines = [route.line for route in content.routes]
    # Below the cells, so that no number is crossed out.
    _lines(axes, lines, colors=COLORS["card"], linewidths=2.6, zorder=4.5)
    _lines(axes, lines, colors=COLORS["route"], linewidths=1.1, alpha=0.85, zorder=4.6)


def _draw_labels(axes: Any, content: MapContent) -> None:
    from matplotlib.patheffects import withStroke

    for area in content.areas:
        lon, lat = label_point(area)
        axes.text(
            lon,
            lat,
            area.name,
            ha="center",
            va="center",
            fontsize=9,
            fontweight="bold",
            color=COLORS["ink"],
            zorder=10,
            path_effects=[withStroke(linewidth=3, foreground=COLORS["halo"])],
        )


def _draw_words(figure: Any, axes: Any, content: MapContent) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    serif = ["DejaVu Serif"]
    figure.text(
        0.02, 0.955, content.title, fontsize=18, fontweight="bold", family=serif,
        color=COLORS["ink"], va="center",
    )  # fmt: skip
    line = f"{content.city}. {content.when}. {content.note}".strip()
    figure.text(0.02, 0.918, line, fontsize=10, color=COLORS["ink_2"], va="center")
    handles = [
        Patch(facecolor=COLORS["ok"], alpha=0.36, label="Every home has a neighbor"),
        Patch(facecolor=COLORS["ask"], label="Less than half have nobody, with their number"),
        Patch(facecolor=COLORS["wait"], label="Half or more have nobody"),
        Line2D([], [], color=COLORS["route"], linewidth=1.5, label="Way from cell to cell"),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.012, 0.004), ncols=4, frameon=False,
        fontsize=9.5, labelcolor=COLORS["ink"], columnspacing=1.6,
    )  # fmt: skip
    axes.text(
        0.995, 0.008, f"Map: {content.basemap.attribution}", transform=axes.transAxes,
        fontsize=8, ha="right", va="bottom", color=COLORS["ink_2"], zorder=12,
        bbox={"facecolor": COLORS["halo"], "edgecolor": "none", "pad": 2},
    )  # fmt: skip
