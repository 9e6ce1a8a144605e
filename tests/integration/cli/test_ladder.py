"""``talkoot wave``, ``talkoot ladder`` and ``talkoot demo --storm`` as staff use them."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from api.cli import talkoot
from core.errors import TalkootError


def run(*args: str) -> Result:
    return CliRunner().invoke(talkoot, list(args), catch_exceptions=True)


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small storm that was played from its first ask to its end."""
    out = tmp_path_factory.mktemp("storm") / "out"
    size = ("--requests", "10", "--volunteers", "6", "--seed", "3")
    result = run("demo", "--storm", "--quiet", "--out", str(out), *size)
    assert result.exit_code == 0, result.output
    assert "Hour by hour" in result.output
    assert "6 volunteers, 10 homes" in result.output
    return out


def test_the_same_seed_plays_the_same_storm(storm: Path, tmp_path: Path) -> None:
    size = ("--requests", "10", "--volunteers", "6", "--seed", "3")
    result = run("demo", "--storm", "--quiet", "--out", str(tmp_path / "again"), *size)
    assert result.exit_code == 0, result.output
    again = (tmp_path / "again" / "storm.csv").read_text()
    assert again == (storm / "storm.csv").read_text()


def community(storm: Path) -> list[str]:
    return ["--community", "cambridge", "--database-url", f"sqlite:///{storm / 'talkoot.db'}"]


def test_a_storm_leaves_a_timeline_that_agrees_with_the_database(storm: Path) -> None:
    rows = list(csv.DictReader((storm / "storm.csv").read_text().splitlines()))
    with sqlite3.connect(storm / "talkoot.db") as database:
        asked = database.execute("SELECT count(*) FROM ask WHERE sent_at IS NOT NULL").fetchone()
        twice = database.execute(
            "SELECT count(*) FROM (SELECT request_id FROM assignment WHERE status <> 'released' "
            "GROUP BY request_id, seat HAVING count(*) > 1)"
        ).fetchone()
        offers = database.execute("SELECT count(*) FROM message WHERE kind = 'offer'").fetchone()
    assert sum(int(row["asked"]) for row in rows) == asked[0] == offers[0] > 0
    assert twice == (0,)
    assert (storm / "storm.png").read_bytes().startswith(b"\x89PNG")
    assert "<h1>One storm" in (storm / "storm.html").read_text()


def test_status_counts_asks_and_answers(storm: Path) -> None:
    result = run("ladder", "status", "--json", *community(storm))
    found = json.loads(result.output)
    assert found["storm"] is None
    assert sum(found["asks"].values()) > 0


def test_a_closed_storm_has_nothing_to_ask(storm: Path) -> None:
    result = run("wave", *community(storm))
    assert result.exit_code == 0, result.output
    assert "Nothing waits that may be offered now" in result.output


def test_refit_shows_each_number_with_its_interval(storm: Path) -> None:
    result = run("ladder", "refit", *community(storm))
    assert result.exit_code == 0, result.output
    assert "reply_share" in result.output
    assert "asks" in result.output


def test_nothing_waits_for_review(storm: Path) -> None:
    result = run("ladder", "proposals", *community(storm))
    assert "Nothing waits for review" in result.output


@pytest.mark.parametrize(
    "args",
    [
        ["wave", "--community", "nowhere"],
        ["ladder", "status", "--community", "nowhere"],
        ["ladder", "strike", "K7", "--community", "cambridge"],
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(storm: Path, args: list[str]) -> None:
    result = run(*args, "--database-url", f"sqlite:///{storm / 'talkoot.db'}")
    assert isinstance(result.exception, TalkootError)
    assert "\n" not in str(result.exception)


@pytest.fixture(scope="module")
def proposed(storm: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The same storm with two asks put back to where staff look at them."""
    out = tmp_path_factory.mktemp("review")
    shutil.copyfile(storm / "talkoot.db", out / "talkoot.db")
    with sqlite3.connect(out / "talkoot.db") as database:
        rows = database.execute(
            "SELECT id FROM ask WHERE round_id IS NOT NULL AND id IN "
            "(SELECT max(id) FROM ask GROUP BY volunteer_id) LIMIT 2"
        ).fetchall()
        database.executemany("UPDATE ask SET status = 'proposed' WHERE id = ?", rows)
    return out, [str(UUID(one)) for (one,) in rows]


def test_staff_strike_a_proposal_and_send_the_rest(proposed: tuple[Path, list[str]]) -> None:
    out, (first, second) = proposed
    listed = run("ladder", "proposals", *community(out))
    assert listed.exit_code == 0, listed.output
    struck = run("ladder", "strike", first, *community(out))
    assert struck.output.strip() == f"Ask {first} will not be sent."
    sent = run("ladder", "send", *community(out))
    assert sent.output.strip() == "1 ask will be sent."
    with sqlite3.connect(out / "talkoot.db") as database:
        states = dict(
            database.execute(
                "SELECT id, status FROM ask WHERE id IN (?, ?)",
                (UUID(first).hex, UUID(second).hex),
            ).fetchall()
        )
        waiting = database.execute(
            "SELECT count(*) FROM job WHERE name = 'matching.send'"
        ).fetchone()
    assert states == {UUID(first).hex: "withdrawn", UUID(second).hex: "proposed"}
    assert waiting[0] >= 1


def test_the_price_of_urgent_mode_is_shown_and_it_belongs_to_a_storm(storm: Path) -> None:
    shown = run("ladder", "urgent", *community(storm))
    assert shown.exit_code == 0, shown.output
    assert "Expected the usual way: 0.0 homes" in shown.output
    chosen = run("ladder", "urgent", "--on", *community(storm))
    assert isinstance(chosen.exception, TalkootError)
    assert str(chosen.exception) == "No storm is on; urgent mode belongs to a storm."
