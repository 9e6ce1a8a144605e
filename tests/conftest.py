"""Databases, a clock and communities for every test that asks for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL

from api.opening import CARRIED
from core.clock import FixedClock
from core.db import Database
from core.migrate import upgrade
from tests import postgres
from tests.known_signatures import known_signatures
from tests.patience import PATIENT
from tests.postgres_pool import Pool, open_pool

# What a machine has beside the tests to do says nothing about them.
settings.register_profile("talkoot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("talkoot")

EVENING_OF_SNOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
"""Four in the afternoon in Cambridge, Massachusetts."""


LONGEST_FILES = (
    "graphql_api/test_permissions.py",
    "integration/cli/test_demo.py",
    "integration/cli/test_ladder.py",
    "integration/cli/test_serve_demo.py",
    "faults/test_killed_worker.py",
    "faults/test_mailing_killed.py",
    "integration/test_replying.py",
    "graphql_api/test_subscriptions_served.py",
    "graphql_api/test_statement_counts.py",
    "unit/matching/engine/test_explain.py",
    "unit/matching/simulation/test_simulation.py",
    "property/test_explain.py",
    "integration/test_message_delivery.py",
)
"""What takes minutes, longest first: begun last, one of them would run alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    here = Path(__file__).parent
    ranks = {here / name: rank for rank, name in enumerate(LONGEST_FILES)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(scope="session", autouse=True)
def patient_databases() -> Iterator[None]:
    """No transaction gives up because the machine has much to do."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PATIENT.items():
            patch.setattr(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_applications() -> Iterator[None]:
    """An application is made for each test that asks for one, in half the time."""
    with known_signatures():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server. Missing programs skip the test, in CI they fail it."""
    try:
        with postgres.server() as url:
            yield url
    except postgres.PostgresMissing as missing:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"CI must test with PostgreSQL: {missing}")
        pytest.skip(f"NOT TESTED WITH POSTGRESQL: {missing}")


@pytest.fixture(scope="session")
def postgres_pool(postgres_server: URL) -> Iterator[Pool]:
    """Migrated databases, one for each test at a time."""
    with postgres.database(postgres_server) as url:
        upgrade(url)
        with open_pool(postgres_server, url) as pool:
            yield pool


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "talkoot.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs on both kinds."""
    return str(request.param)


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a new database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with postgres.database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a new database with the tables of this version."""
    if database_kind == "sqlite":
        path = tmp_path / "talkoot.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("postgres_pool").lend() as url:
            yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with the tables of this version."""
    async with Database(database_url, info=CARRIED) as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at four in the afternoon of a snowy day."""
    return FixedClock(EVENING_OF_SNOW)
