"""Groups and events as the staff of a town looks over them, and whom a remedy invites."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from api.demo.town_events import DRAFT, FREE, KEPT, NOW, OVER
from api.demo.town_groups import BOTH
from campaigns.events.kinds import EventStatus, OccurrenceStatus
from campaigns.events.models import CommunityEvent, EventOccurrence
from campaigns.groups.kinds import GroupRole, MemberStatus
from campaigns.groups.models import GroupMember
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from core.events import Event
from core.ids import new_id
from tests.gathering_pages import (
    NOT_THERE,
    NOT_YOURS,
    SEE_OTHER,
    WRONG,
    People,
    day_path,
    one,
    statuses,
)
from tests.town_pages import SITE, Pages


async def test_who_sees_the_overviews(pages: Pages, people: People) -> None:
    group_id = pages.here.groups.group_ids[BOTH]
    staff_alone, managers_alone = [303, 403, 403, 403, 200, 200, 200], [303, *[403] * 4, 200, 404]
    expected = {
        # stranger, organizer, member, outsider, coordinator, manager, foreigner
        "/staff/groups": staff_alone,
        "/staff/groups?show=waiting": staff_alone,
        "/staff/events?show=drafts&after=x": staff_alone,
        f"/staff/groups/{group_id}/lead": managers_alone,
        "/staff/campaigns/new?kind=recruitment&area=Riverside": [303, *[403] * 4, 200, 200],
    }
    found = {path: list((await statuses(people, path)).values()) for path in expected}
    assert found == expected
    foreign = (await people.foreigner.get("/staff/groups")).text
    assert "/groups/snowville/" not in foreign
    assert "/events/snowville/" not in (await people.foreigner.get("/staff/events")).text
    coordinator = (await people.coordinator.get("/staff/groups")).text
    assert f"/staff/groups/{group_id}/lead" not in coordinator
    assert "@snowville" not in coordinator


async def test_groups_by_what_waits_and_who_leads_them(pages: Pages, people: People) -> None:
    group_id = pages.here.groups.group_ids[BOTH]
    path = f"/staff/groups/{group_id}/lead"
    assert "/groups/snowville/sky-1/people" in (await people.manager.get("/staff/groups")).text
    waiting = (await people.manager.get("/staff/groups?show=waiting")).text
    assert "1 asks to join" in waiting
    leaderless = "/staff/groups?show=leaderless"
    assert "/groups/snowville/sky-1/people" not in (await people.manager.get(leaderless)).text
    async with pages.database.begin() as session:
        await session.execute(
            update(GroupMember)
            .where(GroupMember.group_id == group_id, GroupMember.role == GroupRole.ORGANIZER)
            .values(role=GroupRole.MEMBER)
        )
    page = (await people.manager.get(leaderless)).text
    assert "/groups/snowville/sky-1/people" in page
    assert "Nobody leads it" in page

    nobody = await people.manager.press(path, person="")
    assert nobody.status_code == WRONG
    stranger = await people.manager.press(path, person=str(pages.there.manager_id))
    assert stranger.status_code == WRONG
    manager_id = str(pages.here.manager_id)
    for visitor, code in ((people.coordinator, NOT_YOURS), (people.foreigner, NOT_THERE)):
        answer = await visitor.press(path, on="/groups/new", person=manager_id)
        assert answer.status_code == code
    for _ in range(2):
        done = await people.manager.press(path, person=manager_id)
        assert done.headers["location"] == "/staff/groups?said=led"
    leads = select(func.count()).where(
        GroupMember.group_id == group_id,
        GroupMember.person_id == pages.here.manager_id,
        GroupMember.role == GroupRole.ORGANIZER,
        GroupMember.status == MemberStatus.MEMBER,
    )
    assert await one(pages, leads) == 1
    forged = await pages.client.post(
        path, data={"csrf": "x"}, headers=people.manager.headers | {"origin": SITE}
    )
    assert forged.status_code == NOT_YOURS


async def test_events_by_their_state(pages: Pages, people: People) -> None:
    free, draft, over = (day_path(pages.here, number) for number in (FREE, DRAFT, OVER))
    cancel = f"{free}/cancel"
    expected = {
        "": {free: True, draft: False, over: False},
        "?show=drafts": {free: False, draft: True, over: False},
        "?show=over": {free: False, draft: False, over: True},
        "?show=off": {free: False, draft: False, over: False},
    }
    for query, shown in expected.items():
        page = (await people.manager.get(f"/staff/events{query}")).text
        assert {path: path in page for path in shown} == shown, query
    assert cancel in (await people.manager.get("/staff/events")).text
    assert cancel not in (await people.coordinator.get("/staff/events")).text
    assert "/events/snowville/new" in (await people.manager.get("/staff/events")).text
    await people.manager.press(cancel, scope="all")
    assert free in (await people.manager.get("/staff/events?show=off")).text


async def test_what_goes_on_or_was_never_opened_is_not_over(pages: Pages, people: People) -> None:
    """An event under way is to come alone, a draft never took place, one called off is off."""
    events, now = pages.here.events, pages.clock.now()
    under_way, never_opened, called_off = (day_path(pages.here, n) for n in (NOW, KEPT, DRAFT))
    moves = {NOW: timedelta(minutes=-30), KEPT: timedelta(days=-2), OVER: timedelta(days=-1)}
    async with pages.database.begin() as session:
        for number, begins in moves.items():
            await session.execute(
                update(EventOccurrence)
                .where(EventOccurrence.id == events.day_ids[number])
                .values(starts_at=now + begins, ends_at=now + begins + timedelta(hours=2))
            )
        await session.execute(
            update(CommunityEvent)
            .where(CommunityEvent.id == events.event_ids[KEPT])
            .values(status=EventStatus.DRAFT)
        )
        await session.execute(
            update(EventOccurrence)
            .where(EventOccurrence.id == events.day_ids[DRAFT])
            .values(status=OccurrenceStatus.CANCELLED)
        )
    shown = {}
    for show in ("coming", "drafts", "off", "over"):
        page = (await people.manager.get(f"/staff/events?show={show}")).text
        days = (under_way, never_opened, called_off, day_path(pages.here, OVER))
        shown[show] = [path in page for path in days]
    assert shown == {
        "coming": [True, False, False, False],
        "drafts": [False, False, False, False],
        "off": [False, False, True, False],
        "over": [False, False, False, True],
    }


async def test_whoever_belongs_to_a_group_may_be_made_its_organizer(
    pages: Pages, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.organizing.gatherings.A_PAGE", 2)
    group_id = pages.here.groups.group_ids[BOTH]
    path = f"/staff/groups/{group_id}/lead"
    async with pages.database.begin() as session:
        known = set(
            await session.scalars(
                select(GroupMember.person_id).where(GroupMember.group_id == group_id)
            )
        )
        added = [key for key in pages.here.resident_ids if key not in known]
        for key in added:
            session.add(
                GroupMember(
                    id=new_id(),
                    group_id=group_id,
                    person_id=key,
                    role=GroupRole.MEMBER,
                    status=MemberStatus.MEMBER,
                    joined_at=pages.clock.now(),
                )
            )
    last = str(added[-1])
    here, seen = path, ""
    while f'value="{last}"' not in seen:
        seen = (await people.manager.get(here)).text
        more = re.search(r'href="([^"]+)">Show more people of the group', seen)
        assert more is not None or f'value="{last}"' in seen
        here = here if more is None else more[1]
    assert f'action="{path}?after=' in seen
    page = (await people.manager.get(path)).text
    assert f'value="{last}"' not in page
    for _ in range(2):
        done = await people.manager.press(path, person=last)
        assert (done.status_code, done.headers.get("location")) == (
            SEE_OTHER,
            "/staff/groups?said=led",
        )
    told = select(func.count()).where(
        Event.kind == "group.taken_over", Event.subject_id == group_id
    )
    assert await one(pages, told) == 1
    lead = select(GroupMember.role).where(
        GroupMember.group_id == group_id, GroupMember.person_id == added[-1]
    )
    assert await one(pages, lead) is GroupRole.ORGANIZER


async def test_an_invitation_begins_with_its_neighborhood(pages: Pages, people: People) -> None:
    first = "/staff/campaigns/new?kind=recruitment&area="
    page = (await people.manager.get(f"{first}Riverside")).text
    assert "What shall Riverside reach together?" in page
    assert 'value="recruitment" checked' in page
    assert "/staff/audiences/new?area=Riverside" in page
    assert 'name="area"' not in (await people.manager.get(f"{first}Atlantis")).text
    for area, kept in (("Riverside", ["Riverside"]), ("Atlantis", [])):
        done = await people.manager.press(
            "/staff/campaigns/new", kind="recruitment", title=f"Help in {area}", area=area
        )
        assert done.status_code == SEE_OTHER
        row = await one(pages, select(Campaign).where(Campaign.title == f"Help in {area}"))
        assert (row.kind, row.areas) == (CampaignKind.RECRUITMENT, kept)
    audience = (await people.manager.get("/staff/audiences/new?area=Riverside")).text
    assert 'value="Riverside" checked' in audience
    assert "checked" not in (await people.manager.get("/staff/audiences/new?area=x")).text
