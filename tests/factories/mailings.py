"""Plain functions that put audiences and mailings into a database, many people at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert

from campaigns.audiences.models import Segment, SegmentVersion
from campaigns.mailings.composing import WriteMailing
from campaigns.mailings.kinds import Variant
from campaigns.mailings.texts import Text
from core.db import Session
from core.ids import new_id
from people.kinds import Channel, Purpose, Role
from people.models import Community, Consent, ContactPoint, Membership, Person, Preferences
from tests.factories.people import LONG_AGO

ENGLISH = Text(
    "Blue carts go out on Monday, {first_name}",
    "Dear {first_name},\n\nPut your blue cart out on Monday.\n\n- Paper\n- Cans\n\n"
    "[See what goes in](https://city.example/recycling)",
)
SPANISH = Text(
    "El lunes salen los carros azules, {first_name}",
    "Hola, {first_name}:\n\nSaque su carro azul el lunes.\n\n- Papel\n- Latas\n\n"
    "[Vea qué se recicla](https://city.example/reciclaje)",
)
OTHER = Text("Monday is blue cart day", "Your blue cart goes out.\n\n[See how](/recycling)")
CHUNK = 500


async def add_segment(
    session: Session, community: Community, definition: dict[str, Any] | None = None
) -> SegmentVersion:
    """A segment of everybody, or of whom a definition describes."""
    segment = Segment(
        community_id=community.id, name=f"Segment {new_id().hex[-8:]}", note="", created_at=LONG_AGO
    )
    session.add(segment)
    await session.flush()
    version = SegmentVersion(
        segment_id=segment.id, number=1, definition=definition or {}, created_at=LONG_AGO
    )
    session.add(version)
    await session.flush()
    return version


async def add_people(
    session: Session,
    community: Community,
    count: int,
    *,
    purpose: Purpose = Purpose.CAMPAIGNS,
    language: str = "en",
    mail_of: str = "reader",
) -> list[UUID]:
    """So many residents with a verified address and consent, in a few statements."""
    ids = [new_id() for _ in range(count)]
    base = {"community_id": community.id}
    rows: dict[Any, list[dict[str, Any]]] = {
        Person: [{"id": key, "is_synthetic": True, "created_at": LONG_AGO} for key in ids],
        Preferences: [
            {"person_id": key, "languages": [language], "quiet_from_min": 0, "quiet_until_min": 0}
            for key in ids
        ],
        Membership: [
            base | {"id": new_id(), "person_id": key, "role": Role.RESIDENT, "since": LONG_AGO}
            for key in ids
        ],
        ContactPoint: [
            {
                "id": new_id(),
                "person_id": key,
                "channel": Channel.EMAIL,
                "value": f"{mail_of}-{key.hex}@mail.example",
                "preferred": False,
                "verified_at": LONG_AGO,
            }
            for key in ids
        ],
        Consent: [
            base
            | {
                "id": new_id(),
                "person_id": key,
                "purpose": purpose,
                "text_version": "2025-11",
                "granted": True,
                "recorded_by": key,
                "recorded_at": LONG_AGO,
                "source": "form",
            }
            for key in ids
        ],
    }
    for table, lines in rows.items():
        for start in range(0, len(lines), CHUNK):
            await session.execute(insert(table), lines[start : start + CHUNK])
    return ids


def address_of(person_id: UUID, mail_of: str = "reader") -> str:
    """Where `add_people` lets a person's mail go."""
    return f"{mail_of}-{person_id.hex}@mail.example"


def write_mailing(community: Community, version: SegmentVersion, **changes: Any) -> WriteMailing:
    """What a manager writes, in English alone unless changed."""
    values: dict[str, Any] = {
        "community_id": community.id,
        "segment_version_id": version.id,
        "purpose": Purpose.CAMPAIGNS,
        "title": "Blue carts",
        "texts": {Variant.A: {"en": ENGLISH}},
        "rate_per_min": 6_000,
    }
    return WriteMailing(**(values | changes))
