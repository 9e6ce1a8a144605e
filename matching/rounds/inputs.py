"""Everything that a round reads, in one snapshot of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching.kinds import AssignmentStatus, OfferStatus
from matching.models import HelpRequest, Volunteer
from matching.rounds import repository as round_repository
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
    busy: dict[UUID, datetime] = {}
    held: list[HeldWork] = []
    for work in assignments:
        if work.status is AssignmentStatus.IN_PROGRESS:
            until = max(busy.get(work.volunteer_id, now), work.ends_at)
            busy[work.volunteer_id] = until
            continue
        requests.setdefault(work.request_id, work.request)
        held.append(
            HeldWork(work.volunteer_id, work.request_id, work.starts_at, work.ends_at, True)
        )
    held += [
        HeldWork(offer.volunteer_id, offer.request_id, offer.starts_at, offer.ends_at, False)
        for offer in offers
        if offer.status is OfferStatus.SENT and offer.request_id in requests
    ]
    horizon = choose_horizon(
        list(requests.values()),
        ZoneInfo(community.time_zone),
        now=now,
        start_at=start_at,
        end_at=end_at,
    )
    day = horizon.start_at.astimezone(ZoneInfo(community.time_zone)).date()
    return RoundInputs(
        community=community,
        rules=await read_rules_at(session, community.id, now),
        horizon=horizon,
        requests=tuple(sorted(requests.values(), key=lambda row: (row.created_at, row.id))),
        volunteers=tuple(
            await round_repository.load_available_volunteers(
                session, community.id, at=horizon.start_at
            )
        ),
        held=tuple(work for work in held if work.starts_at >= horizon.start_at),
        busy=busy,
        bans=tuple(await round_repository.load_bans(session, community.id)),
        season_pairs=tuple(await round_repository.load_season_pairs(session, community.id, day)),
        draft_offer_ids=tuple(offer.id for offer in offers if offer.status is OfferStatus.PROPOSED),
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
