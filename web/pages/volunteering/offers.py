"""What is open for a volunteer who is signed in: the list, a plan, one home, and the answers."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.ids import parse_id
from matching.models import Volunteer
from matching.offers.open_offers import OpenOffers, read_open_offers
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering.answering import Asked, Came, answer
from web.pages.volunteering.home_views import list_waiting
from web.pages.volunteering.offer_views import offer_values, read_offer_view
from web.pages.volunteering.own import ask_to_sign_up, find_own

OFFERS = "/volunteering/offers"


async def read_open(call: Call, own: Volunteer) -> OpenOffers | None:
    """What is open for one's profile."""
    found = await read_open_offers(
        call.session,
        call.actor,
        call.reader.language,
        now=call.now,
        community_id=own.community_id,
    )
    return found[0] if found else None


@get(OFFERS, name="volunteer_offers")
async def get_offers(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Everything that is open."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        found = await read_open(call, own)
        values = {"mode": own.mode.value, "waiting": list_waiting(found), "open": found}
        return call.show("volunteering/offers.html", values)


@get(OFFERS + "/{ask_id:uuid}", name="volunteer_offer")
async def get_offer(
    request: AnyRequest, ask_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A plan that was put before the volunteer."""
    async with desk.look(request) as call:
        return await _show(call, _asked(call, ask_id=ask_id))


@post(OFFERS + "/{ask_id:uuid}", name="volunteer_offer_answer", status_code=303)
async def post_offer(
    request: AnyRequest, ask_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One button of it."""
    async with desk.press(request) as call:
        came = await answer(_asked(call, ask_id=ask_id), call.form, call.reader)
        return _lead_on(call, f"{OFFERS}/{ask_id}", came)


@get("/volunteering/homes/{request_id:uuid}", name="volunteer_home_open")
async def get_home(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One home of the list, with all that may be known before a yes."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        asked = _asked(call, request_id=request_id, volunteer_id=own.id)
        return await _show(call, asked)


@post("/volunteering/homes/{request_id:uuid}", name="volunteer_home_answer", status_code=303)
async def post_home(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One button of it."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        asked = _asked(call, request_id=request_id, volunteer_id=own.id)
        came = await answer(asked, call.form, call.reader)
        if came.said in ("no", "not_today", "paused"):
            return call.go("/volunteering", said=came.said)
        return _lead_on(call, f"/volunteering/homes/{request_id}", came)


async def _show(call: Call, asked: Asked) -> Answer:
    instead = parse_id(call.request.query_params.get("instead", "")[:40])
    view = await read_offer_view(asked, call.reader, instead)
    values = offer_values(view, call.reader) | {"back_path": "/volunteering"}
    return call.show("offers/offer.html", values)


def _asked(
    call: Call,
    *,
    ask_id: UUID | None = None,
    request_id: UUID | None = None,
    volunteer_id: UUID | None = None,
) -> Asked:
    return Asked(
        call.session,
        call.actor,
        call.person(),
        call.reader.language,
        call.now,
        ask_id=ask_id,
        request_id=request_id,
        volunteer_id=volunteer_id,
    )


def _lead_on(call: Call, here: str, came: Came) -> Answer:
    if came.visit_id is not None:
        return call.go(f"/volunteering/visits/{came.visit_id}", said="agreed")
    goal = here if came.instead is None else f"{here}?instead={came.instead}"
    return call.go(goal, said=came.said)
