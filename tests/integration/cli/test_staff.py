"""``talkoot person grant-role`` and ``talkoot token``: the first manager, and a first program."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from api.cli import main
from core.db import Database
from people.kinds import Role
from people.models import Membership
from people.signing_in.errors import NotSignedIn
from people.signing_in.tokens import LiveToken, get_token
from tests.factories.people import add_community, add_person
from tests.personal import dump

MAIL = "Mira@City.example"


def run(capsys: pytest.CaptureFixture[str], url: str, *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main([*args, "--database-url", url])
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    return (code if isinstance(code, int) else 0), out, err


@pytest.fixture
def url(database_url: str) -> str:
    async def prepare() -> None:
        async with Database(database_url) as database, database.begin() as session:
            await add_community(session)
            other = await add_community(session, slug="elsewhere")
            await add_person(session, other, email="known@mail.example")
            for _ in range(2):
                await add_person(session, other, email="shared@mail.example")

    asyncio.run(prepare())
    return database_url


def grant(
    capsys: pytest.CaptureFixture[str], url: str, person: str, *more: str, role: str = "manager"
) -> tuple[int, str, str]:
    place = ("--community", "cambridge", "--role", role)
    return run(capsys, url, "person", "grant-role", person, *place, *more)


def read_roles(url: str) -> list[tuple[Role, bool]]:
    async def read() -> list[tuple[Role, bool]]:
        async with Database(url) as database, database.read() as session:
            rows = await session.scalars(select(Membership).order_by(Membership.id))
            staff = [row for row in rows if row.role is not Role.RESIDENT]
            return [(row.role, row.ended_at is None) for row in staff]

    return asyncio.run(read())


def use_token(url: str, secret: str) -> LiveToken:
    async def use() -> LiveToken:
        async with Database(url) as database, database.read() as session:
            return await get_token(session, secret, now=datetime.now(UTC))

    return asyncio.run(use())


def read_dump(url: str) -> str:
    async def read() -> str:
        async with Database(url) as database:
            return await dump(database)

    return asyncio.run(read())


def test_the_first_manager_and_the_next(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = grant(capsys, url, MAIL)
    assert (code, "on record" in err) == (2, True)

    code, out, err = grant(capsys, url, MAIL, "--name", "Mira Manager")
    assert (code, "now manager of cambridge" in out, err) == (0, True, "")
    code, out, _ = grant(capsys, url, MAIL, "--name", "Mira Manager")
    assert (code, "already manager" in out) == (0, True)
    code, _, err = grant(capsys, url, "known@mail.example", role="coordinator")
    assert code == 0, err
    assert read_roles(url) == [(Role.MANAGER, True), (Role.COORDINATOR, True)]

    end = ("person", "revoke-role", "known@mail.example", "--community", "cambridge", "--role")
    code, out, _ = run(capsys, url, *end, "coordinator")
    assert (code, "no more coordinator" in out) == (0, True)
    assert read_roles(url) == [(Role.MANAGER, True), (Role.COORDINATOR, False)]
    code, _, err = run(capsys, url, "person", "revoke-role", MAIL, *end[3:], "manager")
    assert (code, "last manager" in err) == (2, True)
    code, out, _ = grant(capsys, url, "known@mail.example", role="coordinator")
    assert (code, "now coordinator" in out) == (0, True)


@pytest.mark.parametrize(
    ("person", "more", "words"),
    [
        ("shared@mail.example", (), "Several people"),
        ("shared@mail.example", ("--name", "A"), "Several people"),
        ("no address", ("--name", "A"), "no e-mail address"),
        ("00000000-0000-7000-8000-000000000000", (), "no person with id"),
    ],
)
def test_who_cannot_be_staff_is_said(
    url: str, capsys: pytest.CaptureFixture[str], person: str, more: tuple[str, ...], words: str
) -> None:
    code, _, err = grant(capsys, url, person, *more)
    assert (code, words in err, err.count("\n")) == (2, True, 1)
    assert read_roles(url) == []


def test_roles_are_those_of_the_staff(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = grant(capsys, url, "known@mail.example", role="volunteer")
    assert (code, "volunteer" in err) == (2, True)
    code, _, err = run(
        capsys, url, "person", "grant-role", MAIL, "--community", "nowhere", "--role", "manager"
    )
    assert (code, "nowhere" in err) == (2, True)


def test_a_token_is_shown_once_listed_and_revoked(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    grant(capsys, url, MAIL, "--name", "Mira Manager")
    scopes = ("--scope", "requests:read", "--scope", "areas:read")

    code, out, err = run(capsys, url, "token", "create", MAIL, "--name", "Map [b]", *scopes)

    assert (code, "not shown again" in err) == (0, True), err
    secret = out.strip()
    assert use_token(url, secret).actor.scopes == {"requests:read", "areas:read"}
    assert secret[4:] not in read_dump(url)
    _, out, _ = run(capsys, url, "token", "list", MAIL, "--json")
    (row,) = json.loads(out)
    assert (row["name"], row["state"], row["last_used_at"]) == ("Map [b]", "live", None)
    _, out, _ = run(capsys, url, "token", "list", MAIL)
    assert row["token_id"] in out
    code, _, _ = run(capsys, url, "token", "revoke", MAIL, row["token_id"])
    assert code == 0
    with pytest.raises(NotSignedIn):
        use_token(url, secret)
    for words in (("--scope", "all"), ()):
        code, _, err = run(capsys, url, "token", "create", MAIL, "--name", "Map", *words)
        assert code == 2, err
    code, _, err = run(
        capsys, url, "token", "create", "known@mail.example", "--name", "Map", *scopes
    )
    assert (code, "coordinators and managers" in err) == (2, True)
    code, _, _ = run(capsys, url, "token", "revoke", MAIL, "x")
    assert code == 2


def test_tokens_and_sign_ins_end_with_the_last_role(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    grant(capsys, url, MAIL, "--name", "Mira Manager")
    grant(capsys, url, "known@mail.example", role="coordinator")
    _, secret, _ = run(
        capsys, url, "token", "create", "known@mail.example", "--name", "M", "--scope", "areas:read"
    )
    assert use_token(url, secret.strip())
    place = ("--community", "cambridge", "--role", "coordinator")
    code, _, err = run(capsys, url, "person", "revoke-role", "known@mail.example", *place)
    assert code == 0, err
    with pytest.raises(NotSignedIn):
        use_token(url, secret.strip())
    assert "role.ended" in read_dump(url)
