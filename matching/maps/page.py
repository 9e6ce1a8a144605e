"""The map page: one file that opens without a network, with everything inside."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib import resources
from typing import Any

import shapely

from geo.basemap import encode_line, encode_polygon
from matching.maps.content import MapArea, MapContent, MapRoute
from matching.maps.stitches import MOST_STITCHES, stitch_row, stitch_scarf

_MARK = (
    '<svg viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
    '<path class="bm bm-r" d="M4.5 17L20 4.5 35.5 17"/>'
    '<path class="bm bm-s" d="M4.5 23.5L20 35.5 35.5 23.5"/>'
    '<path class="bm-l" d="M20 12.5l7 7.5-7 7.5-7-7.5z"/></svg>'
)
_HEXAGON = '<path class="{}" d="M10 1l8 4.5v9L10 19l-8-4.5v-9z"/>'
_URL = re.compile(r"url\([^)]*\)")
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=.*")


def render_page(content: MapContent) -> str:
    """The whole page as HTML. It asks no server for anything, and its policy forbids it."""
    style = _URL.sub("none", _leaflet("leaflet.css")) + _part("map.css")
    scripts = [_SOURCE_MAP.sub("", _leaflet("leaflet.js")), _part("map.js")]
    # The picture sizes of Leaflet's own layers are set by script, which the policy allows.
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {_source(style)}; script-src {' '.join(map(_source, scripts))}"
    )
    data = json.dumps(_map_data(content), separators=(",", ":"), ensure_ascii=False)
    data = data.replace("<", "\\u003c")
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{escape(content.title)} Talkoot {escape(content.city)}</title>",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{style}</style>\n</head>\n<body>",
            _chrome(content),
            '<main id="main"><div class="wrap stack">',
            _heading(content),
            '<div class="board"><div class="col">',
            _map_card(content),
            _coverage_table(content),
            '</div><div class="col">',
            *_side(content),
            "</div></div>",
            _route_table(content),
            f'<p class="small quiet">{escape(content.footer)}</p>',
            '<p id="say" class="vh" role="status"></p></div></main>',
            f'<script type="application/json" id="map-data">{data}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def _part(name: str) -> str:
    return resources.files("matching.maps").joinpath("static", name).read_text("utf-8")


def _leaflet(name: str) -> str:
    static = resources.files("js_lib_leaflet").joinpath("static", "js_lib_leaflet")
    return static.joinpath(name).read_text("utf-8")


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _map_data(content: MapContent) -> dict[str, Any]:
    basemap = content.basemap
    return {
        "bounds": [round(degree, 5) for degree in basemap.bounds],
        **{
            name: [encode_polygon(polygon) for polygon in getattr(basemap, name)]
            for name in ("land", "park", "water")
        },
        **{
            name: [encode_line(line) for line in getattr(basemap, name)]
            for name in ("small", "middle", "main")
        },
        "worth": any(area.worth_homes is not None for area in content.areas),
        "cells": [
            {
                "cell": cell.cell,
                "shape": [encode_polygon(part) for part in shapely.get_parts(cell.polygon)],
                "at": _inside(cell.polygon),
                "asked": cell.asked,
                "served": cell.served,
            }
            for cell in content.cells
            if cell.asked
        ],
        "areas": [
            {
                "name": area.name,
                "shape": [encode_polygon(part) for part in _parts(area)],
                "at": label_point(area),
                "asked": area.asked,
                "served": area.served,
                "worth": area.worth_homes,
            }
            for area in content.areas
        ],
        "routes": [
            {"name": route.name, "line": encode_line(route.line)} for route in content.routes
        ],
    }


def _parts(area: MapArea) -> list[Any]:
    parts = shapely.get_parts(area.polygon.simplify(2e-5))
    return [part for part in parts if part.geom_type == "Polygon"]


def label_point(area: MapArea) -> list[float]:
    """A place inside an area for its name: lon, lat in degrees."""
    return _inside(max(_parts(area), key=lambda part: part.area))


def _inside(polygon: Any) -> list[float]:
    largest = max(shapely.get_parts(polygon), key=lambda part: part.area)
    inside = largest.centroid if largest.contains(largest.centroid) else largest.point_on_surface()
    return [round(inside.x, 5), round(inside.y, 5)]


def _chrome(content: MapContent) -> str:
    note = (
        f'<div class="note"><p class="wrap">{escape(content.note)}</p></div>'
        if content.note
        else ""
    )
    return (
        f'<a class="skip" href="#main">Skip to the main content</a><header class="top">{note}'
        f'<div class="wrap top-in"><p class="brand">{_MARK}<span>Talkoot</span> '
        f"<small>{escape(content.city)}</small></p>"
        '<button type="button" class="btn" id="theme" data-needs-script hidden>Use dark colors'
        "</button></div></header>"
    )


def _heading(content: MapContent) -> str:
    facts = "".join(
        f'<div><dt>{escape(label)}</dt><dd><span class="big-n">{escape(number)}</span> '
        f'<span class="small quiet">{escape(words)}</span></dd></div>'
        for label, number, words in content.facts
    )
    changes = "".join(f"<p>{escape(change)}</p>" for change in content.changes)
    nobody = content.asked - content.served
    big = content.asked > MOST_STITCHES
    return (
        f'<div class="stack stack-2"><h1>{escape(content.title)}</h1>'
        f'<p class="quiet">{escape(content.when)}</p>{changes}</div>'
        f'<dl class="wins">{facts}</dl>'
        '<section class="card stack stack-2" aria-label="All homes">'
        f"{stitch_scarf(content.served, nobody)}"
        '<ul class="legend"><li><svg viewBox="-1 -1 12 13" aria-hidden="true">'
        f'<use class="st-ok" href="#v"/></svg>Neighbor found <strong>{content.served}</strong></li>'
        '<li><svg viewBox="-1 -1 12 13" aria-hidden="true"><use class="st-none" href="#v"/></svg>'
        f"Nobody yet <strong>{nobody}</strong></li>"
        f'<li class="quiet">One stitch is {"ten homes" if big else "one home"}</li></ul></section>'
    )


def _map_card(content: MapContent) -> str:
    views = [("homes", "Homes"), ("areas", "Neighborhoods"), ("routes", "Routes")]
    if any(area.worth_homes is not None for area in content.areas):
        views.append(("worth", "Worth of one volunteer"))
    radios = "".join(
        f'<label><input type="radio" name="view" value="{value}"'
        f"{' checked' if value == 'homes' else ''}>{words}</label>"
        for value, words in views
    )
    return (
        '<section class="card card-flush" aria-labelledby="where"><div class="pad map-head">'
        '<h2 id="where">Where</h2><fieldset class="views" data-needs-script hidden>'
        f'<legend class="vh">What the map shows</legend>{radios}</fieldset></div>'
        '<div class="map-box"><div class="map" id="map" tabindex="0" role="region" '
        f'aria-label="Map of {escape(content.city)}. The tables on this page hold the same '
        'numbers."></div><noscript><p class="pad">The map needs JavaScript. The tables have the '
        "same numbers.</p></noscript>"
        '<button type="button" class="btn map-move" id="move" hidden>Move the map</button>'
        '<div class="map-zoom" data-needs-script hidden>'
        '<button type="button" id="zoom-in" aria-label="Zoom in">+</button>'
        '<button type="button" id="zoom-out" aria-label="Zoom out">\u2212</button>'
        '<button type="button" id="zoom-all" aria-label="Show the whole city">\u25a2</button>'
        f'</div><p class="map-cred">Map: {escape(content.basemap.attribution)}</p></div>'
        f'<div class="pad stack stack-2">{_legends()}<p class="small quiet">A cell holds at least '
        f"{content.min_addresses} addresses. Routes follow the streets between cells; they neither "
        "start nor end at a home.</p></div></section>"
    )


def _legends() -> str:
    def swatch(shape: str, words: str) -> str:
        return f'<li><svg viewBox="0 0 20 20" aria-hidden="true">{shape}</svg>{words}</li>'

    def ramp(words: list[str], name: str) -> str:
        return "".join(
            swatch(f'<rect class="{name}-{step}" width="20" height="20" rx="4"/>', text)
            for step, text in enumerate(words, 1)
        )

    homes = (
        swatch(_HEXAGON.format("c-ok"), "Every home has a neighbor")
        + swatch(_HEXAGON.format("c-ask"), "Less than half have nobody, with their number")
        + swatch(_HEXAGON.format("c-wait"), "Half or more have nobody")
    )
    route = swatch('<path class="c-route" d="M2 15L9 6 18 10"/>', "Way of one volunteer")
    shares = ramp(
        ["under 60 % have a neighbor", "60 to 75 %", "75 to 90 %", "90 % and more"], "ramp"
    )
    worth = ramp(["+0", "+1", "+2", "+3 and more"], "gain") + (
        "<li>Homes that one more volunteer there would add; each was tried</li>"
    )
    hidden = {True: "", False: " hidden"}
    parts = (("homes", homes), ("areas", shares), ("routes", route), ("worth", worth))
    return "".join(
        f'<ul class="legend" data-legend="{name}"{hidden[name == "homes"]}>{items}</ul>'
        for name, items in parts
    )


def _coverage_table(content: MapContent) -> str:
    worth = any(area.worth_homes is not None for area in content.areas)
    rows = []
    for area in sorted(content.areas, key=lambda area: (-area.nobody, area.name)):
        extra = "" if area.worth_homes is None else f"+{area.worth_homes}"
        rows.append(
            f'<tr><th scope="row">{_show("area", area.name, area.name)}</th>'
            f'<td class="cov hide-s">{stitch_row(area.served, area.nobody)}</td>'
            f'<td class="r">{area.served}</td><td class="r"><strong>{area.nobody}</strong></td>'
            f'<td class="r hide-s">{area.asked}</td><td class="r">'
            f'{area.volunteers_out}<span class="hide-s"> of {area.volunteers}</span></td>'
            + (f'<td class="r hide-s">{extra}</td>' if worth else "")
            + "</tr>"
        )
    head = (
        '<th scope="col">Neighborhood</th><th scope="col" class="hide-s">One stitch, one home</th>'
        '<th scope="col" class="r">Found</th><th scope="col" class="r">Nobody</th>'
        '<th scope="col" class="r hide-s">All</th><th scope="col" class="r">Out</th>'
        + ('<th scope="col" class="r hide-s">One more</th>' if worth else "")
    )
    return (
        '<section class="card"><div class="scroll" tabindex="0" role="group" '
        'aria-label="Coverage table, can be scrolled sideways"><table class="table"><caption>'
        "<h2>Coverage by neighborhood</h2><span class='small quiet'>Found: homes with a neighbor. "
        "Out: volunteers with a route, of all."
        + (
            " One more: homes that one more volunteer there would add; each was tried."
            if worth
            else ""
        )
        + f"</span></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _show(kind: str, key: str, words: str) -> str:
    """A button that shows one thing on the map; the table is the control of the map."""
    return (
        f'<button type="button" class="linkbtn" data-show="{kind}" data-key="{escape(key)}" '
        f'aria-pressed="false">{escape(words)}</button>'
    )


def _side(content: MapContent) -> list[str]:
    cards = []
    nobody = content.asked - content.served
    if content.reasons:
        items = "".join(
            f'<li><span class="n">{reason.homes}</span><div><h3>{escape(reason.title)}</h3>'
            f'<p class="quiet">{escape(reason.where)}</p></div></li>'
            for reason in content.reasons
        )
        cards.append(
            _card("why", f"Why {nobody} homes have nobody", f'<ol class="why">{items}</ol>')
        )
    if content.recruits:
        items = "".join(
            f'<li><span class="n plus">+{recruit.homes}</span><div><h3>{escape(recruit.title)}</h3>'
            f'<p class="quiet">{escape(recruit.area)}</p></div></li>'
            for recruit in content.recruits
        )
        words = (
            '<p class="small quiet">Each was tried: added to a copy of the plan, which was made '
            "again. The number is the homes it adds.</p>"
        )
        cards.append(
            _card(
                "more", "One more volunteer who helps most", words + f'<ol class="why">{items}</ol>'
            )
        )
    if content.certificate:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in content.certificate)
        cards.append(_card("cert", "How good this plan is", f'<ul class="cert">{items}</ul>'))
    open_cells = sorted((cell for cell in content.cells if cell.nobody), key=lambda c: -c.nobody)
    rows = "".join(
        f'<tr><th scope="row">{_show("cell", cell.cell, cell.cell)}</th>'
        f'<td>{escape(cell.area)}</td><td class="r">{cell.nobody}</td>'
        f'<td class="r">{cell.asked}</td></tr>'
        for cell in open_cells
    )
    cards.append(
        '<section class="card"><details><summary>Cells where homes have nobody '
        f"({len(open_cells)})</summary>"
        '<div class="tall" tabindex="0" role="group" aria-label="Cells, can be scrolled">'
        '<table class="table"><caption class="vh">Cells where homes have nobody</caption><thead>'
        '<tr><th scope="col">Cell</th><th scope="col">Neighborhood</th><th scope="col" class="r">'
        f'Nobody</th><th scope="col" class="r">All</th></tr></thead><tbody>{rows}</tbody></table>'
        "</div></details></section>"
    )
    return cards


def _card(name: str, title: str, body: str) -> str:
    return (
        f'<section class="card stack" aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>'
        f"{body}</section>"
    )


def _route_table(content: MapContent) -> str:
    rows = "".join(_route_row(route) for route in content.routes)
    return (
        f'<section class="card"><details><summary>All {len(content.routes)} routes</summary>'
        '<div class="tall" tabindex="0" role="group" aria-label="Routes, can be scrolled">'
        '<table class="table"><caption class="vh">Routes</caption><thead><tr>'
        '<th scope="col">Volunteer</th><th scope="col">Neighborhood</th><th scope="col">How</th>'
        '<th scope="col">Starts at</th><th scope="col" class="r">Homes</th>'
        '<th scope="col" class="r">Way between cells, km</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details></section>"
    )


def _route_row(route: MapRoute) -> str:
    return (
        f'<tr><th scope="row">{_show("route", route.name, route.name)}</th>'
        f"<td>{escape(route.area)}</td><td>{escape(route.mode)}</td>"
        f'<td class="num">{escape(", ".join(route.starts))}</td><td class="r">{route.stops}</td>'
        f'<td class="r">{route.length_m / 1000:.1f}</td></tr>'
    )
