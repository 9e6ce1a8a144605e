"""The figures of one campaign, as plain data: what its page, its files and the API show.

They are worked out once (`make_results`) and then only shown: all pages of one campaign say the
same, and what is published can be kept as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from campaigns.measuring.effects import Effect, Verdict
from campaigns.results.kinds import (
    MEASURES,
    Better,
    Measure,
    MeasureFacts,
    NextStep,
    NoCost,
    NoEffect,
    Outcome,
    Quality,
    UnitKind,
)


@dataclass(frozen=True)
class About:
    """Which campaign the figures are of."""

    slug: str
    title: str
    summary: str
    kind: str
    status: str
    community: str
    time_zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    areas: tuple[str, ...]
    """The neighbourhoods that it is for; empty is all of them."""
    goal_value: float | None
    goal_unit: str | None
    goal_reached: float | None
    cost_cents: int | None


@dataclass(frozen=True)
class Reach:
    """How many people the campaign came to. None is unknown, or too few to say in public."""

    told_count: int | None
    """People to whom at least one message of the campaign was sent."""
    joined_count: int | None
    active_count: int | None
    """People who joined and did something: a ride, a pledge, a check-in."""


@dataclass(frozen=True)
class AreaFigures:
    """Who took part in one neighbourhood, against all its addresses."""

    area: str
    address_count: int
    is_target: bool
    home_count: int | None
    """Homes with somebody who takes part; None when they are too few to say in public."""
    share: float | None = None
    low: float | None = None
    high: float | None = None
    """Wilson's interval of the share."""


@dataclass(frozen=True)
class CellFigures:
    """Who took part in one blurred cell. For staff."""

    cell: int
    area: str | None
    address_count: int
    home_count: int


@dataclass(frozen=True)
class Participation:
    """Who took part, by neighbourhood."""

    areas: tuple[AreaFigures, ...]
    whole: AreaFigures
    source: str
    """Where the numbers of addresses come from, as must be said beside them."""
    outside_count: int | None = None
    """Homes that took part and lie in none of the neighbourhoods."""


@dataclass(frozen=True)
class SeriesPoint:
    """One week: the mean of the units that took part, and of those that did not."""

    starts_on: date
    units: float | None
    controls: float | None
    phase: str
    """``before`` or ``during``; what lies between them belongs to neither."""


@dataclass(frozen=True)
class MeasuredEffect:
    """One measure: what changed, against what, and what may be said."""

    measure: Measure
    unit_kind: UnitKind
    is_main: bool
    """Stated before the campaign: the one that decides. The others are looked at beside it."""
    effect: Effect | None
    reason: NoEffect | None = None
    """Why there is no effect to speak of."""
    unit_count: int = 0
    control_count: int = 0
    before: float | None = None
    during: float | None = None
    control_before: float | None = None
    control_during: float | None = None
    base: float | None = None
    """What one unit of the effect comes to over the whole campaign: with a ratio of 0.1 and a
    base of 5,000 kg it brought 500 kg."""
    series: tuple[SeriesPoint, ...] = ()
    side_people: int | None = None
    """People of the side that has fewer; None where routes are measured and not people."""

    @property
    def facts(self) -> MeasureFacts:
        """Scale and wanted direction."""
        return MEASURES[self.measure]

    @property
    def verdict(self) -> Verdict | None:
        """What the interval says; None when there is none."""
        return None if self.effect is None else self.effect.verdict

    @property
    def is_good(self) -> bool | None:
        """Whether the effect goes the wanted way; None when none was shown."""
        if self.effect is None or self.effect.verdict is Verdict.NO_EFFECT_SHOWN:
            return None
        wanted = Verdict.HIGHER if self.facts.better is Better.HIGHER else Verdict.LOWER
        return self.effect.verdict is wanted


@dataclass(frozen=True)
class Cost:
    """What one outcome cost, or why that cannot be said."""

    outcome: Outcome
    cents: float | None = None
    low_cents: float | None = None
    high_cents: float | None = None
    """The interval is that of the effect; counted people have none."""
    reason: NoCost | None = None


@dataclass(frozen=True)
class QualityNote:
    """Something that one should know about the data."""

    code: Quality
    count: int = 0
    total: int | None = None
    what: str = ""
    """A code word: what there are so many of, such as ``weighings``."""


@dataclass(frozen=True)
class Advice:
    """What to do next, with the figures that say so."""

    code: NextStep
    measure: Measure | None = None
    area: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """Everything on a campaign's page."""

    about: About
    computed_at: datetime
    reach: Reach
    participation: Participation | None
    effects: tuple[MeasuredEffect, ...]
    costs: tuple[Cost, ...]
    advice: tuple[Advice, ...]
    notes: tuple[QualityNote, ...]
    cells: tuple[CellFigures, ...] = ()
    is_public: bool = False

    @property
    def main_effect(self) -> MeasuredEffect | None:
        """The measure that was stated before."""
        return next((effect for effect in self.effects if effect.is_main), None)
