from __future__ import annotations

from enum import StrEnum

import pytest

from matching import states
from matching.errors import IllegalTransition
from matching.kinds import (
    AssignmentStatus,
    OfferStatus,
    RequestStatus,
    RoundStatus,
    StormStatus,
)

TABLES = {
    "request": (states.REQUEST, RequestStatus, RequestStatus.SUBMITTED),
    "offer": (states.OFFER, OfferStatus, OfferStatus.PROPOSED),
    "assignment": (states.ASSIGNMENT, AssignmentStatus, AssignmentStatus.ACCEPTED),
    "storm": (states.STORM, StormStatus, StormStatus.WATCH),
    "round": (states.ROUND, RoundStatus, RoundStatus.RUNNING),
}
PATHS = {
    "request": [
        "submitted open offered accepted in_progress done confirmed",
        "submitted needs_review open accepted done not_done open cancelled",
        "submitted expired",
        "submitted open offered open offered accepted open expired",
    ],
    "offer": [
        "proposed sent accepted",
        "proposed sent expired accepted",
        "proposed sent expired declined",
        "proposed withdrawn",
    ],
    "assignment": ["accepted in_progress done released", "accepted released"],
    "storm": ["watch armed watch armed active hold active closed", "watch closed"],
    "round": ["running finished", "running cancelled", "running failed"],
}
FORBIDDEN = {
    "request": ["cancelled open", "confirmed open", "done open", "submitted accepted", "open open"],
    "offer": ["proposed accepted", "declined accepted", "withdrawn accepted", "accepted declined"],
    "assignment": ["released accepted", "done in_progress"],
    "storm": ["watch active", "closed watch", "armed hold"],
    "round": ["finished running", "cancelled finished"],
}


def steps(texts: list[str], kind: type[StrEnum]) -> list[tuple[StrEnum, StrEnum]]:
    return [
        (kind(before), kind(after))
        for text in texts
        for before, after in zip(text.split(), text.split()[1:], strict=False)
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_state_has_a_row_and_can_be_reached(name: str) -> None:
    table, kind, start = TABLES[name]
    assert set(table) == set(kind)
    reached, frontier = {start}, {start}
    while frontier:
        frontier = {after for before in frontier for after in table[before]} - reached
        reached |= frontier
    assert reached == set(kind)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_come_to_an_end(name: str) -> None:
    table, kind, _ = TABLES[name]
    ends = {state for state in kind if not table[state]}
    assert ends
    while more := {state for state in kind if table[state] & ends} - ends:
        ends |= more
    assert ends == set(kind)


@pytest.mark.parametrize("name", TABLES)
def test_paths_of_the_field_are_allowed(name: str) -> None:
    table, kind, _ = TABLES[name]
    for before, after in steps(PATHS[name], kind):
        states.check_transition(table, before, after)


@pytest.mark.parametrize("name", TABLES)
def test_forbidden_steps_name_both_states(name: str) -> None:
    table, kind, _ = TABLES[name]
    for before, after in steps(FORBIDDEN[name], kind):
        with pytest.raises(IllegalTransition, match=f"'{after}' cannot follow '{before}'"):
            states.check_transition(table, before, after)


def test_end_says_that_it_is_the_end() -> None:
    with pytest.raises(IllegalTransition, match="this is the end"):
        states.check_transition(states.ROUND, RoundStatus.FINISHED, RoundStatus.RUNNING)
