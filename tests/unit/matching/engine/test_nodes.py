"""Nodes: one for a single, one for each agreed start of a crew."""

from __future__ import annotations

import pytest

from matching.engine.nodes import build_nodes
from matching.engine.problem import Objective, crew_starts
from tests.brute_force import agreed_starts
from tests.problems import HOUR, Ask, Help, build_problem


def test_single_has_one_node_with_its_windows_in_order() -> None:
    ask = Ask("a", service_s=600, windows=((7200, 9000), (0, 3600), (5000, 5500)))
    nodes = build_nodes(build_problem([ask], [Help("v")]))
    assert nodes.request.tolist() == [0]
    assert list(zip(nodes.open_s.tolist(), nodes.latest_s.tolist(), strict=True)) == [
        (0, 3000),
        (7200, 8400),
    ]


def test_request_that_fits_no_window_has_no_node() -> None:
    asks = [
        Ask("a", service_s=601, windows=((0, 600),)),
        Ask("b"),
        Ask("c", crew=2, windows=((0, 1),)),
    ]
    nodes = build_nodes(build_problem(asks, [Help("v")]))
    assert nodes.request.tolist() == [1]
    assert (nodes.last - nodes.first).tolist() == [0, 1, 0]
    assert nodes.first[1] == 0


@pytest.mark.parametrize("step_s", [300, 900, 1000])
def test_crew_has_a_node_for_each_agreed_start(step_s: int) -> None:
    windows = ((100, HOUR), (2 * HOUR, 2 * HOUR + 700))
    objective = Objective(crew_start_step_s=step_s)
    problem = build_problem([Ask("x"), Ask("a", crew=2, windows=windows)], [], objective=objective)
    nodes = build_nodes(problem)
    mine = slice(nodes.first[1], nodes.last[1])
    expected = agreed_starts(problem, 1)
    assert crew_starts(problem, 1) == expected
    assert 100 in expected
    first = nodes.window_ptr[nodes.first[1]]
    assert nodes.open_s[first:].tolist() == nodes.latest_s[first:].tolist() == expected
    assert set(nodes.request[mine].tolist()) == {1}
    assert nodes.last[1] - nodes.first[1] == len(expected)


def test_start_in_two_overlapping_windows_is_one_node() -> None:
    problem = build_problem([Ask("a", crew=2, windows=((0, 1800), (900, 2700)))], [])
    nodes = build_nodes(problem)
    assert nodes.open_s.tolist() == [0, 900, 1800]
