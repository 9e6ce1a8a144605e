"""Sign-ins and API tokens by GraphQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api.schema.context import Context
from core.clock import FixedClock
from core.db import Database
from core.events import Event
from people.auth import Actor
from people.kinds import Role
from people.repository import load_actor
from people.signing_in.kinds import Method
from people.signing_in.models import ApiToken, SignIn
from people.signing_in.sessions import NewSignIn, start_sign_in
from tests.factories.people import add_community, add_person
from tests.graphql_api.asking import Asker, global_id, read_operation, the_schema
from tests.personal import dump

CREATE = "integrator/create_api_token"
NEW = {"name": "Snow map", "scopes": ["requests:read", "areas:read"]}


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def add(database: Database, role: Role = Role.MANAGER, slug: str = "cambridge") -> Actor:
    async with database.begin() as session:
        person = await add_person(session, await add_community(session, slug=slug), role=role)
        return await load_actor(session, person.id)


async def enter(database: Database, actor: Actor, clock: FixedClock) -> NewSignIn:
    assert actor.person_id is not None
    async with database.begin() as session:
        return await start_sign_in(
            session, actor.person_id, Method.LINK, device="firefox_on_android", now=clock.now()
        )


async def ask_as(
    asker: Asker, document: str, actor: Actor, session_id: UUID | None, **variables: Any
) -> Any:
    """Ask in a browser that is signed in."""
    context = Context(
        database=asker.database,
        clock=asker.clock,
        settings=asker.settings,
        services={},
        actor=actor,
        session_id=session_id,
    )
    result = await the_schema().execute(read_operation(document), variables, context_value=context)
    assert not result.errors, result.errors
    assert result.data is not None
    (value,) = result.data.values()
    return value


async def test_a_token_is_made_shown_once_listed_and_revoked(
    asker: Asker, database: Database, clock: FixedClock
) -> None:
    actor = await add(database)

    made = (await asker.ask(CREATE, actor, input=NEW)).only

    assert made["secret"].startswith("tlk_")
    assert len(made["secret"]) == 47
    assert made["token"]["scopes"] == ["areas:read", "requests:read"]
    ends = clock.now() + timedelta(days=90)
    assert made["token"]["expiresAt"] == ends.isoformat()
    assert made["secret"] not in await dump(database)
    assert made["secret"][4:] not in await dump(database)
    (row,) = (await asker.ask("integrator/my_api_tokens", actor, first=10)).only["nodes"]
    assert (row["name"], row["lastUsedAt"], row["revokedAt"]) == ("Snow map", None, None)
    for _ in range(2):
        key = {"tokenId": row["id"]}
        gone = (await asker.ask("integrator/revoke_api_token", actor, input=key)).only
        assert gone["token"]["revokedAt"] == clock.now().isoformat()
    async with database.read() as session:
        kinds = list(await session.scalars(select(Event.kind).order_by(Event.id)))
    assert kinds == ["token.created", "token.revoked"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "invalid_token"),
        ({"name": "a\u0007"}, "invalid_token"),
        ({"name": "a" * 101}, "invalid_token"),
        ({"scopes": []}, "invalid_token"),
        ({"scopes": ["requests:delete"]}, "unknown_scope"),
        ({"scopes": ["*"]}, "unknown_scope"),
        ({"days": 0}, "invalid_token"),
        ({"days": 366}, "invalid_token"),
    ],
)
async def test_tokens_that_cannot_be_are_refused(
    asker: Asker, database: Database, change: dict[str, Any], code: str
) -> None:
    actor = await add(database)
    problem = (await asker.ask(CREATE, actor, input=NEW | change)).only
    assert problem["__typename"] == "InvalidInputProblem"
    assert problem["code"] == code


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.VOLUNTEER])
async def test_tokens_are_for_staff(asker: Asker, database: Database, role: Role) -> None:
    problem = (await asker.ask(CREATE, await add(database, role), input=NEW)).only
    assert problem["code"] == "not_permitted"


async def test_a_token_makes_and_revokes_none(asker: Asker, database: Database) -> None:
    actor = await add(database)
    made = (await asker.ask(CREATE, actor, input=NEW)).only
    program = Actor(person_id=actor.person_id, roles=actor.roles, scopes=frozenset({"admin:write"}))
    for document, given in (
        (CREATE, NEW),
        ("integrator/revoke_api_token", {"tokenId": made["token"]["id"]}),
        ("resident/sign_out_elsewhere", {"keepThis": False}),
    ):
        assert (await asker.ask(document, program, input=given)).only["code"] == "not_permitted"
    narrow = Actor(person_id=actor.person_id, roles=actor.roles, scopes=frozenset())
    problem = (await asker.ask(CREATE, narrow, input=NEW)).only
    assert problem["code"] == "scope_missing"
    assert "'admin:write'" in problem["message"]


async def test_foreign_and_missing_tokens_answer_alike(asker: Asker, database: Database) -> None:
    owner, other = await add(database), await add(database, slug="elsewhere")
    made = (await asker.ask(CREATE, owner, input=NEW)).only
    answers = [
        (await asker.ask("integrator/revoke_api_token", other, input={"tokenId": key})).only
        for key in (made["token"]["id"], global_id("ApiToken", UUID(int=7)))
    ]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "token_unknown"
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await asker.ask(node, other, id=made["token"]["id"])).only is None
    assert (await asker.ask(node, owner, id=made["token"]["id"])).only is not None
    assert (await asker.ask("integrator/my_api_tokens", other, first=5)).only["totalCount"] == 0


async def test_sign_ins_are_listed_and_ended(
    asker: Asker, database: Database, clock: FixedClock
) -> None:
    actor = await add(database, Role.VOLUNTEER)
    stranger = await add(database, Role.VOLUNTEER, slug="elsewhere")
    first, second, third = [await enter(database, actor, clock) for _ in range(3)]
    theirs = await enter(database, stranger, clock)

    listed = await ask_as(asker, "resident/my_sign_ins", actor, first.sign_in_id, first=10)

    assert listed["totalCount"] == 3
    current = [row["id"] for row in listed["nodes"] if row["isCurrent"]]
    assert current == [global_id("SignIn", first.sign_in_id)]
    assert {row["device"] for row in listed["nodes"]} == {"firefox_on_android"}
    assert {row["method"] for row in listed["nodes"]} == {"LINK"}

    async def end(key: UUID) -> Any:
        given = {"signInId": global_id("SignIn", key)}
        return await ask_as(asker, "resident/sign_out", actor, first.sign_in_id, input=given)

    assert (await end(second.sign_in_id))["endedCount"] == 1
    assert (await end(second.sign_in_id))["code"] == "session_unknown"
    assert (await end(theirs.sign_in_id))["code"] == "session_unknown"
    document = "resident/sign_out_elsewhere"
    ended = await ask_as(asker, document, actor, first.sign_in_id, input={})
    assert ended["endedCount"] == 1
    async with database.read() as session:
        left = set(await session.scalars(select(SignIn.id)))
    assert left == {first.sign_in_id, theirs.sign_in_id}
    assert third.sign_in_id not in left
    everywhere = {"keepThis": False}
    ended = await ask_as(asker, document, actor, first.sign_in_id, input=everywhere)
    assert ended["endedCount"] == 1


async def test_a_person_has_a_number_of_tokens_that_one_can_look_through(
    asker: Asker, database: Database
) -> None:
    actor = await add(database)
    for _ in range(50):
        assert "secret" in (await asker.ask(CREATE, actor, input=NEW)).only
    assert (await asker.ask(CREATE, actor, input=NEW)).only["code"] == "too_many_tokens"
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ApiToken)) == 50
