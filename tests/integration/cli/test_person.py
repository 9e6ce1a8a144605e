"""``talkoot person``: what is kept about somebody, and forgetting them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from core.clock import FixedClock
from core.db import Database
from tests.personal import Town, add_town, dump, find_marks

ROOT = Path(__file__).parents[3]


def run(url: str, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "person", *arguments, "--database-url", url],
        input=said,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


async def open_town(url: str, clock: FixedClock) -> Town:
    async with Database(url) as database, database.begin() as session:
        return await add_town(session, clock)


async def look(url: str) -> str:
    async with Database(url) as database:
        return await dump(database)


def test_export_and_erase(database_url: str, clock: FixedClock, tmp_path: Path) -> None:
    town = asyncio.run(open_town(database_url, clock))
    key = str(town.person_id("resident"))
    file = tmp_path / "kept.json"

    shown = run(database_url, "export", "Wilhelmina@mail.example")
    written = run(database_url, "export", key, "--out", str(file))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert json.loads(shown.stdout)["person_id"] == key
    assert written.stdout == f"Written to {file}.\n"
    assert file.stat().st_mode & 0o077 == 0
    assert "Wilhelmina" in file.read_text(encoding="utf-8")

    unsure = run(database_url, "erase", key, said="n\n")
    assert unsure.returncode != 0
    assert find_marks(asyncio.run(look(database_url)), "resident")

    done = run(database_url, "erase", "+1 617-555-0199", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 contacts, 1 addresses" in done.stdout
    assert find_marks(asyncio.run(look(database_url)), "resident") == []

    gone = run(database_url, "export", "wilhelmina@mail.example")
    assert gone.returncode == 2
    assert gone.stderr.count("\n") == 1
    assert "wilhelmina" not in gone.stderr
