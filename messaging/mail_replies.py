"""A mail that answers one of ours: the same words as in a text message, one effect, one reply.

Who answers is known by the message that was answered, which names its receiver; that the mail comes
from the address we wrote to is checked before. What a mail says is not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from core.db import Session
from core.logging import get_logger
from messaging import inbound_repository, repository
from messaging.commands import TextCommand, Verb, Which, has_code, read_commands
from messaging.inbound import (
    FORGET_AFTER,
    LATELY,
    MOST_LATELY,
    WORDS,
    Claim,
    Conversation,
    TextHandlers,
    act_on,
    claim_text,
    open_talk,
)
from messaging.inbound_models import InboundText
from messaging.kinds import Draft
from messaging.models import Message
from messaging.receiving import MailReply, OnReply
from messaging.sending import queue_message
from messaging.templates import render
from people.kinds import Channel

KIND = "mail_reply"
FOLDER = Path(__file__).parent / "emails" / KIND
MOST_WORDS = 12
"""Without a code, a longer line is a letter and no answer."""
MOST_LINES = 10
"""What stands further down is no answer to our question."""
MOST_PUZZLED = 3
A_DAY = timedelta(days=1)
"""So often a day we say that we did not understand: two machines must not write to each other."""

_SIGNATURE = re.compile(
    r"^(--\s*|(sent from|get outlook|enviado desde|obtener outlook)\b.*)$", re.IGNORECASE
)
_PLAIN = frozenset({Verb.HELP, Verb.STATUS, Verb.START, Verb.PAUSE, Verb.NOT_TODAY})
"""These mean the same whatever was answered."""
_logger = get_logger(__name__)


def make_on_reply(handlers: TextHandlers) -> OnReply:
    """What `messaging.receiving.receive_mail` does with replies: the verbs of these handlers."""

    async def on_reply(session: Session, message: Message, reply: MailReply, now: datetime) -> None:
        await answer_reply(session, handlers, message, reply, now=now)

    return on_reply


async def answer_reply(
    session: Session,
    handlers: TextHandlers,
    message: Message,
    reply: MailReply,
    *,
    now: datetime,
) -> str:
    """Do what a reply asks for, once, and mail what came of it; empty when nothing is said."""
    claim = Claim(f"mail:{reply.key}", _digest(str(message.contact_point_id)))
    row = await claim_text(session, claim, now)
    if row is None:
        return ""
    row.person_id = message.person_id
    body = pick_words(reply.text)
    commands = read_commands(body)
    row.verb = commands[0].verb.value
    talk = await open_talk(
        session,
        (message.person_id,),
        Conversation.begin(claim.key, body, now, channel=Channel.EMAIL),
        commands[0].language,
    )
    if talk is None or await _is_too_much(session, message, row, commands[0], now):
        return ""
    said = await _answer(session, handlers, talk, commands, message)
    if said:
        await _mail(session, message, row, talk, said)
    await inbound_repository.empty_old_texts(session, now - FORGET_AFTER)
    _logger.info("mail.answered", command=row.verb, person_id=row.person_id)
    return said


async def _answer(
    session: Session,
    handlers: TextHandlers,
    talk: Conversation,
    commands: Sequence[TextCommand],
    message: Message,
) -> str:
    first = commands[0]
    if message.subject_type == "thread" and not first.codes and first.verb not in _PLAIN:
        return WORDS.say("not_passed_on", talk.language)
    bare = first.verb in (Verb.YES, Verb.NO) and not first.codes and first.which is Which.NAMED
    if bare and message.kind not in handlers.questions:
        # A thank-you for a reminder takes no home.
        return WORDS.say("yes_to_what", talk.language)
    return await act_on(session, handlers, talk, commands)


async def _is_too_much(
    session: Session, message: Message, row: InboundText, first: TextCommand, now: datetime
) -> bool:
    lately = await inbound_repository.count_lately(session, row.sender_digest, now - LATELY)
    if lately > MOST_LATELY:
        return True
    if first.verb is not Verb.UNKNOWN or message.contact_point_id is None:
        return False
    said = await repository.count_to_contact(
        session, message.contact_point_id, KIND, since=now - A_DAY
    )
    return said >= MOST_PUZZLED


async def _mail(
    session: Session, message: Message, row: InboundText, talk: Conversation, said: str
) -> None:
    draft = Draft(
        community_id=message.community_id,
        person_id=message.person_id,
        kind=KIND,
        key=f"{KIND}:{row.id}",
        purpose=None,
        words=render(FOLDER, talk.language, {"words": said}, time_zone=talk.time_zone),
        contact_point_id=message.contact_point_id,
        hurry=True,
        counts=False,
    )
    await queue_message(session, draft, now=talk.now)


def pick_words(text: str) -> str:
    """The answer in a mail: without greeting, thanks and signature. Pure.

    The first line that begins with a word we know, with others of its paragraph that do; for words
    that are passed on ("TO K7 ...") all that follows. Else the first line.
    """
    lines: list[str] = []
    for line in text.splitlines():
        if _SIGNATURE.match(line.strip()):
            break
        lines.append(line.strip())
    first = ""
    for number, line in enumerate(lines[: 3 * MOST_LINES]):
        if not line:
            continue
        first = first or line
        verb = _verb_of(line)
        if verb is Verb.RELAY:
            return "\n".join(lines[number:])
        if verb is not Verb.UNKNOWN:
            return " ".join([line, *_answers_below(lines[number + 1 :])])
    return first if len(first.split()) <= MOST_WORDS else ""


def _answers_below(lines: Sequence[str]) -> list[str]:
    found = []
    for line in lines[:MOST_LINES]:
        if not line:
            break
        if _verb_of(line) not in (Verb.UNKNOWN, Verb.RELAY) and has_code(line):
            found.append(line)
    return found


def _verb_of(line: str) -> Verb:
    if len(line.split()) > MOST_WORDS and not has_code(line):
        return Verb.UNKNOWN
    return read_commands(line)[0].verb


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
