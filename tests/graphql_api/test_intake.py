from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.townspeople import community_of, manager, resident

SCALE = 4
SENTENCE = {"en": "This is for people over 60.", "es": "Es para mayores de 60."}
OVER_60 = {
    "version": "town-1",
    "rules": [
        {"code": "age", "any_of": [{"fact": "age", "at_least": 60}], "sentence": SENTENCE}
    ],
}  # fmt: skip


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=SCALE)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def set_rules(asker: Asker, town: Town, topic: str, rules: Any, **more: Any) -> Any:
    given = {"communityId": community_of(town), "topic": topic, "rules": rules, **more}
    return (await asker.ask("staff/set_intake_rules", manager(town), input=given)).only


async def test_everybody_sees_what_help_there_is(asker: Asker, town: Town) -> None:
    answer = await asker.ask("everybody/help_kinds", communityId=community_of(town))
    assert not answer.errors
    assert answer.data is not None
    kinds = {kind["kind"]: kind for kind in answer.data["helpKinds"]}
    assert kinds["SNOW"]["needsStorm"] is True
    assert [part["code"] for part in kinds["SNOW"]["scope"]]
    assert all(kind["label"] for kind in kinds.values())
    assert kinds["SNOW"]["details"] is None
    assert kinds["RIDE"]["details"]["isNeeded"] is True
    assert kinds["RIDE"]["details"]["question"].startswith("Where do you want to go")
    missing = global_id("Community", "00000000-0000-7000-8000-000000000000")
    nowhere = await asker.ask("everybody/help_kinds", communityId=missing)
    assert set(nowhere.codes) == {"not_found"}


async def test_resident_learns_why_they_may_not_be_eligible(asker: Asker, town: Town) -> None:
    assert (await set_rules(asker, town, "ELIGIBILITY", OVER_60))["topic"] == "ELIGIBILITY"
    asked = {"communityId": community_of(town), "kind": "SNOW"}

    async def ask(**more: Any) -> Any:
        answer = await asker.ask("resident/my_eligibility", resident(town), input=asked | more)
        return answer.only

    unknown = await ask()
    assert (unknown["verdict"], unknown["reasons"]) == ("NEEDS_PERSON", ["age"])
    assert unknown["sentences"] == [SENTENCE["en"]]
    young = await ask(declares={"birthYear": 1999})
    assert young["verdict"] == "NOT_ELIGIBLE"
    old = await ask(declares={"atLeastAge": 70})
    assert (old["verdict"], old["sentences"]) == ("ELIGIBLE", [])
    assert await ask() == unknown
    wrong = await asker.ask(
        "resident/my_eligibility", resident(town), input=asked | {"declares": {"birthYear": 1}}
    )
    assert wrong.codes == ["invalid_request"]


async def test_request_says_why_by_the_rules_that_held(asker: Asker, town: Town) -> None:
    await set_rules(asker, town, "ELIGIBILITY", OVER_60)
    window = {"opensAt": "2026-01-16T14:00:00Z", "closesAt": "2026-01-16T20:00:00Z"}
    call = {"communityId": community_of(town), "kind": "GROCERIES", "windows": [window]}
    taken = (await asker.ask("resident/ask_for_help", resident(town), input=call)).only
    shown = (
        await asker.ask("resident/show_request", resident(town), id=taken["request"]["id"])
    ).only
    assert shown["verdict"] == "NEEDS_PERSON"
    assert shown["verdictSentences"] == [SENTENCE["en"]]


async def test_deadline_is_told_at_an_address(asker: Asker, town: Town) -> None:
    ended = {"communityId": community_of(town), "snowEndedAt": "2026-01-15T12:00:00Z"}
    exact = (await asker.ask("everybody/deadline", **ended, address={"text": "17 Garden St"})).only
    assert exact["candidates"] == []
    assert "Cambridge" in exact["deadline"]["law"]["source"]
    assert exact["deadline"]["at"] > exact["deadline"]["snowEndedAt"]
    anywhere = (await asker.ask("everybody/deadline", **ended)).only
    assert anywhere["deadline"]["law"]["clause"] == exact["deadline"]["law"]["clause"]
    unsure = (await asker.ask("everybody/deadline", **ended, address={"text": "Pleasant"})).only
    assert unsure["deadline"] is None
    assert len(unsure["candidates"]) >= 2
    unknown = await asker.ask("everybody/deadline", **ended, address={"text": "1 Xyzzy Alley"})
    assert unknown.codes == ["address_not_found"]


async def test_promise_of_the_programme_comes_first(asker: Asker, town: Town) -> None:
    await set_rules(asker, town, "DEADLINES", {"promise_hours": 3.0})
    told = (
        await asker.ask(
            "everybody/deadline",
            communityId=community_of(town),
            snowEndedAt="2026-01-15T12:00:00Z",
        )
    ).only["deadline"]
    assert told["at"] == told["promisedAt"] == "2026-01-15T15:00:00+00:00"
    in_storm = (await asker.ask("everybody/deadline", communityId=community_of(town))).only
    assert in_storm["deadline"]["at"]


@pytest.mark.parametrize("topic", ["KINDS", "ELIGIBILITY", "DEADLINES"])
async def test_rules_that_are_shown_can_be_set_again(asker: Asker, town: Town, topic: str) -> None:
    shown = (
        await asker.ask(
            "staff/intake_rules", manager(town), communityId=community_of(town), topic=topic
        )
    ).only
    kept = await set_rules(asker, town, topic, shown)
    assert kept["rules"] == shown
    assert (await set_rules(asker, town, topic, shown))["code"] == "rules_set_then"
    refused = await asker.ask(
        "staff/intake_rules", resident(town), communityId=community_of(town), topic=topic
    )
    assert refused.codes == ["not_permitted"]


@pytest.mark.parametrize(
    ("topic", "rules"),
    [
        ("DEADLINES", {"promise_hours": -1}),
        ("DEADLINES", {"promise_hours": 10**400}),
        ("DEADLINES", {"ordinance": "atlantis"}),
        ("DEADLINES", []),
        ("DEADLINES", None),
        ("ELIGIBILITY", {"version": "1"}),
        ("KINDS", {"version": "1", "kinds": [{}]}),
    ],
)
async def test_rules_that_cannot_be_used_are_a_problem(
    asker: Asker, town: Town, topic: str, rules: Any
) -> None:
    given = {"communityId": community_of(town), "topic": topic, "rules": rules}
    answer = await asker.ask("staff/set_intake_rules", manager(town), input=given)
    if rules is None:
        assert answer.errors
    else:
        assert answer.only["__typename"] == "InvalidInputProblem"
