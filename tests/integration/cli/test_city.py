"""``talkoot city build|info``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import main
from geo.city import CityPack
from tests.small_city import build_small_city, house

HELSINKI = Path(__file__).parents[2] / "data" / "helsinki.osm.pbf"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["city", *map(str, arguments)])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


def test_build_from_openstreetmap(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "helsinki.gpkg"
    code, out, err = run(
        "build", "--osm", HELSINKI, "--time-zone", "Europe/Helsinki", "--place-name", "Finland",
        "-o", output,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.startswith(f"{output}: Helsinki, 599 addresses, 5,163 street segments")
    meta = CityPack.open(output).meta
    assert (meta.time_zone, meta.place_names) == ("Europe/Helsinki", ("Helsinki", "Finland"))


def test_a_missing_time_zone_is_said(run: Run, tmp_path: Path) -> None:
    code, _, err = run("build", "--osm", HELSINKI, "--name", "Town", "-o", tmp_path / "t.gpkg")
    assert code == 0
    assert "No --time-zone given" in err
    assert CityPack.open(tmp_path / "t.gpkg").meta.name == "Town"


def test_quiet_prints_nothing(run: Run, tmp_path: Path) -> None:
    assert run("build", "-q", "--osm", HELSINKI, "-o", tmp_path / "t.gpkg") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "x.gpkg"], "give either --municipal DIR or --osm FILE"),
        (["--osm", "a.pbf", "--municipal", "d", "-o", "x.gpkg"], "give either"),
        (["--osm", "none.osm.pbf", "-o", "x.gpkg"], "none.osm.pbf: cannot be read"),
        (["--osm", "zero.osm.pbf", "-o", "x.gpkg"], "zero.osm.pbf: the file is empty"),
        (["--osm", "noise.osm.pbf", "-o", "x.gpkg"], "not a readable OpenStreetMap file"),
        (["--osm", "a.pbf", "-o", "no/x.gpkg"], "no: no such folder"),
        (["--osm", "a.pbf", "--spec", "s.toml", "-o", "x.gpkg"], "--spec belongs to --municipal"),
        (["--osm", str(HELSINKI), "--time-zone", "X", "-o", "x.gpkg"], "no time zone 'X'"),
        (["--municipal", "none", "-o", "x.gpkg"], "none: no such folder"),
        (["--municipal", ".", "-o", "x.gpkg"], "no such file, but the specification names it"),
        (["--municipal", ".", "--spec", "zero.osm.pbf", "-o", "x.gpkg"], "the file is empty"),
        (["--municipal", ".", "--name", "X", "-o", "x.gpkg"], "--name belongs to --osm"),
        (["--municipal", ".", "--place-name", "X", "-o", "x.gpkg"], "--place-name belongs"),
    ],
)
def test_what_cannot_be_built_is_one_line(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zero.osm.pbf").write_bytes(b"")
    (tmp_path / "noise.osm.pbf").write_bytes(bytes(range(256)) * 50)
    code, out, err = run("build", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
    assert not (tmp_path / "x.gpkg").exists()


def test_info_tells_of_the_shipped_pack(run: Run) -> None:
    code, out, _ = run("info", "cambridge")
    assert code == 0
    for words in ("Cambridge, Massachusetts", "America/New_York", "EPSG:32619", "21,188", "PDDL"):
        assert words in out
    code, out, _ = run("info", "cambridge", "--json")
    facts = json.loads(out)
    assert facts["layers"]["address"] == 21_188
    assert facts["areas"]["Mid-Cambridge"] == 2_032
    assert sum(facts["areas"].values()) == 21_188
    assert facts["street_km"] == pytest.approx(252, abs=2)
    assert facts["bounds"][0] < -71.1 < facts["bounds"][2]


def test_info_of_a_file_without_areas(run: Run, tmp_path: Path) -> None:
    pack = build_small_city(tmp_path, [house("1", "Main [St]")], name="Town [of] Brackets")
    code, out, _ = run("info", pack.path)
    assert code == 0
    assert "Town [of] Brackets" in out


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), b"SQLite format 3\0"])
def test_info_of_something_else_is_one_line(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gpkg").write_bytes(content)
    code, out, err = run("info", tmp_path / "x.gpkg")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "x.gpkg" in err


@pytest.mark.parametrize("name", ["atlantis", "no/where.gpkg", "."])
def test_info_of_nothing_is_one_line(run: Run, name: str) -> None:
    code, _, err = run("info", name)
    assert code == 2
    assert err.count("\n") == 1
