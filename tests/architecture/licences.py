"""The licences of everything that an installation brings along.

``python -m tests.architecture.licences`` writes ``docs/licences.md``.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.dependencies import declared

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "CC0-1.0", "HPND", "ISC",
        "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Unlicense", "Zlib",
    }
)  # fmt: skip
NOT_PERMISSIVE = {
    "certifi": "MPL-2.0 covers its own files, which are used unchanged: a list of certificates.",
    "psycopg": "LGPL-3.0 allows use as a library, unchanged. Only with the extra `postgres`.",
    "psycopg-binary": "As psycopg.",
    "psycopg-pool": "As psycopg.",
}
"""Why a package may come along though its licence is not permissive."""

# What older packages say in words instead of an SPDX expression.
IN_WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Zero-Clause BSD (0BSD)": "0BSD",
}

HEADER = """# Licences of the packages that come along

Talkoot itself is under the Apache License 2.0. An installation with the extra `postgres` brings
these packages along. `python -m tests.architecture.licences` writes this page from what the
packages say of themselves, and a test compares.

All but the packages in the last table are under permissive licences: use, change and pass on, also
in closed products, as long as the notices stay. Wheels may hold libraries under licences of their
own, which stand inside them (such as GEOS in shapely, LGPL-2.1, linked dynamically).
"""


def licence_of(package: Distribution) -> str:
    """The SPDX expression of a package, or the nearest to it that its metadata gives."""
    metadata = package.metadata
    words = [str(metadata.get("License") or "unknown").splitlines()[0].strip()]
    expression = metadata.get("License-Expression")
    if expression or words[0] in PERMISSIVE:
        return str(expression or words[0])
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    return " AND ".join(sorted({IN_WORDS.get(word, word) for word in classifiers or words}))


def is_permissive(licence: str) -> bool:
    """Whether every licence that an SPDX expression names is a permissive one."""
    words = licence.replace("(", " ").replace(")", " ").split()
    return all(word in PERMISSIVE for word in words if word not in ("AND", "OR", "WITH"))


def packages_that_come_along() -> dict[str, Distribution]:
    """Everything that the product and its extra ``postgres`` need, on this machine."""
    waiting = list(declared(ROOT, "product", "postgres").values())
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError as error:
            raise AssertionError(f"{requirement.name} is not installed: run `make`") from error
        found[key[0]] = package
        waiting += [
            needed
            for needed in map(Requirement, package.requires or [])
            if needed.marker is None
            or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras))
        ]
    return dict(sorted(found.items()))


def render_page() -> str:
    """The page of licences."""
    licences = {name: licence_of(found) for name, found in packages_that_come_along().items()}
    lines = [HEADER, "| package | licence |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in licences.items() if is_permissive(text)]
    lines += ["", "| package | licence | why it may come along |", "|---|---|---|"]
    lines += [
        f"| {name} | {text} | {NOT_PERMISSIVE.get(name, 'unknown')} |"
        for name, text in licences.items()
        if not is_permissive(text)
    ]
    lines += ["", "The extra `ray` (Apache-2.0) is installed only where a cluster is wanted.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
