"""The engines that are compared, and the settings that each is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

from benchmarks.instances import Size

OURS = "talkoot"


@dataclass(frozen=True)
class Engine:
    """An engine with fixed settings.

    Parameters
    ----------
    name
        In tables and on the command line.
    module
        Has ``solve(problem, *, time_limit_s, seed, **settings)``.
    packages
        Distributions whose versions belong into the report.
    uses_limit
        Whether more time can mean a better answer.
    settings
        Further arguments.
    """

    name: str
    module: str
    packages: tuple[str, ...]
    uses_limit: bool = True
    settings: dict[str, Any] = field(default_factory=dict)


ENGINES = {
    engine.name: engine
    for engine in (
        Engine(OURS, "benchmarks.peers.talkoot_engine", ("talkoot", "ortools", "numba")),
        Engine("nearest-first", "benchmarks.peers.nearest_first", ("talkoot",), uses_limit=False),
        Engine("ortools-routing", "benchmarks.peers.ortools_routing", ("ortools",)),
        *(
            Engine(
                f"vroom-{level}",
                "benchmarks.peers.vroom_engine",
                ("pyvroom",),
                settings={"exploration_level": level},
            )
            for level in (0, 1, 5)
        ),
        Engine("pyvrp", "benchmarks.peers.pyvrp_engine", ("pyvrp",)),
    )
}


@dataclass(frozen=True)
class Run:
    """One engine on one instance with one limit."""

    engine: str
    size: Size
    seed: int
    tightness: str
    time_limit_s: float

    @property
    def instance(self) -> tuple[str, int, str]:
        """What identifies the instance."""
        return str(self.size), self.seed, self.tightness


def usual_limit_s(size: Size) -> float:
    """The time that peers get: what their own benchmarks and our patience suggest."""
    if size.requests <= 400:
        return 5.0
    return 30.0 if size.requests <= 2_000 else 60.0


def plan_peer_runs(run: Run, own_wall_s: float | None, cap_s: float, names: list[str]) -> list[Run]:
    """Runs of the peers: VROOM to its own end, searches to the usual limit, and ten times ours."""
    planned = []
    for name in names:
        if name == OURS:
            continue
        limits: set[float] = {inf}
        if name.startswith("vroom"):
            limits = {cap_s}
        elif ENGINES[name].uses_limit:
            limits = {min(cap_s, usual_limit_s(run.size))}
            if own_wall_s is not None:
                limits.add(min(cap_s, max(1.0, round(10 * own_wall_s, 1))))
        planned += [
            Run(name, run.size, run.seed, run.tightness, limit_s) for limit_s in sorted(limits)
        ]
    return planned
