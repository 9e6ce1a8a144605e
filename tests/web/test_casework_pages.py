from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select, update

from core.events import Event
from matching.intake.kinds import StandingStatus
from matching.intake.models import StandingRequest
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer
from tests.casework_pages import coordinator, one, request_of
from tests.town_pages import Pages, count, read_errors


async def test_who_may_open_what(pages: Pages) -> None:
    town = pages.here
    request = await request_of(pages, RequestStatus.OPEN)
    person, volunteer = town.resident_ids[0], town.volunteer_person_ids[0]
    open_to_staff = [
        "/staff/intake",
        f"/staff/intake/taken/{request.id}",
        "/staff/requests",
        f"/staff/requests/{request.id}",
        f"/staff/requests/{request.id}/change",
        f"/staff/requests/{request.id}/cancel",
        f"/staff/requests/{request.id}/give",
        "/staff/review",
        "/staff/people",
        f"/staff/people/{person}",
        f"/staff/people/{volunteer}",
        f"/staff/people/{volunteer}/apart",
        "/staff/volunteers",
        "/staff/messages",
        "/staff/messages?state=all",
        "/staff/messages/threads?show=all",
        f"/staff/messages/threads/{town.thread_ids[0]}",
    ]
    of_managers = [f"/staff/people/{person}/erase"]
    about_one = [
        path for path in (*open_to_staff, *of_managers) if re.search(r"[0-9a-f]{8}-", path)
    ]
    staff, boss = await coordinator(pages), await pages.enter(town.manager_id)
    other, member = await pages.enter(pages.there.manager_id), await pages.enter(person)

    for path in open_to_staff:
        answer = await staff.get(path)
        assert answer.status_code == 200, path
        assert "no-store" in answer.headers["cache-control"], path
        assert answer.text.count("<h1") == 1, path
        assert (await boss.get(path)).status_code == 200, path
        assert (await member.get(path)).status_code == 403, path
        stranger = await pages.client.get(path, follow_redirects=False)
        assert (stranger.status_code, stranger.headers["location"][:8]) == (303, "/sign-in"), path
    for path in of_managers:
        assert [(await desk.get(path)).status_code for desk in (boss, staff, member)] == [
            200,
            404,
            403,
        ]
    for path in about_one:
        assert (await other.get(path)).status_code in (403, 404), path
    lists = [path for path in open_to_staff if path not in about_one]
    for path in lists:
        assert "Snowville" not in (await other.get(path)).text, path


async def test_buttons_are_for_staff_of_the_town_and_for_forms_of_ours(pages: Pages) -> None:
    town = pages.here
    request = await request_of(pages, RequestStatus.OPEN)
    person, volunteer = town.resident_ids[0], town.volunteer_person_ids[0]
    forms: list[tuple[str, dict[str, str]]] = [
        (f"/staff/requests/{request.id}", {"do": "cancel"}),
        (f"/staff/requests/{request.id}/cancel", {}),
        (f"/staff/requests/{request.id}/change", {"notes": "x"}),
        (f"/staff/requests/{request.id}/address", {"why": "address_check"}),
        (f"/staff/requests/{request.id}/give", {"volunteer": str(town.volunteer_ids[0])}),
        ("/staff/review", {"do": "approve", "key": str(request.id)}),
        (f"/staff/people/{person}/contacts", {}),
        (f"/staff/people/{person}/roles", {"do": "give", "role": "manager"}),
        (f"/staff/people/{person}/consent", {"purpose": "matching", "said": "no"}),
        (f"/staff/people/{person}/export", {}),
        (f"/staff/people/{person}/erase", {"sure": "1"}),
        (f"/staff/people/{volunteer}/volunteering", {"do": "leave"}),
        (f"/staff/people/{volunteer}/checks", {"code": "waiver", "result": "passed"}),
        (f"/staff/people/{volunteer}/apart", {"other": str(person)}),
        (f"/staff/messages/threads/{town.thread_ids[0]}", {"text": "Hello"}),
    ]
    other, member = await pages.enter(pages.there.manager_id), await pages.enter(person)
    staff = await coordinator(pages)
    before = await count(pages, Event)

    for path, fields in forms:
        assert (await other.press(path, on="/staff/people", **fields)).status_code in (403, 404), (
            path
        )
        assert (await member.press(path, on="/account", **fields)).status_code == 403, path
        forged = await pages.client.post(path, data=fields, headers=staff.headers)
        assert forged.status_code == 403, path
    for path, fields in (forms[7], forms[9], forms[10]):
        assert (await staff.press(path, on="/staff/people", **fields)).status_code in (403, 404), (
            "managers only"
        )

    assert await count(pages, Event) == before


async def test_the_list_is_narrowed_and_paged(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    open_one = await request_of(pages, RequestStatus.OPEN)

    def codes(text: str) -> list[str]:
        return re.findall(r'href="/staff/requests/[0-9a-f-]{36}">(\w+)<', text)

    everything = (await staff.get("/staff/requests?state=all")).text
    assert len(codes(everything)) == min(25, len(town.request_ids))
    assert codes((await staff.get("/staff/requests?state=open")).text).count(open_one.reference)
    assert codes((await staff.get(f"/staff/requests?code={open_one.reference.lower()}")).text) == [
        open_one.reference
    ]
    assert codes((await staff.get("/staff/requests?state=open&kind=ride")).text) == []
    urgent = codes((await staff.get("/staff/requests?state=all&urgent=1&by=deadline")).text)
    assert 0 < len(urgent) < len(town.request_ids)
    assert (await staff.get("/staff/requests?state=nonsense&kind=x&after=")).status_code == 200
    assert (await staff.get("/staff/requests?after=nonsense")).status_code == 422
    assert "Snowville Way" not in everything


async def test_the_file_of_a_request_and_what_is_done_with_it(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    row = await request_of(pages, RequestStatus.OFFERED)
    path = f"/staff/requests/{row.id}"

    file = (await staff.get(path)).text
    assert "Snowville Way" not in file
    assert "@snowville.example" not in file
    assert (await staff.press(f"{path}/address", on=path, why="")).status_code == 422
    shown = await staff.press(f"{path}/address", on=path, why="address_check")
    assert "Snowville Way" in shown.text
    assert "Snowville Way" not in (await staff.get(path)).text, "once"
    assert await count(
        pages,
        Event,
        Event.kind == "address.released",
        Event.reason == "address_check",
        Event.actor_id == town.coordinator_id,
    )
    changed = await staff.press(
        f"{path}/change", on=f"{path}/change", notes="Side door", contact="sms", **{"from": "x"}
    )
    assert changed.status_code == 422
    bad = await staff.press(path, on=path, do="confirm")
    assert bad.status_code == 422
    assert "cannot be done now" in bad.text
    assert (await staff.press(path, on=path, do="explode")).status_code == 404
    offer = await one(pages, Offer, Offer.request_id == row.id, Offer.status == OfferStatus.SENT)
    assert (await staff.press(path, on=path, do="said_no", key=str(offer.id))).status_code == 303
    assert (await one(pages, Offer, Offer.id == offer.id)).status is OfferStatus.DECLINED
    for _ in range(2):
        assert (await staff.press(f"{path}/cancel", on=f"{path}/cancel")).status_code == 303
    assert (await one(pages, HelpRequest, HelpRequest.id == row.id)).status is (
        RequestStatus.CANCELLED
    )
    assert (
        await count(pages, Event, Event.kind == "request.cancelled", Event.subject_id == row.id)
        == 1
    )


async def test_a_visit_that_nobody_came_to_is_open_again(pages: Pages) -> None:
    staff = await coordinator(pages)
    work = await one(
        pages,
        Assignment,
        Assignment.community_id == pages.here.community_id,
        Assignment.status == AssignmentStatus.ACCEPTED,
    )
    path = f"/staff/requests/{work.request_id}"

    assert "Did not come" in (await staff.get(path)).text
    pressed = await staff.press(path, on=path, do="no_show", key=str(work.id))

    assert pressed.status_code == 303
    released = await one(pages, Assignment, Assignment.id == work.id)
    assert released.status is AssignmentStatus.RELEASED
    foreign = await one(pages, Assignment, Assignment.community_id == pages.there.community_id)
    answer = await staff.press(path, on=path, do="no_show", key=str(foreign.id))
    assert answer.status_code == 404


async def test_what_waits_is_decided_on_one_after_the_other(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    async with pages.database.read() as session:
        waiting = list(
            await session.scalars(
                select(HelpRequest.id).where(
                    HelpRequest.community_id == town.community_id,
                    HelpRequest.status == RequestStatus.NEEDS_REVIEW,
                )
            )
        )

    page = (await staff.get("/staff/review")).text
    waiting = [key for key in waiting if str(key) in page]
    assert len(waiting) >= 2
    assert "Icetown" not in page
    fields = {"key": str(waiting[0]), "do": "approve"}
    assert (await staff.press("/staff/review", on="/staff/review", **fields)).status_code == 303
    twice = await staff.press("/staff/review", on="/staff/review", **fields)
    assert twice.status_code == 422
    assert "decided on it meanwhile" in twice.text
    no = {"key": str(waiting[1]), "do": "say_no"}
    assert (await staff.press("/staff/review", on="/staff/review", **no)).status_code == 422
    no |= {"reason": "duplicate"}
    assert (await staff.press("/staff/review", on="/staff/review", **no)).status_code == 303
    async with pages.database.read() as session:
        first, second = [await session.get_one(HelpRequest, key) for key in waiting[:2]]
    assert first.status is RequestStatus.OPEN
    assert second.status is RequestStatus.CANCELLED
    wish = town.standing_ids[-1]
    decided = await staff.press("/staff/review", on="/staff/review", key=str(wish), do="approve")
    assert decided.status_code == 303


async def test_who_may_not_go_is_not_said_to_come(pages: Pages) -> None:
    staff, request = await coordinator(pages), await request_of(pages, RequestStatus.OFFERED)
    offer = await one(
        pages, Offer, Offer.request_id == request.id, Offer.status == OfferStatus.SENT
    )
    async with pages.database.begin() as session:
        (await session.get_one(Offer, offer.id)).status = OfferStatus.DECLINED
    path = f"/staff/requests/{request.id}/give"

    answer = await staff.press(path, volunteer=str(offer.volunteer_id))
    assert answer.status_code == 422
    assert "said no to this home before" in read_errors(answer.text)[0]
    assert not await count(pages, Assignment, Assignment.request_id == request.id)


async def test_only_who_was_told_was_asked(pages: Pages) -> None:
    staff = await coordinator(pages)
    row = await request_of(pages, RequestStatus.OFFERED)
    path = f"/staff/requests/{row.id}"
    asked = "We asked 1 neighbor"
    assert asked in (await staff.get(path)).text

    async def stand(status: OfferStatus) -> str:
        async with pages.database.begin() as session:
            await session.execute(
                update(Offer)
                .where(Offer.request_id == row.id)
                .values(status=status, sent_at=None, ask_id=None)
            )
        return str((await staff.get(path)).text)

    planned = await stand(OfferStatus.PROPOSED)
    assert asked not in planned
    assert "Nobody was asked yet" in planned
    assert "The plan has 1 neighbor who was not told of it yet." in planned
    assert "Not sent yet" in planned
    dropped = await stand(OfferStatus.WITHDRAWN)
    assert "Nobody was asked yet" in dropped
    assert "Taken back" not in dropped


async def test_whoever_came_without_a_word_has_done_it(pages: Pages) -> None:
    staff, desk = await coordinator(pages), "/staff/review"
    work = await one(
        pages,
        Assignment,
        Assignment.community_id == pages.here.community_id,
        Assignment.status == AssignmentStatus.ACCEPTED,
    )
    async with pages.database.begin() as session:
        row = await session.get_one(Assignment, work.id)
        row.starts_at, row.ends_at = (
            pages.clock.now() - timedelta(hours=hours) for hours in (40, 39)
        )
    assert 'value="came"' in (await staff.get(desk)).text
    for _ in range(2):
        came = await staff.press(
            f"/staff/requests/{work.request_id}", on=desk, do="came", key=str(work.id)
        )
        assert came.headers["location"].endswith("?said=came")
    assert (await one(pages, Assignment, Assignment.id == work.id)).status is AssignmentStatus.DONE
    theirs = await one(pages, Assignment, Assignment.community_id == pages.there.community_id)
    wrong = await staff.press(
        f"/staff/requests/{work.request_id}", on=desk, do="came", key=str(theirs.id)
    )
    assert wrong.status_code == 404


async def test_the_next_one_is_promised_only_when_there_is_one(pages: Pages) -> None:
    staff, decided = await coordinator(pages), "/staff/review?said=approve"
    assert "The next one is here." in (await staff.get(decided)).text
    async with pages.database.begin() as session:
        requests = update(HelpRequest).where(HelpRequest.status == RequestStatus.NEEDS_REVIEW)
        wishes = update(StandingRequest).where(
            StandingRequest.status == StandingStatus.NEEDS_REVIEW
        )
        await session.execute(requests.values(status=RequestStatus.CANCELLED))
        await session.execute(wishes.values(status=StandingStatus.ENDED))
    last = (await staff.get(decided)).text
    assert "It goes on." in last
    assert "The next one is here." not in last
