"""People, their profiles and their roles through the API, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from core.ids import new_id
from people.auth import Actor
from people.kinds import Channel, Role, VettingStatus
from people.models import Community, Membership
from people.safeguard_models import VettingItem
from tests.factories.messages import give_consent
from tests.factories.people import LONG_AGO, actor_as, add_person
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.statements import counted_statements

PEOPLE = """
query ($communityId: ID!, $filter: PersonFilter, $sort: PersonSort, $first: Int!, $after: String) {
  people(communityId: $communityId, filter: $filter, sort: $sort, first: $first, after: $after) {
    totalCount
    nodes { id fullName }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PERSON = """
query ($id: ID!) {
  person(id: $id) {
    fullName
    alias: fullName
    ...Guarded
    roles { role community { slug } }
    consents { purpose granted community { slug } }
    vetting { code }
    household { area address { text } }
  }
}
fragment Guarded on Person { contactPoints { value } birthYear }
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def community_id(town: Town) -> str:
    return global_id("Community", town.community_id)


def person_id(key: UUID) -> str:
    return global_id("Person", key)


async def list_people(asker: Asker, town: Town, **variables: Any) -> dict[str, Any]:
    given = {"communityId": community_id(town), "first": 100} | variables
    found: dict[str, Any] = (await asker.ask(PEOPLE, manager(town), **given)).only
    return found


async def test_nobody_in_particular_is_nobody(asker: Asker, town: Town) -> None:
    assert (await asker.ask("everybody/viewer")).only is None


async def test_viewer_sees_the_own_profile(asker: Asker, town: Town) -> None:
    found = (await asker.ask("resident/my_profile", resident(town))).only["person"]
    assert found["fullName"] == "Synthetic Snowville Resident 1"
    assert {row["value"] for row in found["contactPoints"]} == {
        "resident-1@snowville.example",
        "+16175550100",
    }
    assert found["preferences"]["languages"] == ["en"]
    assert {row["purpose"] for row in found["consents"]} == {"MATCHING", "OFFERS"}
    assert found["household"]["address"]["text"] == "1 Snowville Way"


async def test_program_sees_what_its_token_names(asker: Asker, town: Town) -> None:
    roles = resident(town).roles
    key = town.resident_ids[0]
    reader = Actor(person_id=key, roles=roles, scopes=frozenset({"people:read"}))
    found = (await asker.ask("everybody/viewer", reader)).only
    assert (found["byToken"], found["scopes"]) == (True, ["people:read"])
    assert found["person"]["id"] == person_id(key)
    other = Actor(person_id=key, roles=roles, scopes=frozenset({"storms:read"}))
    answer = await asker.ask("everybody/viewer", other)
    assert answer.codes == ["scope_missing"]
    changed = await asker.ask(
        "resident/rename_person", reader, input={"personId": person_id(key), "fullName": "No"}
    )
    assert changed.only["code"] == "scope_missing"


@pytest.mark.parametrize("number", [1, 2])
async def test_neighbours_learn_nothing_of_each_other(
    asker: Asker, town: Town, number: int
) -> None:
    other = person_id(town.resident_ids[number])
    assert (await asker.ask(PERSON, resident(town), id=other)).only is None
    document = "query ($id: ID!) { node(id: $id) { ... on Person { fullName } } }"
    assert (await asker.ask(document, resident(town), id=other)).only is None
    contact = global_id("ContactPoint", town.contact_ids[town.resident_ids[number]])
    document = "query ($id: ID!) { node(id: $id) { ... on ContactPoint { value } } }"
    assert (await asker.ask(document, resident(town), id=contact)).only is None
    home = global_id("Household", town.household_ids[number])
    document = "query ($id: ID!) { node(id: $id) { ... on Household { cell address { text } } } }"
    assert (await asker.ask(document, resident(town), id=home)).only is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 10),
        ({"role": "RESIDENT"}, 4),
        ({"role": "MANAGER"}, 1),
        ({"name": "resident 2"}, 1),
        ({"name": "RESIDENT"}, 4),
        ({"name": "%"}, 0),
        ({"name": "Res_dent"}, 0),
        ({"name": "  "}, 10),
        ({"language": "pt"}, 2),
        ({"language": "p"}, None),
        ({"knownSince": "2026-01-01T00:00:00Z"}, 0),
        ({"knownSince": "2025-01-01T00:00:00Z", "role": "VOLUNTEER"}, 4),
    ],
)
async def test_staff_find_people(
    asker: Asker, town: Town, wanted: dict[str, Any], count: int | None
) -> None:
    if count is None:
        answer = await asker.ask(
            PEOPLE, manager(town), communityId=community_id(town), filter=wanted, first=10
        )
        assert answer.codes == ["invalid_profile"]
        return
    found = await list_people(asker, town, filter=wanted)
    assert found["totalCount"] == len(found["nodes"]) == count


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
async def test_pages_of_people_follow_each_other(asker: Asker, town: Town, direction: str) -> None:
    sort = {"by": "KNOWN_SINCE", "direction": direction}
    whole = [row["id"] for row in (await list_people(asker, town, sort=sort))["nodes"]]
    seen, after = [], None
    for _ in range(4):
        page = await list_people(asker, town, sort=sort, first=3, after=after)
        seen += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == whole
    assert len(set(seen)) == 10


async def test_other_towns_manager_finds_nobody(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    answer = await asker.ask(PEOPLE, manager(other), communityId=community_id(town), first=10)
    missing = await asker.ask(
        PEOPLE, manager(other), communityId=global_id("Community", new_id()), first=10
    )
    assert answer.codes == missing.codes == ["not_permitted"]
    assert (
        await asker.ask(PERSON, manager(other), id=person_id(town.resident_ids[0]))
    ).only is None


async def test_each_town_sees_its_own_side_of_a_person(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    key = town.resident_ids[0]
    async with database.begin() as session:
        session.add(
            Membership(
                person_id=key, community_id=other.community_id, role=Role.VOLUNTEER, since=LONG_AGO
            )
        )
        session.add(
            VettingItem(
                community_id=other.community_id,
                person_id=key,
                code="waiver",
                status=VettingStatus.PASSED,
                valid_from=LONG_AGO,
                recorded_at=LONG_AGO,
            )
        )
    theirs = (await asker.ask(PERSON, manager(other), id=person_id(key))).only
    assert theirs["fullName"] == theirs["alias"] == "Synthetic Snowville Resident 1"
    assert theirs["roles"] == [{"role": "VOLUNTEER", "community": {"slug": "frostville"}}]
    assert theirs["vetting"] == [{"code": "waiver"}]
    assert theirs["consents"] == []
    assert theirs["household"] is None
    ours = (await asker.ask(PERSON, manager(town), id=person_id(key))).only
    assert [row["community"]["slug"] for row in ours["roles"]] == ["snowville"]
    assert ours["vetting"] == []
    assert len(ours["consents"]) == 2
    for actor in (manager(town), manager(other)):
        for operation in ("resident/erase_person", "resident/export_person"):
            given = {"personId": person_id(key), "confirm": True}
            answer = (await asker.ask(operation, actor, input=given)).only
            assert answer["code"] == "person_unknown"


async def test_each_reading_of_an_address_is_written_down(
    asker: Asker, town: Town, database: Database
) -> None:
    document = """query ($communityId: ID!) { people(communityId: $communityId, first: 100) {
      nodes { household { address { text lonDeg } again: address { unit } } } } }"""
    with counted_statements() as sent:
        answer = await asker.ask(document, manager(town), communityId=community_id(town))
    homes = [row["household"] for row in answer.only["nodes"] if row["household"]]
    assert len(homes) == 8
    assert all(home["address"]["text"].endswith("Snowville Way") for home in homes)
    assert len(sent) <= 12
    async with database.read() as session:
        by = Event.actor_id == town.manager_id
        read = select(func.count()).where(Event.kind == "address.released", by)
        assert await session.scalar(read) == 8


NAMES = [
    ("  Ana   María\tRuiz ", "Ana María Ruiz"),
    ("نیما\u200cی", "نیما\u200cی"),
    ("Zoe\u202eeoZ", "Zoe eoZ"),
    ("", None),
    ("\u200b", None),
    ("\u200d", None),
    ("=1+1", None),
    ("x" * 201, None),
]


@pytest.mark.parametrize(("given", "kept"), NAMES)
async def test_names_are_kept_as_one_line(
    asker: Asker, town: Town, database: Database, given: str, kept: str | None
) -> None:
    key = person_id(town.resident_ids[0])
    answer = await asker.ask(
        "resident/rename_person",
        resident(town),
        input={"personId": key, "fullName": given, "callName": "Ana"},
    )
    if kept is None:
        assert answer.only["code"] == "invalid_profile"
        return
    assert answer.only["person"] == {"id": key, "fullName": kept, "callName": "Ana"}
    async with database.read() as session:
        event = await session.scalar(select(Event).where(Event.kind == "person.renamed"))
    assert event is not None
    assert event.data == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"languages": []},
        {"languages": ["Spanish"]},
        {"languages": ['es", "en']},
        {"languages": ["en"] * 11},
        {"quietFromMin": 1440},
        {"quietUntilMin": -1},
    ],
)
async def test_preferences_that_cannot_be_change_nothing(
    asker: Asker, town: Town, wrong: dict[str, Any]
) -> None:
    given = {"personId": person_id(town.resident_ids[0]), "languages": ["es"], **wrong}
    answer = await asker.ask("resident/set_preferences", resident(town), input=given)
    assert answer.only["code"] == "invalid_profile"
    found = (await asker.ask("resident/my_profile", resident(town))).only["person"]
    assert found["preferences"]["languages"] == ["en"]


async def test_preferences_are_replaced(asker: Asker, town: Town) -> None:
    given = {
        "personId": person_id(town.resident_ids[0]),
        "languages": ["es", "zh-Hant", "es"],
        "channel": "SMS",
        "quietFromMin": 0,
    }
    answer = await asker.ask("resident/set_preferences", resident(town), input=given)
    assert answer.only["person"]["preferences"] == {
        "languages": ["es", "zh-Hant"],
        "channel": "SMS",
        "quietFromMin": 0,
        "quietUntilMin": 420,
    }


async def test_manager_gives_a_role_and_ends_it(
    asker: Asker, town: Town, database: Database
) -> None:
    given = {
        "communityId": community_id(town),
        "personId": person_id(town.volunteer_person_ids[0]),
        "role": "COORDINATOR",
    }
    for _ in range(2):
        answer = await asker.ask("staff/give_role", manager(town), input=given)
        assert answer.only["role"]["endedAt"] is None
    for _ in range(2):
        answer = await asker.ask("staff/end_role", manager(town), input=given)
        assert answer.only["role"]["endedAt"] is not None
    async with database.read() as session:
        kinds = list(
            await session.scalars(
                select(Event.kind).where(Event.kind.like("role.%")).order_by(Event.id)
            )
        )
    assert kinds == ["role.given", "role.ended"]


async def test_roles_that_are_not_given(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    stranger, coordinator = other.resident_ids[0], town.coordinator_id

    async def refusal(actor: Actor, key: UUID, role: str, operation: str = "give_role") -> str:
        given = {"communityId": community_id(town), "personId": person_id(key), "role": role}
        code: str = (await asker.ask(f"staff/{operation}", actor, input=given)).only["code"]
        return code

    staff = actor_as(Role.COORDINATOR, town.community_id, coordinator)
    assert await refusal(manager(town), stranger, "MANAGER") == "person_unknown"
    assert await refusal(manager(town), new_id(), "MANAGER") == "person_unknown"
    assert await refusal(manager(town), coordinator, "VOLUNTEER") == "invalid_role"
    assert await refusal(staff, coordinator, "MANAGER") == "not_permitted"
    assert await refusal(manager(other), coordinator, "MANAGER") == "not_permitted"
    assert await refusal(manager(town), coordinator, "MANAGER", "end_role") == "role_unknown"
    assert await refusal(staff, town.manager_id, "MANAGER", "end_role") == "not_permitted"
    assert await refusal(manager(town), town.manager_id, "MANAGER", "end_role") == "last_manager"


async def test_two_managers_cannot_both_leave(asker: Asker, town: Town, database: Database) -> None:
    second = town.coordinator_id

    def given(key: UUID) -> dict[str, Any]:
        return {"communityId": community_id(town), "personId": person_id(key), "role": "MANAGER"}

    await asker.ask("staff/give_role", manager(town), input=given(second))
    answers = await asyncio.gather(
        asker.ask("staff/end_role", manager(town), input=given(town.manager_id)),
        asker.ask(
            "staff/end_role",
            actor_as(Role.MANAGER, town.community_id, second),
            input=given(second),
        ),
    )
    assert sorted(answer.only.get("code", "") for answer in answers) == ["", "last_manager"]


async def test_manager_changes_one_rule_from_a_moment_on(
    asker: Asker, town: Town, clock: FixedClock
) -> None:
    async def walk_limit() -> tuple[int, bool]:
        answer = await asker.ask("staff/community_rules", manager(town), slug=town.slug)
        rules = answer.only["rules"]
        return rules["walkLimitS"], rules["reviewProposals"]

    async def change(**given: Any) -> Any:
        given = {"communityId": community_id(town)} | given
        return (await asker.ask("staff/change_rules", manager(town), input=given)).only

    now = clock.now()
    await change(rules={"walkLimitS": 900})
    await change(rules={"reviewProposals": True})
    assert await walk_limit() == (900, True)
    later = (now + timedelta(hours=1)).isoformat()
    assert (await change(rules={"walkLimitS": 600}, validFrom=later))["rules"]["walkLimitS"] == 600
    assert await walk_limit() == (900, True)
    clock.advance(timedelta(hours=2))
    assert await walk_limit() == (600, True)
    mistakes: list[dict[str, Any]] = [
        {"rules": {}},
        {"rules": {"walkLimitS": -1}},
        {"rules": {"anonymityK": 1}},
        {"rules": {"helpPhone": "911"}},
        {"rules": {"walkLimitS": 1}, "validFrom": now.isoformat()},
        {"rules": {"requiredVetting": [{"kind": "ride", "codes": ["magic"]}]}},
    ]
    for wrong in mistakes:
        assert (await change(**wrong))["code"] == "invalid_rules"
    public = (await asker.ask("everybody/community", slug=town.slug)).only
    assert len(public["abilities"]) == 3
    hidden = await asker.ask("staff/community_rules", resident(town), slug=town.slug)
    assert hidden.only["rules"] is None


async def test_lists_in_rules_are_replaced(asker: Asker, town: Town) -> None:
    check = {"code": "first_aid", "label": "a first aid course", "validDays": 365}
    rules = {
        "vetting": [check],
        "requiredVetting": [{"kind": "ride", "codes": ["first_aid"]}],
        "service": [{"kind": "snow", "serviceS": 1200}],
        "helpPhone": "+16175550100",
    }
    given = {"communityId": community_id(town), "rules": rules}
    await asker.ask("staff/change_rules", manager(town), input=given)
    answer = await asker.ask("staff/community_rules", manager(town), slug=town.slug)
    kept = answer.only["rules"]
    assert [row["code"] for row in kept["vetting"]] == ["first_aid"]
    assert kept["requiredVetting"] == [{"kind": "ride", "codes": ["first_aid"]}]
    assert kept["service"] == [{"kind": "snow", "serviceS": 1200}]
    vetted = {"communityId": community_id(town), "code": "first_aid"}
    vetted["personId"] = person_id(town.volunteer_person_ids[0])
    done = (await asker.ask("staff/record_vetting", manager(town), input=vetted)).only
    assert done["vetting"]["validUntil"].startswith("2027-01-15")


async def test_checks_are_written_down_by_others(asker: Asker, town: Town) -> None:
    async def record(key: UUID, **more: Any) -> Any:
        given = {"communityId": community_id(town), "personId": person_id(key), "code": "waiver"}
        return (await asker.ask("staff/record_vetting", manager(town), input=given | more)).only

    assert (await record(town.manager_id))["code"] == "not_permitted"
    assert (await record(town.resident_ids[0], code="nothing"))["code"] == "invalid_vetting"
    assert (await record(new_id()))["code"] == "person_unknown"
    naive = await record(town.resident_ids[0], validFrom="2026-01-01T00:00:00")
    assert naive["code"] == "invalid_argument"


async def test_guardian_lets_a_minor_help_and_takes_it_back(asker: Asker, town: Town) -> None:
    guardian, minor = town.resident_ids[0], town.resident_ids[1]
    about = {"communityId": community_id(town)}
    said = await asker.ask(
        "resident/declare_age", resident(town, 1), input=about | {"personId": person_id(minor)}
    )
    assert said.only["isMinor"] is True
    given = about | {
        "minorId": person_id(minor),
        "guardianId": person_id(guardian),
        "validUntil": "2026-06-01T00:00:00Z",
        "textVersion": "2026-01",
    }
    own = await asker.ask("resident/give_guardian_consent", resident(town, 1), input=given)
    assert own.only["code"] == "not_permitted"
    done = await asker.ask("resident/give_guardian_consent", resident(town), input=given)
    key = done.only["guardianConsent"]["id"]
    found = (await asker.ask("staff/show_person", manager(town), id=person_id(minor))).only
    assert found["isMinor"] is True
    assert [row["id"] for row in found["guardianConsents"]] == [key]
    by_minor = await asker.ask(
        "resident/withdraw_guardian_consent",
        resident(town, 1),
        input={"guardianConsentId": key},
    )
    assert by_minor.only["code"] == "person_unknown"
    ended = await asker.ask(
        "resident/withdraw_guardian_consent", resident(town), input={"guardianConsentId": key}
    )
    assert ended.only["guardianConsent"]["withdrawnAt"] is not None
    adult = about | {"personId": person_id(minor), "isAdult": True}
    refused = await asker.ask("resident/declare_age", resident(town, 1), input=adult)
    assert refused.only["code"] == "not_permitted"
    grown = await asker.ask("resident/declare_age", manager(town), input=adult)
    assert grown.only["isMinor"] is False


async def test_person_takes_the_data_along_and_is_forgotten(asker: Asker, town: Town) -> None:
    given = {"personId": person_id(town.resident_ids[0]), "confirm": False}
    for operation in ("resident/export_person", "resident/erase_person"):
        answer = await asker.ask(operation, resident(town), input=given)
        assert answer.only["code"] == "invalid_argument"
    given["confirm"] = True
    kept = (await asker.ask("resident/export_person", resident(town), input=given)).only
    names = kept["document"]["tables"]["person_name"]
    assert names[0]["full_name"] == "Synthetic Snowville Resident 1"
    done = (await asker.ask("resident/erase_person", resident(town), input=given)).only
    assert done["contactCount"] == 2
    assert done["addressCount"] == 1
    again = (await asker.ask("resident/erase_person", resident(town), input=given)).only
    assert again["contactCount"] == 0
    gone = await asker.ask(PERSON, manager(town), id=person_id(town.resident_ids[0]))
    assert gone.only is None


async def test_what_a_volunteer_takes_along_measures_no_way_to_a_home(
    asker: Asker, town: Town
) -> None:
    me = town.volunteer_person_ids[0]
    given = {"personId": person_id(me), "confirm": True}
    actor = actor_as(Role.VOLUNTEER, town.community_id, me)
    kept = (await asker.ask("resident/export_person", actor, input=given)).only
    homes = kept["document"]["tables"]["asked_home"]
    assert homes[0]["travel_bucket"]
    assert not {"travel_s", "travel_m", "radius_share"} & homes[0].keys()


async def test_later_word_for_every_channel_replaces_the_ones_for_one(
    asker: Asker, town: Town, database: Database
) -> None:
    async with database.begin() as session:
        community = await session.get_one(Community, town.community_id)
        person = await add_person(session, community)
        for number, (channel, granted) in enumerate(
            [
                (None, True),
                (Channel.SMS, False),
                (Channel.EMAIL, False),
                (None, True),
                (Channel.PHONE, False),
            ]
        ):
            await give_consent(
                session,
                community,
                person,
                channel=channel,
                granted=granted,
                recorded_at=LONG_AGO + timedelta(days=number),
            )
    found = (await asker.ask("staff/show_person", manager(town), id=person_id(person.id))).only
    assert [(row["channel"], row["granted"]) for row in found["consents"]] == [
        (None, True),
        ("PHONE", False),
    ]
