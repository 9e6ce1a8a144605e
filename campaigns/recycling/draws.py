"""Draws the routes of a campaign before it begins, and says what they will be able to show."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import LEAST_UNITS, UnitChange
from campaigns.programmes import policy as programme_policy
from campaigns.programmes import repository as programmes
from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import lock_for_work
from campaigns.recycling import repository
from campaigns.recycling.drawing import draw_arms
from campaigns.recycling.errors import (
    AlreadyDrawn,
    CampaignBegun,
    DrawUnknown,
    InvalidDraw,
    RouteUnknown,
)
from campaigns.recycling.figures import RATIOS, Periods, find_periods, pool_weeks
from campaigns.recycling.kinds import Arm, Measure
from campaigns.recycling.models import CampaignRoute, CollectionRoute, RouteDraw
from campaigns.recycling.power import PowerNote, find_detectable
from campaigns.recycling.recording import local_day
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.models import Community

USUAL_BASELINE_WEEKS = 8
MOST_BASELINE_WEEKS = 104
LARGEST_SEED = 2**53
BEFORE_START = frozenset({CampaignStatus.DRAFT, CampaignStatus.SCHEDULED})


@dataclass(frozen=True, kw_only=True)
class DrawRoutes:
    """Which routes of a campaign shall be drawn, and for what.

    Parameters
    ----------
    measure
        What the campaign is about: the one figure that it is judged by.
    route_ids
        None takes every route in the areas of the campaign, or in the whole community.
    seed
        None draws one at random; it is stored, so that anybody can draw again.
    """

    campaign_id: UUID
    measure: Measure
    route_ids: tuple[UUID, ...] | None = None
    seed: int | None = None
    baseline_week_count: int = USUAL_BASELINE_WEEKS


async def draw_routes(
    session: Session, actor: Actor, command: DrawRoutes, *, now: datetime
) -> RouteDraw:
    """Draw which routes are treated, once and before the campaign begins.

    Records ``route_draw.made``.

    Raises
    ------
    AlreadyDrawn, CampaignBegun, InvalidDraw
    """
    campaign = await lock_for_work(session, actor, command.campaign_id)
    _refuse_impossible(campaign, command, now)
    if await repository.find_draw(session, campaign.id) is not None:
        raise AlreadyDrawn(
            "The routes of this campaign have been drawn. Discard that draw first; the history "
            "keeps that it was."
        )
    community = await _community_of(session, campaign)
    routes = await choose_routes(session, campaign, command.route_ids)
    if len(routes) < 2 * LEAST_UNITS:
        raise InvalidDraw(
            f"At least {2 * LEAST_UNITS} routes are needed, {LEAST_UNITS} on each side; "
            f"there are {len(routes)}. Add routes, or widen the campaign's areas."
        )
    periods = _periods(campaign, community, command.baseline_week_count, now)
    baselines = await _find_baselines(session, routes, command.measure, periods)
    seed = secrets.randbelow(LARGEST_SEED) if command.seed is None else command.seed
    drawn = draw_arms(baselines, seed)
    treated = sum(one.arm is Arm.TREATED for one in drawn)
    sides = treated, len(drawn) - treated
    row = RouteDraw(
        campaign_id=campaign.id,
        measure=command.measure,
        seed=seed,
        baseline_week_count=command.baseline_week_count,
        treated_count=treated,
        control_count=len(drawn) - treated,
        detectable=await _find_detectable(session, routes, command.measure, periods, sides),
        drawn_by=actor.person_id,
        drawn_at=now,
    )
    session.add(row)
    ids = {route.code: route.id for route in routes}
    session.add_all(
        CampaignRoute(
            campaign_id=campaign.id,
            route_id=ids[one.code],
            arm=one.arm,
            stratum=one.stratum,
            baseline=one.baseline,
        )
        for one in drawn
    )
    await session.flush()
    _record(session, actor, campaign, "route_draw.made", now=now, row=row)
    return row


async def _find_detectable(
    session: Session,
    routes: Sequence[CollectionRoute],
    measure: Measure,
    periods: Periods,
    sides: tuple[int, int],
) -> float | None:
    try:
        return (await _note_power(session, routes, measure, periods, sides)).detectable
    except TooLittleData:
        return None


async def discard_draw(session: Session, actor: Actor, campaign_id: UUID, *, now: datetime) -> None:
    """Undo a draw before the campaign begins. The history keeps that there was one.

    Records ``route_draw.discarded`` with its seed.
    """
    campaign = await lock_for_work(session, actor, campaign_id)
    _refuse_begun(campaign, now)
    row = await repository.find_draw(session, campaign_id)
    if row is None:
        raise DrawUnknown("The routes of this campaign have not been drawn.")
    _record(session, actor, campaign, "route_draw.discarded", now=now, row=row)
    await repository.remove_draw(session, campaign_id)


async def note_power(
    session: Session, actor: Actor, command: DrawRoutes, *, now: datetime
) -> PowerNote:
    """What these routes could show, judged by the weeks before: nothing is drawn.

    Raises
    ------
    TooLittleData
        When fewer routes have figures in the weeks before than are needed.
    """
    campaign = await read_inside(session, actor, command.campaign_id)
    _refuse_impossible(campaign, command, None)
    community = await _community_of(session, campaign)
    routes = await choose_routes(session, campaign, command.route_ids)
    periods = _periods(campaign, community, command.baseline_week_count, now)
    half = len(routes) // 2
    return await _note_power(session, routes, command.measure, periods, (half, len(routes) - half))


async def read_inside(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    """A recycling campaign, for its team and the staff of its community."""
    campaign = await programmes.get_campaign(session, actor, campaign_id)
    team = await programmes.list_team(session, campaign_id)
    member_ids = frozenset(row.person_id for row in team)
    if not programme_policy.can_read_inside(actor, campaign, member_ids):
        raise NotPermitted("This is for the staff of the community and the campaign's team.")
    return campaign


async def choose_routes(
    session: Session, campaign: Campaign, route_ids: Sequence[UUID] | None
) -> list[CollectionRoute]:
    """The named routes, else those in the campaign's areas and the ones it is compared with."""
    known = await repository.load_codes(session, campaign.community_id)
    if route_ids is not None:
        by_id = {row.id: row for row in known.values()}
        missing = [key for key in route_ids if key not in by_id]
        if missing:
            raise RouteUnknown(f"The community has no collection route {missing[0]}.")
        return [by_id[key] for key in dict.fromkeys(route_ids)]
    areas = {*campaign.areas, *campaign.comparison_areas} if campaign.areas else set()
    return [row for row in known.values() if not areas or areas & set(row.areas)]


def _refuse_impossible(campaign: Campaign, command: DrawRoutes, now: datetime | None) -> None:
    if campaign.kind is not CampaignKind.RECYCLING:
        raise InvalidDraw("Only a recycling campaign has collection routes.")
    if now is not None:
        _refuse_begun(campaign, now)
    if not 2 <= command.baseline_week_count <= MOST_BASELINE_WEEKS:
        raise InvalidDraw(f"Compare with 2 to {MOST_BASELINE_WEEKS} weeks before the start.")
    if command.seed is not None and not 0 <= command.seed < LARGEST_SEED:
        raise InvalidDraw(f"A seed is a whole number from 0 to {LARGEST_SEED - 1}.")


def _refuse_begun(campaign: Campaign, now: datetime) -> None:
    if now >= campaign.starts_at or campaign.status not in BEFORE_START:
        raise CampaignBegun("The campaign has begun: who is treated was settled before.")


async def _community_of(session: Session, campaign: Campaign) -> Community:
    community = await session.get(Community, campaign.community_id)
    assert community is not None
    return community


def _periods(
    campaign: Campaign, community: Community, baseline_week_count: int, now: datetime
) -> Periods:
    return find_periods(
        local_day(community, campaign.starts_at),
        local_day(community, campaign.ends_at),
        baseline_week_count=baseline_week_count,
        today=local_day(community, now),
    )


async def _find_baselines(
    session: Session, routes: Sequence[CollectionRoute], measure: Measure, periods: Periods
) -> dict[str, float | None]:
    sums = await repository.load_sums(session, routes, periods.first, periods.before[-1])
    return {row.code: pool_weeks(sums, row.id, measure, periods.before) for row in routes}


async def _note_power(
    session: Session,
    routes: Sequence[CollectionRoute],
    measure: Measure,
    periods: Periods,
    sides: tuple[int, int],
) -> PowerNote:
    """A trial run on the weeks that have figures, the earlier half against the later."""
    sums = await repository.load_sums(session, routes, periods.first, periods.before[-1])
    measured = {week for _, week in sums}
    weeks = [week for week in periods.before if week in measured]
    middle = len(weeks) // 2
    changes = []
    for route in routes:
        earlier = pool_weeks(sums, route.id, measure, weeks[:middle])
        later = pool_weeks(sums, route.id, measure, weeks[middle:])
        fits = earlier is not None and later is not None
        if fits and (measure not in RATIOS or min(earlier or 0, later or 0) > 0):
            changes.append(UnitChange(earlier or 0.0, later or 0.0))
    is_ratio = measure in RATIOS
    return PowerNote(
        detectable=find_detectable(changes, *sides, is_ratio=is_ratio),
        route_count=len(changes),
        treated_count=sides[0],
        control_count=sides[1],
        week_count=len(weeks),
        is_ratio=is_ratio,
    )


def _record(
    session: Session,
    actor: Actor,
    campaign: Campaign,
    kind: str,
    *,
    now: datetime,
    row: RouteDraw,
) -> None:
    record_event(
        session,
        kind,
        subject_type="campaign",
        subject_id=campaign.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=campaign.community_id,
        seed=row.seed,
        what=row.measure.value,
        treated_count=row.treated_count,
        control_count=row.control_count,
        week_count=row.baseline_week_count,
    )
