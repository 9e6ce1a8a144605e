"""The queries of the storm demonstration: who takes part, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update

from core.db import Session
from matching.kinds import RequestStatus
from matching.models import Assignment, HelpRequest, Storm, Volunteer
from matching.offers.models import Ask
from matching.rounds.models import Round, UnservedReason
from matching.rounds.reason_words import WINDOW_OVER
from messaging.kinds import REACHED
from messaging.models import Message
from people.kinds import Channel
from people.models import ContactPoint, Person, Preferences

MAX_ROWS = 100_000


async def list_volunteers(session: Session, community_id: UUID) -> list[tuple[Volunteer, str]]:
    """Every volunteer with the address that mails go to, in order of sign-up."""
    query = (
        select(Volunteer, ContactPoint.value)
        .join(ContactPoint, ContactPoint.person_id == Volunteer.person_id)
        .where(Volunteer.community_id == community_id, ContactPoint.channel == Channel.EMAIL)
        .order_by(Volunteer.source_key, Volunteer.id)
        .limit(MAX_ROWS)
    )
    return [(volunteer, value) for volunteer, value in await session.execute(query)]


async def list_all_requests(session: Session, community_id: UUID) -> list[HelpRequest]:
    """Every request, in the order of the file."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.community_id == community_id)
        .order_by(HelpRequest.source_key, HelpRequest.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


@dataclass(frozen=True)
class StormRows:
    """What is left of a storm in the database."""

    requests: list[HelpRequest]
    asks: list[Ask]
    works: list[Assignment]
    messages: list[Message]
    unserved: dict[UUID, str]
    """Why the last round left a request without help."""
    round_count: int


async def load_storm_rows(session: Session, community_id: UUID) -> StormRows:
    """Read everything that the timeline tells."""
    asks = select(Ask).where(Ask.community_id == community_id).limit(MAX_ROWS)
    works = select(Assignment).where(Assignment.community_id == community_id).limit(MAX_ROWS)
    messages = (
        select(Message)
        .where(Message.community_id == community_id, Message.status.in_(REACHED))
        .limit(MAX_ROWS)
    )
    last = (
        select(UnservedReason)
        .join(Round, Round.id == UnservedReason.round_id)
        # That the day is over at last is no reason why nobody came before.
        .where(Round.community_id == community_id, UnservedReason.code != WINDOW_OVER)
        .order_by(Round.started_at, Round.id)
        .limit(MAX_ROWS)
    )
    rounds = select(func.count()).select_from(Round).where(Round.community_id == community_id)
    return StormRows(
        requests=await list_all_requests(session, community_id),
        asks=list(await session.scalars(asks)),
        works=list(await session.scalars(works)),
        messages=list(await session.scalars(messages)),
        unserved={row.request_id: row.code for row in await session.scalars(last)},
        round_count=int(await session.scalar(rounds) or 0),
    )


def was_served(status: RequestStatus) -> bool:
    """Whether the help came."""
    return status in (RequestStatus.DONE, RequestStatus.CONFIRMED)


async def find_storm_id(session: Session, community_id: UUID) -> UUID:
    """The storm of the demonstration."""
    query = select(Storm.id).where(Storm.community_id == community_id)
    return (await session.scalars(query.order_by(Storm.created_at.desc()).limit(1))).one()


async def end_quiet_hours(session: Session) -> None:
    """Let made-up people be written to at any hour, so that a demonstration shows something."""
    synthetic = select(Person.id).where(Person.is_synthetic.is_(True))
    await session.execute(
        update(Preferences)
        .where(Preferences.person_id.in_(synthetic))
        .values(quiet_from_min=0, quiet_until_min=0)
        .execution_options(synchronize_session=False)
    )
