"""The answer model of a community, fitted again to what its volunteers really did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_id
from matching import policy
from matching.errors import NothingAsked
from matching.kinds import AskAnswer, AskStatus
from matching.ladder.answers import awake_age_s
from matching.ladder.refit import AnswerLog, FittedModel, fit_answer_model
from matching.offers import asks_repository, wave_repository
from matching.offers.asks import read_ladder_rules
from matching.offers.models import AnswerModelFit, Ask, AskedHome
from matching.offers.wave_state import RECENT, quiet_spans
from people.auth import Actor
from people.errors import CommunityUnknown
from people.repository import read_rules_at

SENT = (AskStatus.SENT, AskStatus.ANSWERED, AskStatus.SILENT)


async def refit_answer_model(
    session: Session, actor: Actor, community_id: UUID, *, now: datetime
) -> FittedModel:
    """Fit the answer model of a community to its log of asks, and use it from now on. Staff only.

    What the community decided itself, in its rules, stays. Records ``ladder.refitted``.

    Raises
    ------
    NothingAsked
        When nobody was ever asked.
    """
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community may fit its answer model.")
    community = await asks_repository.find_community(session, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    asks = await asks_repository.list_asks(session, community_id, SENT)
    if not asks:
        raise NothingAsked("Nobody was asked yet; there is nothing to learn from.")
    shown = await wave_repository.load_shown(session, [ask.id for ask in asks])
    people = sorted({ask.volunteer_id for ask in asks})
    # The usual numbers are the prior, whatever was fitted before: the log holds it all.
    rules = read_ladder_rules(await read_rules_at(session, community_id, now))
    log = make_log(asks, shown, people, ZoneInfo(community.time_zone), now)
    fitted = fit_answer_model(log, rules, n_people=len(people))
    session.add(
        AnswerModelFit(
            id=new_id(),
            community_id=community_id,
            valid_from=now,
            ask_count=fitted.n_asks,
            model={
                "rules": fitted.rules,
                "estimates": [asdict(one) for one in fitted.estimates],
            },
        )
    )
    # What was learnt in one storm fades into what the whole log says of a person.
    for volunteer_id, willingness in zip(people, fitted.willingness.tolist(), strict=True):
        await asks_repository.set_willingness(session, volunteer_id, willingness, now)
    record_event(
        session,
        "ladder.refitted",
        subject_type="community",
        subject_id=community_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
        ask_count=fitted.n_asks,
    )
    await session.flush()
    return fitted


def make_log(
    asks: Sequence[Ask],
    shown: Sequence[AskedHome],
    people: Sequence[UUID],
    zone: ZoneInfo,
    now: datetime,
) -> AnswerLog:
    """The log of asks as the ladder reads it; hours of sleep do not count as waiting."""
    person_at = {key: number for number, key in enumerate(people)}
    ask_at = {ask.id: number for number, ask in enumerate(asks)}
    sent: dict[UUID, list[datetime]] = {}
    for ask in asks:
        if ask.sent_at is not None:
            sent.setdefault(ask.volunteer_id, []).append(ask.sent_at)
    read = [row for row in shown if asks[ask_at[row.ask_id]].answer is not None]
    return AnswerLog(
        person=np.array([person_at[ask.volunteer_id] for ask in asks], np.int64),
        answered=np.array([ask.answer is not None for ask in asks], np.bool_),
        said_yes=np.array([ask.answer is AskAnswer.YES for ask in asks], np.bool_),
        waited_s=np.array([_waited_s(ask, zone, now) for ask in asks], np.float64),
        n_recent=np.array([_count_recent(ask, sent) for ask in asks], np.int64),
        shown_ask=np.array([ask_at[row.ask_id] for row in read], np.int64),
        shown_reach=np.array([row.radius_share for row in read], np.float64),
        shown_taken=np.array([row.answer is AskAnswer.YES for row in read], np.bool_),
    )


def _waited_s(ask: Ask, zone: ZoneInfo, now: datetime) -> float:
    if ask.sent_at is None:
        return 0.0
    until = ask.answered_at or now
    quiet = quiet_spans(zone, ask.sent_at - timedelta(days=1), until)
    sent_s = np.array([ask.sent_at.timestamp()])
    return float(awake_age_s(until.timestamp(), sent_s, quiet)[0])


def _count_recent(ask: Ask, sent: dict[UUID, list[datetime]]) -> int:
    if ask.sent_at is None:
        return 0
    since = ask.sent_at - RECENT
    return sum(since <= moment < ask.sent_at for moment in sent[ask.volunteer_id])
