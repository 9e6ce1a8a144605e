"""What is counted on a route, as it comes in, and what cannot be. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.recycling.figures import monday_of
from campaigns.recycling.kinds import CartState, ContaminantKind, Stream
from core.worded import Worded as _

OLDEST = timedelta(days=5 * 366)
MOST_CARTS_PER_HOUSEHOLD = 3
MOST_KG_PER_HOUSEHOLD = 100.0
"""On one day: a full cart of 360 litres, the largest in use, weighs about 90 kg."""
MOST_SAMPLE_KG = 20_000.0
MOST_CARTS = 2_000
"""Of one walk."""
MAX_NAME = 64


@dataclass(frozen=True, kw_only=True)
class SetOuts:
    """Carts that stood out on a route in one week; ``week`` is any day of it."""

    week: date
    set_out_count: int


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What a truck brought from a route on one day, all loads together."""

    day: date
    stream: Stream
    weight_kg: float


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """What the same homes put into both carts, sorted by hand."""

    week: date
    sample: str
    recyclables_in_recycling_kg: float
    contaminants_in_recycling_kg: float
    recyclables_in_trash_kg: float
    other_in_trash_kg: float

    @property
    def weights(self) -> Mapping[str, float]:
        """The four weights by their column."""
        names = (
            "recyclables_in_recycling_kg",
            "contaminants_in_recycling_kg",
            "recyclables_in_trash_kg",
            "other_in_trash_kg",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Cart:
    """What was seen of one cart; its number is its place in the walk."""

    number: int
    state: CartState
    contaminants: tuple[ContaminantKind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One walk along a route, looking into carts."""

    week: date
    key: str
    carts: tuple[Cart, ...]


Measurement = SetOuts | Weighed | Sorted | Walk


def find_fault(item: Measurement, *, household_count: int, today: date) -> str | None:
    """Why this cannot be, with the remedy; None when it can."""
    day = item.day if isinstance(item, Weighed) else item.week
    if day > today:
        return _("%(day)s lies in the future. Correct the date.", day=day.isoformat())
    if day < today - OLDEST:
        return _("%(day)s is more than five years ago. Correct the year.", day=day.isoformat())
    if isinstance(item, SetOuts):
        return _fault_of_count(item.set_out_count, household_count)
    if isinstance(item, Weighed):
        return _fault_of_weight(item.weight_kg, household_count)
    if isinstance(item, Sorted):
        return _fault_of_sample(item)
    return _fault_of_walk(item, household_count)


def _fault_of_count(count: int, household_count: int) -> str | None:
    most = MOST_CARTS_PER_HOUSEHOLD * household_count
    if count < 0:
        return _("%(count)s carts cannot be set out. Write 0 or more.", count=count)
    if count > most:
        return _(
            "%(count)s carts are more than %(most_carts_per_household)s for each of the "
            "%(household_count)s households. Correct the count or the route.",
            count=count,
            most_carts_per_household=MOST_CARTS_PER_HOUSEHOLD,
            household_count=household_count,
        )
    return None


def _fault_of_weight(weight_kg: float, household_count: int) -> str | None:
    if not math.isfinite(weight_kg) or weight_kg < 0:
        return _(
            "A weight of %(weight_kg)s kg cannot be. Write 0 or more.",
            weight_kg=format(weight_kg, "g"),
        )
    if weight_kg > MOST_KG_PER_HOUSEHOLD * household_count:
        return _(
            "%(weight_kg)s kg are more than %(most_kg_per_household)s kg for each of the "
            "%(household_count)s households. Weights are in kilograms.",
            weight_kg=format(weight_kg, ",.0f"),
            most_kg_per_household=format(MOST_KG_PER_HOUSEHOLD, ".0f"),
            household_count=household_count,
        )
    return None


def _fault_of_sample(item: Sorted) -> str | None:
    if not item.sample or len(item.sample) > MAX_NAME:
        return _("A sample needs a name of 1 to %(max_name)s characters.", max_name=MAX_NAME)
    for name, weight_kg in item.weights.items():
        if not math.isfinite(weight_kg) or not 0 <= weight_kg <= MOST_SAMPLE_KG:
            return _(
                "%(name)s cannot be %(weight_kg)s kg. Write 0 to %(most_sample_kg)s.",
                name=name,
                weight_kg=format(weight_kg, "g"),
                most_sample_kg=format(MOST_SAMPLE_KG, ",.0f"),
            )
    if sum(item.weights.values()) == 0:
        return _("A sample of nothing says nothing. Leave the line out.")
    return None


def _fault_of_walk(item: Walk, household_count: int) -> str | None:
    count = len(item.carts)
    if not item.key.strip() or len(item.key) > MAX_NAME:
        return _("A walk needs a name of 1 to %(max_name)s characters.", max_name=MAX_NAME)
    if not 1 <= count <= min(MOST_CARTS, MOST_CARTS_PER_HOUSEHOLD * household_count):
        return _(
            "A walk past %(count)s carts cannot be: 1 to %(most_carts)s, and at most "
            "%(most_carts_per_household)s for each of the %(household_count)s households.",
            count=count,
            most_carts=MOST_CARTS,
            most_carts_per_household=MOST_CARTS_PER_HOUSEHOLD,
            household_count=household_count,
        )
    if len({cart.number for cart in item.carts}) < count or any(
        cart.number < 1 for cart in item.carts
    ):
        return _("Each cart of a walk has a number of its own, from 1.")
    for cart in item.carts:
        if cart.state is CartState.CONTAMINATED and not cart.contaminants:
            return _(
                "Cart %(number)s is contaminated: say with what, or 'other'.", number=cart.number
            )
        if cart.state is not CartState.CONTAMINATED and cart.contaminants:
            return _(
                "Cart %(number)s is %(state)s and cannot hold contaminants.",
                number=cart.number,
                state=cart.state.value,
            )
    return None


def week_of(item: Measurement) -> date:
    """The Monday of the week that it counts for."""
    return monday_of(item.day if isinstance(item, Weighed) else item.week)
