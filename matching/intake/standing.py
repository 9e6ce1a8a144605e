"""Standing requests: opened when a storm becomes active, at rest while the household is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.events import record_event
from core.ids import new_id
from matching import policy
from matching.imports.abilities import ability_kind, ability_label
from matching.intake import repository, standing_repository
from matching.intake.errors import InvalidRequest, StandingUnknown
from matching.intake.help_kinds import HelpKinds
from matching.intake.kinds import Cadence, ContactChoice, IntakeChannel, StandingStatus
from matching.intake.models import (
    RequestAccess,
    RequestDetails,
    StandingAccess,
    StandingBreak,
    StandingRequest,
)
from matching.intake.programme import (
    Deadline,
    DeadlineRules,
    find_deadline,
    load_deadline_rules,
    load_kinds,
    reckon_deadline,
)
from matching.intake.references import draw_references
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest, RequestNeed, RequestWindow, Storm
from matching.offers.new_homes import ask_about_homes
from matching.storms.repository import load_not_needing
from people.auth import Actor
from people.models import Community
from people.repository import ensure_abilities

PAGE_SIZE = 200
MAX_PAGES = 500
MAX_BREAKS = 50


@dataclass(frozen=True)
class _Opening:
    """What all requests of one storm share."""

    storm: Storm
    community: Community
    now: datetime
    deadline: Deadline
    rules: DeadlineRules
    kinds: HelpKinds
    abilities: Mapping[str, UUID]


async def open_standing_requests(session: Session, storm: Storm, *, now: datetime) -> int:
    """Open a request for every standing wish of a storm's community; say how many are new.

    Doing it again adds nothing. What is new is asked about soon. Skipped are homes that are away,
    that said "not this time", that called theirs off, or that have such a request already.
    Records ``request.open`` for each.
    """
    community = await repository.lock_community(session, storm.community_id)
    if community is None:
        return 0
    day = now.astimezone(ZoneInfo(community.time_zone)).date()
    not_needing = await load_not_needing(session, storm.id)
    opening = await _prepare(session, storm, community, now)
    after: UUID | None = None
    opened: list[HelpRequest] = []
    for _ in range(MAX_PAGES):
        page = await standing_repository.list_standing_on(
            session, community.id, day, after=after, limit=PAGE_SIZE
        )
        if not page:
            break
        after = page[-1].id
        wanted = [wish for wish in page if wish.resident_id not in not_needing]
        opened += await _open_page(session, opening, wanted)
    await ask_about_homes(session, community.id, opened, now=now)
    return len(opened)


async def _prepare(session: Session, storm: Storm, community: Community, now: datetime) -> _Opening:
    rules = await load_deadline_rules(session, community, now)
    deadline = reckon_deadline(rules, storm.snow_ended_at, now=now)
    if storm.deadline_at is not None:
        deadline = Deadline(storm.deadline_at, deadline.law, deadline.promised_at)
    kinds = await load_kinds(session, community.id, now)
    codes = {code for kind in kinds.kinds for code in kind.needs}
    rows = await ensure_abilities(
        session,
        community.id,
        [(ability_kind(code), code, ability_label(code)) for code in sorted(codes)],
    )
    abilities = {code: row.id for code, row in rows.items()}
    return _Opening(storm, community, now, deadline, rules, kinds, abilities)


async def _open_page(
    session: Session, opening: _Opening, wishes: Sequence[StandingRequest]
) -> list[HelpRequest]:
    wishes = [wish for wish in wishes if _needs_storm(opening.kinds, wish.kind)]
    keys = {wish.id: source_key_of(wish.id, opening.storm.id) for wish in wishes}
    known = await standing_repository.load_opened_keys(
        session, opening.community.id, list(keys.values())
    )
    served: dict[RequestKind, set[UUID]] = {}
    called_off: dict[RequestKind, dict[UUID, datetime]] = {}
    for kind in {wish.kind for wish in wishes}:
        homes = [wish.household_id for wish in wishes if wish.kind is kind]
        since = opening.storm.created_at
        served[kind] = await standing_repository.load_homes_served(
            session, opening.community.id, kind, homes, since
        )
        called_off[kind] = await standing_repository.load_called_off(
            session, opening.community.id, kind, homes, since
        )
    access = await standing_repository.load_standing_access(session, list(keys))
    references = iter(await draw_references(session, opening.community.id, len(wishes)))
    opened = []
    for wish in wishes:
        if keys[wish.id] in known or wish.household_id in served[wish.kind]:
            continue
        ended_at = called_off[wish.kind].get(wish.household_id)
        if ended_at is not None and ended_at >= wish.created_at:
            # Not this snowfall, they said; a wish that came later means it anew.
            continue
        served[wish.kind].add(wish.household_id)
        opened.append((wish, _add_request(session, opening, wish, next(references))))
    # The rows beside a request point to it, so it must be there first.
    await session.flush()
    for wish, request in opened:
        _add_details(session, opening, wish, request, access=access.get(wish.id))
    await session.flush()
    return [request for _, request in opened]


def _needs_storm(kinds: HelpKinds, code: RequestKind) -> bool:
    kind = kinds.by_code().get(code)
    return kind is not None and kind.offered and kind.needs_storm


def source_key_of(standing_id: UUID, storm_id: UUID) -> str:
    """What makes the request of a standing wish in a storm unique."""
    return f"standing:{standing_id}:{storm_id}"


def _add_request(
    session: Session, opening: _Opening, wish: StandingRequest, reference: str
) -> HelpRequest:
    now = opening.now
    closes_at = close_of_window(opening.deadline.at, wish.service_s, opening.rules, now)
    request = HelpRequest(
        id=new_id(),
        community_id=wish.community_id,
        reference=reference,
        kind=wish.kind,
        resident_id=wish.resident_id,
        household_id=wish.household_id,
        storm_id=opening.storm.id,
        status=RequestStatus.OPEN,
        weight=wish.weight,
        service_s=wish.service_s,
        crew_size=wish.crew_size,
        languages=list(wish.languages),
        scope=list(wish.scope),
        deadline_at=closes_at,
        source_key=source_key_of(wish.id, opening.storm.id),
        created_at=now,
        updated_at=now,
        windows=[RequestWindow(opens_at=now, closes_at=closes_at)],
        needs=[
            RequestNeed(ability_id=opening.abilities[code])
            for code in wish.needs
            if code in opening.abilities
        ],
    )
    session.add(request)
    return request


def _add_details(
    session: Session,
    opening: _Opening,
    wish: StandingRequest,
    request: HelpRequest,
    *,
    access: StandingAccess | None,
) -> None:
    session.add(
        RequestDetails(
            request_id=request.id,
            channel=IntakeChannel.STANDING,
            taken_by_id=wish.taken_by_id,
            caller=wish.caller,
            standing_id=wish.id,
            verdict=wish.verdict,
            verdict_version=wish.verdict_version,
            verdict_reasons=list(wish.verdict_reasons),
            review_reasons=[],
            similar_to_id=None,
            follows_deadline=True,
        )
    )
    session.add(
        RequestAccess(
            request_id=request.id,
            access_notes=None if access is None else access.access_notes,
            contact_choice=ContactChoice.PLATFORM if access is None else access.contact_choice,
        )
    )
    if wish.cadence is Cadence.NEXT_SNOWFALL:
        _end(session, wish, opening.now, actor_id=None, reason="snowfall_came")
    record_event(
        session,
        "request.open",
        subject_type="request",
        subject_id=request.id,
        happened_at=opening.now,
        community_id=wish.community_id,
        reason="standing",
        storm_id=opening.storm.id,
        standing_id=wish.id,
    )


def close_of_window(
    deadline_at: datetime, service_s: int, rules: DeadlineRules, now: datetime
) -> datetime:
    """Until when a request may be served: the deadline, or some hours more when it has passed."""
    if deadline_at - now >= timedelta(seconds=service_s):
        return deadline_at
    return now + timedelta(hours=rules.late_hours, seconds=service_s)


async def move_deadlines(session: Session, storm: Storm, *, now: datetime) -> int:
    """Bring the storm's new deadline into its requests that nobody has taken; say into how many.

    For when the snow goes on longer than was thought. A window that the resident chose stays.
    """
    deadline = storm.deadline_at
    if deadline is None:
        found = await find_deadline(session, storm.community_id, storm.snow_ended_at, now=now)
        deadline = found.at
    after: UUID | None = None
    moved = 0
    for _ in range(MAX_PAGES):
        page = await standing_repository.list_storm_requests(
            session, storm.id, after=after, limit=PAGE_SIZE
        )
        if not page:
            break
        after = page[-1].id
        moved += sum(_move_deadline(request, deadline, now) for request in page)
        await session.flush()
    return moved


def _move_deadline(request: HelpRequest, deadline_at: datetime, now: datetime) -> bool:
    window = request.windows[-1] if len(request.windows) == 1 else None
    if (
        window is None
        or deadline_at == request.deadline_at
        or deadline_at < now + timedelta(seconds=request.service_s)
        or deadline_at <= window.opens_at
    ):
        return False
    window.closes_at = deadline_at
    request.deadline_at = deadline_at
    request.updated_at = now
    return True


async def list_standing_residents(
    session: Session, community_id: UUID, day: date, *, after: UUID | None = None, limit: int = 100
) -> list[UUID]:
    """One page of the residents whose standing wish for help in snow holds on a day, by id."""
    return await standing_repository.list_standing_people(
        session,
        community_id,
        day,
        [RequestKind.SNOW],
        after=after,
        limit=min(limit, PAGE_SIZE),
    )


async def add_break(
    session: Session,
    actor: Actor,
    standing_id: UUID,
    *,
    starts_on: date,
    ends_on: date,
    now: datetime,
) -> StandingBreak:
    """Let a standing wish rest for some days. Records ``standing.paused``.

    A break that begins on the same day as another replaces it: saying it twice is fine.
    """
    wish = await get_standing(session, actor, standing_id)
    if ends_on < starts_on:
        raise InvalidRequest("The break must end on or after the day it begins.")
    known = await standing_repository.list_breaks(session, wish.id)
    row = next((known_row for known_row in known if known_row.starts_on == starts_on), None)
    if row is None:
        if len(known) >= MAX_BREAKS:
            raise InvalidRequest(f"A standing request can rest {MAX_BREAKS} times at most.")
        row = StandingBreak(standing_id=wish.id, starts_on=starts_on, ends_on=ends_on)
        session.add(row)
    elif row.ends_on == ends_on:
        return row
    row.ends_on = ends_on
    record_standing(session, "standing.paused", wish, now, actor_id=actor.person_id)
    await session.flush()
    return row


async def end_standing(
    session: Session, actor: Actor, standing_id: UUID, *, now: datetime, reason: str
) -> StandingRequest:
    """End a standing wish; requests that are open stay. Records ``standing.ended``."""
    wish = await get_standing(session, actor, standing_id)
    if wish.status is not StandingStatus.ENDED:
        _end(session, wish, now, actor_id=actor.person_id, reason=reason)
        await session.flush()
    return wish


async def get_standing(session: Session, actor: Actor, standing_id: UUID) -> StandingRequest:
    """A standing wish, locked, for its resident or staff; unknown and hidden answer alike."""
    wish = await standing_repository.lock_standing(session, standing_id)
    if wish is None or not policy.can_speak_for_resident(
        actor, wish.resident_id, wish.community_id
    ):
        raise StandingUnknown(f"There is no standing request {standing_id}.")
    return wish


def record_standing(
    session: Session,
    kind: str,
    wish: StandingRequest,
    now: datetime,
    *,
    actor_id: UUID | None,
    reason: str | None = None,
) -> None:
    """Write one line into the history of a standing wish."""
    record_event(
        session,
        kind,
        subject_type="standing",
        subject_id=wish.id,
        happened_at=now,
        actor_id=actor_id,
        community_id=wish.community_id,
        reason=reason,
    )


def _end(
    session: Session,
    wish: StandingRequest,
    now: datetime,
    *,
    actor_id: UUID | None,
    reason: str,
) -> None:
    wish.status = StandingStatus.ENDED
    wish.updated_at = now
    record_standing(session, "standing.ended", wish, now, actor_id=actor_id, reason=reason)
