"""Everything that a round reads, in one snapshot of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching.kinds import AssignmentStatus, OfferStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.rounds import repository as round_repository
from matching.volunteering import tools_repository, work_repository
from matching.volunteering.clearance import Clearance, load_clearances, load_required
from matching.volunteering.tools_repository import StockRow
from people.models import Community
from people.repository import read_rules_at
from people.rules import Rules

DEFAULT_HORIZON = timedelta(hours=36)


@dataclass(frozen=True)
class Horizon:
    """The time that a round plans; seconds of the problem count from ``zero_at``.

    Parameters
    ----------
    zero_at
        Midnight of the first day by the community's clock: the same problem an hour later has the
        same seconds.
    start_at, end_at
        Nothing starts before or ends after.
    """

    zero_at: datetime
    start_at: datetime
    end_at: datetime

    def seconds(self, moment: datetime) -> int:
        """Whole seconds from ``zero_at``."""
        return round((moment - self.zero_at).total_seconds())

    def moment(self, seconds: int) -> datetime:
        """The moment of a second of the problem."""
        return self.zero_at + timedelta(seconds=seconds)


@dataclass(frozen=True)
class HeldWork:
    """Work that a round must keep: accepted, or offered and waiting for the answer."""

    volunteer_id: UUID
    request_id: UUID
    starts_at: datetime
    ends_at: datetime
    accepted: bool
    seats: int = 1
    """Places in the crew that accepted work fills."""


@dataclass(frozen=True)
class RoundInputs:
    """A community at one moment.

    Parameters
    ----------
    requests
        Open ones in the order of arrival, and those with held work that is not over.
    busy
        Volunteers who are at work now, and until when.
    bans
        (volunteer, resident).
    season_pairs
        (volunteer, resident, bonus in metres).
    draft_offer_ids
        Offers of earlier rounds that were never sent; the new round replaces them.
    weight_share
        What is left of a request's weight, for those that others are being asked about; 0 to 1.
    places
        Most visits of a volunteer in this round, for those who may do fewer than usual.
    done
        Starts of the work of each volunteer on the days of the round that is not in ``held``.
    gone_seats
        Places in a crew that are held outside of this round: by those who are at work, or paused.
    asked, resting
        Volunteers with no place in this round because they were asked and have not answered, or
        because nobody may write to them now.
    agreed
        Agreed work of each volunteer that the round plans around, not with: from when to when.
    clearances, required_vetting
        Who is checked for what, and which checks each kind of help needs.
    stocks, borrowed
        Tools that could be lent, and those that volunteers have on loan.
    """

    community: Community
    rules: Rules
    horizon: Horizon
    requests: tuple[HelpRequest, ...]
    volunteers: tuple[Volunteer, ...]
    held: tuple[HeldWork, ...]
    busy: dict[UUID, datetime]
    bans: tuple[tuple[UUID, UUID], ...]
    season_pairs: tuple[tuple[UUID, UUID, float], ...]
    draft_offer_ids: tuple[UUID, ...]
    weight_share: Mapping[UUID, float] = field(default_factory=dict)
    places: Mapping[UUID, int] = field(default_factory=dict)
    done: Mapping[UUID, tuple[datetime, ...]] = field(default_factory=dict)
    gone_seats: Mapping[UUID, int] = field(default_factory=dict)
    agreed: Mapping[UUID, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    asked: frozenset[UUID] = frozenset()
    resting: frozenset[UUID] = frozenset()
    clearances: Mapping[UUID, Clearance] = field(default_factory=dict)
    required_vetting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stocks: tuple[StockRow, ...] = ()
    borrowed: Mapping[UUID, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def held_by_volunteer(self) -> dict[UUID, list[tuple[datetime, datetime]]]:
        """Start and end of the work that each volunteer holds."""
        found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
        for work in self.held:
            found[work.volunteer_id].append((work.starts_at, work.ends_at))
        return found

    def around_agreed(self, *, and_offered: bool = False) -> RoundInputs:
        """The same community, with its agreed work out of the round's hands.

        Accepted work that people fitted in by themselves need not keep the rules that a plan must
        keep. It cannot be moved anyway: its time and its places in the crew are gone. With
        ``and_offered`` the same holds for what was offered and waits for an answer; else the round
        looks for others as well.
        """
        seats, starts = dict(self.gone_seats), {key: list(day) for key, day in self.done.items()}
        agreed: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
        for work in self.held:
            if work.accepted or and_offered:
                seats[work.request_id] = seats.get(work.request_id, 0) + work.seats
                starts.setdefault(work.volunteer_id, []).append(work.starts_at)
                agreed[work.volunteer_id].append((work.starts_at, work.ends_at))
        return replace(
            self,
            requests=tuple(row for row in self.requests if seats.get(row.id, 0) < row.crew_size),
            held=(),
            done={key: tuple(day) for key, day in starts.items()},
            gone_seats=seats,
            agreed={key: tuple(sorted(spans)) for key, spans in agreed.items()},
        )

    @property
    def zone(self) -> ZoneInfo:
        """The clock on the wall."""
        return ZoneInfo(self.community.time_zone)


async def read_inputs(
    session: Session,
    community: Community,
    *,
    now: datetime,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
) -> RoundInputs:
    """Read all that matters to a round; the session should see one snapshot."""
    open_requests = await round_repository.load_open_requests(session, community.id)
    assignments = await round_repository.load_held_assignments(session, community.id)
    offers = await round_repository.load_live_offers(session, community.id)
    requests = {request.id: request for request in open_requests}
    for work in assignments:
        if work.status is not AssignmentStatus.IN_PROGRESS:
            requests.setdefault(work.request_id, work.request)
    zone = ZoneInfo(community.time_zone)
    horizon = choose_horizon(
        list(requests.values()), zone, now=now, start_at=start_at, end_at=end_at
    )
    volunteers = await round_repository.load_available_volunteers(
        session, community.id, at=horizon.start_at
    )
    held = _find_held(
        assignments,
        offers,
        requests,
        present={row.id for row in volunteers},
        start_at=horizon.start_at,
    )
    rules = await read_rules_at(session, community.id, now)
    about = await _read_about_volunteers(session, community, horizon, volunteers, held)
    day = horizon.start_at.astimezone(zone).date()
    return RoundInputs(
        community=community,
        rules=rules,
        horizon=horizon,
        requests=tuple(sorted(requests.values(), key=lambda row: (row.created_at, row.id))),
        volunteers=tuple(volunteers),
        held=tuple(work for work in held.works if work.starts_at >= horizon.start_at),
        busy=_find_busy(assignments, now),
        bans=tuple(await round_repository.load_bans(session, community.id)),
        season_pairs=tuple(await round_repository.load_season_pairs(session, community.id, day)),
        draft_offer_ids=tuple(offer.id for offer in offers if offer.status is OfferStatus.PROPOSED),
        done=about.done,
        gone_seats=held.gone_seats,
        clearances=about.clearances,
        required_vetting=await load_required(session, community.id, rules, now=now),
        stocks=about.stocks,
        borrowed=about.borrowed,
    )


@dataclass
class _Held:
    works: list[HeldWork] = field(default_factory=list)
    gone_seats: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))


def _find_held(
    assignments: Sequence[Assignment],
    offers: Sequence[Offer],
    requests: dict[UUID, HelpRequest],
    *,
    present: set[UUID],
    start_at: datetime,
) -> _Held:
    """Work that the round must keep; requests that only others hold are left out of it.

    Also left out is what should have begun before the round: somebody is there by now, or will be
    asked why not.
    """
    held = _Held()
    for work in assignments:
        begun = work.status is AssignmentStatus.IN_PROGRESS or work.starts_at < start_at
        if begun or work.volunteer_id not in present:
            held.gone_seats[work.request_id] += work.seats
            continue
        held.works.append(
            HeldWork(
                work.volunteer_id,
                work.request_id,
                work.starts_at,
                work.ends_at,
                True,
                work.seats,
            )
        )
    accepted = {(work.volunteer_id, work.request_id) for work in held.works}
    held.works += [
        HeldWork(offer.volunteer_id, offer.request_id, offer.starts_at, offer.ends_at, False)
        for offer in offers
        if offer.status is OfferStatus.SENT
        and offer.request_id in requests
        and offer.volunteer_id in present
        and (offer.volunteer_id, offer.request_id) not in accepted
    ]
    kept = {work.request_id for work in held.works}
    for key, seats in held.gone_seats.items():
        if key in requests and key not in kept and seats >= requests[key].crew_size:
            del requests[key]
    return held


def _find_busy(assignments: Sequence[Assignment], now: datetime) -> dict[UUID, datetime]:
    """Until when those are at work who are at work now, or should be."""
    busy: dict[UUID, datetime] = {}
    for work in assignments:
        if work.status is AssignmentStatus.IN_PROGRESS or work.starts_at <= now < work.ends_at:
            busy[work.volunteer_id] = max(busy.get(work.volunteer_id, now), work.ends_at)
    return busy


@dataclass(frozen=True)
class _About:
    done: Mapping[UUID, tuple[datetime, ...]]
    clearances: Mapping[UUID, Clearance]
    stocks: tuple[StockRow, ...]
    borrowed: Mapping[UUID, frozenset[str]]


async def _read_about_volunteers(
    session: Session,
    community: Community,
    horizon: Horizon,
    volunteers: Sequence[Volunteer],
    held: _Held,
) -> _About:
    """What limits volunteers besides their own profile."""
    locked = {
        (work.volunteer_id, work.starts_at)
        for work in held.works
        if work.accepted and work.starts_at >= horizon.start_at
    }
    done: dict[UUID, list[datetime]] = defaultdict(list)
    for key, starts_at, _ in await work_repository.load_work_of_days(
        session, community.id, starts_at=horizon.zero_at, ends_at=horizon.end_at
    ):
        if (key, starts_at) not in locked:
            done[key].append(starts_at)
    stocks = await tools_repository.load_stocks(session, community.id)
    return _About(
        done={key: tuple(starts) for key, starts in done.items()},
        clearances=await load_clearances(
            session,
            community.id,
            [row.id for row in volunteers],
            starts_at=horizon.start_at,
            ends_at=horizon.end_at,
        ),
        stocks=tuple(stocks),
        borrowed=await tools_repository.load_borrowed(session, community.id) if stocks else {},
    )


def choose_horizon(
    requests: list[HelpRequest],
    zone: ZoneInfo,
    *,
    now: datetime,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
) -> Horizon:
    """From now, or from the first window that is still open, for a day and a half.

    A programme that prepares for next week plans next week, not the empty days before it.
    """
    start = max(now, start_at) if start_at is not None else now
    if start_at is None:
        openings = [
            window.opens_at
            for request in requests
            for window in request.windows
            if window.closes_at > now
        ]
        start = max(now, min(openings, default=now))
    return Horizon(midnight_before(start, zone), start, end_at or start + DEFAULT_HORIZON)


def midnight_before(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the day of a moment began by the clock on the wall."""
    return datetime.combine(moment.astimezone(zone).date(), time(), zone).astimezone(UTC)
