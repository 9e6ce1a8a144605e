"""The comparison of walking distances says what it measured, and whether that is good enough."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.street_distances.compare import Comparison, describe, main
from tests.http_services import Reply, in_turn, osrm_table, serve


def test_rows_for_all_pairs_and_each_distance() -> None:
    air_m = np.array([300.0, 400.0, 700.0, 6000.0])
    result = Comparison(air_m, 1.1 * air_m, air_m, only_streets=0, only_osrm=0)
    rows = describe(result)
    assert [(name, count) for name, count, *_ in rows] == [
        ("all", 4),
        ("200 to 500 m", 2),
        ("500 to 1,000 m", 1),
        ("over 5,000 m", 1),
    ]
    assert rows[0][2:] == pytest.approx((1.1, 1.1, 1.1, 0.1))


def test_straight_lines_are_no_streets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pairs.csv"
    with serve(osrm_table()) as service:
        code = main(
            ["--city", "cambridge", "--osrm", service.url, "--places", "30", "--csv", str(file)]
        )
    assert code == 1
    assert "NOT met" in capsys.readouterr().out
    with file.open(newline="") as stream:
        header, first, *_ = csv.reader(stream)
    assert header == ["air_m", "streets_m", "osrm_m"]
    assert float(first[0]) == pytest.approx(float(first[2]), rel=0.01)
    assert float(first[1]) > float(first[0])


def test_failures_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(in_turn(Reply("no", 500))) as service:
        assert main(["--city", "cambridge", "--osrm", service.url]) == 2
    assert main(["--city", "atlantis", "--osrm", service.url]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Error: OSRM failed (HTTP 500); look into its own log."
    assert len(lines) == 2
