from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.events import list_events
from core.ids import new_id
from matching.kinds import OfferStatus
from matching.models import Offer
from matching.rounds import documents
from matching.rounds.models import UnservedReason
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.statements import counted_statements

READS = (
    "staff/show_round",
    "staff/round_visits",
    "staff/unserved_requests",
    "staff/area_prices",
    "staff/round_changes",
)
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
TRIED = {
    "crew_size": 1,
    "funnel": {"volunteers": 10, "near": 2, "near_m": 900, "too_far": 9, "able": 1, "busy": 1},
    "missing_skills": ["shovel"],
    "tried": {
        "trials": 2,
        "replanned": 4,
        "served_again": False,
        "smallest": {
            "change": {
                "kind": "longer_reach",
                "volunteer": "V-0000DEMO",
                "extra_travel_s": 0,
                "extra_travel_m": 140,
                "extra_route_m": 0,
            },
            "value_gain_m": 18_890,
            "weight_gain": 1.0,
            "gained": ["AAAAAA", "BBBBBB"],
            "displaced": ["CCCCCC"],
        },
        "lock": None,
    },
}


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def manager_of(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def of_town(town: Town) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id)}


def newest(town: Town) -> dict[str, Any]:
    return {"roundId": global_id("Round", town.round_id)}


async def test_rounds_come_latest_first_and_page_by_page(asker: Asker, town: Town) -> None:
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = (
            await asker.ask(
                "staff/list_rounds", manager_of(town), first=4, after=after, **of_town(town)
            )
        ).only
        assert page["totalCount"] == 10
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [global_id("Round", key) for key in reversed(town.round_ids)]
    first = page["nodes"][0]
    assert first["sentence"] == (
        "No other plan can be more than 0.38 % better: this one is worth 182 km, the proven limit "
        "is 183 km."
    )
    assert first["storm"]["id"] == global_id("Storm", town.storm_id)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"statuses": ["FINISHED"]}, 10),
        ({"statuses": ["RUNNING", "FAILED"]}, 0),
        ({"startedFrom": "2026-01-15T18:30:00Z"}, 3),
        ({"startedBefore": "2026-01-15T18:30:00Z"}, 7),
    ],
)
async def test_rounds_are_filtered(
    asker: Asker, town: Town, wanted: dict[str, Any], count: int
) -> None:
    sort = {"by": "HORIZON", "direction": "ASCENDING"}
    page = (
        await asker.ask(
            "staff/list_rounds", manager_of(town), filter=wanted, sort=sort, **of_town(town)
        )
    ).only
    assert page["totalCount"] == len(page["nodes"]) == count
    starts = [node["horizonStartAt"] for node in page["nodes"]]
    assert starts == sorted(starts)


async def test_storm_of_another_kind_of_id_is_missing(asker: Asker, town: Town) -> None:
    wanted = {"stormId": global_id("Round", town.storm_id)}
    answer = await asker.ask("staff/list_rounds", manager_of(town), filter=wanted, **of_town(town))
    assert answer.codes == ["not_found"]


async def test_round_tells_its_proof(asker: Asker, town: Town) -> None:
    told = (await asker.ask("staff/show_round", manager_of(town), **newest(town))).only
    assert told["certificate"]["checked"] is True
    assert told["certificate"]["sentence"] == told["sentence"]
    assert told["objective"]["valueMPerWeight"] == 20_000
    assert {one["kind"] for one in told["documents"]} == {"CERTIFICATE", "PLAN", "PRICES"}
    assert told["reasonCounts"] == [
        {
            "code": "ALL_FULL",
            "sentence": "Everyone suitable near is needed more elsewhere.",
            "count": 10,
        }
    ]
    assert {one["status"] for one in told["offerCounts"]} == {"SENT", "ACCEPTED"}
    assert (await asker.ask(NODE, manager_of(town), id=newest(town)["roundId"])).only == {
        "__typename": "Round",
        "id": newest(town)["roundId"],
    }


async def test_visits_of_a_round_by_state(asker: Asker, town: Town) -> None:
    page = (
        await asker.ask(
            "staff/round_visits", manager_of(town), statuses=["ACCEPTED"], first=3, **newest(town)
        )
    ).only
    assert page["totalCount"] == 20
    assert [node["status"] for node in page["nodes"]] == ["ACCEPTED"] * 3
    assert all(node["request"]["reference"] for node in page["nodes"])
    none = (
        await asker.ask(
            "staff/round_visits", manager_of(town), statuses=["DECLINED"], **newest(town)
        )
    ).only
    assert none["totalCount"] == 0


async def test_reasons_are_told_with_the_smallest_change(
    asker: Asker, town: Town, database: Database
) -> None:
    async with database.begin() as session:
        row = await session.get(UnservedReason, (town.round_id, town.request_ids[20]))
        assert row is not None
        row.code, row.detail = "out_of_reach", TRIED
    page = (
        await asker.ask(
            "staff/unserved_requests", manager_of(town), codes=["OUT_OF_REACH"], **newest(town)
        )
    ).only
    (told,) = page["nodes"]
    assert told["sentence"] == "Nobody lives near enough."
    assert told["change"] == {
        "kind": "longer_reach",
        "sentence": "It would be served if volunteer V-0000DEMO went 140 m further, 1 more home "
        "too, while 1 other would lose theirs.",
        "alsoServedCount": 1,
        "displacedCount": 1,
    }
    assert told["funnel"]["nearM"] == 900
    assert told["missingSkills"] == ["shovel"]
    assert told["request"]["id"] == global_id("HelpRequest", town.request_ids[20])
    assert told["change"]["sentence"] in told["sentences"]
    all_of_them = (
        await asker.ask("staff/unserved_requests", manager_of(town), **newest(town))
    ).only
    assert all_of_them["totalCount"] == 10


async def test_one_request_is_explained(asker: Asker, town: Town) -> None:
    key = global_id("HelpRequest", town.request_ids[20])
    told = (await asker.ask("staff/explain_request", manager_of(town), requestId=key)).only
    assert (told["planned"], told["code"]) == (False, "ALL_FULL")
    assert told["round"]["id"] == newest(town)["roundId"]
    assert any("needed more elsewhere" in sentence for sentence in told["sentences"])
    served = global_id("HelpRequest", town.request_ids[0])
    told = (await asker.ask("staff/explain_request", manager_of(town), requestId=served)).only
    assert (told["planned"], told["code"]) == (True, None)


async def test_prices_and_changes(asker: Asker, town: Town) -> None:
    prices = (await asker.ask("staff/area_prices", manager_of(town), **newest(town))).only
    assert [one["servedMore"] for one in prices] == [3, 2]
    assert prices[0]["mode"] == "WALK"
    changes = (await asker.ask("staff/round_changes", manager_of(town), **newest(town))).only
    assert changes["before"]["id"] == global_id("Round", town.round_ids[-2])
    assert changes["newlyServed"] == ["DEMO03"]
    assert changes["noLongerServed"] == ["DEMO00"]
    assert changes["keptCount"] == 2
    oldest = {"roundId": global_id("Round", town.round_ids[0])}
    assert (await asker.ask("staff/round_changes", manager_of(town), **oldest)).only is None
    assert (await asker.ask("staff/area_prices", manager_of(town), **oldest)).only == []


async def test_documents_are_given_as_stored(
    asker: Asker, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(kind: str) -> Any:
        return await asker.ask(
            "integrator/round_document", manager_of(town), kind=kind, **newest(town)
        )

    assert (await read("PLAN")).only["format"] == "talkoot-plan/1"
    assert (await read("PROBLEM")).only is None
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 100)
    assert (await read("PLAN")).codes == ["document_too_large"]


@pytest.mark.parametrize("operation", READS)
async def test_foreign_round_is_like_a_missing_one(
    asker: Asker, town: Town, operation: str
) -> None:
    neighbour = actor_as(Role.MANAGER, new_id())
    foreign = await asker.ask(operation, neighbour, **newest(town))
    missing = await asker.ask(operation, neighbour, roundId=global_id("Round", new_id()))
    assert foreign == missing
    assert foreign.codes == ["round_unknown"] or (
        not foreign.errors and "DEMO" not in str(foreign.data)
    )


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("role", [Role.RESIDENT, Role.VOLUNTEER])
async def test_rounds_are_for_staff(asker: Asker, town: Town, operation: str, role: Role) -> None:
    person_id = town.resident_ids[0] if role is Role.RESIDENT else town.volunteer_person_ids[0]
    actor = actor_as(role, town.community_id, person_id)
    assert (await asker.ask(operation, actor, **newest(town))).codes == ["not_permitted"]
    assert (await asker.ask(operation, **newest(town))).codes == ["not_signed_in"]
    assert (await asker.ask(NODE, actor, id=newest(town)["roundId"])).only is None


async def test_token_leads_from_rounds_to_requests_with_their_scope_only(
    asker: Asker, town: Town
) -> None:
    actor = replace(manager_of(town), scopes=frozenset({"rounds:read"}))
    assert (await asker.ask("staff/area_prices", actor, **newest(town))).errors == []
    answer = await asker.ask("staff/round_visits", actor, **newest(town))
    assert set(answer.codes) == {"scope_missing"}
    answer = await asker.ask("staff/discard_drafts", actor, input=newest(town))
    assert answer.only["code"] == "scope_missing"


async def test_drafts_are_dropped_once(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    draft = new_id()
    async with database.begin() as session:
        session.add(
            Offer(
                id=draft,
                community_id=town.community_id,
                round_id=town.round_id,
                request_id=town.request_ids[25],
                volunteer_id=town.volunteer_ids[3],
                code="Z99",
                position=0,
                starts_at=clock.now() + timedelta(hours=1),
                ends_at=clock.now() + timedelta(hours=2),
                accept_p=0.5,
                proposed_at=clock.now(),
            )
        )
    neighbour = actor_as(Role.MANAGER, new_id())
    refused = (await asker.ask("staff/discard_drafts", neighbour, input=newest(town))).only
    assert (refused["__typename"], refused["code"]) == ("NotFoundProblem", "round_unknown")
    done = (await asker.ask("staff/discard_drafts", manager_of(town), input=newest(town))).only
    assert done["discardedCount"] == 1
    assert {"status": "WITHDRAWN", "count": 1} in done["round"]["offerCounts"]
    again = (await asker.ask("staff/discard_drafts", manager_of(town), input=newest(town))).only
    assert again["discardedCount"] == 0
    async with database.read() as session:
        query = select(Offer.status).where(Offer.round_id == town.round_id)
        sent = [status for status in await session.scalars(query) if status is OfferStatus.SENT]
        events = await list_events(session, "offer", draft)
    assert len(sent) == 19
    assert [(event.kind, event.reason) for event in events] == [
        ("offer.withdrawn", "discarded_by_staff")
    ]


async def test_statements_do_not_grow_with_the_page(asker: Asker, town: Town) -> None:
    for operation, variables in (
        ("staff/list_rounds", of_town(town)),
        ("staff/unserved_requests", newest(town)),
        ("staff/round_visits", newest(town)),
    ):
        sent = []
        for first in (2, 10):
            with counted_statements() as statements:
                answer = await asker.ask(operation, manager_of(town), first=first, **variables)
            assert len(answer.only["nodes"]) == first
            sent.append(len(statements))
        assert sent[0] == sent[1], operation
