"""What the pages of matching rounds say: the whole of it when one ends, and each visit's day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.clock import FixedClock
from core.events import Event
from core.i18n import Translator
from matching.kinds import RoundJobStatus
from matching.models import Offer
from matching.rounds.models import RoundJob
from matching.storms.board_repository import Logged
from tests.town_pages import Pages
from web.pages.storm_board.views import make_log


async def test_the_heading_and_the_buttons_end_with_the_round(pages: Pages) -> None:
    staff = await pages.enter(pages.here.manager_id)
    key = pages.here.round_job_ids[-1]
    path, part = f"/staff/rounds/jobs/{key}", staff.headers | {"hx-request": "true"}
    now_looks = "The round is looking for the best plan."

    async def stand(status: RoundJobStatus, ended: bool) -> str:
        async with pages.database.begin() as session:
            row = await session.get_one(RoundJob, key)
            row.status, row.ended_at = status, pages.clock.now() if ended else None
        return str((await pages.client.get(path, headers=part)).text)

    running = await stand(RoundJobStatus.RUNNING, ended=False)
    assert "job-h" not in running
    assert "job-end" not in running
    whole = (await staff.get(path)).text
    assert f'<h1 id="job-h">{now_looks}' in whole
    assert 'id="job-end"' in whole

    ended = await stand(RoundJobStatus.FAILED, ended=True)
    assert '<h1 id="job-h" data-hx-swap-oob="true">The round did not work.' in ended
    assert '<div id="job-end" data-hx-swap-oob="delete">' in ended
    assert now_looks not in ended


async def test_a_plan_names_the_day_of_each_visit(pages: Pages, clock: FixedClock) -> None:
    staff = await pages.enter(pages.here.coordinator_id)
    async with pages.database.begin() as session:
        mine = Offer.community_id == pages.here.community_id
        keys = list(await session.scalars(select(Offer.id).where(mine).limit(2)))
        for days, key in zip((0, 2), keys, strict=True):
            at = clock.now() + timedelta(days=days)
            times = {"starts_at": at, "ends_at": at + timedelta(minutes=30)}
            moved = update(Offer).where(Offer.id == key)
            await session.execute(moved.values(round_id=pages.here.round_id, **times))

    plan = (await staff.get(f"/staff/rounds/{pages.here.round_id}/plan")).text

    assert "<strong>Today</strong>" in plan
    later = (clock.now() + timedelta(days=2)).strftime("%A, %B ")
    assert f"<strong>{later}" in plan


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ({}, "New request"),
        ({"from": "needs_review"}, "New request"),
        ({"from": "submitted"}, "New request"),
        ({"from": "offered"}, "Looks for somebody again"),
    ],
)
def test_only_a_request_that_lost_its_neighbor_looks_again(
    before: dict[str, str], words: str
) -> None:
    event = Event(
        kind="request.open", subject_type="request", happened_at=datetime.now(UTC), data=before
    )
    (line,) = make_log(Translator("en"), [Logged(event, None)])
    assert line.words == words
