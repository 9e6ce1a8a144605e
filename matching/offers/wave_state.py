"""What a wave knows besides the round's inputs: who was asked, who may be, what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from core.db import Session
from matching.intake.programme import load_storm_kinds
from matching.kinds import AskAnswer, AskStatus, RequestKind, RequestStatus, StormStatus
from matching.ladder.answers import awake_age_s, reply_chance, waiting_share
from matching.ladder.board import FloatArray, People
from matching.ladder.rules import LadderRules
from matching.models import HelpRequest, Storm, Volunteer
from matching.offers import asks_repository, wave_repository
from matching.offers.asks import read_ladder_rules, storm_willingness
from matching.offers.live import takes_part
from matching.offers.models import StormVolunteer
from matching.offers.wave_repository import LiveStop
from messaging.repository import ContactState, load_contact_state
from messaging.timing import DEFAULT_QUIET_FROM_MIN, DEFAULT_QUIET_UNTIL_MIN, is_quiet, quiet_hours
from people.models import Community
from people.rules import Rules

RECENT = timedelta(hours=14)
"""Messages of so long tire whoever gets them."""
SHIFT = timedelta(hours=20)
"""Work accepted within it counts as that of today."""
SERVED = frozenset(
    {
        RequestStatus.ACCEPTED,
        RequestStatus.IN_PROGRESS,
        RequestStatus.DONE,
        RequestStatus.CONFIRMED,
    }
)


@dataclass(frozen=True, eq=False)
class WaveState:
    """A community in the eyes of the ladder, at one moment.

    Parameters
    ----------
    storm
        The one that is active or on hold; None without.
    live
        Stops of asks that are out and neither answered nor silent.
    struck
        (volunteer, request): declined or given back.
    contacts
        By person: what they have heard from all senders.
    recent
        By person: messages of the last hours.
    reachable
        People who have agreed to get offers and have a way to get them.
    accepted
        By volunteer: homes taken today and not given back.
    eager
        Volunteers who said yes since they were last asked.
    area_need
        By area name: homes served, homes in all.
    """

    now: datetime
    community: Community
    rules: Rules
    ladder: LadderRules
    storm: Storm | None
    live: Sequence[LiveStop]
    struck: set[tuple[UUID, UUID]]
    in_storm: Mapping[UUID, StormVolunteer]
    contacts: Mapping[UUID, ContactState]
    recent: Mapping[UUID, int]
    reachable: set[UUID]
    accepted: Mapping[UUID, int]
    eager: set[UUID]
    waiting: set[UUID]
    """Volunteers with an ask that is not answered yet."""
    area_need: Mapping[str, tuple[int, int]]
    storm_kinds: frozenset[RequestKind]
    """Kinds of help that are asked for only while a storm is active."""

    @property
    def zone(self) -> ZoneInfo:
        """The community's clock on the wall."""
        return ZoneInfo(self.community.time_zone)

    @property
    def urgent_mode(self) -> bool:
        """Whether a manager put urgent homes above the number of homes."""
        return self.storm is not None and self.storm.urgent_since is not None

    def may_offer(self, request: HelpRequest) -> bool:
        """Whether a request may be offered at all now: some kinds only while a storm is active."""
        if request.kind not in self.storm_kinds:
            return True
        return self.storm is not None and self.storm.status is StormStatus.ACTIVE

    def is_urgent(self, request: HelpRequest) -> bool:
        """Whether a request stands on top of every list."""
        return request.weight >= self.rules.urgent_weight

    def nobody(self) -> dict[UUID, float]:
        """By request with a live ask: the chance that none of them becomes a yes."""
        chances: dict[UUID, float] = {}
        if not self.live:
            return chances
        sent_s = np.array([stop.sent_at.timestamp() for stop in self.live])
        quiet = quiet_spans(self.zone, self.now - timedelta(days=3), self.now)
        age_s = awake_age_s(self.now.timestamp(), sent_s, quiet)
        still = waiting_share(age_s, self.ladder)
        for stop, share in zip(self.live, still.tolist(), strict=True):
            chances[stop.request_id] = chances.get(stop.request_id, 1.0) * (
                1.0 - stop.accept_p * share
            )
        return chances

    def people(self, volunteers: Sequence[Volunteer], held: Mapping[UUID, int]) -> People:
        """The volunteers as the ladder sees them, in the order given.

        ``held`` counts the accepted work of each that is not over.
        """
        contacts = [self.contacts.get(row.person_id, ContactState()) for row in volunteers]
        taken = [max(self.accepted.get(row.id, 0), held.get(row.id, 0)) for row in volunteers]
        recent = np.array([self.recent.get(row.person_id, 0) for row in volunteers], np.int64)
        seen = [self.in_storm.get(row.id) for row in volunteers]
        return People(
            willingness=np.array(
                [
                    storm_willingness(row.accept_prior, today)
                    for row, today in zip(volunteers, seen, strict=True)
                ],
                np.float64,
            ),
            reply=np.asarray(reply_chance(recent, self.ladder), np.float64),
            places=np.array(
                [
                    max(0, row.max_tasks - count)
                    for row, count in zip(volunteers, taken, strict=True)
                ],
                np.int64,
            ),
            n_messages=np.array([state.sent_count for state in contacts], np.int64),
            n_accepted=np.array(taken, np.int64),
            n_silences=np.array(
                [0 if row is None else row.silence_count for row in seen], np.int64
            ),
            last_message_s=np.array(
                [
                    -np.inf if state.last_sent_at is None else state.last_sent_at.timestamp()
                    for state in contacts
                ],
                np.float64,
            ),
            gap_waived=np.array([row.id in self.eager for row in volunteers], bool),
            may_ask=np.array([self.may_ask(row) for row in volunteers], bool),
            live=np.array([row.id in self.waiting for row in volunteers], bool),
        )

    def may_ask(self, volunteer: Volunteer) -> bool:
        """Whether a message may go to this volunteer at this moment."""
        row = self.in_storm.get(volunteer.id)
        return (
            takes_part(volunteer, self.now)
            and volunteer.person_id in self.reachable
            and (row is None or row.not_today_at is None)
            and not is_quiet(self.now, self.zone, *quiet_hours(volunteer.person.preferences))
        )


async def read_wave_state(
    session: Session, community: Community, rules: Rules, *, now: datetime
) -> WaveState:
    """Read what the ladder needs to know; the session should see one snapshot."""
    storm = await asks_repository.find_running_storm(session, community.id)
    fit = await asks_repository.find_answer_model(session, community.id, now)
    persons = await wave_repository.load_person_ids(session, community.id)
    asks = await asks_repository.list_asks(session, community.id, (AskStatus.SENT,))
    last = await wave_repository.load_last_answers(session, community.id)
    storm_kinds = await load_storm_kinds(session, community.id, now)
    return WaveState(
        now=now,
        community=community,
        rules=rules,
        ladder=read_ladder_rules(rules, None if fit is None else fit.model.get("rules")),
        storm=storm,
        live=await wave_repository.load_live_stops(session, community.id),
        struck=await wave_repository.load_struck_pairs(session, community.id),
        in_storm={}
        if storm is None
        else await wave_repository.load_storm_volunteers(session, storm.id),
        contacts=await _load_contacts(session, persons, None if storm is None else storm.id),
        recent=await wave_repository.count_messages_since(session, community.id, now - RECENT),
        reachable=await wave_repository.load_reachable(session, community.id),
        accepted=await wave_repository.count_work_since(session, community.id, now - SHIFT),
        eager={volunteer for volunteer, answer in last.items() if answer is AskAnswer.YES},
        waiting={ask.volunteer_id for ask in asks},
        area_need=await _load_area_need(session, storm, storm_kinds),
        storm_kinds=storm_kinds,
    )


async def _load_contacts(
    session: Session, persons: Sequence[UUID], storm_id: UUID | None
) -> dict[UUID, ContactState]:
    found: dict[UUID, ContactState] = {}
    step = wave_repository.KEYS_PER_QUERY
    for start in range(0, len(persons), step):
        found.update(await load_contact_state(session, persons[start : start + step], storm_id))
    return found


async def _load_area_need(
    session: Session, storm: Storm | None, kinds: frozenset[RequestKind]
) -> dict[str, tuple[int, int]]:
    if storm is None:
        return {}
    need: dict[str, tuple[int, int]] = {}
    for area, status, count in await wave_repository.count_by_area(session, storm, kinds):
        served, total = need.get(area, (0, 0))
        need[area] = (served + (count if status in SERVED else 0), total + count)
    return need


def quiet_spans(zone: ZoneInfo, start_at: datetime, end_at: datetime) -> FloatArray:
    """(h, 2) float64: the usual quiet hours between two moments, seconds since 1970."""
    day = start_at.astimezone(zone).date() - timedelta(days=1)
    spans = []
    while day <= end_at.astimezone(zone).date():
        begins = datetime.combine(day, _clock(DEFAULT_QUIET_FROM_MIN), zone)
        day += timedelta(days=1)
        ends = datetime.combine(day, _clock(DEFAULT_QUIET_UNTIL_MIN), zone)
        if ends > start_at and begins < end_at:
            spans.append((begins.timestamp(), ends.timestamp()))
    return np.array(spans, np.float64).reshape(-1, 2)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
