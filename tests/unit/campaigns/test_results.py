"""Figures of campaigns: shares, costs, advice, and what of them the public sees."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date

import pytest

from campaigns.measuring.effects import Verdict
from campaigns.measuring.shares import find_share
from campaigns.results.advice import units_needed
from campaigns.results.amounts import say_change, say_money, say_share
from campaigns.results.charts import choose_ticks, draw_bar, draw_interval, draw_series
from campaigns.results.costs import effect_cost, find_costs, find_public_costs
from campaigns.results.effect_words import say_cost, say_measured, say_verdict
from campaigns.results.exporting import ResultFile, write_csv
from campaigns.results.figures import MeasuredEffect, Reach, Results
from campaigns.results.kinds import Measure, NextStep, NoCost, NoEffect, Outcome, Scale, UnitKind
from campaigns.results.making import make_public
from campaigns.results.page import HERE, make_page
from campaigns.results.participation import count_participation, hide_few_people
from campaigns.results.publishing import decode_results, encode_results
from core.i18n import LANGUAGES, Translator
from tests.factories.campaign_results import (
    ADDRESSES,
    HOMES,
    SOURCE,
    make_about,
    make_effect,
    make_results,
)

ENGLISH = Translator("en", HERE)
WORKS, NOTHING = make_effect(0.06), make_effect(0.0, seed=3)


def codes(results: Results) -> list[NextStep]:
    return [advice.code for advice in results.advice]


def test_examples_are_what_they_are_called() -> None:
    assert WORKS.verdict is Verdict.HIGHER
    assert NOTHING.verdict is Verdict.NO_EFFECT_SHOWN


def test_shares_are_of_addresses_with_wilson_s_interval() -> None:
    told = count_participation(HOMES, ADDRESSES, (), source=SOURCE)
    row = next(row for row in told.areas if row.area == "Baldwin")
    share = find_share(84, 1_400)
    assert (row.share, row.low, row.high) == (share.estimate, share.low, share.high)
    assert told.whole.address_count == sum(ADDRESSES.values())
    assert told.whole.home_count == 84 + 3 + 61 + 70
    assert told.outside_count == 2


def test_a_campaign_of_some_neighborhoods_counts_those() -> None:
    told = count_participation(HOMES, ADDRESSES, ("Riverside", "Baldwin"), source=SOURCE)
    assert [row.area for row in told.areas if row.is_target] == ["Baldwin", "Riverside"]
    assert (told.whole.home_count, told.whole.address_count) == (154, 2_300)


def test_more_homes_than_addresses_have_no_share() -> None:
    told = count_participation({"Baldwin": 9}, {"Baldwin": 8}, (), source=SOURCE)
    assert told.areas[0].home_count == 9
    assert told.areas[0].share is None


def test_public_figures_hide_few_people_and_what_gives_them_away() -> None:
    shown = make_public(make_results(WORKS))
    assert shown.participation is not None
    counts = {row.area: row.home_count for row in shown.participation.areas}
    assert counts["Cambridge Highlands"] is None
    hidden = [area for area, count in counts.items() if count is None]
    assert len(hidden) >= 2, "one hidden count is the sum less the others"
    assert all(
        row.share is None and row.low is None
        for row in shown.participation.areas
        if row.area in hidden
    )
    assert shown.cells == ()
    assert not {advice.area for advice in shown.advice} & set(hidden)


def test_public_costs_are_worked_out_from_public_counts() -> None:
    reach = Reach(104, 23, 3)
    costs = find_costs(10_000, reach, ())
    shown = find_public_costs(10_000, hide_few_people(reach), (), costs)
    assert [cost.cents for cost in shown] == [10_000 / 20, None]
    assert shown[1].reason is NoCost.FEW


def test_public_effects_are_those_of_five_people_or_more_on_each_side() -> None:
    results = make_results(WORKS)
    effects = tuple(replace(one, side_people=4) for one in results.effects)
    assert results.effects
    assert make_public(replace(results, effects=effects)).effects == ()
    kept = tuple(replace(one, side_people=5) for one in results.effects)
    assert make_public(replace(results, effects=kept)).effects == kept


@pytest.mark.parametrize(
    ("reach", "shown"),
    [
        (Reach(4, 3, 2), Reach(None, None, None)),
        (Reach(100, 20, 18), Reach(100, 20, None)),
        (Reach(104, 23, 16), Reach(100, 20, 15)),
        (Reach(100, 20, 15), Reach(100, 20, 15)),
        (Reach(100, 20, 20), Reach(100, 20, None)),
        (Reach(100, 20, 0), Reach(100, 20, None)),
        (Reach(100, 3, 0), Reach(100, None, None)),
        (Reach(0, 0, 0), Reach(0, 0, 0)),
        (Reach(None, 5, None), Reach(None, 5, None)),
    ],
)
def test_public_reach(reach: Reach, shown: Reach) -> None:
    public = make_public(make_results(WORKS, reach=reach))
    assert public.reach == shown
    told = {cost.outcome: cost for cost in public.costs}
    if shown.joined_count is None:
        assert told[Outcome.PERSON_WHO_JOINED].reason is NoCost.FEW
        assert told[Outcome.PERSON_WHO_JOINED].cents is None


def test_cost_has_the_interval_of_the_effect() -> None:
    cost = effect_cost(1_240_000, WORKS)
    effect = WORKS.effect
    assert cost is not None
    assert effect is not None
    assert cost.cents == pytest.approx(1_240_000 / (effect.estimate * 60_000))
    assert cost.low_cents == pytest.approx(1_240_000 / (effect.high * 60_000))
    assert cost.high_cents == pytest.approx(1_240_000 / (effect.low * 60_000))
    assert (cost.low_cents or 0) < (cost.cents or 0) < (cost.high_cents or 0)


def test_cost_of_no_effect_cannot_be_said() -> None:
    cost = effect_cost(1_240_000, NOTHING)
    assert cost is not None
    assert (cost.cents, cost.reason) == (None, NoCost.NO_EFFECT_SHOWN)
    assert "Cannot be said" in say_cost(ENGLISH, cost)


def test_less_of_what_is_unwanted_is_worth_money() -> None:
    effect = WORKS.effect
    assert effect is not None
    fallen = replace(
        WORKS,
        measure=Measure.CONTAMINATION_RATE,
        effect=replace(
            effect,
            estimate=-effect.estimate,
            low=-effect.high,
            high=-effect.low,
            verdict=Verdict.LOWER,
        ),
    )
    assert fallen.is_good
    cost, same = effect_cost(100_000, fallen), effect_cost(100_000, WORKS)
    assert cost is not None
    assert same is not None
    assert cost.outcome is Outcome.KG_WRONG_LESS
    assert (cost.low_cents, cost.cents, cost.high_cents) == pytest.approx(
        (same.low_cents, same.cents, same.high_cents)
    )
    risen = replace(WORKS, measure=Measure.CONTAMINATION_RATE)
    cost = effect_cost(100_000, risen)
    assert risen.is_good is False
    assert cost is not None
    assert cost.reason is NoCost.WRONG_WAY


def test_costs_without_money_or_people() -> None:
    told = {
        one.outcome: one for one in make_results(WORKS, about=make_about(cost_cents=None)).costs
    }
    assert {one.reason for one in told.values()} == {NoCost.NO_COST_NOTED}
    told = {one.outcome: one for one in make_results(WORKS, reach=Reach(0, 0, None)).costs}
    assert told[Outcome.PERSON_WHO_JOINED].reason is NoCost.NOBODY
    assert Outcome.PERSON_WHO_TOOK_PART not in told


def test_words_of_no_effect_say_what_could_not_have_been_seen() -> None:
    assert say_verdict(ENGLISH, NOTHING) == "No effect was shown."
    words = say_measured(ENGLISH, NOTHING)
    assert NOTHING.effect is not None
    smallest = f"{NOTHING.effect.detectable * 100:.1f} points"
    assert f"An effect smaller than {smallest} could not have been seen." in words
    assert "12 routes" in words
    assert "may be none at all" in words


@pytest.mark.parametrize("reason", list(NoEffect))
def test_words_of_what_cannot_be_told(reason: NoEffect) -> None:
    unknown = MeasuredEffect(
        Measure.RIDE_DAYS, UnitKind.AREA, True, None, reason, unit_count=2, control_count=0
    )
    assert say_verdict(ENGLISH, unknown) == "The effect cannot be told."
    assert len(say_measured(ENGLISH, unknown)) > 40
    assert codes(make_results(unknown))[0] is NextStep.MEASURE_AT_ALL


def test_advice_follows_the_figures() -> None:
    works, nothing = make_results(WORKS), make_results(NOTHING)
    assert codes(works)[0] is NextStep.EXTEND
    assert codes(nothing)[0] is NextStep.CHANGE
    areas = [one.area for one in works.advice if one.code is NextStep.ASK_AREA]
    assert areas == ["Cambridge Highlands", "East Cambridge"]
    noisy = replace(NOTHING, effect=replace(NOTHING.effect, detectable=0.2))  # type: ignore[type-var]  # it has one
    assert codes(make_results(noisy))[0] is NextStep.MEASURE_MORE
    running = make_results(WORKS, about=make_about(status="running", cost_cents=None))
    assert codes(running)[0] is NextStep.WAIT
    assert NextStep.NOTE_COSTS in codes(running)
    assert NextStep.REMIND in codes(make_results(WORKS, reach=Reach(500, 100, 20)))
    assert NextStep.REMIND not in codes(make_results(WORKS, reach=Reach(500, 100, 80)))


def test_units_needed_grow_with_the_square() -> None:
    assert NOTHING.effect is not None
    effect = replace(NOTHING.effect, detectable=0.2)
    assert units_needed(effect, 0.1) == 4 * 24
    assert units_needed(effect, 0.2) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("results", [make_results(WORKS), make_public(make_results(NOTHING))])
def test_page_says_everything(results: Results, language: str) -> None:
    page = make_page(results, language)
    assert page.main is not None
    assert page.main.verdict
    assert len(page.areas) == len(ADDRESSES)
    assert len(page.effects[0].weeks) == 20
    assert all(told.what and told.why for told in page.advice)
    assert SOURCE in page.source


def test_figures_survive_being_kept() -> None:
    results = make_public(make_results(WORKS, NOTHING))
    assert decode_results(encode_results(results)) == results


@pytest.mark.parametrize("file", [file for file in ResultFile if file.value.endswith(".csv")])
def test_tables_are_safe_for_spreadsheets(file: ResultFile) -> None:
    evil: dict[str | None, int] = {"=HYPERLINK(1)": 9, "+Area": 8, "Baldwin": 70}
    addresses = {str(area): 100 for area in evil}
    results = replace(
        make_results(WORKS, NOTHING),
        participation=count_participation(evil, addresses, (), source=SOURCE),
    )
    rows = list(csv.reader(io.StringIO(write_csv(results, file).decode())))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "@")), cell
        assert not cell.startswith("-") or re.fullmatch(r"-[\d.e-]+", cell)


def test_charts_stay_within_their_frames() -> None:
    for measured in (WORKS, NOTHING):
        assert measured.effect is not None
        chart = draw_interval(measured.effect)
        assert 0 <= chart.low < chart.estimate < chart.high <= 400
        assert chart.unseen_from < chart.zero == 200 < chart.unseen_to
        series = draw_series(measured.series)
        assert series is not None
        controls, units = series.lines
        assert len(units.dots) == 20
        assert (len(controls.pieces), len(controls.dots)) == (2, 19), "a week without figures"
        assert all(0 <= x <= 400 and 0 <= y <= 220 for x, y in (*units.dots, *controls.dots))
    assert draw_series(WORKS.series[:1]) is None
    bar = draw_bar(0.1, 0.05, 0.2, most=0.2, whole=0.15)
    assert (bar.width, bar.low, bar.high, bar.mark) == (50, 25, 100, 75)


@pytest.mark.parametrize(("least", "most"), [(0.4, 0.62), (3, 3), (0, 0), (-2, 900), (1e-6, 2e-6)])
def test_ticks_hold_the_figures(least: float, most: float) -> None:
    ticks = choose_ticks(least, most)
    assert ticks[0] <= least
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))


def test_numbers_are_said_in_the_reader_s_way() -> None:
    assert say_share(ENGLISH, 0.0412) == "4.1%"
    assert say_share(Translator("es", HERE, territory="ES"), 0.0412) == "4,1\N{NO-BREAK SPACE}%"
    assert say_change(ENGLISH, Scale.RATIO, -0.123) == "\N{MINUS SIGN}12.3%"
    assert say_change(ENGLISH, Scale.POINTS, 0.041) == "+4.1 points"
    assert say_change(ENGLISH, Scale.AMOUNT, 0.25, signed=False) == "0.25"
    assert say_money(ENGLISH, 1_240_000) == "$12,400"
    assert say_money(ENGLISH, 32.4) == "$0.32"
    assert date(2026, 6, 1) == WORKS.series[0].starts_on
