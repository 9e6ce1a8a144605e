"""The words of a problem file, ``talkoot-problem/1``. See `docs/problem-format.md`."""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

PROBLEM_FORMAT: Final = "talkoot-problem/1"
LARGEST = 1 << 40

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Seconds = Annotated[int, Meta(ge=0, le=LARGEST, description="Seconds.")]
Metres = Annotated[int, Meta(ge=0, le=LARGEST, description="Metres.")]
Instant = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)] | datetime.datetime
Span = tuple[Instant, Instant]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]


class ObjectiveRow(Struct, forbid_unknown_fields=True, frozen=True):
    """What a plan is worth, in metres of travel that the programme would give for it."""

    value_m_per_weight: NotNegative = 20_000.0
    travel_cost: NotNegative = 1.0
    load_cost_m: NotNegative = 0.0
    crew_start_step_s: Annotated[int, Meta(ge=1, le=LARGEST)] = 900


class StraightRow(
    Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="straight"
):
    """Straight lines times a detour factor, at one speed."""

    name: Name = "default"
    detour: Annotated[float, Meta(ge=1)] = 1.3
    speed_kmh: Positive | UnsetType = UNSET
    speed_m_s: Positive | UnsetType = UNSET


class MatrixRow(
    Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="matrix"
):
    """Known pairs: from, to, seconds, metres. There is no way between any other pair."""

    entries: list[tuple[Name, Name, Seconds, Metres]]
    name: Name = "default"


class CityRow(Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="city"):
    """The streets of a city pack: its name, or a path beside the problem file."""

    pack: Name
    name: Name = "default"
    mode: Literal["walk", "bike", "car"] = "walk"
    speed_kmh: Positive | UnsetType = UNSET
    limit_s: Annotated[int, Meta(gt=0, le=LARGEST)] | UnsetType = UNSET


TravelRow = StraightRow | MatrixRow | CityRow


class RequestRow(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A request for help."""

    id: Name
    service_s: Seconds
    windows: Annotated[list[Span], Meta(min_length=1)]
    lon: float | UnsetType = UNSET
    lat: float | UnsetType = UNSET
    x_m: float | UnsetType = UNSET
    y_m: float | UnsetType = UNSET
    weight: Positive = 1.0
    skills: list[Name] = []
    languages: list[Name] = []
    crew_size: Annotated[int, Meta(ge=1, le=1000)] = 1
    area: Name | None = None


class VolunteerRow(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A volunteer."""

    id: Name
    shifts: list[Span]
    lon: float | UnsetType = UNSET
    lat: float | UnsetType = UNSET
    x_m: float | UnsetType = UNSET
    y_m: float | UnsetType = UNSET
    max_tasks: Count | UnsetType = UNSET
    max_work_s: Seconds | UnsetType = UNSET
    max_travel_s: Seconds | UnsetType = UNSET
    max_travel_m: Metres | UnsetType = UNSET
    max_route_m: Metres | UnsetType = UNSET
    skills: list[Name] = []
    languages: list[Name] = []
    load: NotNegative = 0.0
    accept_p: Annotated[float, Meta(ge=0, le=1)] = 1.0
    travel: Name | UnsetType = UNSET
    area: Name | None = None


class PairRow(Struct, forbid_unknown_fields=True):
    """A volunteer and a request."""

    volunteer: Name
    request: Name


class PreferredRow(Struct, forbid_unknown_fields=True):
    """A volunteer and a request that should meet, and what that is worth."""

    volunteer: Name
    request: Name
    bonus_m: float


class ProblemDocument(Struct, forbid_unknown_fields=True):
    """A matching problem."""

    format: Literal["talkoot-problem/1"]
    requests: list[RequestRow]
    volunteers: list[VolunteerRow]
    travel: TravelRow | list[TravelRow]
    name: str = ""
    horizon_start: datetime.datetime | None = None
    objective: ObjectiveRow = ObjectiveRow()
    areas: list[Name] | UnsetType = UNSET
    skills: list[Name] | UnsetType = UNSET
    languages: list[Name] | UnsetType = UNSET
    banned: list[PairRow] = []
    preferred: list[PreferredRow] = []
    locked: list[PairRow] = []


Place = RequestRow | VolunteerRow
