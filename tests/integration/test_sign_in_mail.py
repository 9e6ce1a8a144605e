"""The mail with a link: servers in trouble, addresses that went away, mails that come too late."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from api.worker import build_registry
from core.carriers import DeliveryDeferred, DeliveryRefused
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobTools, check_jobs, run_due_jobs
from core.mail import MemoryMailer, OutgoingMail
from core.settings import Settings
from matching.personal.erasure import erase_person
from people.auth import Actor
from people.models import ContactPoint
from people.signing_in.errors import SignInLinkOver, SignInLinkUnknown
from people.signing_in.magic_links import ask_for_link, look_at_link, use_link
from people.signing_in.models import SignInLink
from people.signing_in.passwords import list_candidates
from tests.factories.people import add_community, add_person
from tests.graphql_api.statements import counted_statements

ADDRESS = "ana@mail.example"
SETTINGS = Settings.from_environment({"TALKOOT_PUBLIC_URL": "https://talkoot.example"})


class Post:
    """Somebody who asks for links, and the worker that mails them."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock, self.mailer = database, clock, MemoryMailer()

    async def ask(self, address: str = ADDRESS, language: str = "en") -> UUID:
        async with self.database.begin() as session:
            return await ask_for_link(
                session, address, next_path="/", language=language, now=self.clock.now()
            )

    async def work(self) -> None:
        tools = JobTools(self.database, self.clock, SETTINGS, {"mailer": self.mailer})
        await run_due_jobs(self.database, build_registry(), tools)

    async def look(self, secret: str) -> None:
        async with self.database.read() as session:
            await look_at_link(session, secret, now=self.clock.now())


def secret_in(mail: OutgoingMail) -> str:
    body = mail.parse().get_body(("plain",))
    assert body is not None
    found = re.search(r"https://talkoot\.example/sign-in/link/(\S{43})\s", body.get_content())
    assert found is not None
    return found[1]


@pytest.fixture
async def post(database: Database, clock: FixedClock) -> Post:
    async with database.begin() as session:
        await add_person(session, await add_community(session), email=ADDRESS)
    return Post(database, clock)


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Your link to sign in"), ("es", "Su enlace para entrar")]
)
async def test_the_mail_says_what_it_is_in_ones_language(
    post: Post, language: str, subject: str
) -> None:
    await post.ask(language=language)
    await post.work()
    (mail,) = post.mailer.sent
    parsed = mail.parse()
    html = parsed.get_body(("html",))
    assert html is not None
    assert (parsed["Subject"], parsed["To"]) == (subject, ADDRESS)
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["List-Unsubscribe"] is None
    assert secret_in(mail) in html.get_content()
    assert "10" in html.get_content()
    await post.look(secret_in(mail))


async def test_a_server_that_says_later_gets_another_mail_later(
    post: Post, clock: FixedClock
) -> None:
    tried: list[OutgoingMail] = []

    def trouble(mail: OutgoingMail) -> Exception | None:
        tried.append(mail)
        return DeliveryDeferred("greylisted") if len(tried) == 1 else None

    post.mailer.trouble = trouble
    await post.ask()
    await post.work()
    assert not post.mailer.sent
    clock.advance(timedelta(minutes=1))
    await post.work()

    first, second = (secret_in(mail) for mail in tried)
    assert first != second
    assert tried[0].parse()["Message-ID"] != tried[1].parse()["Message-ID"]
    with pytest.raises(SignInLinkUnknown):
        await post.look(first)
    clock.advance(timedelta(minutes=9, seconds=59))
    await post.look(second)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(SignInLinkOver):
        await post.look(second)


async def test_a_mail_that_is_half_an_hour_late_is_not_sent(post: Post, clock: FixedClock) -> None:
    await post.ask()
    clock.advance(timedelta(minutes=30))
    await post.work()
    assert post.mailer.sent == []


async def test_a_refused_mail_is_not_tried_again(post: Post, clock: FixedClock) -> None:
    tried: list[OutgoingMail] = []

    def trouble(mail: OutgoingMail) -> Exception:
        tried.append(mail)
        return DeliveryRefused("mailbox_unknown", bad_contact=True)

    post.mailer.trouble = trouble
    await post.ask()
    await post.work()
    clock.advance(timedelta(hours=1))
    await post.work()
    assert len(tried) == 1
    async with post.database.read() as session:
        assert (await check_jobs(session, now=clock.now())).failed_count == 0


async def test_a_contact_to_which_nothing_comes_gets_nothing(post: Post, clock: FixedClock) -> None:
    async with post.database.begin() as session:
        contact = (await session.scalars(select(ContactPoint))).one()
        contact.bounced_at = clock.now()
    await post.ask()
    await post.work()
    assert post.mailer.sent == []


async def test_a_link_dies_with_its_address_and_its_person(post: Post, clock: FixedClock) -> None:
    await post.ask()
    await post.work()
    secret = secret_in(post.mailer.sent[-1])

    async def opens_nothing() -> None:
        with pytest.raises(SignInLinkUnknown):
            await post.look(secret)
        with pytest.raises(SignInLinkUnknown):
            async with post.database.begin() as session:
                await use_link(
                    session, secret, person_id=None, device="", instead_of=None, now=clock.now()
                )

    async def move(address: str) -> UUID:
        async with post.database.begin() as session:
            contact = (await session.scalars(select(ContactPoint))).one()
            contact.value = address
            return contact.person_id

    person_id = await move("new@mail.example")
    await opens_nothing()
    await move(ADDRESS)
    await post.look(secret)
    async with post.database.begin() as session:
        await erase_person(session, Actor.system(), person_id, now=clock.now())
    await opens_nothing()
    async with post.database.read() as session:
        assert (await session.scalars(select(SignInLink.id))).all() == []


async def test_jobs_hold_ids_alone(post: Post) -> None:
    """What waits in the queue tells neither who asked nor what opens the door."""
    known, unknown = await post.ask(), await post.ask("nobody@mail.example")
    async with post.database.read() as session:
        rows = {row.id: row for row in await session.scalars(select(SignInLink))}
    assert rows[known].contact_point_id is not None
    assert rows[unknown].contact_point_id is None
    assert {row.token_digest for row in rows.values()} == {None}


async def test_known_and_unknown_addresses_cost_the_same_statements(post: Post) -> None:
    sent: dict[str, list[str]] = {}
    for address in (ADDRESS, "nobody@mail.example"):
        await post.ask(address)  # statements are prepared once
        with counted_statements() as statements:
            await post.ask(address)
        sent[address] = list(statements)
        with counted_statements() as statements:
            async with post.database.read() as session:
                assert await list_candidates(session, address) == []
        sent[address] += statements
    assert [text.split()[:3] for text in sent[ADDRESS]] == [
        text.split()[:3] for text in sent["nobody@mail.example"]
    ]
    assert len(sent[ADDRESS]) > 4
