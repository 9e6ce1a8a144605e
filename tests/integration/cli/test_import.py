"""``talkoot import``: counts, lines with remedies, exit codes, and files that are none."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from geo.city import CityPack, shipped_pack
from matching.demo_people import make_demo_files

ROOT = Path(__file__).parents[3]
GOOD = """external_id,name,email,address,windows,skills
V-1,Synthetic Volunteer 1,v1@example.org,770 Massachusetts Ave,2027-01-24 16:00-19:00,shovel
V-2,Synthetic Volunteer 2,v2@example.org,795 Massachusetts Ave,2027-01-24 16:00-19:00,shovel
"""
BAD = GOOD + (
    "V-3,Hidden Name,no-mail-sign,12 Nowhere Street,2027-01-24 16:00-19:00,shovel\n"
    "V-4,Hidden Name,v4@example.org,51 Inman St,tonight,shovl\n"
)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "talkoot.db")
    return f"sqlite:///{tmp_path / 'talkoot.db'}"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], url: str, tmp_path: Path) -> Callable[..., Answer]:
    def call(text: str | bytes, *options: str, kind: str = "volunteers") -> Answer:
        path = tmp_path / "people.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        words = ["import", kind, str(path), "--community", "cambridge", "--database-url", url]
        with pytest.raises(SystemExit) as ended:
            main([*words, *options])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return call


def test_good_lines_open_the_community_and_are_counted(run: Callable[..., Answer]) -> None:
    first = run(GOOD, "--city", "cambridge")
    assert (first.code, first.err) == (0, "")
    assert "2 new, 0 changed, 0 as before, 0 refused" in " ".join(first.out.split())
    again = run(GOOD)
    assert "0 new, 0 changed, 2 as before, 0 refused" in " ".join(again.out.split())


def test_bad_lines_are_told_with_remedies_and_without_names(
    run: Callable[..., Answer], tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    answer = run(BAD, "--city", "cambridge", "--rejects", str(rejects))
    assert answer.code == 1
    for words in ("Refused lines", "has no @ sign", "Write it like"):
        assert words in answer.out
    for secret in ("Hidden Name", "no-mail-sign", "12 Nowhere", "v4@example.org"):
        assert secret not in answer.out + answer.err
    with rejects.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["external_id"] for row in rows] == ["V-3", "V-4"]
    assert "windows: cannot be read: 'tonight'." in rows[1]["reason"]


def test_json_report_names_every_problem(run: Callable[..., Answer]) -> None:
    answer = run(BAD, "--city", "cambridge", "--json", "--dry-run")
    report = json.loads(answer.out)
    assert (report["created"], report["rejected"], report["dry_run"]) == (2, 2, True)
    told = {(problem["line"], problem["column"]) for problem in report["problems"]}
    assert {(4, "email"), (5, "windows")} <= told


def test_dry_run_opens_no_community(run: Callable[..., Answer]) -> None:
    assert run(GOOD, "--city", "cambridge", "--dry-run").code == 0
    answer = run(GOOD)
    assert answer.code == 2
    assert "No community is called 'cambridge'" in answer.err
    assert "--city" in answer.err


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\x89PNG\r\n\x1a\n\x00", "is a PNG picture"),
        (b"just some words\n", "has no known column"),
        (b"\x00\x01\x02" * 50, "binary data"),
    ],
)
def test_a_file_that_is_none_is_one_clear_line(
    run: Callable[..., Answer], data: bytes, words: str
) -> None:
    answer = run(data, "--city", "cambridge")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Error: people.csv")
    assert words in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--city", "atlantis"], "no city pack named 'atlantis'"),
        (["--city", "cambridge", "--rejects", "/nowhere/at/all.csv"], "/nowhere/at is no folder"),
        (["--city", "cambridge", "--database-url", "mysql://x/y"], "'mysql' is not supported"),
    ],
)
def test_options_that_cannot_be_used_are_one_clear_line(
    run: Callable[..., Answer], options: list[str], words: str
) -> None:
    answer = run(BAD, *options)
    assert answer.code == 2
    assert words in answer.err
    assert "Traceback" not in answer.err


def test_a_database_without_tables_says_what_to_do(
    run: Callable[..., Answer], tmp_path: Path
) -> None:
    answer = run(GOOD, "--city", "cambridge", "--database-url", f"sqlite:///{tmp_path / 'new.db'}")
    assert answer.code == 2
    assert "talkoot migrate" in answer.err


def test_a_killed_import_leaves_nothing_half_done(url: str, tmp_path: Path) -> None:
    pack = CityPack.open(shipped_pack("cambridge"))
    files = make_demo_files(pack, n_requests=1, n_volunteers=2_000, seed=5)
    path = tmp_path / "volunteers.csv"
    path.write_text(files.volunteers, encoding="utf-8")
    command = [sys.executable, "-m", "api.cli", "import", "volunteers", str(path)]
    command += ["--community", "cambridge", "--city", "cambridge", "--database-url", url]
    for wait_s in (1.5, 3.0):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    done = subprocess.run(
        [*command, "--json"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    report = json.loads(done.stdout)
    assert report["created"] + report["unchanged"] == 2_000
    assert report["created"] in (0, 2_000)
    assert report["updated"] == 0
