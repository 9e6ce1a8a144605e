"""``talkoot request`` and ``talkoot deadline``: a call at a terminal, and what comes of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from tests.ids import drop_ids

VOLUNTEERS = """external_id,name,email,address,windows
V-1,Synthetic Volunteer 1,v1@example.org,770 Massachusetts Ave,2027-01-24 16:00-19:00
"""
CALL = ("--name", "Ana López", "--phone", "617 555 0142", "--address", "51 Inman St")
WHEN = ("--kind", "yard", "--window", "2099-01-24 16:00-19:00")
AGREED = ("--consent", "matching", "--consent", "offers")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], sqlite_template: Path, tmp_path: Path
) -> Callable[..., Answer]:
    shutil.copyfile(sqlite_template, tmp_path / "talkoot.db")
    url = f"sqlite:///{tmp_path / 'talkoot.db'}"
    people = tmp_path / "people.csv"
    people.write_text(VOLUNTEERS)

    def call(*words: str, here: bool = True) -> Answer:
        rest = ("--community", "cambridge", "--database-url", url) if here else ()
        with pytest.raises(SystemExit) as ended:
            main([*words, *rest])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    call("import", "volunteers", str(people), "--city", "cambridge")
    return call


def test_call_is_taken_listed_shown_and_called_off(run: Callable[..., Answer]) -> None:
    notes = ("--notes", "Ring twice.", "--caller", "family", "--caller-name", "Luis")
    taken = run("request", "take", *CALL, *WHEN, *AGREED, *notes, "--json").json()
    again = run("request", "take", *CALL, *WHEN)
    rows = run("request", "list", "--json").json()
    shown = run("request", "show", taken["reference"], "--language", "es", "--json")
    private = run("request", "show", taken["reference"], "--private").out
    cancelled = run("request", "cancel", taken["reference"])

    assert taken["outcome"] == "open"
    assert "asked for already" in again.out
    assert [row["reference"] for row in rows] == [taken["reference"]]
    assert shown.json()["scope"] == ["hojas"]
    assert shown.json()["history"][0]["sentence"] == "Anotamos su solicitud de ayuda."
    for secret in ("Ring", "Luis", "López", "Inman", "0142"):
        assert secret not in drop_ids(shown.out)
    assert "Ring twice." in private
    assert "Luis" in private
    assert cancelled.out.endswith("is called off.\n")
    assert run("request", "list", "--status", "open").out == "There are none.\n"


def test_review_is_listed_and_decided(run: Callable[..., Answer]) -> None:
    kept = run("request", "take", *CALL, *WHEN, *AGREED, "--json").json()
    double = run("request", "take", *CALL, *WHEN, "--scope", "hedge", "--json").json()
    table = run("request", "review")
    merged = run("request", "review", "--merge", double["reference"], "--into", kept["reference"])
    wish = run("request", "take", *CALL, "--cadence", "season", "--over", "60", "--json").json()
    other = ("--name", "Zoe New", "--email", "zoe@example.org", "--address", "55 Inman St")
    first = run("request", "take", *other, "--cadence", "season", "--json").json()
    approved = run("request", "review", "--approve", first["standing_id"])
    second = run("request", "take", *other, *WHEN, "--json").json()
    declined = run(
        "request", "review", "--decline", second["reference"], "--reason", "outside_area"
    )

    assert double["reasons"] == ["same_home"]
    assert double["reference"] in table.out
    assert merged.out == approved.out == declined.out == "Done. 0 wait for review.\n"
    assert (wish["outcome"], wish["reasons"]) == ("waiting", [])
    assert first["reasons"] == ["no_consent"]
    assert run("request", "review", "--json").json() == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("take", "--name", "A", "--phone", "617 555 0142"), "--address is empty"),
        (("take", *CALL[:4], "--address", "1 Nowhere St"), "--address: is not known in Cambridge"),
        (("take", *CALL[:4], "--address", "Inman St"), "--address:"),
        (("take", *CALL, "--kind", "yard"), "Say when help is wanted"),
        (("take", *CALL, *WHEN, "--scope", "moat"), "'moat' is no part of 'yard'"),
        (("take", *CALL, *WHEN, "--over", "60"), "record the consent 'matching'"),
        (("take", *CALL, "--window", "tonight"), "--window: cannot be read"),
        (("take", *CALL, "--until", "soon", "--cadence", "season"), "--until: is not a day"),
        (("take", *CALL, "--lon", "-71.1"), "both --lon and --lat"),
        (("show", "XXXXXX"), "There is no request 'XXXXXX' in cambridge"),
        (("review", "--decline", "XXXXXX"), "--decline needs --reason"),
        (("review", "--merge", "XXXXXX"), "--merge and --into belong together"),
        (("list", "--after", "tomorrow"), "--after must be an id"),
    ],
)
def test_bad_input_is_one_line(
    run: Callable[..., Answer], words: tuple[str, ...], complaint: str
) -> None:
    answer = run("request", *words)

    assert answer.code == 2
    assert complaint in answer.err
    assert answer.err.count("\n") == 1


def test_point_stands_for_an_address(run: Callable[..., Answer]) -> None:
    point = ("--lon", "-71.1106", "--lat", "42.3736")
    taken = run("request", "take", *CALL[:4], *point, *WHEN, *AGREED, "--json").json()

    assert taken["outcome"] == "open"


def test_deadline_names_time_clause_and_source(run: Callable[..., Answer]) -> None:
    night = run("deadline", "chicago", "--ended", "2027-01-24T20:15", here=False)
    spoken = run("deadline", "cambridge", "--ended", "2027-01-24T10:00", "--json", here=False)
    ice = run("deadline", "cambridge", "--ended", "2027-01-24T10:00", "--ice", "--json", here=False)
    rules = run("deadline", "new-york", here=False)

    assert "Due Monday 25 January 2027, 10:00 CST (clause 'night')." in night.out
    assert "10-8-180" in night.out
    assert spoken.json()["local"] == "2027-01-24T22:00:00-05:00"
    assert ice.json()["local"] == "2027-01-24T16:00:00-05:00"
    assert rules.out.count("\n- ") == 3


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("gotham",), "No ordinance pack is called 'gotham'"),
        (("boston", "--ended", "tonight"), "--ended is no time"),
        (("boston", "--ended", "2027-03-14T02:30"), "that the clocks skip"),
        (("boston", "--ended", "1999-01-01T10:00"), "it begins on 2013-01-01"),
        (("boston", "--ended", "2027-01-24T20:15", "--lon", "-71"), "both --lon and --lat"),
    ],
)
def test_deadline_that_cannot_be_said(
    run: Callable[..., Answer], words: tuple[str, ...], complaint: str
) -> None:
    answer = run("deadline", *words, here=False)

    assert answer.code == 2
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
