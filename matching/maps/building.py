"""From a planned round to its map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.areas import ServiceArea
from geo.basemap import build_basemap
from geo.city import CityPack
from geo.privacy import PrivacyCells, format_cell
from geo.travel import TravelMode
from matching.engine.solution import Route, Solution
from matching.maps.blurred import BlurredCells, BlurredRoutes, length_m
from matching.maps.content import MapArea, MapCell, MapContent, MapRoute, Reason, Recruit
from matching.rounds.outcome import served_requests
from matching.rounds.problem import MODES, RoundProblem
from matching.rounds.reason_words import clock
from matching.rounds.travel import TravelFinder

MODE_WORDS = {
    TravelMode.WALK: "on foot",
    TravelMode.BIKE: "by bicycle",
    TravelMode.CAR: "by car",
}


@dataclass(frozen=True)
class MapWords:
    """What stands around the map."""

    note: str = ""
    footer: str = ""
    reasons: Sequence[Reason] = ()
    recruits: Sequence[Recruit] = ()
    certificate: Sequence[str] = ()
    changes: Sequence[str] = ()


def build_map(
    made: RoundProblem,
    solution: Solution,
    pack: CityPack,
    find_travel: TravelFinder,
    words: MapWords,
    *,
    area_worth: dict[str, int] | None = None,
) -> MapContent:
    """Everything that the page and the picture show; no home is in it."""
    served = served_requests(solution)
    k = made.inputs.rules.anonymity_k
    area = ServiceArea.from_pack(pack)
    blurred = BlurredCells(PrivacyCells.from_pack(pack, k=k), area)
    asked_n, served_n = len(made.requests), len(served)
    return MapContent(
        city=pack.meta.name,
        title=news(asked_n, served_n),
        asked=asked_n,
        served=served_n,
        when=describe_horizon(made),
        note=words.note,
        basemap=build_basemap(pack),
        cells=_cells(made, served, blurred),
        areas=_areas(made, solution, served, pack, area_worth or {}),
        routes=_routes(made, solution, BlurredRoutes(blurred, find_travel), blurred),
        facts=_facts(made, solution, served_n),
        reasons=tuple(words.reasons),
        recruits=tuple(words.recruits),
        certificate=tuple(words.certificate),
        footer=words.footer,
        min_addresses=k,
        changes=tuple(words.changes),
    )


def news(asked: int, served: int) -> str:
    """The round in one sentence."""
    if asked == 0:
        return "Nobody is asking for help right now."
    if served == asked:
        return f"All {asked} homes have a neighbor for this round."
    have = "have" if served != 1 else "has"
    nobody = asked - served
    return (
        f"{served} of {asked} homes {have} a neighbor. "
        f"{nobody} {'have' if nobody != 1 else 'has'} nobody yet."
    )


def describe_horizon(made: RoundProblem) -> str:
    """The evening in local words: first opening to last closing."""
    requests, horizon = made.problem.requests, made.inputs.horizon
    zone = ZoneInfo(made.inputs.community.time_zone)
    if not len(requests):
        return f"{horizon.start_at.astimezone(zone):%A %-d %B %Y}"
    start = horizon.moment(int(requests.window_open_s.min())).astimezone(zone)
    end = horizon.moment(int(requests.window_close_s.max())).astimezone(zone)
    day = f"{start:%A %-d %B %Y}"
    if start.date() == end.date():
        return f"{day}, {clock(start)} to {clock(end)}"
    return f"{day}, {clock(start)}, to {end:%A %-d %B}, {clock(end)}"


def _cells(made: RoundProblem, served: set[int], blurred: BlurredCells) -> tuple[MapCell, ...]:
    asked_in: Counter[int] = Counter()
    served_in: Counter[int] = Counter()
    for number, row in enumerate(made.requests):
        if row.household.cell is not None:
            asked_in[row.household.cell] += 1
            served_in[row.household.cell] += number in served
    return tuple(
        MapCell(
            cell=format_cell(cell),
            polygon=blurred.shape(cell),
            asked=count,
            served=served_in[cell],
            area=blurred.area_name(cell),
        )
        for cell, count in sorted(asked_in.items())
    )


def _areas(
    made: RoundProblem,
    solution: Solution,
    served: set[int],
    pack: CityPack,
    worth: dict[str, int],
) -> tuple[MapArea, ...]:
    problem = made.problem
    out = {route.volunteer for route in solution.routes}
    asked_in = Counter(problem.requests.area.tolist())
    served_in = Counter(int(problem.requests.area[request]) for request in served)
    volunteers_in = Counter(problem.volunteers.area.tolist())
    out_of = Counter(int(problem.volunteers.area[volunteer]) for volunteer in out)
    return tuple(
        MapArea(
            name=name,
            polygon=polygon,
            asked=asked_in[number],
            served=served_in[number],
            volunteers=volunteers_in[number],
            volunteers_out=out_of[number],
            worth_homes=worth.get(name),
        )
        for number, (name, polygon) in enumerate(
            zip(pack.areas.names, pack.areas.geometries, strict=True)
        )
    )


def _routes(
    made: RoundProblem, solution: Solution, ways: BlurredRoutes, blurred: BlurredCells
) -> tuple[MapRoute, ...]:
    return tuple(_route(made, route, ways, blurred) for route in solution.routes)


def _route(
    made: RoundProblem, route: Route, ways: BlurredRoutes, blurred: BlurredCells
) -> MapRoute:
    problem = made.problem
    zone = ZoneInfo(made.inputs.community.time_zone)
    home = made.anchors[route.volunteer].cell
    stops = [made.requests[request].household.cell for request in route.requests]
    cells = [cell for cell in (home, *stops, home) if cell is not None]
    mode = MODES[int(problem.volunteers.mode[route.volunteer])]
    line = ways.line(mode, cells)
    return MapRoute(
        name=problem.volunteers.ids[route.volunteer],
        mode=MODE_WORDS[mode],
        area=blurred.area_name(cells[0]),
        line=line,
        cells=tuple(format_cell(cell) for cell in cells[1:-1]),
        requests=tuple(problem.requests.ids[request] for request in route.requests),
        starts=tuple(
            clock(made.inputs.horizon.moment(start_s).astimezone(zone)) for start_s in route.start_s
        ),
        length_m=length_m(line),
    )


def _facts(made: RoundProblem, solution: Solution, served: int) -> tuple[tuple[str, str, str], ...]:
    asked = len(made.requests)
    out = len({route.volunteer for route in solution.routes})
    travel_km = sum(route.travel_m for route in solution.routes) / 1000
    share = f"{served / asked:.0%}" if asked else ""
    return (
        ("Homes that ask", f"{asked:,}", ""),
        ("Have a neighbor", f"{served:,}", share),
        ("Nobody yet", f"{asked - served:,}", ""),
        ("Volunteers out", f"{out:,}", f"of {len(made.volunteers):,}"),
        ("Way in all", f"{travel_km:,.0f} km", ""),
    )
