"""``talkoot verify``: check a plan against its problem. Needs no solver."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.progress import show_steps
from core.errors import InvalidInput
from matching.engine.check import Report, Violation, check, choose_sample
from matching.files.plan_file import LoadedPlan, read_plan
from matching.files.problem_file import LoadedProblem, read_problem

INVALID_EXIT_CODE = 1
SHOWN_VIOLATIONS = 20
DEFAULT_SAMPLE = 200
MEGABYTE = 1 << 20


@click.command()
@click.argument("plan_path", metavar="PLAN", type=click.Path(path_type=Path))
@click.argument("problem_path", metavar="PROBLEM", type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="Search every volunteer's part of the bound again.")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=DEFAULT_SAMPLE,
    show_default=True,
    help="Volunteers whose part of the bound is searched again, without --full.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the sample.")
@click.option("--max-megabytes", type=click.IntRange(min=1), default=64, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def verify(plan_path: Path, problem_path: Path, as_json: bool, **options: Any) -> None:
    """Check a plan against its problem: every rule, the value, and the bound.

    Exit code 0: valid. 1: a rule is broken, and named. 2: a file cannot be used.
    """
    if options["seed"] < 0:
        raise InvalidInput("--seed must be 0 or more.")
    max_bytes = options["max_megabytes"] * MEGABYTE
    loaded = read_problem(problem_path, max_bytes=max_bytes)
    plan = read_plan(plan_path, loaded.problem, max_bytes=max_bytes)
    sample = None if options["full"] else options["sample"]
    report = judge(loaded, plan, sample, options["seed"], quiet=as_json)
    if as_json:
        click.echo(json.dumps(_as_json(report, plan), indent=1))
    else:
        _print_report(report, plan)
    if not report.valid:
        click.get_current_context().exit(INVALID_EXIT_CODE)


def judge(
    loaded: LoadedProblem, plan: LoadedPlan, sample: int | None, seed: int, *, quiet: bool
) -> Report:
    """The checker's report together with what the plan file itself gets wrong."""
    total = len(choose_sample(len(loaded.problem.volunteers), sample, seed))
    with show_steps(quiet=quiet) as steps:
        steps.start("Checking", total)
        report = check(
            loaded.problem, plan.solution, bound_sample=sample, seed=seed, progress=steps.advance
        )
    names_ids = any(one.constraint == "known_ids" for one in plan.violations)
    kept = [one for one in report.violations if not (names_ids and _speaks_of_the_unknown(one))]
    return Report((*plan.violations, *kept), report.values, report.bound)


def _speaks_of_the_unknown(violation: Violation) -> bool:
    """Whether the file's own violation says the same, with the id."""
    return violation.constraint == "known_ids" and violation.message.endswith("number -1.")


def _as_json(report: Report, plan: LoadedPlan) -> dict[str, Any]:
    bound = asdict(report.bound)
    bound["stated"] = bound["stated"] if math.isfinite(report.bound.stated) else None
    bound["undecided"] = [
        {"volunteer": who, "own_upper_bound": upper if math.isfinite(upper) else None}
        for who, upper in report.bound.undecided
    ]
    return {
        "valid": report.valid,
        "violations": [asdict(one) for one in report.violations],
        "values": asdict(report.values),
        "bound": bound,
        "gap": _gap(report),
        "stopped_early": plan.solution.certificate.stopped,
    }


def _gap(report: Report) -> float | None:
    stated = report.bound.stated
    if not math.isfinite(stated):
        return None
    return max(0.0, (stated - report.values.value) / stated) if stated > 0 else 0.0


def _print_report(report: Report, plan: LoadedPlan) -> None:
    console = Console(highlight=False, soft_wrap=True)
    values, bound = report.values, report.bound
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Requests served", f"{values.served:,}")
    table.add_row("Weight served", f"{values.weight_served:,.6g}")
    table.add_row("Value of the visits", f"{values.visit_value:,.1f} m")
    table.add_row("Travel", f"- {values.travel_cost:,.1f} m")
    table.add_row("Load", f"- {values.load_cost:,.1f} m")
    table.add_row("Value", f"{values.value:,.1f} m")
    gap = _gap(report)
    if gap is None:
        table.add_row("Bound", "none was proven")
    else:
        table.add_row("Bound", f"{bound.stated:,.1f} m")
        table.add_row("Gap", f"{gap:.3%}")
        table.add_row("Volunteers searched again", f"{bound.searched:,} of {bound.n_volunteers:,}")
    console.print(table)
    if bound.undecided:
        count = len(bound.undecided)
        console.print(
            f"{count:,} more searched only in part: for them the checker has an upper bound of its "
            "own that is above what is stated (see --json)."
        )
        if bound.proven is not None:
            console.print(f"With those, the proven bound is {bound.proven:,.1f} m.")
    if plan.solution.certificate.stopped:
        console.print("The run was stopped early.")
    if report.valid:
        console.print("[bold green]Valid[/]: the plan keeps every rule.")
        return
    console.print(f"[bold red]Invalid[/]: {len(report.violations):,} violations.")
    for one in report.violations[:SHOWN_VIOLATIONS]:
        console.print(f"  {one.constraint}: {escape(one.message)}")
    if len(report.violations) > SHOWN_VIOLATIONS:
        console.print(f"  ... and {len(report.violations) - SHOWN_VIOLATIONS:,} more (--json).")
