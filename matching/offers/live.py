"""What is open for one volunteer now: for pages, text messages and substitution."""

from __future__ import annotations

from collections.abc import Sequence
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
from matching.intake.help_kinds import default_kinds, read_kinds
from matching.kinds import HoldReason, OfferStatus, RequestKind, StormStatus, VolunteerStatus
from matching.models import HelpRequest, Offer, Storm, Volunteer
from matching.offers import asks_repository, live_repository
from matching.offers.fitting_time import find_start, free_hours, last_moment, told_travel_s
from matching.offers.live_repository import WaitingHome
from matching.offers.open_repository import OfferRow, Profile, StormRow, load_profiles
from matching.offers.sending import send_offer
from matching.rounds.lifecycle import pick_code
from people.rules import read_rules

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
    scope: tuple[str, ...]
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
    profiles = await load_profiles(session, now, volunteer_id=volunteer_id)
    if not profiles:
        return []
    (profile,) = profiles
    waiting = await live_repository.load_waiting_homes(session, wanted_homes(profile, now))
    return choose_open(profile, waiting, now)


def wanted_homes(profile: Profile, now: datetime) -> set[UUID]:
    """The homes that may be open for somebody: none when they are away or have no place left."""
    if not takes_part(profile, now) or len(profile.held) >= profile.max_tasks:
        return set()
    return {*profile.ways, *(offer.request_id for offer in profile.offers)}


def choose_open(profile: Profile, waiting: Sequence[WaitingHome], now: datetime) -> list[OpenHome]:
    """Those of the waiting homes that a yes would win, in order."""
    kinds = default_kinds() if profile.kinds is None else read_kinds(profile.kinds)
    hidden = frozenset() if may_show(profile.storm) else kinds.storm_kinds()
    rules = read_rules(profile.rules or {})
    zone = ZoneInfo(profile.time_zone)
    free = free_hours(profile.windows, profile.weekly, profile.held.values(), zone, now)
    offered = {offer.request_id: offer for offer in reversed(profile.offers)}
    wanted = wanted_homes(profile, now) - profile.struck - profile.held.keys()
    homes = []
    for request in waiting:
        barred = request.resident_id in profile.banned or request.kind in hidden
        if request.id not in wanted or barred:
            continue
        way = profile.ways.get(request.id)
        # Without a measured way (an offer older than the last wave) the longest one is kept free.
        travel_s = told_travel_s(None if way is None else way[2], profile.max_travel_s)
        start = find_start(request, free, travel_s=travel_s, now=now)
        if start is not None:
            offer = offered.get(request.id)
            homes.append(_describe(request, offer, way, start, rules.urgent_weight))
    homes.sort(key=lambda home: (not home.urgent, not home.in_plan, -home.value, home.request_id))
    return homes[:MOST_SHOWN]


def takes_part(volunteer: Volunteer | Profile, now: datetime) -> bool:
    """Whether a volunteer is active and not away."""
    away = volunteer.paused_until is not None and volunteer.paused_until > now
    return volunteer.status is VolunteerStatus.ACTIVE and not away


def may_show(storm: Storm | StormRow | None) -> bool:
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
        concerns={"volunteer_id": volunteer_id},
        reason="taken_from_list",
    )
    return await send_offer(session, offer.id, [str(request_id)], now=now)


def _describe(
    request: WaitingHome,
    offer: OfferRow | None,
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
        scope=tuple(request.scope or ()),
        area=request.area,
        cell=request.cell,
        travel=TimeBucket.OVER_30_MIN if way is None else TimeBucket(way[2]),
        service_s=request.service_s,
        starts_at=start,
        ends_at=start + timedelta(seconds=request.service_s),
        deadline_at=last_moment(request),
        value=0.0 if way is None else float(way[4]),
    )
