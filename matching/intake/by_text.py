"""Asking for help by text message: three questions, one answer each.

Each answer is one step of a small machine: which help, when, and "yes". A dialogue that rests for
a day is forgotten.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.errors import TalkootError
from matching.intake import repository
from matching.intake.commands import Outcome, Taken, TakeRequest, Windows
from matching.intake.help_kinds import HelpKind
from matching.intake.kinds import Cadence, IntakeChannel, TextStep, TextWhen
from matching.intake.models import TextDialogue
from matching.intake.programme import load_kinds
from matching.intake.sentences import say
from matching.intake.taking import take_request
from people.auth import Actor
from people.errors import CommunityUnknown

FORGOTTEN_AFTER = timedelta(hours=24)
DAY_BEGINS = time(8, 0)
DAY_ENDS = time(20, 0)
MAX_CHARACTERS = 200
YES = frozenset({"yes", "y", "ok", "okay", "si", "s", "claro"})
NO = frozenset({"no", "n", "0", "cancel", "cancelar", "end", "fin"})
BEGIN = frozenset({"ask", "help me", "need help", "pedir", "ayudame", "necesito ayuda"})
_FEW_LETTERS = str.maketrans("áíóúÁÍÓÚ", "aiouAIOU")
"""Letters that text messages have no room for: one of them makes the text count double."""
_WHEN_WORDS = {
    "1": TextWhen.TODAY,
    "today": TextWhen.TODAY,
    "hoy": TextWhen.TODAY,
    "2": TextWhen.TOMORROW,
    "tomorrow": TextWhen.TOMORROW,
    "manana": TextWhen.TOMORROW,
    "3": TextWhen.NEXT_SNOW,
    "snow": TextWhen.NEXT_SNOW,
    "nieve": TextWhen.NEXT_SNOW,
}


@dataclass(frozen=True)
class TextReply:
    """What to answer by text."""

    text: str
    is_over: bool
    """Whether the dialogue has ended."""
    taken: Taken | None = None


def begins_dialogue(text: str) -> bool:
    """Whether a text asks to begin: "ask", "help me", "pedir" ..."""
    return fold(text) in BEGIN


def unknown_number_reply(address: str, language: str = "en") -> str:
    """What somebody hears whose number is not known: how to register."""
    return _say_short("unknown_number", language, address=address)


async def has_dialogue(session: Session, person_id: UUID, *, now: datetime) -> bool:
    """Whether the person is in the middle of asking, so that a bare "yes" or "1" belongs here."""
    row = await repository.find_dialogue(session, person_id)
    return row is not None and now - row.updated_at < FORGOTTEN_AFTER


async def continue_dialogue(
    session: Session, actor: Actor, community_id: UUID, text: str, *, now: datetime
) -> TextReply:
    """Take one text of a resident a step further; the actor is the resident.

    Anything begins a dialogue when there is none.
    """
    assert actor.person_id is not None
    community = await repository.find_community(session, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    person = await repository.find_resident(session, actor.person_id)
    spoken = [] if person is None or person.preferences is None else person.preferences.languages
    language = spoken[0] if spoken else community.locale
    kinds = [kind for kind in (await load_kinds(session, community_id, now)).kinds if kind.offered]
    dialogue = _Dialogue(session, actor, language, kinds, ZoneInfo(community.time_zone), now)
    row = await repository.find_dialogue(session, actor.person_id)
    if row is None or now - row.updated_at >= FORGOTTEN_AFTER or begins_dialogue(text):
        return await dialogue.begin(row, community_id)
    row.updated_at = now
    return await dialogue.step(row, fold(text))


def fold(text: str) -> str:
    """A short text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text[:MAX_CHARACTERS].casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())


@dataclass(frozen=True)
class _Dialogue:
    """One step: what was asked, what was answered, and what is asked next."""

    session: Session
    actor: Actor
    language: str
    kinds: list[HelpKind]
    zone: ZoneInfo
    now: datetime

    async def begin(self, row: TextDialogue | None, community_id: UUID) -> TextReply:
        if row is None:
            assert self.actor.person_id is not None
            row = TextDialogue(
                person_id=self.actor.person_id,
                community_id=community_id,
                step=TextStep.KIND,
                updated_at=self.now,
            )
            self.session.add(row)
        row.community_id, row.step, row.updated_at = community_id, TextStep.KIND, self.now
        row.kind = row.wanted = None
        await self.session.flush()
        return self._say("ask_kind", choices=self._choices())

    async def step(self, row: TextDialogue, answer: str) -> TextReply:
        if answer in NO:
            return await self._end(row, "ended")
        if row.step is TextStep.KIND:
            return await self._take_kind(row, answer)
        if row.step is TextStep.WHEN:
            return await self._take_when(row, answer)
        return await self._take_confirmation(row, answer)

    async def _take_kind(self, row: TextDialogue, answer: str) -> TextReply:
        kind = self._find_kind(answer)
        if kind is None:
            return self._say("ask_kind_again", choices=self._choices())
        row.kind, row.step = kind.code, TextStep.WHEN
        await self.session.flush()
        code = "ask_when_snow" if kind.needs_storm else "ask_when"
        return self._say(code, kind=kind.label(self.language))

    async def _take_when(self, row: TextDialogue, answer: str) -> TextReply:
        kind = self._kind_of(row)
        wanted = _WHEN_WORDS.get(answer)
        if wanted is None or (wanted is TextWhen.NEXT_SNOW and not kind.needs_storm):
            return self._say("ask_when_snow_again" if kind.needs_storm else "ask_when_again")
        if wanted is TextWhen.TODAY and not self._windows(wanted, kind):
            return self._say("too_late_today")
        row.wanted, row.step = wanted, TextStep.CONFIRM
        await self.session.flush()
        when = say("text", wanted.value, self.language)
        return self._say("confirm", kind=kind.label(self.language), when=when)

    async def _take_confirmation(self, row: TextDialogue, answer: str) -> TextReply:
        kind = self._kind_of(row)
        wanted = row.wanted or TextWhen.TOMORROW
        if answer not in YES:
            when = say("text", wanted.value, self.language)
            return self._say("confirm", kind=kind.label(self.language), when=when)
        next_snow = wanted is TextWhen.NEXT_SNOW
        command = TakeRequest(
            community_id=row.community_id,
            kind=kind.code,
            resident_id=row.person_id,
            channel=IntakeChannel.SMS,
            cadence=Cadence.NEXT_SNOWFALL if next_snow else Cadence.ONCE,
            windows=() if next_snow else self._windows(wanted, kind),
        )
        try:
            async with self.session.begin_nested():
                taken = await take_request(self.session, self.actor, command, now=self.now)
        except TalkootError:
            return await self._end(row, "not_possible")
        codes = {
            Outcome.OPEN: "taken",
            Outcome.IN_REVIEW: "in_review",
            Outcome.WAITING: "waiting",
            Outcome.JOINED: "joined" if taken.request is not None else "waiting",
        }
        reference = "" if taken.request is None else taken.request.reference
        return await self._end(row, codes[taken.outcome], taken=taken, reference=reference)

    def _windows(self, wanted: TextWhen, kind: HelpKind) -> Windows:
        """The daytime of today or tomorrow; empty when today leaves no room for the work."""
        day = self.now.astimezone(self.zone).date()
        if wanted is TextWhen.TOMORROW:
            day += timedelta(days=1)
        opens = max(datetime.combine(day, DAY_BEGINS, self.zone), self.now)
        closes = datetime.combine(day, DAY_ENDS, self.zone)
        room = closes.timestamp() - opens.timestamp()
        return ((opens, closes),) if room >= kind.service_s else ()

    def _find_kind(self, answer: str) -> HelpKind | None:
        if answer.isdecimal() and 1 <= int(answer) <= len(self.kinds):
            return self.kinds[int(answer) - 1]
        for kind in self.kinds:
            words = {kind.code.value, *(fold(label) for label in kind.labels.values())}
            if answer in words:
                return kind
        return None

    def _kind_of(self, row: TextDialogue) -> HelpKind:
        """The kind that was chosen; the first one when the programme dropped it meanwhile."""
        return next((kind for kind in self.kinds if kind.code is row.kind), self.kinds[0])

    def _choices(self) -> str:
        return ", ".join(
            f"{number} {kind.label(self.language)}" for number, kind in enumerate(self.kinds, 1)
        )

    def _say(self, code: str, **values: object) -> TextReply:
        return TextReply(_say_short(code, self.language, **values), is_over=False)

    async def _end(
        self, row: TextDialogue, code: str, *, taken: Taken | None = None, reference: str = ""
    ) -> TextReply:
        await self.session.delete(row)
        await self.session.flush()
        text = _say_short(code, self.language, reference=reference)
        return TextReply(text, is_over=True, taken=taken)


def _say_short(code: str, language: str, **values: object) -> str:
    """A sentence in the letters that a text message holds most of."""
    return say("text", code, language, **values).translate(_FEW_LETTERS)
