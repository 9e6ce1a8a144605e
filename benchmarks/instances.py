"""Made-up cities for the benchmark: need and supply live in the same neighbourhoods, unevenly.

Nothing here is real data. Below 5,000 requests the city keeps its size and gets emptier; above, it
grows so that the density stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.travel import FloatArray, IntArray, StraightTravel

DENSE_REQUESTS = 5_000
SIDE_M = 24_500.0
NEIGHBOURHOODS = 77
DETOUR = 1.3
SPEED_KMH = 20.0
LONGEST_ROUTE_S = 7_200
N_SKILLS, N_LANGUAGES, N_SLOTS = 8, 5, 3
TIGHTNESS = {"loose": 1.5, "normal": 1.0, "tight": 0.67}
FAR = 1 << 39

Random = np.random.Generator


@dataclass(frozen=True)
class Size:
    """How many requests and volunteers."""

    requests: int
    volunteers: int

    @staticmethod
    def parse(text: str) -> Size:
        """Read ``1000x400``."""
        requests, _, volunteers = text.lower().partition("x")
        return Size(int(requests), int(volunteers))

    def __str__(self) -> str:
        return f"{self.requests}x{self.volunteers}"


def make_instance(size: Size, seed: int, tightness: str = "normal") -> Problem:
    """A problem with one route for each volunteer, home to home.

    Skills, languages and the slot of the day are all bits of one mask, so that every engine can be
    given the identical problem: a volunteer needs every bit of a request. The bits of the slots
    are turned round: a request asks for "not in the morning" where the morning does not suit.

    Parameters
    ----------
    size
        Requests and volunteers.
    seed
        Same size, seed and tightness: same problem.
    tightness
        ``loose``, ``normal`` or ``tight``: how many minutes the volunteers have.
    """
    random = np.random.default_rng([size.requests, size.volunteers, seed])
    places = _Neighbourhoods(random, max(1.0, size.requests / DENSE_REQUESTS))
    request_xy = places.settle(random, size.requests, places.need)
    volunteer_xy = places.settle(random, size.volunteers, places.supply)
    xy_m = np.vstack([volunteer_xy, request_xy])
    none = np.zeros((0, 2), np.int64)
    names = [f"skill {at + 1}" for at in range(N_SKILLS)]
    names += [f"language {at + 1}" for at in range(N_LANGUAGES)]
    names += [f"not in slot {at + 1}" for at in range(N_SLOTS)]
    return Problem(
        requests=_make_requests(random, size.requests),
        volunteers=_make_volunteers(random, size.volunteers, TIGHTNESS[tightness]),
        objective=Objective(value_m_per_weight=20_000.0),
        travel=(StraightTravel(xy_m, DETOUR, SPEED_KMH / 3.6),),
        xy_m=xy_m,
        banned=none,
        preferred=none,
        bonus_m=np.zeros(0),
        locked=none,
        skill_names=tuple(names),
    )


class _Neighbourhoods:
    """Centres with a spread, a share of the need and another share of the supply."""

    def __init__(self, random: Random, growth: float) -> None:
        count = round(NEIGHBOURHOODS * growth)
        self.side_m = SIDE_M * sqrt(growth)
        self.centre_m = random.uniform(0, self.side_m, (count, 2))
        self.spread_m = random.uniform(300, 900, count)
        self.need = _shares(random, count)
        self.supply = _shares(random, count)

    def settle(self, random: Random, count: int, shares: FloatArray) -> FloatArray:
        """(count, 2) float64 metres."""
        home = random.choice(len(shares), size=count, p=shares)
        offset = random.normal(0, 1, (count, 2)) * self.spread_m[home, None]
        inside: FloatArray = np.clip(self.centre_m[home] + offset, 0, self.side_m)
        return inside


def _shares(random: Random, count: int) -> FloatArray:
    weight = random.lognormal(0, 0.8, count)
    shares: FloatArray = weight / weight.sum()
    return shares


def _bits(flags: npt.NDArray[np.bool_], first: int) -> IntArray:
    """(n,) int64 masks of (n, k) flags, the first flag at bit ``first``."""
    masks: IntArray = (flags.astype(np.int64) << np.arange(first, first + flags.shape[1])).sum(1)
    return masks


def _make_requests(random: Random, count: int) -> Requests:
    skill = np.zeros((count, N_SKILLS), bool)
    for _ in range(2):
        skill[np.arange(count), random.integers(0, N_SKILLS, count)] = True
    second = random.random(count) < 0.5
    one = np.zeros_like(skill)
    one[np.arange(count), random.integers(0, N_SKILLS, count)] = True
    skill = np.where(second[:, None], skill, one) & (random.random(count) < 0.3)[:, None]
    language = np.zeros((count, N_LANGUAGES), bool)
    language[np.arange(count), random.integers(0, N_LANGUAGES, count)] = True
    language &= (random.random(count) < 0.1)[:, None]
    rank = random.random((count, N_SLOTS)).argsort(axis=1)
    unsuited = rank >= random.integers(1, N_SLOTS + 1, count)[:, None]
    masks = _bits(skill, 0) + _bits(language, N_SKILLS) + _bits(unsuited, N_SKILLS + N_LANGUAGES)
    zero = np.zeros(count, np.int64)
    return Requests(
        ids=tuple(f"r{at}" for at in range(count)),
        service_s=60 * random.integers(20, 91, count),
        weight=random.choice([1.0, 2.0, 4.0], size=count, p=[0.6, 0.3, 0.1]),
        skills=masks,
        languages=zero,
        crew_size=np.ones(count, np.int64),
        window_ptr=np.arange(count + 1, dtype=np.int64),
        window_open_s=zero,
        window_close_s=np.full(count, LONGEST_ROUTE_S),
        area=zero - 1,
    )


def _make_volunteers(random: Random, count: int, minutes_factor: float) -> Volunteers:
    has = random.random((count, N_SKILLS + N_LANGUAGES)) < np.array(
        [0.4] * N_SKILLS + [0.25] * N_LANGUAGES
    )
    slot = random.integers(0, N_SLOTS, count)
    absent = slot[:, None] != np.arange(N_SLOTS)
    minutes = random.integers(60, 241, count) * minutes_factor
    work_s = np.minimum(60 * minutes.astype(np.int64), LONGEST_ROUTE_S)
    radius_m = random.integers(1_000, 5_001, count)
    zero = np.zeros(count, np.int64)
    return Volunteers(
        ids=tuple(f"v{at}" for at in range(count)),
        shift_ptr=np.arange(count + 1, dtype=np.int64),
        shift_start_s=zero,
        shift_end_s=work_s,
        max_tasks=random.integers(1, 7, count),
        max_work_s=work_s,
        max_travel_s=np.full(count, FAR),
        max_travel_m=np.full(count, FAR),
        max_route_m=3 * radius_m,
        skills=_bits(has, 0) + _bits(absent, N_SKILLS + N_LANGUAGES),
        languages=zero,
        load=np.zeros(count),
        accept_p=np.ones(count),
        mode=zero,
        area=zero - 1,
    )
