"""How often a campaign without effect is called effective, and how often an interval holds.

``python -m benchmarks.effects`` plays recycling campaigns in a database, each through the product:
a hauler's files are read, routes drawn by lot, files read again, the effect measured. The homes
are synthetic; half of the campaigns change nothing, the others add a tenth to what homes recycle.

Docs: docs/campaign-results.md.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import click
import numpy as np
from scipy import stats

from api.demo.campaigns_recycling import (
    WEEK,
    Campaigning,
    Counting,
    Habits,
    RecyclingTown,
    RouteSpec,
    list_weeks,
)
from api.demo.campaigns_seasons import RecyclingSeason, Stage, play_recycling
from api.progress import show_steps
from campaigns.measuring.effects import Verdict
from campaigns.measuring.shares import find_share
from campaigns.programmes.kinds import GoalUnit
from campaigns.programmes.repository import get_campaign
from campaigns.recycling.drawing import draw_arms
from campaigns.recycling.figures import Periods, WeekSums, pool_weeks
from campaigns.recycling.files import read_file
from campaigns.recycling.kinds import Arm, Measure, Stream
from campaigns.recycling.measurements import SetOuts, Sorted, Weighed, week_of
from campaigns.results.figures import MeasuredEffect
from campaigns.results.kinds import Measure as ResultMeasure
from campaigns.results.making import make_results
from campaigns.results.recycling_measures import Drawn, measure_routes
from core.db import Database
from core.ids import new_id
from core.migrate import upgrade
from people.auth import Actor
from people.models import Community

FIRST_DAY = date(2026, 6, 1)
ROUTES, HOMES = 24, 300
WEEKS_BEFORE, WEEKS_DURING = 8, 8
TRUE_EFFECT = 0.1
MEASURE = Measure.RECYCLING_PER_HOUSEHOLD
AREA = "East Cambridge"
HABITS = Habits(capture_evenness=40.0)
"""Alike enough that no home recycles so much that a tenth more would be all it has."""
COUNTING = Counting(sort_every=2, counts_set_outs=True, weighs_trash=False)
TOWN_SEEDS = 10_000


@dataclass(frozen=True)
class Outcome:
    """What many campaigns of one true effect were said to be."""

    true_effect: float
    campaign_count: int
    effective_count: int
    """Called an effect, either way."""
    covered_count: int
    """With an interval that holds the true effect."""
    mean_estimate: float
    mean_width: float
    mean_detectable: float


def make_town(number: int) -> RecyclingTown:
    """The homes of one campaign."""
    routes = [
        RouteSpec(code=f"R{row + 1:02d}", areas=(AREA,), household_count=HOMES)
        for row in range(ROUTES)
    ]
    return RecyclingTown(routes, TOWN_SEEDS + number, HABITS)


def make_season(number: int, lift: float) -> RecyclingSeason:
    """One campaign: what it truly does, and the lot that draws its routes."""
    return RecyclingSeason(
        slug=f"campaign-{number}",
        title=f"Campaign {number}",
        summary="",
        first_day=FIRST_DAY,
        baseline_week_count=WEEKS_BEFORE,
        week_count=WEEKS_DURING,
        measure=MEASURE,
        goal_value=0.6,
        goal_unit=GoalUnit.CAPTURE_SHARE,
        seed=number,
        campaigning=Campaigning(capture_lift=lift, wrong_lift=lift),
        counting=COUNTING,
        block_weeks=8,
    )


async def measure_stored(database: Database, number: int, lift: float) -> MeasuredEffect:
    """One campaign from the hauler's files to its page, in a community of its own."""
    async with database.begin() as session:
        community = Community(
            id=new_id(),
            slug=f"town-{new_id()}",
            name="Town",
            time_zone="America/New_York",
            city_pack="cambridge",
            utm_epsg=32619,
            locale="en",
            created_at=datetime(2025, 1, 1, tzinfo=UTC),
        )
        session.add(community)
    stage = Stage(database, Actor.system(), community)
    campaign_id = await play_recycling(stage, make_season(number, lift), make_town(number))
    async with database.read() as session:
        campaign = await get_campaign(session, Actor.system(), campaign_id)
        now = stage.moment(FIRST_DAY + WEEK * (WEEKS_DURING + 1))
        results = await make_results(session, campaign, now=now)
    measured = results.main_effect
    assert measured is not None
    return measured


def measure_unstored(number: int, lift: float) -> MeasuredEffect:
    """The same without a database: files, lots and formulas are those of the product."""
    town, season = make_town(number), make_season(number, lift)
    nobody = np.zeros(len(town.routes), bool)
    before = list_weeks(FIRST_DAY - WEEK * WEEKS_BEFORE, WEEKS_BEFORE)
    during = list_weeks(FIRST_DAY, WEEKS_DURING)
    sums = read_sums(town, town.play(before, nobody, Campaigning(), COUNTING))
    baselines = {route.code: pool_weeks(sums, route.code, MEASURE, before) for route in town.routes}
    arms = {one.code: one.arm for one in draw_arms(baselines, season.seed)}
    treated = np.array([arms[route.code] is Arm.TREATED for route in town.routes])
    sums |= read_sums(town, town.play(during, treated, season.campaigning, COUNTING))
    return measure_routes(Drawn(arms, sums, Periods(tuple(before), tuple(during))), MEASURE)


def read_sums(town: RecyclingTown, files: dict[str, str]) -> dict[tuple[str, date], WeekSums]:
    """What the files hold, by route and week."""
    households = {route.code: route.household_count for route in town.routes}
    sums: dict[tuple[str, date], WeekSums] = {}
    for kind, text in files.items():
        read = read_file(text.encode(), f"{kind}.csv", community_id=UUID(int=0))
        for entry in read.entries:
            item = entry.item
            key = (entry.route, week_of(item))
            held = sums.get(key) or WeekSums(households[entry.route])
            if isinstance(item, SetOuts):
                held = replace(held, set_out_count=item.set_out_count)
            elif isinstance(item, Weighed) and item.stream is Stream.RECYCLING:
                held = replace(held, recycling_kg=item.weight_kg)
            elif isinstance(item, Sorted):
                held = replace(
                    held,
                    sorted_right_kg=item.recyclables_in_recycling_kg,
                    sorted_wrong_kg=item.contaminants_in_recycling_kg,
                    sorted_lost_kg=item.recyclables_in_trash_kg,
                )
            sums[key] = held
    return sums


def judge(measured: Iterable[MeasuredEffect], true_effect: float) -> Outcome:
    """Count what was said of campaigns of which the truth is known."""
    effects = [one.effect for one in measured if one.effect is not None]
    return Outcome(
        true_effect=true_effect,
        campaign_count=len(effects),
        effective_count=sum(one.verdict is not Verdict.NO_EFFECT_SHOWN for one in effects),
        covered_count=sum(one.low <= true_effect <= one.high for one in effects),
        mean_estimate=float(np.mean([one.estimate for one in effects])),
        mean_width=float(np.mean([one.high - one.low for one in effects])),
        mean_detectable=float(np.mean([one.detectable for one in effects])),
    )


def most_by_chance(count: int, chance: float = 0.05) -> int:
    """With this chance of a mistake more of them come once in a thousand runs."""
    return int(stats.binom.ppf(0.999, count, chance))


async def run(count: int, advance: Callable[[int], None]) -> list[Outcome]:
    """Play all campaigns, those without effect first."""
    assert MEASURE.value == ResultMeasure.RECYCLING_PER_HOUSEHOLD.value
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'effects.db'}"
        upgrade(url)
        async with Database(url) as database:
            for lift in (0.0, TRUE_EFFECT):
                found = []
                for number in range(count):
                    found.append(await measure_stored(database, number, lift))
                    advance(1)
                outcomes.append(judge(found, lift))
    return outcomes


@click.command()
@click.option("--campaigns", default=200, show_default=True, type=click.IntRange(10, 5_000))
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def main(*, campaigns: int, as_json: bool, quiet: bool) -> None:
    """Play synthetic campaigns through the product, and judge what it said of them."""
    with show_steps(quiet=quiet) as steps:
        steps.start("Playing campaigns", 2 * campaigns)
        outcomes = asyncio.run(run(campaigns, steps.advance))
    if as_json:
        click.echo(json.dumps([vars(outcome) for outcome in outcomes], indent=2))
        return
    click.echo(
        f"{campaigns} campaigns each: {ROUTES} routes of {HOMES} homes, {WEEKS_BEFORE} weeks "
        f"before and {WEEKS_DURING} during; recycling of one home in one week."
    )
    for outcome in outcomes:
        click.echo(describe(outcome))


def describe(outcome: Outcome) -> str:
    """One line of figures."""
    called = find_share(outcome.effective_count, outcome.campaign_count)
    covered = find_share(outcome.covered_count, outcome.campaign_count)
    return (
        f"True effect {outcome.true_effect:.0%}: called effective {called.count} of {called.total} "
        f"({called.estimate:.1%}, {called.low:.1%} to {called.high:.1%}); interval holds the truth "
        f"{covered.count} of {covered.total} ({covered.estimate:.1%}, {covered.low:.1%} to "
        f"{covered.high:.1%}); mean estimate {outcome.mean_estimate:+.2%}, mean width "
        f"{outcome.mean_width:.2%}, mean smallest effect that could be seen "
        f"{outcome.mean_detectable:.2%}."
    )


if __name__ == "__main__":
    main()
