"""What a page is judged by: its answer's headers, the Nu HTML checker and Lighthouse."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.audit.pages import Look

HERE = Path(__file__).parent
CHECKER_LIMIT_S = 300
GOALS = {"accessibility": 100, "best-practices": 95, "seo": 90, "performance": 90}
MOST_BYTES = 500_000
"""Of a page with all its files, the first time."""
MOST_SHIFT = 0.1
REQUIRED_HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
BY_STATUS = ("errors-in-console",)
"""What is not a fault of a page whose status says that something is not there: the browser
writes that into its console."""


@dataclass
class Seen:
    """What was seen of one page."""

    look: Look
    status: int
    html_bytes: int
    faults: list[str] = field(default_factory=list)
    scores: dict[str, int] = field(default_factory=dict)
    total_bytes: float | None = None
    shift: float | None = None


def find_header_faults(look: Look, answer: httpx.Response) -> Iterator[str]:
    """What is wrong with an answer before anybody reads it."""
    if answer.status_code != look.status:
        yield f"answered {answer.status_code}"
    for name, wanted in REQUIRED_HEADERS.items():
        if wanted not in answer.headers.get(name, ""):
            yield f"header {name} lacks {wanted}"
    if "unsafe" in answer.headers.get("content-security-policy", ""):
        yield "its content security policy allows unsafe things"
    may_be_kept = look.is_listed or answer.headers.get("cache-control") == "no-store"
    if look.role not in (None, "asker", "joiner") and not may_be_kept:
        yield "a private page may be kept"


def check_html(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Errors of the Nu HTML checker, by page."""
    checker = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / f"{name}.html").write_text(text, encoding="utf-8")
        words = ["java", "-Xss1m", "-jar", str(checker), "--format", "json", "--errors-only"]
        done = subprocess.run(
            [*words, "--skip-non-html", folder],
            capture_output=True,
            text=True,
            timeout=CHECKER_LIMIT_S,
            check=False,
        )
    found: dict[str, list[str]] = {}
    for message in json.loads(done.stderr or '{"messages": []}')["messages"]:
        fault = f"HTML: {message['message']}"
        if message.get("extract"):
            fault += f" ({message['extract'].strip()[:80]})"
        found.setdefault(Path(message.get("url", "")).stem, []).append(fault)
    return {name: _say_once(faults) for name, faults in found.items()}


def _say_once(faults: Sequence[str]) -> list[str]:
    """The kinds of faults, each with its number and its first place."""
    kinds = Counter(fault.partition("(")[0] for fault in faults)
    return [
        f"{number} x {next(fault for fault in faults if fault.startswith(kind))}"
        for kind, number in kinds.items()
    ]


def run_lighthouse(
    site: str,
    pages: Sequence[Seen],
    cookies: Mapping[str | None, str],
    categories: Sequence[str],
    tell: Callable[[str], None],
) -> None:
    """Note the scores of pages on an emulated phone, all in one browser."""
    asked = {
        "categories": categories,
        "pages": [
            {
                "name": one.look.name,
                "url": f"{site}{one.look.path}",
                "cookie": cookies[one.look.role],
            }
            for one in pages
        ],
    }
    by_name = {one.look.name: one for one in pages}
    program = os.environ.get("TALKOOT_TEST_CHROMIUM") or shutil.which("chromium") or "chromium"
    with subprocess.Popen(
        ["node", str(HERE / "lighthouse.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "CHROME_PATH": program},
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked))
        process.stdin.close()
        for number, line in enumerate(process.stdout, 1):
            found = json.loads(line)
            one = by_name[found["name"]]
            note_scores(one, found)
            scores = " ".join(map(str, one.scores.values()))
            tell(f"{number} of {len(pages)}: {one.look.path} {scores} ({found['seconds']:.0f} s)")
    if process.returncode:
        raise RuntimeError(f"Lighthouse ended with {process.returncode}.")


def note_scores(one: Seen, found: Mapping[str, Any]) -> None:
    """What Lighthouse says of a page, and where it is below what we promise."""
    if "error" in found:
        one.faults.append(f"Lighthouse: {found['error']}")
        return
    one.scores = found["scores"]
    one.total_bytes, one.shift = found["bytes"], found["shift"]
    for name, score in one.scores.items():
        if score >= GOALS[name] or (name == "seo" and not one.look.is_listed):
            continue
        missed = [part for part in found["missed"] if part["category"] == name]
        if one.look.status != 200 and {part["id"] for part in missed} <= set(BY_STATUS):
            continue
        words = "; ".join(
            f"{part['id']} {part['value']} {' '.join(filter(None, part['places']))[:200]}".strip()
            for part in missed
        )
        one.faults.append(f"{name} {score}, wanted {GOALS[name]}: {words}")
    if (one.total_bytes or 0) > MOST_BYTES:
        one.faults.append(f"{one.total_bytes:,.0f} bytes in all, at most {MOST_BYTES:,}")
    if (one.shift or 0) > MOST_SHIFT:
        one.faults.append(f"its parts move by {one.shift:.2f} while it loads")


def write_table(seen: Sequence[Seen], parts: Mapping[str, Sequence[str]]) -> str:
    """All pages as a Markdown table, then the fragments."""
    columns = "page|as|bytes of HTML|all bytes|performance|accessibility|best practices|SEO|faults"
    lines = [f"| {columns.replace('|', ' | ')} |", "|---|---|---:|---:|---:|---:|---:|---:|---|"]
    for one in seen:
        scores = [
            str(one.scores.get(name, "-"))
            for name in ("performance", "accessibility", "best-practices")
        ]
        seo = one.scores.get("seo", "-") if one.look.is_listed else "-"
        path = one.look.path if one.look.status == 200 else f"{one.look.path} ({one.look.status})"
        cells = [
            f"`{path}`",
            one.look.role or "anybody",
            f"{one.html_bytes:,}",
            "-" if one.total_bytes is None else f"{one.total_bytes:,.0f}",
            *scores,
            str(seo),
            "; ".join(one.faults).replace("|", "/").replace("\n", " ") or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| part of a page, by itself | faults |", "|---|---|"]
    for name, faults in parts.items():
        lines.append(f"| {name} | {'; '.join(faults).replace('|', '/') or 'none'} |")
    return "\n".join(lines) + "\n"
