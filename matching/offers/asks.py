"""One ask from its answer or its silence on: what it teaches, and when it stops counting."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np

from core.db import Session
from core.events import record_event
from matching import repository
from matching.errors import AskUnknown, VolunteerUnknown
from matching.kinds import AskAnswer, AskStatus
from matching.ladder.answers import after_no, after_silence, after_yes
from matching.ladder.rules import LadderRules
from matching.models import Volunteer
from matching.offers import asks_repository
from matching.offers.models import Ask, AskedHome, StormVolunteer
from matching.offers.sending import expire_offer
from matching.transitions import Cause, move_ask
from people.errors import InvalidRules
from people.repository import read_rules_at
from people.rules import Rules

SILENT_PAGE = 50
"""Silent asks that one transaction ends."""
USUAL_WILLINGNESS = 0.5
FADE = 0.5
"""How far willingness goes back to the usual from one storm to the next."""


def storm_willingness(stored: float, today: StormVolunteer | None) -> float:
    """How willing somebody is taken to be: what today taught, else half way back to the usual.

    Who stayed silent through one storm is asked again in the next.
    """
    if today is not None:
        return stored
    return stored + FADE * (USUAL_WILLINGNESS - stored)


def read_ladder_rules(rules: Rules, fitted: dict[str, float] | None = None) -> LadderRules:
    """The ladder's numbers: the usual ones, what was fitted from answers, what was decided.

    Raises
    ------
    InvalidRules
        Naming the number.
    """
    try:
        return msgspec.convert({**(fitted or {}), **rules.ladder}, LadderRules, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise InvalidRules(f"The rule 'ladder' cannot be used: {error}.") from None


async def load_ladder_rules(session: Session, community_id: UUID, now: datetime) -> LadderRules:
    """The ladder's numbers of a community at a moment."""
    rules = await read_rules_at(session, community_id, now)
    fit = await asks_repository.find_answer_model(session, community_id, now)
    return read_ladder_rules(rules, None if fit is None else fit.model.get("rules"))


async def record_answer(
    session: Session,
    ask_id: UUID,
    answer: AskAnswer,
    *,
    now: datetime,
    request_ids: Collection[UUID] = (),
) -> Ask:
    """Write down what a volunteer answered to an ask, and learn from it. Saying it twice is fine.

    ``request_ids`` are the homes that the answer is about. A no to everything of the plan, a yes
    to anything, and "not today" end the weight of the ask in plans. Whoever calls holds, or goes
    on to hold, the volunteer first. Records ``ask.answered`` with the first answer that ends it.
    """
    seen = await asks_repository.find_ask(session, ask_id)
    if seen is None:
        raise AskUnknown(f"There is no ask {ask_id}.")
    volunteer = await repository.lock_volunteer(session, seen.volunteer_id)
    if volunteer is None:
        raise VolunteerUnknown(f"There is no volunteer {seen.volunteer_id}.")
    ask = await repository.get_locked(session, Ask, ask_id)
    assert ask is not None
    shown = await asks_repository.list_shown(session, ask_id)
    news = await _mark_homes(session, ask, shown, answer, request_ids=request_ids, now=now)
    if answer is AskAnswer.NOT_TODAY:
        await say_not_today(session, ask, now=now)
    ends = answer is not AskAnswer.NO or _all_declined(shown, request_ids)
    if not ends or not (news or ask.answer is None):
        return ask
    if ask.status in (AskStatus.SENT, AskStatus.SILENT):
        sent_at = ask.sent_at or now
        ask = await move_ask(
            session,
            ask_id,
            AskStatus.ANSWERED,
            Cause(now=now, actor_id=volunteer.person_id),
            answer=answer,
            answered_at=now,
            answer_delay_s=(now - sent_at).total_seconds(),
        )
        await _learn(session, ask, volunteer, answer, now)
    elif answer is AskAnswer.YES and ask.answer is not AskAnswer.YES:
        await _learn(session, ask, volunteer, answer, now)
    return ask


async def say_not_today(session: Session, ask: Ask, *, now: datetime) -> None:
    """End the messages of this storm for the volunteer of an ask. Saying it twice is fine."""
    if ask.storm_id is not None:
        await stop_for_storm(session, ask.storm_id, ask.volunteer_id, now=now)


async def stop_for_storm(
    session: Session, storm_id: UUID, volunteer_id: UUID, *, now: datetime
) -> None:
    """Send nothing more to a volunteer in this storm. Records ``volunteer.not_today`` once."""
    row = await get_storm_volunteer(session, storm_id, volunteer_id)
    if row.not_today_at is not None:
        return
    row.not_today_at = now
    record_event(
        session,
        "volunteer.not_today",
        subject_type="volunteer",
        subject_id=volunteer_id,
        happened_at=now,
        storm_id=storm_id,
    )
    await session.flush()


async def get_storm_volunteer(
    session: Session, storm_id: UUID, volunteer_id: UUID
) -> StormVolunteer:
    """The row of a volunteer in a storm, made when it is missing; the volunteer is locked."""
    row = await asks_repository.find_storm_volunteer(session, storm_id, volunteer_id)
    if row is None:
        row = StormVolunteer(
            storm_id=storm_id, volunteer_id=volunteer_id, not_today_at=None, silence_count=0
        )
        session.add(row)
        await session.flush()
    return row


async def expire_asks(session: Session, community_id: UUID, *, now: datetime) -> int:
    """End the weight of asks that stayed silent: one page of them, and say how many.

    The right to say yes stays. Records ``ask.silent`` and ``offer.expired``.
    """
    silent = await asks_repository.list_asks(
        session, community_id, (AskStatus.SENT,), silent_before=now, limit=SILENT_PAGE
    )
    volunteers = {
        key: await repository.lock_volunteer(session, key)
        for key in sorted({row.volunteer_id for row in silent})
    }
    # Also stops of asks that were answered for another home.
    offers = await asks_repository.list_old_sent_offers(session, community_id, now=now)
    for offer in offers:
        await expire_offer(session, offer.request_id, offer.id, now=now)
    rules = await load_ladder_rules(session, community_id, now)
    expired = 0
    for seen in silent:
        ask = await repository.get_locked(session, Ask, seen.id)
        volunteer = volunteers[seen.volunteer_id]
        if volunteer is None or ask is None or ask.status is not AskStatus.SENT:
            continue
        await move_ask(session, ask.id, AskStatus.SILENT, Cause(now=now, reason="no_answer"))
        today = await _find_today(session, ask)
        before = storm_willingness(volunteer.accept_prior, today)
        willingness = after_silence(before, rules, ask.life_s)
        await asks_repository.set_willingness(session, volunteer.id, willingness, now)
        if ask.storm_id is not None:
            row = await get_storm_volunteer(session, ask.storm_id, volunteer.id)
            row.silence_count += 1
        expired += 1
    await session.flush()
    return expired


async def _find_today(session: Session, ask: Ask) -> StormVolunteer | None:
    if ask.storm_id is None:
        return None
    return await asks_repository.find_storm_volunteer(session, ask.storm_id, ask.volunteer_id)


async def _mark_homes(
    session: Session,
    ask: Ask,
    shown: list[AskedHome],
    answer: AskAnswer,
    *,
    request_ids: Collection[UUID],
    now: datetime,
) -> bool:
    """Write the answer beside each home; whether any of it was new."""
    known = {row.request_id: row for row in shown}
    news = False
    for number, request_id in enumerate(sorted(set(request_ids))):
        row = known.get(request_id)
        if row is None:
            # Taken from the list that was open at that moment, not from the message.
            row = AskedHome(
                ask_id=ask.id,
                request_id=request_id,
                position=len(shown) + number,
                in_plan=False,
                accept_p=0.0,
                travel_s=0,
                travel_m=0,
                travel_bucket="",
                radius_share=0.0,
            )
            session.add(row)
        if row.answer is not answer:
            row.answer, row.answered_at, news = answer, now, True
    await session.flush()
    return news


def _all_declined(shown: list[AskedHome], request_ids: Collection[UUID]) -> bool:
    plan = [row for row in shown if row.in_plan]
    said_no = {row.request_id for row in shown if row.answer is AskAnswer.NO} | set(request_ids)
    return all(row.request_id in said_no for row in plan)


async def _learn(
    session: Session, ask: Ask, volunteer: Volunteer, answer: AskAnswer, now: datetime
) -> None:
    """What an answer says of willingness; a no to everything also counts as a silence or more."""
    rules = await load_ladder_rules(session, ask.community_id, now)
    willingness = storm_willingness(volunteer.accept_prior, await _find_today(session, ask))
    if ask.storm_id is not None:
        row = await get_storm_volunteer(session, ask.storm_id, volunteer.id)
        refused = answer is AskAnswer.NO
        row.silence_count = row.silence_count + rules.silences_per_no if refused else 0
    if answer is AskAnswer.YES:
        willingness = after_yes(willingness, rules)
    elif answer is AskAnswer.NO:
        shown = await asks_repository.list_shown(session, ask.id)
        reach = [one.radius_share for one in shown if one.answer is AskAnswer.NO]
        willingness = after_no(willingness, rules, np.array(reach))
    if willingness != volunteer.accept_prior:
        await asks_repository.set_willingness(session, volunteer.id, willingness, now)
