"""The pages of residents behind secret links: how the request stands, and whether snow help is
needed."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response

from core.errors import InvalidInput
from matching.intake.kinds import StandingStatus
from matching.intake.programme import load_kinds
from matching.intake.standing import end_standing
from matching.intake.standing_listing_repository import load_standing
from matching.offers.thanking import InvalidThanks
from matching.storms.notices import answer_storm_notice
from people.errors import LinkUnknown
from web.pages.desk import UNPROCESSABLE, ShowAgain
from web.pages.links import Next, Visit
from web.pages.my_requests.acting import press_button, press_limited, say_too_long
from web.pages.my_requests.reading import is_called, read_view
from web.pages.my_requests.standing_views import make_standing_view
from web.pages.rendering import answer_page

PAGE: Final = "my_requests/request.html"


async def show_request(visit: Visit) -> Response[str]:
    """How a request stands."""
    return answer_page(PAGE, visit.reader, await _read(visit))


async def show_asked(visit: Visit) -> Response[str]:
    """How a request stands for whoever sent it and has not shown who they are: no names."""
    return answer_page(PAGE, visit.reader, await _read(visit, is_limited=True))


async def _read(visit: Visit, *, is_limited: bool = False) -> dict[str, Any]:
    view = await read_view(
        visit.session,
        visit.actor,
        visit.link.subject_id,
        visit.reader,
        now=visit.now,
        is_limited=is_limited,
    )
    return {
        "view": view,
        "said": visit.said,
        "now": visit.now,
        "is_link": True,
        "is_limited": is_limited,
    }


async def answer_request(visit: Visit, form: dict[str, str]) -> Next:
    """One button of a request."""
    try:
        said = await press_button(
            visit.session,
            visit.actor,
            visit.link.subject_id,
            form,
            reader=visit.reader,
            now=visit.now,
        )
    except InvalidThanks:
        values = await _read(visit) | say_too_long(visit.reader, form)
        again = answer_page(PAGE, visit.reader, values, status_code=UNPROCESSABLE)
        raise ShowAgain(again) from None
    return Next(visit.token, said)


async def answer_asked(visit: Visit, form: dict[str, str]) -> Next:
    """Call off what was sent, until it is done; and what was sent with it."""
    said = await press_limited(
        visit.session,
        visit.link.person_id,
        visit.link.subject_id,
        form,
        reader=visit.reader,
        now=visit.now,
    )
    return Next(visit.token, said)


async def show_asked_standing(visit: Visit) -> Response[str]:
    """How a wish for help at each snowfall stands."""
    session, key = visit.session, visit.link.subject_id
    row = (await load_standing(session, visit.actor, [key])).get(key)
    if row is None:
        raise LinkUnknown("This link opens nothing. Use the newest message that we sent you.")
    kinds = await load_kinds(session, row.community_id, visit.now)
    values = {
        "view": make_standing_view(
            row,
            kinds,
            visit.reader.translator,
            is_called=await is_called(session, visit.actor),
        ),
        "said": visit.said,
        "now": visit.now,
        "is_link": True,
    }
    return answer_page("my_requests/standing.html", visit.reader, values)


async def answer_asked_standing(visit: Visit, form: dict[str, str]) -> Next:
    """End the wish."""
    if form.get("do") != "end":
        raise InvalidInput("This button is not known. Open the page again.")
    key = visit.link.subject_id
    row = (await load_standing(visit.session, visit.actor, [key])).get(key)
    if row is not None and row.status is not StandingStatus.ENDED:
        await end_standing(visit.session, visit.actor, key, now=visit.now, reason="resident_ended")
    return Next(visit.token)


async def show_storm(visit: Visit) -> Response[str]:
    """Snow is coming: will you need help?"""
    return answer_page("residents/storm.html", visit.reader, {"said": visit.said})


async def answer_storm(visit: Visit, form: dict[str, str]) -> Next:
    """I will need help, or not this time."""
    needs_help = form.get("do") == "yes"
    await answer_storm_notice(
        visit.session,
        visit.actor,
        visit.link.subject_id,
        visit.link.person_id,
        needs_help=needs_help,
        now=visit.now,
    )
    return Next(visit.token, "yes" if needs_help else "no")
