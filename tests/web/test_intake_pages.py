from __future__ import annotations

import re

from core.events import Event
from matching.intake.models import RequestAccess, RequestDetails
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from people.kinds import Purpose
from people.models import Consent, Person, PersonName
from tests.casework_pages import coordinator, one
from tests.town_pages import Pages, count, read_errors


def call_of(**more: str) -> dict[str, str]:
    """What staff type while somebody new is on the phone."""
    return {
        "do": "save",
        "key": "call-1",
        "person": "",
        "name": "Ottilie Newcomer",
        "phone": "617 555 0177",
        "address": "17 Garden St",
        "kind": "snow",
        "scope.snow.steps": "1",
        "when": "snow",
        "contact": "phone",
        "language": "es",
        "notes": "Ring twice",
        "agreed": "1",
    } | more


async def test_a_call_is_written_down_once_and_the_caller_is_told(pages: Pages) -> None:
    staff = await coordinator(pages)

    empty = await staff.get("/staff/intake")
    assert empty.text.index('value="find"') < empty.text.index('value="save"'), "Enter looks up"
    saved = await staff.press("/staff/intake", on="/staff/intake", **call_of())
    again = await staff.press("/staff/intake", on="/staff/intake", **call_of())

    assert saved.status_code == again.status_code == 303
    assert saved.headers["location"] == again.headers["location"]
    assert "Ottilie" not in saved.headers["location"]
    name = await one(pages, PersonName, PersonName.full_name == "Ottilie Newcomer")
    request = await one(pages, HelpRequest, HelpRequest.resident_id == name.person_id)
    assert request.scope == ["steps"]
    assert await count(pages, HelpRequest, HelpRequest.resident_id == name.person_id) == 1
    async with pages.database.read() as session:
        details = await session.get_one(RequestDetails, request.id)
        access = await session.get_one(RequestAccess, request.id)
    assert details.taken_by_id == pages.here.coordinator_id
    assert details.channel.value == "phone"
    assert (access.access_notes, access.contact_choice.value) == ("Ring twice", "phone")
    assert await count(
        pages,
        Consent,
        Consent.person_id == name.person_id,
        Consent.purpose == Purpose.MATCHING,
        Consent.source == "phone",
    )
    told = (await staff.get(saved.headers["location"])).text
    assert request.reference in told
    assert 'lang="es"' in told
    assert "17 Garden" not in told


async def test_what_is_missing_in_a_call_is_said_and_everything_is_kept(pages: Pages) -> None:
    staff = await coordinator(pages)
    before = await count(pages, Person)

    nothing = await staff.press("/staff/intake", on="/staff/intake", do="save", key="k")
    assert nothing.status_code == 422
    for field in ("name", "phone", "address", "kind", "when", "agreed"):
        assert f'href="#{field}"' in nothing.text, field
    assert "Error:" in nothing.text.partition("</title>")[0]
    cases = [
        ({"address": "99999 Nowhere Boulevard"}, "#address"),
        ({"address": "Garden St"}, "#address"),
        ({"phone": "12"}, "#kind"),
        ({"kind": "groceries"}, "#when"),
        ({"when": "day", "day": "2020-01-01", "from": "10:00", "until": "12:00"}, "#day"),
        ({"when": "day", "day": "2027-01-01", "from": "12:00", "until": "10:00"}, "#from"),
        ({"birth_year": "44"}, "#birth_year"),
        ({"agreed": ""}, "#agreed"),
        ({"person": str(pages.here.resident_ids[0])}, "#address"),
    ]
    for change, wrong in cases:
        answer = await staff.press("/staff/intake", on="/staff/intake", **call_of(**change))
        assert answer.status_code == 422, change
        assert f'href="{wrong}"' in answer.text, change
        assert "Ring twice" in answer.text, "kept"
    assert await count(pages, Person) == before


async def test_looking_up_shows_who_it_may_be_and_what_is_asked_for_already(pages: Pages) -> None:
    staff, town = await coordinator(pages), pages.here
    resident = town.resident_ids[0]
    live = await one(
        pages,
        HelpRequest,
        HelpRequest.resident_id == resident,
        HelpRequest.status == RequestStatus.OPEN,
    )
    looked = Event.kind == "person.found", Event.actor_id == town.coordinator_id

    many = await staff.press("/staff/intake", do="find", key="k", who="resident", notes="stay")
    assert many.status_code == 200
    assert many.text.count('name="person"') >= 4
    assert "stay" in many.text
    assert await count(pages, Event, *looked) == 8
    assert not re.search(r"Icetown", many.text)
    chosen = await staff.press(
        "/staff/intake", do="find", key="k", who="resident", person=str(resident)
    )
    assert "1 Snowville Way" in chosen.text, "the home, to be checked with the caller"
    assert live.reference in chosen.text
    assert await count(pages, Event, Event.kind == "address.released") >= 1
    several = await staff.press("/staff/intake", do="find", key="k", address="Garden St")
    assert several.status_code == 200
    nobody = await staff.press("/staff/intake", do="find", key="k", who="Zacharias Unknown")
    assert 'value="Zacharias Unknown"' in nobody.text.partition('id="name"')[2][:200]
    saved = await staff.press(
        "/staff/intake",
        on="/staff/intake",
        **call_of(person=str(resident), address="", key="call-2", kind=live.kind.value),
    )
    assert saved.status_code in (303, 422)
    if saved.status_code == 303:
        assert str(resident) not in saved.headers["location"]


async def test_all_that_is_wrong_with_a_day_is_said_at_once(pages: Pages) -> None:
    staff, here = await coordinator(pages), "/staff/intake"
    times = {"kind": "groceries", "when": "day", "from": "12:00", "until": "10:00"}
    over = await staff.press(here, on=here, **call_of(day="2020-01-02", **times))
    assert over.status_code == 422
    assert {"This time is over", "The end must be later"} <= {
        words[: len(start)]
        for words in read_errors(over.text)
        for start in ("This time is over", "The end must be later")
    }
    empty = await staff.press(here, on=here, **call_of(day="", **times | {"from": ""}))
    assert len(read_errors(empty.text)) == 2
