"""A round's plan, checked once more against the problem that it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec

from core.db import Session
from matching.engine.check import check
from matching.errors import UnusableFile
from matching.files.plan_file import PlanDocument, load_plan
from matching.files.problem_file import load_problem
from matching.files.problem_format import ProblemDocument
from matching.kinds import DocumentKind
from matching.rounds.documents import get_document
from people.auth import Actor

SAMPLE = 50
"""Volunteers whose part of the proof is searched again."""
SEED = 1


@dataclass(frozen=True)
class Verdict:
    """What a second look at a plan found."""

    is_valid: bool
    fault_count: int
    visit_count: int
    searched_count: int
    """Volunteers whose part of the proof was searched again."""


async def prepare_check(
    session: Session, actor: Actor, round_id: UUID
) -> Callable[[], Verdict] | None:
    """Read what a round keeps; the function that it returns checks it, and needs no database.

    None when the round keeps no problem or no plan.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    DocumentTooLarge
        When the problem is too large to be read here.
    UnusableFile
        When the round keeps them in an older form.
    """
    problem = await get_document(session, actor, round_id, DocumentKind.PROBLEM)
    plan = await get_document(session, actor, round_id, DocumentKind.PLAN)
    if problem is None or plan is None:
        return None
    try:
        asked, planned = (
            msgspec.convert(problem, ProblemDocument),
            msgspec.convert(plan, PlanDocument),
        )
    except msgspec.ValidationError as error:
        raise UnusableFile("This round keeps its problem or plan in an older form.") from error

    def work() -> Verdict:
        loaded = load_problem(asked, Path())
        solution = load_plan(planned, loaded.problem)
        report = check(loaded.problem, solution.solution, bound_sample=SAMPLE, seed=SEED)
        faults = len(report.violations) + len(solution.violations)
        visits = sum(len(route.requests) for route in solution.solution.routes)
        return Verdict(faults == 0, faults, visits, report.bound.searched)

    return work
