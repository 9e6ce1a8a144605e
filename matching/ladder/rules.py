"""The numbers of the offer ladder. A community may store its own; `docs/ladder.md` says why."""

from __future__ import annotations

import msgspec


class LadderRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every number that decides who is asked, when, and about which homes.

    Read and write it with ``msgspec.convert`` and ``msgspec.to_builtins``: a dictionary of plain
    numbers. Fields that are left out keep their defaults.

    Parameters
    ----------
    last_job_s
        Seconds before a deadline at which the last job has to begin at the latest: time after that
        is of no use for asking.
    rounds_per_window, round_min_s, round_max_s
        A round every ``usable time / rounds_per_window``, within the limits.
    lives_per_window, silence_min_s, silence_max_s
        An ask counts as silent after ``usable time / lives_per_window``, within the limits. Silence
        ends the weight of the ask in planning, never the right to say yes.
    uncovered_share
        The chance of nobody that is accepted at the end of the usable time (epsilon).
    value_per_weight
        What one unit of weight is worth; the costs below are in the same unit.
    cost_per_km, cost_per_place, least_value
        Costs of distance and of each further stop of a plan; a stop is planned above the least.
    price_share, urgent_price_share
        How much of a person's price (`matching.ladder.prices`) is asked: usually, and in urgent
        mode (beta).
    forecast_share, urgent_forecast_share
        How much of the homes expected later counts in the prices: usually, and in urgent mode.
    home_price_share
        How much of a home's price is asked: it turns people away from homes that others can reach
        (kappa).
    price_fade_s
        The price fades to 0 over the last so many usable seconds of each person.
    max_stops, menu_size
        Homes of a plan, and further open homes on the menu under it.
    messages_per_storm, messages_per_yes, max_silences, silences_per_no
        The budget of one person in one storm, and what each yes adds to it; after so many
        silences in a row nothing more is sent, and a "no" to all counts as several of them.
    gaps_per_window, gap_s, gap_max_s
        Between two asks of one person lies ``usable time of the person / gaps_per_window``, within
        the limits; waived after a yes.
    sure_asks, cost_per_message
        So many asks everybody gets, whatever the model thinks; a further ask must be worth more
        than its cost: the chance of a yes times what it would be worth.
    area_share
        Extra weight of homes in areas that are served less than the mean (phi); 0 is off.
    least_chance
        Nobody is taken to be less likely to help than this: a bad history never excludes.
    no_factor, yes_willingness
        The part of the willing who pass over every home of a long list: a "no" never says more; and
        what a yes sets the willingness to.
    reply_share
        Chance of an answer of any kind to a message, for somebody of whom nothing is known.
    near_share, far_share
        Chance of a yes to one home next door, and at the end of the person's own reach.
    answer_median_s, answer_sigma
        Log-normal curve of the time to the answer.
    reply_fatigue
        Each message of the last hours makes an answer less likely by this factor.
    spread_s
        Messages held over the quiet hours go out over so many seconds after them.
    """

    last_job_s: float = 5400.0
    rounds_per_window: float = 15.0
    round_min_s: float = 600.0
    round_max_s: float = 3600.0
    lives_per_window: float = 7.0
    silence_min_s: float = 1800.0
    silence_max_s: float = 10_800.0
    uncovered_share: float = 0.3
    value_per_weight: float = 1000.0
    cost_per_km: float = 30.0
    cost_per_place: float = 30.0
    least_value: float = 40.0
    price_share: float = 0.7
    urgent_price_share: float = 0.97
    forecast_share: float = 0.0
    urgent_forecast_share: float = 1.0
    home_price_share: float = 0.5
    price_fade_s: float = 28_800.0
    max_stops: int = 3
    menu_size: int = 7
    messages_per_storm: int = 5
    messages_per_yes: int = 2
    max_silences: int = 6
    silences_per_no: int = 1
    gaps_per_window: float = 3.0
    gap_s: float = 1800.0
    gap_max_s: float = 28_800.0
    sure_asks: int = 1
    cost_per_message: float = 60.0
    area_share: float = 2.0
    least_chance: float = 0.05
    no_factor: float = 0.05
    yes_willingness: float = 0.97
    reply_share: float = 0.8
    near_share: float = 0.85
    far_share: float = 0.40
    answer_median_s: float = 1500.0
    answer_sigma: float = 1.3
    reply_fatigue: float = 0.9
    spread_s: float = 1800.0

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be 0 to 1, not {getattr(self, name)}")
        for name in _ABOVE_ZERO:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        for low, high in _LIMITS:
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not be above {high}")


SPARING = {"cost_per_message": 150.0}
"""A setting for communities that count messages and people who leave above homes: see
`docs/ladder.md`. Store it as the rule ``ladder``."""

_SHARES = (
    "uncovered_share",
    "price_share",
    "urgent_price_share",
    "home_price_share",
    "forecast_share",
    "urgent_forecast_share",
    "least_chance",
    "no_factor",
    "yes_willingness",
    "reply_share",
    "near_share",
    "far_share",
    "reply_fatigue",
)
_LIMITS = (
    ("round_min_s", "round_max_s"),
    ("silence_min_s", "silence_max_s"),
    ("gap_s", "gap_max_s"),
)
_ABOVE_ZERO = (
    "rounds_per_window",
    "round_min_s",
    "lives_per_window",
    "silence_min_s",
    "uncovered_share",
    "gaps_per_window",
    "value_per_weight",
    "max_stops",
    "menu_size",
    "messages_per_storm",
    "answer_median_s",
    "answer_sigma",
)
