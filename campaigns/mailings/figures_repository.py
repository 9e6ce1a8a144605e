"""The counts of a mailing: how many people it reached, and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, case, exists, func, select

from campaigns.mailings.kinds import Action, RecipientStatus, Variant
from campaigns.mailings.models import Mailing, MailingRecipient
from core.db import Session
from messaging.delivering import UNCONFIRMED
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.auth import Actor
from people.models import Consent

Word = TypeVar("Word", bound=StrEnum)

REACHED = (MessageStatus.SENT, MessageStatus.DELIVERED)


@dataclass(frozen=True)
class Figures:
    """How a mailing stands, in people."""

    places: Mapping[RecipientStatus, int] = field(default_factory=dict)
    messages: Mapping[MessageStatus, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why people did not get it: code words."""
    unconfirmed_count: int = 0
    """Sent as far as anybody can know: their sender died when the words were on their way."""
    opened_count: int = 0
    actions: Mapping[Action, int] = field(default_factory=dict)
    unsubscribed_count: int = 0

    @property
    def sent_count(self) -> int:
        """People whose mail the next server took."""
        return sum(self.messages.get(status, 0) for status in REACHED)

    @property
    def acted_count(self) -> int:
        """People who did something."""
        return sum(self.actions.values())


async def load_figures(
    session: Session, actor: Actor, mailing_ids: list[UUID]
) -> dict[UUID, Figures]:
    """How these mailings stand; who may see them was decided with the mailing."""
    found: dict[UUID, dict[str, dict[object, int]]] = {
        key: {"places": {}, "messages": {}, "reasons": {}, "actions": {}, "once": {}}
        for key in mailing_ids
    }
    rows = await session.execute(
        select(
            MailingRecipient.mailing_id,
            MailingRecipient.status,
            MailingRecipient.reason,
            MailingRecipient.action,
            Message.status,
            func.count(case((Message.reason == UNCONFIRMED, 1))),
            func.count(),
            func.count(MailingRecipient.opened_at),
        )
        .outerjoin(Message, Message.id == MailingRecipient.message_id)
        .where(MailingRecipient.mailing_id.in_(mailing_ids))
        .group_by(
            MailingRecipient.mailing_id,
            MailingRecipient.status,
            MailingRecipient.reason,
            MailingRecipient.action,
            Message.status,
        )
    )
    for key, place, reason, action, message, unsure, count, opened in rows:
        mine = found[key]
        for name, word in (
            ("places", place),
            ("messages", message),
            ("reasons", reason),
            ("actions", action),
        ):
            if word is not None:
                mine[name][word] = mine[name].get(word, 0) + count
        mine["once"]["unconfirmed"] = mine["once"].get("unconfirmed", 0) + unsure
        mine["once"]["opened"] = mine["once"].get("opened", 0) + opened
    left = await _count_unsubscribed(session, mailing_ids)
    return {
        key: Figures(
            places=_typed(mine["places"], RecipientStatus),
            messages=_typed(mine["messages"], MessageStatus),
            reasons={str(word): count for word, count in mine["reasons"].items()},
            unconfirmed_count=mine["once"].get("unconfirmed", 0),
            opened_count=mine["once"].get("opened", 0),
            actions=_typed(mine["actions"], Action),
            unsubscribed_count=left.get(key, 0),
        )
        for key, mine in found.items()
    }


async def count_sample(
    session: Session, mailing_id: UUID, until: datetime
) -> tuple[dict[Variant, int], dict[Variant, int]]:
    """Of the sample, by variant: who had acted by a moment, and whom a mail had left for."""
    acted = and_(MailingRecipient.acted_at.is_not(None), MailingRecipient.acted_at <= until)
    rows = await session.execute(
        select(MailingRecipient.variant, func.count(), func.sum(case((acted, 1), else_=0)))
        .join(Message, Message.id == MailingRecipient.message_id)
        .where(
            MailingRecipient.mailing_id == mailing_id,
            MailingRecipient.in_sample.is_(True),
            MailingRecipient.status == RecipientStatus.QUEUED,
            Message.status.in_(REACHED),
        )
        .group_by(MailingRecipient.variant)
    )
    counts = {variant: (int(did or 0), int(total)) for variant, total, did in rows if variant}
    return (
        {variant: did for variant, (did, _) in counts.items()},
        {variant: total for variant, (_, total) in counts.items()},
    )


async def _count_unsubscribed(session: Session, mailing_ids: list[UUID]) -> dict[UUID, int]:
    """People who ended messages of this purpose after they got the mailing."""
    withdrew = exists().where(
        Consent.person_id == MailingRecipient.person_id,
        Consent.community_id == Mailing.community_id,
        Consent.purpose == Mailing.purpose,
        Consent.granted.is_(False),
        Consent.source.in_(("unsubscribe", "stop")),
        Consent.recorded_at >= Message.sent_at,
    )
    rows = await session.execute(
        select(MailingRecipient.mailing_id, func.count())
        .join(Mailing, Mailing.id == MailingRecipient.mailing_id)
        .join(Message, Message.id == MailingRecipient.message_id)
        .where(
            MailingRecipient.mailing_id.in_(mailing_ids),
            Message.status.in_(REACHED),
            withdrew,
        )
        .group_by(MailingRecipient.mailing_id)
    )
    return {mailing_id: count for mailing_id, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _typed(counts: Mapping[object, int], kind: type[Word]) -> dict[Word, int]:
    return {kind(str(word)): count for word, count in counts.items()}
