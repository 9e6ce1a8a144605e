"""What a solved round leaves behind, and how it differs from the one before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from matching.engine.check import Report
from matching.engine.solution import Solution
from matching.files.plan_file import make_plan_document
from matching.files.problem_rows import make_document
from matching.kinds import DocumentKind
from matching.models import HelpRequest
from matching.rounds.lifecycle import Proposal, RoundResult, Unserved
from matching.rounds.problem import RoundProblem
from matching.rounds.reason_words import WINDOW_OVER
from matching.rounds.reasons import RoundReasons

MAX_STORED_PAIRS = 2_000_000
"""A larger travel table is not kept with the round; the digest and the plan are."""

Visits = dict[str, frozenset[str]]
"""Request reference -> the volunteers who come."""


@dataclass(frozen=True)
class RoundChanges:
    """How a plan differs from the one before; requests by reference.

    Parameters
    ----------
    newly_served
        In this plan and not in the last.
    no_longer_served
        In the last plan, still asking, and not in this one.
    moved
        In both, with other volunteers.
    kept
        In both, with the same volunteers.
    """

    newly_served: tuple[str, ...]
    no_longer_served: tuple[str, ...]
    moved: tuple[str, ...]
    kept: int

    @property
    def nothing(self) -> bool:
        """Whether the two plans are the same."""
        return not (self.newly_served or self.no_longer_served or self.moved)


def served_requests(solution: Solution) -> set[int]:
    """Indices of the requests that some route visits; a valid plan brings whole crews."""
    return {request for route in solution.routes for request in route.requests}


def list_visits(made: RoundProblem, solution: Solution) -> Visits:
    """Who visits whom, by the ids of the problem."""
    visits: dict[str, set[str]] = defaultdict(set)
    for route in solution.routes:
        for request in route.requests:
            visits[made.problem.requests.ids[request]].add(
                made.problem.volunteers.ids[route.volunteer]
            )
    return {request: frozenset(volunteers) for request, volunteers in visits.items()}


def read_visits(plan: Mapping[str, Any]) -> Visits:
    """Who visited whom in a plan that a round kept."""
    visits: dict[str, set[str]] = defaultdict(set)
    for route in plan.get("routes", []):
        for stop in route["stops"]:
            visits[stop["request"]].add(route["volunteer"])
    return {request: frozenset(volunteers) for request, volunteers in visits.items()}


def compare_visits(before: Visits, after: Visits, asking: set[str]) -> RoundChanges:
    """What changed between two plans; ``asking`` are the requests of the later round."""
    both = set(before) & set(after)
    return RoundChanges(
        newly_served=tuple(sorted(set(after) - set(before))),
        no_longer_served=tuple(sorted((set(before) - set(after)) & asking)),
        moved=tuple(sorted(name for name in both if before[name] != after[name])),
        kept=sum(before[name] == after[name] for name in both),
    )


def make_result(
    made: RoundProblem, solution: Solution, report: Report, reasons: RoundReasons
) -> RoundResult:
    """Everything that is stored about a solved round."""
    certificate = solution.certificate
    proven = math.isfinite(certificate.bound)
    objective = asdict(made.problem.objective) | {
        "visit_value_m": certificate.visit_value,
        "travel_cost_m": certificate.travel_cost,
        "fairness_cost_m": certificate.load_cost,
    }
    return RoundResult(
        inputs_hash=certificate.problem_digest,
        objective=objective,
        value_m=certificate.value,
        bound_m=certificate.bound if proven else None,
        gap=certificate.gap if proven else None,
        weight_served=certificate.weight_served,
        request_count=len(made.requests) + len(made.too_late),
        volunteer_count=len(made.volunteers),
        served_count=len(served_requests(solution)),
        stopped_early=certificate.stopped,
        proposals=list_proposals(made, solution),
        unserved=[*reasons.unserved(), *(_over(row) for row in made.too_late)],
        documents=_documents(made, solution, report, reasons),
    )


def list_proposals(made: RoundProblem, solution: Solution) -> list[Proposal]:
    """The visits that become offers: all but the accepted and the already sent ones."""
    horizon, accept_p = made.inputs.horizon, made.problem.volunteers.accept_p
    position: dict[int, int] = defaultdict(int)
    proposals = []
    for route in solution.routes:
        for request, start_s in zip(route.requests, route.start_s, strict=True):
            place = position[route.volunteer]
            position[route.volunteer] += 1
            if (route.volunteer, request) in made.held:
                continue
            row = made.requests[request]
            proposals.append(
                Proposal(
                    request_id=row.id,
                    request_version=row.version,
                    volunteer_id=made.volunteers[route.volunteer].id,
                    position=place,
                    starts_at=horizon.moment(start_s),
                    ends_at=horizon.moment(start_s + row.service_s),
                    accept_p=float(accept_p[route.volunteer]),
                )
            )
    return proposals


def _over(row: HelpRequest) -> Unserved:
    return Unserved(row.id, WINDOW_OVER, {})


def _documents(
    made: RoundProblem, solution: Solution, report: Report, reasons: RoundReasons
) -> dict[DocumentKind, dict[str, Any]]:
    start, rows = made.inputs.horizon.zero_at, reasons.plan_rows()
    plan = make_plan_document(made.problem, solution, unserved=rows, horizon_start=start)
    documents = {
        DocumentKind.PLAN: msgspec.to_builtins(plan),
        DocumentKind.CERTIFICATE: _certificate(solution, report),
    }
    if made.n_pairs <= MAX_STORED_PAIRS:
        problem = make_document(made.problem, horizon_start=start)
        documents[DocumentKind.PROBLEM] = msgspec.to_builtins(problem)
    return documents


def _certificate(solution: Solution, report: Report) -> dict[str, Any]:
    certificate = solution.certificate
    proven = math.isfinite(certificate.bound)
    return {
        "problem_digest": certificate.problem_digest,
        "seed": certificate.seed,
        "value_m": certificate.value,
        "bound_m": certificate.bound if proven else None,
        "gap": certificate.gap if proven else None,
        "weight_served": certificate.weight_served,
        "stopped": certificate.stopped,
        "checked": report.valid,
        "bound_searched_count": report.bound.searched,
        "bound_undecided_count": len(report.bound.undecided),
    }
