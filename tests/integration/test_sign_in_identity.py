"""Who asks: cookies and API tokens, as every request and socket is asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.connection import ASGIConnection, Request
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.jobs import JobTools
from core.settings import Settings
from matching.personal.erasure import erase_person
from people.auth import Actor
from people.kinds import Role
from people.memberships import StaffRole, give_role
from people.models import Community, Membership
from people.signing_in.errors import NotSignedIn
from people.signing_in.jobs import forget_sign_ins
from people.signing_in.kinds import Method
from people.signing_in.models import ApiToken, SignIn, SignInLink
from people.signing_in.sessions import NewSignIn, end_sign_in, start_sign_in
from people.signing_in.tokens import MadeToken, NewToken, create_token, revoke_token
from tests.factories.people import add_community, add_person
from tests.graphql_api.statements import counted_statements
from web.identity import ANONYMOUS, Identity, check_csrf, identify, still_valid
from web.pages.guards import ForeignForm

SETTINGS = Settings.from_environment({"TALKOOT_PUBLIC_URL": "https://talkoot.example"})
PLAIN = Settings()


class House:
    """One manager, and what comes to the door."""

    def __init__(self, database: Database, clock: FixedClock, person_id: UUID, where: UUID) -> None:
        self.database, self.clock = database, clock
        self.person_id, self.community_id = person_id, where

    async def sign_in(self) -> NewSignIn:
        async with self.database.begin() as session:
            return await start_sign_in(
                session, self.person_id, Method.LINK, device="x_on_y", now=self.clock.now()
            )

    async def make_token(self, *scopes: str) -> MadeToken:
        new = NewToken(name="Map", scopes=scopes or ("requests:read",))
        async with self.database.begin() as session:
            return await create_token(
                session, Actor.system(), self.person_id, new, now=self.clock.now()
            )

    async def ask(self, settings: Settings = SETTINGS, **headers: str) -> Identity:
        return await identify(connection(**headers), self.database, self.clock, settings)

    async def holds(self, identity: Identity) -> bool:
        async with self.database.read() as session:
            return await still_valid(session, identity, self.clock.now())


def connection(**headers: str) -> ASGIConnection[Any, Any, Any, Any]:
    return request(**headers)


def request(**headers: str) -> Request[Any, Any, Any]:
    sent = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "scheme": "https",
            "server": ("talkoot.example", 443),
            "client": ("198.51.100.1", 1),
            "headers": [(b"host", b"talkoot.example"), *sent],
            "state": {},
        }  # type: ignore[arg-type]  # what a request needs here
    )


def cookie(new: NewSignIn) -> str:
    return f"__Host-talkoot={new.secret}"


@pytest.fixture
async def house(database: Database, clock: FixedClock) -> House:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community, role=Role.MANAGER, email="m@mail.example")
        return House(database, clock, person.id, community.id)


async def test_nobody_in_particular_is_anonymous(house: House) -> None:
    for headers in ({}, {"cookie": "other=1"}, {"authorization": "Basic YTpi"}):
        assert await house.ask(**headers) == ANONYMOUS
    assert await house.holds(ANONYMOUS)


async def test_a_cookie_is_its_person_in_one_query(house: House, clock: FixedClock) -> None:
    new = await house.sign_in()
    await house.ask(cookie=cookie(new))

    with counted_statements() as sent:
        identity = await house.ask(cookie=cookie(new))

    assert len(sent) == 1
    assert identity.actor.person_id == house.person_id
    assert identity.actor.has_role(house.community_id, Role.MANAGER)
    assert identity.actor.scopes is None
    assert (identity.session_id, identity.token_id) == (new.sign_in_id, None)
    assert identity.until == clock.now() + timedelta(hours=12)
    assert identity.csrf
    assert identity.csrf != new.secret
    assert await house.holds(identity)


async def test_a_token_is_its_person_within_its_scopes_in_one_query(house: House) -> None:
    made = await house.make_token("requests:read", "areas:write")
    await house.ask(authorization=f"Bearer {made.secret}")

    with counted_statements() as sent:
        identity = await house.ask(authorization=f"bearer  {made.secret} ")

    assert len(sent) == 1
    assert identity.actor.person_id == house.person_id
    assert identity.actor.scopes == {"requests:read", "areas:write"}
    assert identity.actor.has_role(house.community_id, Role.MANAGER)
    assert (identity.session_id, identity.token_id) == (None, made.row.id)
    assert (identity.csrf, identity.until) == (None, made.row.expires_at)
    assert await house.holds(identity)


async def test_a_token_goes_before_a_cookie(house: House) -> None:
    new, made = await house.sign_in(), await house.make_token()
    identity = await house.ask(authorization=f"Bearer {made.secret}", cookie=cookie(new))
    assert identity.token_id == made.row.id


async def test_what_does_not_hold_is_refused_and_not_taken_for_nobody(house: House) -> None:
    new, made = await house.sign_in(), await house.make_token()
    changed = new.secret[:-1] + ("a" if new.secret[-1] != "a" else "b")
    for headers in (
        {"cookie": f"__Host-talkoot={changed}"},
        {"cookie": "__Host-talkoot=x"},
        {"cookie": f"__Host-talkoot={'é' * 43}"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer x"},
        {"authorization": f"Bearer {made.secret[:-1]}"},
        {"authorization": f"Bearer {made.secret[4:]}"},
        {"authorization": f"Bearer tlk_{new.secret}"},
        {"cookie": f"__Host-talkoot={made.secret[4:]}"},
        {"authorization": "Bearer x", "cookie": cookie(new)},
    ):
        with pytest.raises(NotSignedIn):
            await house.ask(**headers)


async def test_the_plain_cookie_counts_only_without_https(house: House) -> None:
    new = await house.sign_in()
    plain = f"talkoot={new.secret}"
    assert await house.ask(cookie=plain) == ANONYMOUS
    assert (await house.ask(PLAIN, cookie=plain)).session_id == new.sign_in_id
    assert await house.ask(PLAIN, cookie=cookie(new)) == ANONYMOUS


async def test_everything_ends_with_the_person(house: House, clock: FixedClock) -> None:
    new, made = await house.sign_in(), await house.make_token()
    ways = ({"cookie": cookie(new)}, {"authorization": f"Bearer {made.secret}"})
    known = [await house.ask(**headers) for headers in ways]
    async with house.database.begin() as session:
        await erase_person(session, Actor.system(), house.person_id, now=clock.now())
    for headers, identity in zip(ways, known, strict=True):
        assert not await house.holds(identity)
        with pytest.raises(NotSignedIn):
            await house.ask(**headers)


async def test_sockets_end_with_what_they_began_with(house: House, clock: FixedClock) -> None:
    new, made = await house.sign_in(), await house.make_token()
    by_cookie = await house.ask(cookie=cookie(new))
    by_token = await house.ask(authorization=f"Bearer {made.secret}")
    async with house.database.begin() as session:
        await end_sign_in(session, by_cookie.actor, new.sign_in_id, now=clock.now())
        await revoke_token(session, Actor.system(), house.person_id, made.row.id, now=clock.now())
    assert not await house.holds(by_cookie)
    assert not await house.holds(by_token)


async def test_a_changed_role_ends_sign_ins_and_sockets(house: House, clock: FixedClock) -> None:
    new, made = await house.sign_in(), await house.make_token()
    by_cookie = await house.ask(cookie=cookie(new))
    by_token = await house.ask(authorization=f"Bearer {made.secret}")
    async with house.database.begin() as session:
        role = StaffRole(house.community_id, house.person_id, Role.COORDINATOR)
        await give_role(session, Actor.system(), role, now=clock.now())
    assert not await house.holds(by_cookie)
    assert not await house.holds(by_token), "it has other rights now: connect again"
    again = await house.ask(authorization=f"Bearer {made.secret}")
    assert again.actor.has_role(house.community_id, Role.COORDINATOR)
    with pytest.raises(NotSignedIn):
        await house.ask(cookie=cookie(new))


async def test_a_token_never_may_more_than_its_person(house: House, clock: FixedClock) -> None:
    made = await house.make_token("admin:write")
    async with house.database.begin() as session:
        rows = await session.scalars(
            select(Membership).where(Membership.person_id == house.person_id)
        )
        rows.one().ended_at = clock.now()
    identity = await house.ask(authorization=f"Bearer {made.secret}")
    assert identity.actor.roles == {}


async def test_tokens_expire(house: House, clock: FixedClock) -> None:
    made = await house.make_token()
    clock.advance(timedelta(days=90) - timedelta(seconds=1))
    identity = await house.ask(authorization=f"Bearer {made.secret}")
    clock.advance(timedelta(seconds=1))
    assert not await house.holds(identity)
    with pytest.raises(NotSignedIn):
        await house.ask(authorization=f"Bearer {made.secret}")


async def test_that_one_is_there_is_written_down_now_and_then(
    house: House, clock: FixedClock
) -> None:
    new, made = await house.sign_in(), await house.make_token()
    began = clock.now()

    async def noted() -> tuple[Any, Any]:
        await house.ask(cookie=cookie(new))
        await house.ask(authorization=f"Bearer {made.secret}")
        async with house.database.read() as session:
            seen = await session.scalar(select(SignIn.seen_at))
            return seen, await session.scalar(select(ApiToken.last_used_at))

    assert await noted() == (began, began)
    clock.advance(timedelta(minutes=4, seconds=59))
    assert await noted() == (began, began)
    clock.advance(timedelta(seconds=1))
    assert await noted() == (clock.now(), began)
    clock.advance(timedelta(minutes=56))
    seen, used = await noted()
    assert (seen, used) == (clock.now(), began + timedelta(hours=1))


async def test_many_requests_at_once_write_once(house: House, clock: FixedClock) -> None:
    new = await house.sign_in()
    clock.advance(timedelta(minutes=6))
    found = await asyncio.gather(*(house.ask(cookie=cookie(new)) for _ in range(8)))
    assert {identity.session_id for identity in found} == {new.sign_in_id}


async def test_the_oldest_of_many_browsers_makes_way(house: House, clock: FixedClock) -> None:
    first = await house.sign_in()
    for _ in range(20):
        clock.advance(timedelta(seconds=1))
        await house.sign_in()
    with pytest.raises(NotSignedIn):
        await house.ask(cookie=cookie(first))
    async with house.database.read() as session:
        assert len(list(await session.scalars(select(SignIn.id)))) == 20


async def test_forms_and_calls_carry_the_token_of_their_sign_in(house: House) -> None:
    mine = await house.ask(cookie=cookie(await house.sign_in()))
    other = await house.ask(cookie=cookie(await house.sign_in()))
    program = await house.ask(authorization=f"Bearer {(await house.make_token()).secret}")
    assert mine.csrf is not None
    assert other.csrf is not None
    ours = {"origin": "https://talkoot.example"}
    check_csrf(request(**ours, x_csrf_token=mine.csrf), mine, SETTINGS)
    check_csrf(request(**ours), mine, SETTINGS, {"csrf": mine.csrf})
    check_csrf(request(**ours), ANONYMOUS, SETTINGS)
    check_csrf(request(origin="https://evil.example"), program, SETTINGS)
    for identity, headers in (
        (mine, ours),
        (mine, ours | {"x_csrf_token": other.csrf}),
        (mine, ours | {"x_csrf_token": ""}),
        (mine, {"x_csrf_token": mine.csrf, "origin": "https://evil.example"}),
        (mine, {"x_csrf_token": mine.csrf, "sec_fetch_site": "cross-site"}),
        (ANONYMOUS, {"sec_fetch_site": "cross-site"}),
        (ANONYMOUS, {"origin": "null"}),
    ):
        with pytest.raises(ForeignForm):
            check_csrf(request(**headers), identity, SETTINGS)


async def test_what_has_ended_is_forgotten(house: House, clock: FixedClock) -> None:
    await house.sign_in()
    await house.make_token()
    async with house.database.begin() as session:
        session.add(
            SignInLink(
                next_path="/",
                language="en",
                created_at=clock.now(),
                expires_at=clock.now() + timedelta(minutes=30),
            )
        )
    tools = JobTools(house.database, clock, SETTINGS, {})

    async def left() -> list[int]:
        await forget_sign_ins(tools, {})
        async with house.database.read() as session:
            return [
                len(list(await session.scalars(select(table.id))))
                for table in (SignIn, SignInLink, ApiToken)
            ]

    assert await left() == [1, 1, 1]
    clock.advance(timedelta(hours=3))
    assert await left() == [1, 0, 1]
    clock.advance(timedelta(days=15))
    assert await left() == [0, 0, 1]
    clock.advance(timedelta(days=170))
    assert await left() == [0, 0, 0]
    async with house.database.read() as session:
        assert await session.scalar(select(Community.id)) == house.community_id
