"""Pictures of a comparison, as PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matching.simulation.compare import Results
from matching.simulation.goals import SEASON
from matching.simulation.policies import BOUND
from matching.simulation.report import ranking

OURS, OTHERS = "#0b6e4f", "#8a94a6"
WIDTH_IN, LINE_IN = 7.5, 0.32


def draw_scenarios(results: Results, folder: Path) -> list[Path]:
    """Homes served, and what they cost in messages, for each scenario."""
    paths = []
    for scenario in results.scenarios:
        path = folder / f"{scenario}.png"
        _draw_scenario(results, scenario, path)
        paths.append(path)
    if SEASON in results.scenarios:
        path = folder / "season-storms.png"
        _draw_season(results, path)
        paths.append(path)
    return paths


def _figure(columns: int, height_in: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def _draw_scenario(results: Results, scenario: str, path: Path) -> None:
    names = ranking(results, scenario)[::-1]
    figure, (left, right) = _figure(2, 1.2 + LINE_IN * len(names))
    colours = [OURS if name.startswith("ladder") else OTHERS for name in names]
    served = [results.mean(scenario, name, "served") for name in names]
    half = [one.half if one.half < float("inf") else 0.0 for one in served]
    left.barh(names, [one.value for one in served], xerr=half, color=colours)
    bound = results.mean(scenario, BOUND, "served").value
    left.axvline(bound, color="#333333", linestyle="--", linewidth=1)
    left.set_xlabel("homes served (dashed: omniscient bound)")
    spent = [results.mean(scenario, name, "messages_per_served").value for name in names]
    right.barh(names, spent, color=colours)
    right.set_xscale("log")
    right.set_yticklabels([])
    right.set_xlabel("messages per served home (log scale)")
    seeds = results.seeds(scenario)
    figure.suptitle(f"{scenario}: {len(seeds)} simulated storms")
    figure.savefig(path, dpi=130)


def _draw_season(results: Results, path: Path) -> None:
    figure, (axes,) = _figure(1, 4.0)
    storms = max(row.storm for row in results.rows if row.scenario == SEASON)
    for name in ranking(results, SEASON):
        means = [
            results.column(SEASON, name, "served", storm=storm + 1).mean()
            for storm in range(storms)
        ]
        ours = name.startswith("ladder")
        axes.plot(range(1, storms + 1), means, label=name, linewidth=2.5 if ours else 1.2)
    axes.set_xlabel("storm of the season")
    axes.set_ylabel("homes served")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=130)
