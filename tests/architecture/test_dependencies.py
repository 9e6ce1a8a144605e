from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.dependencies import (
    declared,
    imported_packages,
    locked,
    top_level_imports,
)
from tests.architecture.licences import (
    NOT_PERMISSIVE,
    PAGE,
    is_permissive,
    licence_of,
    packages_that_come_along,
)

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [
    ROOT / name
    for name in (
        "api",
        "web",
        "campaigns",
        "matching",
        "messaging",
        "people",
        "geo",
        "core",
        "migrations",
    )
]

LOCKS = ("requirements.lock", "requirements-bench.lock", "requirements-e2e.lock")

# Packages that are used by another way than an import statement: the file and words that do so.
USED_BY_NAME = {
    "aiosqlite": ("core/db.py", '"sqlite": "aiosqlite"'),
    "django-js-lib-htmx": ("web/pages/design/versions.py", "js_lib_htmx"),
    "django-js-lib-leaflet": ("matching/maps/page.py", "js_lib_leaflet"),
    "procrastinate": (
        "migrations/versions/2026-11-21-2300_jobs.py",
        'resources.files("procrastinate")',
    ),
    "psycopg": ("core/db.py", '"postgresql": "psycopg"'),
    "uvloop": ("api/commands/serve.py", '"uvloop"'),
    "websockets": ("api/commands/serve.py", 'ws="websockets-sansio"'),
    "tzdata": ("matching/imports/country.py", "tzdata"),
}


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i\n"
    assert sorted(top_level_imports(source)) == ["a", "c", "d", "i"]


def test_everything_the_product_imports_is_declared() -> None:
    known = declared(ROOT, "product", "postgres", "ray")
    missing = {
        name: places for name, places in imported_packages(PRODUCT).items() if name not in known
    }
    assert not missing, f"add to dependencies in pyproject.toml: {missing}"


def test_everything_declared_is_used() -> None:
    imported = imported_packages(PRODUCT)
    unused = set(declared(ROOT, "product", "postgres", "ray")) - set(imported) - set(USED_BY_NAME)
    assert not unused


@pytest.mark.parametrize(("name", "use"), USED_BY_NAME.items(), ids=USED_BY_NAME)
def test_package_is_used_by_name(name: str, use: tuple[str, str]) -> None:
    path, words = use
    assert name in declared(ROOT, "product", "postgres")
    assert words in (ROOT / path).read_text(encoding="utf-8")


def test_everything_the_tests_and_benchmarks_import_is_declared() -> None:
    known = declared(ROOT, "product", "postgres", "dev", "bench", "e2e")
    found = imported_packages([ROOT / "tests", ROOT / "benchmarks"])
    assert {name: places for name, places in found.items() if name not in known} == {}


@pytest.mark.parametrize(
    ("lock", "sections"),
    [
        ("requirements.lock", ("product", "postgres", "dev")),
        ("requirements-bench.lock", ("bench",)),
        ("requirements-e2e.lock", ("e2e",)),
    ],
)
def test_lock_holds_what_is_declared(lock: str, sections: tuple[str, ...]) -> None:
    versions = locked(ROOT / lock)
    for name, requirement in declared(ROOT, *sections).items():
        assert name in versions, f"{name} is not in {lock}: run `make lock`"
        wrong = [
            version for version, _ in versions[name] if not requirement.specifier.contains(version)
        ]
        assert not wrong, f"{name} {wrong} in {lock}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_a_hash(lock: str) -> None:
    versions = locked(ROOT / lock)
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert sum(map(len, versions.values())) == len(re.findall(r"^\w", text, re.M)) > 2
    bare = [name for name, entries in versions.items() if not all(hashed for _, hashed in entries)]
    assert not bare


@pytest.mark.parametrize(
    ("lock", "shared"),
    [("requirements-bench.lock", "numpy"), ("requirements-e2e.lock", "greenlet")],
)
def test_locks_agree(lock: str, shared: str) -> None:
    product, other = locked(ROOT / "requirements.lock"), locked(ROOT / lock)
    both = product.keys() & other.keys()
    assert shared in both
    assert {name: other[name] for name in both} == {name: product[name] for name in both}


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("BSD-2-Clause AND Apache-2.0 WITH LLVM-exception", True),
        ("(Apache-2.0 OR BSD-2-Clause)", True),
        ("LGPL-3.0-only", False),
        ("MIT AND GPL-3.0-or-later", False),
        ("unknown", False),
    ],
)
def test_permissive_licences_are_told_from_others(licence: str, permissive: bool) -> None:
    assert is_permissive(licence) is permissive


def test_licences_are_permissive_or_explained() -> None:
    found = {name: licence_of(package) for name, package in packages_that_come_along().items()}
    assert len(found) > 30
    assert {name for name, text in found.items() if not is_permissive(text)} == set(NOT_PERMISSIVE)


def test_page_of_licences_is_up_to_date() -> None:
    rows = dict(
        re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.M)
    )
    rows.pop("package")
    found = {name: licence_of(package) for name, package in packages_that_come_along().items()}
    # Another Python may bring another version, which words the same licence differently.
    permissive = {name: is_permissive(text) for name, text in found.items()}
    stated = {name: is_permissive(text.strip()) for name, text in rows.items()}
    assert permissive.items() <= stated.items(), "run `python -m tests.architecture.licences`"
    assert rows.keys() <= locked(ROOT / "requirements.lock").keys()
