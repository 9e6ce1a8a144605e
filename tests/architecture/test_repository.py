"""What may stand in the files of the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_BYTES = 8 * 1024 * 1024

# Written in parts, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("yarnpkg", "com"),
        )
    )
    + "|"
    + "--(extra-)?index"
    + "-url"
)
MACHINE_PATHS = re.compile("/" + r"(?:root|Users|work|workspace)/\w|/" + r"home/\w+/")
MARKS_LEFT_BEHIND = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|<{7} |>{7} ")


def find_in(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The lines of a text that hold a pattern."""
    return [
        f"{number}: {line.strip()[:120]}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    if listed.returncode != 0:
        pytest.skip("this is not a git checkout: nothing is tracked here")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts(paths: list[Path]) -> list[tuple[Path, str]]:
    found = []
    for path in paths:
        data = path.read_bytes()
        if b"\0" not in data[:8_192]:
            found.append((path.relative_to(ROOT), data.decode("utf-8", "replace")))
    return found


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (REGISTRY_HOSTS, "see https://" + "pypi" + ".org/project/x"),
        (MACHINE_PATHS, "open('/" + "root/data.csv')"),
        (MACHINE_PATHS, "/" + "home/somebody/data"),
        (MARKS_LEFT_BEHIND, "# TO" + "DO: later"),
    ],
)
def test_planted_text_is_found(pattern: re.Pattern[str], planted: str) -> None:
    assert find_in(f"one\n{planted}\n", pattern) == [f"2: {planted}"]


@pytest.mark.parametrize(
    "pattern", [REGISTRY_HOSTS, MACHINE_PATHS, MARKS_LEFT_BEHIND], ids=["hosts", "paths", "marks"]
)
def test_no_tracked_file_holds(pattern: re.Pattern[str], tracked_files: list[Path]) -> None:
    found = {
        str(path): lines for path, text in texts(tracked_files) if (lines := find_in(text, pattern))
    }
    assert not found, found


def test_no_tracked_file_is_too_large(tracked_files: list[Path]) -> None:
    large = {
        str(path): size for path in tracked_files if (size := path.stat().st_size) > MAX_FILE_BYTES
    }
    assert not large


def test_nothing_that_a_run_makes_is_tracked(tracked_files: list[Path]) -> None:
    made = re.compile(r"\.(pyc|db|sqlite3?|log)(-wal|-shm)?$|(^|/)(\.venv|__pycache__|uv\.lock)")
    assert [str(path) for path in tracked_files if made.search(str(path.relative_to(ROOT)))] == []
