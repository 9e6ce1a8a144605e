"""The page of an offer behind the link in a message, and that of a storm that is coming."""

from __future__ import annotations

from datetime import timedelta

from litestar import Response

from matching.errors import VolunteerUnknown
from matching.offers.replying import say_not_today
from matching.offers.visit_repository import find_volunteer_in_storm
from people.links import LinkTo, create_link
from web.pages.links import Next, Visit
from web.pages.rendering import answer_page
from web.pages.volunteering.answering import Asked, Came, answer
from web.pages.volunteering.offer_views import offer_values, read_offer_view

LINK_LIFE = timedelta(days=14)


async def show_offer(visit: Visit) -> Response[str]:
    """What is open for the volunteer now."""
    view = await read_offer_view(_asked(visit), visit.reader, visit.instead)
    values = offer_values(view, visit.reader) | {"said": visit.said}
    return answer_page("offers/offer.html", visit.reader, values)


async def answer_offer(visit: Visit, form: dict[str, str]) -> Next:
    """One button: yes to one or all, a home of the list, no, not today, pause."""
    came = await answer(_asked(visit), form, visit.reader)
    if came.visit_id is None:
        return Next(visit.token, came.said, came.instead)
    return Next(await _visit_token(visit, came))


async def show_storm(visit: Visit) -> Response[str]:
    """Snow is coming: can you help?"""
    return answer_page("offers/storm.html", visit.reader, {"said": visit.said})


async def answer_storm(visit: Visit, form: dict[str, str]) -> Next:
    """Ask me, or not this time."""
    if form.get("do") == "not_today":
        storm_id = visit.link.subject_id
        volunteer = await find_volunteer_in_storm(visit.session, storm_id, visit.link.person_id)
        if volunteer is None:
            raise VolunteerUnknown("You do not take part here any more.")
        await say_not_today(
            visit.session, visit.actor, volunteer.id, now=visit.now, storm_id=storm_id
        )
        return Next(visit.token, "not_today")
    return Next(visit.token, "yes")


def _asked(visit: Visit) -> Asked:
    return Asked(
        visit.session,
        visit.actor,
        visit.link.person_id,
        visit.reader.language,
        visit.now,
        ask_id=visit.link.subject_id,
    )


async def _visit_token(visit: Visit, came: Came) -> str:
    if came.visit_id is None or came.visit_ends_at is None:
        raise VolunteerUnknown("There is no such visit.")
    link = LinkTo(
        action="visit",
        person_id=visit.link.person_id,
        subject_id=came.visit_id,
        expires_at=max(visit.now, came.visit_ends_at) + LINK_LIFE,
    )
    return await create_link(visit.session, link, now=visit.now)
