"""What is filled into the words of matching, and how they are queued.

Words are of two kinds. What a volunteer hears before a yes is made by `stop_values` alone, which
knows no address, no name and no number. What they hear after a yes is made by `visit_values`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from core.db import Session
from core.i18n import choose_language
from core.sms import GSM_BASIC, GSM_EXTENDED
from matching.intake.models import StandingRequest
from matching.intake.programme import load_kinds
from matching.models import Assignment, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask
from matching.telling import repository
from matching.telling.repository import Recipient
from messaging.kinds import Draft, Words
from messaging.models import Message
from messaging.sending import queue_message
from messaging.templates import SITE_MARK, render
from people.kinds import Purpose
from people.links import LinkTo, create_link
from people.models import Community
from people.repository import read_rules_at

EMAILS = Path(__file__).parents[1] / "emails"
LINK_LIFE = timedelta(days=14)
SHORT_PLACE = 40
SHORT_NAME = 20
SHORT_JOBS = {
    "en": {
        "snow": "snow",
        "yard": "yard work",
        "groceries": "groceries",
        "ride": "ride",
        "tech": "tech help",
        "recycling": "recycling",
        "other": "help",
    },
    "es": {
        "snow": "nieve",
        "yard": "patio",
        "groceries": "compras",
        "ride": "llevar en auto",
        "tech": "ayuda con aparatos",
        "recycling": "reciclaje",
        "other": "ayuda",
    },
}
"""Kinds of help in a word, for text messages."""


About = Ask | Assignment | Community | HelpRequest | Offer | StandingRequest | Storm | Volunteer
SUBJECTS: Mapping[type, str] = {
    Ask: "ask",
    Assignment: "assignment",
    Community: "community",
    HelpRequest: "request",
    Offer: "offer",
    StandingRequest: "standing",
    Storm: "storm",
    Volunteer: "volunteer",
}


@dataclass(frozen=True, kw_only=True)
class Note:
    """One message before its words are made."""

    kind: str
    about: About
    values: Mapping[str, Any]
    purpose: Purpose | None = None
    """None: an answer to what the person did just now."""
    occasion: str = ""
    """What tells this one from others of its kind about the same thing."""
    storm_id: UUID | None = None
    counts: bool = False
    calendar: bytes | None = None
    expires_at: datetime | None = None
    digest_s: int = 0


async def send_note(session: Session, to: Recipient, note: Note, *, now: datetime) -> Message:
    """Make the words in the person's language and queue the message."""
    rules = await read_rules_at(session, to.community_id, now)
    values = {
        "community": to.community_name,
        "help_phone": rules.help_phone,
        "link": None,
    } | dict(note.values)
    words = render(
        EMAILS / note.kind, choose_language(to.languages), values, time_zone=to.time_zone
    )
    return await queue_message(
        session,
        Draft(
            community_id=to.community_id,
            person_id=to.person_id,
            kind=note.kind,
            key=":".join(filter(None, (note.kind, note.occasion, str(note.about.id)))),
            purpose=note.purpose,
            words=tidy_words(words),
            storm_id=note.storm_id,
            subject_type=SUBJECTS[type(note.about)],
            subject_id=note.about.id,
            calendar=note.calendar,
            hurry=note.purpose is None,
            counts=note.counts,
            expires_at=note.expires_at,
            digest_s=note.digest_s,
        ),
        now=now,
    )


def tidy_words(words: Words) -> Words:
    """One full stop after "p.m.", and a text message in letters that cost one place each."""
    html, text = (part.replace(".m..", ".m.") for part in (words.html, words.text))
    return replace(
        words,
        subject=words.subject.replace(".m..", ".m."),
        text=text,
        html=html,
        short=fold_for_text(words.short.replace(".m..", ".m.")),
    )


def fold_for_text(text: str) -> str:
    """Accents off where they alone would make a text message twice as dear: more than one segment.

    What is not Latin stays as it is.
    """
    folded = []
    for char in unicodedata.normalize("NFC", text):
        if char in GSM_BASIC or char in GSM_EXTENDED:
            folded.append(char)
            continue
        plain = unicodedata.normalize("NFD", char)[0]
        folded.append(plain if plain in GSM_BASIC else char)
    return "".join(folded)


async def make_link(
    session: Session,
    action: str,
    person_id: UUID,
    subject_id: UUID,
    *,
    now: datetime,
    until: datetime | None = None,
) -> str:
    """A link to the page of one person about one thing."""
    expires_at = max(now + LINK_LIFE, (until or now) + LINK_LIFE)
    token = await create_link(
        session,
        LinkTo(action=action, person_id=person_id, subject_id=subject_id, expires_at=expires_at),
        now=now,
    )
    return f"{SITE_MARK}/l/{token}"


async def job_values(
    session: Session, request: HelpRequest, to: Recipient, *, now: datetime
) -> dict[str, Any]:
    """Kind and agreed scope of a request, in the person's language."""
    language = choose_language(to.languages)
    kind = (await load_kinds(session, request.community_id, now)).get(request.kind)
    scope = ", ".join(kind.scope_label(code, language) for code in request.scope or ())
    return {
        "job": kind.label(language),
        "short_job": SHORT_JOBS[language][request.kind.value],
        "scope": scope,
        "reference": request.reference,
    }


async def stop_values(
    session: Session,
    offer: Offer,
    request: HelpRequest,
    to: Recipient,
    *,
    now: datetime,
) -> dict[str, Any]:
    """One home as it is told before a yes: code, kind, scope, area, a bucket of minutes."""
    stop = await repository.load_stop(session, request, offer.volunteer_id, offer.ask_id)
    rules = await read_rules_at(session, request.community_id, now)
    values = await job_values(session, request, to, now=now)
    del values["reference"]
    return values | {
        "code": offer.code,
        "area": stop.area,
        "short_area": None if stop.area is None else shorten(stop.area, SHORT_NAME),
        "bucket": stop.bucket,
        "urgent": stop.weight >= rules.urgent_weight,
        "deadline_at": request.deadline_at,
    }


async def visit_values(
    session: Session, work: Assignment, request: HelpRequest, to: Recipient, *, now: datetime
) -> dict[str, Any]:
    """A visit that was agreed, without the address."""
    return await job_values(session, request, to, now=now) | {"starts_at": work.starts_at}


def shorten(text: str, length: int) -> str:
    """A text for a text message: plain letters, and no longer than ``length``."""
    plain = " ".join(fold_for_text(text).split())
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "."
