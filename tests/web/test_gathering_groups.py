"""Groups: founding one, joining it, what is said there, and who looks after it."""

from __future__ import annotations

from sqlalchemy import func, select

from api.demo.town_groups import BOTH, CLOSED
from campaigns.groups.kinds import GroupRole, Joining, MemberStatus, PostKind
from campaigns.groups.models import Group, GroupMember, GroupPost, GroupReport
from tests.gathering_pages import (
    GROUP,
    NOT_THERE,
    NOT_YOURS,
    SEE_OTHER,
    WRONG,
    People,
    one,
)
from tests.ids import drop_ids
from tests.town_pages import Pages


async def test_a_group_is_founded_changed_and_ended(pages: Pages, people: People) -> None:
    groups = select(func.count()).select_from(Group)
    before = await one(pages, groups)
    right = {"name": "Old lamps", "topic": "night_sky", "area": "-", "joining": "by_request"}
    wrong = await people.outsider.press("/groups/new", name="", topic="", area="Nowhere")
    assert wrong.status_code == WRONG
    for words in ("Write a name", "what the group is about", "at least one language"):
        assert words in wrong.text
    assert await one(pages, groups) == before

    done = await people.outsider.press("/groups/new", **right, lang_es="1", summary="Old & good")
    path = "/groups/snowville/old-lamps"
    assert done.headers["location"] == f"{path}?said=founded"
    row = await one(pages, select(Group).where(Group.slug == "old-lamps"))
    assert (row.joining, row.languages, row.area) == (Joining.BY_REQUEST, ["es"], None)
    assert (await people.stranger.get(path)).status_code == NOT_THERE
    found = (await people.member.get("/groups?topic=night_sky&language=es")).text
    assert "Old &amp; good" in found
    assert "Snowville sky 001" not in found

    refused = await people.member.press(f"{path}/end", on=path)
    assert refused.status_code == NOT_YOURS
    asked = await people.member.press(f"{path}/join", on=path)
    assert asked.headers["location"] == f"{path}?said=asked"
    settings = f"{path}/settings"
    changed = right | {"name": "New lamps", "area": "Riverside", "lang_en": "1"}
    assert (await people.outsider.press(settings, **changed)).status_code == SEE_OTHER
    row = await one(pages, select(Group).where(Group.slug == "old-lamps"))
    assert (row.name, row.area, row.languages) == ("New lamps", "Riverside", ["en"])
    alone = await people.outsider.press(f"{path}/leave", on=path)
    assert alone.status_code == WRONG
    assert "Nobody else leads this group" in alone.text
    await people.outsider.press(f"{path}/end", on=settings)
    assert "This group has ended" in (await people.outsider.get(path)).text


async def test_joining_a_group_and_what_is_said_there(pages: Pages, people: People) -> None:
    group_id, person_id = pages.here.groups.group_ids[BOTH], pages.here.resident_ids[5]
    before = (await people.outsider.get(GROUP)).text
    assert "Join this group" in before
    assert "The sky over" not in before
    for _ in range(2):
        done = await people.outsider.press(f"{GROUP}/join", on=GROUP, shows_name="1")
        assert done.headers["location"] == f"{GROUP}?said=member"
    row = await one(
        pages,
        select(GroupMember).where(
            GroupMember.group_id == group_id, GroupMember.person_id == person_id
        ),
    )
    assert (row.status, row.shows_name, row.wants_news) == (MemberStatus.MEMBER, True, False)

    posts = select(func.count()).where(GroupPost.group_id == group_id)
    count = await one(pages, posts)
    empty = await people.outsider.press(f"{GROUP}/posts", on=GROUP, text=" ")
    assert empty.status_code == WRONG
    assert "Write a few words" in empty.text
    for _ in range(2):
        done = await people.outsider.press(
            f"{GROUP}/posts", on=GROUP, text="<b>Stars</b>\nat nine", key="same-key"
        )
        assert done.status_code == SEE_OTHER
    assert await one(pages, posts) == count + 1
    page = (await people.member.get(GROUP)).text
    assert "&lt;b&gt;Stars&lt;/b&gt;" in page
    assert "<b>Stars" not in page
    news = await people.outsider.press(
        f"{GROUP}/posts", on=GROUP, text="News", kind=PostKind.ANNOUNCEMENT.value
    )
    assert news.status_code == NOT_YOURS

    key = await one(pages, select(GroupPost.id).where(GroupPost.client_key == "same-key"))
    head = f"{GROUP}/posts/{key}"
    assert (await people.member.press(head, text="I come along")).status_code == SEE_OTHER
    assert "I come along" in (await people.outsider.get(head)).text
    assert (await people.member.press(f"{head}/report", reason="")).status_code == WRONG
    for _ in range(2):
        await people.member.press(f"{head}/report", reason="spam")
    assert await one(pages, select(func.count()).where(GroupReport.post_id == key)) == 1
    hide = await people.member.press(f"{head}/report", reason="spam", do="hide")
    assert hide.status_code == NOT_YOURS
    await people.organizer.press(f"{head}/report", reason="spam", do="hide")
    assert "Stars" not in drop_ids((await people.member.get(head)).text)
    assert "Stars" in (await people.organizer.get(head)).text
    await people.organizer.press(f"{head}/care", on=head, do="keep")
    await people.organizer.press(f"{head}/care", on=head, do="close")
    closed = (await people.member.get(head)).text
    assert "Stars" in closed
    assert "Send my reply" not in closed
    left = await people.outsider.press(f"{GROUP}/leave", on=GROUP)
    assert left.headers["location"] == f"{GROUP}?said=left"


async def test_households_join_as_one_and_minors_with_an_adult(
    pages: Pages, people: People
) -> None:
    path = "/groups/snowville/sky-4"
    assert "My whole household joins" in (await people.outsider.get(path)).text
    done = await people.outsider.press(f"{path}/join", on=path, as_household="1")
    assert done.headers["location"] == f"{path}?said=member"
    inside = (await people.outsider.get(path)).text
    assert "You belong to it by your household" in inside
    await people.outsider.press(f"{path}/choices", on=path, wants_news="1")
    row = await one(pages, select(GroupMember).where(GroupMember.household_id.is_not(None)))
    assert (row.status, row.wants_news) == (MemberStatus.MEMBER, True)
    await people.outsider.press(f"{path}/leave", on=path, as_household="1")
    assert "Join this group" in (await people.outsider.get(path)).text

    minor = await pages.enter(pages.here.resident_ids[3])
    assert "Adults join groups" in (await minor.get(path)).text
    assert (await minor.get("/groups/new")).status_code == NOT_YOURS


async def test_organizers_look_after_members(pages: Pages, people: People) -> None:
    groups, path = pages.here.groups, f"{GROUP}/people"
    group_id = groups.group_ids[BOTH]
    asked, member = groups.asked_ids[group_id], groups.member_ids[group_id]

    plain = (await people.member.get(path)).text
    assert "asks to join" not in plain
    assert "Change" not in plain
    refused = await people.member.press(path, on=GROUP, member=str(asked), do="let_in")
    assert refused.status_code == NOT_YOURS
    page = (await people.organizer.get(path)).text
    assert "One person asks to join" in page
    assert "@snowville" not in page
    await people.organizer.press(path, member=str(asked), do="let_in")
    await people.organizer.press(path, member=str(member), do="role", role="moderator")
    async with pages.database.read() as session:
        assert (await session.get_one(GroupMember, asked)).status is MemberStatus.MEMBER
        assert (await session.get_one(GroupMember, member)).role is GroupRole.MODERATOR
    await people.organizer.press(path, member=str(asked), do="ban")
    other = groups.member_ids[groups.group_ids[CLOSED]]
    assert (await people.organizer.press(path, member=str(other), do="ban")).status_code == 404
    async with pages.database.read() as session:
        assert (await session.get_one(GroupMember, asked)).banned_at is not None
        assert (await session.get_one(GroupMember, other)).banned_at is None
    wrong = await people.organizer.press(f"{GROUP}/invite", on=path, email="nobody")
    assert wrong.status_code == WRONG
    known, unknown = [
        await people.organizer.press(f"{GROUP}/invite", on=path, email=email)
        for email in ("resident3@snowville.example", "nobody@nowhere.example")
    ]
    assert known.headers["location"] == unknown.headers["location"] == f"{path}?said=invited"
