"""Recruitment campaigns: forecasts from a stored round, and for whom a sign-up counts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from campaigns.recruiting import personal, repository
from campaigns.recruiting.errors import (
    ForecastRunning,
    NoRoundToRecruitFor,
    NotRecruiting,
    SourceTaken,
)
from campaigns.recruiting.forecasts import RequestForecast, request_forecast, run_forecast
from campaigns.recruiting.kinds import AttributionRule, ForecastStatus
from campaigns.recruiting.sign_ups import (
    AddSource,
    add_source,
    attribute_sign_ups,
    read_funnel,
)
from core.clock import FixedClock
from core.db import Database
from core.events import record_event
from matching.rounds.planning import PlanRound, RoundTools, plan_round
from people.auth import Actor
from people.models import Community
from tests.factories.campaigns import add_campaign
from tests.factories.matching import add_request, add_volunteer
from tests.factories.people import add_community

SYSTEM = Actor.system()


@pytest.fixture
async def community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


async def make_campaign(
    database: Database, community: Community, clock: FixedClock, slug: str, **values: object
) -> Campaign:
    given = {
        "kind": CampaignKind.RECRUITMENT,
        "starts_at": clock.now() - timedelta(days=10),
        "ends_at": clock.now() + timedelta(days=20),
    } | values
    async with database.begin() as session:
        return await add_campaign(session, community, slug=slug, **given)  # type: ignore[arg-type]  # by name


async def sign_up(
    database: Database, community: Community, clock: FixedClock, code: str | None = None
) -> UUID:
    """Somebody from Riverside."""
    async with database.begin() as session:
        volunteer = await add_volunteer(session, community)
        facts = {} if code is None else {"code": code}
        record_event(
            session,
            "volunteer.signed_up",
            subject_type="volunteer",
            subject_id=volunteer.id,
            happened_at=clock.now() - timedelta(days=1),
            community_id=community.id,
            **facts,  # type: ignore[arg-type]  # facts of the event
        )
        return volunteer.id


async def test_a_forecast_is_made_from_the_stored_round(
    database: Database, community: Community, clock: FixedClock
) -> None:
    campaign = await make_campaign(database, community, clock, "shovels")
    wanted = RequestForecast(campaign_id=campaign.id, most_volunteers=2)
    with pytest.raises(NoRoundToRecruitFor):
        async with database.begin() as session:
            await request_forecast(session, SYSTEM, wanted, now=clock.now())
    async with database.begin() as session:
        for _ in range(3):
            await add_request(session, community)
        await add_volunteer(session, community, max_tasks=1)
    await plan_round(database, SYSTEM, PlanRound("cambridge"), tools=RoundTools(clock=clock))
    async with database.begin() as session:
        row = await request_forecast(session, SYSTEM, wanted, now=clock.now())
    with pytest.raises(ForecastRunning):
        async with database.begin() as session:
            await request_forecast(session, SYSTEM, wanted, now=clock.now())
    for _ in range(2):
        await run_forecast(database, row.id, clock=clock)
    async with database.read() as session:
        found = await repository.find_forecast(session, row.id)
    assert found is not None
    assert found.status is ForecastStatus.DONE
    assert (found.served_count, found.unserved_count) == (1, 2)
    assert [target.promised_count for target in found.targets] in ([1], [2])
    assert found.promised_count <= sum(target.promised_count for target in found.targets)
    assert found.targets[0].newcomers["people"][0]["near_request"]


async def test_a_sign_up_counts_for_one_campaign(
    database: Database, community: Community, clock: FixedClock
) -> None:
    here = await make_campaign(database, community, clock, "here", areas=["Riverside"])
    city = await make_campaign(database, community, clock, "city", cost_cents=90_00)
    async with database.begin() as session:
        for code in ("flyer", "bus"):
            source = AddSource(campaign_id=city.id, code=code, label="A flyer")
            await add_source(session, SYSTEM, source, now=clock.now())
    taken = AddSource(campaign_id=here.id, code="flyer", label="Mine")
    with pytest.raises(SourceTaken):
        async with database.begin() as session:
            await add_source(session, SYSTEM, taken, now=clock.now())
    await sign_up(database, community, clock, "flyer")
    await sign_up(database, community, clock)
    await sign_up(database, community, clock, "unknown-code")
    for expected in (3, 0):
        async with database.begin() as session:
            assert await attribute_sign_ups(session, community.id, now=clock.now()) == expected
    async with database.read() as session:
        by_area = await repository.list_sign_ups(session, here.id)
        by_code = await repository.list_sign_ups(session, city.id)
        funnel = await read_funnel(session, SYSTEM, city.id)
    assert [row.rule for row in by_area] == [AttributionRule.AREA_WINDOW] * 2
    assert [row.rule for row in by_code] == [AttributionRule.SOURCE_CODE]
    assert [step.count for step in funnel.steps] == [1, 1, 0]
    assert {source.code: count for source, count in funnel.by_source} == {"bus": 0, "flyer": 1}
    assert (funnel.cost_cents, funnel.cost_per_first_task_cents) == (90_00, None)


async def test_whoever_is_forgotten_stays_as_a_number(
    database: Database, community: Community, clock: FixedClock
) -> None:
    campaign = await make_campaign(database, community, clock, "shovels")
    await sign_up(database, community, clock)
    async with database.begin() as session:
        await attribute_sign_ups(session, community.id, now=clock.now())
        (row,) = await repository.list_sign_ups(session, campaign.id)
        assert row.person_id is not None
        person_id = row.person_id
        assert await personal.export_person(session, person_id)
        await personal.forget_person(session, person_id, clock.now())
    async with database.read() as session:
        (kept,) = await repository.list_sign_ups(session, campaign.id)
        funnel = await read_funnel(session, SYSTEM, campaign.id)
    assert (kept.person_id, kept.volunteer_id) == (None, None)
    assert funnel.steps[0].count == 1


async def test_other_campaigns_do_not_recruit(
    database: Database, community: Community, clock: FixedClock
) -> None:
    campaign = await make_campaign(database, community, clock, "bikes", kind=CampaignKind.BIKING)
    with pytest.raises(NotRecruiting):
        async with database.begin() as session:
            await request_forecast(
                session, SYSTEM, RequestForecast(campaign_id=campaign.id), now=clock.now()
            )
