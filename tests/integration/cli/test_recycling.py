"""``talkoot recycling import``: files of the hauler at the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner

from api.cli import talkoot
from core.db import Database
from tests.factories.people import add_community


def open_town(url: str) -> None:
    async def add() -> None:
        async with Database(url) as database, database.begin() as session:
            await add_community(session)

    asyncio.run(add())


def send(url: str, path: Path) -> tuple[int, dict[str, object]]:
    options = ["--community", "cambridge", "--database-url", url, "--json"]
    found = CliRunner().invoke(talkoot, ["recycling", "import", str(path), *options])
    return found.exit_code, json.loads(found.stdout)


def test_a_file_is_stored_and_bad_lines_are_told(tmp_path: Path, sqlite_template: Path) -> None:
    database = tmp_path / "talkoot.db"
    database.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{database}"
    open_town(url)
    file = tmp_path / "routes.csv"
    file.write_text("route,areas,households\nR1,The Port,240\nR2,Nowhere,100\n")
    code, told = send(url, file)
    assert code == 1
    assert (told["kind"], told["new_count"]) == ("routes", 1)
    assert [line["line"] for line in told["refused"]] == [3]  # type: ignore[attr-defined]  # JSON
    file.write_text("route,areas,households\nR1,The Port,240\n")
    code, told = send(url, file)
    assert (code, told["new_count"], told["same_count"]) == (0, 0, 1)
