"""``talkoot migrate``: says what it did, in one line, and never shows a password."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from api.cli import main
from core.migrate import current_revision

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["migrate", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


def test_empty_database_gets_its_tables_once(run: Run, empty_database_url: str) -> None:
    code, out, _ = run("--database-url", empty_database_url)
    revision = current_revision(empty_database_url)

    assert code == 0
    assert revision is not None
    assert out.endswith(f"is now at revision {revision} (before: empty).\n")
    _, again, _ = run("--database-url", empty_database_url)
    assert again.endswith(f"is already at revision {revision}.\n")


def test_setting_says_which_database(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALKOOT_DATABASE_URL", "")
    assert run()[0] == 0
    assert (tmp_path / "talkoot.db").exists()

    monkeypatch.setenv("TALKOOT_DATABASE_URL", "sqlite:///other.db")
    assert run()[0] == 0
    assert (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("nonsense", "cannot be read"),
        ("mysql://root@localhost/talkoot", "'mysql' is not supported"),
        ("sqlite:////no/such/folder/talkoot.db", "cannot be opened"),
        ("postgresql://talkoot:hunter2@127.0.0.1:1/talkoot", "cannot be reached"),
    ],
)
def test_database_that_cannot_be_used_is_one_line_and_exit_code_2(
    run: Run, url: str, expected: str
) -> None:
    code, out, err = run("--database-url", url)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert expected in err
    assert "hunter2" not in err


def test_file_that_is_no_database_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shovel the path\n" * 200)
    code, _, err = run("--database-url", f"sqlite:///{path}")
    assert code == 2
    assert "not a SQLite database" in err
    assert path.read_text() == "shovel the path\n" * 200


def test_password_is_not_shown_on_success(run: Run, empty_database_url: str) -> None:
    url = make_url(empty_database_url)
    if url.get_backend_name() == "postgresql" and url.password is None:
        url = url.set(password="hunter2")  # the private server trusts everybody
    _, out, _ = run("--database-url", url.render_as_string(hide_password=False))
    assert "is now at revision" in out
    assert "hunter2" not in out


def test_installed_package_finds_its_migrations(tmp_path: Path) -> None:
    """A wheel carries the migrations inside ``api``, not beside it."""
    site = tmp_path / "site"
    for package in ("api", "matching", "people", "geo", "core"):
        skip = shutil.ignore_patterns("__pycache__", "*.gpkg")
        shutil.copytree(ROOT / package, site / package, ignore=skip)
    shutil.copytree(ROOT / "migrations", site / "api" / "migrations")

    ran = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "migrate", "--database-url", "sqlite:///x.db"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert current_revision(f"sqlite:///{tmp_path / 'x.db'}") is not None
