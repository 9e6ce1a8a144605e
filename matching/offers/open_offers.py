"""What a volunteer's app shows: the asks that wait, their plans, and what else is open.

Nothing here tells where a home is, or whose. It reads what the last wave left behind and plans
nothing, so it may be asked for as often as one likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.db import Session
from geo.blurred_travel import TimeBucket
from matching.intake.help_kinds import HelpKind, default_kinds, read_kinds
from matching.kinds import AskOrigin, AskStatus, RequestKind, TravelMode
from matching.offers import live_repository
from matching.offers.listing_repository import OfferedHomeRow
from matching.offers.live import OpenHome, choose_open, wanted_homes
from matching.offers.open_repository import OfferRow, Profile, load_profiles
from people.auth import Actor

NEAR = (TimeBucket.UNDER_5_MIN, TimeBucket.FROM_5_TO_10_MIN)
MAX_ASKS = 10


class WhyMe(StrEnum):
    """Why a home was put before this volunteer."""

    NEAR = "near"
    FITS_TIME = "fits_time"
    PART_OF_PLAN = "part_of_plan"
    URGENT = "urgent"
    INSTEAD = "instead"


@dataclass(frozen=True)
class HomeView:
    """One home before a yes, in the reader's language."""

    request_id: UUID
    offer: OfferRow | None
    kind: RequestKind
    label: str
    scope: tuple[str, ...]
    area: str | None
    cell: int | None
    travel: TimeBucket | None
    service_s: int
    urgent: bool
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime | None
    why: tuple[WhyMe, ...]


@dataclass(frozen=True)
class AskView:
    """A message that put homes before a volunteer: what is still open of its plan."""

    id: UUID
    status: AskStatus
    sent_at: datetime
    silent_after_at: datetime | None
    plan: tuple[HomeView, ...]
    """Each with its offer."""
    gone_count: int
    """Homes of the plan that others have taken, or that nobody is needed for any more."""


@dataclass(frozen=True)
class OpenOffers:
    """What is open for one volunteer at this moment."""

    volunteer_id: UUID
    community_id: UUID
    mode: TravelMode
    max_tasks: int
    held_count: int
    paused_until: datetime | None
    stopped_for_storm: bool
    asks: tuple[AskView, ...]
    menu: tuple[HomeView, ...]
    """Open homes that no plan holds, the best first."""


async def read_open_offers(
    session: Session,
    actor: Actor,
    language: str,
    *,
    now: datetime,
    community_id: UUID | None = None,
) -> list[OpenOffers]:
    """What is open for the actor, in each community where they help or in one. Three statements."""
    if actor.person_id is None:
        return []
    profiles = [
        row
        for row in await load_profiles(session, now, person_id=actor.person_id)
        if community_id is None or row.community_id == community_id
    ]
    wanted = {key for profile in profiles for key in wanted_homes(profile, now)}
    waiting = await live_repository.load_waiting_homes(session, wanted) if wanted else []
    return [
        _describe(profile, choose_open(profile, waiting, now), language, now)
        for profile in profiles
    ]


def describe_home(
    row: OfferedHomeRow,
    versions: Sequence[tuple[datetime, Mapping[str, Any]]],
    language: str,
    *,
    now: datetime,
) -> HomeView:
    """The home of an offer of any age; ``versions`` are what the kinds of help were, from when."""
    begun = [(valid_from, data) for valid_from, data in versions if valid_from <= now]
    newest = max(begun, key=lambda version: version[0], default=None)
    kind = _all_kinds(None if newest is None else newest[1])[row.kind]
    return HomeView(
        request_id=row.request_id,
        offer=None,
        kind=row.kind,
        label=kind.label(language),
        scope=tuple(kind.scope_label(code, language) for code in row.scope or ()),
        area=row.area,
        cell=row.cell,
        travel=None if row.travel_bucket is None else TimeBucket(row.travel_bucket),
        service_s=row.service_s,
        urgent=row.urgent,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        deadline_at=row.deadline_at,
        why=(),
    )


def _all_kinds(data: Mapping[str, Any] | None) -> Mapping[RequestKind, HelpKind]:
    """Every kind of help: the programme's, and those that it dropped as they usually are."""
    usual = default_kinds().by_code()
    return usual if data is None else {**usual, **read_kinds(data).by_code()}


def _describe(
    profile: Profile,
    homes: Sequence[OpenHome],
    language: str,
    now: datetime,
) -> OpenOffers:
    known = _all_kinds(profile.kinds)
    offers = {offer.id: offer for offer in profile.offers}
    open_homes = {home.request_id: home for home in homes}
    views, placed = [], set[UUID]()
    for ask in profile.asks[:MAX_ASKS]:
        plan = []
        for request_id in ask.planned:
            home = open_homes.get(request_id)
            offer = None if home is None or home.offer_id is None else offers[home.offer_id]
            if home is not None and offer is not None and request_id not in placed:
                placed.add(request_id)
                plan.append(_view(home, offer, known, language, ask.origin))
        gone = sum(key not in open_homes and key not in profile.held for key in ask.planned)
        if plan or ask.status is AskStatus.SENT:
            views.append(
                AskView(ask.id, ask.status, ask.sent_at, ask.silent_after_at, tuple(plan), gone)
            )
    menu = []
    for home in homes:
        if home.request_id not in placed:
            offer = None if home.offer_id is None else offers[home.offer_id]
            menu.append(_view(home, offer, known, language, None))
    away = profile.paused_until is not None and profile.paused_until > now
    return OpenOffers(
        volunteer_id=profile.id,
        community_id=profile.community_id,
        mode=profile.mode,
        max_tasks=profile.max_tasks,
        held_count=len(profile.held),
        paused_until=profile.paused_until if away else None,
        stopped_for_storm=profile.not_today_at is not None,
        asks=tuple(views),
        menu=tuple(menu),
    )


def _view(
    home: OpenHome,
    offer: OfferRow | None,
    kinds: Mapping[RequestKind, HelpKind],
    language: str,
    origin: AskOrigin | None,
) -> HomeView:
    kind = kinds[home.kind]
    # What the message said holds until its time has gone by.
    starts_at = home.starts_at if offer is None else max(home.starts_at, offer.starts_at)
    return HomeView(
        request_id=home.request_id,
        offer=offer,
        kind=home.kind,
        label=kind.label(language),
        scope=tuple(kind.scope_label(code, language) for code in home.scope),
        area=home.area,
        cell=home.cell,
        travel=home.travel,
        service_s=home.service_s,
        urgent=home.urgent,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=home.service_s),
        deadline_at=home.deadline_at,
        why=tuple(_reasons(home, origin)),
    )


def _reasons(home: OpenHome, origin: AskOrigin | None) -> list[WhyMe]:
    holds = (
        (WhyMe.URGENT, home.urgent),
        (WhyMe.INSTEAD, origin is AskOrigin.RESEAT),
        (WhyMe.NEAR, home.travel in NEAR),
        (WhyMe.PART_OF_PLAN, origin is not None),
        # A home is open for somebody only if it fits into their hours.
        (WhyMe.FITS_TIME, True),
    )
    return [reason for reason, it_holds in holds if it_holds]
