"""``talkoot demo --campaigns``: what is said of two campaigns is what is true of them."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from api.demo.campaigns_report import OUTPUTS
from campaigns.measuring.effects import Verdict

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), " ".join(captured.out.split()), captured.err

    return call


@dataclass(frozen=True)
class Played:
    folder: Path
    code: int


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("campaigns") / "out"
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--campaigns", "--quiet", "--out", str(folder)])
    return Played(folder, int(ended.value.code or 0))


def read_effects(folder: Path, slug: str) -> dict[str, dict[str, str]]:
    with (folder / f"{slug}-effects.csv").open(encoding="utf-8") as file:
        return {row["measure"]: row for row in csv.DictReader(file)}


def test_every_page_and_file_is_written(played: Played) -> None:
    assert played.code == 0
    assert {path.name for path in played.folder.iterdir()} >= set(OUTPUTS)
    for language, words in (("en", "An effect was shown"), ("es", "Se mostró un efecto")):
        page = (played.folder / f"cart-tags-{language}.html").read_text(encoding="utf-8")
        assert words in page
        assert "<script" not in page
    shapes = json.loads((played.folder / "cart-tags-areas.geojson").read_text(encoding="utf-8"))
    levels = [part["properties"]["level"] for part in shapes["features"]]
    assert levels.count("area") == 13
    assert levels.count("cell") > 10
    assert (
        sum(
            part["properties"]["address_count"]
            for part in shapes["features"]
            if part["properties"]["level"] == "area"
        )
        == 21_188
    )


def test_tags_that_work_are_said_to_work(played: Played) -> None:
    """They make homes capture 12 % more of about 55 %: six or seven points."""
    found = read_effects(played.folder, "cart-tags")["capture_rate"]
    assert found["is_main"] == "True"
    assert found["verdict"] == Verdict.HIGHER.value
    assert float(found["low"]) < 0.066 < float(found["high"])
    costs = (played.folder / "cart-tags-costs.csv").read_text(encoding="utf-8")
    assert re.search(r"kg_more,\d+\.\d+,\d+\.\d+,\d+\.\d+,", costs)


def test_weeks_that_change_nothing_are_said_to_change_nothing(played: Played) -> None:
    found = read_effects(played.folder, "ride-weeks")["ride_days"]
    assert found["verdict"] == Verdict.NO_EFFECT_SHOWN.value
    assert float(found["low"]) < 0 < float(found["high"])
    page = (played.folder / "ride-weeks-en.html").read_text(encoding="utf-8")
    assert "No effect was shown." in page
    assert "could not have been seen" in page
    costs = (played.folder / "ride-weeks-costs.csv").read_text(encoding="utf-8")
    assert "ride_day_more,,,,no_effect_shown" in costs


def test_nothing_of_it_was_put_in_as_a_result(played: Played) -> None:
    """Results come from rides and weights that went the usual way, each on record."""
    with sqlite3.connect(played.folder / "talkoot.db") as database:

        def count(query: str) -> int:
            return int(database.execute(query).fetchone()[0])

        assert count("SELECT count(*) FROM ride") > 300
        assert count("SELECT count(*) FROM event WHERE kind = 'ride.recorded'") == count(
            "SELECT count(*) FROM ride"
        )
        assert count("SELECT count(*) FROM route_weight") == 27 * 26 * 2
        assert count("SELECT count(*) FROM event WHERE kind = 'recycling.recorded'") > 30
        assert count("SELECT count(*) FROM event WHERE kind = 'route_draw.made'") == 1
        assert count("SELECT count(*) FROM person WHERE NOT is_synthetic") == 0
        assert count("SELECT count(*) FROM result_publication") == 2
        for (figures,) in database.execute("SELECT figures FROM result_publication"):
            areas = json.loads(figures)["participation"]["areas"]
            assert not [row for row in areas if row["home_count"] in range(5)]


def test_results_are_written_published_and_taken_back(
    played: Played, run: Run, tmp_path: Path
) -> None:
    url = f"sqlite:///{played.folder / 'talkoot.db'}"
    where = ("--community", "cambridge", "--database-url", url)
    code, out, _ = run("campaign-results", "write", "cart-tags", "--out", tmp_path / "new", *where)
    assert code == 0
    assert "An effect was shown, the wanted way." in out
    assert (tmp_path / "new" / "cart-tags-es.html").is_file()
    assert run("campaign-results", "withdraw", "cart-tags", *where)[0] == 0
    code, out, _ = run("campaign-results", "publish", "cart-tags", *where)
    assert (code, out) == (0, "Public at /campaigns/cambridge/cart-tags/results")
    code, _, errors = run("campaign-results", "publish", "nothing", *where)
    assert code == 2
    assert len(errors.strip().splitlines()) == 1


def test_two_plays_at_once_are_refused(run: Run, tmp_path: Path) -> None:
    code, _, errors = run("demo", "--campaigns", "--storm", "--out", tmp_path / "x")
    assert code == 2
    assert "--storm and --campaigns" in errors
    assert not (tmp_path / "x").exists()
