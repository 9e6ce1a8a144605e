"""``talkoot verify``: valid, invalid with the rule named, or unusable; and no solver in sight."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from matching.files.plan_file import write_plan
from matching.files.problem_file import write_problem
from tests.showcase import make_showcase, make_showcase_plan, prove

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def call(*arguments: str | Path) -> Answer:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A plan and its problem."""
    problem = make_showcase()
    write_problem(tmp_path / "problem.json", problem)
    solution = prove(problem, make_showcase_plan(problem), price_m=500.0)
    write_plan(tmp_path / "plan.json", problem, solution, unserved=[{"request": "far"}])
    return tmp_path / "plan.json", tmp_path / "problem.json"


def mutate(path: Path, place: tuple[Any, ...], value: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    *parents, last = place
    target = content
    for name in parents:
        target = target[name]
    target[last] = value(copy.deepcopy(target[last])) if callable(value) else value
    path.write_text(json.dumps(content), encoding="utf-8")


def test_valid_plan_ends_with_0(run: Callable[..., Answer], files: tuple[Path, Path]) -> None:
    answer = run("verify", *files, "--full")
    assert (answer.code, answer.err) == (0, "")
    assert "Valid" in answer.out
    assert "2 of 2" in answer.out


def test_report_as_json(run: Callable[..., Answer], files: tuple[Path, Path]) -> None:
    report = json.loads(run("verify", *files, "--json").out)
    assert report["valid"] is True
    assert report["violations"] == []
    assert report["values"]["served"] == 4
    assert report["bound"]["searched"] == 2
    assert 0 <= report["gap"] < 1


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("routes", 0, "stops", 0, "start_s"), 29, "arrival"),
        (("routes", 2, "stops", 1, "start_s"), 7000, "time_window"),
        (("routes", 1, "stops", 0, "start_s"), 14_000, "shift"),
        (("routes", 1, "stops", 0, "start_s"), 10_700, "time_window"),
        (("routes", 2, "stops", 0, "start_s"), 1799, "crew_start"),
        (("routes", 2, "stops"), lambda stops: stops[::-1], "arrival"),
        (("routes", 2, "stops"), lambda stops: stops[1:], "crew_size"),
        (("routes", 0, "stops"), lambda stops: stops[1:], "locked"),
        (("routes", 0, "stops"), [], "route_not_empty"),
        (("routes", 2, "stops", 1, "request"), "steps", "banned"),
        (("routes", 2, "stops", 1, "request"), "visit", "languages"),
        (("routes", 2, "stops", 1, "request"), "far", "max_travel"),
        (("routes", 2, "stops", 1, "request"), "drive", "one_visit"),
        (("routes", 2, "stops", 1, "request"), "ghost", "known_ids"),
        (("routes", 2, "volunteer"), "ana", "one_route_per_shift"),
        (("routes", 2, "volunteer"), "ghost", "known_ids"),
        (("routes", 2, "shift"), 1, "known_ids"),
        (("routes", 2, "travel_m"), 1399, "route_totals"),
        (("routes", 2, "travel_s"), 141, "route_totals"),
        (("routes",), lambda routes: routes[:1] * 2 + routes[1:], "one_route_per_shift"),
        (("problem_digest",), "0" * 64, "problem_digest"),
        (("certificate", "value"), lambda value: value + 1, "stated_value"),
        (("certificate", "weight_served"), 9.0, "stated_value"),
        (("certificate", "gap"), 0.0, "stated_gap"),
        (("certificate", "bound"), lambda bound: bound - 1000, "bound_sum"),
        (("certificate", "prices", "volunteer", "ana"), 0.0, "bound_volunteer"),
        (("certificate", "prices", "request", "path"), 0.0, "bound_volunteer"),
        (("certificate", "prices"), None, "bound_prices"),
    ],
)
def test_mutated_plan_ends_with_1_and_names_the_rule(
    run: Callable[..., Answer],
    files: tuple[Path, Path],
    place: tuple[Any, ...],
    value: Any,
    expected: str,
) -> None:
    mutate(files[0], place, value)
    answer = run("verify", *files)
    assert answer.code == 1
    assert "Invalid" in answer.out
    assert f"  {expected}: " in answer.out
    found = json.loads(run("verify", *files, "--json").out)["violations"]
    assert expected in {one["constraint"] for one in found}


def test_unknown_id_is_called_by_its_name(
    run: Callable[..., Answer], files: tuple[Path, Path]
) -> None:
    mutate(files[0], ("routes", 2, "stops", 1, "request"), "ghost")
    answer = run("verify", *files)
    assert "route 3 names request 'ghost', which the problem does not have." in answer.out
    assert "-1" not in answer.out


def test_changed_problem_is_noticed(run: Callable[..., Answer], files: tuple[Path, Path]) -> None:
    mutate(files[1], ("volunteers", 1, "max_tasks"), 1)
    answer = run("verify", *files)
    assert answer.code == 1
    assert "max_tasks: volunteer 'ben' has 2 visits; 1 are allowed." in answer.out
    assert "problem_digest: " in answer.out


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\x89PNG\r\n", b'{"format": "x"}'])
def test_unusable_file_ends_with_2_and_one_line(
    run: Callable[..., Answer], files: tuple[Path, Path], which: int, content: bytes
) -> None:
    files[which].write_bytes(content)
    answer = run("verify", *files)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"Error: {files[which].name}")
    assert answer.err.count("\n") == 1


def test_missing_file_ends_with_2(run: Callable[..., Answer], files: tuple[Path, Path]) -> None:
    answer = run("verify", files[0].parent / "none.json", files[1])
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "Error: none.json cannot be read: No such file or directory.\n"


def test_too_large_a_file_ends_with_2(run: Callable[..., Answer], files: tuple[Path, Path]) -> None:
    with files[1].open("ab") as file:
        file.truncate(3 << 20)
    answer = run("verify", *files, "--max-megabytes", "2")
    assert answer.code == 2
    assert answer.err == "Error: problem.json is larger than 2 MB; refused.\n"


BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ortools", "numba"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocker())
from api.cli import main
main(sys.argv[1:])
"""


def test_verify_needs_no_solver(files: tuple[Path, Path]) -> None:
    def run_blocked(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", BLOCKER, *arguments],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    done = run_blocked("verify", *map(str, files), "--full")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Valid" in done.stdout
    # The blocker works: what needs the solver cannot start.
    refused = run_blocked("solve", str(files[1]), "-o", str(files[0].parent / "x.json"))
    assert "is blocked" in refused.stderr
