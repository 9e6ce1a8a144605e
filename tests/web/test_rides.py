"""Uploading a track by the form: signed in, from our own page, and measured at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from campaigns.biking.models import Ride
from core.clock import FixedClock
from core.db import Database
from people.models import Community, Person
from tests.entering import OURS, Town, open_town
from tests.factories.campaigns import MAY, add_campaign, add_member
from tests.gpx import ride_east, write_gpx

FILE = write_gpx([ride_east(400)])


@pytest.fixture
async def town(database_url: str, database: Database) -> AsyncIterator[Town]:
    clock = FixedClock(MAY + timedelta(days=10))
    async with open_town(database_url, database, clock) as opened:
        yield opened


async def join(town: Town) -> UUID:
    """Somebody who signed in and takes part."""
    person_id, community_id = await town.add()
    async with town.database.begin() as session:
        campaign = await add_campaign(session, await session.get_one(Community, community_id))
        await add_member(session, campaign, await session.get_one(Person, person_id))
    await town.sign_in()
    return campaign.id


async def upload(
    town: Town, campaign_id: UUID, data: bytes, *, csrf: str | None = None
) -> httpx.Response:
    path = f"/campaigns/{campaign_id}/rides"
    page = await town.client.get(path)
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": token if csrf is None else csrf, "purpose": "leisure"}
    return await town.client.post(
        path,
        data=fields,
        files={"file": ("ride.gpx", data, "application/gpx+xml")},
        headers=OURS,
        follow_redirects=False,
    )


async def count_rides(town: Town) -> int:
    async with town.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Ride)) or 0)


async def test_a_track_is_taken_in_once(town: Town) -> None:
    campaign_id = await join(town)
    first = await upload(town, campaign_id, FILE)
    again = await upload(town, campaign_id, FILE)
    assert (first.status_code, again.status_code) == (303, 303), first.text
    assert first.headers["location"].endswith("?said=new")
    assert again.headers["location"].endswith("?said=known")
    page = await town.client.get(first.headers["location"])
    assert "Your ride is taken in" in page.text
    assert await count_rides(town) == 1


async def test_what_cannot_be_a_ride_is_one_page_with_a_sentence(town: Town) -> None:
    campaign_id = await join(town)
    padding = b" " * 10_000_000
    for data, status, words in (
        (b"<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>&a;</gpx>", 422, "document type"),
        (write_gpx([ride_east(9)], creator="Zwift"), 422, "indoor"),
        (FILE[:-6] + padding + FILE[-6:], 413, "10 MB"),
    ):
        answer = await upload(town, campaign_id, data)
        assert answer.status_code == status, answer.text
        assert words in answer.text
    assert await count_rides(town) == 0


async def test_a_body_beyond_all_limits_is_not_read_to_its_end(town: Town) -> None:
    campaign_id = await join(town)
    answer = await upload(town, campaign_id, b"<gpx>" + b" " * 11_000_000)
    assert answer.status_code == 413
    assert await count_rides(town) == 0


async def test_strangers_and_forms_of_other_sites_are_refused(town: Town) -> None:
    campaign_id = await join(town)
    forged = await upload(town, campaign_id, FILE, csrf="forged")
    assert forged.status_code == 403
    foreign = await town.client.post(
        f"/campaigns/{campaign_id}/rides",
        data={"csrf": "x"},
        files={"file": ("ride.gpx", FILE, "application/gpx+xml")},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert foreign.status_code == 403
    town.client.cookies.clear()
    nobody = await upload(town, campaign_id, FILE, csrf="x")
    assert nobody.status_code == 401
    assert await count_rides(town) == 0
