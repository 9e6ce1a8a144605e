"""One storm in a real city: homes, people, and every die that will be cast, by seed.

The dice are cast before anybody is asked, one for each pair and each message number of a person, so
that all policies meet the same people with the same luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.city import CityPack
from matching.ladder.answers import mean_willingness
from matching.ladder.board import BoolArray, FloatArray, IntArray
from matching.simulation.parameters import DAY_S, HOUR_S, START_S, Behaviour

WORK_OPENS_S, WORK_CLOSES_S = 6.5 * HOUR_S, 21 * HOUR_S
NOON_S, AFTERNOON_S = 12 * HOUR_S, 16 * HOUR_S
MESSAGES_DRAWN = 256
"""Messages per person with luck of their own; later ones meet the last."""

SEASON_PLACES = 2
JOB_S = (1200, 2700)


@dataclass(frozen=True, eq=False)
class Ground:
    """Where homes can stand: positions in metres and areas of a city's addresses."""

    xy_m: FloatArray
    area: IntArray
    area_names: tuple[str, ...]

    @staticmethod
    def of_pack(pack: CityPack) -> Ground:
        """The addresses of a city pack."""
        names = tuple(sorted(set(pack.addresses.areas)))
        index = {name: at for at, name in enumerate(names)}
        area = np.array([index[name] for name in pack.addresses.areas], np.int64)
        return Ground(np.asarray(pack.to_utm(pack.addresses.lonlat)), area, names)


@dataclass(frozen=True, eq=False)
class Crowd:
    """The registered volunteers; the same in every storm of a season."""

    xy_m: FloatArray
    area: IntArray
    radius_m: FloatArray
    places: IntArray
    willing: FloatArray
    belief: FloatArray
    skilled: BoolArray
    opens_s: FloatArray
    closes_s: FloatArray
    looks: FloatArray
    """(m,) uniform: who ever looks at a board."""


@dataclass(frozen=True, eq=False)
class World:
    """One storm. Pairs are in compressed rows by person, ascending by home."""

    behaviour: Behaviour
    ground: Ground
    crowd: Crowd
    home_xy_m: FloatArray
    home_area: IntArray
    weight: FloatArray
    needs_skill: BoolArray
    job_s: FloatArray
    arrives_s: FloatArray
    cancels_s: FloatArray
    deadline_s: float
    ptr: IntArray
    pair_home: IntArray
    pair_person: IntArray
    travel_m: FloatArray
    says_yes: BoolArray
    stays_away: BoolArray
    withdraws: FloatArray
    """(k,) share of the time from yes to start after which the person steps back; nan never."""
    on: BoolArray
    ghost: BoolArray
    button: FloatArray
    reply_luck: FloatArray
    delay_s: FloatArray
    mute_luck: FloatArray
    look_s: list[FloatArray]
    over_claims: BoolArray
    season_pair: BoolArray

    @property
    def n_homes(self) -> int:
        """Homes of this storm."""
        return len(self.weight)

    @property
    def n_people(self) -> int:
        """Registered volunteers."""
        return len(self.crowd.places)

    def expected_after(self, moment_s: float) -> float:
        """Homes that are expected to ask after a moment, by the law of arrivals (not by name)."""
        behaviour = self.behaviour
        first_s, last_s = morning_calls(behaviour, self.deadline_s)
        early = (behaviour.snow_ends_s - moment_s) / (behaviour.snow_ends_s - NOON_S)
        late = (last_s - moment_s) / (last_s - first_s)
        share = behaviour.early_share * np.clip(early, 0.0, 1.0)
        share += (1.0 - behaviour.early_share) * np.clip(late, 0.0, 1.0)
        return float(share) * behaviour.n_homes

    def pair(self, person: int, home: int) -> int:
        """Index of a pair."""
        first, last = self.ptr[person], self.ptr[person + 1]
        return int(first + np.searchsorted(self.pair_home[first:last], home))


def make_crowd(ground: Ground, behaviour: Behaviour, seed: int) -> Crowd:
    """Draw the volunteers."""
    rng = np.random.default_rng([seed, 1])
    m = behaviour.n_people
    supply = rng.lognormal(0.0, behaviour.supply_sigma, len(ground.area_names))[ground.area]
    at = _pick(rng, supply, m)
    mean, concentration = behaviour.willing_mean, behaviour.willing_concentration
    willing = rng.beta(mean * concentration, (1 - mean) * concentration, m)
    willing = np.clip(willing, 0.02, 0.98)
    noise = rng.normal(0.0, 1.0, m) * behaviour.belief_noise
    logit = np.log(willing / (1 - willing)) + noise
    kind = rng.random(m)
    flexible = kind < behaviour.flexible_share
    morning = ~flexible & (kind < behaviour.flexible_share + behaviour.morning_share)
    opens = np.where(flexible | morning, WORK_OPENS_S, AFTERNOON_S)
    closes = np.where(morning, NOON_S, WORK_CLOSES_S)
    spread = np.array([0.27, 0.31, 0.27, 0.15])
    tilt = (behaviour.places_mean - float(spread @ [1, 2, 3, 4])) / 2.0
    spread = np.clip(spread + tilt * np.array([-0.5, -0.25, 0.25, 0.5]), 0.01, None)
    return Crowd(
        xy_m=ground.xy_m[at],
        area=ground.area[at],
        radius_m=behaviour.radius_median_m * rng.lognormal(0.0, behaviour.radius_sigma, m),
        places=rng.choice([1, 2, 3, 4], m, p=spread / spread.sum()).astype(np.int64),
        willing=willing,
        belief=(1 - behaviour.ghost_share) * mean_willingness(logit, behaviour.belief_noise),
        skilled=rng.random(m) < behaviour.skill_share,
        opens_s=opens,
        closes_s=closes,
        looks=rng.random(m),
    )


def make_world(
    ground: Ground, behaviour: Behaviour, seed: int, *, storm: int = 0, crowd: Crowd | None = None
) -> World:
    """Draw one storm: same arguments, same storm."""
    crowd = crowd or make_crowd(ground, behaviour, seed)
    rng = np.random.default_rng([seed, 2, storm])
    need = np.random.default_rng([seed, 3]).lognormal(
        0.0, behaviour.need_sigma, len(ground.area_names)
    )
    n, m = behaviour.n_homes, behaviour.n_people
    at = _pick(rng, need[ground.area], n)
    deadline_s = behaviour.snow_ends_s + behaviour.deadline_h * HOUR_S
    arrives_s = _draw_arrivals(rng, behaviour, deadline_s, n)
    weight = _draw_weights(rng, behaviour, n)
    needs_skill = rng.random(n) < behaviour.skill_need
    cancels_s = _draw_cancels(rng, behaviour, arrives_s, deadline_s)
    job_s = rng.uniform(*JOB_S, n)
    distance_m = behaviour.detour * np.linalg.norm(
        crowd.xy_m[:, None] - ground.xy_m[at][None], axis=2
    )
    fits = (distance_m <= crowd.radius_m[:, None]) & (cancels_s > START_S)
    fits &= crowd.skilled[:, None] | ~needs_skill
    person, home = np.nonzero(fits)
    reach = distance_m[fits] / crowd.radius_m[person]
    # Dice for every person and home, so that a pair keeps its luck whatever else is in reach.
    luck = rng.random((4, m, n))[:, fits]
    chance = behaviour.near_share + (behaviour.far_share - behaviour.near_share) * reach
    no_show = behaviour.no_show * behaviour.reminder_factor if behaviour.friction else 0.0
    withdraw = behaviour.withdraw if behaviour.friction else 0.0
    draws = (m, MESSAGES_DRAWN)
    return World(
        behaviour=behaviour,
        ground=ground,
        crowd=crowd,
        home_xy_m=ground.xy_m[at],
        home_area=ground.area[at],
        weight=weight,
        needs_skill=needs_skill,
        job_s=job_s,
        arrives_s=arrives_s,
        cancels_s=cancels_s if behaviour.friction else np.full(n, np.inf),
        deadline_s=deadline_s,
        ptr=np.searchsorted(person, np.arange(m + 1)).astype(np.int64),
        pair_home=home.astype(np.int64),
        pair_person=person.astype(np.int64),
        travel_m=distance_m[fits],
        says_yes=luck[0] < chance,
        stays_away=luck[1] < no_show,
        withdraws=np.where(luck[2] < withdraw, luck[3], np.nan),
        on=rng.random(m) < crowd.willing,
        ghost=rng.random(m) < behaviour.ghost_share,
        button=rng.random(m),
        reply_luck=rng.random(draws),
        delay_s=behaviour.answer_median_s * np.exp(behaviour.answer_sigma * rng.normal(size=draws)),
        mute_luck=rng.random(draws),
        look_s=_draw_looks(rng, crowd, behaviour, deadline_s),
        over_claims=rng.random(m) < behaviour.board_over_claim * crowd.places,
        season_pair=_pair_for_season(distance_m, fits)[fits],
    )


def _pick(rng: np.random.Generator, chance: FloatArray, count: int) -> IntArray:
    """Addresses by chance, each at most once (Efraimidis and Spirakis)."""
    return np.argsort(rng.exponential(size=len(chance)) / chance, kind="stable")[:count]


def _draw_weights(rng: np.random.Generator, behaviour: Behaviour, count: int) -> FloatArray:
    urgent, raised = behaviour.urgent_share, behaviour.raised_share
    return rng.choice([4.0, 2.0, 1.0], count, p=[urgent, raised, 1 - urgent - raised])


def _draw_cancels(
    rng: np.random.Generator, behaviour: Behaviour, arrives_s: FloatArray, deadline_s: float
) -> FloatArray:
    cancels = rng.random(len(arrives_s)) < behaviour.cancel_share
    when_s = arrives_s + rng.random(len(arrives_s)) * (deadline_s - arrives_s)
    found: FloatArray = np.where(cancels, when_s, np.inf)
    return found


def _draw_arrivals(
    rng: np.random.Generator, behaviour: Behaviour, deadline_s: float, count: int
) -> FloatArray:
    early = rng.random(count) < behaviour.early_share
    when = rng.random(count)
    before = NOON_S + when * (behaviour.snow_ends_s - NOON_S)
    morning_s, last_s = morning_calls(behaviour, deadline_s)
    arrives: FloatArray = np.where(early, before, morning_s + when * (last_s - morning_s))
    return arrives


def morning_calls(behaviour: Behaviour, deadline_s: float) -> tuple[float, float]:
    """First and last moment at which residents call after the night of the snow."""
    first_s = DAY_S + 7 * HOUR_S
    return first_s, max(first_s + 2 * HOUR_S, deadline_s - 8 * HOUR_S)


def _draw_looks(
    rng: np.random.Generator, crowd: Crowd, behaviour: Behaviour, deadline_s: float
) -> list[FloatArray]:
    """Moments at which each person looks at a board without being asked."""
    luck = rng.random((len(crowd.places), 2, 4))
    looks = []
    for v, mine in enumerate(luck):
        first = START_S + mine[0, : behaviour.board_looks] * 6 * HOUR_S
        second = DAY_S + 7 * HOUR_S + mine[1, : behaviour.board_looks] * 14 * HOUR_S
        found = np.sort(np.concatenate([first, second]))
        goes = crowd.looks[v] < behaviour.board_share
        looks.append(found[found < deadline_s] if goes else np.zeros(0))
    return looks


def _pair_for_season(distance_m: FloatArray, fits: BoolArray) -> BoolArray:
    """Autumn pairs: shortest distances first, two homes a volunteer, one volunteer a home."""
    paired = np.zeros_like(fits)
    person, home = np.nonzero(fits)
    left = np.full(fits.shape[0], SEASON_PLACES)
    free = np.ones(fits.shape[1], bool)
    for at in np.argsort(distance_m[fits], kind="stable"):
        v, r = person[at], home[at]
        if left[v] and free[r]:
            paired[v, r] = True
            left[v] -= 1
            free[r] = False
    return paired
