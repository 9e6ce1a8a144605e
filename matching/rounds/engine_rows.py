"""Rows of the database as the engine's tables of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from geo.city import CityPack
from geo.travel import TravelMode
from matching.engine.problem import Requests, Volunteers
from matching.engine.travel import IntArray
from matching.errors import TooManyAbilities
from matching.files.problem_file import MAX_NAMES, NO_LIMIT
from matching.models import HelpRequest, Volunteer
from matching.rounds.inputs import RoundInputs
from matching.rounds.requirements import Requirements
from matching.volunteering.days import LOCK_MARGIN, VolunteerDays

MODES = (TravelMode.WALK, TravelMode.BIKE, TravelMode.CAR)
SHORTEST_ID = 8
VOLUNTEER_PREFIX = "V-"

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Names:
    """Bit positions of abilities and languages, numbers of areas."""

    skills: tuple[str, ...]
    languages: tuple[str, ...]
    areas: tuple[str, ...]

    @classmethod
    def of(
        cls, requests: Sequence[HelpRequest], needs: Iterable[set[str]], pack: CityPack
    ) -> Names:
        """Only what some request asks for needs a bit."""
        skills = sorted(set().union(*needs))
        languages = sorted({_base(tag) for row in requests for tag in row.languages})
        for what, names in (("skills and tools", skills), ("languages", languages)):
            if len(names) > MAX_NAMES:
                raise TooManyAbilities(
                    f"Open requests ask for {len(names)} different {what}; a round can tell "
                    f"{MAX_NAMES} apart. Merge some of them."
                )
        return cls(tuple(skills), tuple(languages), tuple(pack.areas.names))

    def skill_mask(self, names: set[str]) -> int:
        """The bits of some names; those that nobody asks for have none."""
        return sum(1 << bit for bit, name in enumerate(self.skills) if name in names)

    def language_mask(self, tags: Sequence[str]) -> int:
        """The bits of some language tags."""
        bases = {_base(tag) for tag in tags}
        return sum(1 << bit for bit, name in enumerate(self.languages) if name in bases)

    def area(self, name: str | None) -> int:
        """The number of an area; -1 for an unknown one."""
        return self.areas.index(name) if name in self.areas else -1


def _base(tag: str) -> str:
    return tag.split("-")[0].casefold()


def make_requests(
    inputs: RoundInputs,
    rows: Sequence[HelpRequest],
    windows: Sequence[Spans],
    names: Names,
    required: Requirements,
    *,
    free: Sequence[bool],
) -> Requests:
    """The engine's requests; ``free`` says where nobody holds a place in the crew yet."""
    # Whoever has said yes to work is trusted with it, whatever the profile says by now.
    flat = [window for spans in windows for window in spans]
    return Requests(
        ids=tuple(row.reference for row in rows),
        service_s=to_ints(row.service_s for row in rows),
        weight=np.array(
            [row.weight * inputs.weight_share.get(row.id, 1.0) for row in rows], np.float64
        ),
        skills=to_ints(names.skill_mask(needs) for needs in required.needs),
        languages=to_ints(
            names.language_mask(row.languages) if free[j] else 0 for j, row in enumerate(rows)
        ),
        crew_size=to_ints(required.crew_size),
        window_ptr=to_pointer(len(spans) for spans in windows),
        window_open_s=to_ints(opens for opens, _ in flat),
        window_close_s=to_ints(closes for _, closes in flat),
        area=to_ints(names.area(row.household.area) for row in rows),
    )


def make_volunteers(
    inputs: RoundInputs,
    names: Names,
    required: Requirements,
    days: Sequence[VolunteerDays],
    spans_s: Sequence[Spans],
) -> Volunteers:
    """The engine's volunteers."""
    rows = inputs.volunteers
    flat = [shift for spans in spans_s for shift in spans]
    held_s, locks = _held_work(inputs, rows)
    room_s = held_s + locks * 2 * int(LOCK_MARGIN.total_seconds())
    travel_s = to_ints(row.max_travel_s for row in rows)
    metres = to_ints(NO_LIMIT if row.radius_m is None else row.radius_m for row in rows)
    locked = locks > 0
    return Volunteers(
        ids=shorten_ids([row.id for row in rows], prefix=VOLUNTEER_PREFIX),
        shift_ptr=to_pointer(len(spans) for spans in spans_s),
        shift_start_s=to_ints(start for start, _ in flat),
        shift_end_s=to_ints(end for _, end in flat),
        max_tasks=np.maximum(
            to_ints(
                min(day.room, inputs.places.get(row.id, day.room))
                for row, day in zip(rows, days, strict=True)
            ),
            locks,
        ),
        max_work_s=np.maximum(
            to_ints(max(0, row.max_work_s - _agreed_s(inputs, row)) for row in rows),
            np.where(locked, room_s, 0),
        ),
        max_travel_s=np.where(
            locked, np.maximum(travel_s, int(LOCK_MARGIN.total_seconds())), travel_s
        ),
        max_travel_m=np.where(locked, NO_LIMIT, metres),
        max_route_m=np.full(len(rows), NO_LIMIT, np.int64),
        skills=to_ints(names.skill_mask(has) for has in required.has),
        languages=to_ints(
            names.language_mask(row.person.preferences.languages if row.person.preferences else [])
            for row in rows
        ),
        load=np.array([row.load for row in rows], np.float64),
        accept_p=np.array([row.accept_prior for row in rows], np.float64),
        mode=to_ints(MODES.index(TravelMode(row.mode.value)) for row in rows),
        area=to_ints(names.area(day.anchor.area) for day in days),
    )


def _agreed_s(inputs: RoundInputs, row: Volunteer) -> int:
    """Agreed work that the round plans around, seconds."""
    spans = inputs.agreed.get(row.id, ())
    return sum(round((ends - begins).total_seconds()) for begins, ends in spans)


def _held_work(inputs: RoundInputs, rows: Sequence[Volunteer]) -> tuple[IntArray, IntArray]:
    """(m,) seconds of service that each volunteer holds, and how many visits that are."""
    held_s, locks = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    number = {row.id: i for i, row in enumerate(rows)}
    for work in inputs.held:
        i = number.get(work.volunteer_id)
        if i is not None:
            held_s[i] += round((work.ends_at - work.starts_at).total_seconds())
            locks[i] += 1
    return held_s, locks


def shorten_ids(ids: Sequence[UUID], *, prefix: str) -> tuple[str, ...]:
    """The last digits of each id, as few as tell them apart, in capitals."""
    for size in range(SHORTEST_ID, 33):
        short = tuple(f"{prefix}{key.hex[-size:].upper()}" for key in ids)
        if len(set(short)) == len(ids):
            return short
    raise ValueError("the ids are not distinct")


def to_ints(values: Iterable[int]) -> IntArray:
    """(k,) int64."""
    return np.array(list(values), np.int64)


def to_pointer(sizes: Iterable[int]) -> IntArray:
    """(k + 1,) int64, where each of k lists begins."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(to_ints(sizes), dtype=np.int64)])


def to_pairs(pairs: Sequence[tuple[int, int]]) -> IntArray:
    """(k, 2) int64."""
    return np.array(pairs, np.int64).reshape(-1, 2)
