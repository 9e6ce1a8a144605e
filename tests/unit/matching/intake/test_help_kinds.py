"""The kinds of help: what a programme may say of them, and in which words they ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from matching.intake.errors import InvalidIntakeRules
from matching.intake.help_kinds import default_kinds, read_kinds
from matching.kinds import RequestKind

Change = Callable[[dict[str, Any]], None]


def spoil(change: Change) -> dict[str, Any]:
    """The usual kinds with something wrong in that of rides."""
    data: dict[str, Any] = msgspec.to_builtins(default_kinds())
    change(next(kind for kind in data["kinds"] if kind["code"] == "ride"))
    return data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda kind: kind.update(code="snow"), "twice", id="twice"),
        pytest.param(lambda kind: kind.update(service_s=0), "service_s", id="no time"),
        pytest.param(lambda kind: kind["labels"].pop("es"), "Spanish", id="no label"),
        pytest.param(lambda kind: kind["details"]["labels"].pop("es"), "Spanish", id="no question"),
        pytest.param(lambda kind: kind["details"]["hints"].pop("en"), "English", id="no example"),
        pytest.param(lambda kind: kind["details"].update(must=1), "must", id="unknown field"),
    ],
)
def test_kinds_that_cannot_be_used_are_refused(change: Change, words: str) -> None:
    with pytest.raises(InvalidIntakeRules, match=words):
        read_kinds(spoil(change))


def test_kinds_of_an_older_programme_ask_for_the_door_alone() -> None:
    kinds = read_kinds(spoil(lambda kind: kind.pop("details")))

    assert kinds.get(RequestKind.RIDE).details is None


def test_a_kind_asks_in_the_language_of_its_reader() -> None:
    details = default_kinds().get(RequestKind.RIDE).details

    assert details is not None
    assert details.label("es-MX").startswith("¿Adónde")
    assert details.hint("fr").startswith("For example"), "what is not known is English"
