"""The page of recruitment: whom campaigns look for, worked out once a worker has time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from campaigns.programmes.kinds import CampaignKind
from campaigns.recruiting.kinds import ForecastStatus
from campaigns.recruiting.models import RecruitingForecast, RecruitingTarget
from campaigns.recruiting.repository import MAX_FORECASTS, MAX_SHOWN
from matching.rounds.models import Round
from people.models import Community
from tests.factories.campaigns import add_campaign
from tests.town_pages import OURS, Pages, read_token

PAGE = "/staff/recruitment"


async def add_recruiting(pages: Pages, slug: str = "come-and-help") -> UUID:
    async with pages.database.begin() as session:
        town = await session.get_one(Community, pages.here.community_id)
        now = pages.clock.now()
        campaign = await add_campaign(
            session,
            town,
            slug=slug,
            kind=CampaignKind.RECRUITMENT,
            starts_at=now - timedelta(days=3),
            ends_at=now + timedelta(days=20),
        )
        return campaign.id


async def add_forecast(pages: Pages, campaign_id: UUID, *, days: int, many: int = 1) -> None:
    """One that is done, of the oldest round of the town; or many alike."""
    now = pages.clock.now()
    async with pages.database.begin() as session:
        round_id = await session.scalar(
            select(Round.id).where(Round.community_id == pages.here.community_id).limit(1)
        )
        assert round_id is not None
        session.add_all(
            RecruitingForecast(
                campaign_id=campaign_id,
                round_id=round_id,
                status=ForecastStatus.DONE,
                seed=0,
                most_volunteers_count=12,
                volunteer_count=3,
                promised_count=7,
                valid_until_at=now + timedelta(days=days),
                created_at=now + timedelta(seconds=days, milliseconds=number),
                targets=[
                    RecruitingTarget(
                        rank=1,
                        area="Riverside",
                        abilities=["shovel"],
                        languages=[],
                        mode="walk",
                        volunteer_count=3,
                        promised_count=7,
                        newcomers={"people": []},
                    )
                ],
            )
            for number in range(many)
        )


async def press(
    pages: Pages, path: str, who: dict[str, str], *, page: str = PAGE, status: int = 303
) -> str:
    token = read_token((await pages.get(page, who)).text)
    answer = await pages.client.post(
        path, data={"csrf": token}, headers=who | OURS, follow_redirects=False
    )
    assert answer.status_code == status
    return str(answer.headers.get("location", ""))


async def test_forecasts_of_campaigns_in_words(pages: Pages) -> None:
    campaign_id = await add_recruiting(pages)
    manager = await pages.as_person(pages.here.manager_id)
    coordinator = await pages.as_person(pages.here.coordinator_id)
    page = (await pages.get(PAGE, manager)).text
    assert "Nobody asked yet whom it should look for." in page
    assert f"{PAGE}/{campaign_id}/forecast" in page
    await add_forecast(pages, campaign_id, days=-1)
    assert "It held until" in (await pages.get(PAGE, coordinator)).text
    await add_forecast(pages, campaign_id, days=9)
    page = (await pages.get(PAGE, coordinator)).text
    assert "Together, these 3 volunteers would serve 7 more residents." in page
    assert "3 volunteers with a shovel in Riverside would serve 7 more residents." in page
    assert "It holds until" in page
    assert "/forecast" not in page
    spanish = (await pages.get(f"{PAGE}?lang=es", coordinator)).text
    assert "A quién buscan las campañas" in spanish
    assert "would serve" not in spanish
    other = await pages.as_person(pages.there.manager_id)
    assert str(campaign_id) not in (await pages.get(f"{PAGE}?lang=en", other)).text


async def test_many_forecasts_of_one_campaign_hide_none_of_another(pages: Pages) -> None:
    """Whoever has it worked out each day sees the newest one, and so do all others theirs."""
    quiet = await add_recruiting(pages, "quiet")
    busy = await add_recruiting(pages, "busy")
    await add_forecast(pages, quiet, days=9)
    await add_forecast(pages, busy, days=20, many=MAX_SHOWN * MAX_FORECASTS)
    manager = await pages.as_person(pages.here.manager_id)
    page = (await pages.get(PAGE, manager)).text
    assert "Nobody asked yet whom it should look for." not in page


async def test_who_has_a_forecast_worked_out_and_only_once(pages: Pages) -> None:
    campaign_id = await add_recruiting(pages)
    path = f"{PAGE}/{campaign_id}/forecast"
    member = await pages.as_person(pages.here.resident_ids[0])
    for who in ({}, member):
        answer = await pages.client.post(path, data={}, headers=who, follow_redirects=False)
        assert answer.status_code in (401, 403)
    coordinator = await pages.as_person(pages.here.coordinator_id)
    await press(pages, path, coordinator, page="/account", status=403)
    foreign = await pages.as_person(pages.there.manager_id)
    await press(pages, path, foreign, page="/account", status=403)
    manager = await pages.as_person(pages.here.manager_id)
    said = [await press(pages, path, manager) for _ in range(2)]
    async with pages.database.read() as session:
        made = await session.scalar(
            select(func.count()).where(RecruitingForecast.campaign_id == campaign_id)
        )
    if "no_round" in said[0]:
        assert (said[1], made) == (said[0], 0)
    else:
        assert ("said=forecast" in said[0], "forecast_runs" in said[1], made) == (True, True, 1)
        assert "It is being worked out: 0 of 100 done." in (await pages.get(PAGE, manager)).text
