"""What a guardian allows somebody under 18, as staff write it down."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from uuid import UUID

from sqlalchemy import select

from core.events import Event
from matching.volunteering.models import TeamMember
from matching.volunteering.teams import FormTeam, NewMember, form_team
from people.auth import Actor
from people.models import PersonName
from people.safeguard_models import GuardianConsent
from tests.casework_pages import coordinator, one
from tests.town_pages import Pages, count, read_errors


async def form_family(pages: Pages) -> UUID:
    """A child and an adult come along with the first volunteer; the child."""
    async with pages.database.begin() as session:
        members = (NewMember("Kim Sample", under_18=True), NewMember("Lou Sample"))
        team = FormTeam(pages.here.volunteer_ids[0], "The Samples", 3, members)
        await form_team(session, Actor.system(), team, now=pages.clock.now())
        kim = await session.scalar(
            select(TeamMember.person_id)
            .join(PersonName, PersonName.person_id == TeamMember.person_id)
            .where(PersonName.full_name == "Kim Sample")
        )
        assert kim is not None
        return kim


async def test_staff_write_down_the_yes_of_a_guardian(pages: Pages) -> None:
    kim, parent = await form_family(pages), pages.here.volunteer_person_ids[0]
    staff, path = await coordinator(pages), f"/staff/people/{kim}"
    form = f"{path}/guardian"
    until = (pages.clock.now() + timedelta(days=30)).date()
    lead = unescape((await staff.get(f"/staff/people/{parent}")).text)
    assert "Under 18, a guardian's yes is missing" in lead
    assert path in lead
    assert "Nobody has said yes yet" in (await staff.get(path)).text

    near = (await staff.get(form)).text
    assert str(parent) in near, "who helps together with them stands there to be chosen"
    empty = await staff.press(form, who=" ")
    assert empty.status_code == 422
    looked = await staff.press(form, who="volunteer")
    assert 'name="guardian"' in looked.text
    chosen = await staff.press(form, guardian=str(parent))
    assert 'name="until"' in chosen.text
    given = {"do": "save", "guardian": str(parent), "kind": "", "until": until.isoformat()}
    for wrong, words in (
        ({"until": "2020-01-01"}, "Choose a day that is still to come"),
        ({"until": "soon"}, "Choose a day that is still to come"),
        ({"kind": "magic"}, "Choose what they may help with"),
        ({"guardian": str(kim)}, "Choose an adult, not the person themselves"),
    ):
        refused = await staff.press(form, **given | wrong)
        assert refused.status_code == 422, wrong
        assert read_errors(refused.text) == [words]
    assert await count(pages, GuardianConsent, GuardianConsent.minor_id == kim) == 0

    for _ in range(2):
        saved = await staff.press(form, **given)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{path}?said=guardian")
    assert await count(pages, GuardianConsent, GuardianConsent.minor_id == kim) == 1
    row = await one(pages, GuardianConsent, GuardianConsent.minor_id == kim)
    assert (row.guardian_id, row.recorded_by) == (parent, pages.here.coordinator_id)
    assert (row.kinds, row.alone, row.source) == ([], False, "phone")
    assert row.valid_until.date() == until + timedelta(days=1)
    noted = Event.kind == "guardian.consented", Event.subject_id == kim
    assert await count(pages, Event, *noted) == 1
    file = unescape((await staff.get(path)).text)
    assert "all kinds of help" in file
    assert f"{until:%B} {until.day}, {until.year}" in file
    assert "Nobody has said yes yet" not in file
    lead = unescape((await staff.get(f"/staff/people/{parent}")).text)
    assert "a guardian's yes is missing" not in lead

    for _ in range(2):
        ended = await staff.press(form, end=str(row.id))
        assert ended.headers["location"] == f"{path}?said=guardian_end"
    row = await one(pages, GuardianConsent, GuardianConsent.minor_id == kim)
    assert row.withdrawn_at == pages.clock.now()
    assert "Nobody has said yes yet" in (await staff.get(path)).text


async def test_who_may_write_it_down_and_for_whom(pages: Pages) -> None:
    kim, parent = await form_family(pages), pages.here.volunteer_person_ids[0]
    form = f"/staff/people/{kim}/guardian"
    foreign = await pages.enter(pages.there.coordinator_id)
    assert (await foreign.get(form)).status_code == 404
    own = await pages.enter(parent)
    assert (await own.get(form)).status_code in (403, 404)
    staff = await coordinator(pages)
    assert (await staff.get(f"/staff/people/{parent}/guardian")).status_code == 404
    other = str(pages.there.volunteer_person_ids[0])
    assert (await staff.press(form, guardian=other)).status_code == 404
    forged = await pages.client.post(form, data={"who": "x"}, headers=staff.headers)
    assert forged.status_code == 403
    assert await count(pages, GuardianConsent, GuardianConsent.minor_id == kim) == 0
