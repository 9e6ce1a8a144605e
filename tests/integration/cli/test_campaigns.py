"""``talkoot campaign``: listing, showing and bringing rides, and how bad input is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli import main
from api.opening import CARRIED
from core.db import Database
from tests.factories.campaigns import add_campaign, add_member
from tests.factories.people import add_community, add_person


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A town with a campaign that ran, and one person who takes part."""
    path = tmp_path / "talkoot.db"
    path.write_bytes(sqlite_template.read_bytes())

    async def seed() -> None:
        async with Database(f"sqlite:///{path}", info=CARRIED) as database, database.begin() as one:
            community = await add_community(one)
            # The command's own clock is the machine's: the season holds every day that it may be.
            row = await add_campaign(
                one,
                community,
                starts_at=datetime(2020, 1, 1, tzinfo=UTC),
                ends_at=datetime(2100, 1, 1, tzinfo=UTC),
            )
            person = await add_person(one, community, email="rider@example.org")
            await add_member(one, row, person)

    asyncio.run(seed())
    return f"sqlite:///{path}"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], url: str) -> Run:
    def call(*arguments: str | Path) -> Answer:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--community", "cambridge", "--database-url", url])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return call


def test_a_file_is_brought_once_and_bad_lines_come_back(run: Run, tmp_path: Path) -> None:
    file, rejects = tmp_path / "rides.csv", tmp_path / "rejects.csv"
    file.write_text(
        "person,date,start,minutes,km\n"
        "rider@example.org,2024-05-03,08:30,20,5.2\n"
        "nobody@example.org,2024-05-03,08:30,20,5.2\n"
        '"=cmd|calc",2024-05-03,09:30,20,5.2\n'
        "rider@example.org,2024-05-04,08:30,1,60\n",
        encoding="utf-8",
    )
    arguments = ("campaign", "import-rides", file, "--campaign", "bike-month")
    first = run(*arguments, "--rejects", rejects, "--json")
    assert first.code == 1
    told = json.loads(first.out)
    assert (told["created"], told["rejected"], told["unchanged"]) == (1, 3, 0)
    assert [problem["line"] for problem in told["problems"]] == [3, 4, 5]
    assert "faster than a bicycle" in told["problems"][2]["message"]
    assert "'=cmd|calc" in rejects.read_text(encoding="utf-8")
    again = json.loads(run(*arguments, "--json").out)
    assert (again["created"], again["unchanged"]) == (0, 1)


def test_one_bad_line_keeps_all_out_when_all_are_wanted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rides.csv"
    file.write_text(
        "person,date,start,minutes,km\nrider@example.org,2024-05-03,08:30,20,5.2\n"
        "rider@example.org,2024-05-03,18:30,20,-5\n",
        encoding="utf-8",
    )
    answer = run("campaign", "import-rides", file, "--campaign", "bike-month", "--all-or-nothing")
    assert (answer.code, "Nothing was stored" in answer.out) == (1, True)
    shown = json.loads(run("campaign", "show", "bike-month", "--json").out)
    assert shown["figures"]["rides"] == 0


def test_a_campaign_is_listed_and_shown(run: Run) -> None:
    listed = run("campaign", "list", "--json")
    assert [row["slug"] for row in json.loads(listed.out)] == ["bike-month"]
    shown = run("campaign", "show", "bike-month")
    assert (shown.code, "People who take part: 1." in shown.out) == (0, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no lines"),
        (b"date,start,minutes\n2024-05-03,08:30,20\n", "lacks the column km"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"what,ever\n1,2\n", "no known column"),
    ],
)
def test_a_file_of_something_else_is_one_sentence(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "rides.csv"
    file.write_bytes(content)
    answer = run("campaign", "import-rides", file, "--campaign", "bike-month")
    assert (answer.code, len(answer.err.strip().splitlines())) == (2, 1)
    assert words in answer.err


def test_an_unknown_campaign_names_the_way_to_the_known_ones(run: Run) -> None:
    answer = run("campaign", "show", "no-such")
    assert (answer.code, "talkoot campaign list" in answer.err) == (2, True)
