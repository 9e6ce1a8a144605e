"""Whom a round lacks most, and whether that promise holds when all is planned again."""

from __future__ import annotations

import numpy as np
import pytest

from campaigns.recruiting.checking import check_forecast
from campaigns.recruiting.forecasting import (
    HOME_DRAWS,
    MOST_OF_A_KIND,
    MOST_TARGETS,
    PROMISED_SHARE,
    Forecast,
    Ground,
    draw_homes,
    make_forecast,
    plan_with_seed,
)
from campaigns.recruiting.words import Wanted, describe_all, describe_target
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from tests.problems import HOUR, Ask, Help, build_problem

OTHER_SEED = 91_000
SIDE_M = 6_000


def random_town(seed: int, n_requests: int = 28, n_volunteers: int = 4) -> Problem:
    """Four neighbourhoods with as many homes each, and volunteers mostly in the first two."""
    random = np.random.default_rng([7, seed])
    middles = [(0, 0), (SIDE_M, 0), (0, SIDE_M), (SIDE_M, SIDE_M)]
    asks = []
    for at in range(n_requests):
        area = at % 4
        x, y = random.normal(middles[area], 350)
        opens = int(random.integers(0, 3)) * HOUR
        asks.append(
            Ask(
                f"r{at}",
                (float(x), float(y)),
                service_s=1_500,
                weight=float(random.choice([1.0, 1.0, 2.0])),
                skills=int(random.random() < 0.4),
                windows=((opens, opens + 3 * HOUR),),
                area=area,
            )
        )
    helpers = []
    for at in range(n_volunteers):
        area = int(random.choice(4, p=[0.45, 0.35, 0.1, 0.1]))
        x, y = random.normal(middles[area], 350)
        helpers.append(
            Help(
                f"v{at}",
                (float(x), float(y)),
                shifts=((0, 5 * HOUR),),
                max_tasks=3,
                max_work_s=3 * HOUR,
                max_travel_m=1_500,
                skills=int(random.random() < 0.5),
                area=area,
            )
        )
    return build_problem(asks, helpers)


def ground_of(problem: Problem) -> Ground:
    return Ground(problem, list(range(len(problem.requests))))


@pytest.mark.parametrize("seed", range(3))
def test_promises_are_kept_in_random_towns(seed: int) -> None:
    ground = ground_of(random_town(seed))
    forecast = make_forecast(ground, most_volunteers=4, seed=seed)
    assert forecast.promised_count > 0
    assert 0 < forecast.volunteer_count <= 4
    checked = check_forecast(ground, forecast, seed=OTHER_SEED + seed, draws=2)
    assert checked.served_more_count >= 0.9 * forecast.promised_count
    assert min(checked.elsewhere_counts) >= 0.8 * forecast.promised_count


@pytest.mark.parametrize("seed", [0])
def test_each_target_keeps_its_own_promise(seed: int) -> None:
    ground = ground_of(random_town(seed))
    forecast = make_forecast(ground, most_volunteers=4, seed=seed)
    for target in forecast.targets:
        alone = Forecast(
            forecast.served_count, forecast.unserved_count, (target,), target.promised_count
        )
        checked = check_forecast(ground, alone, seed=OTHER_SEED)
        assert checked.served_more_count >= 0.9 * target.promised_count


def test_same_seed_same_forecast_and_few_clear_targets() -> None:
    ground = ground_of(random_town(2))
    forecast = make_forecast(ground, most_volunteers=4, seed=5)
    assert forecast == make_forecast(ground, most_volunteers=4, seed=5)
    assert len(forecast.targets) <= MOST_TARGETS
    assert len({target.newcomers[0].area for target in forecast.targets}) == len(forecast.targets)
    for target in forecast.targets:
        assert len(target.newcomers) <= MOST_OF_A_KIND
        assert {newcomer.area for newcomer in target.newcomers} == {target.newcomers[0].area}
    assert forecast.promised_count <= sum(target.promised_count for target in forecast.targets)


def test_where_the_skill_is_missing_it_is_asked_for() -> None:
    asks = [Ask(f"s{at}", (100.0 * at, 30_000), area=1, skills=2) for at in range(4)]
    asks += [Ask(f"n{at}", (100.0 * at, 0), area=0) for at in range(3)]
    problem = build_problem(asks, [Help("v", max_travel_m=4_000)])
    forecast = make_forecast(ground_of(problem), most_volunteers=4, seed=0)
    assert (forecast.served_count, forecast.unserved_count) == (3, 4)
    assert [(one.kind[:2], one.promised_count) for one in forecast.targets] == [((1, 2), 4)]
    assert len(forecast.targets[0].newcomers) == 1
    # A tenth below the least of the draws, in whole people.
    assert forecast.promised_count == int(PROMISED_SHARE * 4)


def test_where_all_are_served_nobody_is_looked_for() -> None:
    problem = build_problem([Ask("a", area=0)], [Help("v")])
    forecast = make_forecast(ground_of(problem), most_volunteers=4, seed=0)
    assert (forecast.targets, forecast.promised_count, forecast.unserved_count) == ((), 0, 0)
    assert check_forecast(ground_of(problem), forecast, seed=1, draws=1).kept_share == 1.0


def test_people_are_counted_and_not_requests() -> None:
    asks = [Ask(f"s{at}", (100.0 * at, 30_000), area=1, skills=2) for at in range(4)]
    problem = build_problem(asks, [Help("v")])
    ground = Ground(problem, [0, 0, 0, 1])
    forecast = make_forecast(ground, most_volunteers=2, seed=0)
    assert forecast.unserved_count == 2
    assert forecast.targets[0].promised_count == 2


def test_homes_are_drawn_in_the_same_area_and_again() -> None:
    problem = random_town(1)
    newcomers = make_forecast(ground_of(problem), most_volunteers=4, seed=1).newcomers
    moved = draw_homes(problem, newcomers, np.random.default_rng(4))
    assert moved == draw_homes(problem, newcomers, np.random.default_rng(4))
    areas = problem.requests.area
    assert [one.area for one in moved] == [one.area for one in newcomers]
    assert all(areas[one.near_request] == one.area for one in moved)


def test_progress_only_grows_and_ends() -> None:
    told: list[tuple[int, int]] = []
    solved = 0

    def count(problem: Problem, seed: int) -> Solution:
        nonlocal solved
        solved += 1
        return plan_with_seed(problem, seed)

    make_forecast(
        ground_of(random_town(4)),
        most_volunteers=6,
        seed=0,
        solver=count,
        progress=lambda done, total: told.append((done, total)),
    )
    done = [one[0] for one in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1]
    assert solved >= 1 + HOME_DRAWS


@pytest.mark.parametrize(
    ("wanted", "english", "spanish"),
    [
        (
            Wanted(4, 11, "Area 2", ("snow_blower",)),
            "4 volunteers with a snow blower in Area 2 would serve 11 more residents.",
            "4 voluntarios con una quitanieves en Area 2 atenderían a 11 residentes más.",
        ),
        (
            Wanted(1, 1, None),
            "1 volunteer would serve 1 more resident.",
            "1 voluntario atendería a 1 residente más.",
        ),
        (
            Wanted(2, 5, "The Port", ("salt", "shovel"), ("pt",), "car"),
            (
                "2 volunteers with salt and a shovel, speaking Portuguese, with a car, in The Port "
                "would serve 5 more residents."
            ),
            (
                "2 voluntarios con sal y una pala, con conocimientos de portugués, "
                "en auto, en The Port atenderían a 5 residentes más."
            ),
        ),
    ],
)
def test_targets_are_told_in_both_languages(wanted: Wanted, english: str, spanish: str) -> None:
    assert describe_target(wanted, "en") == english
    assert describe_target(wanted, "es") == spanish


def test_all_targets_are_told_together() -> None:
    assert describe_all(6, 12, "en") == (
        "Together, these 6 volunteers would serve 12 more residents."
    )
    assert describe_all(1, 1, "es") == ("En conjunto, 1 voluntario atendería a 1 residente más.")


def test_what_a_community_calls_a_tool_is_taken_over() -> None:
    told = describe_target(Wanted(1, 2, None, ("ice_pick",)), "en", labels={"ice_pick": "a pick"})
    assert told == "1 volunteer with a pick would serve 2 more residents."
