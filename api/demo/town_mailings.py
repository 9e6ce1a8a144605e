"""Mailings of a made-up town: one in each state that somebody may want to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.mailings.kinds import MailingStatus, RecipientStatus, Variant
from campaigns.mailings.models import Mailing, MailingRecipient
from campaigns.mailings.texts import Text, digest_texts, write_texts
from core.ids import new_id
from people.kinds import Purpose

DRAFT, SENDING, PAUSED, CHOOSING = range(4)
STATES = (
    MailingStatus.DRAFT,
    MailingStatus.SENDING,
    MailingStatus.PAUSED,
    MailingStatus.CHOOSING,
)
TEXTS = {
    Variant.A: {
        "en": Text(
            "Your cart goes out on Monday",
            "Dear {first_name},\n\nPut your blue cart out.\n\n[See how](/recycling)",
        ),
        "es": Text(
            "Su carro sale el lunes",
            "Hola, {first_name}:\n\nSaque su carro azul.\n\n[Vea cómo](/recycling)",
        ),
    }
}
SAMPLE = 50
RESULT: dict[str, Any] = {
    "acted": {"a": 4, "b": 5},
    "reached": {"a": SAMPLE, "b": SAMPLE},
    "verdict": "no_effect_shown",
    "winner": None,
    "a": {"count": 4, "total": SAMPLE, "estimate": 0.08, "low": 0.032, "high": 0.188},
    "b": {"count": 5, "total": SAMPLE, "estimate": 0.1, "low": 0.043, "high": 0.214},
    "difference": {"estimate": -0.02, "low": -0.142, "high": 0.103},
}


@dataclass
class TownMailings:
    """Adds mailings; the ids of what it added.

    First a draft, one that goes out, one that is paused and one that waits for a choice; then
    `scale` that went to every resident.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    version_id: UUID
    mailing_ids: list[UUID] = field(default_factory=list)

    def add_all(self) -> None:
        """Everything."""
        for status in STATES:
            self._add_mailing(status)
        for _ in range(self.people.scale):
            self._add_mailing(MailingStatus.SENT)

    def _add_mailing(self, status: MailingStatus) -> None:
        number = len(self.mailing_ids)
        begun = status is not MailingStatus.DRAFT
        since = self.now - timedelta(days=2)
        texts = {key: dict(row) for key, row in TEXTS.items()}
        compares = status is MailingStatus.CHOOSING
        if compares:
            texts[Variant.B] = {
                code: Text(f"{text.subject}!", text.body) for code, text in texts[Variant.A].items()
            }
        people = self.people.resident_ids
        row = Mailing(
            id=new_id(),
            version=1,
            community_id=self.people.community.id,
            segment_version_id=self.version_id,
            purpose=Purpose.CAMPAIGNS,
            status=status,
            title=f"Blue carts, {number}",
            texts=write_texts(texts),
            content_digest=digest_texts(f"{Purpose.CAMPAIGNS.value}:{number}", texts),
            rate_per_min=120,
            despite_storm=False,
            accepts_fallback=True,
            sample_size=SAMPLE if compares else None,
            wait_s=3_600 if compares else 0,
            seed=number,
            recipient_count=len(people) if begun else None,
            next_position=len(people) if status is MailingStatus.SENT else 0,
            starts_at=since if begun else None,
            approved_at=since if begun else None,
            began_at=since if begun else None,
            result=RESULT | {"read_at": self.now.isoformat()} if compares else None,
            ended_at=self.now if status is MailingStatus.SENT else None,
            created_by=self.people.manager_id,
            created_at=since,
            updated_at=self.now,
        )
        self.rows.add(row)
        self.mailing_ids.append(row.id)
        for position, person_id in enumerate(people if begun else ()):
            self.rows.add(
                MailingRecipient(
                    id=new_id(),
                    mailing_id=row.id,
                    person_id=person_id,
                    position=position,
                    variant=None if compares else Variant.A,
                    in_sample=False,
                    language="en",
                    status=RecipientStatus.WAITING,
                )
            )
