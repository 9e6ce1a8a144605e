"""Notices on phones: a real push service on this machine, both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.ids import new_id
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from matching.personal.erasure import erase_person
from messaging import jobs
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.push import jobs as push_jobs
from messaging.push.errors import InvalidSubscription, PushIsOff, SubscriptionUnknown
from messaging.push.keys import make_key, open_key
from messaging.push.subscribing import TurnOn, turn_off, turn_on
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Purpose
from people.models import Community, Person
from people.push_models import PushSubscription
from people.push_repository import MOST_BROWSERS, list_of
from people.signing_in.jobs import forget_sign_ins
from people.signing_in.kinds import IDLE, Method
from people.signing_in.passwords import set_password
from people.signing_in.sessions import (
    MOST_SIGN_INS,
    end_all_sign_ins,
    end_other_sign_ins,
    end_sign_in,
    start_sign_in,
)
from tests.factories.messages import add_reachable, give_consent, make_draft
from tests.factories.people import add_community
from tests.push_service import PushService, push_service, read_vapid
from web.notices import write_notice

ON = {
    "TALKOOT_PUSH_KEY": make_key(),
    "TALKOOT_PUSH_CONTACT": "mailto:snow@city.example",
    "TALKOOT_WEBHOOK_HOSTS": "local",
}
SETTINGS = Settings.from_environment(ON)


class Phones:
    """A worker, and people who turned notices on."""

    def __init__(self, database: Database, clock: FixedClock, community: Community) -> None:
        self.database, self.clock, self.community = database, clock, community
        self.registry = JobRegistry()
        jobs.register_jobs(self.registry)
        push_jobs.register_jobs(self.registry)
        self.mailer = MemoryMailer()

    async def add(self, **changes: Any) -> Person:
        async with self.database.begin() as session:
            return await add_reachable(session, self.community, **changes)

    async def turn_on(
        self,
        person: Person,
        said: dict[str, str],
        sign_in_id: UUID | None = None,
        settings: Settings = SETTINGS,
    ) -> PushSubscription:
        async with self.database.begin() as session:
            return await turn_on(
                session,
                Actor(person_id=person.id),
                TurnOn(**said, device="firefox_on_android", sign_in_id=sign_in_id),
                settings,
                now=self.clock.now(),
            )

    async def tell(self, person: Person, **changes: Any) -> UUID:
        async with self.database.begin() as session:
            draft = make_draft(self.community, person, **changes)
            return (await queue_message(session, draft, now=self.clock.now())).id

    async def run(self, settings: Settings = SETTINGS, *, minutes: float = 0, **extra: Any) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        services = {
            "mailer": self.mailer,
            "text_sender": MemoryTextSender(),
            push_jobs.NOTICES: write_notice,
            **extra,
        }
        tools = JobTools(self.database, self.clock, settings, services)
        await run_due_jobs(self.database, self.registry, tools)

    async def rows(self, person: Person) -> list[PushSubscription]:
        async with self.database.read() as session:
            return await list_of(session, person.id)


@pytest.fixture
async def phones(database: Database, clock: FixedClock) -> Phones:
    async with database.begin() as session:
        community = await add_community(session)
    return Phones(database, clock, community)


def always(status: int) -> Callable[[str], int]:
    return lambda _: status


async def test_a_notice_goes_with_the_message_and_says_nothing_of_it(phones: Phones) -> None:
    person = await phones.add(languages=("es",))
    ask_id = new_id()
    with push_service() as service:
        for name in ("phone", "laptop"):
            await phones.turn_on(person, service.subscribe(name))
        await phones.tell(person, subject_type="ask", subject_id=ask_id)
        await phones.run()
        await phones.run(minutes=5)
        pushed = service.pushed()
    assert sorted(one.path for one in pushed) == ["/push/laptop", "/push/phone"]
    assert len(phones.mailer.sent) == 1
    key = open_key(SETTINGS)
    assert key is not None
    for one in pushed:
        assert one.said == {
            "title": "Talkoot",
            "body": "Alguien cerca de usted pide ayuda. ¿Puede ir?",
            "path": f"/volunteering/offers/{ask_id}",
            "tag": f"ask:{ask_id}",
            "lang": "es",
        }
        assert one.headers["content-encoding"] == "aes128gcm"
        assert one.headers["urgency"] == "high"
        assert 0 < int(one.headers["ttl"]) <= 12 * 3_600
        assert 0 < len(one.headers["topic"]) <= 32
        assert one.size <= 4_096
        claims, signer = read_vapid(one.headers["authorization"])
        assert claims["aud"] == f"http://127.0.0.1:{service.port}"
        assert signer == key.public_text
    assert len({one.headers["topic"] for one in pushed}) == 2
    assert all(row.told_at is not None for row in await phones.rows(person))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(phones: Phones, status: int) -> None:
    person = await phones.add()
    with push_service(lambda name: status if name == "old" else 201) as service:
        await phones.turn_on(person, service.subscribe("old"))
        kept = await phones.turn_on(person, service.subscribe("new"))
        for _ in range(2):
            await phones.tell(person)
            await phones.run()
        assert sorted(one.path for one in service.received) == [
            "/push/new", "/push/new", "/push/old",
        ]  # fmt: skip
    assert [row.id for row in await phones.rows(person)] == [kept.id]


async def test_what_may_pass_is_tried_again_and_what_will_not_is_not(phones: Phones) -> None:
    person = await phones.add()
    answers = [503, 429, 201]
    with push_service(lambda name: answers.pop(0) if name == "busy" else 403) as service:
        await phones.turn_on(person, service.subscribe("busy"))
        await phones.turn_on(person, service.subscribe("strict"))
        message_id = await phones.tell(person)
        for _ in range(6):
            await phones.run(minutes=3)
        paths = [one.path for one in service.received]
    assert paths.count("/push/busy") == 3
    assert paths.count("/push/strict") == 1
    assert len(await phones.rows(person)) == 2
    async with phones.database.read() as session:
        assert (await session.get_one(Message, message_id)).status is MessageStatus.SENT


async def test_it_ends_after_some_tries_and_with_what_it_is_about(phones: Phones) -> None:
    person = await phones.add()
    with push_service(always(500)) as service:
        await phones.turn_on(person, service.subscribe("phone"))
        soon = phones.clock.now() + timedelta(minutes=4)
        await phones.tell(person, expires_at=soon)
        await phones.run()
        await phones.run(minutes=1)
        first = len(service.received)
        assert first == 2
        for _ in range(4):
            await phones.run(minutes=5)
        assert len(service.received) == first
        await phones.tell(person)
        for _ in range(40):
            await phones.run(minutes=10)
    assert len(service.received) - first == push_jobs.MOST_ATTEMPTS


async def test_nothing_buzzes_that_nobody_waits_for_or_agreed_to(phones: Phones) -> None:
    person = await phones.add()
    async with phones.database.begin() as session:
        await give_consent(session, phones.community, person, Purpose.CAMPAIGNS)
    with push_service() as service:
        await phones.turn_on(person, service.subscribe("phone"))
        await phones.tell(person, purpose=Purpose.CAMPAIGNS, kind="group_news")
        await phones.tell(person, purpose=Purpose.RESEARCH)
        pinned = (await phones.rows(person))[0]
        await phones.run()
        assert service.received == []
        assert len(phones.mailer.sent) == 1
        # in the quiet hours of the night it waits with its message
        phones.clock.advance(timedelta(hours=7))
        await phones.tell(person)
        await phones.run()
        assert service.received == []
        await phones.run(minutes=9 * 60)
        assert len(service.received) == 1
    assert pinned.told_at is None


async def test_without_a_key_or_with_another_one_nothing_goes(phones: Phones) -> None:
    person = await phones.add()
    off = Settings()
    with push_service() as service:
        said = service.subscribe("phone")
        await phones.turn_on(person, said)
        await phones.tell(person)
        await phones.run(off)
        assert (await phones.rows(person)) != []
        await phones.tell(person)
        await phones.run(Settings.from_environment(ON | {"TALKOOT_PUSH_KEY": make_key()}))
        assert service.received == []
        assert await phones.rows(person) == []
        with pytest.raises(PushIsOff):
            await phones.turn_on(person, said, settings=off)
    assert len(phones.mailer.sent) == 2


async def test_one_turns_on_ones_own_browsers_and_ten_at_most(phones: Phones) -> None:
    person, other = await phones.add(), await phones.add()
    now = phones.clock.now()
    with push_service() as service:
        first = await phones.turn_on(person, service.subscribe("0"))
        for number in range(MOST_BROWSERS):
            phones.clock.advance(timedelta(seconds=1))
            await phones.turn_on(person, service.subscribe(str(number)))
            await phones.turn_on(person, service.subscribe(str(number)))
        await phones.turn_on(person, service.subscribe("one-more"))
        rows = await phones.rows(person)
        assert len(rows) == MOST_BROWSERS
        assert first.id not in {row.id for row in rows}
        # the next person at a shared computer takes the browser over
        await phones.turn_on(other, service.subscribe("one-more"))
        assert len(await phones.rows(person)) == MOST_BROWSERS - 1
        mine = (await phones.rows(person))[0]
        refused: tuple[tuple[Actor, type[Exception]], ...] = (
            (Actor(person_id=other.id), SubscriptionUnknown),
            (Actor.anonymous(), NotPermitted),
            (Actor(person_id=person.id, scopes=frozenset({"people:write"})), NotPermitted),
        )
        for actor, error in refused:
            with pytest.raises(error):
                async with phones.database.begin() as session:
                    await turn_off(session, actor, mine.id, now=now)
        async with phones.database.begin() as session:
            await turn_off(session, Actor(person_id=person.id), mine.id, now=now)
        assert mine.id not in {row.id for row in await phones.rows(person)}


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://push.example/a",
        "https://10.0.0.1/a",
        "https://169.254.169.254/latest",
        "https://user:word@push.example/a",
        "https://localhost:8443/a",
        "https://push.internal/a",
        "https://push.example:22/a",
        "javascript:alert(1)",
        f"https://push.example/{'a' * 500}",
    ],
)
async def test_addresses_that_are_no_push_service_are_refused(
    phones: Phones, endpoint: str
) -> None:
    person = await phones.add()
    keys = PushService(0, []).subscribe("phone") | {"endpoint": endpoint}
    public = Settings.from_environment({name: ON[name] for name in list(ON)[:2]})
    with pytest.raises(InvalidSubscription):
        await phones.turn_on(person, keys, settings=public)
    assert await phones.rows(person) == []


async def test_who_signs_out_or_is_forgotten_hears_nothing_more(phones: Phones) -> None:
    person, actor = await phones.add(), Actor.system()
    clock = phones.clock

    async def sign_in(instead_of: str | None = None) -> tuple[UUID, str]:
        async with phones.database.begin() as session:
            new = await start_sign_in(
                session, person.id, Method.LINK, device="x", now=clock.now(), instead_of=instead_of
            )
        return new.sign_in_id, new.secret

    with push_service() as service:
        first_id, secret = await sign_in()
        await phones.turn_on(person, service.subscribe("phone"), first_id)
        again_id, _ = await sign_in(secret)
        assert [row.sign_in_id for row in await phones.rows(person)] == [again_id]
        async with phones.database.begin() as session:
            await end_sign_in(session, Actor(person_id=person.id), again_id, now=clock.now())
        assert await phones.rows(person) == []
        # a sign-in that grew old is not a wish to hear nothing more
        await phones.turn_on(person, service.subscribe("phone"), (await sign_in())[0])
        clock.advance(IDLE + timedelta(hours=1))
        tools = JobTools(phones.database, clock, SETTINGS, {})
        await forget_sign_ins(tools, {})
        assert [row.sign_in_id for row in await phones.rows(person)] == [None]
        message_id = await phones.tell(person)
        async with phones.database.begin() as session:
            await erase_person(session, actor, person.id, now=clock.now())
        await phones.run()
        assert service.received == []
    async with phones.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(PushSubscription)) == 0
        assert (await session.get_one(Message, message_id)).sent_at is None


async def test_a_retry_does_not_buzz_at_night(phones: Phones) -> None:
    person = await phones.add()
    # it is four in the afternoon there, and at ten quiet hours begin
    phones.clock.advance(timedelta(hours=5, minutes=50))
    with push_service(always(500)) as service:
        await phones.turn_on(person, service.subscribe("phone"))
        await phones.tell(person)
        await phones.run()
        assert 0 < int(service.received[0].headers["ttl"]) <= 10 * 60
        await phones.run(minutes=2)
        before = len(service.received)
        assert before == 2
        for _ in range(6):
            await phones.run(minutes=10)
        assert len(service.received) == before
        # what somebody asked for just now comes at any hour
        await phones.tell(person, purpose=None, hurry=True)
        count = len(service.received)
        await phones.run()
        assert len(service.received) == count + 1


async def test_what_is_answered_meanwhile_does_not_buzz(phones: Phones) -> None:
    person, asked = await phones.add(), []

    async def still_holds(session: Session, subject_id: UUID) -> bool:
        asked.append(subject_id)
        return len(asked) < 2

    with push_service(always(500)) as service:
        await phones.turn_on(person, service.subscribe("phone"))
        ask_id = new_id()
        await phones.tell(person, kind="offer", subject_type="ask", subject_id=ask_id)
        for _ in range(4):
            await phones.run(minutes=1, **{push_jobs.STILL_HOLDS: {"offer": still_holds}})
        assert asked == [ask_id, ask_id]
        assert len(service.received) == 1
        await phones.tell(person, kind="visit_reminder", subject_type="ask", subject_id=ask_id)
        await phones.run(**{push_jobs.STILL_HOLDS: {"offer": still_holds}})
        assert len(service.received) == 2


@pytest.mark.parametrize("how", ["others", "all", "password"])
async def test_who_signs_out_everywhere_is_heard_on_no_lost_phone(phones: Phones, how: str) -> None:
    person, neighbor = await phones.add(), await phones.add()
    actor, clock = Actor(person_id=person.id), phones.clock

    async def sign_in(whose: Person) -> UUID:
        async with phones.database.begin() as session:
            new = await start_sign_in(
                session, whose.id, Method.LINK, device="x", now=clock.now(), instead_of=None
            )
        return new.sign_in_id

    said = PushService(0, []).subscribe
    lost = await phones.turn_on(person, said("lost"), await sign_in(person))
    await phones.turn_on(neighbor, said("neighbors"), await sign_in(neighbor))
    clock.advance(IDLE + timedelta(hours=1))
    await forget_sign_ins(JobTools(phones.database, clock, SETTINGS, {}), {})
    for _ in range(MOST_SIGN_INS + 1):
        here_id = await sign_in(person)
    here = await phones.turn_on(person, said("here"), here_id)
    # making room for newer sign-ins is no wish to hear nothing more
    assert {row.id for row in await phones.rows(person)} == {lost.id, here.id}

    async with phones.database.begin() as session:
        now = clock.now()
        if how == "others":
            await end_other_sign_ins(session, actor, besides=here_id, now=now)
        elif how == "all":
            await end_all_sign_ins(session, Actor.system(), person.id, "role_changed", now=now)
        else:
            await set_password(session, actor, "hash", keeps=here_id, now=now)
    kept = [] if how == "all" else [here.id]
    assert [row.id for row in await phones.rows(person)] == kept
    assert len(await phones.rows(neighbor)) == 1
