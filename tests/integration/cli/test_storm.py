from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.cli import main
from core.db import Database
from messaging.models import Message
from tests.factories.people import add_community

FEED = Path(__file__).parents[2] / "data" / "weather" / "made_up_storm.jsonl"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["storm", *map(str, arguments)])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def url(database_url: str) -> str:
    async def fill() -> None:
        async with Database(database_url) as database, database.begin() as session:
            await add_community(session)

    asyncio.run(fill())
    return database_url


def test_recorded_storm_is_played_and_nothing_is_stored(run: Run) -> None:
    code, out, _ = run("replay", FEED, "--json")
    assert code == 0
    turns = [(row["state"], row["reason"]) for row in json.loads(out)]
    assert turns == [
        ("watch", "weather"),
        ("armed", "alert"),
        ("active", "depth"),
        ("hold", "still_snowing"),
        ("active", "hold_over"),
    ]


def test_higher_trigger_means_no_active_storm(run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"trigger_depth_cm": 40.0, "rearm_depth_cm": 10.0}')
    code, out, _ = run("replay", FEED, "--rules", rules, "--json")
    assert code == 0
    assert {row["state"] for row in json.loads(out)} <= {"watch", "armed", "closed"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "line 1"),
        (b'\n{"type": "reading", "station": "A"}', "line 2: Object missing required field `at`"),
        (b'{"type": "reading", "at": "2026-01-01T00:00:00", "station": "A"}', "needs a time zone"),
        (b'{"type": "rain", "at": "2026-01-01T00:00:00Z"}', "line 1"),
        (b"\xff\xfe", "no UTF-8"),
        (
            (
                b'{"type":"nothing","at":"2026-01-02T00:00:00Z"}\n'
                b'{"type":"nothing","at":"2026-01-01T00:00:00Z"}\n'
            ),
            "line 2: 'at' is earlier",
        ),
    ],
)
def test_unusable_feed_is_one_line(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(content)
    code, out, err = run("replay", feed, "--json")
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_feed_of_nothing_makes_no_storm(run: Run, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"type": "nothing", "at": "2026-01-01T00:00:00Z"}\n')
    code, out, _ = run("replay", feed)
    assert code == 0
    assert "No storm would have come of this." in out


def test_manager_directs_a_storm(run: Run, url: str, tmp_path: Path) -> None:
    here = ("--community", "cambridge", "--database-url", url)
    assert "no storm yet" in run("status", *here)[1]
    code, _, err = run("hold", *here, "--reason", "ice")
    assert code == 2
    assert "has no storm now; open one first" in err
    code, out, _ = run("open", *here, "--reason", "phone_calls", "--depth-cm", "12")
    assert code == 0
    assert "neighbors are asked" in out
    assert "already" in run("open", *here, "--reason", "again")[2]
    assert "on hold" in run("hold", *here, "--reason", "saw_ice")[1]
    assert "active" in run("resume", *here, "--reason", "salted")[1]
    assert "closed" in run("close", *here, "--reason", "done")[1]
    found = json.loads(run("status", *here, "--json")[1])
    assert found["storm"]["state"] == "closed"
    assert found["storm"]["depth_cm"] == 12.0
    assert [row["reason"] for row in found["history"]][-4:] == [
        "phone_calls",
        "saw_ice",
        "salted",
        "done",
    ]
    assert "saw_ice" in run("status", *here)[1]


def test_rules_are_shown_and_set(run: Run, url: str, tmp_path: Path) -> None:
    here = ("--community", "cambridge", "--database-url", url)
    file = tmp_path / "rules.json"
    file.write_text('{"trigger_depth_cm": 10.0}')
    assert json.loads(run("rules", *here)[1])["trigger_depth_cm"] == 5.0
    assert json.loads(run("rules", *here, "--set", file)[1])["trigger_depth_cm"] == 10.0
    assert json.loads(run("rules", *here)[1])["trigger_depth_cm"] == 10.0
    file.write_text('{"trigger_depth_cm": 1.0}')
    code, _, err = run("rules", *here, "--set", file)
    assert code == 2
    assert "rearm_depth_cm" in err
    code, _, err = run("rules", *here, "--set", tmp_path / "none.json")
    assert code == 2
    assert "cannot be read" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["open", "--reason", "Ana Smith called"], "code word"),
        (["open", "--reason", "x", "--by", "nobody"], "--by must be the id"),
        (["open", "--reason", "x", "--ended", "yesterday"], "is no time"),
        (["open", "--reason", "x", "--by", "018f0000-0000-7000-8000-000000000000"], "no person"),
    ],
)
def test_bad_input_is_one_line(run: Run, url: str, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments, "--community", "cambridge", "--database-url", url)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_opening_tells_nobody_by_itself(run: Run, url: str) -> None:
    run("open", "--community", "cambridge", "--database-url", url, "--reason", "phone_calls")

    async def count() -> int:
        async with Database(url) as database, database.read() as session:
            return int(await session.scalar(select(func.count()).select_from(Message)) or 0)

    assert asyncio.run(count()) == 0
