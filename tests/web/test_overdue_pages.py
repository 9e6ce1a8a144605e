"""What is over is asked about on each first page, not said to be coming."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from sqlalchemy import select, update

from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from tests.town_pages import Pages


async def test_a_visit_whose_time_is_over_is_asked_about(pages: Pages) -> None:
    now = pages.clock.now()
    async with pages.database.begin() as session:
        query = (
            select(Assignment, HelpRequest.resident_id, Volunteer.person_id)
            .join(HelpRequest, HelpRequest.id == Assignment.request_id)
            .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
            .where(
                Assignment.community_id == pages.here.community_id,
                Assignment.status == AssignmentStatus.ACCEPTED,
                HelpRequest.status == RequestStatus.ACCEPTED,
            )
            .order_by(Assignment.id)
            .limit(1)
        )
        work, resident_id, person_id = (await session.execute(query)).one()
        held = Assignment.volunteer_id == work.volunteer_id
        held &= Assignment.status.in_((AssignmentStatus.ACCEPTED, AssignmentStatus.IN_PROGRESS))
        past = {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=2)}
        await session.execute(
            update(Assignment).where(held).values(status=AssignmentStatus.ACCEPTED, **past)
        )
        await session.execute(
            update(HelpRequest)
            .where(HelpRequest.resident_id == resident_id, HelpRequest.id != work.request_id)
            .values(status=RequestStatus.CANCELLED)
        )
    resident = await pages.as_person(resident_id)
    front = unescape((await pages.get("/", resident)).text)
    assert "Did your neighbor come?" in front
    assert "Tell us: was it done?" in front
    assert "See when they come" not in front
    assert re.search(r"Did [\w' ]+ come\?", unescape((await pages.get("/requests", resident)).text))

    volunteer = await pages.as_person(person_id)
    first = unescape((await pages.get("/volunteering", volunteer)).text)
    assert re.search(r"<h1>The time of .+ over\. Tell us", first)
    assert "You go to" not in first
