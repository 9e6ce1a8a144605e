"""The requests of a town, for its staff: looked through by state, place, kind and code."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.di import NamedDependency

from core.pagination import count_all, read_page
from matching.intake import listing_repository as listing
from matching.intake.listing_repository import RequestFilter, RequestSortBy
from matching.intake.programme import load_kinds
from matching.kinds import RequestKind, RequestStatus
from matching.maps.areas import open_city_map
from people.repository import read_rules_at
from web.pages.casework.reading import page_args
from web.pages.casework.request_views import label_kind, view_requests
from web.pages.casework.words import say_state
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest

GROUPS: dict[str, tuple[RequestStatus, ...]] = {
    "now": (
        RequestStatus.SUBMITTED,
        RequestStatus.NEEDS_REVIEW,
        RequestStatus.OPEN,
        RequestStatus.OFFERED,
        RequestStatus.ACCEPTED,
        RequestStatus.IN_PROGRESS,
    ),
    "all": (),
}
"""Several states under one name; every state also stands for itself."""


@get("/staff/requests", name="staff_requests")
async def get_requests(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The requests that fit, the newest or the most urgent first."""
    async with desk.look(request) as call:
        town = call.staff()
        asked = read_query(call)
        rules = await read_rules_at(call.session, town.id, call.now)
        wanted = make_filter(asked, rules.urgent_weight)
        rows = listing.list_community_requests(
            call.actor,
            town.id,
            wanted,
            by=RequestSortBy.DEADLINE if asked["by"] == "deadline" else RequestSortBy.CREATED,
            descending=asked["by"] != "deadline",
        )
        page = await read_page(call.session, rows, page_args(call))
        city = await asyncio.to_thread(open_city_map, town, rules.anonymity_k)
        say = call.reader.translator.gettext
        kinds = await load_kinds(call.session, town.id, call.now)
        counts = await listing.count_by_status(call.session, call.actor, town.id)
        values = {
            "rows": await view_requests(call, page.items),
            "total": await count_all(call.session, rows),
            "more": _more(asked, page.cursors[-1]) if page.has_next else "",
            "asked": asked,
            "now_count": sum(counts.get(status, 0) for status in GROUPS["now"]),
            "waiting_count": counts.get(RequestStatus.NEEDS_REVIEW, 0),
            "open_count": counts.get(RequestStatus.OPEN, 0) + counts.get(RequestStatus.OFFERED, 0),
            "states": [
                (status.value, say_state(say, status.value)[0], counts.get(status, 0))
                for status in RequestStatus
            ],
            "kinds": [
                (kind.value, label_kind(kinds, kind, call.reader.language)) for kind in RequestKind
            ],
            "areas": [(area.name, area.name) for area in city.areas],
        }
        return call.show("casework/requests.html", values)


def read_query(call: Call) -> dict[str, str]:
    """What the address asks for: code words, a short name and a part of the town."""
    given = call.request.query_params
    state = given.get("state", "now")
    known = {*GROUPS, *(status.value for status in RequestStatus)}
    kind = given.get("kind", "")
    return {
        "state": state if state in known else "now",
        "kind": kind if kind in {one.value for one in RequestKind} else "",
        "area": given.get("area", "")[:200],
        "code": given.get("code", "").strip()[:12],
        "urgent": "1" if given.get("urgent") == "1" else "",
        "by": "deadline" if given.get("by") == "deadline" else "",
    }


def make_filter(asked: dict[str, str], urgent_weight: float) -> RequestFilter:
    """The same as a filter. A short name finds its request wherever it stands."""
    if asked["code"]:
        return RequestFilter(reference=asked["code"])
    state = asked["state"]
    return RequestFilter(
        statuses=GROUPS[state] if state in GROUPS else (RequestStatus(state),),
        kinds=(RequestKind(asked["kind"]),) if asked["kind"] else (),
        areas=(asked["area"],) if asked["area"] else (),
        weight_from=urgent_weight if asked["urgent"] else None,
    )


def _more(asked: dict[str, Any], cursor: str) -> str:
    kept = {name: text for name, text in asked.items() if text}
    return f"/staff/requests?{urlencode({**kept, 'after': cursor})}"
