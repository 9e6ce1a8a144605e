"""The queries on texts that came in, and on whose number it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select, update

from core.db import Session
from messaging.inbound_models import InboundText
from people.kinds import Channel
from people.models import ContactPoint, Person

MAX_SHARING = 10
EMPTY_PAGE = 500
NO_SENDER = ""


async def find_text(session: Session, provider_id: str) -> InboundText | None:
    """A text that came in before, by the carrier's id."""
    found: InboundText | None = await session.scalar(
        select(InboundText)
        .where(InboundText.provider_id == provider_id)
        .execution_options(populate_existing=True)
    )
    return found


async def count_lately(session: Session, sender_digest: str, since: datetime) -> int:
    """How many texts came from a number since a moment."""
    count = await session.scalar(
        select(func.count())
        .select_from(InboundText)
        .where(InboundText.sender_digest == sender_digest, InboundText.received_at >= since)
    )
    return int(count or 0)


async def empty_old_texts(session: Session, before: datetime) -> None:
    """Forget the replies and senders of texts that came before a moment: one page of them."""
    old = (
        select(InboundText.id)
        .where(
            InboundText.received_at < before,
            or_(InboundText.reply.is_not(None), InboundText.sender_digest != NO_SENDER),
        )
        .limit(EMPTY_PAGE)
    )
    await session.execute(
        update(InboundText)
        .where(InboundText.id.in_(old))
        .values(reply=None, sender_digest=NO_SENDER)
        .execution_options(synchronize_session=False)
    )


async def find_people_with_number(session: Session, number: str) -> list[Person]:
    """Those who are reached at this number, by id: a household may share one."""
    query = (
        select(Person)
        .join(ContactPoint, ContactPoint.person_id == Person.id)
        .where(
            ContactPoint.channel.in_((Channel.SMS, Channel.PHONE)),
            ContactPoint.value == number,
            Person.erased_at.is_(None),
        )
        .order_by(Person.id)
        .limit(MAX_SHARING)
    )
    return list((await session.scalars(query)).unique())


async def mark_number_verified(session: Session, number: str, now: datetime) -> None:
    """Whoever writes from a number has shown that it is theirs."""
    await session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.channel == Channel.SMS,
            ContactPoint.value == number,
            ContactPoint.verified_at.is_(None),
        )
        .values(verified_at=now)
        .execution_options(synchronize_session=False)
    )
