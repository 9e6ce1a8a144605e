"""One matching round: its result, its plan, its proof, whom it left out, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.pagination import PageArgs, read_page
from matching.errors import AskUnknown, RoundUnknown
from matching.intake.listing_repository import load_requests, load_shown_places
from matching.kinds import RoundStatus
from matching.models import HelpRequest, Offer
from matching.offers.review import list_proposals, send_proposals, strike_proposal
from matching.rounds import listing_repository as listing
from matching.rounds import reading
from matching.rounds.drafts import discard_drafts
from matching.rounds.models import Round
from matching.volunteering.listing_repository import load_volunteers
from people.directory_repository import load_names
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.storm_board import rounds_views as views
from web.pages.storm_board import words as say
from web.pages.storm_board.reading import make_proof

PAGE: Final = 50
MOST_DRAFTS: Final = 100
LIST: Final = "/staff/rounds"


@get("/staff/rounds/{round_id:uuid}", name="round_of_staff")
async def get_one(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What a round planned, beside the one before."""
    async with desk.look(request) as call:
        row = await find_round(call, round_id)
        words = call.reader.translator
        offers = await listing.load_offer_counts(call.session, call.actor, [row.id])
        counts = await listing.load_reason_counts(call.session, call.actor, [row.id])
        compared = await reading.compare_with_before(call.session, call.actor, row.id)
        before = await listing.find_round_before(call.session, row)
        drafts = await listing.list_bare_drafts(call.session, row.id)
        values: dict[str, Any] = {
            "row": row,
            "tag": say.round_tag(words.gettext, row.status),
            "proof": await make_proof(call, row, before, 0) if _is_done(row) else None,
            "compared": None if compared is None else views.make_changes(compared),
            "before": before,
            "offers": views.make_offer_counts(words, offers.get(row.id, {})),
            "reasons": [
                (one.code, say.reason_title(words.gettext, one.code), one.count)
                for one in counts.get(row.id, ())
            ],
            "draft_count": len(drafts),
        }
        return call.show("storm_board/round.html", values)


@get("/staff/rounds/{round_id:uuid}/plan", name="round_plan")
async def get_plan(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Who visits which home, in order; neighborhoods, never addresses."""
    async with desk.look(request) as call:
        row = await find_round(call, round_id)
        args = PageArgs(first=100, after=request.query_params.get("after") or None)
        page = await read_page(call.session, listing.list_offers_of_round(call.actor, row.id), args)
        routes = await _make_routes(call, page.items)
        more = f"{LIST}/{row.id}/plan?after={page.cursors[-1]}" if page.has_next else ""
        return call.show("storm_board/plan.html", {"row": row, "routes": routes, "more": more})


@get("/staff/rounds/{round_id:uuid}/left", name="round_left")
async def get_left(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Whom a round left out, why, and the smallest change that would serve them."""
    async with desk.look(request) as call:
        row = await find_round(call, round_id)
        code = request.query_params.get("reason", "")
        known = say.is_reason(code)
        args = PageArgs(first=PAGE, after=request.query_params.get("after") or None)
        rows = listing.list_unserved(call.actor, row.id, (code,) if known else ())
        page = await read_page(call.session, rows, args)
        clock = views.make_clock(call.reader.translator, row, call.town)
        homes = await _load_homes(call, [one.request_id for one in page.items])
        left = [
            views.make_left(call.reader.translator, one, homes.get(one.request_id), clock)
            for one in page.items
        ]
        mark = f"reason={code}&" if known else ""
        more = f"{LIST}/{row.id}/left?{mark}after={page.cursors[-1]}" if page.has_next else ""
        title = say.reason_title(call.reader.translator.gettext, code) if known else ""
        values = {"row": row, "left": left, "more": more, "title": title}
        return call.show("storm_board/left.html", values)


# --- drafts and messages that wait ----------------------------------------------------------------


@get("/staff/rounds/{round_id:uuid}/drop", name="round_drop_page")
async def get_drop(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What dropping the drafts of a round does."""
    async with desk.look(request) as call:
        row = await find_round(call, round_id)
        drafts = await listing.list_bare_drafts(call.session, row.id)
        return call.show("storm_board/drop.html", {"row": row, "draft_count": len(drafts)})


@post("/staff/rounds/{round_id:uuid}/drop", name="round_drop", status_code=303)
async def post_drop(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Drop the drafts of a round that nobody was told of."""
    async with desk.press(request) as call:
        row = await find_round(call, round_id)
        count = await discard_drafts(call.session, call.actor, row.id, now=call.now)
        return call.go(f"{LIST}/{row.id}", said="dropped" if count else "nothing")


@get("/staff/rounds/messages", name="proposals")
async def get_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Messages to volunteers that wait until somebody of the staff has looked."""
    async with desk.look(request) as call:
        town = call.staff()
        waiting = await list_proposals(call.session, call.actor, town.id)
        shown = waiting[:MOST_DRAFTS]
        names = await _name_volunteers(call, [one.volunteer_id for one in shown])
        rows = [(one, names.get(one.volunteer_id, "")) for one in shown]
        return call.show("storm_board/messages.html", {"rows": rows, "total": len(waiting)})


@post("/staff/rounds/messages", name="proposals_decide", status_code=303)
async def post_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Let the messages leave, or take one out."""
    async with desk.press(request) as call:
        town = call.staff()
        if call.form.get("do") == "strike":
            ask_id = field_id(call.form, "ask_id")
            if ask_id is None:
                raise AskUnknown("There is no such message.")
            waiting = await list_proposals(call.session, call.actor, town.id)
            if any(one.ask_id == ask_id for one in waiting):
                await strike_proposal(call.session, call.actor, ask_id, now=call.now)
                return call.go(f"{LIST}/messages", said="struck")
            return call.go(f"{LIST}/messages", said="nothing")
        count = await send_proposals(call.session, call.actor, town.id, now=call.now)
        return call.go(f"{LIST}/messages", said="sent" if count else "nothing")


# --- what these pages read ------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """One home of a route."""

    request_id: UUID
    reference: str
    area: str
    starts_at: datetime
    status: tuple[str, str]


@dataclass(frozen=True)
class Route:
    """What one volunteer would do, in order."""

    name: str
    person_id: UUID | None
    stops: tuple[Stop, ...]


async def find_round(call: Call, round_id: UUID) -> Round:
    """A round of the town whose staff asks."""
    town = call.staff()
    row, _ = await reading.get_round(call.session, call.actor, round_id)
    if row.community_id != town.id:
        raise RoundUnknown("There is no such matching round here.")
    return row


async def _make_routes(call: Call, offers: Sequence[Offer]) -> list[Route]:
    homes = await _load_homes(call, [offer.request_id for offer in offers])
    keys = list(dict.fromkeys(offer.volunteer_id for offer in offers))
    people = await load_volunteers(call.session, call.actor, keys)
    names = await _name_volunteers(call, keys)
    words = call.reader.translator
    routes = []
    for key in keys:
        stops = []
        for offer in sorted(offers, key=lambda one: (one.starts_at, one.position)):
            home = homes.get(offer.request_id)
            if offer.volunteer_id == key and home is not None:
                status = views.offer_tag(words.gettext, offer.status)
                stops.append(
                    Stop(offer.request_id, home.reference, home.area, offer.starts_at, status)
                )
        row = people.get(key)
        person = None if row is None else row.person_id
        routes.append(Route(names.get(key, ""), person, tuple(stops)))
    return sorted(routes, key=lambda route: (route.name, str(route.person_id)))


async def _load_homes(call: Call, keys: list[UUID]) -> dict[UUID, views.Home]:
    requests = await load_requests(call.session, call.actor, list(dict.fromkeys(keys)))
    places = await load_shown_places(
        call.session, call.actor, [row.household_id for row in requests.values()]
    )
    elsewhere = call.reader.translator.gettext("Elsewhere")

    def area(row: HelpRequest) -> str:
        place = places.get(row.household_id)
        return elsewhere if place is None or place.area is None else place.area

    return {
        key: views.Home(row.id, row.reference, area(row), row.status)
        for key, row in requests.items()
    }


async def _name_volunteers(call: Call, keys: list[UUID]) -> dict[UUID, str]:
    rows = await load_volunteers(call.session, call.actor, list(dict.fromkeys(keys)))
    names = await load_names(call.session, call.actor, [row.person_id for row in rows.values()])
    without = call.reader.translator.gettext("A volunteer")
    return {
        key: names[row.person_id].full_name if row.person_id in names else without
        for key, row in rows.items()
    }


def _is_done(row: Round) -> bool:
    return row.status is RoundStatus.FINISHED and row.value_m is not None
