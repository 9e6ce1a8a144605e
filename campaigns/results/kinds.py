"""What a campaign's page of figures speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Measure(StrEnum):
    """What was measured of each unit before and during a campaign.

    Those of recycling have the words of `campaigns.recycling.kinds.Measure`.
    """

    CAPTURE_RATE = "capture_rate"
    CONTAMINATION_RATE = "contamination_rate"
    CONTAMINATED_CARTS = "contaminated_carts"
    SET_OUT_RATE = "set_out_rate"
    DIVERSION_RATE = "diversion_rate"
    RECYCLING_PER_HOUSEHOLD = "recycling_per_household"
    RIDE_DAYS = "ride_days"
    """Days with a ride, of one person in one week."""
    RIDE_DISTANCE = "ride_distance"
    """Metres ridden, by one person in one week."""
    RIDER_SHARE = "rider_share"
    """People who rode in a week, of those who take part."""


class Scale(StrEnum):
    """How a difference is told."""

    RATIO = "ratio"
    """As a share of what it was: ten per cent more."""
    POINTS = "points"
    """In points of a share: from 40 to 44 per cent is four points."""
    AMOUNT = "amount"
    """In the measure's own unit."""


class Better(StrEnum):
    """Which way a measure should move."""

    HIGHER = "higher"
    LOWER = "lower"


class UnitKind(StrEnum):
    """What is compared with what."""

    ROUTE = "route"
    AREA = "area"
    GROUP = "group"


class Outcome(StrEnum):
    """What money was spent for."""

    PERSON_WHO_JOINED = "person_who_joined"
    PERSON_WHO_TOOK_PART = "person_who_took_part"
    KG_MORE = "kg_more"
    """A kilogram of recyclables more than without the campaign."""
    KG_WRONG_LESS = "kg_wrong_less"
    """A kilogram less in the carts of what does not belong there."""
    CART_WRONG_LESS = "cart_wrong_less"
    SET_OUT_MORE = "set_out_more"
    RIDE_DAY_MORE = "ride_day_more"
    KM_MORE = "km_more"
    RIDER_MORE = "rider_more"


class NoCost(StrEnum):
    """Why a cost cannot be said."""

    NO_COST_NOTED = "no_cost_noted"
    NOBODY = "nobody"
    NO_EFFECT_SHOWN = "no_effect_shown"
    """The interval holds zero: the outcome may have cost anything."""
    WRONG_WAY = "wrong_way"
    FEW = "few"
    """Said to staff alone: it would tell of fewer than five people."""


class NoEffect(StrEnum):
    """Why nothing can be said about an effect."""

    FEW_UNITS = "few_units"
    NO_CONTROLS = "no_controls"
    NO_BASELINE = "no_baseline"


class Quality(StrEnum):
    """What is wrong with the data, or was left out."""

    LATE = "late"
    MISSING = "missing"
    EXCLUDED = "excluded"
    ONE_SIDED = "one_sided"
    """Weeks in which only one side was measured."""
    NO_HOME = "no_home"
    """People who took part and have no home on record, so no area either."""
    NOT_YET_OVER = "not_yet_over"
    NOT_RANDOM = "not_random"
    """Routes were chosen and not drawn by lot, so they may differ in other ways too."""
    SYNTHETIC = "synthetic"


class NextStep(StrEnum):
    """What the figures say should be done next."""

    EXTEND = "extend"
    CHANGE = "change"
    MEASURE_MORE = "measure_more"
    FIND_OUT_WHY = "find_out_why"
    MEASURE_AT_ALL = "measure_at_all"
    ASK_AREA = "ask_area"
    REMIND = "remind"
    MEND_DATA = "mend_data"
    NOTE_COSTS = "note_costs"
    WAIT = "wait"


@dataclass(frozen=True)
class MeasureFacts:
    """What must be known of a measure to speak of it."""

    scale: Scale
    better: Better
    outcome: Outcome
    """What money can be divided by."""

    @property
    def formula(self) -> str:
        """The function of `campaigns.measuring.effects` that finds its effect."""
        return "ratio_effect" if self.scale is Scale.RATIO else "difference_effect"


MEASURES: Mapping[Measure, MeasureFacts] = MappingProxyType(
    {
        Measure.CAPTURE_RATE: MeasureFacts(Scale.POINTS, Better.HIGHER, Outcome.KG_MORE),
        Measure.CONTAMINATION_RATE: MeasureFacts(Scale.POINTS, Better.LOWER, Outcome.KG_WRONG_LESS),
        Measure.CONTAMINATED_CARTS: MeasureFacts(
            Scale.POINTS, Better.LOWER, Outcome.CART_WRONG_LESS
        ),
        Measure.SET_OUT_RATE: MeasureFacts(Scale.POINTS, Better.HIGHER, Outcome.SET_OUT_MORE),
        Measure.DIVERSION_RATE: MeasureFacts(Scale.POINTS, Better.HIGHER, Outcome.KG_MORE),
        Measure.RECYCLING_PER_HOUSEHOLD: MeasureFacts(Scale.RATIO, Better.HIGHER, Outcome.KG_MORE),
        Measure.RIDE_DAYS: MeasureFacts(Scale.AMOUNT, Better.HIGHER, Outcome.RIDE_DAY_MORE),
        Measure.RIDE_DISTANCE: MeasureFacts(Scale.RATIO, Better.HIGHER, Outcome.KM_MORE),
        Measure.RIDER_SHARE: MeasureFacts(Scale.POINTS, Better.HIGHER, Outcome.RIDER_MORE),
    }
)
