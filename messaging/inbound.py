"""A text message that came in: whose it is, what it asks for, one effect, one kind reply.

What the verbs of other packages do is handed in by whoever puts the product together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from core.db import Session
from core.errors import TalkootError, Unavailable
from core.i18n import choose_language
from core.logging import get_logger
from core.sentences import Sentences
from messaging import inbound_repository as repository
from messaging.commands import TextCommand, Verb, read_commands
from messaging.inbound_models import InboundText
from messaging.stopping import start_again, stop_all
from people.kinds import Channel
from people.link_repository import load_home_and_languages
from people.repository import read_rules_at

WORDS = Sentences("messaging", "inbound_words.json")
MOST_LATELY = 30
LATELY = timedelta(minutes=10)
"""More texts than this from one number in this time are a machine's: only STOP still works."""
MOST_FROM_STRANGERS = 3
"""A number that nobody has may be a machine that answers every answer of ours."""
FORGET_AFTER = timedelta(days=1)
MAX_ID = 100
NOBODYS_NAME = "Talkoot"

_logger = get_logger(__name__)


@dataclass(frozen=True)
class IncomingText:
    """One text message as the carrier hands it over."""

    provider_id: str
    from_number: str
    """E.164."""
    body: str


@dataclass(frozen=True)
class Conversation:
    """One text and who may have sent it: everybody who is reached at that number."""

    provider_id: str
    person_ids: tuple[UUID, ...]
    community_id: UUID
    community_name: str
    time_zone: str
    language: str
    body: str
    now: datetime
    channel: Channel = Channel.SMS
    """How it came: what STOP ends, and where the reply goes."""

    @classmethod
    def begin(cls, provider_id: str, body: str, now: datetime, *, channel: Channel) -> Conversation:
        """Words that came in, before it is known who may have sent them."""
        nobody = UUID(int=0)
        return cls(provider_id, (), nobody, NOBODYS_NAME, "UTC", "en", body, now, channel)


@dataclass(frozen=True)
class Claim:
    """What tells one delivery from others, and one sender from others."""

    key: str
    sender_digest: str


Handler = Callable[[Session, Conversation, TextCommand], Awaitable[str | None]]
"""Does what a command asks for. None means: not mine, or said in another way already."""
FirstLook = Callable[[Session, Conversation, Sequence[TextCommand]], Awaitable[str | None]]
"""Takes a text that goes on with something begun before; None when it does not."""


@dataclass
class TextHandlers:
    """Who does what, by verb."""

    by_verb: dict[Verb, Handler] = field(default_factory=dict)
    first_looks: list[FirstLook] = field(default_factory=list)
    questions: set[str] = field(default_factory=set)
    """Kinds of messages that a mail with a bare yes or no answers."""


async def receive_text(
    session: Session, handlers: TextHandlers, incoming: IncomingText, *, site: str, now: datetime
) -> str:
    """Do what a text asks for, once, and give the reply; empty when there is nothing to say.

    The same text delivered again, also at the same moment, has no further effect and gets the same
    reply. ``site`` is the public address, for those whom we do not know.
    """
    known = await repository.find_text(session, incoming.provider_id[:MAX_ID])
    if known is not None:
        return known.reply or ""
    sender = hashlib.sha256(incoming.from_number.encode()).hexdigest()
    row = await claim_text(session, Claim(incoming.provider_id[:MAX_ID], sender), now)
    if row is None:
        first = await repository.find_text(session, incoming.provider_id[:MAX_ID])
        return "" if first is None else first.reply or ""
    commands = read_commands(incoming.body)
    row.verb = commands[0].verb.value
    reply = await _answer(session, handlers, incoming, commands, row, site=site, now=now)
    row.reply = reply
    await session.flush()
    await repository.empty_old_texts(session, now - FORGET_AFTER)
    _logger.info("text.received", command=row.verb, person_id=row.person_id)
    return reply


async def claim_text(session: Session, claim: Claim, now: datetime) -> InboundText | None:
    """Write down that this is being answered; None when it was, or another process does it."""
    row = InboundText(
        provider_id=claim.key,
        person_id=None,
        sender_digest=claim.sender_digest,
        verb=Verb.UNKNOWN.value,
        received_at=now,
        reply=None,
    )
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        return None
    return row


async def _answer(
    session: Session,
    handlers: TextHandlers,
    incoming: IncomingText,
    commands: Sequence[TextCommand],
    row: InboundText,
    *,
    site: str,
    now: datetime,
) -> str:
    people = await repository.find_people_with_number(session, incoming.from_number)
    spoken = commands[0].language or "en"
    verb = commands[0].verb
    lately = await repository.count_lately(session, row.sender_digest, now - LATELY)
    if not people:
        if lately > MOST_FROM_STRANGERS:
            return ""
        code = "unknown_stopped" if verb is Verb.STOP else "unknown_number"
        return WORDS.say(code, spoken, site=site)
    if lately > MOST_LATELY and verb is not Verb.STOP:
        return ""
    row.person_id = people[0].id if len(people) == 1 else None
    await repository.mark_number_verified(session, incoming.from_number, now)
    begun = Conversation.begin(incoming.provider_id, incoming.body, now, channel=Channel.SMS)
    talk = await open_talk(session, [person.id for person in people], begun, commands[0].language)
    if talk is None:
        return WORDS.say("unknown_number", spoken, site=site)
    return await act_on(session, handlers, talk, commands)


async def open_talk(
    session: Session, person_ids: Sequence[UUID], begun: Conversation, spoken: str | None
) -> Conversation | None:
    """Words as these people's, in the language of the first; None for who belongs nowhere."""
    community, languages = await load_home_and_languages(session, person_ids[0])
    if community is None:
        return None
    return replace(
        begun,
        person_ids=tuple(person_ids),
        community_id=community.id,
        community_name=community.name or NOBODYS_NAME,
        time_zone=community.time_zone,
        language=choose_language([*languages, spoken or community.locale]),
    )


async def act_on(
    session: Session, handlers: TextHandlers, talk: Conversation, commands: Sequence[TextCommand]
) -> str:
    """Do what the commands ask for and say what came of it."""
    verb = commands[0].verb
    if verb is Verb.STOP:
        for person_id in talk.person_ids:
            await stop_all(session, person_id, talk.channel, now=talk.now)
        return _say(talk, "stopped")
    if verb is Verb.HELP:
        return await _say_help(session, talk)
    if verb is not Verb.START:
        for look in handlers.first_looks:
            said = await look(session, talk, commands)
            if said is not None:
                return said
    replies = []
    if verb is Verb.START:
        opened = [
            purpose
            for person_id in talk.person_ids
            for purpose in await start_again(session, person_id, talk.channel, now=talk.now)
        ]
        replies.append(_say(talk, "started" if opened else "nothing_to_start"))
    replies += [await _do(session, handlers, talk, command) for command in commands]
    return " ".join(reply for reply in dict.fromkeys(replies) if reply)


async def _do(
    session: Session, handlers: TextHandlers, talk: Conversation, command: TextCommand
) -> str:
    handler = handlers.by_verb.get(command.verb)
    if handler is None:
        return "" if command.verb is Verb.START else _say(talk, "not_understood")
    try:
        async with session.begin_nested():
            return await handler(session, talk, command) or ""
    except Unavailable:
        raise
    except TalkootError as error:
        _logger.info("text.refused", command=command.verb.value, code=error.code)
        return _say(talk, "did_not_work")


async def _say_help(session: Session, talk: Conversation) -> str:
    """What can be done by text, and a number for those who would rather speak to somebody."""
    rules = await read_rules_at(session, talk.community_id, talk.now)
    if rules.help_phone is None:
        return _say(talk, "help")
    phone = WORDS.say("help_phone", talk.language, phone=rules.help_phone)
    return f"{_say(talk, 'help')} {phone}"


def _say(talk: Conversation, code: str) -> str:
    return WORDS.say(code, talk.language, community=talk.community_name)
