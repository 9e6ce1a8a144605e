"""What a manager sees of an audience before anything is sent: about how many, and examples."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from campaigns.audiences import look_repository as looks
from campaigns.audiences.blurring import (
    draw_sketch,
    is_too_near,
    order_key,
    pack_sketch,
    round_count,
    unpack_sketch,
)
from campaigns.audiences.checks import check_references
from campaigns.audiences.definitions import Definition, uses_household_facts
from campaigns.audiences.errors import TooManyLooks
from campaigns.audiences.finding import EVERYBODY_SHARE, Audience, find_audience
from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.audiences.models import PreviewLook, PreviewSalt
from campaigns.audiences.reasons import describe_reason
from campaigns.standings.suppression import K
from core.db import Session
from people.auth import Actor
from people.kinds import Purpose

MOST_EXAMPLES = 20
EXAMPLES_SHARE = 5
"""One of five people at most is shown as an example."""
LOOKS_AN_HOUR = 120
SALT_BYTES = 32
REACHED = "reached"


@dataclass(frozen=True)
class Example:
    """Somebody of the audience, as a manager may know them before a message goes out."""

    first_name: str | None
    """None when the segment asks who lives in a home."""
    cell: int | None
    area: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """An audience in numbers to the nearest five; 0 stands for fewer than five."""

    members_about: int
    described_about: int
    reached_about: int
    excluded_about: Mapping[Exclusion, int]
    notice: Notice | None
    """`Notice.TOO_FEW` also for nobody: telling them apart would tell about one person."""
    examples: tuple[Example, ...]


async def describe_audience(
    session: Session,
    actor: Actor,
    community_id: UUID,
    definition: Definition,
    purpose: Purpose,
    *,
    now: datetime,
    language: str = "en",
) -> Preview:
    """A preview of who would be reached and why. It is written down who looked, and when.

    Raises
    ------
    TooManyLooks
        When the actor looked too often within the hour.
    """
    await _check_pace(session, actor, now)
    audience = await find_audience(session, actor, community_id, definition, purpose, now=now)
    await check_references(session, community_id, definition)
    salt = await _find_salt(session, community_id, now)
    fates = dict.fromkeys(audience.person_ids, REACHED) | {
        person_id: reason.value for person_id, reason in audience.excluded.items()
    }
    sketch = draw_sketch(fates, salt)
    shown: Mapping[str, Any] | None = None
    for earlier in await looks.list_shown(session, community_id):
        if earlier.sketch and is_too_near(unpack_sketch(earlier.sketch), sketch, salt):
            shown = earlier.shown
            break
    own = _round_all(audience) if shown is None else None
    session.add(
        PreviewLook(
            community_id=community_id,
            person_id=actor.person_id,
            looked_at=now,
            sketch=None if own is None else pack_sketch(sketch),
            shown=own,
        )
    )
    await session.flush()
    figures = shown or own or {}
    examples: tuple[Example, ...] = ()
    if figures["reached"] and len(audience.person_ids) >= K:
        examples = await _pick_examples(session, definition, audience, salt, language)
    return _read_figures(figures, examples)


async def _check_pace(session: Session, actor: Actor, now: datetime) -> None:
    if actor.person_id is None:
        return
    count = await looks.count_looks(session, actor.person_id, now - timedelta(hours=1))
    if count >= LOOKS_AN_HOUR:
        raise TooManyLooks(
            f"You asked for {LOOKS_AN_HOUR} previews within an hour. Wait some minutes."
        )


async def _find_salt(session: Session, community_id: UUID, now: datetime) -> bytes:
    row = await looks.lock_salt(session, community_id)
    if row is None:
        row = PreviewSalt(
            community_id=community_id, salt=secrets.token_bytes(SALT_BYTES), created_at=now
        )
        session.add(row)
        await session.flush()
    return row.salt


def _round_all(audience: Audience) -> dict[str, Any]:
    counts = audience.counts
    return {
        "members": round_count(counts.members_count),
        "described": round_count(counts.described_count),
        "reached": round_count(len(audience.person_ids)),
        "excluded": {reason.value: round_count(count) for reason, count in counts.excluded.items()},
    }


def _read_figures(figures: Mapping[str, Any], examples: tuple[Example, ...]) -> Preview:
    notice: Notice | None = None
    if not figures["reached"]:
        notice = Notice.TOO_FEW
    elif figures["described"] > EVERYBODY_SHARE * figures["members"]:
        notice = Notice.EVERYBODY
    return Preview(
        members_about=figures["members"],
        described_about=figures["described"],
        reached_about=figures["reached"],
        excluded_about={reason: figures["excluded"][reason.value] for reason in Exclusion},
        notice=notice,
        examples=examples,
    )


async def _pick_examples(
    session: Session, definition: Definition, audience: Audience, salt: bytes, language: str
) -> tuple[Example, ...]:
    most = min(MOST_EXAMPLES, len(audience.person_ids) // EXAMPLES_SHARE)
    picked = sorted(audience.person_ids, key=lambda key: order_key(key, salt))[:most]
    nameless = uses_household_facts(definition)
    names = {} if nameless else await looks.load_names(session, picked)
    examples = []
    for person_id in picked:
        name = names.get(person_id)
        cell, area = audience.homes[person_id]
        reasons = tuple(describe_reason(word, language) for word in audience.why[person_id])
        said = None if name is None else (name.call_name or name.full_name).split()
        examples.append(Example(said[0] if said else None, cell, area, reasons))
    return tuple(examples)
