"""References: each stands for one request of its community."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from core.db import Database
from matching.intake.references import draw_references
from matching.models import REFERENCE_LENGTH
from tests.factories.matching import add_request
from tests.factories.people import add_community

LETTERS = "AC"
ALL = ["".join(letters) for letters in product(LETTERS, repeat=REFERENCE_LENGTH)]


@pytest.fixture(autouse=True)
def few_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 in all, so that most of those drawn are taken; the same draws each time."""
    monkeypatch.setattr("core.ids.CODE_ALPHABET", LETTERS)
    monkeypatch.setattr("core.ids.secrets.choice", Random(3).choice)


async def test_reference_that_is_taken_is_drawn_again(database: Database) -> None:
    async with database.begin() as session:
        community, other = await add_community(session), await add_community(session, "other")
        taken = ALL[:40]
        for reference in taken:
            await add_request(session, community, reference=reference)
        for reference in ALL[40:]:
            await add_request(session, other, reference=reference)
        drawn = await draw_references(session, community.id, 12)

    assert len(set(drawn)) == len(drawn) == 12
    assert set(drawn) <= set(ALL) - set(taken)


async def test_community_without_a_free_reference_is_an_error_and_no_endless_search(
    database: Database,
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        for reference in ALL:
            await add_request(session, community, reference=reference)
        with pytest.raises(RuntimeError, match="1 references are free"):
            await draw_references(session, community.id, 1)
