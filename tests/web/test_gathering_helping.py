"""Who helps at an event, as those see it who take people for roles and let them go."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api.demo.town_events import FREE, FULL
from campaigns.events.helping import RoleWanted, set_roles
from campaigns.events.kinds import HelperStatus
from campaigns.events.models import EventHelper
from people.auth import Actor
from tests.gathering_pages import NOT_THERE, SEE_OTHER, WRONG, People, day_path, one
from tests.town_pages import Pages, read_errors
from web.pages.gathering import event_helpers

NEW = "/events/snowville/new"


async def test_helpers_are_taken_and_let_go(pages: Pages, people: People) -> None:
    free, events = day_path(pages.here, FREE), pages.here.events
    path, role_id = f"{free}/helpers", str(events.role_id)
    helper_id = next(key for (number, _), key in events.helper_ids.items() if number == FREE)
    other_id = next(key for (number, _), key in events.helper_ids.items() if number == FULL)
    page = (await people.manager.get(path)).text
    assert "Offers" in page
    assert "@snowville" not in page

    async def press(do: str, key: UUID = helper_id, role: str = role_id) -> int:
        form = {"do": do, "helper": str(key), "role": role}
        return int((await people.manager.press(path, on=NEW, **form)).status_code)

    assert await press("take", other_id) == NOT_THERE
    assert await press("take", role=str(other_id)) == WRONG
    row = select(EventHelper).where(EventHelper.id == helper_id)
    for _ in range(2):
        assert await press("take") == SEE_OTHER
    taken = await one(pages, row)
    assert (taken.status, taken.role_id) == (HelperStatus.CONFIRMED, events.role_id)
    saids = []
    for _ in range(2):
        gone = await people.manager.press(path, on=NEW, do="go", helper=str(helper_id))
        saids.append(gone.headers["location"].removeprefix(f"{path}?said="))
    assert saids == ["help_told", "help_go"]
    assert (await one(pages, row)).status is HelperStatus.WITHDRAWN
    late = await people.manager.press(path, on=NEW, do="take", helper=str(helper_id), role=role_id)
    assert late.status_code == WRONG
    assert read_errors(late.text) == []
    assert "This person does not help on that day any more." in late.text


async def test_a_role_is_filled_by_who_agreed_and_no_other_role_hides_its_gap(
    pages: Pages, people: People
) -> None:
    full = day_path(pages.here, FULL)
    path = f"{full}/helpers"
    event_id, day_id = pages.here.events.event_ids[FULL], pages.here.events.day_ids[FULL]
    async with pages.database.begin() as session:
        door, coffee = await set_roles(
            session,
            Actor.system(),
            event_id,
            [RoleWanted("a_door", "Door", 1), RoleWanted("b_coffee", "Coffee", 1)],
            now=pages.clock.now(),
        )
        rows = list(
            await session.scalars(select(EventHelper).where(EventHelper.occurrence_id == day_id))
        )
        # the door has one more than it wants, and somebody was asked to make coffee
        for row, status in zip(rows, ("confirmed", "confirmed", "invited"), strict=False):
            row.role_id = door.id if status == "confirmed" else coffee.id
            row.status = HelperStatus(status)
    page = (await people.manager.get(path)).text
    assert "1 person is still needed." in page
    assert "0 of 1, 1 more was asked" in page
    assert page.count("To have them back, they must offer it again.") == 2


async def test_helpers_are_read_by_the_page(
    pages: Pages, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_helpers, "A_PAGE", 2)
    path = f"{day_path(pages.here, FULL)}/helpers"
    seen: list[str] = []
    link: str | None = path
    while link is not None:
        page = (await people.manager.get(link)).text
        seen += re.findall(r'id="h-([^"]+)"', page)
        found = re.search(r'href="(/events/[^"]+/helpers\?after=[^"&]+)"', page)
        last, link = link, found and found[1]
    helpers = select(func.count()).where(
        EventHelper.occurrence_id == pages.here.events.day_ids[FULL]
    )
    assert len(seen) == len(set(seen)) == await one(pages, helpers) > 2
    gone = await people.manager.press(last, do="go", helper=seen[-1])
    assert gone.headers["location"] == f"{last}&said=help_told"
