"""What a recycling campaign changed: routes before and during, treated against controls.

Worked out anew each time from what is known by then, so that late figures count like others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import (
    Effect,
    UnitChange,
    Verdict,
    difference_effect,
    ratio_effect,
)
from campaigns.programmes.models import Campaign
from campaigns.recycling import policy, repository
from campaigns.recycling.draws import read_inside
from campaigns.recycling.errors import DrawUnknown, RouteUnknown
from campaigns.recycling.figures import (
    LOWER_IS_BETTER,
    RATIOS,
    WEEK,
    Compared,
    Periods,
    WeekSums,
    compare_periods,
    find_part,
    find_periods,
    monday_of,
)
from campaigns.recycling.kinds import Arm, Measure
from campaigns.recycling.models import CollectionRoute, RouteDraw
from campaigns.recycling.recording import local_day
from core.db import Session
from people.auth import Actor
from people.models import Community

MAX_WEEKS = 260
NO_DRAW = "not_drawn"
TOO_LITTLE = TooLittleData.code
NOT_OVER = "no_week_over"


@dataclass(frozen=True)
class UnitFigures:
    """Every route with figures before and during, by its code; for a page of results."""

    measure: Measure
    is_ratio: bool
    treated: Mapping[str, UnitChange] = field(default_factory=dict)
    controls: Mapping[str, UnitChange] = field(default_factory=dict)
    one_sided_weeks: tuple[date, ...] = ()
    routes_left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecyclingResult:
    """What a campaign changed in one measure.

    Parameters
    ----------
    effect
        None while nothing can be said; ``reason`` tells why, as a code word.
    favourable
        Whether the change that was shown is the wanted one; None when none was shown.
    is_main
        Whether this is the measure that was chosen before the start. Of several measures one may
        move by chance: only the chosen one is a test.
    """

    draw: RouteDraw
    measure: Measure
    is_main: bool
    compared: Compared
    effect: Effect | None
    reason: str | None

    @property
    def favourable(self) -> bool | None:
        """Whether what was shown is what was wanted."""
        if self.effect is None or self.effect.verdict is Verdict.NO_EFFECT_SHOWN:
            return None
        lower = self.effect.verdict is Verdict.LOWER
        return lower is (self.measure in LOWER_IS_BETTER)


async def measure_campaign(
    session: Session,
    actor: Actor,
    campaign_id: UUID,
    *,
    now: datetime,
    measure: Measure | None = None,
) -> RecyclingResult:
    """The effect of a campaign, in the measure that was chosen at its draw unless told otherwise.

    Raises
    ------
    DrawUnknown
        When the routes were never drawn: then nothing can be compared.
    """
    campaign = await read_inside(session, actor, campaign_id)
    draw = await repository.find_draw(session, campaign_id)
    if draw is None:
        raise DrawUnknown(
            "The routes of this campaign have not been drawn into treated ones and controls."
        )
    wanted = measure or draw.measure
    compared = await _compare(session, campaign, draw, wanted, now)
    effect, reason = find_effect(compared, wanted)
    return RecyclingResult(draw, wanted, wanted is draw.measure, compared, effect, reason)


def find_effect(compared: Compared, measure: Measure) -> tuple[Effect | None, str | None]:
    """The effect, or the code word of why none can be told."""
    if not compared.weeks_during:
        return None, NOT_OVER
    find = ratio_effect if measure in RATIOS else difference_effect
    try:
        found = find(list(compared.treated.values()), list(compared.controls.values()))
    except TooLittleData:
        return None, TOO_LITTLE
    return found, None


async def list_unit_figures(
    session: Session, campaign_id: UUID, *, now: datetime
) -> UnitFigures | None:
    """Treated routes and controls before and during; None where the routes were not drawn."""
    campaign = await session.get(Campaign, campaign_id)
    draw = await repository.find_draw(session, campaign_id)
    if campaign is None or draw is None:
        return None
    compared = await _compare(session, campaign, draw, draw.measure, now)
    return UnitFigures(
        measure=draw.measure,
        is_ratio=draw.measure in RATIOS,
        treated=compared.treated,
        controls=compared.controls,
        one_sided_weeks=compared.one_sided_weeks,
        routes_left_out=compared.routes_left_out,
    )


async def find_campaign_periods(
    session: Session, campaign: Campaign, draw: RouteDraw, now: datetime
) -> Periods:
    """The weeks that a campaign compares, as far as they are over."""
    community = await session.get(Community, campaign.community_id)
    assert community is not None
    return find_periods(
        local_day(community, campaign.starts_at),
        local_day(community, campaign.ends_at),
        baseline_week_count=draw.baseline_week_count,
        today=local_day(community, now),
    )


async def _compare(
    session: Session, campaign: Campaign, draw: RouteDraw, measure: Measure, now: datetime
) -> Compared:
    periods = await find_campaign_periods(session, campaign, draw, now)
    drawn = await repository.list_drawn_routes(session, campaign.id)
    routes = [route for _, route in drawn]
    sums = await repository.load_sums(session, routes, periods.first, periods.last)
    codes = {route.id: route.code for route in routes}
    by_code = {(codes[route_id], week): one for (route_id, week), one in sums.items()}
    arms: dict[str, Arm] = {route.code: side.arm for side, route in drawn}
    return compare_periods(arms, by_code, measure, periods)


@dataclass(frozen=True)
class RouteWeek:
    """What is known of one route in one week."""

    week: date
    sums: WeekSums

    def rate(self, measure: Measure) -> float | None:
        """A figure of this week; None where it was not counted."""
        part = find_part(self.sums, measure)
        return None if part is None else part.rate


async def list_route_weeks(
    session: Session, actor: Actor, route_id: UUID, *, since: date, until: date
) -> list[RouteWeek]:
    """The weeks of one route in which something was counted, the oldest first; for staff.

    At most `MAX_WEEKS`, the latest.
    """
    route: CollectionRoute | None = await repository.find_route(session, actor, route_id)
    if route is None or not policy.can_read_figures(actor, route.community_id):
        raise RouteUnknown("There is no such collection route, or its figures are not for you.")
    first = max(monday_of(since), monday_of(until) - WEEK * (MAX_WEEKS - 1))
    sums = await repository.load_sums(session, [route], first, monday_of(until))
    return [RouteWeek(week, one) for (_, week), one in sorted(sums.items(), key=lambda p: p[0][1])]
