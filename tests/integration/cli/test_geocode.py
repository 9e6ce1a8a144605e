"""``talkoot geocode``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import main

Run = Callable[..., tuple[int, str, str]]

PEOPLE = """Name,Home Address
Ann,14 Aberdeen Ave
Bo,10 Thrid St
Cy,=cmd()
Di,Mass Ave & Rindge Ave
Ed,77 mass ave apt 3
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["geocode", "--city", "cambridge", *map(str, arguments)])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


def test_an_address_is_found(run: Run) -> None:
    code, out, err = run("14 aberdeen avenue")
    assert (code, err) == (0, "")
    assert "14 Aberdeen Ave" in out
    assert "-71.14599, 42.37530" in out


def test_json_tells_everything(run: Run) -> None:
    code, out, _ = run("14 Aberden Ave #2", "--json")
    answer = json.loads(out)
    best = answer["candidates"][0]
    assert (code, answer["status"]) == (0, "found")
    assert (best["label"], best["unit"]) == ("14 Aberdeen Ave #2", "2")
    assert (best["address_id"], best["area"], best["postcode"]) == (
        "14754",
        "West Cambridge",
        "02138",
    )
    assert best["precision"] == "interpolated"
    assert 0.9 <= best["score"] < 1


def test_a_place_that_is_no_house_is_found_too(run: Run) -> None:
    code, out, _ = run("Mass Ave & Rindge Ave", "--json")
    assert (code, json.loads(out)["status"]) == (0, "place")


def test_candidates_are_shown_when_it_is_not_sure(run: Run) -> None:
    code, out, err = run("20 Thrid St", "--limit", "1")
    assert code == 2
    assert "Third St" in out
    assert err.startswith("Error: not sure which address in Cambridge")
    assert err.count("\n") == 1
    assert "Thrid" not in err


def test_an_unknown_address_is_an_error(run: Run) -> None:
    code, out, err = run("9 Qwqwqwq Zyzyzyzy")
    assert (code, out) == (2, "")
    assert err == (
        "Error: no such address in Cambridge, Massachusetts; check street and house number.\n"
    )


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def test_a_file_gets_columns_with_what_was_found(run: Run, people: Path) -> None:
    code, out, err = run("--file", people, "--column", "home address")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["status"] for row in rows] == [
        "found", "ambiguous", "unknown", "place", "found",
    ]  # fmt: skip
    assert rows[0]["matched_address"] == "14 Aberdeen Ave"
    assert float(rows[0]["lat"]) == pytest.approx(42.3753, abs=1e-4)
    assert rows[1]["lon"] == "", "a doubtful place is never written as a position"
    assert "Third St" in rows[1]["candidates"]
    assert rows[2]["Home Address"] == "'=cmd()", "no spreadsheet runs it"
    assert rows[4]["matched_address"] == "77 Massachusetts Ave #3"
    assert err.startswith("5 addresses: 2 found (40.0%), 1 place (20.0%)")
    assert err.rstrip().endswith("ms each")


def test_the_result_goes_to_a_file(run: Run, people: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    code, out, _ = run("--file", people, "--column", "Home Address", "-o", output)
    assert (code, out) == (0, "")
    assert len(output.read_text().splitlines()) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "people.csv"]


def test_a_file_as_json(run: Run, people: Path) -> None:
    code, out, _ = run("--file", people, "--column", "home_address", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["summary"]["found"] == 2
    assert document["summary"]["ms_per_address"] > 0
    assert [row["line"] for row in document["rows"]] == [2, 3, 4, 5, 6]


def test_short_lines_keep_their_columns(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("address;note;more\n14 Aberdeen Ave\n;x\n")
    code, out, _ = run("--file", tmp_path / "a.csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["status"] for row in rows] == ["found", "unknown"]
    assert rows[0]["note"] == ""


def test_a_file_without_lines_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("address\n")
    code, out, err = run("--file", tmp_path / "a.csv")
    assert (code, err) == (0, "The file has a header but no addresses.\n")
    assert out.startswith("address,status")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "PNG picture"),
        (b"street\nx\n", "no known column"),
        (b'address\n"open', "0 found"),
        (bytes(300), "binary data"),
        (b"address\n" + b"x" * 2_000_000, "2 MB; the limit is 1 MB"),
    ],
)
def test_unusable_files_are_one_line(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    code, _, err = run("--file", tmp_path / "a.csv", "--max-megabytes", "1")
    assert err.count("\n") == 1
    assert words in err
    assert code == (0 if "found" in words else 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either an address"),
        (["14 Aberdeen Ave", "--file", "a.csv"], "give either an address"),
        (["14 Aberdeen Ave", "-o", "b.csv"], "--output belongs to --file"),
        (["--file", "none.csv"], "none.csv"),
        (["14 Aberdeen Ave", "--city", "atlantis"], "no city pack named 'atlantis'"),
    ],
)
def test_wrong_use_is_one_line(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_an_output_folder_that_is_not_there(run: Run, people: Path, tmp_path: Path) -> None:
    code, _, err = run(
        "--file", people, "--column", "home address", "-o", tmp_path / "no" / "out.csv"
    )
    assert code == 2
    assert "cannot be written" in err
