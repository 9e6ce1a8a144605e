"""Agreed visits in one's own calendar program: a secret address, made, renewed, taken away."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from core.pagination import MAX_PAGE, PageArgs, read_page
from matching.feeds import feeds, repository
from matching.feeds.models import CalendarFeed, FeedKind
from matching.models import Volunteer
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering.own import ask_to_sign_up, find_own

CALENDAR = "/volunteering/calendar"
PAGE = "volunteering/calendar.html"


@get(CALENDAR, name="volunteer_calendar")
async def get_calendar_page(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Whether there is an address, and what to do with it."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        return call.show(PAGE, {"feeds": await _list_own(call, own), "url": None})


@post(CALENDAR, name="volunteer_calendar_change", status_code=200)
async def post_calendar(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Make the address and show it this once; or end it. Making ends the one before."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        do = call.form.get("do")
        if do not in ("make", "end"):
            raise InvalidInput("This button is not known. Open the page again.")
        for row in await _list_own(call, own):
            await feeds.revoke_feed(call.session, call.actor, row.id, now=call.now)
        if do == "end":
            return call.go(CALENDAR, said="ended")
        made = await feeds.create_feed(
            call.session, call.actor, own.community_id, FeedKind.VISITS, now=call.now
        )
        values: dict[str, Any] = {
            "feeds": [made.row],
            "url": call.settings.public_url + made.path,
        }
        return call.show(PAGE, values)


async def _list_own(call: Call, own: Volunteer) -> list[CalendarFeed]:
    page = await read_page(call.session, repository.list_feeds(call.actor), PageArgs(MAX_PAGE))
    return [
        row
        for row in page.items
        if row.kind is FeedKind.VISITS and row.community_id == own.community_id
    ]
