"""``talkoot volunteer`` and ``talkoot tools``: as staff use them at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli import main
from core.migrate import upgrade
from tests.ids import drop_ids

RESIDENTS = """external_id,name,address,windows,kind
R-1,Synthetic Resident,770 Massachusetts Ave,2027-01-24 16:00-19:00,snow
"""
ANA = (
    "--name", "Ana Synthetic", "--address", "795 Massachusetts Ave", "--email", "ana@example.org",
    "--hours", "Sat 9:00-12:00", "--consent", "matching", "--synthetic",
)  # fmt: skip


class Terminal:
    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self.capsys = url, capsys

    def run(self, *args: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        try:
            code = main([*args, "--community", "cambridge", "--database-url", self.url])
        except SystemExit as stop:
            code = stop.code
        out, err = self.capsys.readouterr()
        return (code if isinstance(code, int) else 0), out, err

    def ask(self, *args: str) -> object:
        code, out, err = self.run(*args, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    made = Terminal(f"sqlite:///{tmp_path / 'town.db'}", capsys)
    upgrade(made.url)
    people = tmp_path / "residents.csv"
    people.write_text(RESIDENTS)
    made.run("import", "residents", str(people), "--city", "cambridge", "--synthetic")
    return made


def sign_up(terminal: Terminal, *more: str) -> dict[str, object]:
    answer = terminal.ask("volunteer", "sign-up", *ANA, *more)
    assert isinstance(answer, dict)
    return answer


def test_a_life_of_a_volunteer(terminal: Terminal) -> None:
    first = sign_up(terminal)
    again = sign_up(terminal, "--mode", "bike", "--max-tasks-per-day", "2")
    assert first["joined"] is False
    assert again == {"volunteer_id": first["volunteer_id"], "joined": True}
    key = str(first["volunteer_id"])

    vetted = terminal.ask("volunteer", "vet", key, "waiver", "--until", "2099-04-15")
    assert vetted == {
        "check": "waiver",
        "status": "passed",
        "valid_until": "2099-04-16T04:00:00+00:00",
    }
    shown = terminal.ask("volunteer", "show", key)
    assert isinstance(shown, dict)
    assert shown["checks"] == ["waiver"]
    assert (shown["mode"], shown["max_tasks_per_day"]) == ("bike", 2)
    assert terminal.ask("volunteer", "pause", key)["status"] == "paused"  # type: ignore[index]  # JSON
    rows = terminal.ask("volunteer", "list")
    assert [row["status"] for row in rows] == ["paused"]  # type: ignore[attr-defined]  # JSON
    assert terminal.ask("volunteer", "pause", key, "--leave")["status"] == "left"  # type: ignore[index]  # JSON
    assert terminal.ask("volunteer", "list") == []


def test_lists_hold_no_names_and_no_addresses(terminal: Terminal) -> None:
    key = str(sign_up(terminal)["volunteer_id"])
    for args in (("list",), ("show", key)):
        _, out, _ = terminal.run("volunteer", *args)
        for secret in ("Ana", "ana@", "795", "Massachusetts"):
            assert secret not in drop_ids(out)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("volunteer", "show", "nobody"), "is no id"),
        (("volunteer", "show", "01a20086-ae80-7123-918d-342fd84b1dab"), "There is no volunteer"),
        (("volunteer", "vet", "x", "waiver"), "is no id"),
        (("tools", "set", "library", "shovel", "3"), "There is no depot"),
        (("tools", "open", "library", "--name", "L", "--address", "1 Nowhere"), "not known"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    terminal: Terminal, args: tuple[str, ...], words: str
) -> None:
    code, _, err = terminal.run(*args)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_every_mistake_of_a_form_is_told_at_once(terminal: Terminal) -> None:
    code, _, err = terminal.run(
        "volunteer", "sign-up", "--name", "Ana", "--address", "1 Nowhere", "--email", "ana"
    )
    assert code == 2
    for field in ("email", "hours", "consents", "address"):
        assert field in err


def test_a_life_of_a_tool(terminal: Terminal) -> None:
    key = str(sign_up(terminal)["volunteer_id"])
    opened = terminal.run(
        "tools", "open", "library", "--name", "Library", "--address", "449 Broadway"
    )
    assert opened[0] == 0, opened[2]
    assert terminal.run("tools", "set", "library", "snow blower", "1")[0] == 0
    assert terminal.run("tools", "hand-out", key, "library", "snow_blower")[0] == 0
    listed = terminal.ask("tools", "list")
    assert isinstance(listed, dict)
    assert listed["stock"] == [{"depot": "library", "tool": "snow_blower", "owned": 1, "lent": 1}]
    assert [loan["state"] for loan in listed["loans"]] == ["handed_out"]
    assert terminal.run("tools", "return", key, "snow_blower")[0] == 0
    assert terminal.run("tools", "return", key, "snow_blower")[0] == 2
