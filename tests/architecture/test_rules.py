from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.rules import SHADOWING_NAMES, Breach, find_breaches

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "web", "campaigns", "matching", "messaging", "people", "geo", "core")

PLANTED = {
    "only core/db.py ends": "async def f(session):\n    await session.commit()\n",
    "reads the environment": "import os\nx = os.environ['HOME']\n",
    "settings.py reads": "from os import environ\n",
    "reads the clock": "from datetime import datetime\nx = datetime.now()\n",
    "clock (date.today)": "import datetime\nx = datetime.date.today()\n",
    "clock (time.time)": "import time\nx = time.time()\n",
    "measured in api": "import time\nx = time.monotonic()\n",
    "import time as a module": "from time import time\n",
    "at the top": "def f():\n    import json\n    return json\n",
    "import people.models at": "async def f():\n    from people.models import Person\n",
    "has 61 lines": "def f():\n" + "    x = 1\n" * 60,
    "has 101 lines": "@numba.njit(cache=True)\ndef f():\n" + "    x = 1\n" * 100,
    "has 6 positional": "def f(a, b, c, d, e, f): ...\n",
    "SQL outside": "from sqlalchemy import select\n",
    "import sqlalchemy outside": "import sqlalchemy as sa\n",
    "lazy=": "from sqlalchemy.orm import relationship\nx = relationship()\n",
    "say why": "x = 1  # noqa: E501\n",
    "401 lines": "x = 1\n" * 401,
}


def product_modules() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    )


@pytest.mark.parametrize("path", product_modules())
def test_module_keeps_the_house_rules(path: str) -> None:
    breaches = find_breaches(path, (ROOT / path).read_text(encoding="utf-8"))
    assert not breaches, "\n".join(map(str, breaches))


@pytest.mark.parametrize(("rule", "source"), PLANTED.items(), ids=PLANTED)
def test_planted_breach_is_found(rule: str, source: str) -> None:
    found = find_breaches("matching/planted.py", source)
    assert [breach for breach in found if rule in str(breach)], found


def test_drawer_is_found() -> None:
    assert find_breaches("geo/utils.py", "") == [
        Breach("geo/utils.py", 1, "'utils' does not say what is inside")
    ]


@pytest.mark.parametrize(
    "name", ["matching.errors", "core.clock", "sqlalchemy", "pathlib", "matching.engineering"]
)
def test_engine_imports_nothing_but_numbers(name: str) -> None:
    found = find_breaches("matching/engine/planted.py", f"import {name}\n")
    assert f"the engine does not import {name}" in "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/db.py", "async def f(session):\n    await session.commit()\n"),
        ("core/settings.py", "import os\nx = os.environ\n"),
        ("core/clock.py", "from datetime import datetime\nx = datetime.now()\n"),
        ("matching/engine/stop.py", "import time\nx = time.monotonic()\n"),
        ("matching/engine/master.py", "def f():\n    from ortools.math_opt import mathopt\n"),
        ("matching/engine/x.py", "import numpy as np\nfrom matching.engine.travel import Leg\n"),
        ("people/repository.py", "from sqlalchemy import select\n"),
        ("people/models.py", "from sqlalchemy import text\n"),
        ("geo/x.py", "# a table reads better in one line\nx = 1  # noqa: E501\n"),
        ("matching/engine/x.py", "@numba.njit(cache=True)\ndef f(a, b, c, d, e, f): ...\n"),
        ("matching/engine/x.py", "@numba.njit\ndef f():\n" + "    x = 1\n" * 99),
        ("geo/x.py", "x = 1  # noqa: E501 - a table reads better in one line\n"),
    ],
)
def test_what_is_allowed_is_not_a_breach(path: str, source: str) -> None:
    assert find_breaches(path, source) == []


def test_graphql_folder_holds_no_python() -> None:
    """A package of that name would hide the library graphql-core."""
    assert not list((ROOT / "graphql").rglob("*.py"))


def test_no_top_level_folder_hides_a_library() -> None:
    assert {path.name for path in ROOT.iterdir()} & SHADOWING_NAMES == set()


def test_test_folders_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_a_package_is_a_package(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    assert folders
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_import_linter_knows_every_package() -> None:
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in PACKAGES:
        assert contracts.count(f'"{name}"') >= 3, name
