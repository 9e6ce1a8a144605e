"""Problem files: what they say comes back, and what is wrong with them is said in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching.engine.problem import InvalidProblem, Problem
from matching.engine.travel import UNREACHABLE, SparseTravel, StraightTravel
from matching.errors import UnusableFile
from matching.files.problem_file import NO_LIMIT, LoadedProblem, read_problem, write_problem
from tests.problems import Ask, Help, build_problem, small_problems
from tests.showcase import make_showcase


def make_file() -> dict[str, Any]:
    return {
        "format": "talkoot-problem/1",
        "travel": {"kind": "straight", "detour": 1.0, "speed_kmh": 36},
        "requests": [
            {"id": "r1", "x_m": 0, "y_m": 300, "service_s": 600, "windows": [[0, 7200]]},
            {
                "id": "r2",
                "x_m": 500,
                "y_m": 0,
                "service_s": 600,
                "windows": [[0, 900], [1800, 7200]],
            },
        ],
        "volunteers": [{"id": "v1", "x_m": 0, "y_m": 0, "shifts": [[0, 3600], [5000, 7200]]}],
    }


def edit(**changes: Any) -> dict[str, Any]:
    """The file with changes by path, for example ``requests__0__weight=2``."""
    made = make_file()
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = made
        for name in parents:
            place = place[int(name)] if name.isdigit() else place[name]
        place[last] = value
    return made


def load(tmp_path: Path, content: dict[str, Any]) -> LoadedProblem:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_problem(path)


def refuse(tmp_path: Path, content: dict[str, Any] | bytes) -> str:
    path = tmp_path / "problem.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(UnusableFile) as refused:
        read_problem(path)
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith("problem.json")
    return message


def on_earth(*lonlats: tuple[float, float]) -> dict[str, Any]:
    """A file with one volunteer and requests at lon and lat."""
    made = make_file()
    row = {"service_s": 600, "windows": [[0, 7200]]}
    made["volunteers"] = [
        {"id": "v1", "lon": lonlats[0][0], "lat": lonlats[0][1], "shifts": [[0, 7200]]}
    ]
    made["requests"] = [
        {"id": f"r{at}", "lon": lon, "lat": lat, **row}
        for at, (lon, lat) in enumerate(lonlats[1:], start=1)
    ]
    return made


def test_defaults_limit_nothing(tmp_path: Path) -> None:
    problem = load(tmp_path, make_file()).problem
    volunteers, requests = problem.volunteers, problem.requests
    assert volunteers.max_tasks.tolist() == [2]
    assert volunteers.max_work_s.tolist() == volunteers.max_travel_s.tolist() == [3600 + 2200]
    assert volunteers.max_travel_m.tolist() == volunteers.max_route_m.tolist() == [NO_LIMIT]
    assert NO_LIMIT < UNREACHABLE
    assert (requests.weight.tolist(), requests.crew_size.tolist()) == ([1.0, 1.0], [1, 1])
    assert requests.windows(1) == [(0, 900), (1800, 7200)]
    assert volunteers.shifts(0) == [(0, 3600), (5000, 7200)]
    assert problem.objective.value_m_per_weight == 20_000
    (travel,) = problem.travel
    assert isinstance(travel, StraightTravel)
    assert travel.speed_m_s == 10.0


def test_names_become_bits_and_indices(tmp_path: Path) -> None:
    made = edit(
        requests__0__skills=["salt", "blower"], requests__0__languages=["es"],
        requests__1__area="West", volunteers__0__skills=["blower", "salt"],
        volunteers__0__languages=["pt", "es"], volunteers__0__area="East",
    )  # fmt: skip
    problem = load(tmp_path, made).problem
    assert problem.skill_names == ("salt", "blower")
    assert problem.requests.skills.tolist() == [3, 0]
    assert problem.language_names == ("es", "pt")
    assert problem.requests.languages.tolist() == [1, 0]
    assert problem.volunteers.languages.tolist() == [3]
    assert problem.area_names == ("West", "East")
    assert (problem.requests.area.tolist(), problem.volunteers.area.tolist()) == ([-1, 0], [1])


def test_stated_names_fix_the_order(tmp_path: Path) -> None:
    made = {**edit(requests__0__skills=["salt"]), "skills": ["blower", "salt"]}
    assert load(tmp_path, made).problem.requests.skills.tolist() == [2, 0]


def test_pairs_become_indices(tmp_path: Path) -> None:
    made = {
        **make_file(),
        "banned": [{"volunteer": "v1", "request": "r2"}],
        "preferred": [{"volunteer": "v1", "request": "r1", "bonus_m": 12.5}],
        "locked": [{"volunteer": "v1", "request": "r1"}],
    }
    problem = load(tmp_path, made).problem
    assert problem.banned.tolist() == [[0, 1]]
    assert problem.preferred.tolist() == problem.locked.tolist() == [[0, 0]]
    assert problem.bonus_m.tolist() == [12.5]


def test_moments_become_seconds(tmp_path: Path) -> None:
    made = edit(
        requests__0__windows=[["2026-01-13T16:30:00-05:00", "2026-01-13T22:00:00Z"]],
        volunteers__0__shifts=[["2026-01-13T16:00:00-05:00", 7200]],
    )
    made["horizon_start"] = "2026-01-13T16:00:00-05:00"
    loaded = load(tmp_path, made)
    assert loaded.problem.requests.windows(0) == [(1800, 3600)]
    assert loaded.problem.volunteers.shifts(0) == [(0, 7200)]
    assert loaded.horizon_start is not None
    assert loaded.horizon_start.isoformat() == "2026-01-13T16:00:00-05:00"


def test_matrix_is_directed_and_knows_no_other_pair(tmp_path: Path) -> None:
    entries = [["v1", "r1", 60, 80], ["r1", "v1", 70, 90], ["v1", "r2", 5, 6]]
    problem = load(tmp_path, edit(travel={"kind": "matrix", "entries": entries})).problem
    (travel,) = problem.travel
    assert isinstance(travel, SparseTravel)
    seconds, metres = travel.legs(np.array([0, 1, 0, 2, 1]), np.array([1, 0, 2, 0, 1]))
    assert seconds.tolist() == [60, 70, 5, UNREACHABLE, 0]
    assert metres.tolist() == [80, 90, 6, UNREACHABLE, 0]


def test_each_volunteer_travels_in_its_own_way(tmp_path: Path) -> None:
    made = edit(volunteers__0__travel="car")
    made["travel"] = [
        {"kind": "straight", "name": "walk", "speed_kmh": 4.8},
        {"kind": "straight", "name": "car", "speed_m_s": 7.5},
    ]
    problem = load(tmp_path, made).problem
    assert problem.volunteers.mode.tolist() == [1]
    assert [model.speed_m_s for model in problem.travel if isinstance(model, StraightTravel)] == [
        4.8 / 3.6,
        7.5,
    ]


def test_degrees_become_metres(tmp_path: Path) -> None:
    problem = load(tmp_path, on_earth((-71.11, 42.37), (-71.10, 42.37), (-71.11, 42.38))).problem
    east, north = problem.xy_m[1] - problem.xy_m[0], problem.xy_m[2] - problem.xy_m[0]
    # A degree of longitude at 42.37 N is 82.4 km, one of latitude 111.1 km (WGS 84).
    assert np.hypot(*east) == pytest.approx(824, abs=1)
    assert np.hypot(*north) == pytest.approx(1111, abs=1)
    assert np.array_equal(problem.xy_m, np.round(problem.xy_m, 2))


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_written_problem_reads_back_to_the_same_digest(
    tmp_path_factory: pytest.TempPathFactory, problem: Problem
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.json"
    write_problem(path, problem, name="x")
    loaded = read_problem(path)
    assert loaded.problem.digest() == problem.digest()
    assert loaded.name == "x"


def test_speed_survives_writing_to_the_last_bit(tmp_path: Path) -> None:
    for speed_m_s in (20 / 3.6, 4.8 / 3.6, 1.1, np.pi):
        problem = build_problem([Ask("r")], [Help("v")], speed_m_s=float(speed_m_s))
        write_problem(tmp_path / "p.json", problem)
        assert read_problem(tmp_path / "p.json").problem.digest() == problem.digest()


def test_skill_without_a_name_cannot_be_written(tmp_path: Path) -> None:
    problem = build_problem([Ask("r", skills=1 << 5)], [Help("v")])
    with pytest.raises(InvalidProblem, match=r"requests.skills of 'r': has a bit without a name"):
        write_problem(tmp_path / "p.json", problem)


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    target = folder / "p.json"
    target.mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(UnusableFile, match=r"p\.json cannot be written"):
        write_problem(target, make_showcase())
    assert [path.name for path in folder.iterdir()] == ["p.json"]
    with pytest.raises(UnusableFile, match=r"p\.json cannot be written: No such file"):
        write_problem(tmp_path / "nowhere" / "p.json", make_showcase())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b'{"format": "talkoot-prob', "no complete JSON"),
        (b"\x00\x01\x02", "no complete JSON"),
        (b"\xff\xfe{}", "JSON"),
        (b'{"format": "\xff"}', "JSON"),
        (b"[" * 100_000, "got `array`"),
        (b"null", "Expected `object`, got `null`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `format`"),
        (b'{"format": "talkoot-plan/1"}', "$.format"),
    ],
)
def test_file_that_is_no_problem_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    assert expected in refuse(tmp_path, content)


def test_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(make_file()).encode())
    assert len(read_problem(path).problem.requests) == 2


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"none\.json cannot be read: No such file"):
        read_problem(tmp_path / "none.json")
    with pytest.raises(UnusableFile, match="is a folder"):
        read_problem(tmp_path)


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(UnusableFile, match=r"big\.json is larger than 64 MB"):
        read_problem(path)
    path.write_text(json.dumps(make_file()), encoding="utf-8")
    with pytest.raises(UnusableFile, match="larger"):
        read_problem(path, max_bytes=100)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"requests__0__service_s": -1}, "$.requests[0].service_s"),
        ({"requests__0__service_s": 2.5}, "$.requests[0].service_s"),
        ({"requests__0__service_s": "600"}, "$.requests[0].service_s"),
        ({"requests__0__service_s": 1 << 70}, "$.requests[0].service_s"),
        ({"requests__1__weight": 0}, "$.requests[1].weight"),
        ({"requests__1__weight": -2}, "$.requests[1].weight"),
        ({"requests__1__crew_size": 0}, "$.requests[1].crew_size"),
        ({"requests__1__windows": []}, "$.requests[1].windows"),
        ({"requests__1__windows": [[0]]}, "$.requests[1].windows[0]"),
        ({"requests__1__windows": [["soon", 5]]}, "$.requests[1].windows[0][0]"),
        ({"requests__1__colour": "red"}, "unknown field `colour`"),
        ({"volunteers__0__accept_p": 1.5}, "$.volunteers[0].accept_p"),
        ({"volunteers__0__max_work_s": -5}, "$.volunteers[0].max_work_s"),
        ({"volunteers__0__id": ""}, "$.volunteers[0].id"),
        ({"travel": {"kind": "flying"}}, "Invalid value 'flying' - at `$.travel.kind`"),
        ({"travel": {"kind": "straight", "detour": 0.5}}, "$.travel.detour"),
        ({"travel": {"kind": "matrix", "entries": [["a", "b", 1]]}}, "$.travel.entries[0]"),
    ],
)
def test_wrong_type_names_the_place(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    assert expected in refuse(tmp_path, edit(**changes))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_number_that_is_none_is_refused(tmp_path: Path, number: bytes) -> None:
    content = json.dumps(edit(requests__0__weight=77.5)).encode()
    refuse(tmp_path, content.replace(b"77.5", number))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"requests__1__id": "r1"}, "requests.ids of 'r1': stands twice"),
        ({"requests__1__windows": [[900, 0]]}, "requests.windows of 'r2': closes before"),
        ({"volunteers__0__shifts": [[0, 900], [800, 1000]]}, "volunteers.shifts of 'v1': overlap"),
        ({"volunteers__0__shifts": [[900, 0]]}, "volunteers.shifts of 'v1'"),
        ({"volunteers__0__travel": "sledge"}, "volunteers.travel of 'v1': 'sledge' is no travel"),
        ({"skills": ["salt"], "requests__0__skills": ["sand"]}, "of 'r1': 'sand' is not among"),
        ({"areas": ["A", "A"]}, "areas: holds the same name twice"),
        ({"requests__0__skills": [f"s{at}" for at in range(64)]}, "skills: has more than 63"),
        ({"travel": []}, "travel: needs one way"),
        ({"travel": [{"kind": "straight"}, {"kind": "straight"}]}, "travel.name of 'default'"),
        ({"travel": {"kind": "straight", "speed_kmh": 3, "speed_m_s": 1}}, "travel.speed_kmh"),
        ({"requests__0__lon": 1.0}, "requests.position of 'r1'"),
        ({"requests__0__x_m": 1e400}, "problem.json"),
        ({"banned": [{"volunteer": "v9", "request": "r1"}]}, "of 'r1': names volunteer 'v9'"),
        ({"locked": [{"volunteer": "v1", "request": "r9"}]}, "locked of 'v1': names request 'r9'"),
        ({"banned": [{"volunteer": "v1", "request": "r1"}] * 2}, "the same pair twice"),
        ({"requests__0__windows": [["2026-01-13T16:00:00Z", 5]]}, "of 'r1': is a date-time, so"),
    ],
)  # fmt: skip
def test_contradiction_names_field_and_id(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    assert expected in refuse(tmp_path, edit(**changes))


@pytest.mark.parametrize(
    ("start", "moment", "expected"),
    [
        ("2026-01-13T16:00:00", "2026-01-13T17:00:00Z", "time zone"),
        ("2026-01-13T16:00:00Z", "2026-01-13T17:00:00", "time zone"),
        ("2026-01-13T16:00:00Z", "2026-01-13T17:00:00.5Z", "whole second"),
    ],
)
def test_moment_that_does_not_fit_is_refused(
    tmp_path: Path, start: str, moment: str, expected: str
) -> None:
    made = edit(requests__0__windows=[[moment, 90_000]])
    message = refuse(tmp_path, {**made, "horizon_start": start})
    assert "requests.windows of 'r1'" in message
    assert expected in message


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([["v1", "r9", 1, 1]], "travel.entries of 'r9'"),
        ([["v1", "r1", 1, 1], ["v1", "r1", 2, 2]], "travel.entries of 'v1': has two entries to"),
        ([["r1", "r1", 1, 0]], "travel.entries of 'r1': is more than 0 away from itself"),
    ],
)
def test_matrix_that_contradicts_itself_is_refused(
    tmp_path: Path, entries: list[Any], expected: str
) -> None:
    assert expected in refuse(tmp_path, edit(travel={"kind": "matrix", "entries": entries}))


def test_matrix_refuses_an_id_of_two_meanings(tmp_path: Path) -> None:
    made = edit(volunteers__0__id="r1", travel={"kind": "matrix", "entries": []})
    assert "travel.entries of 'r1': names a volunteer and a request" in refuse(tmp_path, made)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"requests__0__skills": ["salt"]}, "lacks a skill"),
        ({"requests__0__languages": ["es"]}, "none of its languages"),
        ({"banned": [{"volunteer": "v1", "request": "r1"}]}, "banned"),
        ({"travel": {"kind": "matrix", "entries": []}}, "no known way"),
        ({"volunteers__0__max_travel_m": 299}, "does not travel that far"),
        ({"volunteers__0__max_travel_s": 29}, "does not travel that far"),
        ({"volunteers__0__max_tasks": 0}, "may not take on that much"),
        ({"volunteers__0__max_work_s": 500}, "may not take on that much"),
        ({"requests__0__windows": [[3300, 5300]]}, "no shift with time"),
    ],
)
def test_lock_on_an_impossible_pair_names_both(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    made = {**edit(**changes), "locked": [{"volunteer": "v1", "request": "r1"}]}
    message = refuse(tmp_path, made)
    assert "'v1'" in message
    assert "'r1'" in message
    assert reason in message


@pytest.mark.parametrize(
    ("lonlats", "expected"),
    [
        ([(42.37, -71.11), (42.38, -71.10)], None),  # both swapped: Antarctica, nothing to notice
        ([(42.37, -171.0)], "volunteers.lat of 'v1': lat -171 does not exist"),
        (
            [(-71.11, 42.37), (-71.1, 42.4), (42.37, -71.11)],
            "requests.lon of 'r2': lon and lat look",
        ),
        ([(-71.11, 42.37), (-71.1, 95.0)], "lat 95 does not exist"),
        ([(-71.11, 42.37), (200.0, 42.0)], "requests.lon of 'r1': lon 200"),
    ],
)
def test_swapped_lon_and_lat_are_noticed(
    tmp_path: Path, lonlats: list[tuple[float, float]], expected: str | None
) -> None:
    made = on_earth(*lonlats)
    if expected is None:
        assert len(load(tmp_path, made).problem.requests) == len(lonlats) - 1
    else:
        assert expected in refuse(tmp_path, made)


def test_empty_lists_are_a_problem(tmp_path: Path) -> None:
    problem = load(tmp_path, {**make_file(), "requests": [], "volunteers": []}).problem
    assert (len(problem.requests), len(problem.volunteers)) == (0, 0)
    assert problem.xy_m.shape == (0, 2)


def test_volunteers_without_requests_are_a_problem(tmp_path: Path) -> None:
    problem = load(tmp_path, {**make_file(), "requests": []}).problem
    assert problem.volunteers.max_tasks.tolist() == [0]


def in_cambridge(*lonlats: tuple[float, float]) -> dict[str, Any]:
    made = on_earth(*lonlats)
    made["travel"] = {"kind": "city", "pack": "cambridge", "speed_kmh": 3.6}
    return made


CITY_HALL, LIBRARY, FRESH_POND = (-71.1056, 42.3669), (-71.1105, 42.3738), (-71.1450, 42.3880)


def test_city_travel_goes_along_the_streets(tmp_path: Path) -> None:
    problem = load(tmp_path, in_cambridge(CITY_HALL, LIBRARY, FRESH_POND)).problem
    (travel,) = problem.travel
    seconds, metres = travel.legs(np.array([0, 1]), np.array([1, 0]))
    straight_m = float(np.hypot(*(problem.xy_m[0] - problem.xy_m[1])))
    assert straight_m * 1.02 < metres[0] < straight_m * 1.6
    assert metres[0] == pytest.approx(metres[1], abs=1)
    assert seconds[0] == pytest.approx(metres[0], abs=2)  # 3.6 km/h is 1 m/s


def test_city_travel_leaves_out_legs_over_the_limit(tmp_path: Path) -> None:
    made = in_cambridge(CITY_HALL, LIBRARY, FRESH_POND)
    made["volunteers"][0]["max_travel_s"] = 1000  # legs up to 2000 s
    (travel,) = load(tmp_path, made).problem.travel
    seconds, _ = travel.legs(np.array([0, 0]), np.array([1, 2]))
    assert seconds[0] < 2000
    assert seconds[1] == UNREACHABLE


@pytest.mark.parametrize(
    ("lonlat", "expected"),
    [
        (LIBRARY[::-1], "requests.lon of 'r1': The coordinates look like lat, lon"),
        ((-71.5, 42.4), "requests.lon of 'r1': The place is 28.0 km outside"),
    ],
)
def test_place_outside_the_city_is_refused(
    tmp_path: Path, lonlat: tuple[float, float], expected: str
) -> None:
    assert expected in refuse(tmp_path, in_cambridge(CITY_HALL, lonlat))


def test_unknown_or_broken_pack_is_refused(tmp_path: Path) -> None:
    made = in_cambridge(CITY_HALL, LIBRARY)
    made["travel"]["pack"] = "atlantis"
    assert "travel: no city pack named 'atlantis'" in refuse(tmp_path, made)
    (tmp_path / "broken.gpkg").write_bytes(b"SQLite")
    made["travel"]["pack"] = "broken.gpkg"
    assert "broken.gpkg" in refuse(tmp_path, made)


def test_city_travel_needs_lon_and_lat(tmp_path: Path) -> None:
    made = edit(travel={"kind": "city", "pack": "cambridge"})
    assert "travel: along the streets of a city needs lon and lat" in refuse(tmp_path, made)
