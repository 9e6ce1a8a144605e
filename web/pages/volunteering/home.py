"""The first page of a volunteer: the news, what is open, what is agreed, and a rest."""

from __future__ import annotations

from datetime import timedelta

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from matching.feeds.repository import list_visits as list_agreed
from matching.intake.programme import load_kinds
from matching.models import Volunteer
from matching.offers.replying import say_not_today
from matching.volunteering.standing_back import pause_volunteer, resume_volunteer
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering.answering import pause_end
from web.pages.volunteering.home_views import (
    VisitLine,
    list_visits,
    list_waiting,
    split_today,
    tell_news,
)
from web.pages.volunteering.offers import read_open
from web.pages.volunteering.own import HOME, ask_to_sign_up, find_own
from web.pages.volunteering.thanks_views import LATELY, MOST_LATELY, read_thanks

BEFORE, AFTER = timedelta(days=14), timedelta(days=60)
MOST_SHOWN = 3


@get(HOME, name="volunteer_home")
async def get_volunteering(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """News first."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        found = await read_open(call, own)
        visits = await read_visits(call, own)
        today, later = split_today(visits, call.now, call.reader.time_zone)
        waiting = list_waiting(found)
        values = {
            "news": tell_news(own, waiting, today, call.reader, call.now),
            "waiting": waiting[:MOST_SHOWN],
            "more_count": max(0, len(waiting) - MOST_SHOWN),
            "today": today,
            "later": later,
            "mode": own.mode.value,
            "rests": _rests(call, own),
            "paused_until": own.paused_until,
            "thanks": await read_thanks(call, own, since=call.now - LATELY, most=MOST_LATELY),
            "stopped": found is not None and found.stopped_for_storm,
        }
        return call.show("volunteering/home.html", values)


@post(HOME, name="volunteer_rest", status_code=303)
async def post_volunteering(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Not today, a pause, or back again."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        do = call.form.get("do")
        if do == "not_today":
            await say_not_today(call.session, call.actor, own.id, now=call.now)
            return call.go(HOME, said="not_today")
        if do == "pause":
            until = pause_end(call.form, call.now)
            await pause_volunteer(call.session, call.actor, own.id, until=until, now=call.now)
            return call.go(HOME, said="paused")
        if do == "resume":
            await resume_volunteer(call.session, call.actor, own.id, now=call.now)
            return call.go(HOME, said="resumed")
        raise InvalidInput("This button is not known. Open the page again.")


async def read_visits(call: Call, own: Volunteer) -> list[VisitLine]:
    """Agreed visits that are not over."""
    rows = await list_agreed(
        call.session,
        own.person_id,
        own.community_id,
        since=call.now - BEFORE,
        until=call.now + AFTER,
    )
    kinds = await load_kinds(call.session, own.community_id, call.now)
    return list_visits(rows, kinds, call.reader.language)


def _rests(call: Call, own: Volunteer) -> bool:
    away = own.paused_until is not None and own.paused_until > call.now
    return away or own.status.value == "paused"
