"""What volunteers answer by text message: yes, no, done, on my way, cannot, not today, pause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.db import Session
from core.i18n import Translator
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, Offer
from matching.offers import casework, text_residents
from matching.offers.answering import decline_offer, release_work
from matching.offers.replying import (
    Outcome,
    Reply,
    accept_or_substitute,
    accept_plan,
    decline_plan,
    say_not_today,
    take_best,
)
from matching.offers.text_context import Meant, Sender, look_up_codes, read_sender
from matching.offers.visit_repository import list_work_of_offer
from matching.repository import find_assignment_of_offer
from matching.states import HELD_ASSIGNMENTS, TAKEABLE_OFFERS
from matching.volunteering.standing_back import pause_volunteer, resume_volunteer
from messaging.commands import USUAL_PAUSE_DAYS, TextCommand, Verb, Which
from messaging.inbound import Conversation, TextHandlers
from messaging.kinds import MessageStatus
from messaging.repository import find_message_by_key

QUESTIONS = frozenset({"offer", "substitute_offered", "done_resident_confirm"})
"""Messages whose readers may answer with a bare yes or no, by mail."""


def register_text_handlers(handlers: TextHandlers) -> None:
    """Let matching answer its verbs."""
    handlers.by_verb |= {
        Verb.YES: say_yes,
        Verb.NO: say_no,
        Verb.DONE: say_done,
        Verb.NOT_DONE: text_residents.say_not_done,
        Verb.ON_MY_WAY: say_on_my_way,
        Verb.CANNOT: say_cannot,
        Verb.NOT_TODAY: say_not_now,
        Verb.PAUSE: say_pause,
        Verb.START: say_start,
        Verb.STATUS: ask_status,
        Verb.RELAY: text_residents.relay,
        Verb.ASK: text_residents.ask_for_help,
        Verb.UNKNOWN: not_understood,
    }
    handlers.first_looks.append(text_residents.go_on_asking)
    handlers.questions |= QUESTIONS


async def say_yes(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """Take what the codes stand for; all of the plan, the best there is, or the only one."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    refusal = await _refuse_codes(sender, meant)
    if meant.is_nothing:
        return await _yes_without_code(sender, command)
    replies: list[str | None] = [
        await text_residents.confirm(sender, row) for row in meant.requests
    ]
    for offer in meant.offers:
        reply = await accept_or_substitute(
            session,
            sender.actor_of(offer.volunteer_id),
            offer.id,
            now=talk.now,
            any_home=command.which is Which.ANY,
        )
        replies.append(await _tell_yes(sender, reply))
    return _join([*replies, refusal])


async def _yes_without_code(sender: Sender, command: TextCommand) -> str | None:
    if command.which is Which.ALL:
        return await _yes_to_all(sender)
    if command.which is Which.ANY:
        return await _yes_to_any(sender)
    offers = await sender.live_offers()
    waiting = await sender.requests((RequestStatus.DONE,))
    if len(offers) + len(waiting) > 1:
        choices = await sender.tell_offers(offers)
        if not choices:
            return await sender.tell_requests(waiting)
        return sender.say("which_all", choices=choices)
    if waiting:
        return await text_residents.confirm(sender, waiting[0])
    if offers:
        actor = sender.actor_of(offers[0].volunteer_id)
        reply = await accept_or_substitute(sender.session, actor, offers[0].id, now=sender.talk.now)
        return await _tell_yes(sender, reply)
    return sender.say("nothing_open")


async def _yes_to_all(sender: Sender) -> str | None:
    offers = await sender.live_offers()
    ask_ids = list(dict.fromkeys(row.ask_id for row in offers if row.ask_id is not None))
    replies: list[Reply] = []
    for ask_id in ask_ids:
        owner = next(row for row in offers if row.ask_id == ask_id)
        replies += await accept_plan(
            sender.session, sender.actor_of(owner.volunteer_id), ask_id, now=sender.talk.now
        )
    replies += [
        await accept_or_substitute(
            sender.session, sender.actor_of(row.volunteer_id), row.id, now=sender.talk.now
        )
        for row in offers
        if row.ask_id is None
    ]
    if not replies:
        return sender.say("nothing_open")
    return _join([await _tell_yes(sender, reply) for reply in replies])


async def _yes_to_any(sender: Sender) -> str | None:
    for volunteer in sender.volunteers:
        actor = sender.actor_of(volunteer.id)
        reply = await take_best(sender.session, actor, volunteer.id, now=sender.talk.now)
        if reply is not None:
            return await _tell_yes(sender, reply)
    return sender.say("nothing_open")


async def _tell_yes(sender: Sender, reply: Reply) -> str | None:
    code = reply.offer.code
    if reply.work is not None:
        if reply.work.accepted_at < sender.talk.now:
            return sender.say("yours_already", code=code)
        if await _hears_by_text(sender, reply.work):
            return None
        return sender.say("agreed", code=code)
    said = sender.say(reply.outcome.value, code=code)
    if reply.substitute is not None:
        values = await sender.home_values(reply.substitute)
        return f"{said} {sender.say('substitute', code=reply.substitute.code, **values)}"
    if reply.outcome in (Outcome.TAKEN, Outcome.CLOSED, Outcome.DECLINED):
        return f"{said} {sender.say('nothing_else')}"
    return said


async def _hears_by_text(sender: Sender, work: Assignment) -> bool:
    """Whether the message with the address goes out the same way at once: it is reply enough."""
    message = await find_message_by_key(sender.session, f"agreed_volunteer:{work.id}")
    return (
        message is not None
        and message.channel is sender.talk.channel
        and message.status is MessageStatus.QUEUED
        and message.due_at <= sender.talk.now
    )


async def say_no(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """Decline what the codes stand for, or the whole message when there is no code."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    refusal = await _refuse_codes(sender, meant)
    if not meant.is_nothing:
        replies = [await text_residents.deny(sender, row) for row in meant.requests]
        replies += [await _decline(sender, offer) for offer in meant.offers]
        return _join([*replies, refusal])
    offers = [row for row in await sender.live_offers() if row.status is OfferStatus.SENT]
    waiting = await sender.requests((RequestStatus.DONE,))
    if not offers:
        if waiting:
            return await text_residents.deny(sender, waiting[0])
        return sender.say("nothing_to_answer")
    for ask_id in dict.fromkeys(row.ask_id for row in offers):
        if ask_id is not None:
            owner = next(row for row in offers if row.ask_id == ask_id)
            await decline_plan(session, sender.actor_of(owner.volunteer_id), ask_id, now=talk.now)
    for offer in offers:
        if offer.ask_id is None:
            await _decline(sender, offer)
    return sender.say("no_thanks")


async def _decline(sender: Sender, offer: Offer) -> str:
    actor = sender.actor_of(offer.volunteer_id)
    if offer.status is OfferStatus.ACCEPTED:
        work = await find_assignment_of_offer(sender.session, offer.id)
        return await _give_back(sender, work) if work is not None else sender.say("no_thanks")
    if offer.status in TAKEABLE_OFFERS:
        await decline_offer(sender.session, actor, offer.id, now=sender.talk.now)
    return sender.say("no_thanks")


async def say_done(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """The work is done: a volunteer's report, or the resident's."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    refusal = await _refuse_codes(sender, meant)
    if meant.requests:
        return await text_residents.confirm(sender, meant.requests[0])
    works = await _works_meant(sender, meant)
    if works is None:
        waiting = await sender.requests(text_residents.REPORTABLE)
        return (
            await text_residents.confirm(sender, waiting[0])
            if waiting
            else refusal or (sender.say("no_work"))
        )
    held = [work for work in works if work.status in HELD_ASSIGNMENTS]
    if meant.is_nothing and len(held) > 1 and command.which is not Which.ALL:
        return sender.say("which", choices=_codes_of(held), verb=_word("DONE", "HECHO", sender))
    replies = []
    for work in held or works[:1]:
        code = work.offer.code
        if work.status is AssignmentStatus.RELEASED:
            replies.append(sender.say("work_over", code=code))
            continue
        already = work.status is AssignmentStatus.DONE
        actor = sender.actor_of(work.volunteer_id)
        await casework.report_done(session, actor, work.id, now=talk.now)
        replies.append(sender.say("done_already" if already else "done", code=code))
    return _join([*replies, refusal])


async def say_on_my_way(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """The volunteer sets off."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    refusal = await _refuse_codes(sender, meant)
    held = [
        work for work in await _works_meant(sender, meant) or [] if work.status in HELD_ASSIGNMENTS
    ]
    if not held:
        return refusal or sender.say("no_work")
    # Whoever holds several visits sets off for the first one.
    work, code = held[0], held[0].offer.code
    await casework.start_work(session, sender.actor_of(work.volunteer_id), work.id, now=talk.now)
    return sender.say("on_my_way", code=code)


async def say_cannot(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """A volunteer gives a visit back; a resident calls a request off."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    refusal = await _refuse_codes(sender, meant)
    if meant.requests:
        return await text_residents.call_off(sender, meant.requests[0])
    held = [
        work for work in await _works_meant(sender, meant) or [] if work.status in HELD_ASSIGNMENTS
    ]
    if not held:
        return refusal or await say_no(session, talk, command)
    if meant.is_nothing and len(held) > 1:
        verb = _word("CANCEL", "CANCELAR", sender)
        return sender.say("which", choices=_codes_of(held), verb=verb)
    return _join([await _give_back(sender, work) for work in held])


async def _give_back(sender: Sender, work: Assignment) -> str:
    offer = await sender.session.get_one(Offer, work.offer_id)
    if work.status not in HELD_ASSIGNMENTS:
        return sender.say("work_over", code=offer.code)
    actor = sender.actor_of(work.volunteer_id)
    await release_work(
        sender.session, actor, work.id, now=sender.talk.now, reason="volunteer_cannot"
    )
    return sender.say("given_back", code=offer.code)


async def say_not_now(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """No more offers in this storm."""
    sender = await read_sender(session, talk)
    if not sender.volunteers:
        return sender.say("not_volunteer")
    asked = {offer.volunteer_id for offer in await sender.live_offers()}
    for volunteer in sender.volunteers:
        if not asked or volunteer.id in asked:
            actor = sender.actor_of(volunteer.id)
            await say_not_today(session, actor, volunteer.id, now=talk.now)
    return sender.say("not_today")


async def say_pause(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """No offers for some days."""
    sender = await read_sender(session, talk)
    if not sender.volunteers:
        return sender.say("not_volunteer")
    until = talk.now + timedelta(days=command.days or USUAL_PAUSE_DAYS)
    for volunteer in sender.volunteers:
        actor = sender.actor_of(volunteer.id)
        await pause_volunteer(session, actor, volunteer.id, until=until, now=talk.now)
    translator = Translator(talk.language, time_zone=talk.time_zone)
    return sender.say("paused", day=translator.say_day(until))


async def say_start(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """A pause ends with START, too."""
    sender = await read_sender(session, talk)
    for volunteer in sender.volunteers:
        if volunteer.paused_until is not None and volunteer.paused_until > talk.now:
            actor = sender.actor_of(volunteer.id)
            await resume_volunteer(session, actor, volunteer.id, now=talk.now)
    return None


async def ask_status(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """What is open, what is agreed, how the request stands."""
    sender = await read_sender(session, talk)
    offers, held = await sender.live_offers(), await sender.held_work()
    parts = []
    if held:
        parts.append(sender.say("status_yours", choices=_codes_of(held)))
    if offers:
        choices = await sender.tell_offers(offers)
        parts.append(sender.say("status_open", choices=choices))
    requests = await sender.requests()
    if requests:
        parts.append(await sender.tell_requests(requests))
    return _join(parts) or sender.say("status_nothing")


async def not_understood(session: Session, talk: Conversation, command: TextCommand) -> str | None:
    """A code alone, or words without a verb."""
    sender = await read_sender(session, talk)
    meant = await look_up_codes(sender, command)
    known = [offer for offer in meant.offers if offer.status in TAKEABLE_OFFERS]
    if known:
        return sender.say("use_yes_no", code=known[0].code)
    return await text_residents.hint(sender)


async def _works_meant(sender: Sender, meant: Meant) -> list[Assignment] | None:
    """The visits that the codes stand for; without a code all that are agreed; None for none."""
    if meant.is_nothing:
        return await sender.held_work() or None
    works = []
    for offer in meant.offers:
        works += await list_work_of_offer(sender.session, offer.id)
    return works or None


async def _refuse_codes(sender: Sender, meant: Meant) -> str | None:
    if meant.shared is not None:
        return sender.say("who", code=meant.shared, choices=", ".join(meant.names))
    if not meant.unknown:
        return None
    offers, held = await sender.live_offers(), await sender.held_work()
    known = [*(row.code for row in offers), *(work.offer.code for work in held)]
    choices = sender.say("your_codes", choices=", ".join(dict.fromkeys(known))) if known else ""
    return sender.say("unknown_code", code=meant.unknown[0], choices=choices).strip()


def _codes_of(works: Sequence[Assignment]) -> str:
    return ", ".join(work.offer.code for work in works)


def _word(english: str, spanish: str, sender: Sender) -> str:
    return spanish if sender.talk.language == "es" else english


def _join(parts: Sequence[str | None]) -> str | None:
    return " ".join(dict.fromkeys(part for part in parts if part)) or None
