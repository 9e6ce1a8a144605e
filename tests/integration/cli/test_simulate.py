"""``talkoot simulate``: tables, files, and one clear line when a name is wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main, talkoot


def test_writes_tables_and_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = ["simulate", "smoke", "--seeds", "2", "--policies", "ladder-greedy,digest-urgent"]
    result = CliRunner().invoke(talkoot, [*arguments, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    assert "A model of people" in result.output
    with (folder / "storms.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["policy"] for row in rows] == ["bound", "ladder-greedy", "digest-urgent"] * 2
    assert float(rows[1]["served"]) <= float(rows[0]["served"])
    assert (folder / "report.md").read_text(encoding="utf-8").startswith("# Simulated storms")
    assert (folder / "smoke.png").read_bytes().startswith(b"\x89PNG")


def test_lists_storms_and_policies() -> None:
    result = CliRunner().invoke(talkoot, ["simulate", "--list"])
    assert result.exit_code == 0
    assert "1000-250" in result.output
    assert "digest-urgent:" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["hurricane"], "no storm 'hurricane'"),
        (["smoke", "--policies", "telepathy"], "no policy 'telepathy'"),
    ],
)
def test_a_wrong_name_is_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", *arguments])
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err
