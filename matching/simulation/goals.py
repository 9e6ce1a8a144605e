"""The goals of the ladder, each with what was measured: met only when the whole interval is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matching.simulation.compare import Interval, Results, mean_interval
from matching.simulation.policies import (
    BOUND,
    GREEDY,
    LADDER,
    PEER,
    PEERS,
    PLAIN_AREAS,
    SLOW_PEER,
    URGENT,
)

BASE = "base"
SEASON = "season"
SIZES = (BASE, "1000-250", "400-400", "250-1000")
SCARCE = (BASE, "1000-250")


@dataclass(frozen=True)
class Goal:
    """One line: what was asked for, and what came out."""

    id: str
    words: str
    measured: Interval
    target: float
    at_least: bool = True
    digits: int = 3

    @property
    def met(self) -> bool:
        """Whether the unfavourable end of the interval reaches the target."""
        if self.at_least:
            return self.measured.low >= self.target
        return self.measured.high <= self.target

    @property
    def sign(self) -> str:
        """The direction of the target."""
        return ">=" if self.at_least else "<="


def judge_goals(results: Results) -> list[Goal]:
    """Every goal for which the storms were played."""
    return [
        *_served(results),
        *_everywhere(results),
        *_bound(results),
        *_weight(results),
        *_attention(results),
        *_season(results),
        *_areas(results),
        *_optimiser(results),
    ]


def _first(results: Results, scenario: str) -> str:
    """The ladder of a scenario: with the optimiser where it was played, else without."""
    return LADDER if results.has(scenario, LADDER) else GREEDY


def _served(results: Results) -> Iterator[Goal]:
    targets = {"nearest": 1.25, "everyone": 1.15, "waves": 1.40, "pairs": 1.40, PEER: 1.05}
    ours = _first(results, BASE) if results.has(BASE) else LADDER
    for other, target in targets.items():
        if results.has(BASE, ours, other):
            yield Goal(
                "O1",
                f"homes against {other}, 400 homes and 160 volunteers",
                results.ratio(BASE, ours, other),
                target,
            )


def _everywhere(results: Results) -> Iterator[Goal]:
    for scenario in results.scenarios:
        ours = _first(results, scenario)
        if scenario == SEASON or not results.has(scenario, ours):
            continue
        others = [name for name in PEERS if results.has(scenario, name)]
        if not others:
            continue
        worst = min(
            (results.ratio(scenario, ours, other) for other in others), key=lambda one: one.value
        )
        yield Goal("O2", f"homes against the best peer, {scenario}", worst, 1.0)
        for other in (PEER, SLOW_PEER):
            if other in others:
                yield Goal(
                    "O2",
                    f"weight against {other}, {scenario}",
                    results.ratio(scenario, ours, other, "weight"),
                    1.0,
                )


def _bound(results: Results) -> Iterator[Goal]:
    targets = {BASE: 0.80, "1000-250": 0.80, "400-400": 0.80, "250-1000": 0.97}
    for scenario, target in targets.items():
        if results.has(scenario, BOUND):
            ours = _first(results, scenario)
            if results.has(scenario, ours):
                yield Goal(
                    "O3",
                    f"homes as a share of the omniscient bound, {scenario}",
                    results.ratio(scenario, ours, BOUND),
                    target,
                )


def _weight(results: Results) -> Iterator[Goal]:
    for scenario in SIZES:
        ours = _first(results, scenario) if results.has(scenario) else LADDER
        if results.has(scenario, ours, PEER):
            measured = results.ratio(scenario, ours, PEER, "weight")
            words = f"weight against the urgent-first digest, {scenario}"
            yield Goal("O4", words, measured, 1.05)
    for scenario in SCARCE:
        ours = _first(results, scenario) if results.has(scenario) else LADDER
        if results.has(scenario, ours, BOUND):
            measured = results.ratio(scenario, ours, BOUND, "weight")
            words = f"weight as a share of the omniscient bound, {scenario}"
            yield Goal("O4", words, measured, 0.70)
    if results.has(BASE, URGENT, GREEDY):
        share = mean_interval(results.column(BASE, URGENT, "urgent_share"))
        yield Goal("O4", "urgent homes served in urgent mode", share, 0.65)
        homes = results.ratio(BASE, URGENT, GREEDY)
        yield Goal("O4", "homes in urgent mode against the usual mode", homes, 0.95)


def _attention(results: Results) -> Iterator[Goal]:
    ours = _first(results, BASE) if results.has(BASE) else LADDER
    if not results.has(BASE, ours):
        return
    per_home = results.ratio_of_sums(BASE, ours, "messages", "served")
    yield Goal("O5", "messages per served home", per_home, 2.7, at_least=False, digits=2)
    busy = results.mean(BASE, ours, "messages_p95")
    yield Goal("O5", "messages of the 95th of 100 volunteers", busy, 5, at_least=False, digits=1)
    left = results.mean(BASE, ours, "inactive_share")
    yield Goal("O5", "volunteers who leave in a storm", left, 0.07, at_least=False)
    if results.has(BASE, PEER):
        part = results.ratio(BASE, ours, PEER, "messages")
        yield Goal("O5", "messages against the urgent-first digest", part, 0.45, at_least=False)


def _season(results: Results) -> Iterator[Goal]:
    if not results.has(SEASON):
        return
    ours = _first(results, SEASON)
    for other, target in (("everyone", 1.45), (PEER, 1.12)):
        if results.has(SEASON, ours, other):
            measured = results.ratio(SEASON, ours, other)
            yield Goal("O6", f"homes against {other} over a season of six", measured, target)
    storms = max((row.storm for row in results.rows if row.scenario == SEASON), default=1)
    if results.has(SEASON, ours) and storms > 1:
        kept = results.storm_ratio(SEASON, ours, storms, 1)
        yield Goal("O6", f"homes in storm {storms} against storm 1", kept, 0.94)


def _areas(results: Results) -> Iterator[Goal]:
    ours = _first(results, BASE) if results.has(BASE) else LADDER
    for other, target in (("digest", 1.5), (PEER, 1.2)):
        if results.has(BASE, ours, other):
            measured = results.ratio(BASE, ours, other, "worst_area_share")
            yield Goal("O7", f"neighbourhood served least, against {other}", measured, target)
    if results.has(BASE, GREEDY, PLAIN_AREAS):
        worst = results.ratio(BASE, GREEDY, PLAIN_AREAS, "worst_area_share")
        yield Goal("O7", "neighbourhood served least, by the area weight", worst, 1.15)
        homes = results.ratio(BASE, GREEDY, PLAIN_AREAS)
        yield Goal("O7", "homes with the area weight", homes, 0.99)


def _optimiser(results: Results) -> Iterator[Goal]:
    for scenario in results.scenarios:
        if results.has(scenario, LADDER, GREEDY):
            for name in ("served", "weight"):
                yield Goal(
                    "O8",
                    f"{name} with the optimiser against without, {scenario}"
                    " (a claim needs more than 1.02)",
                    results.ratio(scenario, LADDER, GREEDY, name),
                    1.02,
                )
