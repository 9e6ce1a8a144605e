"""Finds an example of every kind of page in a served demonstration, by its links and forms."""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx

from people.links import digest_token
from tests.audit.pages import LISTED, STATES, UNSEEN, Look, find_kind, list_kinds, name_of

ROLES = (None, "asker", "joiner", "resident", "volunteer", "manager")
MORE_ROLES = ("other-resident", "other-volunteer", "other-manager")
MOST_OF_A_KIND, MOST_IN_SEARCH = 6, 60
"""Addresses of a kind that one person looks at; the second while a page below it is unknown."""
INSIDE = ("resident", "manager")
FOR_EVERYBODY = ("/campaigns/", "/groups", "/events")
"""Beginnings of pages that show more to those who are signed in."""
WALKS = {
    "asker": (
        ("/ask", {"kind": "snow"}),
        ("/ask/parts", {}),
        ("/ask/when", {}),
        ("/ask/place", {"typed": "22 Aberdeen Ave"}),
        ("/ask/place/confirm", {"do": "yes"}),
        ("/ask/who", {"name": "Rosa Sample"}),
        ("/ask/contact", {"phone": "617-555-0199", "email": "rosa@example.org"}),
    ),
    "joiner": (
        ("/volunteer", {"name": "Ana Sample", "email": "ana@example.org"}),
        ("/volunteer/where", {"typed": "22 Aberdeen Ave", "do": "go"}),
    ),
}
"""Who has begun to ask for help, or to sign up: what they press, page by page."""


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    is_asking: bool = False
    """Whether somebody is to fill something in."""


class Reading(HTMLParser):
    """The links, forms and parts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.parts: list[str] = []
        """Addresses that scripts get parts of the page from."""
        self.forms: list[Form] = []
        self._is_main = False
        self._is_form = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: text or "" for name, text in attrs}
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        if "data-hx-get" in has:
            self.parts.append(has["data-hx-get"])
        if tag == "form":
            self._is_form = True
            self.forms.append(Form(has.get("action", ""), has.get("method", "get")))
        elif self._is_form and "name" in has:
            self._note_field(tag, has)

    def handle_endtag(self, tag: str) -> None:
        self._is_form = self._is_form and tag != "form"

    def _note_field(self, tag: str, has: Mapping[str, str]) -> None:
        form, kind = self.forms[-1], has.get("type", "text")
        if tag == "button" or kind in ("submit", "file"):
            return
        form.is_asking = form.is_asking or kind != "hidden"
        if kind not in ("radio", "checkbox") or has["name"] not in form.values:
            form.values[has["name"]] = has.get("value", "")


def find_looks(site: str, database: Path | None) -> tuple[list[Look], dict[str | None, str]]:
    """An example of every kind of page, and the cookies of who looks at it."""
    kinds, found = list_kinds(), dict[str, Look]()
    clients: dict[str | None, httpx.Client] = {}
    for role in (*ROLES, *MORE_ROLES):
        clients[role] = enter(site, role)
        have = {look.name for look in found.values()}
        wanted = {kind for kind in kinds if role not in MORE_ROLES or name_of(kind) not in have}
        for kind, path in follow_links(clients[role], kinds, wanted):
            name = name_of(kind, path)
            is_listed = role is None and kind in LISTED
            first = found.setdefault(name, Look(name, path, role, is_listed=is_listed))
            if role in INSIDE and first.role is None and kind.startswith(FOR_EVERYBODY):
                inside = name_of(kind, role=role)
                found.setdefault(inside, Look(inside, path, role))
    looks = [*found.values(), *STATES, *(make_links(database) if database else ())]
    cookies = {
        role: "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        for role, client in clients.items()
    }
    for client in clients.values():
        client.close()
    return looks, cookies


def enter(site: str, role: str | None) -> httpx.Client:
    """A browser of one person of the demonstration."""
    client = httpx.Client(base_url=site, timeout=60, headers={"accept": "text/html"})
    if role in WALKS:
        for path, values in WALKS[role]:
            press(client, path, values)
    client.cookies.update(sign_in(site, role) if role not in WALKS else {})
    return client


def sign_in(site: str, role: str | None) -> dict[str, str]:
    """The cookies of somebody of the demonstration."""
    if role is None:
        return {}
    with httpx.Client(base_url=site, timeout=60) as client:
        answer = client.post(f"/demo/sign-in/{role}", headers={"origin": site})
        assert answer.status_code == 303, answer.text
        return dict(client.cookies)


def press(client: httpx.Client, path: str, values: Mapping[str, str]) -> httpx.Response:
    """Fill in the form of a page with its first choices and what is given, and send it."""
    forms = Reading(client.get(path, follow_redirects=True).text).forms
    form = next(one for one in forms if one.method == "post" and one.is_asking)
    sent = {**form.values, **values}
    headers = {"origin": str(client.base_url).rstrip("/")}
    answer = client.post(form.action or path, data=sent, headers=headers)
    assert answer.status_code == 303, f"{path} answered {answer.status_code}"
    return answer


def follow_links(
    client: httpx.Client, kinds: list[str], wanted: set[str]
) -> Iterator[tuple[str, str]]:
    """Pages that somebody comes to from link to link, with the routes that they belong to."""
    plain = [kind for kind in kinds if "{" not in kind]
    waiting, met, looked = deque(plain), set(plain), Counter[str]()
    unmet = wanted - set(plain) - set(UNSEEN)
    site = urlsplit(str(client.base_url)).netloc
    while waiting:
        path = waiting.popleft()
        kind = find_kind(path, kinds)
        if kind is None or ("{" in kind and kind not in wanted):
            continue
        # What a page leads to depends on its state: a request that is over leads to less.
        leads = any(other.startswith(f"{kind}/") for other in unmet)
        if looked[kind] >= (MOST_IN_SEARCH if leads else MOST_OF_A_KIND):
            continue
        looked[kind] += 1
        answer = client.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        if kind in wanted:
            yield kind, path
        for link in Reading(answer.text).links:
            goal = urlsplit(urljoin(f"{client.base_url}{path}", link))
            if goal.netloc == site and goal.path not in met:
                met.add(goal.path)
                unmet.discard(find_kind(goal.path, kinds) or "")
                waiting.append(goal.path)


def make_links(database: Path) -> Iterator[Look]:
    """The pages behind links in messages, one of each kind that the demonstration has sent."""
    now = datetime.now(UTC).replace(tzinfo=None)
    until = (now + timedelta(days=1)).isoformat(" ")
    with sqlite3.connect(database, timeout=30) as connection:
        rows = connection.execute(
            "SELECT action, person_id, subject_id FROM link WHERE expires_at > ?"
            " GROUP BY action ORDER BY action",
            (now.isoformat(" "),),
        ).fetchall()
        for action, person, subject in rows:
            token = f"audit-{uuid4().hex}"
            connection.execute(
                "INSERT INTO link (id, token_digest, action, person_id, subject_id, created_at,"
                " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (uuid4().hex, digest_token(token), action, person, subject, str(now), until),
            )
            yield Look(f"link-{action.replace('_', '-')}", f"/l/{token}")
