"""``talkoot serve --demo`` as people start it: a town to try out, on this machine alone."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import func, select

from api.app import create_app
from api.demo.installation import (
    MARK,
    DemoInstallation,
    DemoPerson,
    find_installation,
    make_installation,
)
from api.demo.installation import database_url as demo_url
from api.demo.pages import make_routes
from api.opening import open_database
from api.progress import show_steps
from core.errors import InvalidInput
from core.ids import new_id
from core.settings import Settings
from matching.kinds import AssignmentStatus, OfferStatus, RoundStatus, StormStatus
from matching.models import Assignment, Offer, Storm
from matching.rounds.models import Round
from messaging.conversation_models import ThreadPost
from people.models import Community
from tests.ports import kept_port

ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 240.0
ROLES = {"manager", "coordinator", "volunteer", "resident"}


def serve(*words: str, **more: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TALKOOT_")
    }
    environment |= {"TALKOOT_MAIL": "none", "TALKOOT_SMS": "none"} | more
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--demo", "--quiet", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(port: int, folder: Path, *words: str, **more: str) -> Iterator[str]:
    """A demonstration that is there and answers; it ends well at the end of the block."""
    process = serve("--port", str(port), "--demo-folder", str(folder), *words, **more)
    url = f"http://localhost:{port}"
    try:
        until = time.monotonic() + LIMIT_S
        while True:
            try:
                if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < until
                time.sleep(0.2)
        yield url
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=LIMIT_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
        out, _ = process.communicate(timeout=LIMIT_S)
    assert f"{url}/demo" in out
    assert "Making a city" not in out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration that was made once."""
    folder = tmp_path_factory.mktemp("demo")
    assert find_installation(folder, fresh=False) is None
    settings = Settings(database_url=demo_url(folder), mail="none", sms="none")
    with show_steps(quiet=True) as steps:
        making = make_installation(folder, settings, 1, now=datetime.now(UTC), steps=steps)
        made = asyncio.run(making)
    assert find_installation(folder, fresh=False) == made
    return folder


async def test_there_is_something_to_see(folder: Path) -> None:
    async with open_database(demo_url(folder)) as database, database.read() as session:

        async def count(*where: object, model: type = Assignment) -> int:
            query = select(func.count()).select_from(model).where(*where)  # type: ignore[arg-type]  # conditions
            return int(await session.scalar(query) or 0)

        slugs = set(await session.scalars(select(Community.slug)))
        here = await session.scalar(select(Community.id).where(Community.slug == "cambridge"))
        assert slugs == {"cambridge", "snowville"}
        mine = Storm.community_id == here
        assert await count(mine, Storm.status == StormStatus.ACTIVE, model=Storm) == 1
        newest = await session.scalar(
            select(Round).where(Round.community_id == here, Round.status == RoundStatus.FINISHED)
        )
        assert newest is not None
        assert newest.gap is not None
        assert newest.gap < 0.1
        offers = Offer.community_id == here
        assert await count(offers, Offer.status == OfferStatus.SENT, model=Offer) > 0
        works = Assignment.community_id == here
        for status in (
            AssignmentStatus.ACCEPTED,
            AssignmentStatus.IN_PROGRESS,
            AssignmentStatus.DONE,
        ):
            assert await count(works, Assignment.status == status) > 0
        assert await count(model=ThreadPost) > 10


def test_a_second_start_finds_it_again(folder: Path) -> None:
    before = (folder / MARK).read_bytes()
    with kept_port() as port, serving(port, folder) as url:
        page = httpx.get(f"{url}/demo", timeout=30).text
        roles = re.findall(r'action="/demo/sign-in/([a-z-]+)"', page)
        assert set(roles) == ROLES | {"other-manager", "other-volunteer", "other-resident"}
        for role, slug, foreign in (
            ("manager", "cambridge", "snowville"),
            ("other-manager", "snowville", "cambridge"),
        ):
            with httpx.Client(base_url=url, timeout=30) as browser:
                signed = browser.post(f"/demo/sign-in/{role}", headers={"origin": url})
                assert (signed.status_code, signed.headers["location"]) == (303, "/")
                own = browser.get(f"/exports/{slug}/requests.csv")
                assert len(list(csv.DictReader(io.StringIO(own.text)))) > 10
                assert browser.get(f"/exports/{foreign}/requests.csv").status_code == 404
        evil = {"origin": "https://evil.example"}
        refused = httpx.post(f"{url}/demo/sign-in/manager", headers=evil, timeout=30)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        named = {"host": "evil.example"}
        assert httpx.get(f"{url}/demo", headers=named, timeout=30).status_code == 404
        assert (
            httpx.post(f"{url}/demo/sign-in/nobody", headers={"origin": url}, timeout=30)
        ).status_code == 404
    assert (folder / MARK).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "more", "remedy"),
    [
        (("--host", "0.0.0.0"), {}, "--host"),
        ((), {"TALKOOT_PUBLIC_URL": "https://talkoot.example"}, "TALKOOT_PUBLIC_URL"),
        (("--database-url", "sqlite:///x.db"), {}, "--database-url"),
    ],
)
def test_others_cannot_reach_it(
    tmp_path: Path, words: tuple[str, ...], more: dict[str, str], remedy: str
) -> None:
    folder = tmp_path / "demo"
    with kept_port() as port:
        process = serve("--port", str(port), "--demo-folder", str(folder), *words, **more)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert remedy in errors
    assert len(errors.strip().splitlines()) == 1
    assert not folder.exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="thesis"):
        find_installation(tmp_path, fresh=True)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "talkoot.db").write_bytes(b"half")
    assert find_installation(tmp_path, fresh=False) is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "talkoot.db").write_bytes(b"whole")
    (tmp_path / MARK).write_bytes(b"{broken")
    assert find_installation(tmp_path, fresh=False) is None


async def test_the_route_is_there_in_a_demonstration_alone(sqlite_template: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{sqlite_template}", mail="none", sms="none")
    async with AsyncTestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        assert (await client.get("/demo")).status_code == 404
        assert (await client.post("/demo/sign-in/manager")).status_code == 404


def test_routes_are_refused_on_a_public_address() -> None:
    installation = DemoInstallation(1, (DemoPerson("manager", "Cambridge", new_id()),))
    with pytest.raises(InvalidInput, match="TALKOOT_PUBLIC_URL"):
        make_routes(installation, Settings(public_url="https://talkoot.example"))
