"""A round in plain words: its figures, its certificate, and what changed since the last."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matching.engine.check import Report
from matching.engine.solution import Certificate, Solution
from matching.rounds.outcome import RoundChanges, served_requests
from matching.rounds.problem import RoundProblem

SHOWN_NAMES = 8


def certificate_sentences(certificate: Certificate, report: Report) -> list[str]:
    """How good the plan is, for people who run a programme."""
    sentences = [quality_sentence(certificate)]
    if report.valid:
        proof = report.bound.searched
        sentences.append(
            "Every rule was kept: a second program, written apart, checked the whole plan"
            + (f" and the proof of {proof} volunteers." if proof else ".")
        )
    if not certificate.stopped:
        sentences.append(
            "It can be repeated: the same people, streets and seed give the same plan "
            f"(seed {certificate.seed}, inputs {certificate.problem_digest[:8]})."
        )
    return sentences


def quality_sentence(certificate: Certificate) -> str:
    """What the bound says."""
    if not math.isfinite(certificate.bound):
        return describe_quality(certificate.value, None, None)
    return describe_quality(certificate.value, certificate.bound, certificate.gap)


def describe_quality(value_m: float, bound_m: float | None, gap: float | None) -> str:
    """How good a plan is, by what is stored of it; without a bound nothing is proven."""
    if bound_m is None or gap is None:
        return "The run ended before it could prove how good the plan is."
    value, bound = f"{value_m / 1000:,.0f}", f"{bound_m / 1000:,.0f}"
    if gap < 5e-5:
        return f"No other plan is better: this one is worth {value} km, and so is the proven limit."
    return (
        f"No other plan can be more than {percent(gap)} better: this one is worth "
        f"{value} km, the proven limit is {bound} km."
    )


def percent(share: float) -> str:
    """A small share with as many digits as it needs."""
    digits = 1 if share >= 0.0095 else 2
    return f"{share * 100:.{digits}f} %"


def change_sentences(changes: RoundChanges | None) -> list[str]:
    """What changed since the last round, in sentences."""
    if changes is None:
        return ["This is the first round."]
    if changes.nothing:
        return [f"Nothing changed since the last round: {changes.kept} homes keep their plan."]
    sentences = []
    for names, words in (
        (changes.newly_served, "newly found a neighbor"),
        (changes.no_longer_served, "lost theirs"),
        (changes.moved, "have another neighbor than before"),
    ):
        if names:
            sentences.append(f"{len(names)} {words}: {name_some(names)}.")
    sentences.append(f"{changes.kept} homes keep their plan.")
    return sentences


def name_some(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    shown = ", ".join(names[:SHOWN_NAMES])
    rest = len(names) - SHOWN_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def figure_rows(made: RoundProblem, solution: Solution) -> list[tuple[str, str]]:
    """The figures of a plan, label and value."""
    certificate, requests = solution.certificate, made.problem.requests
    served = served_requests(solution)
    out = {route.volunteer for route in solution.routes}
    travel_m = sum(route.travel_m for route in solution.routes)
    travel_s = sum(route.travel_s for route in solution.routes)
    visits = sum(len(route.requests) for route in solution.routes)
    rows = [
        ("Homes with a neighbor", f"{len(served):,} of {len(requests):,}"),
        (
            "Weight served",
            f"{certificate.weight_served:,.6g} of {float(requests.weight.sum()):,.6g}",
        ),
        ("Volunteers out", f"{len(out):,} of {len(made.volunteers):,}"),
        ("Way in all", f"{travel_m / 1000:,.1f} km, {travel_s / 3600:,.1f} h"),
        ("Way for each visit", f"{travel_m / max(visits, 1):,.0f} m"),
        ("Most visits of one volunteer", f"{most_visits(solution)}"),
        ("Value", f"{certificate.value:,.0f} m"),
    ]
    if math.isfinite(certificate.bound):
        rows.append(("Proven limit", f"{certificate.bound:,.0f} m"))
        rows.append(("Gap", percent(certificate.gap)))
    else:
        rows.append(("Proven limit", "none yet"))
    return rows


def visit_counts(made: RoundProblem, solution: Solution) -> list[int]:
    """Visits of each volunteer, 0 for those who stay at home."""
    counts = [0] * len(made.volunteers)
    for route in solution.routes:
        counts[route.volunteer] += len(route.requests)
    return counts


def most_visits(solution: Solution) -> int:
    """Visits of the volunteer who has the most."""
    counts: dict[int, int] = {}
    for route in solution.routes:
        counts[route.volunteer] = counts.get(route.volunteer, 0) + len(route.requests)
    return max(counts.values(), default=0)
