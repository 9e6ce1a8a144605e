"""Taking a call for help: who, what, when, the checks, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.ids import new_id
from matching.intake import repository, standing_repository
from matching.intake.case import Case, need_rows, open_case
from matching.intake.commands import Outcome, Taken, TakeRequest, Windows
from matching.intake.duplicates import Likeness, Sketch, find_closest
from matching.intake.errors import InvalidRequest
from matching.intake.kinds import Cadence, IntakeChannel, StandingStatus
from matching.intake.models import (
    RequestAccess,
    RequestCaller,
    RequestDetails,
)
from matching.intake.programme import reckon_deadline
from matching.intake.references import draw_reference
from matching.intake.residents import (
    sketch_of,
)
from matching.intake.standing import close_of_window
from matching.intake.wishing import take_standing
from matching.kinds import RequestStatus, StormStatus
from matching.models import HelpRequest, RequestWindow, Storm
from matching.notifications import notify_request_in_review, notify_request_received
from matching.offers.new_homes import ask_about_homes
from matching.storms.repository import find_current_storm
from matching.transitions import Cause, move_request
from messaging.confirming import ask_to_confirm
from people.auth import Actor
from people.errors import CommunityUnknown

STORM_ON = (StormStatus.ACTIVE, StormStatus.HOLD)


async def take_request(
    session: Session, actor: Actor, command: TakeRequest, *, now: datetime
) -> Taken:
    """Take a call for help from the resident, or from somebody for them.

    Residents ask for themselves, staff for anybody, others for somebody new: then a person checks
    first. A call that repeats a live request joins it. Records ``request.submitted`` and then
    ``request.open`` or ``request.needs_review``; ``request.joined``; or ``standing.taken``.

    Raises
    ------
    InvalidRequest, ConsentMissing, RequestNotYours
        Saying what is missing.
    """
    community = await repository.lock_community(session, command.community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {command.community_id}.")
    source_key = _source_key_of(actor, command)
    first = await _find_first_delivery(session, community.id, source_key)
    if first is not None:
        return first
    case = await open_case(session, actor, community, command, now)
    taken = await _take(session, case, source_key)
    if command.channel is IntakeChannel.WEB:
        # Nobody vouches for what is typed into a form.
        await ask_to_confirm(session, community.id, taken.resident_id, now=now)
    return taken


async def _take(session: Session, case: Case, source_key: str | None) -> Taken:
    storm = await find_current_storm(session, case.community.id)
    if _is_standing(case, storm):
        return await take_standing(session, case, source_key)
    windows = _choose_windows(case, storm)
    sketch = sketch_of(case.resident, case.command, windows)
    alike = await repository.list_alike(session, case.community.id, sketch)
    closest = find_closest(sketch, alike)
    if closest is not None:
        joined = await _join(session, case, windows, closest)
        if joined is not None:
            return joined
    placing = _Placing(storm, windows, source_key, closest)
    return await _store_request(session, case, placing)


def _source_key_of(actor: Actor, command: TakeRequest) -> str | None:
    """The key of a delivery, which is the sender's own: nobody can name somebody else's."""
    return None if command.key is None else f"intake:{actor.person_id or ''}:{command.key}"


async def _find_first_delivery(
    session: Session, community_id: UUID, source_key: str | None
) -> Taken | None:
    """What became of the same delivery the first time."""
    if source_key is None:
        return None
    first = await repository.find_by_source_key(session, community_id, source_key)
    if first is not None:
        details = await repository.find_details(session, first.id)
        waiting = first.status is RequestStatus.NEEDS_REVIEW
        return Taken(
            outcome=Outcome.IN_REVIEW if waiting else Outcome.OPEN,
            resident_id=first.resident_id,
            request=first,
            reasons=() if details is None else tuple(details.review_reasons),
        )
    wish = await standing_repository.find_standing_by_source_key(session, community_id, source_key)
    if wish is None:
        return None
    waiting = wish.status is StandingStatus.NEEDS_REVIEW
    return Taken(
        outcome=Outcome.IN_REVIEW if waiting else Outcome.WAITING,
        resident_id=wish.resident_id,
        standing=wish,
        reasons=tuple(wish.review_reasons),
    )


def _is_standing(case: Case, storm: Storm | None) -> bool:
    """Whether it is kept for a snowfall to come, instead of being opened now."""
    if case.command.cadence is not Cadence.ONCE:
        if not case.kind.needs_storm:
            raise InvalidRequest(
                f"{case.kind.label('en')} does not come with a snowfall; ask for it once."
            )
        return True
    storm_on = storm is not None and storm.status in STORM_ON
    return case.kind.needs_storm and not case.command.windows and not storm_on


def _choose_windows(case: Case, storm: Storm | None) -> Windows:
    now, needed = case.now, timedelta(seconds=case.service_s)
    if case.command.windows:
        windows = tuple(
            (max(start, now), end) for start, end in sorted(case.command.windows) if end > now
        )
        if not any(end - start >= needed for start, end in windows):
            raise InvalidRequest(
                f"No window of time leaves room for {case.service_s // 60} minutes of work from "
                "now on; give a later or longer one."
            )
        return windows
    if storm is None or not case.kind.needs_storm:
        raise InvalidRequest("Say when help is wanted: give a window of time.")
    home = case.resident.home
    place = (home.lon_deg, home.lat_deg)
    deadline = reckon_deadline(case.deadlines, storm.snow_ended_at, now=now, place=place)
    deadline_at = storm.deadline_at or deadline.at
    return ((now, close_of_window(deadline_at, case.service_s, case.deadlines, now)),)


async def _join(
    session: Session, case: Case, windows: Windows, closest: tuple[Likeness, Sketch]
) -> Taken | None:
    """The request that is there already, when the call says nothing that it does not."""
    likeness, old = closest
    command = case.command
    if (
        likeness is not Likeness.SAME_HOME
        or old.request_id is None
        or old.resident_id != case.resident.person.id
        or case.resident.doubts
    ):
        return None
    request = await repository.load_request(session, old.request_id)
    if request is None:
        return None
    access = await repository.find_access(session, request.id)
    notes = None if access is None else access.access_notes
    covered = not command.windows or all(
        any(begin <= start and end <= until for begin, until in old.windows)
        for start, end in windows
    )
    if not (
        covered
        and (command.scope is None or set(case.scope) <= set(request.scope))
        and (command.access_notes is None or command.access_notes == notes)
    ):
        return None
    record_event(
        session,
        "request.joined",
        subject_type="request",
        subject_id=request.id,
        happened_at=case.now,
        actor_id=case.actor.person_id,
        community_id=case.community.id,
        channel=command.channel.value,
    )
    return Taken(Outcome.JOINED, request.resident_id, request=request)


@dataclass(frozen=True)
class _Placing:
    """When a new request is to be served, and what it is like."""

    storm: Storm | None
    windows: Windows
    source_key: str | None
    closest: tuple[Likeness, Sketch] | None


async def _store_request(session: Session, case: Case, placing: _Placing) -> Taken:
    command, now, closest = case.command, case.now, placing.closest
    reasons = (*case.doubts, *(() if closest is None else (closest[0].value,)))
    request = await _make_request(session, case, placing)
    session.add(request)
    await session.flush()
    similar_to_id = None if closest is None else closest[1].request_id
    _store_beside(session, case, request.id, reasons, similar_to_id)
    record_event(
        session,
        "request.submitted",
        subject_type="request",
        subject_id=request.id,
        happened_at=now,
        actor_id=case.actor.person_id,
        community_id=case.community.id,
        channel=command.channel.value,
    )
    await session.flush()
    cause = Cause(now=now, actor_id=case.actor.person_id, reason=reasons[0] if reasons else None)
    if reasons:
        await move_request(session, request.id, RequestStatus.NEEDS_REVIEW, cause)
        if command.channel is not IntakeChannel.SMS:
            await notify_request_in_review(session, request, now=now)
        return Taken(Outcome.IN_REVIEW, request.resident_id, request=request, reasons=reasons)
    await move_request(session, request.id, RequestStatus.OPEN, cause)
    await ask_about_homes(session, request.community_id, [request], now=now)
    # Whoever asks by text has the answer in the same dialogue.
    if command.channel is not IntakeChannel.SMS:
        await notify_request_received(session, request, now=now)
    return Taken(Outcome.OPEN, request.resident_id, request=request)


async def _make_request(session: Session, case: Case, placing: _Placing) -> HelpRequest:
    command, storm, windows = case.command, placing.storm, placing.windows
    in_storm = storm is not None and case.kind.needs_storm and storm.status in STORM_ON
    return HelpRequest(
        id=new_id(),
        community_id=case.community.id,
        reference=await draw_reference(session, case.community.id),
        kind=command.kind,
        resident_id=case.resident.person.id,
        household_id=case.resident.home.household.id,
        storm_id=storm.id if storm is not None and in_storm else None,
        status=RequestStatus.SUBMITTED,
        weight=case.weight,
        service_s=case.service_s,
        crew_size=command.crew_size,
        languages=list(command.languages),
        scope=list(case.scope),
        deadline_at=max(end for _, end in windows),
        source_key=placing.source_key,
        created_at=case.now,
        updated_at=case.now,
        windows=[RequestWindow(opens_at=start, closes_at=end) for start, end in windows],
        needs=await need_rows(session, case),
    )


def _store_beside(
    session: Session,
    case: Case,
    request_id: UUID,
    reasons: tuple[str, ...],
    similar_to_id: UUID | None,
) -> None:
    command = case.command
    session.add(
        RequestDetails(
            request_id=request_id,
            channel=command.channel,
            taken_by_id=case.actor.person_id,
            caller=command.caller,
            standing_id=None,
            verdict=case.decision.verdict,
            verdict_version=case.decision.version,
            verdict_reasons=list(case.decision.reasons),
            review_reasons=list(reasons),
            similar_to_id=similar_to_id,
            follows_deadline=not command.windows and case.kind.needs_storm,
        )
    )
    session.add(
        RequestAccess(
            request_id=request_id,
            access_notes=command.access_notes,
            contact_choice=command.contact_choice,
        )
    )
    if command.caller_name:
        session.add(RequestCaller(request_id=request_id, caller_name=command.caller_name))
