from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from matching.feeds.models import CalendarFeed
from matching.kinds import AssignmentStatus, VolunteerStatus
from matching.models import Assignment, HelpRequest, Volunteer, WeeklyHours
from matching.volunteering.models import AwayPeriod
from tests.town_pages import SITE, Pages, count, read_errors, volunteer

HOME = "/volunteering"


async def test_the_week_as_a_grid_and_days_off(pages: Pages) -> None:
    browser, key = await volunteer(pages), pages.here.volunteer_ids[1]
    path = f"{HOME}/time"
    shown = (await browser.get(path)).text
    ticked = re.findall(r'name="(at-[^"]+)" value="1" checked', shown)

    saved = await browser.press(path, do="week", **{"at-0-early": "1", "at-0-evening": "1"})
    last = (pages.clock.now() + timedelta(days=3)).date().isoformat()
    first = (pages.clock.now() + timedelta(days=2)).date().isoformat()
    backwards = await browser.press(path, do="away", first=last, last=first)
    before = await count(pages, AwayPeriod, AwayPeriod.volunteer_id == key)
    noted = await browser.press(path, do="away", first=first, last=last)
    after = await count(pages, AwayPeriod, AwayPeriod.volunteer_id == key)
    page = (await browser.get(path)).text
    away_id = re.findall(r'name="away_id" value="([^"]+)"', page)
    for one in away_id:
        await browser.press(path, do="back", away_id=one)

    assert ticked == ["at-5-morning", "at-5-afternoon"]
    assert saved.status_code == noted.status_code == 303
    assert backwards.status_code == 422
    assert read_errors(backwards.text) == ["The last day is before the first"]
    assert after == before + 1
    async with pages.database.read() as session:
        rows = list(
            await session.scalars(
                select(WeeklyHours)
                .where(WeeklyHours.volunteer_id == key)
                .order_by(WeeklyHours.start_min)
            )
        )
    assert [(row.weekday, row.start_min, row.end_min) for row in rows] == [
        (0, 360, 540),
        (0, 1_020, 1_260),
    ]
    assert "away_id" not in (await browser.get(path)).text


async def test_hours_beside_the_grid_stay_until_they_are_unticked(pages: Pages) -> None:
    browser, key = await volunteer(pages), pages.here.volunteer_ids[1]
    async with pages.database.begin() as session:
        session.add(WeeklyHours(volunteer_id=key, weekday=2, start_min=615, end_min=700))
    path = f"{HOME}/time"
    shown = (await browser.get(path)).text
    keep = dict.fromkeys(re.findall(r'name="(keep-[^"]+)"', shown), "1")

    await browser.press(path, do="week", **{"at-1-early": "1"}, **keep)
    kept = await count(pages, WeeklyHours, WeeklyHours.volunteer_id == key)
    await browser.press(path, do="week", **{"at-1-early": "1"})
    left = await count(pages, WeeklyHours, WeeklyHours.volunteer_id == key)

    assert "Wednesday, 10:15 AM to 11:40 AM" in shown
    assert (kept, left) == (2, 1)


async def test_what_one_offers_is_changed_and_one_may_leave(pages: Pages) -> None:
    browser, key = await volunteer(pages), pages.here.volunteer_ids[1]

    shown = (await browser.get(f"{HOME}/you")).text
    form = {"mode": "bike", "minutes": "30", "tasks": "4", "can-shovel": "1", "speak-es": "1"}
    saved = await browser.press(f"{HOME}/you", **form)
    wrong = await browser.press(f"{HOME}/you", **(form | {"tasks": "900"}))
    strange = await browser.press(f"{HOME}/you", mode="rocket")
    now = (await browser.get(f"{HOME}/you")).text

    assert "What you may do now" in shown
    assert (saved.status_code, wrong.status_code, strange.status_code) == (303, 422, 422)
    assert re.findall(r'name="((?:can|speak)-[a-z_]+)" value="1" checked', now) == [
        "can-shovel",
        "speak-es",
    ]
    async with pages.database.read() as session:
        row = await session.get_one(Volunteer, key)
        assert (row.mode, row.max_travel_s, row.max_tasks) == ("bike", 1_800, 4)
    left = await browser.press(f"{HOME}/leave")
    assert left.status_code == 303
    async with pages.database.read() as session:
        assert (await session.get_one(Volunteer, key)).status is VolunteerStatus.LEFT


async def test_the_secret_calendar_is_shown_once_renewed_and_taken_away(pages: Pages) -> None:
    browser = await volunteer(pages, 5)
    person_id = pages.here.volunteer_person_ids[5]
    path, own = f"{HOME}/calendar", (CalendarFeed.person_id == person_id)
    live = (own, CalendarFeed.revoked_at.is_(None))

    urls: list[str] = []
    for _ in range(2):
        made = await browser.press(path, do="make")
        found = re.search(rf"{SITE}(/calendar/[^<\"]+\.ics)", made.text)
        assert found is not None
        urls.append(found[1])
    assert "/calendar/" not in (await browser.get(path)).text.replace(path, "")
    assert (await browser.get(urls[0])).status_code == 404, "the new one ends the old one"
    assert (await browser.get(urls[1])).status_code == 200
    assert await count(pages, CalendarFeed, *live) == 1
    ended = await browser.press(path, do="end")
    assert "opens nothing any more" in (await browser.get(ended.headers["location"])).text
    assert (await browser.get(urls[1])).status_code == 404
    assert await count(pages, CalendarFeed, *live) == 0


async def test_impact_hours_and_tools_are_ones_own(pages: Pages) -> None:
    one, none = await volunteer(pages, 0), await volunteer(pages, 1)

    impact = (await one.get(f"{HOME}/impact")).text
    today = pages.clock.now().date()
    span = f"from={today - timedelta(days=400)}&to={today + timedelta(days=1)}"
    sheet = (await one.get(f"{HOME}/hours?{span}")).text
    wrong = await one.get(f"{HOME}/hours?from={today}&to={today - timedelta(days=1)}")
    tools = (await one.get(f"{HOME}/tools")).text

    async with pages.database.read() as session:
        rows = list(
            await session.execute(
                select(HelpRequest.service_s)
                .join(Assignment, Assignment.request_id == HelpRequest.id)
                .where(
                    Assignment.volunteer_id == pages.here.volunteer_ids[0],
                    Assignment.status == AssignmentStatus.DONE,
                )
            )
        )
    assert len(rows) > 1
    hours = f"{round(sum(row[0] for row in rows) / 3600, 1):g}"
    assert "You helped at" in impact
    assert f"gave {hours} hours of help" in sheet
    assert f"{len(rows)} visits to neighbors" in sheet
    assert "Snowville Way" not in impact + sheet
    assert wrong.status_code == 422
    assert "What comes of your help stands here" in (await none.get(f"{HOME}/impact")).text
    assert "Tool library" in tools
    assert UUID(str(pages.here.volunteer_ids[0])).hex not in sheet
