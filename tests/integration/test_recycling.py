"""Routes of a community: what comes in counts once, draws hold, and effects are told honestly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.measuring.effects import Verdict
from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.recycling import personal, repository
from campaigns.recycling.draws import DrawRoutes, discard_draw, draw_routes, note_power
from campaigns.recycling.errors import (
    AlreadyDrawn,
    AuditUnknown,
    CampaignBegun,
    InvalidDraw,
    InvalidMeasurement,
    RouteUnknown,
)
from campaigns.recycling.importing import Imported, import_file
from campaigns.recycling.kinds import Arm, CartState, ContaminantKind, Measure
from campaigns.recycling.measurements import Cart, Walk
from campaigns.recycling.models import RouteDraw
from campaigns.recycling.recording import RecordAudit, record_audit, remove_audit
from campaigns.recycling.results import list_unit_figures, measure_campaign
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from people.auth import Actor
from people.kinds import Role
from people.models import Community
from tests.factories.campaigns import add_campaign
from tests.factories.people import actor_as, add_community, add_person

START = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
"""A Monday, midnight in Cambridge."""
BEFORE, AFTER = START - timedelta(days=2), START + timedelta(days=60)
ROUTES = 12
AREAS = {"The Port": 1369, "Riverside": 900}


@pytest.fixture
async def community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


@pytest.fixture
async def campaign(database: Database, community: Community) -> Campaign:
    async with database.begin() as session:
        return await add_campaign(
            session,
            community,
            kind=CampaignKind.RECYCLING,
            status=CampaignStatus.SCHEDULED,
            starts_at=START,
            ends_at=START + timedelta(days=56),
        )


async def send(
    database: Database, community: Community, text: str, now: datetime = AFTER
) -> Imported:
    async with database.begin() as session:
        return await import_file(
            session,
            Actor.system(),
            community,
            text.encode(),
            name="f.csv",
            area_addresses=AREAS,
            now=now,
        )


def routes_file() -> str:
    lines = [f"R{at:02},The Port,{200 + at}" for at in range(ROUTES)]
    return "\n".join(["route,areas,households", *lines, ""])


def week(at: int) -> date:
    return START.date() + timedelta(days=7 * at)


def set_outs_file(weeks: range, counts: dict[str, int], wobble: int = 3) -> str:
    """So many carts of each route, a little different every week."""
    lines = ["route,week,set_outs"]
    for at in weeks:
        for number, (code, count) in enumerate(counts.items()):
            lines.append(f"{code},{week(at)},{count + (number * 5 + at * 7) % wobble}")
    return "\n".join([*lines, ""])


USUAL = {f"R{at:02}": 100 + 2 * at for at in range(ROUTES)}


async def test_what_comes_twice_counts_once(database: Database, community: Community) -> None:
    first = await send(database, community, routes_file())
    again = await send(database, community, routes_file())
    assert (first.told.new_count, again.told.new_count, again.told.same_count) == (12, 0, 12)
    text = set_outs_file(range(-2, 0), USUAL)
    assert (await send(database, community, text)).told.new_count == 24
    told = (await send(database, community, text)).told
    assert (told.new_count, told.changed_count, told.same_count) == (0, 0, 24)
    mended = f"route,week,set_outs\nR00,{week(-1)},111\nR99,{week(-1)},5\nR01,{week(-1)},-4\n"
    told = (await send(database, community, mended)).told
    assert (told.changed_count, told.new_count) == (1, 0)
    assert [(one.line, one.message.split(".")[0]) for one in told.refused] == [
        (3, "There is no route 'R99'"),
        (4, "-4 carts cannot be set out"),
    ]
    async with database.read() as session:
        events = await list_events(session, "community", community.id)
    assert [event.kind for event in events] == [
        "recycling.routes_set",
        "recycling.recorded",
        "recycling.recorded",
    ]


async def test_a_line_twice_in_one_file_is_refused(
    database: Database, community: Community
) -> None:
    await send(database, community, routes_file())
    text = "route,day,stream,weight_kg\nR00,2026-05-05,trash,500\nR00,2026-05-05,trash,400\n"
    told = (await send(database, community, text)).told
    assert told.new_count == 1
    assert "add up loads" in told.refused[0].message


async def test_households_come_from_addresses_where_nobody_told(
    database: Database, community: Community
) -> None:
    done = await send(database, community, "route,areas\nA,The Port|Riverside\nB,Nowhere\nC,\n")
    assert [one.line for one in done.told.refused] == [3, 4]
    async with database.read() as session:
        known = await repository.load_codes(session, community.id)
    assert (known["A"].household_count, known["A"].households_counted) == (2269, True)


async def test_only_staff_send_files(database: Database, community: Community) -> None:
    with pytest.raises(NotPermitted):
        async with database.begin() as session:
            await import_file(
                session,
                actor_as(Role.VOLUNTEER, community.id),
                community,
                b"route,areas\nA,The Port\n",
                name="f.csv",
                area_addresses=AREAS,
                now=AFTER,
            )


async def draw(
    database: Database, campaign: Campaign, now: datetime = BEFORE, seed: int = 3
) -> RouteDraw:
    command = DrawRoutes(campaign_id=campaign.id, measure=Measure.SET_OUT_RATE, seed=seed)
    async with database.begin() as session:
        return await draw_routes(session, Actor.system(), command, now=now)


async def test_a_draw_is_made_once_and_before_the_start(
    database: Database, community: Community, campaign: Campaign
) -> None:
    with pytest.raises(InvalidDraw, match="At least 6 routes"):
        await draw(database, campaign)
    await send(database, community, routes_file())
    await send(database, community, set_outs_file(range(-8, 0), USUAL))
    with pytest.raises(CampaignBegun):
        await draw(database, campaign, now=START)
    row = await draw(database, campaign)
    assert (row.treated_count, row.control_count, row.seed) == (6, 6, 3)
    assert 0 < (row.detectable or 0) < 0.1
    with pytest.raises(AlreadyDrawn):
        await draw(database, campaign, seed=4)
    async with database.begin() as session:
        first = {
            route.code: side.arm
            for side, route in await repository.list_drawn_routes(session, campaign.id)
        }
        await discard_draw(session, Actor.system(), campaign.id, now=BEFORE)
    await draw(database, campaign)
    async with database.read() as session:
        again = {
            route.code: side.arm
            for side, route in await repository.list_drawn_routes(session, campaign.id)
        }
        events = await list_events(session, "campaign", campaign.id)
        note = await note_power(
            session,
            Actor.system(),
            DrawRoutes(campaign_id=campaign.id, measure=Measure.SET_OUT_RATE),
            now=BEFORE,
        )
    assert again == first
    assert [event.kind for event in events] == [
        "route_draw.made",
        "route_draw.discarded",
        "route_draw.made",
    ]
    assert note.sentence.startswith("With 12 routes you can show a change of ")
    with pytest.raises(CampaignBegun):
        async with database.begin() as session:
            await discard_draw(session, Actor.system(), campaign.id, now=AFTER)


async def test_an_effect_is_shown_and_late_figures_count(
    database: Database, community: Community, campaign: Campaign
) -> None:
    await send(database, community, routes_file())
    await send(database, community, set_outs_file(range(-8, 0), USUAL))
    await draw(database, campaign)
    async with database.read() as session:
        drawn = await repository.list_drawn_routes(session, campaign.id)
    more = {
        route.code: USUAL[route.code] + (20 if side.arm is Arm.TREATED else 0)
        for side, route in drawn
    }
    late = sorted(more)[-1]
    await send(database, community, set_outs_file(range(8), USUAL | {late: USUAL[late]}))
    async with database.read() as session:
        none = await measure_campaign(session, Actor.system(), campaign.id, now=AFTER)
    assert none.effect is not None
    assert none.effect.verdict is Verdict.NO_EFFECT_SHOWN
    assert none.favourable is None
    await send(database, community, set_outs_file(range(8), more))
    async with database.read() as session:
        found = await measure_campaign(session, Actor.system(), campaign.id, now=AFTER)
        figures = await list_unit_figures(session, campaign.id, now=AFTER)
    assert found.effect is not None
    assert found.effect.verdict is Verdict.HIGHER
    assert found.favourable is True
    assert found.is_main
    assert found.effect.estimate == pytest.approx(20 / 206, abs=0.01)
    assert figures is not None
    assert len(figures.treated) == len(figures.controls) == 6
    async with database.read() as session:
        other = await measure_campaign(
            session, Actor.system(), campaign.id, now=AFTER, measure=Measure.CAPTURE_RATE
        )
        early = await measure_campaign(session, Actor.system(), campaign.id, now=START)
    assert (other.effect, other.is_main) == (None, False)
    assert early.reason == "no_week_over"


def walk(*states: CartState, key: str = "w", day: date | None = None) -> Walk:
    carts = tuple(
        Cart(at, state, (ContaminantKind.BAGS,) if state is CartState.CONTAMINATED else ())
        for at, state in enumerate(states, start=1)
    )
    return Walk(week=day or week(0), key=key, carts=carts)


async def test_a_walk_is_one_walk_and_may_be_taken_back(
    database: Database, community: Community
) -> None:
    await send(database, community, routes_file())
    async with database.begin() as session:
        person = await add_person(session, community, role=Role.VOLUNTEER)
        route = (await repository.load_codes(session, community.id))["R00"]
    actor = actor_as(Role.VOLUNTEER, community.id, person.id)
    other = actor_as(Role.VOLUNTEER, community.id)
    seen = RecordAudit(route_id=route.id, walk=walk(CartState.CLEAN, CartState.CONTAMINATED))
    ids = set()
    for _ in range(2):
        async with database.begin() as session:
            ids.add((await record_audit(session, actor, seen, now=AFTER)).id)
    mended = RecordAudit(route_id=route.id, walk=walk(CartState.CLEAN, CartState.NOT_OUT))
    async with database.begin() as session:
        ids.add((await record_audit(session, actor, mended, now=AFTER)).id)
    assert len(ids) == 1
    async with database.read() as session:
        sums = await repository.load_sums(session, [route], week(0), week(0))
    one = sums[route.id, week(0)]
    assert (one.clean_count, one.contaminated_count, one.not_out_count) == (1, 0, 1)
    with pytest.raises(InvalidMeasurement, match="another one"):
        async with database.begin() as session:
            await record_audit(session, other, seen, now=AFTER)
    resident = actor_as(Role.RESIDENT, community.id)
    with pytest.raises(RouteUnknown):
        async with database.begin() as session:
            await record_audit(session, resident, seen, now=AFTER)
    with pytest.raises(AuditUnknown):
        async with database.begin() as session:
            await remove_audit(session, other, ids.pop(), now=AFTER)


async def test_who_walked_is_forgotten_and_the_walk_stays(
    database: Database, community: Community
) -> None:
    await send(database, community, routes_file())
    async with database.begin() as session:
        person = await add_person(session, community, role=Role.VOLUNTEER)
        route = (await repository.load_codes(session, community.id))["R00"]
        actor = actor_as(Role.VOLUNTEER, community.id, person.id)
        command = RecordAudit(route_id=route.id, walk=walk(CartState.CLEAN))
        row = await record_audit(session, actor, command, now=AFTER)
        told = await personal.export_person(session, person.id)
        assert told["cart_audit"][0]["cart_count"] == 1
        await personal.forget_person(session, person.id, AFTER)
        assert await personal.export_person(session, person.id) == {}
    async with database.read() as session:
        kept = await repository.find_audit(session, row.id)
    assert kept is not None
    assert kept.auditor_id is None
    assert len(kept.carts) == 1
