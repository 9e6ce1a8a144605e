"""Campaigns, groups, events, surveys and boards, as residents and members meet them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from api.demo.town_audiences import CLOSED as CLOSED_SURVEY
from api.demo.town_audiences import OPEN as OPEN_SURVEY
from api.demo.town_audiences import OTHERS as SURVEY_OF_OTHERS
from api.demo.town_events import DRAFT, FREE, FULL, NOW
from api.demo.town_groups import BOTH
from campaigns.biking.models import Ride
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.pulse.models import SurveyAnswer
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import Pledge, StandingChoice
from people.models import Community
from tests.gathering_pages import (
    CAMPAIGN,
    GROUP,
    NOT_THERE,
    NOT_YOURS,
    SEE_OTHER,
    SHOWN,
    WRONG,
    People,
    day_path,
    one,
    statuses,
)
from tests.graphql_api.statements import counted_statements
from tests.town_pages import SITE, Pages

PHONE = re.compile(r"\+1\s?\d{3}|\b\d{3}-555-\d{4}")
TO_SIGN_IN = 303


async def test_who_may_see_what(pages: Pages, people: People) -> None:
    here = pages.here
    head = f"{GROUP}/posts/{here.groups.post_ids[here.groups.group_ids[BOTH]]}"
    survey = f"/surveys/{here.audiences.survey_ids[OPEN_SURVEY]}"
    everybody = [SHOWN] * 7
    expected = {
        # stranger, organizer, member, outsider, coordinator, manager, foreigner
        "/campaigns": everybody,
        CAMPAIGN: everybody,
        "/campaigns/snowville/bike-draft": [404, 404, 404, 404, 200, 200, 404],
        "/campaigns/snowville/bike-autumn": [404, 200, 200, 200, 200, 200, 404],
        "/campaigns/nowhere/bike-month": [NOT_THERE] * 7,
        f"{CAMPAIGN}/ride": [TO_SIGN_IN, *[SHOWN] * 6],
        "/groups": everybody,
        GROUP: everybody,
        f"{GROUP}/people": [303, 200, 200, 403, 200, 200, 403],
        f"{GROUP}/settings": [303, 200, 403, 403, 403, 200, 403],
        head: [303, 200, 200, 404, 200, 200, 404],
        "/groups/snowville/sky-5": [404, 404, 200, 404, 200, 200, 404],
        "/groups/new": [303, *[SHOWN] * 6],
        "/events": everybody,
        day_path(here, FREE): everybody,
        day_path(here, DRAFT): [404, 404, 404, 404, 200, 200, 404],
        f"{day_path(here, NOW)}/check-in": [303, 403, 403, 403, 200, 200, 403],
        "/surveys": [303, *[SHOWN] * 6],
        survey: [303, 200, 200, 200, 404, 404, 404],
        f"/surveys/{here.audiences.survey_ids[SURVEY_OF_OTHERS]}": [
            303,
            404,
            *[200] * 2,
            *[404] * 3,
        ],
        "/standings": [303, *[SHOWN] * 6],
    }
    found = {path: list((await statuses(people, path)).values()) for path in expected}

    assert found == expected


async def test_public_pages_are_listed_and_hold_no_form_nor_people(
    pages: Pages, people: People
) -> None:
    paths = ("/campaigns", CAMPAIGN, "/groups", GROUP, "/events", day_path(pages.here, FULL))
    for path in paths:
        page = await people.stranger.get(path)
        assert "x-robots-tag" not in page.headers
        assert page.headers["cache-control"] == "no-cache"
        assert "<form" not in page.text
        assert 'property="og:title"' in page.text
        assert "@snowville" not in page.text
        assert PHONE.search(page.text) is None
        assert "Imaginary Street" not in page.text, path
        for name in ("Synthetic Snowville", "The sky over"):
            assert name not in page.text, path
    for path in (f"{GROUP}/people", CAMPAIGN):
        page = await people.organizer.get(path)
        assert page.headers["cache-control"] == "no-store"


async def test_pages_ask_the_database_nothing_twice(pages: Pages, people: People) -> None:
    most = {"/groups": 14, GROUP: 18, "/events": 15, "/campaigns": 12, CAMPAIGN: 36}
    for visitor in (people.stranger, people.organizer, people.manager):
        for path, limit in most.items():
            await visitor.get(path)
            with counted_statements() as sent:
                assert (await visitor.get(path)).status_code == SHOWN
            shapes = Counter(sent)
            assert len(sent) <= limit, (path, len(sent))
            # Two lists of one page may look alike; a query for each row would come more often.
            assert max(shapes.values()) <= 2, (path, shapes.most_common(1))


async def test_a_campaign_is_joined_once_and_left(pages: Pages, people: People) -> None:
    path = "/campaigns/snowville/carts-running"
    person_id = pages.here.resident_ids[5]
    campaign = pages.here.recycling
    page = await people.outsider.get(path)
    assert "Take part" in page.text
    assert "Leave this campaign" not in page.text

    wrong = await people.outsider.press(f"{path}/join", on=path, invite_code="ZZZZZZZZZZ")
    assert wrong.status_code == WRONG
    assert "Nobody in this campaign has this code" in wrong.text
    rows = select(func.count()).where(
        CampaignMember.person_id == person_id,
        CampaignMember.campaign_id == campaign.campaign_ids[2],
        CampaignMember.left_at.is_(None),
    )
    assert await one(pages, rows) == 0

    for _ in range(2):
        done = await people.outsider.press(f"{path}/join", on=path)
        assert done.headers["location"] == f"{path}?said=joined"
    assert await one(pages, rows) == 1
    assert "Leave this campaign" in (await people.outsider.get(path)).text
    done = await people.outsider.press(f"{path}/leave", on=path)
    assert done.status_code == SEE_OTHER
    assert await one(pages, rows) == 0


async def test_boards_show_bands_and_light_ones_own_group(people: People) -> None:
    page = (await people.organizer.get(CAMPAIGN)).text

    assert "Groups of 5 to 19 people" in page
    assert "Your group: Group 1" in page
    assert "Your group: Group 2" not in page
    assert "You: Rider 1" in page
    assert "35% of the goal or more" in page
    strange = (await people.stranger.get(CAMPAIGN)).text
    assert "Your group" not in strange
    assert "20 people take part" in strange
    spanish = (await people.stranger.get(f"{CAMPAIGN}?lang=es")).text
    assert "Grupos de 5 a 19 personas" in spanish


async def test_a_ride_is_told_in_words_counts_once_and_is_taken_back(
    pages: Pages, people: People
) -> None:
    path, person_id = f"{CAMPAIGN}/ride", pages.here.resident_ids[5]
    count = select(func.count()).where(Ride.person_id == person_id)
    before = await one(pages, count)

    wrong = await people.outsider.press(path, day="", clock="25:00", minutes="x", miles="")
    assert wrong.status_code == WRONG
    for words in ("Choose the day", "for example 08:30", "how many minutes", "how many miles"):
        assert words in wrong.text
    local = (pages.clock.now() - timedelta(days=2)).astimezone(ZoneInfo("America/New_York"))
    ride = {"day": local.date().isoformat(), "clock": "12:05", "minutes": "12", "miles": "1.5"}
    fast = await people.outsider.press(path, **(ride | {"miles": "40"}))
    assert fast.status_code == WRONG
    assert "too fast" in fast.text
    future = await people.outsider.press(path, **(ride | {"day": "2036-01-01"}))
    assert future.status_code == WRONG
    assert "The ride must be over" in future.text
    assert await one(pages, count) == before

    done = await people.outsider.press(path, **ride)
    assert done.headers["location"] == f"{CAMPAIGN}?said=ride"
    again = await people.outsider.press(path, **ride)
    assert again.headers["location"] == f"{CAMPAIGN}?said=ride_known"
    assert await one(pages, count) == before + 1

    key = await one(
        pages, select(Ride.id).where(Ride.person_id == person_id, Ride.duration_s == 720)
    )
    foreign = await people.member.press(f"{CAMPAIGN}/rides/{key}/remove", on=CAMPAIGN)
    assert foreign.status_code == NOT_THERE
    await people.outsider.press(f"{CAMPAIGN}/rides/{key}/remove", on=CAMPAIGN)
    assert await one(pages, count) == before


async def test_a_promise_is_made_once_kept_and_taken_back(pages: Pages, people: People) -> None:
    template_id, person_id = pages.here.standings.template_ids[0], pages.here.resident_ids[5]
    path = f"{CAMPAIGN}/promise/{template_id}"
    mine = select(Pledge).where(Pledge.template_id == template_id, Pledge.person_id == person_id)

    wrong = await people.outsider.press(path, amount="0")
    assert wrong.status_code == WRONG
    assert "at most 60" in wrong.text
    assert await one(pages, mine) is None
    for _ in range(2):
        done = await people.outsider.press(path, amount="5", shows_name="1")
        assert done.status_code == SEE_OTHER
    row = await one(pages, mine)
    assert (row.amount, row.status, row.shows_name) == (5, PledgeStatus.MADE, True)
    other = await people.outsider.press(path, amount="6")
    assert other.status_code == WRONG
    assert "promised this already" in other.text

    change = f"{CAMPAIGN}/promised"
    foreign = await people.member.press(change, on=CAMPAIGN, pledge=str(row.id), do="withdraw")
    assert foreign.status_code == NOT_THERE
    await people.outsider.press(change, on=CAMPAIGN, pledge=str(row.id), do="kept")
    assert (await one(pages, mine)).status is PledgeStatus.KEPT
    await people.outsider.press(change, on=CAMPAIGN, pledge=str(row.id), do="withdraw")
    assert (await one(pages, mine)).status is PledgeStatus.WITHDRAWN


async def test_a_survey_is_answered_on_one_page(pages: Pages, people: People) -> None:
    key = pages.here.audiences.survey_ids[OPEN_SURVEY]
    path = f"/surveys/{key}"
    question_id = pages.here.audiences.choice_ids[key]
    assert path in (await people.outsider.get("/surveys")).text
    empty = await people.outsider.press(path, do="answer")
    assert empty.status_code == WRONG
    assert "Answer at least one question" in empty.text
    page = (await people.outsider.get(path)).text
    field, value = re.findall(r'type="radio" name="(q\d+)"[^>]* value="([^"]+)"', page)[0]
    answers = select(func.count()).where(SurveyAnswer.question_id == question_id)
    await people.outsider.press(path, do="take_back")
    before = await one(pages, answers)
    for _ in range(2):
        done = await people.outsider.press(path, **{"do": "answer", field: value})
        assert done.headers["location"] == f"{path}?said=answered"
    assert await one(pages, answers) == before + 1
    bad = await people.outsider.press(path, **{"do": "answer", field: "no-such-answer"})
    assert bad.status_code == WRONG
    closed = f"/surveys/{pages.here.audiences.survey_ids[CLOSED_SURVEY]}"
    result = (await people.outsider.get(closed)).text
    assert "<form" not in result
    assert "who were asked answered" in result


async def test_leaving_the_boards_holds_at_once(pages: Pages, people: People) -> None:
    person_id = pages.here.resident_ids[0]
    mine = select(StandingChoice).where(StandingChoice.person_id == person_id)
    assert "Rider 1<" in (await people.stranger.get(CAMPAIGN)).text
    own = await people.organizer.press("/standings", do="name", alias="x")
    assert own.status_code == WRONG
    assert "3 to 30 letters" in own.text
    taken = await people.organizer.press("/standings", do="name", alias="rider  2")
    assert taken.status_code == WRONG
    assert "Somebody has this name" in taken.text
    for _ in range(2):
        done = await people.organizer.press("/standings", do="leave")
        assert done.headers["location"] == "/standings?said=leave"
    assert (await one(pages, mine)).opted_out_at is not None
    assert "Rider 1<" not in (await people.stranger.get(CAMPAIGN)).text
    await people.organizer.press("/standings", do="back")
    await people.organizer.press("/standings", do="name", alias="Quick Owl")
    row = await one(pages, mine)
    assert (row.opted_out_at, row.alias) == (None, "Quick Owl")


async def test_a_form_of_another_site_and_a_button_of_somebody_else(
    pages: Pages, people: People
) -> None:
    for path in (f"{GROUP}/join", f"{CAMPAIGN}/join", f"{day_path(pages.here, FREE)}/sign-up"):
        answer = await pages.client.post(
            path, data={}, headers=people.outsider.headers | {"origin": "https://evil.example"}
        )
        assert answer.status_code == NOT_YOURS
        answer = await pages.client.post(
            path, data={"csrf": "x"}, headers=people.outsider.headers | {"origin": SITE}
        )
        assert answer.status_code == NOT_YOURS
        foreign = await people.foreigner.press(path, on="/standings")
        assert foreign.status_code == NOT_YOURS


async def test_a_campaign_ends_on_the_same_day_for_everybody(pages: Pages, people: People) -> None:
    path = "/campaigns/snowville/carts-running"
    async with pages.database.begin() as session:
        row = await session.scalar(
            select(Campaign).where(
                Campaign.slug == "carts-running",
                Campaign.community_id == pages.here.community_id,
            )
        )
        town = await session.get_one(Community, pages.here.community_id)
        assert row is not None
        zone = ZoneInfo(town.time_zone)
        first = pages.clock.now().astimezone(zone).date() + timedelta(days=40)
        row.ends_at = datetime.combine(first, time(), zone)
    last, after = (first - timedelta(days=1), first)
    for page in (path, "/campaigns"):
        text = (await people.outsider.get(page)).text
        if page != path:
            text = text[text.index(f'href="{path}"') :].partition("</article>")[0]
        assert f"{last:%B} {last.day}" in text, page
        assert f"{after:%B} {after.day}" not in text, page
