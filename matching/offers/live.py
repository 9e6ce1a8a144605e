"""What is open for one volunteer now: for pages, text messages and substitution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.events import record_event
from core.ids import new_id
from geo.blurred_travel import TimeBucket
from matching import repository
from matching.errors import HomeNotOpen
from matching.intake.programme import load_storm_kinds
from matching.kinds import HoldReason, OfferStatus, RequestKind, StormStatus, VolunteerStatus
from matching.models import HelpRequest, Offer, Storm, Volunteer
from matching.offers import asks_repository, live_repository
from matching.offers.fitting_time import find_start, free_time, last_moment
from matching.offers.live_repository import WaitingHome
from matching.offers.sending import send_offer
from matching.rounds.lifecycle import pick_code
from matching.states import TAKEABLE_OFFERS
from people.repository import read_rules_at

MOST_SHOWN = 30


@dataclass(frozen=True)
class OpenHome:
    """One home that the volunteer could take now: nothing here tells where it is exactly.

    Parameters
    ----------
    offer_id, code
        Of the offer that was sent for it; None for a home that is only on the list.
    in_plan
        Whether the last message proposed it.
    travel
        The way there from cell to cell, as far as it may be told.
    """

    request_id: UUID
    offer_id: UUID | None
    code: str | None
    in_plan: bool
    urgent: bool
    kind: RequestKind
    area: str | None
    cell: int | None
    travel: TimeBucket
    service_s: int
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime
    value: float
    """For the order of the list; says nothing about the home."""


async def open_now(session: Session, volunteer_id: UUID, now: datetime) -> list[OpenHome]:
    """The homes that a yes of this volunteer would win now: urgent first, then by value.

    At most `MOST_SHOWN`. Empty when the volunteer is away, has no place left, or no storm is on.
    """
    volunteer = await asks_repository.find_volunteer_with_hours(session, volunteer_id)
    if volunteer is None or not takes_part(volunteer, now):
        return []
    community = await asks_repository.find_community(session, volunteer.community_id)
    reach = await asks_repository.find_reach(session, volunteer_id)
    offers = await asks_repository.list_offers_of(session, volunteer_id, TAKEABLE_OFFERS)
    held = await asks_repository.list_held_work_of(session, volunteer_id)
    if community is None or len(held) >= volunteer.max_tasks:
        return []
    ways = {} if reach is None else {UUID(hex=key): way for key, way in reach.homes.items()}
    waiting = await live_repository.load_waiting_homes(
        session, {*ways, *(offer.request_id for offer in offers)}
    )
    storm = await asks_repository.find_running_storm(session, volunteer.community_id)
    storm_kinds = await load_storm_kinds(session, volunteer.community_id, now)
    struck = await asks_repository.load_struck(session, volunteer_id)
    banned = await asks_repository.load_banned_residents(session, volunteer_id)
    rules = await read_rules_at(session, volunteer.community_id, now)
    free = free_time(
        volunteer,
        [(work.starts_at, work.ends_at) for work in held],
        ZoneInfo(community.time_zone),
        now,
    )
    offered = {offer.request_id: offer for offer in reversed(offers)}
    mine = {work.request_id for work in held}
    homes = []
    for request in waiting:
        if request.id in struck or request.id in mine or request.resident_id in banned:
            continue
        if request.kind in storm_kinds and not may_show(storm):
            continue
        way = ways.get(request.id)
        # Without a measured way (an offer older than the last wave) the longest one is kept free.
        travel_s = volunteer.max_travel_s if way is None else way[0]
        start = find_start(request, free, travel_s=travel_s, now=now)
        if start is None:
            continue
        homes.append(_describe(request, offered.get(request.id), way, start, rules.urgent_weight))
    homes.sort(key=lambda home: (not home.urgent, not home.in_plan, -home.value, home.request_id))
    return homes[:MOST_SHOWN]


def takes_part(volunteer: Volunteer, now: datetime) -> bool:
    """Whether a volunteer is active and not away."""
    away = volunteer.paused_until is not None and volunteer.paused_until > now
    return volunteer.status is VolunteerStatus.ACTIVE and not away


def may_show(storm: Storm | None) -> bool:
    """Whether homes of a storm are shown: not on ice, and not without a storm.

    In the dark and while it snows people may still say yes to what begins later.
    """
    return storm is not None and (
        storm.status is StormStatus.ACTIVE or storm.hold_reason is not HoldReason.ICE
    )


async def offer_open_home(
    session: Session, volunteer_id: UUID, request_id: UUID, *, now: datetime
) -> Offer:
    """The offer by which a volunteer takes a home of the list; made on the spot if there is none.

    The caller goes on with `accept_offer`. Records ``offer.proposed`` and ``offer.sent`` for a new
    one.

    Raises
    ------
    HomeNotOpen
        When the home is not open for this volunteer now.
    """
    await repository.lock_volunteer(session, volunteer_id)
    known = await asks_repository.find_offer_of_home(session, volunteer_id, request_id)
    homes = {home.request_id: home for home in await open_now(session, volunteer_id, now)}
    home = homes.get(request_id)
    if home is None:
        raise HomeNotOpen(f"The request {request_id} is not open for this volunteer now.")
    if known is not None:
        return known
    request = await repository.get_locked(session, HelpRequest, request_id)
    if request is None:
        raise HomeNotOpen(f"There is no request {request_id}.")
    ask = await asks_repository.find_last_ask(session, volunteer_id)
    in_use = await repository.load_codes_in_use(session, {volunteer_id}, now=now)
    offer = Offer(
        id=new_id(),
        community_id=request.community_id,
        ask_id=None if ask is None else ask.id,
        request_id=request_id,
        volunteer_id=volunteer_id,
        status=OfferStatus.PROPOSED,
        code=pick_code(in_use[volunteer_id]),
        position=len(homes),
        starts_at=home.starts_at,
        ends_at=home.ends_at,
        accept_p=1.0,
        shown=[],
        proposed_at=now,
    )
    session.add(offer)
    await session.flush()
    record_event(
        session,
        "offer.proposed",
        subject_type="offer",
        subject_id=offer.id,
        happened_at=now,
        community_id=request.community_id,
        request_id=request_id,
        reason="taken_from_list",
    )
    return await send_offer(session, offer.id, [str(request_id)], now=now)


def _describe(
    request: WaitingHome,
    offer: Offer | None,
    way: list[Any] | None,
    start: datetime,
    urgent_weight: float,
) -> OpenHome:
    return OpenHome(
        request_id=request.id,
        offer_id=None if offer is None else offer.id,
        code=None if offer is None else offer.code,
        in_plan=offer is not None and offer.round_id is not None,
        urgent=request.weight >= urgent_weight,
        kind=request.kind,
        area=request.area,
        cell=request.cell,
        travel=TimeBucket.OVER_30_MIN if way is None else TimeBucket(way[2]),
        service_s=request.service_s,
        starts_at=start,
        ends_at=start + timedelta(seconds=request.service_s),
        deadline_at=last_moment(request),
        value=0.0 if way is None else float(way[4]),
    )
