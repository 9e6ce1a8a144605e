"""Which pages are looked at from outside, and by whom.

The list of routes says which kinds of pages there are; links lead to an example of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from litestar.routes import HTTPRoute

from web.routes import ROOMS

FILES = re.compile(
    r"\.(ics|csv|xml|txt|js|json|geojson|webmanifest)$|/photos/|/calendar/\{|^/staff/storm/now$"
)
"""Addresses that answer with no page. The changing part of the board is judged as a fragment."""
ELSEWHERE = (
    "/demo",
    "/sign-in",
    "/sign-in/password",
    "/sign-in/password/set",
    "/sign-in/sent",
    "/campaigns/{community:str}/{slug:str}/results",
)
"""Pages that no room lists."""
LISTED = (
    "/",
    "/accessibility",
    "/campaigns",
    "/campaigns/{community:str}/{slug:str}",
    "/events",
    "/events/{community:str}/{day_id:uuid}",
    "/groups",
    "/groups/{community:str}/{slug:str}",
    "/help",
    "/impact",
    "/numbers",
    "/privacy",
    "/rules",
)
"""What search engines may list, when a stranger reads it."""
UNSEEN = {
    "/staff/intake/kept/{standing_id:uuid}": "comes after a call is taken for several days",
    "/staff/people/{person_id:uuid}/guardian": "is there for somebody under 18",
    "/staff/rounds/jobs/{job_id:uuid}": "is there while a round runs",
    "/staff/rounds/jobs/{job_id:uuid}/stop": "is there while a round runs",
    "/staff/rounds/{round_id:uuid}/drop": "is there while a round has drafts",
    "/staff/intake/taken/{request_id:uuid}": "comes after a call is taken",
    "/campaigns/{community:str}/{slug:str}/promise/{template_id:uuid}": "where one may promise",
    "/events/{community:str}/{day_id:uuid}/helpers": "is there where somebody offers to help",
    "/staff/mailings/{mailing_id:uuid}/do/{doing:str}": "is there while a mailing waits",
    "/staff/mailings/{mailing_id:uuid}/edit": "is there while a mailing is a draft",
    "/staff/mailings/{mailing_id:uuid}/send": "is there while a mailing is a draft",
    "/staff/surveys/{survey_id:uuid}/ask": "is there while a survey is a draft",
    "/staff/surveys/{survey_id:uuid}/do/{doing:str}": "is there while a survey is open",
    "/staff/surveys/{survey_id:uuid}/edit": "is there while a survey is a draft",
    "/volunteer/done": "comes after somebody has signed up",
}
"""Pages that no link leads to: the journeys of ``tests/e2e`` look at them."""
_VARIANTS = ("{step:str}", "{group:str}", "{doing:str}")
"""What stands last in an address and makes another page of it."""
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_FORMS = {"uuid": r"[0-9a-f-]{36}", "str": r"[^/]+"}


@dataclass(frozen=True)
class Look:
    """One page as one person of the demonstration sees it."""

    name: str
    path: str
    role: str | None = None
    """Who is signed in; None is a stranger."""
    status: int = 200
    is_listed: bool = False
    """Whether search engines may list it."""


STRANGER = {
    "home": "/",
    "ask": "/ask",
    "volunteer": "/volunteer",
    "campaigns": "/campaigns",
    "groups": "/groups",
    "events": "/events",
    "help": "/help",
    "rules": "/rules",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "numbers": "/numbers",
    "impact": "/impact",
}
RESIDENT = {"requests": "/requests", "account": "/account", "surveys": "/surveys"}
VOLUNTEER = {
    "volunteering": "/volunteering",
    "offers": "/volunteering/offers",
    "time": "/volunteering/time",
    "impact-mine": "/volunteering/impact",
    "tools": "/volunteering/tools",
}
MANAGER = {
    "staff": "/staff",
    "storm": "/staff/storm",
    "rounds": "/staff/rounds",
    "recruitment": "/staff/recruitment",
    "intake": "/staff/intake",
    "staff-requests": "/staff/requests",
    "review": "/staff/review",
    "people": "/staff/people",
    "messages": "/staff/messages",
    "staff-campaigns": "/staff/campaigns",
    "audiences": "/staff/audiences",
    "mailings": "/staff/mailings",
    "staff-rules": "/staff/rules",
    "imports": "/staff/imports",
    "exports": "/staff/exports",
    "settings": "/staff/settings",
    "reports": "/staff/reports",
}
PAGES = (
    *(Look(name, path) for name, path in STRANGER.items()),
    *(Look(name, path, "resident") for name, path in RESIDENT.items()),
    *(Look(name, path, "volunteer") for name, path in VOLUNTEER.items()),
    *(Look(name, path, "manager") for name, path in MANAGER.items()),
)
"""The main pages of each audience, whose times are taken."""
STATES = (
    Look("no-such-page", "/no-such-page", status=404),
    Look("no-such-link", "/l/aaaaaaaaaaaaaaaaaaaaaa", status=404),
    Look("no-such-request", "/requests/01a2029d-72b2-751d-a13a-9d72203803dc", "resident", 404),
    Look("not-for-residents", "/staff", "resident", status=403),
    Look("no-requests", "/requests", "other-manager"),
    Look("no-surveys", "/surveys", "manager"),
    Look("no-request-found", "/staff/requests?code=NONE", "manager"),
    Look("storm-worth", "/staff/storm?layer=worth", "manager"),
    Look("home-volunteer", "/", "volunteer"),
    Look("home-staff", "/", "manager"),
    Look("home-spanish", "/?lang=es"),
)
"""Errors, empty pages and the same page for others."""


def list_kinds() -> list[str]:
    """The routes of all pages."""
    rooms = {
        route.path
        for route in ROOMS.routes
        if isinstance(route, HTTPRoute) and "GET" in map(str, route.methods)
    }
    return sorted(path for path in (*rooms, *ELSEWHERE) if not FILES.search(path))


def make_pattern(kind: str) -> re.Pattern[str]:
    """What the addresses of a route look like."""
    return re.compile(
        _PARAMETER.sub(lambda found: _FORMS[found[2]], kind.replace(".", r"\."))
        if "{" in kind
        else re.escape(kind)
    )


def find_kind(path: str, kinds: Iterable[str]) -> str | None:
    """The route of an address; one without parameters goes first."""
    fitting = [kind for kind in kinds if make_pattern(kind).fullmatch(path)]
    return min(fitting, key=lambda kind: kind.count("{"), default=None)


def name_of(kind: str, path: str = "", role: str | None = None) -> str:
    """A short name for files and tables; with the last word of the path where that matters."""
    words = re.sub(r"\W+", "-", _PARAMETER.sub("one", kind)).strip("-") or "home"
    if path and kind.endswith(_VARIANTS):
        words = f"{words.removesuffix('one')}{path.rpartition('/')[2]}"
    return words if role is None else f"{words}-as-{role}"
