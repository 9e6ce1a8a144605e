"""Events as those meet them who come: seats, the line for one, helping, the door."""

from __future__ import annotations

from sqlalchemy import select

from api.demo.town_events import FREE, FULL, KEPT, NOW
from campaigns.events.kinds import HelperStatus, RegistrationStatus
from campaigns.events.models import EventHelper, EventOccurrence, EventRegistration
from tests.gathering_pages import (
    NOT_THERE,
    SEE_OTHER,
    WRONG,
    People,
    day_path,
    one,
)
from tests.town_pages import Pages


async def test_a_seat_is_saved_once_changed_and_given_back(pages: Pages, people: People) -> None:
    path, person_id = day_path(pages.here, FREE), pages.here.resident_ids[5]
    day_id = pages.here.events.day_ids[FREE]
    mine = select(EventRegistration).where(
        EventRegistration.occurrence_id == day_id, EventRegistration.person_id == person_id
    )
    wrong = await people.outsider.press(f"{path}/sign-up", on=path, party_size="9")
    assert wrong.status_code == WRONG
    assert "from 1 to 4" in wrong.text
    assert await one(pages, mine) is None
    for _ in range(2):
        await people.outsider.press(f"{path}/sign-up", on=path, party_size="2")
    row = await one(pages, mine)
    assert (row.status, row.party_size) == (RegistrationStatus.SEATED, 2)
    taken = select(EventOccurrence.taken_count).where(EventOccurrence.id == day_id)
    assert await one(pages, taken) == 2
    page = (await people.outsider.get(path)).text
    assert "You have 2 seats." in page
    assert row.check_in_code in page
    assert row.check_in_code not in (await people.member.get(path)).text
    await people.outsider.press(f"{path}/seat", on=path, do="party", party_size="1")
    assert await one(pages, taken) == 1
    many = await people.outsider.press(f"{path}/seat", on=path, do="party", party_size="8")
    assert many.status_code == WRONG
    await people.outsider.press(f"{path}/seat", on=path, do="cancel")
    assert (await one(pages, mine)).status is RegistrationStatus.CANCELLED
    calendar = await people.outsider.get(f"{path}/event.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")


async def test_a_full_event_has_a_waiting_line_and_a_place_that_is_not_public(
    pages: Pages, people: People
) -> None:
    full, kept = day_path(pages.here, FULL), day_path(pages.here, KEPT)
    page = (await people.outsider.get(full)).text
    assert "Join the waiting list" in page
    assert "Imaginary Street" not in page
    assert "Imaginary Street" in (await people.organizer.get(full)).text
    done = await people.outsider.press(f"{full}/sign-up", on=full)
    assert done.headers["location"] == f"{full}?said=waiting"
    assert "You are next" in (await people.outsider.get(full)).text
    offered = (await people.organizer.get(kept)).text
    assert "A seat is free for you." in offered
    await people.organizer.press(f"{kept}/seat", on=kept, do="confirm")
    assert "You have a seat." in (await people.organizer.get(kept)).text
    free = day_path(pages.here, FREE)
    role_id = str(pages.here.events.role_id)
    for _ in range(2):
        await people.outsider.press(f"{free}/help", on=free, do="offer", role=role_id)
    helper = await one(
        pages,
        select(EventHelper).where(
            EventHelper.person_id == pages.here.resident_ids[5],
            EventHelper.occurrence_id == pages.here.events.day_ids[FREE],
        ),
    )
    assert (helper.status, helper.role_id) == (
        HelperStatus.VOLUNTEERED,
        pages.here.events.role_id,
    )
    foreign = await people.member.press(f"{free}/help", on=free, do="no", helper=str(helper.id))
    assert foreign.status_code == NOT_THERE
    for query, is_there in (
        ("area=Riverside", True),
        ("area=Cambridge+Highlands", False),
        ("when=week&area=Riverside", True),
    ):
        listed = (await people.stranger.get(f"/events?{query}")).text
        assert ("Repair evening 001" in listed) is is_there, query
        assert "Repair evening 010" not in listed or "week" not in query
    event_id = pages.here.events.event_ids[FREE]
    moved = await people.stranger.get(f"/events/snowville/{event_id}")
    assert moved.headers["location"] == free


async def test_the_door_counts_each_once_and_bounds_wrong_codes(
    pages: Pages, people: People
) -> None:
    path = f"{day_path(pages.here, NOW)}/check-in"
    day = select(EventOccurrence.came_count).where(
        EventOccurrence.id == pages.here.events.day_ids[NOW]
    )
    key = next(
        value for (number, _), value in pages.here.events.registration_ids.items() if number == NOW
    )
    assert "Synthetic Snowville" in (await people.coordinator.get(path)).text
    wrong = await people.manager.press(path, do="code", code="zzzzzz")
    assert wrong.headers["location"] == f"{path}?left=9&said=wrong_code"
    assert "9 tries are left" in (await people.manager.get(wrong.headers["location"])).text
    empty = await people.manager.press(path, do="code", code=" ")
    assert empty.headers["location"] == f"{path}?said=no_code"
    right = await people.manager.press(path, do="code", code=pages.here.events.code.lower())
    assert right.headers["location"] == f"{path}?said=is_in#g-{key}"
    again = await people.manager.press(path, do="row", registration=str(key))
    assert again.status_code == SEE_OTHER
    assert await one(pages, day) == 1
    for _ in range(9):
        await people.manager.press(path, do="code", code="zzzzzz")
    many = await people.manager.press(path, do="code", code="zzzzzz")
    assert many.headers["location"] == f"{path}?said=too_many_codes"
    stranger = pages.here.events.registration_ids[FULL, pages.here.resident_ids[0]]
    other = await people.manager.press(path, do="row", registration=str(stranger))
    assert other.status_code == NOT_THERE
