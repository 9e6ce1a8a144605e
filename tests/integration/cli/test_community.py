"""``talkoot community``: how an installation gets its first programme."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli import main
from core.migrate import upgrade


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main(list(args))
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    return (code if isinstance(code, int) else 0), out, err


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'talkoot.db'}"
    upgrade(address)
    return address


def test_a_community_is_opened_and_listed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "community", "list", "--database-url", url)
    assert (code, "No community yet" in out) == (0, True)
    opening = ("community", "open", "cambridge", "--city", "cambridge", "--database-url", url)
    code, out, err = run(capsys, *opening)
    assert code == 0, err
    assert "America/New_York" in out
    code, out, _ = run(capsys, "community", "list", "--database-url", url)
    assert (code, "cambridge" in out) == (0, True)
    code, _, err = run(capsys, *opening)
    assert (code, "already" in err) == (2, True)


@pytest.mark.parametrize(
    ("slug", "city", "words"),
    [
        ("Two Words", "cambridge", "small letters"),
        ("nowhere", "atlantis", "atlantis"),
        ("", "cambridge", "small letters"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    url: str, capsys: pytest.CaptureFixture[str], slug: str, city: str, words: str
) -> None:
    code, _, err = run(capsys, "community", "open", slug, "--city", city, "--database-url", url)
    assert (code, words in err, len(err.strip().splitlines())) == (2, True, 1)


def test_another_command_says_how_to_open_one(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(
        capsys, "volunteer", "list", "--community", "cambridge", "--database-url", url
    )
    assert (code, "talkoot community open" in err) == (2, True)
