"""What residents say by text message: it is done, it is not, call it off, I need help."""

from __future__ import annotations

from collections.abc import Sequence

from core.db import Session
from matching.errors import NothingDoneYet
from matching.intake.by_text import continue_dialogue, has_dialogue
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from matching.offers import casework
from matching.offers.text_context import Sender, look_up_codes, read_sender
from messaging.commands import TextCommand, Verb
from messaging.conversations import list_codes, post_by_code
from messaging.errors import ThreadUnknown
from messaging.inbound import Conversation
from people.auth import Actor

REPORTABLE = (RequestStatus.DONE, RequestStatus.IN_PROGRESS, RequestStatus.ACCEPTED)
MAX_CODES = 5


async def confirm(sender: Sender, request: HelpRequest) -> str:
    """The resident says that it was done."""
    try:
        actor = Actor(person_id=request.resident_id)
        await casework.confirm_done(sender.session, actor, request.id, now=sender.talk.now)
    except NothingDoneYet:
        return sender.say("nothing_done_yet")
    return sender.say("confirmed")


async def deny(sender: Sender, request: HelpRequest) -> str:
    """The resident says that it was not done."""
    try:
        actor = Actor(person_id=request.resident_id)
        await casework.report_not_done(sender.session, actor, request.id, now=sender.talk.now)
    except NothingDoneYet:
        return sender.say("nothing_done_yet")
    return sender.say("not_done")


async def call_off(sender: Sender, request: HelpRequest) -> str:
    """The resident needs no help any more."""
    await casework.cancel_request(
        sender.session,
        Actor(person_id=request.resident_id),
        request.id,
        now=sender.talk.now,
        reason="resident_cancelled",
    )
    return sender.say("request_cancelled", code=request.reference)


async def say_not_done(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """Nobody came, or something is left to do."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    requests = list(meant.requests) or await sender.requests(REPORTABLE)
    done_first = sorted(requests, key=lambda row: row.status is not RequestStatus.DONE)
    if not done_first:
        return sender.say("nothing_done_yet")
    return await deny(sender, done_first[0])


async def relay(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """Pass words on to the other side of a visit."""
    sender = await read_sender(session, talk)
    code = command.codes[0]
    if not command.text:
        return sender.say("relay_empty", code=code)
    codes: list[str] = []
    for person_id in talk.person_ids:
        try:
            await post_by_code(
                session,
                person_id,
                code,
                command.text,
                now=talk.now,
                source_key=f"sms:{talk.provider_id}",
            )
        except ThreadUnknown:
            codes += await list_codes(session, person_id)
            continue
        return sender.say("relayed")
    known = ", ".join(dict.fromkeys(codes[:MAX_CODES]))
    choices = sender.say("your_codes", choices=known) if known else ""
    return sender.say("relay_unknown", code=code, choices=choices).strip()


async def ask_for_help(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """Begin to ask for help, one question a text."""
    actor = Actor(person_id=talk.person_ids[0])
    reply = await continue_dialogue(session, actor, talk.community_id, talk.body, now=talk.now)
    return reply.text


async def go_on_asking(
    session: Session, talk: Conversation, commands: Sequence[TextCommand]
) -> str | None:
    """Whoever is in the middle of asking answers the question, unless they name a known code."""
    for person_id in talk.person_ids:
        if not await has_dialogue(session, person_id, now=talk.now):
            continue
        sender = await read_sender(session, talk)
        if commands[0].verb is Verb.RELAY or (await look_up_codes(sender, commands[0])).offers:
            return None
        reply = await continue_dialogue(
            session, Actor(person_id=person_id), talk.community_id, talk.body, now=talk.now
        )
        return reply.text
    return None


async def hint(sender: Sender) -> str | None:
    """What to write, for words that we did not understand."""
    offers = await sender.live_offers()
    if offers:
        return sender.say("use_yes_no", code=offers[0].code)
    requests = await sender.requests()
    if requests:
        return await sender.tell_requests(requests)
    return sender.say("status_nothing")
