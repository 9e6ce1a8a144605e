"""Events as those meet them who organize them: planning, changing, moving, calling off."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from api.demo.town_events import DRAFT, FREE, FULL, OVER
from api.demo.town_groups import BOTH
from campaigns.events.helpers_repository import MAX_ROLES
from campaigns.events.helping import RoleWanted, set_roles
from campaigns.events.kinds import CancelReason, EventAudience, EventStatus, OccurrenceStatus
from campaigns.events.models import CommunityEvent, EventOccurrence, EventPlace, EventRole
from people.auth import Actor
from tests.gathering_pages import (
    GROUP,
    NOT_THERE,
    NOT_YOURS,
    SEE_OTHER,
    WRONG,
    People,
    day_path,
    one,
    statuses,
)
from tests.town_pages import SITE, Pages, read_errors, read_form

NEW = "/events/snowville/new"
HERE = {"where": "address", "place_name": "Main Library", "address": "449 Broadway"}
SEATS = {"capacity": "12", "max_party": "2", "audience": "public", "is_public": "1"}
SERIES = (
    HERE
    | SEATS
    | {
        "title": "Repair café",
        "description": "Bring a lamp.\nWe have tea.",
        "from": "18:30",
        "until": "20:00",
        "repeats": "weekly",
        "role1": "Open the door",
        "wanted1": "2",
        "role3": "Coffee",
        "wanted3": "1",
        "key": "one-key",
        "do": "open",
    }
)


def in_days(pages: Pages, days: int) -> str:
    return (pages.clock.now() + timedelta(days=days)).date().isoformat()


def series(pages: Pages, **others: str) -> dict[str, str]:
    """Five evenings, each a week after the other."""
    return SERIES | {"day": in_days(pages, 10), "last_day": in_days(pages, 38)} | others


async def count(pages: Pages, query: type[CommunityEvent] | type[EventOccurrence]) -> int:
    return int(await one(pages, select(func.count()).select_from(query)))


async def test_who_may_plan_and_change(pages: Pages, people: People) -> None:
    here, manager_alone = pages.here, [303, 403, 403, 403, 403, 200, 403]
    free, draft = day_path(here, FREE), day_path(here, DRAFT)
    expected = {
        # stranger, organizer, member, outsider, coordinator, manager, foreigner
        NEW: [303, 200, 403, 403, 403, 200, 403],
        f"{free}/change": manager_alone,
        f"{free}/move": manager_alone,
        f"{free}/cancel": manager_alone,
        f"{free}/helpers": manager_alone,
        f"{draft}/change": [303, 404, 404, 404, 403, 200, 404],
        f"{day_path(here, OVER)}/move": [303, 403, 403, 403, 403, 409, 403],
    }
    found = {path: list((await statuses(people, path)).values()) for path in expected}
    assert found == expected

    for name, visitor in vars(people).items():
        page = (await visitor.get(free)).text
        assert (f"{free}/cancel" in page) is (name == "manager"), name
    assert f"{NEW}?group=" in (await people.organizer.get(GROUP)).text
    assert f"{NEW}?group=" not in (await people.member.get(GROUP)).text
    foreign = await pages.client.post(
        NEW, data={"csrf": "x"}, headers=people.manager.headers | {"origin": SITE}
    )
    assert foreign.status_code == NOT_YOURS
    for do in ("change", "move", "cancel", "open"):
        refused = await people.organizer.press(f"{free}/{do}", on="/groups/new")
        assert refused.status_code == NOT_YOURS, do


async def test_what_is_missing_is_said_and_nothing_is_planned(pages: Pages, people: People) -> None:
    before = await count(pages, CommunityEvent)
    empty = await people.manager.press(NEW, where="address", capacity="0", repeats="weekly")
    assert empty.status_code == WRONG
    for words in (
        "Write a title",
        "what people call the place",
        "Write the street",
        "Choose the day",
        "when it begins",
        "when it ends",
        "Choose the last day",
        "how many people have room",
        "Choose who may come",
    ):
        assert words in empty.text, words
    wrongs = {
        "We do not find this address": {"address": "9999 Nowhere Boulevard"},
        "Choose the day": {"day": "9999-12-31", "until": "01:00"},
        "This time is over": {"day": in_days(pages, -3)},
        "The end must be later": {"until": "18:30"},
        "must not be before the first": {"last_day": in_days(pages, 3)},
        "It would come back too often": {"repeats": "daily", "last_day": in_days(pages, 200)},
        "Write a number from 1 to 20": {"max_party": "21"},
        "from 1 to 100": {"wanted1": "101"},
        "Choose a group above": {"audience": "group"},
        "Choose where it is": {"where": f"p:{pages.here.community_id}"},
    }
    for words, fields in wrongs.items():
        answer = await people.manager.press(NEW, **series(pages, **fields))
        assert answer.status_code == WRONG, words
        assert words in answer.text, words
        assert "Bring a lamp.\nWe have tea." in answer.text
    unsure = await people.manager.press(NEW, **series(pages, address="Main St"))
    assert unsure.status_code == WRONG
    assert await count(pages, CommunityEvent) == before


async def test_a_series_with_roles_is_planned_once(pages: Pages, people: People) -> None:
    before = await count(pages, EventOccurrence)
    for _ in range(2):
        done = await people.manager.press(NEW, **series(pages))
        assert done.status_code == SEE_OTHER
    path = done.headers["location"].removesuffix("?said=planned")
    assert await count(pages, EventOccurrence) == before + 5
    event = await one(pages, select(CommunityEvent).where(CommunityEvent.title == "Repair café"))
    assert (event.status, event.audience) == (EventStatus.PUBLISHED, EventAudience.PUBLIC)
    assert (event.capacity, event.max_party, event.duration_s) == (12, 2, 5_400)
    async with pages.database.read() as session:
        place = await session.get_one(EventPlace, event.place_id)
        roles = list(
            await session.scalars(
                select(EventRole).where(EventRole.event_id == event.id).order_by(EventRole.code)
            )
        )
    assert (place.name, place.is_public) == ("Main Library", True)
    assert "449 Broadway" in place.address_text
    assert [(row.code, row.label, row.wanted_count) for row in roles] == [
        ("coffee", "Coffee", 1),
        ("open_the_door", "Open the door", 2),
    ]
    page = (await people.stranger.get(path)).text
    assert "12 of 12 seats are left." in page
    assert page.count('<li><a href="/events/snowville/') == 4
    again = (await people.manager.get(NEW)).text
    assert f'value="p:{place.id}"' in again


async def test_an_organizer_plans_for_their_group_and_opens_a_draft(
    pages: Pages, people: People
) -> None:
    group_id = pages.here.groups.group_ids[BOTH]
    form = series(pages, audience="group", do="draft", repeats="once", key="other")
    del form["last_day"]
    alone = await people.organizer.press(NEW, **form)
    assert alone.status_code == WRONG
    assert "Choose what it is for" in alone.text
    stolen = await people.organizer.press(
        NEW, **form, group=str(pages.here.groups.group_ids[BOTH + 1])
    )
    assert stolen.status_code == WRONG

    new = f"{NEW}?group={group_id}"
    assert "What do you plan with" in (await people.organizer.get(new)).text
    done = await people.organizer.press(new, **form, group=str(group_id))
    path = done.headers["location"].removesuffix("?said=drafted")
    event = await one(pages, select(CommunityEvent).where(CommunityEvent.title == "Repair café"))
    assert (event.status, event.group_id) == (EventStatus.DRAFT, group_id)
    assert (event.audience, event.rule) == (EventAudience.GROUP, None)
    assert (await people.member.get(path)).status_code == NOT_THERE
    for _ in range(2):
        opened = await people.organizer.press(f"{path}/open", on=path)
        assert opened.headers["location"] == f"{path}?said=planned"
    assert "Repair café" in (await people.member.get(path)).text
    assert (await people.outsider.get(path)).status_code == NOT_THERE


async def test_words_seats_and_roles_are_changed(pages: Pages, people: People) -> None:
    free, full = day_path(pages.here, FREE), day_path(pages.here, FULL)
    shown = (await people.manager.get(f"{free}/change")).text
    assert 'value="Repair evening 001"' in shown
    wrong = await people.manager.press(f"{free}/change", title="", capacity="x", audience="x")
    assert wrong.status_code == WRONG
    form = {"title": "Repair night", "description": "Tea", "audience": "community"} | {
        "capacity": "30",
        "max_party": "3",
        "role1": "Hold the lamp",
        "role2": "Sweep",
    }
    small = await people.manager.press(f"{full}/change", **form | {"capacity": "2"})
    assert small.status_code == WRONG
    assert "More seats than that are taken" in small.text
    taken = await people.manager.press(f"{free}/change", **form)
    assert taken.status_code == WRONG
    assert "Somebody has a role that you took away" in taken.text
    code = await one(pages, select(EventRole.code).where(EventRole.id == pages.here.events.role_id))
    for _ in range(2):
        done = await people.manager.press(f"{free}/change", **form, code1=code)
        assert done.headers["location"] == f"{free}?said=changed"
    event = await one(
        pages, select(CommunityEvent).where(CommunityEvent.id == pages.here.events.event_ids[FREE])
    )
    assert (event.title, event.capacity, event.max_party) == ("Repair night", 30, 3)
    assert event.audience is EventAudience.COMMUNITY
    role = await one(pages, select(EventRole).where(EventRole.id == pages.here.events.role_id))
    assert (role.code, role.label) == (code, "Hold the lamp")
    labels = select(func.count()).where(EventRole.event_id == event.id)
    assert await one(pages, labels) == 2
    assert (await people.stranger.get(free)).status_code == NOT_THERE


async def test_days_are_moved_and_called_off_with_a_reason(pages: Pages, people: People) -> None:
    done = await people.manager.press(NEW, **series(pages))
    path = done.headers["location"].removesuffix("?said=planned")
    event = await one(pages, select(CommunityEvent).where(CommunityEvent.title == "Repair café"))
    days = select(EventOccurrence).where(EventOccurrence.event_id == event.id)
    days = days.order_by(EventOccurrence.recurs_at)
    when = {"day": in_days(pages, 10), "from": "19:00", "until": "20:30"} | SEATS
    both = await people.manager.press(
        f"{path}/move", **when | {"day": in_days(pages, 11)}, scope="all", where="keep"
    )
    assert both.status_code == WRONG
    assert "All days keep their date" in both.text
    await people.manager.press(f"{path}/move", **when, scope="all", where="keep")
    moved = await people.manager.press(
        f"{path}/move",
        **when | {"from": "17:00", "capacity": "9"} | HERE | {"place_name": "The garden"},
        scope="day",
    )
    assert moved.headers["location"] == f"{path}?said=moved"
    async with pages.database.read() as session:
        rows = list(await session.scalars(days))
    lengths = [(row.ends_at - row.starts_at).total_seconds() / 60 for row in rows]
    assert lengths == [210, 90, 90, 90, 90]
    assert [row.capacity for row in rows] == [9, 12, 12, 12, 12]
    assert [row.place_id is None for row in rows] == [False, True, True, True, True]

    asked = (await people.manager.get(f"{path}/cancel")).text
    assert "All 5 days that lie ahead" in asked
    wrong = await people.manager.press(f"{path}/cancel", scope="day", reason="tired")
    assert wrong.status_code == WRONG
    for _ in range(2):
        off = await people.manager.press(f"{path}/cancel", on=NEW, scope="day", reason="weather")
        assert off.headers["location"] == f"{path}?said=day_off"
    async with pages.database.read() as session:
        rows = list(await session.scalars(days))
    assert [row.status for row in rows].count(OccurrenceStatus.CANCELLED) == 1
    assert rows[0].cancel_reason is CancelReason.WEATHER
    assert "The weather does not allow it." in (await people.stranger.get(path)).text
    second = f"/events/snowville/{rows[1].id}"
    rest = await people.manager.press(f"{second}/cancel", scope="all")
    assert rest.headers["location"] == f"{second}?said=all_off"
    async with pages.database.read() as session:
        rows = list(await session.scalars(days))
        told = (await session.get_one(CommunityEvent, event.id)).sequence
    assert {row.status for row in rows} == {OccurrenceStatus.CANCELLED}
    assert rows[0].cancel_reason is CancelReason.WEATHER
    assert told == 4


async def test_the_same_form_again_does_what_was_wished_last(pages: Pages, people: People) -> None:
    form = series(pages, repeats="once", do="draft")
    del form["last_day"]
    made = await people.manager.press(NEW, **form)
    path, _, said = made.headers["location"].partition("?said=")
    assert said == "drafted"
    opened = await people.manager.press(NEW, **form | {"do": "open"})
    assert opened.headers["location"] == f"{path}?said=planned"
    query = select(CommunityEvent).where(CommunityEvent.title == "Repair café")
    assert (await one(pages, query)).status is EventStatus.PUBLISHED
    other = await people.manager.press(NEW, **form | {"title": "Another title", "do": "open"})
    assert other.headers["location"] == f"{path}?said=known"
    assert "It was planned before." in (await people.manager.get(f"{path}?said=known")).text
    again = await people.manager.press(NEW, **form)
    assert again.headers["location"] == f"{path}?said=planned"


async def test_the_change_form_keeps_every_role(pages: Pages, people: People) -> None:
    free, event_id = day_path(pages.here, FREE), pages.here.events.event_ids[FREE]
    query = select(EventRole.code).where(EventRole.id == pages.here.events.role_id)
    codes = [await one(pages, query), *(f"role_{number:02}" for number in range(2, MAX_ROLES + 1))]
    roles = [RoleWanted(code, code.replace("_", " ")) for code in codes]
    async with pages.database.begin() as session:
        await set_roles(session, Actor.system(), event_id, roles, now=pages.clock.now())
    form = read_form((await people.manager.get(f"{free}/change")).text)
    done = await people.manager.press(f"{free}/change", **form | {"title": "Many hands"})
    assert done.headers["location"] == f"{free}?said=changed"
    kept = select(func.count()).where(EventRole.event_id == event_id)
    assert await one(pages, kept) == MAX_ROLES


async def test_nights_in_which_the_clocks_change(pages: Pages, people: People) -> None:
    once = series(pages, repeats="once", capacity="1,000")
    del once["last_day"]

    async def plan(title: str, **fields: str) -> tuple[str, str, CommunityEvent]:
        form = once | {"title": title, "key": title} | fields
        done = await people.manager.press(NEW, **form)
        assert done.status_code == SEE_OTHER, read_errors(done.text)
        path, _, query = done.headers["location"].partition("?")
        event = await one(pages, select(CommunityEvent).where(CommunityEvent.title == title))
        return path, query, event

    # the night to 8 March is an hour shorter, and the one to 1 November an hour longer
    night = {"from": "22:00", "until": "04:00"}
    spring = (await plan("spring", day="2026-03-07", **night))[2]
    assert (spring.duration_s, spring.capacity) == (5 * 3_600, 1_000)
    assert (await plan("autumn", day="2026-10-31", **night))[2].duration_s == 7 * 3_600
    skipped = {"day": "2026-03-07", "from": "22:00", "until": "02:30"}
    wrong = await people.manager.press(NEW, **once | skipped)
    assert read_errors(wrong.text) == ["The clocks jump over this time. Choose another one"]

    # a series says which of its days it lacks
    weekly = {"from": "02:30", "until": "03:30", "repeats": "weekly", "last_day": "2026-03-15"}
    path, query, _ = await plan("weekly", day="2026-03-01", **weekly)
    assert query == "skipped=2026-03-08&said=planned"
    page = (await people.manager.get(f"{path}?{query}")).text
    assert "the clocks jump over its time then: Sunday, March 8." in page
    assert "clocks jump" not in (await people.stranger.get(f"{path}?{query}")).text

    # of an hour that comes twice a series takes the earlier one, and says so where it is chosen
    twice = {"day": "2026-11-01", "from": "01:30", "until": "03:00"}
    series_of_it = once | twice | {"repeats": "weekly", "last_day": "2026-11-15"}
    later = await people.manager.press(NEW, **series_of_it, hour="later")
    assert read_errors(later.text) == [
        "An event that comes back begins in the earlier one. Choose it"
    ]
    assert 'value="later"' not in later.text
    assert (await plan("twice", **twice, repeats="weekly", last_day="2026-11-15"))[
        2
    ].duration_s == 9_000
    asked = await people.manager.press(NEW, **once | twice)
    assert read_errors(asked.text) == ["The clocks show this time twice. Choose which one you mean"]
