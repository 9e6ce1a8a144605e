"""The examples of ``docs/api.md``, done by the programs that they are written for."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn

from api.app import create_app
from core.clock import FixedClock
from core.db import Database
from core.settings import Settings
from people.auth import Actor
from people.kinds import Channel
from people.models import ContactPoint
from people.signing_in.kinds import AREAS, Method
from people.signing_in.sessions import start_sign_in
from people.signing_in.tokens import NewToken, create_token
from tests.conftest import EVENING_OF_SNOW
from tests.factories.town import seed_town
from tests.graphql_api.asking import global_id
from tests.ports import kept_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "api.md"
EXAMPLES = ROOT / "examples"
HEADING = re.compile(r"^## (.+)$", re.M)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
MAIL_OF_MANAGER = "mira@city.example"
SETTING_UP = ("Ask", "Tokens and scopes")
"""Sections whose functions the later ones use."""
PROBLEMS_SHOWN = {"When something cannot be done"}
WAIT_S = 300


@dataclass(frozen=True)
class Block:
    """One example of the page."""

    section: str
    language: str
    text: str


@dataclass(frozen=True)
class Place:
    """A running server, and how to come in."""

    environ: dict[str, str]
    cookies: dict[str, str]
    """By section: of the person who acts in it."""


def read_blocks() -> list[Block]:
    """The examples in their order."""
    _, *parts = HEADING.split(PAGE.read_text(encoding="utf-8"))
    return [
        Block(section, language, text)
        for section, body in zip(parts[::2], parts[1::2], strict=True)
        for language, text in BLOCK.findall(body)
    ]


BLOCKS = read_blocks()
SECTIONS = list(dict.fromkeys(block.section for block in BLOCKS if block.language == "bash"))
PYTHON = [block for block in BLOCKS if block.language == "python"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with kept_port() as kept:
        yield kept


@pytest.fixture(scope="module")
def place(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, port: int
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("docs")
    path = folder / "talkoot.db"
    shutil.copyfile(sqlite_template, path)
    url = f"http://127.0.0.1:{port}"
    settings = Settings(database_url=f"sqlite:///{path}", public_url=url)
    token, cookies, community_id = asyncio.run(_seed(settings))
    environ = {
        "TALKOOT_URL": url,
        "TALKOOT_TOKEN": token,
        "TALKOOT_COOKIE": cookies["For residents"],
        "TALKOOT_DATABASE_URL": settings.database_url,
        "COMMUNITY": global_id("Community", community_id),
        "PYTHONPATH": os.pathsep.join((str(EXAMPLES), str(ROOT))),
        "PATH": os.pathsep.join((str(folder), os.environ["PATH"])),
    }
    command = folder / "talkoot"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m api.cli "$@"\n')
    command.chmod(0o755)
    with _serving(settings, port):
        yield Place(environ, cookies)


async def _seed(settings: Settings) -> tuple[str, dict[str, str], UUID]:
    clock = FixedClock(EVENING_OF_SNOW)
    async with Database(settings.database_url) as database:
        town = await seed_town(database, clock, slug="cambridge")
        scopes = tuple(f"{area}:{word}" for area in AREAS for word in ("read", "write"))
        cookies = {}
        async with database.begin() as session:
            session.add(
                ContactPoint(
                    person_id=town.manager_id,
                    channel=Channel.EMAIL,
                    value=MAIL_OF_MANAGER,
                    verified_at=clock.now(),
                )
            )
            made = await create_token(
                session,
                Actor.system(),
                town.manager_id,
                NewToken(name="Docs", scopes=scopes),
                now=clock.now(),
            )
            for section, person_id in (
                ("For residents", town.resident_ids[0]),
                ("For volunteers", town.volunteer_person_ids[0]),
            ):
                opened = await start_sign_in(
                    session, person_id, Method.LINK, device="x_on_y", now=clock.now()
                )
                cookies[section] = f"talkoot={opened.secret}"
        return made.secret, cookies, town.community_id


@contextmanager
def _serving(settings: Settings, port: int) -> Iterator[None]:
    app = create_app(settings, clock=FixedClock(EVENING_OF_SNOW), services={})
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + WAIT_S
    while not server.started and time.monotonic() < until and thread.is_alive():
        time.sleep(0.02)
    assert server.started
    yield
    server.should_exit = True
    thread.join(WAIT_S)


def run(command: list[str], text: str, place: Place, section: str, folder: Path) -> str:
    environ = {**os.environ, **place.environ}
    if section in place.cookies:
        environ["TALKOOT_COOKIE"] = place.cookies[section]
    done = subprocess.run(
        [*command, text], capture_output=True, env=environ, cwd=folder, timeout=WAIT_S, check=False
    )
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout.decode()


def shape(value: Any) -> Any:
    """The names and kinds of an answer, without what differs from call to call."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items() if name != "cost"}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__


def find_trouble(output: str) -> list[str]:
    """Errors, problems, and answers that are empty where an example shows something."""
    empty = r'"data":\s*\{\s*"\w+":\s*null|"nodes":\s*\[\]|^null$'
    return re.findall(rf'"errors":|"__typename":\s*"\w+Problem"|{empty}', output, flags=re.M)


@pytest.mark.parametrize("section", SECTIONS)
def test_shell_examples(section: str, place: Place, tmp_path: Path) -> None:
    for program in ("bash", "curl", "jq"):
        if shutil.which(program) is None:
            assert os.environ.get("CI", "").lower() != "true", f"CI needs {program}"
            pytest.skip(f"{program} is not installed")
    first = next(number for number, block in enumerate(BLOCKS) if block.section == section)
    before = [
        block.text
        for block in BLOCKS[:first]
        if block.section in SETTING_UP and block.language == "bash" and "() {" in block.text
    ]
    own = [
        f"printf '\\n<<<{number}>>>\\n'\n{block.text}"
        for number, block in enumerate(BLOCKS)
        if block.language == "bash" and block.section == section
    ]
    token = f"TALKOOT_TOKEN='{place.environ['TALKOOT_TOKEN']}'"
    script = "\n".join(["set -euo pipefail", *before, token, *own])
    output = run(["bash", "-c"], script, place, section, tmp_path)
    parts = re.split(r"^<<<(\d+)>>>$", output, flags=re.M)
    told = {int(key): text for key, text in zip(parts[1::2], parts[2::2], strict=True)}
    assert len(told) == len(own)
    for number, text in told.items():
        shown = BLOCKS[number + 1 : number + 2]
        if shown and shown[0].language == "json" and shown[0].section == section:
            (answer,) = json.loads(f"[{text}]")[-1:]
            assert shape(answer) == shape(json.loads(shown[0].text))
        if section not in PROBLEMS_SHOWN:
            assert find_trouble(text) == [], text


@pytest.mark.parametrize(
    "block", PYTHON, ids=lambda block: re.sub(r"\W+", "_", block.section).lower()
)
def test_python_examples(block: Block, place: Place, tmp_path: Path) -> None:
    output = run([sys.executable, "-W", "error", "-c"], block.text, place, block.section, tmp_path)
    assert output.strip()


def test_typed_client_as_a_program(place: Place, tmp_path: Path) -> None:
    program = str(EXAMPLES / "python_client.py")
    done = subprocess.run(
        [sys.executable, program, "cambridge"],
        capture_output=True,
        env={**os.environ, **place.environ},
        cwd=tmp_path,
        timeout=WAIT_S,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert len(lines) >= 10
    assert {line.split("\t")[0] for line in lines} >= {"SNOW"}


def test_examples_show_all_audiences() -> None:
    for section in ("For residents", "For volunteers", "For staff", "For other systems"):
        languages = {block.language for block in BLOCKS if block.section == section}
        assert {"bash", "python"} <= languages, section


def test_trouble_is_seen() -> None:
    assert find_trouble('{"errors": [{}]}')
    assert find_trouble('{"data": {"x": {"__typename": "ConflictProblem"}}}')
    assert find_trouble('{"data": {"round": null}}')
    assert not find_trouble('{"data": {"round": {"id": "x", "note": "nullable"}}}')
