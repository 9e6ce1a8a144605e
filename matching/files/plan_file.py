"""Plan files, format ``talkoot-plan/1``: a solution by ids. `docs/plan-format.md` explains them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from msgspec import Meta, Struct

from matching.engine.check_rules import Violation
from matching.engine.problem import Problem, crew_starts
from matching.engine.solution import Certificate, Prices, Route, Solution
from matching.files.json_file import DEFAULT_MAX_BYTES, read_document, write_document
from matching.files.problem_format import LARGEST, Name

PLAN_FORMAT: Final = "talkoot-plan/1"

Whole = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]


class StopRow(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A visit: when the work starts, in seconds and, where the problem has a date, as a moment."""

    request: Name
    start_s: Whole
    start: datetime.datetime | None = None


class RouteRow(Struct, forbid_unknown_fields=True):
    """One trip of one volunteer in one shift (0 first), home to home."""

    volunteer: Name
    shift: Annotated[int, Meta(ge=0, le=LARGEST)]
    stops: list[StopRow]
    travel_s: Whole
    travel_m: Whole


class CrewStartRow(Struct, forbid_unknown_fields=True):
    """The price of one member's visit at one start."""

    start_s: Whole
    price_m: float


class CrewPriceRow(Struct, forbid_unknown_fields=True):
    """The prices of a request that needs a crew."""

    request: Name
    starts: list[CrewStartRow]


class PricesRow(Struct, forbid_unknown_fields=True):
    """The dual prices that prove the bound, metres, by id."""

    request: dict[str, float]
    crew: list[CrewPriceRow]
    volunteer: dict[str, float]


class CertificateRow(Struct, forbid_unknown_fields=True):
    """What the plan is worth, and what no plan can be worth more than. Metres, but the weight."""

    value: float
    visit_value: float
    travel_cost: float
    load_cost: float
    weight_served: float
    bound: float | None
    gap: float | None
    stopped: bool
    prices: PricesRow | None


class PlanDocument(Struct, forbid_unknown_fields=True):
    """A plan."""

    format: Literal["talkoot-plan/1"]
    problem_digest: str
    seed: int
    routes: list[RouteRow]
    certificate: CertificateRow
    unserved: list[dict[str, Any]] = []
    horizon_start: datetime.datetime | None = None
    engine_version: str = ""


@dataclass(frozen=True)
class LoadedPlan:
    """A plan against a problem.

    Parameters
    ----------
    solution
        For the checker; an unknown id has become the index -1.
    violations
        What can be said about the file alone: unknown ids, moments that contradict each other.
    """

    solution: Solution
    violations: tuple[Violation, ...]


def write_plan(
    path: Path,
    problem: Problem,
    solution: Solution,
    *,
    unserved: Sequence[dict[str, Any]] = (),
    horizon_start: datetime.datetime | None = None,
) -> None:
    """Write a plan as a file, whole or not at all.

    Raises
    ------
    UnusableFile
        When the place cannot be written to.
    """
    document = make_plan_document(problem, solution, unserved=unserved, horizon_start=horizon_start)
    write_document(path, document)


def make_plan_document(
    problem: Problem,
    solution: Solution,
    *,
    unserved: Sequence[dict[str, Any]] = (),
    horizon_start: datetime.datetime | None = None,
) -> PlanDocument:
    """Say a solution in the words of the format."""
    certificate = solution.certificate
    return PlanDocument(
        format=PLAN_FORMAT,
        engine_version=version("talkoot"),
        problem_digest=certificate.problem_digest,
        seed=certificate.seed,
        horizon_start=horizon_start,
        routes=[_describe_route(problem, route, horizon_start) for route in solution.routes],
        unserved=list(unserved),
        certificate=_describe_certificate(problem, certificate),
    )


def list_unserved(problem: Problem, solution: Solution) -> list[str]:
    """Ids of the requests that no route visits, in the problem's order."""
    served = {request for route in solution.routes for request in route.requests}
    return [name for at, name in enumerate(problem.requests.ids) if at not in served]


def _describe_route(
    problem: Problem, route: Route, horizon_start: datetime.datetime | None
) -> RouteRow:
    return RouteRow(
        volunteer=problem.volunteers.ids[route.volunteer],
        shift=int(route.shift),
        stops=[
            StopRow(problem.requests.ids[j], int(start_s), _moment(horizon_start, int(start_s)))
            for j, start_s in zip(route.requests, route.start_s, strict=True)
        ],
        travel_s=int(route.travel_s),
        travel_m=int(route.travel_m),
    )


def _moment(horizon_start: datetime.datetime | None, seconds: int) -> datetime.datetime | None:
    if horizon_start is None:
        return None
    return horizon_start + datetime.timedelta(seconds=seconds)


def _describe_certificate(problem: Problem, certificate: Certificate) -> CertificateRow:
    proven = math.isfinite(certificate.bound)
    prices = certificate.prices
    return CertificateRow(
        value=float(certificate.value),
        visit_value=float(certificate.visit_value),
        travel_cost=float(certificate.travel_cost),
        load_cost=float(certificate.load_cost),
        weight_served=float(certificate.weight_served),
        bound=float(certificate.bound) if proven else None,
        gap=float(certificate.gap) if proven else None,
        stopped=bool(certificate.stopped),
        prices=None if prices is None else _describe_prices(problem, prices),
    )


def _describe_prices(problem: Problem, prices: Prices) -> PricesRow:
    single = problem.requests.crew_size == 1
    return PricesRow(
        request={
            name: float(price)
            for name, price, alone in zip(problem.requests.ids, prices.request, single, strict=True)
            if alone
        },
        crew=[
            CrewPriceRow(
                problem.requests.ids[j],
                [
                    CrewStartRow(start_s, float(price))
                    for start_s, price in zip(crew_starts(problem, j), members, strict=True)
                ],
            )
            for j, members in prices.crew
        ],
        volunteer={
            name: float(price)
            for name, price in zip(problem.volunteers.ids, prices.volunteer, strict=True)
        },
    )


def read_plan(path: Path, problem: Problem, *, max_bytes: int = DEFAULT_MAX_BYTES) -> LoadedPlan:
    """Read a plan file against its problem.

    Raises
    ------
    UnusableFile
        When the file is no plan; a plan that breaks rules is returned all the same.
    """
    document = read_document(path, PlanDocument, "a talkoot-plan/1", max_bytes=max_bytes)
    return load_plan(document, problem)


def load_plan(document: PlanDocument, problem: Problem) -> LoadedPlan:
    """Turn a document into a solution, noting what does not fit."""
    found: list[Violation] = []
    person = {name: at for at, name in enumerate(problem.volunteers.ids)}
    place = {name: at for at, name in enumerate(problem.requests.ids)}
    routes = []
    for number, row in enumerate(document.routes):
        name = f"route {number + 1}"
        if row.volunteer not in person:
            text = f"{name} names volunteer {row.volunteer!r}, whom the problem does not have."
            found.append(Violation("known_ids", text, row.volunteer))
        for stop in row.stops:
            if stop.request not in place:
                text = f"{name} names request {stop.request!r}, which the problem does not have."
                found.append(Violation("known_ids", text, row.volunteer, stop.request))
            found.extend(_check_moment(name, stop, document.horizon_start))
        routes.append(
            Route(
                volunteer=person.get(row.volunteer, -1),
                shift=row.shift,
                requests=tuple(place.get(stop.request, -1) for stop in row.stops),
                start_s=tuple(stop.start_s for stop in row.stops),
                travel_s=row.travel_s,
                travel_m=row.travel_m,
            )
        )
    certificate, wrong = _load_certificate(document, problem)
    return LoadedPlan(Solution(tuple(routes), certificate), tuple(found + wrong))


def _check_moment(
    name: str, stop: StopRow, horizon_start: datetime.datetime | None
) -> list[Violation]:
    """The moment beside the seconds says the same."""
    if stop.start is None:
        return []
    agrees = False
    if horizon_start is not None and (stop.start.tzinfo is None) == (horizon_start.tzinfo is None):
        agrees = stop.start == _moment(horizon_start, stop.start_s)
    if agrees:
        return []
    text = f"{name}: {stop.request!r} starts at {stop.start_s} s and at {stop.start.isoformat()}."
    return [Violation("start_moment", f"{text[:-1]}: these differ.", None, stop.request)]


def _load_certificate(
    document: PlanDocument, problem: Problem
) -> tuple[Certificate, list[Violation]]:
    row, found = document.certificate, list[Violation]()
    prices = None
    if row.prices is not None:
        prices, found = _load_prices(row.prices, problem)
    certificate = Certificate(
        problem_digest=document.problem_digest,
        seed=document.seed,
        value=row.value,
        visit_value=row.visit_value,
        travel_cost=row.travel_cost,
        load_cost=row.load_cost,
        weight_served=row.weight_served,
        bound=math.inf if row.bound is None else row.bound,
        prices=prices,
        stopped=row.stopped,
    )
    gap = certificate.gap if row.bound is not None else None
    if (gap is None) != (row.gap is None) or abs((gap or 0.0) - (row.gap or 0.0)) > 1e-9:
        text = f"the gap is stated as {row.gap}; value and bound make it {gap}."
        found.append(Violation("stated_gap", text))
    return certificate, found


def _load_prices(row: PricesRow, problem: Problem) -> tuple[Prices, list[Violation]]:
    """Prices in the problem's order; one that is missing becomes nan, which the checker refuses."""
    place = {name: at for at, name in enumerate(problem.requests.ids)}
    single = (problem.requests.crew_size == 1).tolist()
    alone = {name for name, one in zip(problem.requests.ids, single, strict=True) if one}
    found = [
        Violation("known_ids", f"a price is stated for {kind} {name!r}, which has none.")
        for kind, names, known in (
            ("request", row.request, alone),
            ("volunteer", row.volunteer, set(problem.volunteers.ids)),
            ("crew of request", [one.request for one in row.crew], set(place) - alone),
        )
        for name in names
        if name not in known
    ]
    crew = []
    for one in row.crew:
        if one.request in place and one.request not in alone:
            starts = crew_starts(problem, place[one.request])
            if [entry.start_s for entry in one.starts] != starts:
                text = (
                    f"the crew prices of request {one.request!r} do not stand at its start times."
                )
                found.append(Violation("bound_prices", text, None, one.request))
            crew.append((place[one.request], tuple(entry.price_m for entry in one.starts)))
    request = [
        row.request.get(name, math.nan) if name in alone else 0.0 for name in problem.requests.ids
    ]
    volunteer = [row.volunteer.get(name, math.nan) for name in problem.volunteers.ids]
    prices = Prices(np.array(request, float), tuple(crew), np.array(volunteer, float))
    return prices, found
