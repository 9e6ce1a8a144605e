"""The queries on asks, what they showed, and what volunteers are in a storm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from core.db import Session
from matching.kinds import (
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestKind,
    StormStatus,
)
from matching.models import Assignment, Ban, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import AnswerModelFit, Ask, AskedHome, StormVolunteer, VolunteerReach
from matching.rounds.models import Round
from matching.states import HELD_ASSIGNMENTS, LIVE_ASKS, TAKEABLE_OFFERS
from messaging.kinds import UNDELIVERED, MessageStatus, Suppressed
from messaging.models import Message
from people.models import Community, Person

MAX_ROWS = 200_000
KEYS_PER_QUERY = 500
RUNNING_STORMS = (StormStatus.ACTIVE, StormStatus.HOLD)


async def find_community(session: Session, community_id: UUID) -> Community | None:
    """A community by its id, or None."""
    return await session.get(Community, community_id)


async def find_running_storm(session: Session, community_id: UUID) -> Storm | None:
    """The storm that is active or on hold, the newest if there are several."""
    found: Storm | None = await session.scalar(
        select(Storm)
        .where(Storm.community_id == community_id, Storm.status.in_(RUNNING_STORMS))
        .order_by(Storm.created_at.desc(), Storm.id.desc())
        .limit(1)
    )
    return found


async def find_volunteer_with_hours(session: Session, volunteer_id: UUID) -> Volunteer | None:
    """A volunteer with home, cell and all hours."""
    found: Volunteer | None = await session.scalar(
        select(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .options(
            joinedload(Volunteer.home),
            selectinload(Volunteer.windows),
            selectinload(Volunteer.weekly_hours),
        )
        .execution_options(populate_existing=True)
    )
    return found


async def find_reach(session: Session, volunteer_id: UUID) -> VolunteerReach | None:
    """What the last wave measured for a volunteer, or None."""
    return await session.get(VolunteerReach, volunteer_id)


async def load_reach(
    session: Session, volunteer_ids: Collection[UUID]
) -> dict[UUID, VolunteerReach]:
    """What the last wave measured for these volunteers."""
    found: dict[UUID, VolunteerReach] = {}
    keys = sorted(volunteer_ids)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        query = select(VolunteerReach).where(
            VolunteerReach.volunteer_id.in_(keys[start : start + KEYS_PER_QUERY])
        )
        found.update({row.volunteer_id: row for row in await session.scalars(query)})
    return found


async def list_offers_of(
    session: Session, volunteer_id: UUID, statuses: Sequence[OfferStatus]
) -> list[Offer]:
    """A volunteer's offers in these states, in the order of the plan."""
    query = (
        select(Offer)
        .where(Offer.volunteer_id == volunteer_id, Offer.status.in_(statuses))
        .order_by(Offer.proposed_at.desc(), Offer.position, Offer.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def load_struck(session: Session, volunteer_id: UUID) -> set[UUID]:
    """Requests that a volunteer has declined or given back."""
    declined = select(Offer.request_id).where(
        Offer.volunteer_id == volunteer_id, Offer.status == OfferStatus.DECLINED
    )
    released = select(Assignment.request_id).where(
        Assignment.volunteer_id == volunteer_id, Assignment.status == AssignmentStatus.RELEASED
    )
    return set(await session.scalars(declined)) | set(await session.scalars(released))


async def load_banned_residents(session: Session, volunteer_id: UUID) -> set[UUID]:
    """Residents whom a volunteer must not meet."""
    return set(
        await session.scalars(select(Ban.resident_id).where(Ban.volunteer_id == volunteer_id))
    )


async def list_held_work_of(session: Session, volunteer_id: UUID) -> list[Assignment]:
    """A volunteer's accepted work that is not over, by its start."""
    query = (
        select(Assignment)
        .where(Assignment.volunteer_id == volunteer_id, Assignment.status.in_(HELD_ASSIGNMENTS))
        .order_by(Assignment.starts_at)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def find_round_of_job(session: Session, community_id: UUID, job_key: str) -> Round | None:
    """The newest round that a job began, or None."""
    found: Round | None = await session.scalar(
        select(Round)
        .where(Round.community_id == community_id, Round.job_key == job_key)
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(1)
    )
    return found


async def lock_volunteers(session: Session, keys: Collection[UUID]) -> None:
    """Hold these volunteers until the transaction ends, in the order of their ids."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        await session.execute(
            select(Volunteer.id)
            .where(Volunteer.id.in_(ordered[start : start + KEYS_PER_QUERY]))
            .order_by(Volunteer.id)
            .with_for_update(key_share=True)
        )


async def find_ask(session: Session, ask_id: UUID) -> Ask | None:
    """An ask by its id, or None."""
    return await session.get(Ask, ask_id)


async def find_live_ask(session: Session, volunteer_id: UUID) -> Ask | None:
    """The ask of a volunteer that waits to be sent or answered, or None."""
    found: Ask | None = await session.scalar(
        select(Ask).where(Ask.volunteer_id == volunteer_id, Ask.status.in_(LIVE_ASKS))
    )
    return found


async def find_last_ask(session: Session, volunteer_id: UUID) -> Ask | None:
    """The newest ask that was sent to a volunteer, or None."""
    found: Ask | None = await session.scalar(
        select(Ask)
        .where(Ask.volunteer_id == volunteer_id, Ask.sent_at.is_not(None))
        .order_by(Ask.sent_at.desc(), Ask.id.desc())
        .limit(1)
    )
    return found


async def list_asks(
    session: Session,
    community_id: UUID,
    statuses: Sequence[AskStatus],
    *,
    round_id: UUID | None = None,
    silent_before: datetime | None = None,
    limit: int = MAX_ROWS,
) -> list[Ask]:
    """Asks of a community in these states, the oldest first."""
    query = (
        select(Ask)
        .where(Ask.community_id == community_id, Ask.status.in_(statuses))
        .order_by(Ask.id)
        .limit(limit)
    )
    if round_id is not None:
        query = query.where(Ask.round_id == round_id)
    if silent_before is not None:
        query = query.where(Ask.silent_after_at <= silent_before)
    return list(await session.scalars(query))


async def list_old_sent_offers(
    session: Session, community_id: UUID, *, now: datetime
) -> list[Offer]:
    """Offers, by request, that still count although the life of their ask is over."""
    query = (
        select(Offer)
        .join(Ask, Ask.id == Offer.ask_id)
        .where(
            Offer.community_id == community_id,
            Offer.status == OfferStatus.SENT,
            Ask.silent_after_at <= now,
        )
        .order_by(Offer.request_id, Offer.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_round_asks(session: Session, round_id: UUID) -> list[Ask]:
    """Asks of a round that wait to be sent, in order."""
    query = (
        select(Ask)
        .where(Ask.round_id == round_id, Ask.status == AskStatus.PROPOSED)
        .order_by(Ask.volunteer_id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def lock_volunteer_with_person(session: Session, volunteer_id: UUID) -> Volunteer:
    """A volunteer and their preferences, held until the transaction ends."""
    query = (
        select(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .options(selectinload(Volunteer.person).selectinload(Person.preferences))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one()


async def find_request_with_windows(session: Session, request_id: UUID) -> HelpRequest | None:
    """A request as it is now, with its windows; or None."""
    found: HelpRequest | None = await session.scalar(
        select(HelpRequest)
        .where(HelpRequest.id == request_id)
        .options(selectinload(HelpRequest.windows), joinedload(HelpRequest.household))
        .execution_options(populate_existing=True)
    )
    return found


async def count_setbacks(session: Session, request_id: UUID) -> int:
    """How often somebody said no to a request or gave it back."""
    declined = select(func.count()).where(
        Offer.request_id == request_id, Offer.status == OfferStatus.DECLINED
    )
    released = select(func.count()).where(
        Assignment.request_id == request_id, Assignment.status == AssignmentStatus.RELEASED
    )
    return int(await session.scalar(declined) or 0) + int(await session.scalar(released) or 0)


async def load_kinds(session: Session, request_ids: Collection[UUID]) -> set[RequestKind]:
    """What kinds of help these requests ask for."""
    query = select(HelpRequest.kind).where(HelpRequest.id.in_(request_ids)).distinct()
    return set(await session.scalars(query))


async def count_own_work(session: Session, volunteer_id: UUID, since: datetime) -> int:
    """Homes that a volunteer has accepted since a moment and not given back."""
    query = select(func.count()).where(
        Assignment.volunteer_id == volunteer_id,
        Assignment.status != AssignmentStatus.RELEASED,
        Assignment.accepted_at >= since,
    )
    return int(await session.scalar(query) or 0)


async def list_ask_offers(
    session: Session, ask_id: UUID, statuses: Sequence[OfferStatus] = tuple(OfferStatus)
) -> list[Offer]:
    """The offers of an ask in the order of the plan."""
    query = (
        select(Offer)
        .where(Offer.ask_id == ask_id, Offer.status.in_(statuses))
        .order_by(Offer.position, Offer.id)
    )
    return list(await session.scalars(query))


async def list_offers_of_asks(
    session: Session, ask_ids: Sequence[UUID], statuses: Sequence[OfferStatus]
) -> list[Offer]:
    """The offers of these asks in these states."""
    query = select(Offer).where(Offer.ask_id.in_(ask_ids), Offer.status.in_(statuses))
    return list(await session.scalars(query.order_by(Offer.id)))


async def list_unsent_asks(session: Session, community_id: UUID) -> list[tuple[Ask, str | None]]:
    """Asks that count as sent although their message never came or will; a page, with the reason.

    What was joined to another message came with that one.
    """
    held_back = and_(
        Message.status == MessageStatus.SUPPRESSED,
        or_(Message.reason.is_(None), Message.reason != Suppressed.IN_DIGEST.value),
    )
    query = (
        select(Ask, Message.reason)
        .join(Message, Message.subject_id == Ask.id)
        .where(
            Ask.community_id == community_id,
            Ask.status == AskStatus.SENT,
            Message.subject_type == "ask",
            or_(held_back, Message.status.in_(UNDELIVERED)),
        )
        .order_by(Ask.id)
        .limit(KEYS_PER_QUERY)
    )
    return [(ask, reason) for ask, reason in await session.execute(query)]


async def list_shown(session: Session, ask_id: UUID) -> list[AskedHome]:
    """What an ask put before the volunteer, in order."""
    query = (
        select(AskedHome)
        .where(AskedHome.ask_id == ask_id)
        .order_by(AskedHome.position, AskedHome.request_id)
    )
    return list(await session.scalars(query))


async def find_ask_by_key(session: Session, key: str) -> Ask | None:
    """The ask with this key, or None."""
    found: Ask | None = await session.scalar(select(Ask).where(Ask.key == key))
    return found


async def find_offer_of_home(
    session: Session, volunteer_id: UUID, request_id: UUID
) -> Offer | None:
    """The offer of a home to a volunteer that a yes would take, or None."""
    found: Offer | None = await session.scalar(
        select(Offer)
        .where(
            Offer.volunteer_id == volunteer_id,
            Offer.request_id == request_id,
            Offer.status.in_(TAKEABLE_OFFERS),
        )
        .order_by(Offer.id.desc())
        .limit(1)
    )
    return found


async def find_storm_volunteer(
    session: Session, storm_id: UUID, volunteer_id: UUID
) -> StormVolunteer | None:
    """What is known of a volunteer in a storm, or None."""
    return await session.get(StormVolunteer, (storm_id, volunteer_id))


async def find_answer_model(
    session: Session, community_id: UUID, now: datetime
) -> AnswerModelFit | None:
    """The newest fitted answer model that has begun, or None."""
    found: AnswerModelFit | None = await session.scalar(
        select(AnswerModelFit)
        .where(AnswerModelFit.community_id == community_id, AnswerModelFit.valid_from <= now)
        .order_by(AnswerModelFit.valid_from.desc())
        .limit(1)
    )
    return found


async def set_willingness(session: Session, volunteer_id: UUID, q: float, now: datetime) -> None:
    """Store how willing a volunteer is by now."""
    await session.execute(
        update(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .values(accept_prior=q, version=Volunteer.version + 1, updated_at=now)
        .execution_options(synchronize_session="fetch")
    )
