"""A home lost its volunteer, or a hope of one: the next person is asked at once, from memory.

Nothing is measured or solved here: who can reach the home is what the last wave left in
`VolunteerReach`. The next wave plans the neighbourhood anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from core.db import Session
from core.events import record_event
from core.ids import new_id
from matching import repository
from matching.kinds import AskOrigin, AskStatus, OfferStatus
from matching.ladder.board import AskDraft, Board, Homes, LiveOffers, Pairs
from matching.ladder.timing import board_usable_s, silence_s
from matching.ladder.waves import plan_wave
from matching.models import HelpRequest, Offer, Volunteer
from matching.offers import asks_repository, live_repository, wave_repository
from matching.offers.ask_rows import store_ask
from matching.offers.delivery import Notifier, send_ask
from matching.offers.fitting_time import find_start, free_time, last_moment, told_travel_s
from matching.offers.live import OpenHome, open_now
from matching.offers.models import Ask, VolunteerReach
from matching.offers.new_homes import ask_about_homes
from matching.offers.schedule import schedule_wave
from matching.offers.sending import reopen_if_unasked
from matching.offers.wave_plan import PlannedAsk, ShownHome
from matching.offers.wave_state import WaveState, quiet_spans, read_wave_state
from matching.rounds.lifecycle import pick_code
from matching.states import OPEN_REQUESTS, TAKEABLE_OFFERS
from matching.transitions import Cause, move_offer
from people.repository import read_rules_at


async def reseat_home(
    session: Session, request_id: UUID, *, now: datetime, notify: Notifier
) -> Ask | None:
    """Ask the next person about a home that needs somebody again; None when nobody is asked.

    One ask for each no, withdrawal or cancelled visit, however often this is called. Nobody is
    asked while the others who were asked make the home sure enough.
    """
    request = await asks_repository.find_request_with_windows(session, request_id)
    if request is None or request.status not in OPEN_REQUESTS or not request.windows:
        return None
    key = f"reseat:{request_id}:{await asks_repository.count_setbacks(session, request_id)}"
    known = await asks_repository.find_ask_by_key(session, key)
    if known is not None:
        return known
    community = await asks_repository.find_community(session, request.community_id)
    assert community is not None
    rules = await read_rules_at(session, community.id, now)
    state = await read_wave_state(session, community, rules, now=now)
    if not state.may_offer(request):
        return None
    reach = await wave_repository.load_reach_of_home(session, request.id)
    if not reach:
        # It stands on nobody's list: no wave has looked at it since it was given away.
        await ask_about_homes(session, community.id, [request], now=now)
        return None
    ask = await _ask_next(session, state, request, reach, key=key)
    if ask is None:
        due_at = now + timedelta(seconds=state.ladder.round_min_s)
        await schedule_wave(session, community.id, due_at=due_at, now=now, is_look=True)
        return None
    if not rules.review_proposals:
        await send_ask(session, ask.id, now=now, notify=notify)
    return ask


async def replan_person(session: Session, volunteer_id: UUID, *, now: datetime) -> int:
    """Fit the open offers of a volunteer around the work they have agreed to.

    An offer that overlaps it gets the next time that fits, or is withdrawn; how many were moved or
    withdrawn. Records ``offer.moved`` or ``offer.withdrawn``.
    """
    await repository.lock_volunteer(session, volunteer_id)
    volunteer = await asks_repository.find_volunteer_with_hours(session, volunteer_id)
    if volunteer is None:
        return 0
    community = await asks_repository.find_community(session, volunteer.community_id)
    assert community is not None
    zone = ZoneInfo(community.time_zone)
    reach = await asks_repository.find_reach(session, volunteer_id)
    work = await asks_repository.list_held_work_of(session, volunteer_id)
    offers = await asks_repository.list_offers_of(session, volunteer_id, TAKEABLE_OFFERS)
    homes = {
        row.id: row
        for row in await live_repository.load_waiting_homes(
            session, {offer.request_id for offer in offers}
        )
    }
    held = [(row.starts_at, row.ends_at) for row in work]
    # First all new times, then the changes: locking a request forgets its windows.
    moves = []
    for offer in sorted(offers, key=lambda row: (row.request_id, row.id)):
        request = homes.get(offer.request_id)
        if request is None or not any(
            begins < offer.ends_at and offer.starts_at < ends for begins, ends in held
        ):
            continue
        way = None if reach is None else reach.homes.get(request.id.hex)
        travel_s = told_travel_s(None if way is None else way[2], volunteer.max_travel_s)
        free = free_time(volunteer, held, zone, now)
        start = find_start(request, free, travel_s=travel_s, now=now)
        end = None if start is None else start + timedelta(seconds=request.service_s)
        moves.append((offer, request.id, start, end))
    for offer, request_id, start, end in moves:
        await _move_or_withdraw(session, offer, request_id, start, end, now=now)
    return len(moves)


async def _move_or_withdraw(
    session: Session,
    offer: Offer,
    request_id: UUID,
    start: datetime | None,
    end: datetime | None,
    *,
    now: datetime,
) -> None:
    await repository.get_locked(session, HelpRequest, request_id)
    row = await repository.get_locked(session, Offer, offer.id)
    if row is None or row.status not in TAKEABLE_OFFERS:
        return
    if start is None or end is None:
        cause = Cause(now=now, reason="no_time_left")
        await move_offer(session, row.id, OfferStatus.WITHDRAWN, cause)
        await reopen_if_unasked(session, request_id, cause)
        return
    row.starts_at, row.ends_at = start, end
    record_event(
        session,
        "offer.moved",
        subject_type="offer",
        subject_id=row.id,
        happened_at=now,
        community_id=row.community_id,
        concerns={"volunteer_id": row.volunteer_id},
        starts_at=row.starts_at,
    )
    await session.flush()


async def _ask_next(
    session: Session,
    state: WaveState,
    request: HelpRequest,
    reach: Sequence[VolunteerReach],
    *,
    key: str,
) -> Ask | None:
    volunteers = await wave_repository.load_askable(
        session, state.community.id, [row.volunteer_id for row in reach]
    )
    ways = {row.volunteer_id: row.homes[request.id.hex] for row in reach}
    banned = await wave_repository.load_banned_volunteers(session, request.resident_id)
    able = [row for row in volunteers if row.id not in banned]
    held = await wave_repository.count_held(session, [row.id for row in able])
    board = _one_home(state, request, able, ways, held)
    drafts = [draft for draft in plan_wave(board, state.ladder) if draft.stops]
    for draft in sorted(drafts, key=lambda one: (-one.chance[0], one.person)):
        volunteer = able[draft.person]
        planned = await _plan(
            session, state, volunteer, draft, way=ways[volunteer.id], request_id=request.id
        )
        if planned is not None:
            life_s = round(silence_s(board_usable_s(board, state.ladder), state.ladder))
            return await _store(session, state, planned, key=key, life_s=life_s)
    return None


def _one_home(
    state: WaveState,
    request: HelpRequest,
    volunteers: Sequence[Volunteer],
    ways: dict[UUID, list[float]],
    held: dict[UUID, int],
) -> Board:
    """The board of one home and everybody who can reach it."""
    m = len(volunteers)
    live = [stop for stop in state.live if stop.request_id == request.id]
    share = [
        max(
            ways[row.id][0] / max(1, row.max_travel_s),
            0.0 if row.radius_m is None else ways[row.id][1] / max(1, row.radius_m),
        )
        for row in volunteers
    ]
    none = np.zeros(m, np.bool_)
    end_at = last_moment(request)
    return Board(
        moment_s=state.now.timestamp(),
        homes=Homes(
            weight=np.array([request.weight], np.float64),
            urgent=np.array([state.is_urgent(request)], np.bool_),
            area=np.array([-1], np.int64),
            seats=np.array([request.crew_size - request.seats_taken], np.int64),
            deadline_s=np.array([end_at.timestamp()], np.float64),
        ),
        people=state.people(volunteers, held),
        pairs=Pairs(
            ptr=np.arange(m + 1, dtype=np.int64),
            home=np.zeros(m, np.int64),
            travel_m=np.array([ways[row.id][1] for row in volunteers], np.float64),
            reach=np.clip(np.array(share, np.float64), 0.0, 1.0),
            feasible=np.ones(m, np.bool_),
            struck=np.array([(row.id, request.id) in state.struck for row in volunteers], np.bool_),
            season=none,
        ),
        live=LiveOffers(
            person=np.full(len(live), -1, np.int64),
            home=np.zeros(len(live), np.int64),
            chance=np.array([stop.accept_p for stop in live], np.float64),
            sent_s=np.array([stop.sent_at.timestamp() for stop in live], np.float64),
        ),
        quiet_s=quiet_spans(state.zone, state.now - timedelta(days=3), end_at),
        area_served_share=np.zeros(0),
        urgent_mode=state.urgent_mode,
    )


async def _plan(
    session: Session,
    state: WaveState,
    volunteer: Volunteer,
    draft: AskDraft,
    *,
    way: list[Any],
    request_id: UUID,
) -> PlannedAsk | None:
    """The home first, and beside it what else is open for this person."""
    open_homes = await open_now(session, volunteer.id, state.now)
    mine = next((home for home in open_homes if home.request_id == request_id), None)
    if mine is None:
        return None
    reach = await asks_repository.find_reach(session, volunteer.id)
    ways = {} if reach is None else reach.homes
    beside = [
        home for home in open_homes if home.request_id != request_id and home.request_id.hex in ways
    ]
    stop = replace(
        _show(mine, way, volunteer, draft.chance[0]),
        in_plan=True,
        starts_at=mine.starts_at,
        ends_at=mine.ends_at,
    )
    menu = [
        _show(home, ways[home.request_id.hex], volunteer, ways[home.request_id.hex][3])
        for home in beside[: state.ladder.menu_size]
    ]
    return PlannedAsk(
        id=new_id(),
        volunteer_id=volunteer.id,
        origin=AskOrigin.RESEAT,
        willingness=volunteer.accept_prior,
        life_s=0,
        homes=(stop, *menu),
    )


def _show(home: OpenHome, way: list[Any], volunteer: Volunteer, chance: float) -> ShownHome:
    by_radius = 0.0 if volunteer.radius_m is None else way[1] / max(1, volunteer.radius_m)
    return ShownHome(
        request_id=home.request_id,
        request_version=0,
        in_plan=False,
        accept_p=min(1.0, float(chance)),
        travel_s=int(way[0]),
        travel_m=int(way[1]),
        travel_bucket=str(way[2]),
        radius_share=min(1.0, max(by_radius, way[0] / max(1, volunteer.max_travel_s))),
    )


async def _store(
    session: Session,
    state: WaveState,
    planned: PlannedAsk,
    *,
    key: str,
    life_s: int,
) -> Ask:
    await repository.lock_volunteer(session, planned.volunteer_id)
    row = Ask(
        id=planned.id,
        community_id=state.community.id,
        storm_id=None if state.storm is None else state.storm.id,
        volunteer_id=planned.volunteer_id,
        key=key,
        origin=planned.origin,
        status=AskStatus.PROPOSED,
        plan_p=planned.plan_p,
        willingness=planned.willingness,
        life_s=life_s,
        proposed_at=state.now,
    )
    store_ask(session, planned, row)
    await session.flush()
    stop = planned.stops[0]
    in_use = await repository.load_codes_in_use(session, {planned.volunteer_id}, now=state.now)
    assert stop.starts_at is not None
    assert stop.ends_at is not None
    session.add(
        Offer(
            id=new_id(),
            community_id=state.community.id,
            ask_id=row.id,
            request_id=stop.request_id,
            volunteer_id=planned.volunteer_id,
            code=pick_code(in_use[planned.volunteer_id]),
            position=0,
            starts_at=stop.starts_at,
            ends_at=stop.ends_at,
            accept_p=stop.accept_p,
            shown=[],
            proposed_at=state.now,
        )
    )
    await session.flush()
    return row
