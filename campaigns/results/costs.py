"""What one outcome cost: with the interval of the effect, or not at all.

A cost for each kilogram more is the money divided by the kilograms, and those are known only as
well as the effect is. Where the effect's interval holds zero the cost has no upper end, so none is
told: a number there would be made of chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from campaigns.results.figures import Cost, MeasuredEffect, Reach
from campaigns.results.kinds import Better, NoCost, Outcome

COUNTED = {
    Outcome.PERSON_WHO_JOINED: "joined_count",
    Outcome.PERSON_WHO_TOOK_PART: "active_count",
}


def find_costs(
    cost_cents: int | None, reach: Reach, effects: Sequence[MeasuredEffect]
) -> tuple[Cost, ...]:
    """Costs of people counted, then of what was measured."""
    found: dict[Outcome, Cost] = {}
    for outcome, name in COUNTED.items():
        if getattr(reach, name) is not None:
            found[outcome] = count_cost(outcome, cost_cents, getattr(reach, name))
    for measured in effects:
        cost = effect_cost(cost_cents, measured)
        if cost is not None:
            # The measure that was chosen comes first: what it says of an outcome stands.
            found.setdefault(cost.outcome, cost)
    return tuple(found.values())


def count_cost(outcome: Outcome, cost_cents: int | None, count: int) -> Cost:
    """Money by people."""
    if cost_cents is None:
        return Cost(outcome, reason=NoCost.NO_COST_NOTED)
    if not count:
        return Cost(outcome, reason=NoCost.NOBODY)
    return Cost(outcome, cents=cost_cents / count)


def effect_cost(cost_cents: int | None, measured: MeasuredEffect) -> Cost | None:
    """Money by what the effect comes to; None when that cannot be worked out at all."""
    outcome, effect = measured.facts.outcome, measured.effect
    if measured.base is None or measured.base <= 0:
        return None
    if cost_cents is None:
        return Cost(outcome, reason=NoCost.NO_COST_NOTED)
    if effect is None or measured.is_good is None:
        return Cost(outcome, reason=NoCost.NO_EFFECT_SHOWN)
    if not measured.is_good:
        return Cost(outcome, reason=NoCost.WRONG_WAY)
    sign = 1 if measured.facts.better is Better.HIGHER else -1
    sizes = sorted(sign * size * measured.base for size in (effect.low, effect.high))
    least, most = sizes
    return Cost(
        outcome,
        cents=cost_cents / (sign * effect.estimate * measured.base),
        low_cents=cost_cents / most if math.isfinite(most) else 0.0,
        high_cents=cost_cents / least,
    )


def find_public_costs(
    cost_cents: int | None, reach: Reach, effects: Sequence[MeasuredEffect], costs: Sequence[Cost]
) -> tuple[Cost, ...]:
    """Costs for the public, from public figures alone: no hidden number can be worked out."""
    known = {cost.outcome: cost for cost in find_costs(cost_cents, reach, effects)}
    few = {
        cost.outcome: replace(cost, cents=None, low_cents=None, high_cents=None, reason=NoCost.FEW)
        for cost in costs
    }
    return tuple(
        cost if cost.cents is None else known.get(cost.outcome, few[cost.outcome]) for cost in costs
    )
