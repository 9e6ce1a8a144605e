"""What the documents name must exist: pages, headings, files, commands and make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for folder, pattern in (("", "*.md"), ("docs", "**/*.md"), ("geo", "**/*.md"))
    for path in (ROOT / folder).glob(pattern)
) + sorted((ROOT / "benchmarks").rglob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*\.(?:py|md|toml|json|gpkg|mako|pbf|html))`")
PATTERN_FILE = re.compile(r"YYYY|NAME|demo-output|results/")
COMMAND = re.compile(r"(?:^|`|\n\s*)talkoot ([a-z]+(?:-[a-z]+)*)\b")
TARGET = re.compile(r"(?:`|^\s*)make ([a-z]+(?:-[a-z]+)*)\b", re.M)


def anchors(page: Path) -> set[str]:
    """What a link may point at inside a page: its headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in headings}


def find_broken_links(page: Path) -> list[str]:
    """Links of a page to files or headings that are not there."""
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    assert find_broken_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    named = FILE.findall(page.read_text(encoding="utf-8"))
    missing = [
        name
        for name in named
        if not PATTERN_FILE.search(name)
        and not any((folder / name).exists() for folder in (ROOT, page.parent))
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(COMMAND.findall(text)) - set(COMMANDS) == set()
    assert set(TARGET.findall(text)) - make_targets() == set()


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in LINK.findall(index.read_text())
    }
    pages = set((ROOT / "docs").rglob("*.md")) - {index}
    assert [name_of(page) for page in sorted(pages - linked)] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n[a](gone.md) [b](#a-page) [c](#other) [d](page.md#a-page)\n")
    assert find_broken_links(page) == ["gone.md", "#other"]


def test_make_has_the_commands_that_are_promised() -> None:
    assert {"help", "demo", "test", "lint", "bench", "clean"} <= make_targets()
