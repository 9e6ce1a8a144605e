from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.events import Event
from matching.kinds import VolunteerStatus
from matching.models import Ban, Volunteer
from messaging.conversation_models import ThreadPost
from messaging.kinds import MessageStatus
from messaging.models import Message, MessageWords
from people.kinds import Channel, Purpose, Role, VettingStatus
from people.models import Consent, ContactPoint, Membership, Person
from people.safeguard_models import VettingItem
from tests.casework_pages import coordinator, one
from tests.ids import drop_ids
from tests.town_pages import Pages, count


async def test_people_are_found_by_name_phone_and_mail_and_it_is_written_down(
    pages: Pages,
) -> None:
    staff, town = await coordinator(pages), pages.here
    resident = town.resident_ids[0]
    async with pages.database.read() as session:
        contacts = list(
            await session.scalars(select(ContactPoint).where(ContactPoint.person_id == resident))
        )
    mail = next(row.value for row in contacts if "@" in row.value)

    assert (await staff.press("/staff/people", who=" ")).status_code == 422
    by_name = await staff.press("/staff/people", who="RESIDENT 1")
    assert str(resident) in by_name.text
    by_mail = await staff.press("/staff/people", who=mail.upper())
    assert str(resident) in by_mail.text
    assert by_mail.text.count(mail) == 0, "masked"
    assert by_mail.text.count('href="/staff/people/') == 1 + by_mail.text.count("row-link") - 1
    for row in contacts:
        if "@" not in row.value:
            assert str(resident) in (await staff.press("/staff/people", who=row.value)).text
    other = await staff.press("/staff/people", who="elsewhere")
    assert "/staff/people/0" not in other.text
    found = Event.kind == "person.found", Event.subject_id == resident
    assert await count(pages, Event, *found, Event.actor_id == town.coordinator_id) >= 2
    by_role = await staff.press("/staff/people", role="manager")
    assert str(town.manager_id) in by_role.text


async def test_contacts_are_opened_once_and_the_person_sees_who_looked(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    resident = town.resident_ids[0]
    mail = (await one(pages, ContactPoint, ContactPoint.person_id == resident)).value
    path = f"/staff/people/{resident}"

    assert mail not in (await staff.get(path)).text
    shown = await staff.press(f"{path}/contacts", on=path)
    assert shown.status_code == 200
    assert mail in shown.text
    after = (await staff.get(path)).text
    assert mail not in after
    assert "saw phone and mail" in after
    assert "opened this file" in after
    assert "Way" not in drop_ids(after).replace("Snowville", ""), "no address on the file"


async def test_a_manager_gives_and_ends_roles_and_hands_out_or_forgets_everything(
    pages: Pages,
) -> None:
    boss, town = await pages.enter(pages.here.manager_id), pages.here
    person = town.volunteer_person_ids[0]
    path = f"/staff/people/{person}"

    def held(role: Role) -> tuple[Any, ...]:
        return (
            Membership.person_id == person,
            Membership.role == role,
            Membership.ended_at.is_(None),
        )

    given = await boss.press(f"{path}/roles", on=path, do="give", role="coordinator")
    assert given.status_code == 303
    assert await count(pages, Membership, *held(Role.COORDINATOR)) == 1
    await boss.press(f"{path}/roles", on=path, do="end", role="coordinator")
    assert await count(pages, Membership, *held(Role.COORDINATOR)) == 0
    own = f"/staff/people/{town.manager_id}"
    last = await boss.press(f"{own}/roles", on=own, do="end", role="manager")
    assert last.status_code == 422
    assert "last manager" in last.text
    copy = await boss.press(f"{path}/export", on=path)
    assert copy.headers["content-disposition"].startswith("attachment")
    assert copy.json()["person_id"] == str(person)
    unsure = await boss.press(f"{path}/erase", on=f"{path}/erase")
    assert unsure.status_code == 422
    assert (await one(pages, Person, Person.id == person)).erased_at is None
    done = await boss.press(f"{path}/erase", on=f"{path}/erase", sure="1")
    assert done.status_code == 303
    assert (await one(pages, Person, Person.id == person)).erased_at is not None
    assert (await boss.get(path)).status_code == 404


async def test_a_volunteer_pauses_is_checked_and_kept_apart(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    person, key = town.volunteer_person_ids[1], town.volunteer_ids[1]
    path = f"/staff/people/{person}"

    past = await staff.press(f"{path}/volunteering", on=path, do="pause", until="2020-01-01")
    assert past.status_code == 422
    paused = await staff.press(f"{path}/volunteering", on=path, do="pause", until="")
    assert paused.status_code == 303
    assert (await one(pages, Volunteer, Volunteer.id == key)).status is VolunteerStatus.PAUSED
    await staff.press(f"{path}/volunteering", on=path, do="resume")
    assert (await one(pages, Volunteer, Volunteer.id == key)).status is VolunteerStatus.ACTIVE
    assert (await staff.press(f"{path}/checks", on=path, code="x")).status_code == 422
    await staff.press(f"{path}/checks", on=path, code="waiver", result="passed")
    line = await one(
        pages, VettingItem, VettingItem.person_id == person, VettingItem.code == "waiver"
    )
    assert line.status in set(VettingStatus)
    assert line.recorded_by is not None
    resident = town.resident_ids[-1]
    pair = Ban.volunteer_id == key, Ban.resident_id == resident
    fresh = not await count(pages, Ban, *pair)
    found = await staff.press(f"{path}/apart", on=f"{path}/apart", who="resident")
    assert str(resident) in found.text
    both = await staff.press(f"{path}/apart", on=f"{path}/apart", other=str(person))
    assert both.status_code == 422
    for _ in range(2):
        await staff.press(f"{path}/apart", on=f"{path}/apart", other=str(resident))
    assert await count(pages, Ban, *pair) == 1
    if fresh:
        ban = await one(pages, Ban, *pair)
        await staff.press(f"{path}/apart", on=f"{path}/apart", lift=str(ban.id))
        assert await count(pages, Ban, *pair) == 0
    said = await staff.press(f"{path}/consent", on=path, purpose="campaigns", said="no")
    assert said.status_code == 303
    consent = Consent.person_id == person, Consent.purpose == Purpose.CAMPAIGNS
    assert await count(pages, Consent, *consent, Consent.granted.is_(False)) == 1
    assert "Still to do" in (await staff.get("/staff/volunteers")).text


async def test_staff_say_something_in_a_conversation_once(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    thread = town.thread_ids[0]
    path = f"/staff/messages/threads/{thread}"

    assert (await staff.press(path, on=path, text=" ", key="a")).status_code == 422
    for _ in range(2):
        said = await staff.press(path, on=path, text="We call you at noon.", key="b")
        assert said.status_code == 303
    mine = ThreadPost.thread_id == thread, ThreadPost.author_id == town.coordinator_id
    assert await count(pages, ThreadPost, *mine) == 1
    assert "We call you at noon." in (await staff.get(path)).text
    waiting = (await staff.get("/staff/messages/threads")).text
    assert str(thread) not in waiting, "we spoke last"
    failed = (await staff.get("/staff/messages")).text
    assert "Icetown" not in failed


async def test_a_failed_message_is_sent_again_unless_its_words_are_gone(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    key, kept = town.message_ids[0], MessageWords(subject="S", text="T", html="T", short="T")
    async with pages.database.begin() as session:
        message = await session.get_one(Message, key)
        message.status, message.reason = MessageStatus.FAILED, "smtp_554"
        message.channel = message.channel or Channel.EMAIL
        if await session.get(MessageWords, key) is None:
            kept.message_id = key
            session.add(kept)
    status = Message.id == key

    assert "Send it again" in (await staff.get("/staff/messages")).text
    for _ in range(2):
        again = await staff.press("/staff/messages", on="/staff/people", key=str(key))
        assert again.status_code == 303
    assert (await one(pages, Message, status)).status is MessageStatus.QUEUED
    assert await count(pages, Event, Event.kind == "message.sent_again") == 1
    async with pages.database.begin() as session:
        (await session.get_one(Message, key)).status = MessageStatus.FAILED
        await session.delete(await session.get_one(MessageWords, key))
    gone = await staff.press("/staff/messages", on="/staff/people", key=str(key))
    assert gone.status_code == 422
    assert "Please ring" in gone.text
    foreign = str(pages.there.message_ids[0])
    other = await staff.press("/staff/messages", key=foreign)
    assert other.status_code == 404
