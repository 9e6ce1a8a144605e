"""``talkoot demo``, ``round`` and ``explain``: one small evening, and everything that it leaves."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.cli import main
from core.clock import FixedClock
from geo.city import CityPack, shipped_pack
from geo.privacy import cell_polygon, parse_cell

ROOT = Path(__file__).parents[3]
SIZE = ("--requests", "40", "--volunteers", "14", "--quiet")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The output without line breaks and table padding."""
        return " ".join(self.out.split())


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> Answer:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demonstration in a folder, and what it printed; the folder is not to be changed."""
    out = tmp_path_factory.mktemp("demo") / "evening"
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--out", str(out), *SIZE],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def url_of(out: Path) -> str:
    return f"sqlite:///{out / 'talkoot.db'}"


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_the_demo_prints_what_it_found(played: tuple[Path, str]) -> None:
    words = " ".join(played[1].split())
    for part in (
        "homes have a neighbor",
        "Imported 14 volunteers: 14 new",
        "Imported 40 residents: 40 new",
        "By hand, nearest first",
        "Proven limit of any plan",
        "By neighborhood",
        "Every rule was kept",
        "Why some have nobody",
        "This is the first round.",
        "map.html",
    ):
        assert part in words


def test_the_plan_and_its_problem_can_be_checked(played: tuple[Path, str], run: Run) -> None:
    answer = run("verify", played[0] / "plan.json", played[0] / "problem.json")
    assert answer.code == 0, answer.out


def test_the_round_is_not_worse_than_the_list_by_hand(played: tuple[Path, str]) -> None:
    line = next(line for line in played[1].splitlines() if "Value of the plan" in line)
    ours, by_hand = (float(word.replace(",", "")) for word in line.split() if word[0].isdigit())
    assert ours >= by_hand


def test_no_public_file_holds_a_home_or_a_person(played: tuple[Path, str]) -> None:
    out, printed = played
    with sqlite3.connect(out / "talkoot.db") as database:
        homes = database.execute(
            "SELECT lon_deg, lat_deg, address_text FROM household_address"
        ).fetchall()
    assert len(homes) == 54
    texts = {
        name: (out / name).read_text("utf-8")
        for name in ("map.html", "routes.geojson", "plan.json", "problem.json")
    } | {"printed": printed}
    for lon, lat, address in homes:
        street_and_number = address.split(",")[0]
        for name, text in texts.items():
            assert street_and_number not in text, name
            for decimals in (5, 6, 7):
                point = f"{lon:.{decimals}f},{lat:.{decimals}f}"
                assert point not in text.replace(" ", ""), name
    for name, text in texts.items():
        for mark in ("Synthetic", "@example.org", "555-01"):
            assert mark not in text, (name, mark)


def test_routes_start_and_end_in_cells_away_from_homes(played: tuple[Path, str]) -> None:
    out, _ = played
    routes = read_json(out / "routes.geojson")["features"]
    with sqlite3.connect(out / "talkoot.db") as database:
        homes = [
            shapely.Point(row)
            for row in database.execute("SELECT lon_deg, lat_deg FROM household_address")
        ]
    pack = CityPack.open(shipped_pack("cambridge"))
    tree = shapely.STRtree(homes)
    assert routes
    for route in routes:
        coordinates = route["geometry"]["coordinates"]
        for end in (coordinates[0], coordinates[-1]):
            nearest = homes[int(tree.nearest(shapely.Point(end)))]
            apart = pack.to_utm([end]) - pack.to_utm([(nearest.x, nearest.y)])
            assert (apart**2).sum() ** 0.5 > 2.0
        line = shapely.LineString(coordinates)
        for cell in route["properties"]["cells"]:
            assert line.distance(cell_polygon(parse_cell(cell))) < 0.003


def test_every_person_is_marked_as_made_up(played: tuple[Path, str]) -> None:
    with sqlite3.connect(played[0] / "talkoot.db") as database:
        marks = database.execute("SELECT count(*), sum(is_synthetic) FROM person").fetchone()
    assert marks == (54, 54)


def test_a_second_run_in_the_folder_plans_again_and_says_that_nothing_changed(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "evening"
    first, second = (run("demo", "--out", out, *SIZE) for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert "40 residents: 0 new, 0 changed, 40 as before, 0 refused" in second.words
    assert "Nothing changed since the last round" in second.words


def test_another_demo_replaces_the_old_one_and_spares_other_folders(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "evening"
    run("demo", "--out", out, *SIZE)
    other = run("demo", "--out", out, *SIZE, "--seed", "2")
    assert "14 volunteers: 14 new" in other.words
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    refused = run("demo", "--out", tmp_path / "thesis", *SIZE)
    assert refused.code == 2
    assert "holds other files" in refused.err
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


@pytest.fixture
def that_afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands believe that it is the afternoon of the demonstration."""
    moment = datetime(2027, 1, 24, 20, 30, tzinfo=UTC)
    monkeypatch.setattr("api.commands.rounds.SystemClock", lambda: FixedClock(moment))


def copy_database(out: Path, target: Path) -> str:
    """The demonstration's database, to be changed."""
    with sqlite3.connect(out / "talkoot.db") as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    return f"sqlite:///{target}"


def test_explain_says_why_and_names_nobody(played: tuple[Path, str], run: Run) -> None:
    out, _ = played
    plan = read_json(out / "plan.json")
    unserved, served = plan["unserved"][0]["request"], plan["routes"][0]["stops"][0]["request"]
    why = run("explain", unserved, "--database-url", url_of(out))
    assert why.code == 0
    assert "found nobody for it" in why.words
    assert "Of 14 volunteers" in why.words
    fine = run("explain", served, "--community", "cambridge", "--database-url", url_of(out))
    assert "planned for it at" in fine.words
    as_json = json.loads(run("explain", unserved, "--database-url", url_of(out), "--json").out)
    assert as_json["reason"] == plan["unserved"][0]["reason"]
    assert "Synthetic" not in why.out + fine.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("explain", "ZZZZZZ"), "There is no request 'ZZZZZZ' in cambridge"),
        (("explain", "ZZZZZZ", "--community", "oslo"), "No community is called 'oslo'"),
        (("round", "--community", "oslo"), "No community is called 'oslo'"),
        (("round", "--community", "cambridge", "--time-limit", "0"), "must be above 0"),
        (("round", "--community", "cambridge", "--from", "noon"), "--from cannot be read"),
        (("round", "--community", "cambridge", "-o", "/nowhere/plan.json"), "is no folder"),
    ],
)
def test_mistakes_are_one_clear_line(
    played: tuple[Path, str], run: Run, words: tuple[str, ...], message: str
) -> None:
    answer = run(*words, "--database-url", url_of(played[0]))
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.usefixtures("that_afternoon")
def test_a_dry_round_writes_files_that_verify_and_stores_nothing(
    played: tuple[Path, str], run: Run, tmp_path: Path
) -> None:
    plan, problem = tmp_path / "plan.json", tmp_path / "problem.json"
    url = copy_database(played[0], tmp_path / "copy.db")
    command = ("round", "--community", "cambridge", "--database-url", url, "--seed", "1")
    answer = run(*command, "--dry-run", "-o", plan, "--problem", problem)
    assert answer.code == 0
    assert "Nothing was stored." in answer.words
    assert "Nothing changed since the last round" in answer.words
    assert run("verify", plan, problem).code == 0
    with sqlite3.connect(tmp_path / "copy.db") as database:
        assert database.execute("SELECT count(*) FROM round").fetchone() == (1,)


@pytest.mark.usefixtures("that_afternoon")
def test_a_round_as_json(played: tuple[Path, str], run: Run, tmp_path: Path) -> None:
    url = copy_database(played[0], tmp_path / "copy.db")
    answer = run(
        "round", "--community", "cambridge", "--database-url", url, "--json", "--seed", "1"
    )
    told = json.loads(answer.out)
    assert told["stored"]
    assert told["requests"] == 40
    assert told["served"] + len(told["unserved"]) == 40
    assert told["changes"]["moved"] == []
    with sqlite3.connect(tmp_path / "copy.db") as database:
        statuses = dict(database.execute("SELECT status, count(*) FROM offer GROUP BY status"))
    assert statuses["proposed"] == told["offers"]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_round_leaves_no_half_plan(tmp_path: Path) -> None:
    out = tmp_path / "evening"
    made = [sys.executable, "-m", "api.cli", "demo", "--out", str(out), "--quiet"]
    subprocess.run(
        [*made, "--requests", "300", "--volunteers", "100"],
        cwd=ROOT, capture_output=True, timeout=300, check=True,
    )  # fmt: skip
    command = [sys.executable, "-m", "api.cli", "round", "--community", "cambridge"]
    process = subprocess.Popen(
        [*command, "--database-url", url_of(out), "--seed", "9"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with sqlite3.connect(out / "talkoot.db", timeout=20) as database:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and process.poll() is None:
            if database.execute("SELECT count(*) FROM round").fetchone() == (2,):
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.wait(240)
        rounds = database.execute("SELECT status FROM round ORDER BY id").fetchall()
        offers = database.execute(
            "SELECT count(*) FROM offer o JOIN round r ON r.id = o.round_id "
            "WHERE r.status <> 'finished'"
        ).fetchone()
    assert rounds[0] == ("finished",)
    assert rounds[1] in (("cancelled",), ("finished",))
    assert offers == (0,)


def test_the_made_up_files_can_be_read_by_anybody(played: tuple[Path, str]) -> None:
    with (played[0] / "residents.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert {row["kind"] for row in rows} == {"snow"}
