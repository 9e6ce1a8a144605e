"""What the product imports, what it says it needs, and what is locked."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = frozenset(
    {
        "api",
        "web",
        "campaigns",
        "matching",
        "messaging",
        "people",
        "geo",
        "core",
        "benchmarks",
        "migrations",
        "tests",
    }
)
OTHER_IMPORT_NAMES = {"axe_playwright_python": "axe-playwright-python", "vroom": "pyvroom"}
"""Import names that are not those of the package, for packages that need not be installed."""


def imported_packages(folders: Iterable[Path]) -> dict[str, set[str]]:
    """Canonical names of the packages that the modules in some folders import, and where."""
    installed = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in sorted(file for folder in folders for file in folder.rglob("*.py")):
        for module in set(top_level_imports(path.read_text(encoding="utf-8"))):
            if module in sys.stdlib_module_names or module in HOUSE:
                continue
            name = OTHER_IMPORT_NAMES.get(module, installed.get(module, [module])[0])
            found.setdefault(canonicalize_name(name), set()).add(str(path))
    return found


def top_level_imports(source: str) -> Iterator[str]:
    """First parts of all absolute imports, those inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def declared(root: Path, *sections: str) -> dict[str, Requirement]:
    """Requirements of ``pyproject.toml`` by canonical name: the product's, extras and groups."""
    document = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    lines = {
        "product": document["project"]["dependencies"],
        **document["project"]["optional-dependencies"],
        **document["dependency-groups"],
    }
    requirements = [Requirement(line) for section in sections for line in lines[section]]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def locked(path: Path) -> dict[str, list[tuple[str, bool]]]:
    """Versions of a lock file by canonical name, and whether they have a hash.

    A package may be locked in two versions, for different versions of Python.
    """
    found: dict[str, list[tuple[str, bool]]] = {}
    entry = re.compile(
        r"^([A-Za-z0-9._-]+)==([^\s;]+)[^\n]*((?:\n    --hash=sha256:\w{64}[^\n]*)*)", re.M
    )
    for name, version, hashes in entry.findall(path.read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), []).append((version, bool(hashes)))
    return found
