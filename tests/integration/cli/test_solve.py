"""``talkoot solve``: from a problem file to a plan that the checker calls valid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from api.commands.solve import cancel_on_interrupt
from benchmarks.instances import Size, make_instance
from matching.engine.stop import Stop
from matching.files.problem_file import write_problem
from tests.brute_force import find_best_plan
from tests.problems import Ask, Help, Pairs, build_problem
from tests.showcase import make_showcase

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
def problem_path(tmp_path: Path) -> Path:
    write_problem(tmp_path / "problem.json", make_showcase())
    return tmp_path / "problem.json"


def test_plan_is_valid_and_the_best_one(
    run: Callable[..., Answer], problem_path: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    answer = run("solve", problem_path, "-o", plan)
    assert (answer.code, answer.err) == (0, "")
    assert "4 of 5" in answer.out
    best = find_best_plan(make_showcase())
    assert best is not None
    content = json.loads(plan.read_text(encoding="utf-8"))
    assert content["certificate"]["value"] == pytest.approx(best.value)
    assert [one["request"] for one in content["unserved"]] == ["far"]
    assert run("verify", plan, problem_path, "--full").code == 0


def test_same_seed_gives_the_same_plan(
    run: Callable[..., Answer], problem_path: Path, tmp_path: Path
) -> None:
    for name in ("a.json", "b.json"):
        assert run("solve", problem_path, "-o", tmp_path / name, "--seed", "3").code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_quiet_says_nothing(run: Callable[..., Answer], problem_path: Path, tmp_path: Path) -> None:
    answer = run("solve", problem_path, "-o", tmp_path / "plan.json", "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


@pytest.mark.parametrize(
    ("asks", "helpers"), [([], []), ([Ask("r")], []), ([], [Help("v")]), ([Ask("r")], [Help("v")])]
)
def test_tiny_problems_are_solved(
    run: Callable[..., Answer], tmp_path: Path, asks: list[Ask], helpers: list[Help]
) -> None:
    write_problem(tmp_path / "problem.json", build_problem(asks, helpers))
    assert run("solve", tmp_path / "problem.json", "-o", tmp_path / "plan.json").code == 0
    answer = run("verify", tmp_path / "plan.json", tmp_path / "problem.json", "--full")
    assert (answer.code, answer.err) == (0, "")


def test_medium_problem_has_a_small_proven_gap(run: Callable[..., Answer], tmp_path: Path) -> None:
    write_problem(tmp_path / "problem.json", make_instance(Size(120, 48), 1))
    assert run("solve", tmp_path / "problem.json", "-o", tmp_path / "plan.json").code == 0
    report = json.loads(
        run("verify", tmp_path / "plan.json", tmp_path / "problem.json", "--full", "--json").out
    )
    assert report["valid"]
    assert report["gap"] < 0.01
    assert report["bound"]["undecided"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf"])
def test_impossible_limit_ends_with_2(
    run: Callable[..., Answer], problem_path: Path, tmp_path: Path, limit: str
) -> None:
    answer = run("solve", problem_path, "-o", tmp_path / "plan.json", "--time-limit", limit)
    assert answer.code == 2
    assert answer.err == "Error: --time-limit must be above 0 seconds.\n"


def test_output_in_a_missing_folder_ends_with_2_before_solving(
    run: Callable[..., Answer], problem_path: Path, tmp_path: Path
) -> None:
    answer = run("solve", problem_path, "-o", tmp_path / "none" / "plan.json")
    assert answer.code == 2
    assert answer.err.endswith("none is no folder; make it first.\n")


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": "talkoot-plan/1"}'])
def test_unusable_problem_ends_with_2_and_one_line(
    run: Callable[..., Answer], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "problem.json").write_bytes(content)
    answer = run("solve", tmp_path / "problem.json", "-o", tmp_path / "plan.json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Error: problem.json")
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "plan.json").exists()


def test_locks_that_cannot_be_kept_together_end_with_2(
    run: Callable[..., Answer], tmp_path: Path
) -> None:
    asks = [Ask(name, service_s=1000, windows=((0, 1100),)) for name in ("a", "b")]
    problem = build_problem(asks, [Help("v")], pairs=Pairs(locked=[("v", "a"), ("v", "b")]))
    write_problem(tmp_path / "problem.json", problem)
    answer = run("solve", tmp_path / "problem.json", "-o", tmp_path / "plan.json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "'v'" in answer.err


def test_first_interrupt_asks_to_stop_and_the_second_is_as_usual() -> None:
    before, stop = signal.getsignal(signal.SIGINT), Stop()
    with cancel_on_interrupt(stop):
        assert not stop.reached()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.reached()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


INTERRUPTED = """
import os, signal, sys
from api.cli import main
from api.commands import solve

def interrupt(self, name, total):
    os.kill(os.getpid(), signal.SIGINT)
    solve._Bars.phase = lambda self, name, total: None

solve._Bars.phase = interrupt
main(sys.argv[1:])
"""


def test_interrupt_keeps_the_best_plan_so_far(run: Callable[..., Answer], tmp_path: Path) -> None:
    write_problem(tmp_path / "problem.json", make_instance(Size(300, 120), 1))
    plan = tmp_path / "plan.json"
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "solve", tmp_path / "problem.json", "-o", plan],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "stopped early" in done.stdout
    assert json.loads(plan.read_text(encoding="utf-8"))["certificate"]["stopped"] is True
    assert run("verify", plan, tmp_path / "problem.json").code == 0
