"""What the pages of volunteers and residents show. Before a yes nothing tells where a home is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching import policy
from matching.errors import AskUnknown, AssignmentUnknown, RequestUnknown, VolunteerUnknown
from matching.intake.help_kinds import HelpKinds
from matching.intake.programme import load_kinds
from matching.kinds import (
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestKind,
    RequestStatus,
    TravelMode,
)
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers import asks_repository, visit_repository
from matching.offers.live import OpenHome, open_now
from matching.offers.models import Ask
from matching.states import HELD_ASSIGNMENTS
from people.auth import Actor

MAX_MENU = 6


@dataclass(frozen=True)
class Job:
    """What is to be done, in the reader's language."""

    kind: RequestKind
    label: str
    scope: tuple[str, ...]
    service_s: int


@dataclass(frozen=True)
class HomeCard:
    """One home before a yes: no name, no street, no number; area, cell and a bucket of minutes."""

    request_id: UUID
    offer_id: UUID | None
    code: str | None
    job: Job
    area: str | None
    bucket: str
    urgent: bool
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime
    cell: int | None = None
    brings: tuple[str, ...] = ()
    """Codes of the tools and skills that it needs."""
    languages: tuple[str, ...] = ()
    """Codes of what is spoken there; empty when everybody is understood."""


@dataclass(frozen=True)
class AgreedCard:
    """A visit that the volunteer has agreed to."""

    assignment_id: UUID
    code: str
    job: Job
    area: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OfferPage:
    """What is open for one volunteer at this moment, and what they have said so far."""

    community_id: UUID
    volunteer_id: UUID
    mode: TravelMode
    plan: tuple[HomeCard, ...]
    others: tuple[HomeCard, ...]
    agreed: tuple[AgreedCard, ...]
    gone: tuple[str, ...]
    """Codes of the plan that others have taken, or that are closed."""
    declined_count: int
    stopped_for_storm: bool
    paused_until: datetime | None
    max_tasks: int
    waits_until: datetime | None = None
    """Until when the plan waits for an answer; a later yes counts while homes are open."""


@dataclass(frozen=True)
class VisitPage:
    """A visit of one volunteer, without the address: that is given out by itself."""

    community_id: UUID
    assignment_id: UUID
    request_id: UUID
    code: str
    job: Job
    status: AssignmentStatus
    request_status: RequestStatus
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime | None
    is_held: bool
    photo_ids: tuple[UUID, ...]
    volunteer_id: UUID
    accepted_at: datetime
    ended_at: datetime | None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Helper:
    """Somebody who has agreed to come, as the resident may know them."""

    assignment_id: UUID
    name: str | None
    starts_at: datetime
    ends_at: datetime
    status: AssignmentStatus


@dataclass(frozen=True)
class RequestPage:
    """A resident's request: how it stands and who comes."""

    community_id: UUID
    request_id: UUID
    reference: str
    job: Job
    status: RequestStatus
    deadline_at: datetime | None
    helpers: tuple[Helper, ...]
    asked_count: int
    waiting_count: int
    declined_count: int
    photo_ids: tuple[UUID, ...]


async def read_offer_page(
    session: Session, actor: Actor, ask_id: UUID, language: str, *, now: datetime
) -> OfferPage:
    """What an offer's page shows: always what is open now, whatever the message said."""
    ask = await asks_repository.find_ask(session, ask_id)
    volunteer = None if ask is None else await session.get(Volunteer, ask.volunteer_id)
    if (
        ask is None
        or volunteer is None
        or not policy.can_answer_offer(actor, volunteer.person_id, volunteer.community_id)
    ):
        raise AskUnknown(f"There is no ask {ask_id}.")
    return await _read_page(session, volunteer, ask, language, now=now)


async def read_home_page(
    session: Session,
    actor: Actor,
    request_id: UUID,
    language: str,
    *,
    volunteer_id: UUID,
    now: datetime,
) -> OfferPage:
    """What is open for a volunteer, with one home of the list as the plan while it is open."""
    volunteer = await session.get(Volunteer, volunteer_id)
    if volunteer is None or not policy.can_answer_offer(
        actor, volunteer.person_id, volunteer.community_id
    ):
        raise VolunteerUnknown(f"There is no volunteer {volunteer_id}.")
    return await _read_page(session, volunteer, None, language, now=now, only=request_id)


async def _read_page(
    session: Session,
    volunteer: Volunteer,
    ask: Ask | None,
    language: str,
    *,
    now: datetime,
    only: UUID | None = None,
) -> OfferPage:
    offers = [] if ask is None else await asks_repository.list_ask_offers(session, ask.id)
    homes = await open_now(session, volunteer.id, now)
    kinds = await load_kinds(session, volunteer.community_id, now)
    requests = await _load_requests(session, homes, offers)
    shown = [] if ask is None else await asks_repository.list_shown(session, ask.id)
    planned = {row.request_id for row in shown if row.in_plan}
    planned |= set() if only is None else {only}
    starts = {offer.request_id: offer.starts_at for offer in offers}
    cards = [
        (home, _card(home, requests[home.request_id], kinds, language, starts.get(home.request_id)))
        for home in homes
    ]
    works = await visit_repository.list_work(session, [volunteer.id], HELD_ASSIGNMENTS)
    storm = None
    if ask is not None and ask.storm_id is not None:
        storm = await asks_repository.find_storm_volunteer(session, ask.storm_id, volunteer.id)
    open_ids = {home.request_id for home in homes}
    until = None if ask is None or ask.status is not AskStatus.SENT else ask.silent_after_at
    return OfferPage(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        mode=volunteer.mode,
        plan=tuple(card for home, card in cards if home.request_id in planned),
        others=tuple(card for home, card in cards if home.request_id not in planned)[:MAX_MENU],
        agreed=tuple([await _agreed(session, work, kinds, language) for work in works]),
        gone=tuple(
            offer.code
            for offer in offers
            if offer.request_id in planned
            and offer.request_id not in open_ids
            and offer.status
            not in (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.PROPOSED)
        ),
        declined_count=sum(offer.status is OfferStatus.DECLINED for offer in offers),
        stopped_for_storm=storm is not None and storm.not_today_at is not None,
        paused_until=volunteer.paused_until
        if volunteer.paused_until is not None and volunteer.paused_until > now
        else None,
        max_tasks=volunteer.max_tasks,
        waits_until=until if until is not None and until > now else None,
    )


async def read_visit_page(
    session: Session, actor: Actor, assignment_id: UUID, language: str, *, now: datetime
) -> VisitPage:
    """A visit as its volunteer sees it."""
    work = await visit_repository.find_work(session, assignment_id)
    volunteer = (
        None if work is None else await visit_repository.find_volunteer(session, work.volunteer_id)
    )
    if (
        work is None
        or volunteer is None
        or not policy.can_release_work(actor, volunteer.person_id, volunteer.community_id)
    ):
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    kinds = await load_kinds(session, work.community_id, now)
    return VisitPage(
        community_id=work.community_id,
        assignment_id=work.id,
        request_id=work.request_id,
        code=work.offer.code,
        job=_job(work.request, kinds, language),
        status=work.status,
        request_status=work.request.status,
        starts_at=work.starts_at,
        ends_at=work.ends_at,
        deadline_at=work.request.deadline_at,
        is_held=work.status in HELD_ASSIGNMENTS,
        photo_ids=tuple(await visit_repository.list_photos(session, [work.id])),
        volunteer_id=work.volunteer_id,
        accepted_at=work.accepted_at,
        ended_at=work.ended_at,
        languages=tuple(work.request.languages or ()),
    )


async def list_day_stops(
    session: Session, page: VisitPage, zone: ZoneInfo
) -> list[tuple[UUID, str | None]]:
    """The held visits of the same day as a visit, in order: work, and neighbourhood."""
    works = await visit_repository.list_work(session, [page.volunteer_id], HELD_ASSIGNMENTS)
    day = page.starts_at.astimezone(zone).date()
    same = [work for work in works if work.starts_at.astimezone(zone).date() == day]
    areas = await visit_repository.load_areas(session, [work.request_id for work in same])
    return [(work.id, areas.get(work.request_id)) for work in same]


async def read_request_page(
    session: Session, actor: Actor, request_id: UUID, language: str, *, now: datetime
) -> RequestPage:
    """A request as its resident sees it."""
    request = await session.get(HelpRequest, request_id)
    if request is None or not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise RequestUnknown(f"There is no request {request_id}.")
    works = await visit_repository.list_work_on(session, request_id)
    asked = await visit_repository.count_asked(session, request_id)
    kinds = await load_kinds(session, request.community_id, now)
    return RequestPage(
        community_id=request.community_id,
        request_id=request.id,
        reference=request.reference,
        job=_job(request, kinds, language),
        status=request.status,
        deadline_at=request.deadline_at,
        helpers=tuple([await _helper(session, work) for work in works]),
        asked_count=sum(asked.values()),
        waiting_count=asked.get(OfferStatus.SENT, 0) + asked.get(OfferStatus.EXPIRED, 0),
        declined_count=asked.get(OfferStatus.DECLINED, 0),
        photo_ids=tuple(await visit_repository.list_photos(session, [row.id for row in works])),
    )


async def _load_requests(
    session: Session, homes: Sequence[OpenHome], offers: Sequence[Offer]
) -> dict[UUID, HelpRequest]:
    wanted = {home.request_id for home in homes} | {offer.request_id for offer in offers}
    return {row.id: row for row in await visit_repository.load_requests(session, wanted)}


async def _agreed(
    session: Session, work: Assignment, kinds: HelpKinds, language: str
) -> AgreedCard:
    request = await visit_repository.find_request_with_windows(session, work.request_id)
    if request is None:
        raise RequestUnknown(f"There is no request {work.request_id}.")
    return AgreedCard(
        assignment_id=work.id,
        code=work.offer.code,
        job=_job(request, kinds, language),
        area=request.household.area,
        starts_at=work.starts_at,
        ends_at=work.ends_at,
    )


async def _helper(session: Session, work: Assignment) -> Helper:
    volunteer = await visit_repository.find_volunteer(session, work.volunteer_id)
    name = (
        None
        if volunteer is None
        else await visit_repository.find_call_name(session, volunteer.person_id)
    )
    return Helper(work.id, name, work.starts_at, work.ends_at, work.status)


def _card(
    home: OpenHome,
    request: HelpRequest,
    kinds: HelpKinds,
    language: str,
    planned_at: datetime | None,
) -> HomeCard:
    # What the message said holds until its time has gone by.
    starts_at = max(home.starts_at, planned_at or home.starts_at)
    return HomeCard(
        request_id=home.request_id,
        offer_id=home.offer_id,
        code=home.code,
        job=_job(request, kinds, language),
        area=home.area,
        bucket=home.travel.value,
        urgent=home.urgent,
        starts_at=starts_at,
        ends_at=starts_at + (home.ends_at - home.starts_at),
        deadline_at=home.deadline_at,
        cell=home.cell,
        brings=tuple(sorted(need.ability.code for need in request.needs)),
        languages=tuple(request.languages or ()),
    )


def _job(request: HelpRequest, kinds: HelpKinds, language: str) -> Job:
    kind = kinds.get(request.kind)
    return Job(
        kind=request.kind,
        label=kind.label(language),
        scope=tuple(kind.scope_label(code, language) for code in request.scope or ()),
        service_s=request.service_s,
    )
