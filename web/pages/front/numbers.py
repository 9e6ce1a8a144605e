"""The town in numbers, for everybody: what was asked, what was given, what came of campaigns."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from litestar import get
from litestar.di import NamedDependency

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import CampaignFilter, list_campaigns
from campaigns.results.repository import list_published
from campaigns.standings.suppression import show_in_steps
from core.pagination import PageArgs, read_page
from matching.maps.areas import open_city_map
from matching.maps.coverage_repository import count_giving
from matching.reporting.public_repository import count_by_area, count_by_span, count_given
from people.auth import Actor
from people.repository import read_rules_at
from web.pages.design.ground import find_ground
from web.pages.design.maps import Drawing, DrawnCell, Words, draw_city
from web.pages.desk import Answer, Call, Desk
from web.pages.front.number_views import (
    NumberRow,
    make_impact,
    make_rows,
    month_edges,
)
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all

OVER: Final = CampaignFilter(statuses=frozenset({CampaignStatus.FINISHED, CampaignStatus.RUNNING}))
MOST: Final = PageArgs(first=50)
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


@get("/numbers", name="numbers")
@shown_to_all
async def get_numbers(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Requests by month and neighborhood, who helps, and the map."""
    async with desk.look(request) as call:
        _ = call.reader.translator.gettext
        session, town = call.session, call.town
        edges = month_edges(call.now, ZoneInfo(town.time_zone))
        spans = await count_by_span(session, town.id, edges)
        by_area = await count_by_area(session, town.id, edges[0])
        names = [_name_month(call, edge) for edge in edges[:-1]]
        by_month = {name: one for name, one in zip(names, spans, strict=True) if one.homes}
        months = make_rows(by_month)
        places = sorted(by_area.items(), key=lambda item: (item[0] is None, item[0] or ""))
        named = {name or _("Elsewhere"): count for name, count in places}
        areas = make_rows(named)
        volunteers = sum((await count_giving(session, town.id, at=call.now)).values())
        values: dict[str, Any] = {
            "months": [row for row in reversed(months) if row.asked is not None],
            "areas": [row for row in areas if row.asked is not None],
            "few_count": sum(row.asked is None for row in areas),
            "volunteers": show_in_steps(volunteers),
            "year": show_in_steps(sum(one.homes for one in by_area.values())),
            "map": await _draw(call, areas),
            "campaigns": await _list_results(call),
            "town_slug": town.slug,
        }
        return call.show_public("front/numbers.html", values)


@get("/impact", name="impact")
@shown_to_all
async def get_impact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What neighbors have given one another, in a few numbers."""
    async with desk.look(request) as call:
        year = month_edges(call.now, ZoneInfo(call.town.time_zone))[0]
        values = {
            "ever": make_impact(await count_given(call.session, call.town.id, EVER)),
            "year": make_impact(await count_given(call.session, call.town.id, year)),
            "campaigns": await _list_results(call),
            "town_slug": call.town.slug,
        }
        return call.show_public("front/impact.html", values)


async def _list_results(call: Call) -> list[Campaign]:
    """Campaigns whose results everybody may read."""
    listing = list_campaigns(Actor.anonymous(), call.town.id, OVER)
    rows = (await read_page(call.session, listing, MOST)).items
    published = await list_published(call.session, [row.id for row in rows])
    return [row for row in rows if row.id in published]


async def _draw(call: Call, rows: list[NumberRow]) -> Drawing | None:
    """The neighborhoods by how many homes had somebody."""
    told = {row.name: row for row in rows if row.asked is not None}
    if not told:
        return None
    _ = call.reader.translator.gettext
    rules = await read_rules_at(call.session, call.town.id, call.now)
    ground = await find_ground(call.town.city_pack)
    city = await asyncio.to_thread(open_city_map, call.town, rules.anonymity_k)
    cells = [
        DrawnCell(area.name, area.geometry, row.state or "ask", 0, _say_row(call, row))
        for area in city.areas
        if (row := told.get(area.name)) is not None
    ]
    words = Words(
        _("Map of %(town)s: where homes asked for help", town=call.town.name),
        _("The table has the same numbers."),
        name="numbers",
    )
    return await asyncio.to_thread(draw_city, ground, cells, words) if cells else None


def _say_row(call: Call, row: NumberRow) -> str:
    _ = call.reader.translator.gettext
    if row.percent is None:
        return _("%(area)s: about %(count)s homes asked", area=row.name, count=row.asked)
    return _("%(area)s: %(percent)s %% of homes had somebody", area=row.name, percent=row.percent)


def _name_month(call: Call, edge: datetime) -> str:
    text = format_date(edge.date(), "MMMM y", locale=call.reader.translator.locale)
    return text[:1].upper() + text[1:]
