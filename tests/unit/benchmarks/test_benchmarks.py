"""The benchmark: reproducible instances, honest figures, peers that keep the rules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.engines import ENGINES, OURS, Run, plan_peer_runs
from benchmarks.instances import TIGHTNESS, Size, make_instance
from benchmarks.report import add_shares, format_report
from benchmarks.routes import order_routes, time_routes
from benchmarks.worker import gini
from matching.engine.check import check
from matching.rounds.nearest_first import plan_nearest_first

ROOT = Path(__file__).parents[3]


def test_instance_depends_on_size_seed_and_tightness_alone() -> None:
    size = Size.parse("60x24")
    digests = {
        (seed, name): make_instance(size, seed, name).digest()
        for seed in (1, 2)
        for name in TIGHTNESS
    }
    assert len(set(digests.values())) == 6
    assert make_instance(size, 1, "normal").digest() == digests[1, "normal"]


def test_instance_has_the_shares_that_are_described() -> None:
    problem = make_instance(Size(4000, 1000), 1)
    requests, volunteers = problem.requests, problem.volunteers
    share = [float((requests.weight == weight).mean()) for weight in (1, 2, 4)]
    assert share == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
    assert ((requests.skills & 0xFF) != 0).mean() == pytest.approx(0.3, abs=0.03)
    assert ((requests.skills >> 8 & 0x1F) != 0).mean() == pytest.approx(0.1, abs=0.02)
    assert set(np.unique(volunteers.max_tasks)) == {1, 2, 3, 4, 5, 6}
    assert (requests.service_s.min(), requests.service_s.max()) == (1200, 5400)
    # A volunteer is in exactly one slot: two of the three "not in slot" bits.
    assert set(np.unique(volunteers.skills >> 13).tolist()) == {0b011, 0b101, 0b110}
    assert 0b111 not in np.unique(requests.skills >> 13)


def test_density_stays_the_same_above_5000() -> None:
    sides = [np.ptp(make_instance(Size(n, 10), 1).xy_m) for n in (5_000, 20_000)]
    assert sides[1] / sides[0] == pytest.approx(2.0, rel=0.1)


def test_orders_become_the_same_routes_again() -> None:
    problem = make_instance(Size(60, 24), 3)
    listed = plan_nearest_first(problem)
    again = time_routes(problem, order_routes(listed))
    report = check(problem, again)
    assert report.violations == ()
    assert report.values.served == sum(len(route.requests) for route in listed.routes) > 0


def test_gini() -> None:
    assert gini(np.array([2.0, 2.0, 2.0])) == 0.0
    assert gini(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(0.75)
    assert gini(np.zeros(3)) == 0.0


def test_searches_also_get_ten_times_our_time() -> None:
    run = Run(OURS, Size(1000, 400), 1, "normal", float("inf"))
    planned = plan_peer_runs(run, 2.5, 300.0, sorted(ENGINES))
    limits = {(one.engine, one.time_limit_s) for one in planned}
    assert {("pyvrp", 30.0), ("pyvrp", 25.0), ("vroom-5", 300.0)} <= limits
    assert OURS not in {one.engine for one in planned}


def test_report_compares_on_the_same_instances() -> None:
    figures = {"served": 1, "km": 1.0, "gini": 0.1, "cpu_s": 1.0, "peak_mb": 50.0}
    common = {"size": "9x9", "seed": 1, "tightness": "normal", "status": "ok", **figures}
    rows = [
        {**common, "engine": OURS, "time_limit_s": None, "weight": 10.0, "value": 90.0,
         "bound": 100.0, "wall_s": 2.0},
        {**common, "engine": "pyvrp", "time_limit_s": 5.0, "weight": 9.0, "value": 80.0,
         "wall_s": 5.0},
        {"size": "9x9", "seed": 1, "tightness": "normal", "status": "no result in 9 s",
         "engine": "vroom-5", "time_limit_s": 9.0},
    ]  # fmt: skip
    text = format_report(add_shares(rows))
    assert "80.00%" in text
    assert "-10.0% | 2.5 |" in text
    assert "no result in 9 s" in text


@pytest.mark.parametrize("engine", ["nearest-first", "vroom-1", "pyvrp", "ortools-routing"])
def test_peer_hands_back_a_valid_plan(engine: str) -> None:
    for name in ENGINES[engine].packages:
        if name.startswith("py"):
            pytest.importorskip({"pyvroom": "vroom"}.get(name, name))
    command = [sys.executable, "-m", "benchmarks.worker", "--engine", engine]
    done = subprocess.run(
        [*command, "--size", "30x12", "--seed", "1", "--time-limit", "1"],
        cwd=ROOT, env={**os.environ}, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    row = json.loads(done.stdout.strip().splitlines()[-1])
    assert row["violations"] == 0
    assert row["served"] > 0
    assert row["peak_mb"] > 0
