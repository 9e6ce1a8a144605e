"""Plan files: a solution comes back as it was, and what does not fit the problem is named."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching.engine.check import check
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.errors import UnusableFile
from matching.files.plan_file import LoadedPlan, list_unserved, read_plan, write_plan
from tests.showcase import make_showcase, make_showcase_plan, prove

MIDNIGHT = datetime.datetime(2026, 1, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))


def make() -> tuple[Problem, Solution]:
    problem = make_showcase()
    return problem, prove(problem, make_showcase_plan(problem), price_m=1000.0 / 3)


def write(tmp_path: Path, *, start: datetime.datetime | None = None) -> tuple[Path, dict[str, Any]]:
    problem, solution = make()
    path = tmp_path / "plan.json"
    write_plan(path, problem, solution, unserved=[{"request": "far"}], horizon_start=start)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return path, content


def read(path: Path, content: dict[str, Any]) -> LoadedPlan:
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_plan(path, make_showcase())


def test_solution_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    problem, solution = make()
    path, _ = write(tmp_path)
    loaded = read_plan(path, problem)
    assert loaded.violations == ()
    assert loaded.solution.routes == solution.routes
    before, after = solution.certificate, loaded.solution.certificate
    for name in ("problem_digest", "seed", "value", "visit_value", "travel_cost", "load_cost"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.bound, after.gap, after.stopped) == (before.bound, before.gap, before.stopped)
    assert before.prices is not None
    assert after.prices is not None
    assert np.array_equal(after.prices.request, before.prices.request)
    assert np.array_equal(after.prices.volunteer, before.prices.volunteer)
    assert after.prices.crew == before.prices.crew
    assert check(problem, loaded.solution, bound_sample=None).valid


def test_plan_without_a_bound_says_null(tmp_path: Path) -> None:
    problem = make_showcase()
    path = tmp_path / "plan.json"
    write_plan(path, problem, make_showcase_plan(problem))
    certificate = json.loads(path.read_text(encoding="utf-8"))["certificate"]
    assert (certificate["bound"], certificate["gap"], certificate["prices"]) == (None, None, None)
    loaded = read_plan(path, problem)
    assert loaded.violations == ()
    assert loaded.solution.certificate.bound == math.inf


def test_moments_stand_beside_the_seconds(tmp_path: Path) -> None:
    path, content = write(tmp_path, start=MIDNIGHT)
    assert content["horizon_start"] == "2026-01-13T00:00:00-05:00"
    assert content["routes"][0]["stops"][1]["start"] == "2026-01-13T00:30:00-05:00"
    assert read(path, content).violations == ()


def test_plan_names_version_seed_and_unserved(tmp_path: Path) -> None:
    problem, solution = make()
    _, content = write(tmp_path)
    assert content["engine_version"]
    assert content["seed"] == 0
    assert content["unserved"] == [{"request": "far"}]
    assert list_unserved(problem, solution) == ["far"]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("routes", 0, "volunteer"), "nobody", "known_ids"),
        (("routes", 0, "stops", 0, "request"), "nothing", "known_ids"),
        (("routes", 0, "stops", 1, "start"), "2026-01-13T00:30:01-05:00", "start_moment"),
        (("routes", 0, "stops", 1, "start"), "2026-01-13T00:30:00", "start_moment"),
        (("routes", 0, "stops", 1, "start_s"), 1801, "start_moment"),
        (("horizon_start",), None, "start_moment"),
        (("certificate", "gap"), 0.5, "stated_gap"),
        (("certificate", "gap"), None, "stated_gap"),
        (("certificate", "prices", "request", "nothing"), 1.0, "known_ids"),
        (("certificate", "prices", "request", "drive"), 1.0, "known_ids"),
        (("certificate", "prices", "volunteer", "nobody"), 1.0, "known_ids"),
        (("certificate", "prices", "crew", 0, "request"), "path", "known_ids"),
        (("certificate", "prices", "crew", 0, "starts", 0, "start_s"), 1700, "bound_prices"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path, place: tuple[Any, ...], value: Any, expected: str
) -> None:
    path, content = write(tmp_path, start=MIDNIGHT)
    *parents, last = place
    target: Any = content
    for name in parents:
        target = target[name]
    target[last] = value
    assert expected in {one.constraint for one in read(path, content).violations}


def test_missing_price_is_refused_by_the_checker(tmp_path: Path) -> None:
    path, content = write(tmp_path)
    del content["certificate"]["prices"]["request"]["path"]
    del content["certificate"]["prices"]["volunteer"]["ben"]
    report = check(make_showcase(), read(path, content).solution)
    found = {(one.constraint, one.request, one.volunteer) for one in report.violations}
    assert found == {("bound_prices", "path", None), ("bound_prices", None, "ben")}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "plan.json is empty"),
        (b"{", "no complete JSON"),
        (b"{}", "missing required field"),
        (b'{"format": "talkoot-problem/1"}', "$.format"),
        (b'{"unserved": [{"a": ' + b"[" * 100_000, "no usable JSON"),
    ],
)
def test_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(UnusableFile) as refused:
        read_plan(path, make_showcase())
    assert expected in str(refused.value)


def test_wrong_type_names_the_place(tmp_path: Path) -> None:
    path, content = write(tmp_path)
    content["routes"][1]["stops"][0]["start_s"] = 10.5
    with pytest.raises(UnusableFile, match=r"\$\.routes\[1\]\.stops\[0\]\.start_s"):
        read(path, content)
