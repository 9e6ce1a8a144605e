"""Events that get another time or place: what is so already is no change, what is long stays so."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from api.demo.town_events import FREE, FULL
from campaigns.events import repository
from campaigns.events.models import CommunityEvent, EventOccurrence, EventPlace
from campaigns.events.organizing import MoveEvent, move_event
from people.auth import Actor
from tests.gathering_pages import SEE_OTHER, WRONG, People, day_path, one
from tests.town_pages import Pages, count, read_errors, read_form

HERE = {"where": "address", "place_name": "Main Library", "address": "449 Broadway"}
HOUR = timedelta(hours=1)


async def read_day(pages: Pages, number: int) -> tuple[CommunityEvent, EventOccurrence, EventPlace]:
    """A day as it is now, with its event and its place."""
    async with pages.database.read() as session:
        day = await session.get_one(EventOccurrence, pages.here.events.day_ids[number])
        event = await session.get_one(CommunityEvent, day.event_id)
        return event, day, await repository.get_place(session, day.place_id or event.place_id)


async def test_the_tick_says_who_sees_the_address_of_every_place(
    pages: Pages, people: People
) -> None:
    path = day_path(pages.here, FREE)
    form = read_form((await people.manager.get(f"{path}/move")).text)
    assert form["where"] == "keep"
    del form["is_public"]
    hidden = await people.manager.press(f"{path}/move", **form)
    assert hidden.headers["location"] == f"{path}?said=moved"
    place = (await read_day(pages, FREE))[2]
    assert not place.is_public
    assert place.address_text not in (await people.stranger.get(path)).text

    await people.manager.press(
        f"{path}/move", **form | {"place_name": "The  old hall"}, is_public="1"
    )
    place = (await read_day(pages, FREE))[2]
    assert (place.name, place.is_public) == ("The old hall", True)

    # a place from before: the tick of the form holds, and it starts as careful as the places are
    new = "/events/snowville/new"
    day = (pages.clock.now() + timedelta(days=12)).date().isoformat()
    plan = HERE | {"title": "One", "day": day, "from": "18:00", "until": "20:00", "key": "one"}
    plan |= {"capacity": "9", "max_party": "2", "audience": "public", "do": "open"}
    assert (await people.manager.press(new, **plan)).status_code == SEE_OTHER
    hall = await one(pages, select(EventPlace).where(EventPlace.name == "Main Library"))
    page = (await people.manager.get(new)).text
    assert "So far only those who have a seat see this address." in page
    assert "is_public" not in read_form(page)
    plan |= {"where": f"p:{hall.id}", "place_name": "", "title": "Two", "key": "two"}
    await people.manager.press(new, **plan, is_public="1")
    query = select(EventPlace.is_public).join(
        CommunityEvent, CommunityEvent.place_id == EventPlace.id
    )
    assert await one(pages, query.where(CommunityEvent.title == "Two")) is True


async def test_what_is_so_already_is_no_change_and_nobody_is_told(
    pages: Pages, people: People
) -> None:
    path = day_path(pages.here, FULL)
    form = read_form((await people.manager.get(f"{path}/move")).text) | HERE
    before = (await read_day(pages, FULL))[0].sequence
    answers = [await people.manager.press(f"{path}/move", **form) for _ in range(3)]
    saids = [answer.headers["location"].removeprefix(f"{path}?said=") for answer in answers]
    assert saids == ["moved", "same", "same"]
    assert "nobody is told" in (await people.manager.get(f"{path}?said=same")).text
    event, day, place = await read_day(pages, FULL)
    assert (event.sequence, day.sequence) == (before + 1, before + 1)
    assert place.name == "Main Library"
    assert await count(pages, EventPlace, EventPlace.name == "Main Library") == 1

    # the number of seats is one day's, so that it is not dropped in silence for all of them
    more = str(day.capacity + 5)
    seats = await people.manager.press(f"{path}/move", **form | {"scope": "all", "capacity": more})
    assert seats.status_code == WRONG
    assert "This number is of one day" in read_errors(seats.text)[0]
    many = await people.manager.press(f"{path}/move", **form | {"capacity": "200,000"})
    assert read_errors(many.text) == ["Write how many people have room"]
    room = await people.manager.press(f"{path}/move", **form | {"capacity": "1,000"})
    assert room.headers["location"] == f"{path}?said=changed"
    assert (await read_day(pages, FULL))[1].capacity == 1_000


async def test_an_event_of_several_days_keeps_its_length(pages: Pages, people: People) -> None:
    path = day_path(pages.here, FREE)
    day_id = pages.here.events.day_ids[FREE]
    async with pages.database.begin() as session:
        long = MoveEvent(occurrence_id=day_id, duration_s=45 * 3_600)
        await move_event(session, Actor.system(), long, now=pages.clock.now())
    shown = (await people.manager.get(f"{path}/move")).text
    form = read_form(shown)
    start = (await read_day(pages, FREE))[1].starts_at
    zone = ZoneInfo((await read_day(pages, FREE))[0].time_zone)
    assert form["until_day"] == (start + 45 * HOUR).astimezone(zone).date().isoformat()

    await people.manager.press(f"{path}/move", **form | HERE)
    day = (await read_day(pages, FREE))[1]
    assert (day.starts_at, day.ends_at) == (start, start + 45 * HOUR)

    later = datetime.fromisoformat(form["until_day"]).date() + timedelta(days=1)
    longer = await people.manager.press(f"{path}/move", **form | {"until_day": later.isoformat()})
    assert longer.headers["location"] == f"{path}?said=moved"
    day = (await read_day(pages, FREE))[1]
    assert (day.starts_at, day.ends_at) == (start, start + 69 * HOUR)
    page = (await people.stranger.get(path)).text
    assert f"{start.astimezone(zone):%A, %B} {start.astimezone(zone).day}, 4:00 PM to " in page

    far = later + timedelta(days=9)
    for last, words in ((form["day"], "must be later"), (far.isoformat(), "seven days at most")):
        wrong = await people.manager.press(f"{path}/move", **form | {"until_day": last})
        assert wrong.status_code == WRONG, last
        assert words in read_errors(wrong.text)[0]
        assert 'name="until_day"' in wrong.text
