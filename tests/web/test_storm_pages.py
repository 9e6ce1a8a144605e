"""The board of a storm, steering it, matching rounds, and the overview of the staff's pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from core.clock import FixedClock
from core.db import Database
from matching.kinds import (
    AskStatus,
    HoldReason,
    OfferStatus,
    RequestStatus,
    RoundJobStatus,
    RoundStatus,
    StormStatus,
)
from matching.models import HelpRequest, Offer, Storm
from matching.offers.models import Ask
from matching.rounds.models import Round, RoundJob, UnservedReason
from people.models import HouseholdAddress
from tests.factories.town import seed_town
from tests.town_pages import OURS, Pages, count, open_client

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
MARK = re.compile(r"(/staff/storm/now\?[^\"]+)\"")
BOARD = "/staff/storm"


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville", scale=6)
    there = await seed_town(database, clock, slug="elsewhere", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


@pytest.fixture
async def manager(pages: Pages) -> dict[str, str]:
    return await pages.as_person(pages.here.manager_id)


async def press(
    pages: Pages, path: str, who: dict[str, str], form: dict[str, Any], *, page: str | None = None
) -> Any:
    """Fill in the form of a page as its browser does."""
    shown = await pages.get(page or path, who)
    found = CSRF.search(shown.text)
    assert found is not None, (shown.status_code, shown.text[:400])
    key = re.search(r'name="key" value="([^"]+)"', shown.text)
    given = {} if key is None else {"key": key[1]}
    return await pages.client.post(
        path,
        data={"csrf": found[1], **given, **form},
        headers=who | OURS,
        follow_redirects=False,
    )


async def find_storm(pages: Pages) -> Storm:
    async with pages.database.read() as session:
        row = await session.get(Storm, pages.here.storm_id)
        assert row is not None
        return row


async def change(pages: Pages, statement: Any) -> None:
    async with pages.database.begin() as session:
        await session.execute(statement)


async def test_who_sees_what(pages: Pages) -> None:
    town = pages.here
    theirs, them = pages.there, {}
    who = {
        "stranger": {},
        "member": await pages.as_person(town.resident_ids[0]),
        "coordinator": await pages.as_person(town.coordinator_id),
        "manager": await pages.as_person(town.manager_id),
    }
    one = f"/staff/rounds/{town.round_id}"
    paths = [
        "/staff",
        BOARD,
        f"{BOARD}/now?storm={town.storm_id}",
        "/staff/storms",
        f"/staff/storms/{town.storm_id}",
        f"/staff/storms/{town.storm_ids[0]}",
        f"/staff/storms/{town.storm_id}/hold",
        f"/staff/storms/{town.storm_id}/close",
        f"/staff/storms/{town.storm_id}/first",
        f"{BOARD}/open",
        f"{BOARD}/arm",
        "/staff/recruitment",
        "/staff/rounds",
        "/staff/rounds/new",
        "/staff/rounds/messages",
        f"/staff/rounds/jobs/{town.round_job_ids[-1]}",
        one,
        f"{one}/plan",
        f"{one}/left",
        f"{one}/certificate",
        f"{one}/certificate?check=1",
        f"{one}/drop",
    ]
    seen = {}
    for path in paths:
        answers = [(await pages.client.get(path, headers=h, follow_redirects=False))
                   for h in who.values()]  # fmt: skip
        seen[path] = tuple(answer.status_code for answer in answers)
        text = answers[-1].text
        # No address, phone number or mail address of anybody.
        assert "@" not in text, path
        assert "tel:" not in text, path
        async with pages.database.read() as session:
            lines = list(await session.scalars(select(HouseholdAddress.address_text).limit(50)))
        assert [line for line in lines if line and line in text] == [], path
    assert seen == dict.fromkeys(paths, (303, 403, 200, 200))
    # What belongs to another town is not there.
    for path in (
        f"/staff/storms/{theirs.storm_id}",
        f"{BOARD}/now?storm={theirs.storm_id}",
        f"{BOARD}/now?storm=nonsense",
        f"/staff/rounds/{theirs.round_id}",
        f"/staff/rounds/{theirs.round_id}/plan",
        f"/staff/rounds/{theirs.round_id}/left",
        f"/staff/rounds/jobs/{theirs.round_job_ids[-1]}",
        f"/staff/rounds/{uuid4()}",
    ):
        them[path] = (await pages.get(path, who["manager"])).status_code
    assert set(them.values()) == {404}, them


async def test_the_board_tells_how_each_home_stands(
    pages: Pages, manager: dict[str, str], clock: FixedClock
) -> None:
    text = (await pages.get(BOARD, manager)).text
    homes = HelpRequest.storm_id == pages.here.storm_id
    total = await count(
        pages, HelpRequest, homes,
        HelpRequest.status.not_in([RequestStatus.NEEDS_REVIEW, RequestStatus.CANCELLED]),
    )  # fmt: skip
    nobody = await count(
        pages, HelpRequest, homes,
        HelpRequest.status.in_([RequestStatus.OPEN, RequestStatus.NOT_DONE]),
    )  # fmt: skip
    assert f"{total - nobody} of {total} homes are done, under way or asked." in text
    assert f"{nobody} have nobody." in text
    assert f"Why {nobody} homes have nobody" in text
    assert 'role="img"' in text, "the map"
    assert "Coverage by neighborhood" in text
    lit = {key for keys in re.findall(r'<tr data-cell="([^"]+)"', text) for key in keys.split()}
    assert lit == set(re.findall(r'<path [^>]*data-cell="([^"]+)"', text)) != set()
    assert "No other plan can be more than 0.38 % better." in text
    assert ">Invite<" in text

    found = MARK.search(text)
    assert found is not None
    poll = found[1].replace("&amp;", "&")
    assert (await pages.get(poll, manager)).status_code == 204, "nothing has changed"
    taken = pages.here.request_ids[2 * 6]
    await change(
        pages,
        update(HelpRequest).where(HelpRequest.id == taken).values(status=RequestStatus.CONFIRMED),
    )
    again = await pages.get(poll, manager)
    assert again.status_code == 200
    assert "<html" not in again.text
    assert f"{nobody - 1} have nobody." in again.text
    spanish = await pages.get(f"{BOARD}?lang=es&layer=worth", manager)
    assert "casas no tienen a nadie" in spanish.text
    assert "Homes" not in spanish.text


async def test_why_and_what_helps(pages: Pages, manager: dict[str, str]) -> None:
    async with pages.database.begin() as session:
        await session.execute(
            delete(UnservedReason).where(UnservedReason.round_id == pages.here.round_id)
        )
        waiting = await session.scalars(
            select(HelpRequest)
            .where(
                HelpRequest.storm_id == pages.here.storm_id,
                HelpRequest.status == RequestStatus.OPEN,
            )
            .order_by(HelpRequest.id)
        )
        rows = list(waiting)
        assert len(rows) >= 4
        shift = {"kind": "more_time", "open_s": 57_600, "close_s": 68_400}
        newcomer = {"kind": "more_volunteers", "count": 2, "newcomer": {}}
        tries = [
            ("out_of_reach", {"tried": _tried(newcomer, [rows[0].reference, rows[3].reference])}),
            ("no_common_time", {"tried": _tried(shift, [rows[1].reference])}),
            ("seat_free", {"tried": _tried(None, []) | {"served_again": True}}),
        ]
        for row, (code, detail) in zip(rows, tries, strict=False):
            funnel = {"volunteers": 5, "too_far": 4, "busy": 1, "able": 1}
            session.add(
                UnservedReason(
                    round_id=pages.here.round_id,
                    request_id=row.id,
                    code=code,
                    detail={"crew_size": 1, "funnel": funnel} | detail,
                )
            )
    text = (await pages.get(BOARD, manager)).text
    assert _remedies(text) == {
        "Invite more people nearby": (True, "+2"),
        "Ask for another time": (False, "+1"),
        "Plan again and ask people": (False, "+1"),
    }
    assert "No round has looked at them since" in text
    left = (await pages.get(f"/staff/rounds/{pages.here.round_id}/left", manager)).text
    assert "It would have somebody with 2 more volunteers near." in left
    assert "1 more home would have somebody too." in left
    assert "done between 4:00 PM and 7:00 PM" in left
    assert "Planning again around it serves it" in left
    assert "Of 5 volunteers: 4 live too far away; 1 is needed elsewhere." in left
    only = await pages.get(f"/staff/rounds/{pages.here.round_id}/left?reason=seat_free", manager)
    assert rows[2].reference in only.text
    assert rows[0].reference not in only.text


def _tried(change: dict[str, Any] | None, gained: list[str]) -> dict[str, Any]:
    smallest = None if change is None else {"change": change, "gained": gained, "displaced": []}
    return {"trials": 3, "replanned": 4, "served_again": False, "smallest": smallest, "lock": None}


def _remedies(text: str) -> dict[str, tuple[bool, str]]:
    """Words -> whether it is the filled button, and what it gains; the first of each."""
    found = re.findall(
        r'<a class="btn( btn-2)? btn-s" href="[^"]+">([^<]+)</a>(?:<b>([^<]+)<|<span></span>)', text
    )
    told: dict[str, tuple[bool, str]] = {}
    for second, words, gain in found:
        told.setdefault(words, (second == "", gain))
    return told


async def test_holding_going_on_and_closing(
    pages: Pages, manager: dict[str, str], clock: FixedClock
) -> None:
    here = f"/staff/storms/{pages.here.storm_id}"
    page = (await pages.get(f"{here}/hold", manager)).text
    assert "Nobody gets a message about the hold." in page

    wrong = await press(pages, f"{here}/hold", manager, {"reason": "phone_calls"})
    assert wrong.status_code == 422
    assert "Choose why nobody should go out now" in wrong.text
    assert 'value="phone_calls" checked' in wrong.text, "answers are kept"
    assert (await find_storm(pages)).status is StormStatus.ACTIVE
    bare = await pages.client.post(
        f"{here}/hold",
        data={"reason": "other", "hold": "ice"},
        headers=manager | OURS,
        follow_redirects=False,
    )
    assert bare.status_code == 403, "a form without its token"

    form = {"reason": "seen_outside", "hold": "ice"}
    held = await press(pages, f"{here}/hold", manager, form)
    assert (held.status_code, held.headers["location"]) == (303, f"{BOARD}?said=held")
    storm = await find_storm(pages)
    assert (storm.status, storm.hold_reason) == (StormStatus.HOLD, HoldReason.ICE)
    assert await count(pages, Ask, Ask.status == AskStatus.PROPOSED,
                       Ask.community_id == pages.here.community_id) == 0  # fmt: skip
    board = (await pages.get(f"{BOARD}?said=held", manager)).text
    assert "The storm is on hold. Nobody new is sent out." in board
    assert "It is too icy or too cold to work." in board
    twice = await press(pages, f"{here}/hold", manager, form, page=f"{here}/resume")
    assert twice.headers["location"] == f"{BOARD}?said=nothing"

    resumed = await press(pages, f"{here}/resume", manager, {"reason": "other"})
    assert resumed.headers["location"] == f"{BOARD}?said=resumed"
    assert (await find_storm(pages)).status is StormStatus.ACTIVE
    first = await press(pages, f"{here}/first", manager, {"urgent": "1"})
    assert first.headers["location"] == f"{BOARD}?said=urgent"
    assert (await find_storm(pages)).urgent_since is not None

    closed = await press(pages, f"{here}/close", manager, {"reason": "city_asked"})
    assert closed.headers["location"] == f"{BOARD}?said=closed"
    assert (await find_storm(pages)).status is StormStatus.CLOSED
    shown = (await pages.get(BOARD, manager)).text
    assert "Closed since" in shown
    assert "hx-get" not in shown, "what is over does not renew itself"


async def test_warning_and_opening_by_hand(
    pages: Pages, manager: dict[str, str], clock: FixedClock
) -> None:
    busy = await pages.get(f"{BOARD}/open", manager)
    assert "A storm is open already." in busy.text
    await change(
        pages,
        update(Storm)
        .where(Storm.id == pages.here.storm_id)
        .values(status=StormStatus.CLOSED, closed_at=clock.now()),
    )
    clock.advance(timedelta(minutes=1))
    missing = await press(pages, f"{BOARD}/arm", manager, {})
    assert missing.status_code == 422
    assert "Choose why you do this" in missing.text
    armed = await press(pages, f"{BOARD}/arm", manager, {"reason": "seen_outside"})
    assert armed.headers["location"] == f"{BOARD}?said=armed"
    mine = Storm.community_id == pages.here.community_id
    told = (mine, Storm.status == StormStatus.ARMED, Storm.noticed_at == clock.now())
    assert await count(pages, Storm, *told) == 1, "residents and volunteers are told"
    clock.advance(timedelta(minutes=1))
    again = await press(pages, f"{BOARD}/arm", manager, {"reason": "other"}, page=f"{BOARD}/open")
    assert again.headers["location"] == f"{BOARD}?said=nothing"
    assert await count(pages, Storm, mine, Storm.noticed_at == clock.now()) == 0
    board = (await pages.get(BOARD, manager)).text
    assert "Armed since" in board
    assert "No home has asked for help in this storm yet." in board

    form = {"reason": "phone_calls", "depth": "a lot", "stopped": "25:00"}
    wrong = await press(pages, f"{BOARD}/open", manager, form)
    assert wrong.status_code == 422
    assert "Write the depth in inches, for example 6" in wrong.text
    assert "Write the time, for example 05:30" in wrong.text
    form = {"reason": "phone_calls", "depth": "6.5", "stopped": "05:30"}
    opened = await press(pages, f"{BOARD}/open", manager, form)
    assert opened.headers["location"] == f"{BOARD}?said=opened"
    async with pages.database.read() as session:
        storm = (
            await session.scalars(
                select(Storm).where(
                    Storm.community_id == pages.here.community_id,
                    Storm.status == StormStatus.ACTIVE,
                )
            )
        ).one()
    assert storm.depth_cm == 16.5
    assert storm.snow_ended_at is not None
    assert storm.snow_ended_at < clock.now()


async def test_before_the_first_storm(pages: Pages, database: Database) -> None:
    await change(pages, update(Storm).values(status=StormStatus.CLOSED))
    me = await pages.as_person(pages.here.coordinator_id)
    last = (await pages.get(BOARD, me)).text
    assert "Open a new storm by hand" in last
    table = (await pages.get("/staff/storms", me)).text
    assert table.count("/staff/storms/") == len(pages.here.storm_ids)


async def test_starting_and_stopping_a_round(
    pages: Pages, manager: dict[str, str], clock: FixedClock
) -> None:
    new = "/staff/rounds/new"
    mine = RoundJob.community_id == pages.here.community_id
    before = await count(pages, RoundJob, mine)
    wrong = await press(pages, new, manager, {"ask": "2", "limit": "9", "tries": "x", "seed": "-1"})
    assert wrong.status_code == 422
    assert wrong.text.count('class="err"') == 4
    assert await count(pages, RoundJob, mine) == before

    form = {"ask": "0", "limit": "20", "tries": "5", "seed": "7", "key": "same-key"}
    one = await press(pages, new, manager, form)
    other = await press_again(pages, manager, form)
    assert one.headers["location"] == other.headers["location"]
    assert await count(pages, RoundJob, mine) == before + 1
    path = one.headers["location"]
    waiting = (await pages.get(path, manager)).text
    assert "Waiting for the planner" in waiting
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in waiting
    assert "A matching round is running" in (await pages.get(BOARD, manager)).text

    asked = (await pages.get(f"{path}/stop", manager)).text
    assert "Stop this round and keep nothing?" in asked
    assert f'action="{path}"' in asked
    stopped = await press(pages, path, manager, {"how": "drop"})
    assert stopped.headers["location"] == f"{path}?said=stopping"
    ended = await pages.client.get(path, headers=manager | {"hx-request": "true"})
    assert "<html" not in ended.text
    assert "hx-get" not in ended.text
    assert "The round was stopped." in (await pages.get(path, manager)).text
    late = await pages.client.get(f"{path}/stop", headers=manager, follow_redirects=False)
    assert late.headers["location"] == f"{path}?said=nothing"
    done = await pages.client.get(
        f"/staff/rounds/jobs/{pages.here.round_job_ids[0]}", headers=manager,
        follow_redirects=False,
    )  # fmt: skip
    assert done.headers["location"] == f"/staff/rounds/{pages.here.round_ids[0]}"
    async with pages.database.read() as session:
        row = await session.get(RoundJob, UUID(path.rsplit("/", 1)[1]))
    assert row is not None
    assert (row.status, row.seed, row.tries) == (RoundJobStatus.CANCELLED, 7, 5)


async def press_again(pages: Pages, who: dict[str, str], form: dict[str, str]) -> Any:
    """The same button once more, from the page as it was before."""
    shown = await pages.get(f"/staff/storms/{pages.here.storm_id}/hold", who)
    found = CSRF.search(shown.text)
    assert found is not None
    return await pages.client.post(
        "/staff/rounds/new",
        data={"csrf": found[1], **form},
        headers=who | OURS,
        follow_redirects=False,
    )


async def test_a_round_its_drafts_and_its_messages(
    pages: Pages, manager: dict[str, str], clock: FixedClock
) -> None:
    here = f"/staff/rounds/{pages.here.round_id}"
    async with pages.database.begin() as session:
        drafts = list(
            await session.scalars(
                select(Offer.id).where(Offer.community_id == pages.here.community_id).limit(3)
            )
        )
        await session.execute(
            update(Offer)
            .where(Offer.id.in_(drafts))
            .values(status=OfferStatus.PROPOSED, ask_id=None, round_id=pages.here.round_id)
        )
        ask = await session.scalar(
            select(Ask).where(
                Ask.community_id == pages.here.community_id, Ask.status == AskStatus.SENT
            )
        )
        assert ask is not None
        ask.status = AskStatus.PROPOSED
    text = (await pages.get(here, manager)).text
    assert "Drop 3 drafts" in text
    plan = (await pages.get(f"{here}/plan", manager)).text
    assert "Not sent" in plan
    dropped = await press(pages, f"{here}/drop", manager, {})
    assert dropped.headers["location"] == f"{here}?said=dropped"
    where = (Offer.id.in_(drafts), Offer.status == OfferStatus.WITHDRAWN)
    assert await count(pages, Offer, *where) == 3
    again = await press(pages, f"{here}/drop", manager, {})
    assert again.headers["location"] == f"{here}?said=nothing"

    path = "/staff/rounds/messages"
    assert "1 message to a volunteer waits for you." in (await pages.get(path, manager)).text
    overview = (await pages.get("/staff", manager)).text
    assert "This waits for you." in overview
    theirs = await press(pages, path, manager, {"do": "strike", "ask_id": str(uuid4())})
    assert theirs.headers["location"] == f"{path}?said=nothing"
    struck = await press(pages, path, manager, {"do": "strike", "ask_id": str(ask.id)})
    assert struck.headers["location"] == f"{path}?said=struck"
    assert await count(pages, Ask, Ask.id == ask.id, Ask.status == AskStatus.WITHDRAWN) == 1
    assert "No message waits for you." in (await pages.get(path, manager)).text


async def test_a_storm_without_a_round(pages: Pages, manager: dict[str, str]) -> None:
    await change(pages, update(Round).values(status=RoundStatus.FAILED))
    text = (await pages.get(BOARD, manager)).text
    assert "No matching round yet" in text
    assert "A matching round works this out." in text
    empty = (await pages.get("/staff/recruitment", manager)).text
    assert "The numbers will be here" in empty
    failed = (await pages.get(f"/staff/rounds/{pages.here.round_id}", manager)).text
    assert "Failed" in failed
