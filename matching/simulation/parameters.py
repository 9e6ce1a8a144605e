"""Every number of the simulated storms and people, with its source or the word "assumed".

None of these numbers was measured in a snow programme. They are varied (`SCENARIOS`), and what
holds in all variations is what may be said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
START_S = 16 * HOUR_S
"""The axis of a storm starts at midnight before the snowfall; offers go out from 16:00."""


@dataclass(frozen=True)
class Behaviour:
    """How residents and volunteers behave, and what the storm is like. See `SOURCES`."""

    n_homes: int = 400
    n_people: int = 160
    deadline_h: float = 24.0
    snow_ends_s: float = 22 * HOUR_S
    early_share: float = 0.65
    urgent_share: float = 0.10
    raised_share: float = 0.30
    cancel_share: float = 0.05
    skill_need: float = 0.10
    skill_share: float = 0.50
    need_sigma: float = 0.45
    supply_sigma: float = 0.8
    radius_median_m: float = 1000.0
    radius_sigma: float = 0.4
    detour: float = 1.3
    speed_m_s: float = 4000 / 3600
    places_mean: float = 2.3
    flexible_share: float = 0.35
    morning_share: float = 0.30
    ghost_share: float = 0.15
    reply_share: float = 0.80
    willing_mean: float = 0.60
    willing_concentration: float = 3.0
    near_share: float = 0.85
    far_share: float = 0.40
    answer_median_s: float = 1500.0
    answer_sigma: float = 1.3
    mass_factor: float = 0.8
    reply_fatigue: float = 0.9
    fatigue_memory_s: float = 14 * HOUR_S
    mute_chance: float = 0.06
    mute_filled_factor: float = 2.0
    mute_burst_factor: float = 0.25
    burst_s: float = HOUR_S
    burst_rolls: bool = False
    button_share: float = 0.5
    no_show: float = 0.08
    reminder_factor: float = 0.9
    withdraw: float = 0.05
    check_in_s: float = 900.0
    board_share: float = 0.65
    board_looks: int = 2
    board_over_claim: float = 0.08
    board_lock_s: float = 6 * HOUR_S
    belief_noise: float = 0.8
    friction: bool = True


SOURCES: dict[str, str] = {
    "n_homes": "400 of 160, also 1000/250, 400/400, 250/1000, 400/80: Hamilton ON 282 homes and 50"
    " volunteers (CBC), Windsor ON 351/60 (city report), Denver 600/300 (KDVR)",
    "n_people": "see n_homes",
    "deadline_h": "Pittsburgh 24 h after the snow, Windsor 12 h, Chicago 10 am; 24 h, varied 14 h",
    "snow_ends_s": "assumed",
    "early_share": "assumed: share of requests that come before the snow stops",
    "urgent_share": "assumed: priority 4 (weights are 1, 2 and 4)",
    "raised_share": "assumed: priority 2",
    "cancel_share": "assumed: residents who cancel",
    "skill_need": "assumed: homes that need a tool or skill",
    "skill_share": "assumed: volunteers who have it",
    "need_sigma": "assumed: log-normal spread of need over neighbourhoods",
    "supply_sigma": "assumed: log-normal spread of volunteers over neighbourhoods; varied",
    "radius_median_m": "10-minute walk in Pittsburgh, 3 blocks in Washington DC: about 1 km",
    "radius_sigma": "assumed",
    "detour": "usual ratio of street to straight distance in city grids",
    "speed_m_s": "4 km/h on snow, assumed",
    "places_mean": "1 to 4 homes a volunteer; served per volunteer 2.3 to 3.0 in programmes of"
    " Denver, Pittsburgh and DC, 117 homes by 61 volunteers in Guelph (Guelph Mercury 2015)",
    "flexible_share": "assumed: can come the whole day",
    "morning_share": "assumed: mornings only; the others evenings only",
    "ghost_share": "assumed: registered people who never answer in this storm",
    "reply_share": "assumed; responders of volunteer alerts 17 to 47 % with all parts together"
    " (Khalemsky et al. 2023, JMIR, e41551)",
    "willing_mean": "assumed: helps at all in this storm (Beta distribution); varied",
    "willing_concentration": "assumed",
    "near_share": "assumed: yes to one home next door, when helping at all",
    "far_share": "assumed: yes to one home at the end of the own reach",
    "answer_median_s": "assumed between projected confirmations of covidliste (half in 12.5 min),"
    " and work text messages (56 % in 30 min, 160characters survey); varied",
    "answer_sigma": "see answer_median_s",
    "mass_factor": "64 % answered a personal, 50 % a group mail (Barron and Yechiam 2002); varied",
    "reply_fatigue": "mechanism: Manshadi and Rodilitz 2022; number assumed",
    "fatigue_memory_s": "assumed",
    "mute_chance": "mechanism: Manshadi and Rodilitz 2022 (30 % of volunteers disengage a year);"
    " number assumed: chance to leave after a message that led to nothing; varied",
    "mute_filled_factor": "assumed: worse when the home was already taken",
    "mute_burst_factor": "assumed: messages within an hour annoy less than as many apart",
    "burst_s": "assumed: a burst lasts so long from its first message",
    "burst_rolls": "True: so long from its last message, so that one message each 45 minutes is one"
    " burst from morning to night; varied",
    "button_share": "assumed: people who do not help today and tap 'not today', where there is one",
    "no_show": "assumed; varied",
    "reminder_factor": "text reminders cut no-shows by 10 %; given to every policy",
    "withdraw": "assumed",
    "check_in_s": "assumed: a no-show is noticed so long after the agreed start",
    "board_share": "one third of registered people ever delivered (Food Rescue Hero, Fast Company"
    " 2020); assumed 65 % of those who would help ever look; varied",
    "board_looks": "assumed: looks a day; varied",
    "board_over_claim": "claims nobody works on: Crisis Cleanup; number assumed",
    "board_lock_s": "assumed: until a dead claim is opened again",
    "belief_noise": "error of the known willingness, logit; predictors reach 75 to 79 % accuracy"
    " (Khalemsky et al.); varied",
    "friction": "False in the ideal world: all answer at once, nobody tires, all come",
}
"""Where each number comes from, shown in the report."""

_BASE = Behaviour()

SCENARIOS: dict[str, Behaviour] = {
    "base": _BASE,
    "1000-250": replace(_BASE, n_homes=1000, n_people=250),
    "400-400": replace(_BASE, n_people=400),
    "250-1000": replace(_BASE, n_homes=250, n_people=1000),
    "80-volunteers": replace(_BASE, n_people=80),
    "deadline-14h": replace(_BASE, deadline_h=14.0),
    "400-400-14h": replace(_BASE, n_people=400, deadline_h=14.0),
    "yes-low": replace(_BASE, willing_mean=0.35, near_share=0.7, far_share=0.3),
    "yes-high": replace(_BASE, willing_mean=0.8, near_share=0.95, far_share=0.6),
    "answers-fast": replace(_BASE, answer_median_s=750.0),
    "answers-slow": replace(_BASE, answer_median_s=3600.0),
    "fatigue-low": replace(_BASE, mute_chance=0.02, reply_fatigue=0.95),
    "fatigue-high": replace(_BASE, mute_chance=0.12, reply_fatigue=0.85),
    "board-strong": replace(_BASE, board_share=1.0, board_looks=3),
    "board-weak": replace(_BASE, board_share=0.4, board_looks=1),
    "no-mass-penalty": replace(_BASE, mass_factor=1.0),
    "no-shows-high": replace(_BASE, no_show=0.15),
    "bursts-roll": replace(_BASE, burst_rolls=True),
    "supply-uneven": replace(_BASE, supply_sigma=1.3),
    "against-ladder": replace(
        _BASE,
        board_share=1.0,
        board_looks=3,
        mass_factor=1.0,
        mute_chance=0.02,
        reply_fatigue=0.95,
        belief_noise=1.5,
    ),
    "for-ladder": replace(
        _BASE,
        board_share=0.4,
        board_looks=1,
        mass_factor=0.6,
        mute_chance=0.12,
        reply_fatigue=0.85,
        belief_noise=0.4,
    ),
    "smoke": replace(_BASE, n_homes=120, n_people=60),
}
"""Settings by name; each but the sizes changes what the claims lean on."""
