"""What the figures of a programme mean."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from matching.reporting.figures import FEW, Figure, Standing, judge, list_weeks
from people.rules import Rules


@pytest.mark.parametrize(
    ("figure", "value", "counted", "standing"),
    [
        (Figure.SHARE_SERVED, 0.9, 20, Standing.GOOD),
        (Figure.SHARE_SERVED, 0.8, 20, Standing.WATCH),
        (Figure.SHARE_SERVED, 0.7, 20, Standing.ACT),
        (Figure.SHARE_SERVED, 0.1, FEW - 1, Standing.UNKNOWN),
        (Figure.NO_SHOWS, 0.0, 20, Standing.GOOD),
        (Figure.NO_SHOWS, 0.03, 20, Standing.WATCH),
        (Figure.NO_SHOWS, 0.2, 20, Standing.ACT),
        (Figure.FIRST_YES, None, 0, Standing.UNKNOWN),
        (Figure.HOMES, 100.0, 100, Standing.UNKNOWN),
    ],
)
def test_what_a_figure_means(
    figure: Figure, value: float | None, counted: int, standing: Standing
) -> None:
    assert judge(Rules().target_of(figure.value), value, counted) is standing


def test_weeks_begin_on_monday_there_and_leave_no_gap_when_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    weeks = list_weeks(datetime(2026, 11, 9, 3, tzinfo=UTC), zone)

    assert len(weeks) == 12
    assert weeks[-1].starts_at.isoformat() == "2026-11-02T00:00:00-05:00"
    assert weeks[-2].starts_at.isoformat() == "2026-10-26T00:00:00-04:00"
    assert all(a.ends_at == b.starts_at for a, b in itertools.pairwise(weeks))
