"""Draws routes into treated ones and controls, so that anybody can draw them again. Pure.

Routes are sorted by their baseline and cut into pairs of neighbours (three at the end of an odd
number); within each, the order of SHA-256 of "seed:code" decides. So both sides begin alike, and
nobody chose.

References
----------
.. [1] Imai, K., King, G. and Nall, C. (2009). The essential role of pair matching in
       cluster-randomized experiments. Statistical Science 24, 29-53.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.recycling.kinds import Arm


@dataclass(frozen=True)
class Drawn:
    """What became of one route."""

    code: str
    arm: Arm
    stratum: int
    baseline: float | None


def draw_arms(baselines: Mapping[str, float | None], seed: int) -> list[Drawn]:
    """The side of every route; the same baselines and seed give the same sides.

    Routes without a baseline stand together at the end. Of three, the hash decides whether one or
    two are treated.
    """
    order = sorted(baselines, key=lambda code: (*_rank(baselines[code]), code))
    strata: list[list[str]] = [order[at : at + 2] for at in range(0, len(order), 2)]
    if len(strata) > 1 and len(strata[-1]) == 1:
        strata[-2:] = [strata[-2] + strata[-1]]
    drawn = []
    for number, codes in enumerate(strata, start=1):
        shuffled = sorted(codes, key=lambda code: (_digest(f"{seed}:{code}"), code))
        treated = len(codes) // 2
        if len(codes) % 2:
            treated += _digest(f"{seed}:odd:{number}")[0] % 2
        drawn += [
            Drawn(code, Arm.TREATED if place < treated else Arm.CONTROL, number, baselines[code])
            for place, code in enumerate(shuffled)
        ]
    return sorted(drawn, key=lambda one: one.code)


def _rank(baseline: float | None) -> tuple[bool, float]:
    return (True, 0.0) if baseline is None else (False, baseline)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
