"""Look at the pages from outside: Lighthouse, the Nu HTML checker, headers, sizes.

``python -m tests.audit.run`` serves the demonstration, looks at every kind of page, writes a table
to ``audit-output`` and ends with 1 where a page misses its goal.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click
import httpx

from tests.audit.finding import find_looks
from tests.audit.fragments import fetch_fragments
from tests.audit.judging import (
    Seen,
    check_html,
    find_header_faults,
    run_lighthouse,
    write_table,
)
from tests.audit.pages import Look
from tests.e2e.site import serving_demo

OUTPUT = Path(__file__).parents[2] / "audit-output"
STEADY = ("accessibility", "best-practices", "seo")
TIMED = (*STEADY, "performance")
Cookies = Mapping[str | None, str]


@click.command()
@click.option("--only", multiple=True, metavar="WORD", help="Pages whose name begins so.")
@click.option("--site", metavar="URL", help="A demonstration that runs already.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True),
    help="Of that demonstration, for the pages behind links in messages.",
)
@click.option(
    "--judge",
    type=click.Choice(["html", "steady", "all"]),
    default="all",
    show_default=True,
    help="The HTML alone; what does not depend on the machine's load too; or speed as well.",
)
@click.option("--table", type=click.Path(path_type=Path), help="Write the table to this file.")
def main(
    *, only: tuple[str, ...], site: str | None, folder: Path | None, judge: str, table: Path | None
) -> None:
    """Look at all kinds of pages, or those named."""
    OUTPUT.mkdir(exist_ok=True)
    if site:
        words, is_good = look_at(site, folder, only, judge)
    else:
        with tempfile.TemporaryDirectory() as made, serving_demo(Path(made) / "demo") as served:
            words, is_good = look_at(served, Path(made) / "demo", only, judge)
    (table or OUTPUT / "pages.md").write_text(words, encoding="utf-8")
    click.echo(words)
    sys.exit(not is_good)


def look_at(site: str, folder: Path | None, only: tuple[str, ...], judge: str) -> tuple[str, bool]:
    """Find every page, fetch it as its person, and have it judged."""
    say("Looking for a page of every kind.")
    looks, cookies = find_looks(site, None if folder is None else folder / "talkoot.db")
    looks = [look for look in looks if not only or look.name.startswith(only)]
    say(f"Fetching {len(looks)} pages.")
    seen, texts, parts = fetch_all(site, looks, cookies)
    say("Checking their HTML.")
    complaints = check_html({**texts, **parts})
    for one in seen:
        one.faults += complaints.get(one.look.name, [])
    if judge != "html":
        run_lighthouse(site, seen, cookies, TIMED if judge == "all" else STEADY, say)
    of_parts = {name: complaints.get(name, []) for name in parts}
    is_good = not any(one.faults for one in seen) and not any(of_parts.values())
    return write_table(seen, of_parts), is_good


def fetch_all(
    site: str, looks: list[Look], cookies: Cookies
) -> tuple[list[Seen], dict[str, str], dict[str, str]]:
    """All pages, their HTML by name, and the HTML of the parts that they ask for."""
    clients = {
        role: httpx.Client(
            base_url=site, timeout=60, headers={"accept": "text/html", "cookie": cookie}
        )
        for role, cookie in cookies.items()
    }
    seen, texts = [], {}
    for look in looks:
        answer = clients[look.role].get(look.path)
        faults = list(find_header_faults(look, answer))
        seen.append(Seen(look, answer.status_code, len(answer.content), faults))
        texts[look.name] = answer.text
    by_page = {look.name: clients[look.role] for look in looks}
    return seen, texts, fetch_fragments(by_page, texts)


def say(words: str) -> None:
    """Progress, beside the table."""
    click.echo(words, err=True)


if __name__ == "__main__":
    main()
