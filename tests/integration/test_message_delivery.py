"""Messages on their way: a real mail server, a gateway over HTTP, both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.ids import new_id
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.mail import MemoryMailer, OutgoingMail, SmtpMailer
from core.settings import Settings
from core.sms import HttpTextSender, MemoryTextSender, count_segments
from messaging import jobs
from messaging.delivering import LEASE, Carriers, claim_parcel, deliver_message
from messaging.failures import list_failed_messages
from messaging.kinds import MessageStatus, Words
from messaging.models import Message
from messaging.repository import find_message, find_words, forget_person
from messaging.sending import queue_message
from messaging.states import DeliveryState, apply_delivery_state
from messaging.stopping import start_again, stop_all
from messaging.unsubscribing import unsubscribe
from people.auth import Actor
from people.kinds import Channel, Purpose, Role
from people.models import Community, ContactPoint, Person
from people.repository import list_last_consents
from tests.factories.messages import add_contact, add_reachable, give_consent, make_draft
from tests.factories.people import actor_as, add_community, add_person
from tests.http_services import LocalService, Reply, Request, serve
from tests.ledger import find_consent
from tests.mail_server import MailServer, mail_server, silent_server, sink_settings

SETTINGS = Settings(**sink_settings(25))


class Post:
    """The worker's part in this test: a registry, tools and carriers."""

    def __init__(
        self, database: Database, clock: FixedClock, mailer: Any, text_sender: Any = None
    ) -> None:
        self.database, self.clock, self.mailer = database, clock, mailer
        self.text_sender = text_sender or MemoryTextSender()
        self.settings = SETTINGS
        self.registry = JobRegistry()
        jobs.register_jobs(self.registry)
        services = {"mailer": mailer, "text_sender": self.text_sender}
        self.tools = JobTools(database, clock, SETTINGS, services)

    async def run(self) -> None:
        await run_due_jobs(self.database, self.registry, self.tools)

    async def run_for(self, minutes: float, step_s: float = 15.0) -> None:
        for _ in range(int(minutes * 60 / step_s)):
            self.clock.advance(timedelta(seconds=step_s))
            await self.run()

    async def deliver(self, message_id: UUID) -> None:
        carriers = Carriers(self.mailer, self.text_sender)
        await deliver_message(self.database, carriers, self.settings, self.clock, message_id)

    async def get(self, message_id: UUID) -> Message:
        async with self.database.read() as session:
            message = await find_message(session, message_id)
        assert message is not None
        return message

    async def statuses(self, ids: list[UUID]) -> list[str]:
        return [(await self.get(key)).status.value for key in ids]


@pytest.fixture
def server() -> Any:
    with mail_server() as running:
        yield running


@pytest.fixture
async def post(database: Database, clock: FixedClock, server: MailServer) -> AsyncIterator[Post]:
    mailer = SmtpMailer("127.0.0.1", server.port, clock=clock, security="none", timeout_s=60.0)
    yield Post(database, clock, mailer)
    await mailer.close()


@pytest.fixture
async def community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


async def queue_many(
    post: Post, community: Community, count: int, *channels: Channel, **changes: Any
) -> tuple[list[UUID], list[Person]]:
    ids, people = [], []
    async with post.database.begin() as session:
        for _ in range(count):
            person = await add_reachable(session, community, *channels)
            draft = make_draft(community, person, **changes)
            ids.append((await queue_message(session, draft, now=post.clock.now())).id)
            people.append(person)
    return ids, people


async def address_of(post: Post, person: Person) -> str:
    async with post.database.read() as session:
        rows = await session.get(Person, person.id)
        assert rows is not None
        await session.refresh(rows, ["contact_points"])
        return rows.contact_points[0].value


async def test_many_mails_go_over_one_connection(
    post: Post, community: Community, server: MailServer
) -> None:
    ids, people = await queue_many(post, community, 30)

    await post.run()

    assert await post.statuses(ids) == ["sent"] * 30
    assert sorted(server.addresses()) == sorted([await address_of(post, p) for p in people])
    assert server.connection_count == 1
    mail = server.received[0].parse()
    named = next(key for key in ids if key.hex in server.received[0].sender)
    assert server.received[0].sender == f"help+b-{named.hex}@city.example"
    assert mail["Message-ID"] == f"<{named.hex}@city.example>"
    assert mail["List-Unsubscribe"].startswith("<https://help.city.example/l/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (await post.get(named)).mail_id == mail["Message-ID"]


async def test_enqueued_twice_and_delivered_by_many_goes_once(
    post: Post, community: Community, server: MailServer
) -> None:
    async with post.database.begin() as session:
        person = await add_reachable(session, community)
    draft = make_draft(community, person)
    for _ in range(2):
        async with post.database.begin() as session:
            message = await queue_message(session, draft, now=post.clock.now())

    await asyncio.gather(*(post.deliver(message.id) for _ in range(8)))
    await post.run()

    assert len(server.received) == 1


async def test_five_minutes_without_a_server_lose_nothing(
    post: Post, community: Community, server: MailServer
) -> None:
    server.stop()
    ids, _ = await queue_many(post, community, 8)
    await post.run()
    await post.run_for(5)
    assert await post.statuses(ids) == ["queued"] * 8

    server.start()
    await post.run_for(2)

    assert await post.statuses(ids) == ["sent"] * 8
    assert len(server.received) == 8


async def test_a_refused_address_stops_only_its_own_mail(
    post: Post, community: Community, server: MailServer
) -> None:
    ids, people = await queue_many(post, community, 50)
    bad = await address_of(post, people[17])
    server.answer_recipient = lambda address: "550 5.1.1 unknown" if address == bad else None

    await post.run()
    await post.run_for(10, step_s=60)

    statuses = await post.statuses(ids)
    assert statuses.count("sent") == 49
    assert statuses[17] == "bounced"
    assert len(server.received) == 49
    assert [address for _, address in server.asked].count(bad) == 1
    async with post.database.begin() as session:
        again = await queue_message(
            session, make_draft(community, people[17]), now=post.clock.now()
        )
        assert again.reason == "contact_bounced"
        manager = actor_as(Role.MANAGER, community.id)
        shown = await list_failed_messages(session, manager, community.id)
        assert [row.id for row in shown] == [again.id, ids[17]]
        for nosy in (actor_as(Role.VOLUNTEER, community.id), actor_as(Role.MANAGER, new_id())):
            with pytest.raises(NotPermitted):
                await list_failed_messages(session, nosy, community.id)


async def test_a_policy_refusal_does_not_condemn_the_address(
    post: Post, community: Community, server: MailServer
) -> None:
    ids, people = await queue_many(post, community, 1)
    server.answer_data = lambda _: "554 5.7.1 looks like advertising"
    await post.run()

    assert await post.statuses(ids) == ["failed"]
    async with post.database.begin() as session:
        again = await queue_message(session, make_draft(community, people[0]), now=post.clock.now())
    assert again.status is MessageStatus.QUEUED


async def test_temporary_refusals_are_tried_with_growing_gaps_then_given_up(
    post: Post, community: Community, server: MailServer
) -> None:
    ids, _ = await queue_many(post, community, 1, hurry=True)
    server.answer_recipient = lambda _: "451 4.7.1 come back later"
    tried: list[datetime] = []
    for _ in range(12):
        await post.run()
        tried.append(post.clock.now())
        message = await post.get(ids[0])
        if message.status is MessageStatus.FAILED:
            break
        post.clock.advance(message.due_at - post.clock.now())

    assert len(server.asked) == len(tried)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) >= 5
    assert tried[-1] - tried[0] >= timedelta(hours=1)
    assert all(later > earlier for earlier, later in pairwise(gaps[:-1]))
    failed = await post.get(ids[0])
    assert (failed.status, failed.reason) == (MessageStatus.FAILED, "smtp_451")
    assert server.received == []


async def test_a_server_that_says_nothing_holds_nobody_for_long(
    database: Database, clock: FixedClock, community: Community
) -> None:
    with silent_server() as port:
        mailer = SmtpMailer("127.0.0.1", port, clock=clock, security="none", timeout_s=0.3)
        post = Post(database, clock, mailer)
        ids, _ = await queue_many(post, community, 6)
        async with asyncio.timeout(60):
            await post.run()
        reasons = {(await post.get(key)).reason for key in ids}
        assert await post.statuses(ids) == ["queued"] * 6
        # the first one waits for the answer, the others are told at once
        assert reasons == {"server_down", "server_resting"}
        await mailer.close()


async def test_killed_between_acceptance_and_note_sends_once_more_with_the_same_id(
    post: Post, community: Community, server: MailServer
) -> None:
    ids, _ = await queue_many(post, community, 1)

    class Killed(BaseException):
        pass

    class DyingMailer:
        async def send(self, mail: OutgoingMail) -> None:
            await post.mailer.send(mail)
            raise Killed

        async def close(self) -> None:
            return

    carriers = Carriers(DyingMailer(), post.text_sender)
    with pytest.raises(Killed):
        await deliver_message(post.database, carriers, SETTINGS, post.clock, ids[0])
    await post.run()
    assert len(server.received) == 1  # its claim still holds

    post.clock.advance(LEASE)
    await post.run()
    await post.run_for(10, step_s=60)

    assert await post.statuses(ids) == ["sent"]
    assert len(server.received) == 2
    assert len(set(server.mail_ids())) == 1


async def test_a_message_whose_job_was_lost_is_swept_up(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, _ = await queue_many(post, community, 1)
    empty = JobRegistry()

    async def lose(tools: JobTools, args: dict[str, Any]) -> None:
        return

    empty.add("messaging.deliver", lose)
    await run_due_jobs(database, empty, post.tools)
    assert await post.statuses(ids) == ["queued"]

    await post.run_for(10, step_s=60)
    assert await post.statuses(ids) == ["sent"]


async def test_stop_takes_back_what_waits_and_start_opens_only_that(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, (person,) = await queue_many(post, community, 1, Channel.SMS)
    now = clock.now()
    async with database.begin() as session:
        await give_consent(session, community, person, Purpose.CAMPAIGNS, source="form")
        await give_consent(
            session, community, person, Purpose.CAMPAIGNS, granted=False, recorded_at=now
        )
        clock.advance(timedelta(seconds=1))
        stopped = await stop_all(session, person.id, Channel.SMS, now=clock.now())
    assert stopped == [Purpose.OFFERS]
    await post.run()
    assert [await post.statuses(ids), post.text_sender.sent] == [["suppressed"], []]
    assert (await post.get(ids[0])).reason == "stopped"

    clock.advance(timedelta(seconds=1))
    async with database.begin() as session:
        assert await start_again(session, person.id, Channel.SMS, now=clock.now()) == [
            Purpose.OFFERS
        ]
        assert await find_consent(session, person.id, Purpose.CAMPAIGNS, Channel.SMS) is None
        again = await queue_message(session, make_draft(community, person), now=clock.now())
        assert await start_again(session, person.id, Channel.SMS, now=clock.now()) == []
    await post.run()
    assert await post.statuses([again.id]) == ["sent"]


async def test_stop_races_delivery_and_queueing(
    database: Database, clock: FixedClock, community: Community
) -> None:
    """Whoever wins: after STOP was kept nothing new is handed to the carrier."""
    post = Post(database, clock, MemoryMailer())
    for _ in range(5):
        ids, (person,) = await queue_many(post, community, 1, Channel.SMS)

        async def stop(key: UUID = person.id) -> None:
            async with database.begin() as session:
                await stop_all(session, key, Channel.SMS, now=clock.now())

        await asyncio.gather(stop(), post.deliver(ids[0]))
        status = (await post.get(ids[0])).status
        sent = [text for text in post.text_sender.sent if text.key == str(ids[0])]
        assert (status, len(sent)) in [(MessageStatus.SENT, 1), (MessageStatus.SUPPRESSED, 0)]

        async with database.begin() as session:
            late = await queue_message(session, make_draft(community, person), now=clock.now())
        assert late.reason == "no_consent"


async def test_consent_is_asked_again_when_the_message_goes(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, (person,) = await queue_many(post, community, 1)
    async with database.begin() as session:
        await give_consent(
            session, community, person, granted=False, recorded_at=clock.now(), source="form"
        )
    await post.run()

    message = await post.get(ids[0])
    assert (message.status, message.reason) == (MessageStatus.SUPPRESSED, "no_consent")
    async with database.read() as session:
        assert await find_words(session, ids[0]) is None


async def test_unsubscribe_link_stops_that_purpose_on_that_channel(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, (person,) = await queue_many(post, community, 1, Channel.EMAIL, Channel.SMS)
    async with database.begin() as session:
        await give_consent(session, community, person, Purpose.CAMPAIGNS)
    await post.run()
    clock.advance(timedelta(hours=1))
    async with database.begin() as session:
        assert await unsubscribe(session, ids[0], now=clock.now())
        assert not await unsubscribe(session, ids[0], now=clock.now())
        assert not await unsubscribe(session, new_id(), now=clock.now())
        offers = [
            await find_consent(session, person.id, Purpose.OFFERS, channel)
            for channel in (Channel.EMAIL, Channel.SMS)
        ]
        assert offers[0] is None
        assert offers[1] is not None
        assert await find_consent(session, person.id, Purpose.CAMPAIGNS, Channel.EMAIL)


async def test_digest_instead_of_a_flood(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    async with database.begin() as session:
        person = await add_reachable(session, community, languages=("es",))
        other = await add_reachable(session, community)
        for receiver in (person, other):
            for _ in range(1 if receiver is other else 3):
                draft = make_draft(community, receiver, digest_s=600, kind="news")
                await queue_message(session, draft, now=clock.now())
        await queue_message(session, make_draft(community, person), now=clock.now())
    await post.run()
    assert len(post.mailer.sent) == 1

    await post.run_for(11, step_s=60)

    subjects = sorted(str(mail.parse()["Subject"]) for mail in post.mailer.sent)
    assert len(subjects) == 3
    assert subjects[0] == "3 mensajes para usted: Snow near you: can you help?"
    digest = next(mail for mail in post.mailer.sent if "3 mensajes" in str(mail.parse()["Subject"]))
    text = digest.parse().get_body(("plain",))
    html = digest.parse().get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().count("Two homes near you") == 3
    assert html.get_content().count("<html") == 1
    assert html.get_content().count("Two homes near you") == 3


# --- text messages ---


def gateway(*, status: int = 201, code: int | None = None) -> Any:
    count = iter(range(1, 1000))

    def answer(request: Request) -> Reply:
        if status == 201:
            return Reply({"sid": f"SM{next(count)}", "status": "queued"}, 201)
        return Reply({"code": code, "message": "no", "status": status}, status)

    return answer


async def text_post(
    database: Database, clock: FixedClock, service: LocalService, timeout_s: float = 60.0
) -> Post:
    sender = HttpTextSender(
        service.url, account="AC1", token="secret", sender="+16175550000", timeout_s=timeout_s
    )
    return Post(database, clock, MemoryMailer(), sender)


async def test_text_goes_to_the_gateway_and_reports_come_in_any_order(
    database: Database, clock: FixedClock, community: Community
) -> None:
    with serve(gateway()) as service:
        post = await text_post(database, clock, service)
        ids, _ = await queue_many(post, community, 1, Channel.SMS)
        await post.run()
        await post.text_sender.close()
    asked = service.requests[0]
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.body["Body"] == "Snow near you. Answer YES K7 or NO K7."
    assert asked.body["From"] == "+16175550000"
    assert asked.body["StatusCallback"] == "https://help.city.example/sms/status"
    assert asked.headers["Idempotency-Key"] == str(ids[0])
    assert asked.headers["Authorization"].startswith("Basic ")
    assert (await post.get(ids[0])).provider_id == "SM1"

    start = clock.now()

    async def report(state: DeliveryState, after_s: int, code: int | None = None) -> bool:
        async with database.begin() as session:
            moment = start + timedelta(seconds=after_s)
            return await apply_delivery_state(
                session, "SM1", state, moment, now=moment, error_code=code
            )

    assert not await report(DeliveryState.SENT, 1)
    results = await asyncio.gather(*(report(DeliveryState.DELIVERED, 5) for _ in range(10)))
    assert results.count(True) == 1
    assert not await report(DeliveryState.FAILED, 3, 30003)
    assert not await report(DeliveryState.QUEUED, 9)
    assert (await post.get(ids[0])).status is MessageStatus.DELIVERED
    assert await report(DeliveryState.UNDELIVERED, 10, 30003)
    message = await post.get(ids[0])
    assert (message.status, message.reason) == (MessageStatus.FAILED, "gateway_30003")


async def test_report_that_overtakes_our_note_is_applied_later(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, _ = await queue_many(post, community, 1, Channel.SMS)
    name = f"memory-{ids[0]}"
    async with database.begin() as session:
        early = await apply_delivery_state(
            session, name, DeliveryState.DELIVERED, clock.now(), now=clock.now()
        )
    assert not early
    await post.run_for(1)
    assert (await post.get(ids[0])).status is MessageStatus.DELIVERED


@pytest.mark.parametrize(
    ("status", "code", "wanted", "bounced"),
    [
        (400, 21610, "failed", False),
        (400, 21614, "bounced", True),
        (400, 21211, "bounced", True),
        (400, None, "failed", False),
        (429, 20429, "queued", False),
        (500, None, "queued", False),
        (401, 20003, "queued", False),
    ],
)
async def test_refusals_of_the_gateway(
    database: Database,
    clock: FixedClock,
    community: Community,
    status: int,
    code: int | None,
    wanted: str,
    bounced: bool,
) -> None:
    with serve(gateway(status=status, code=code)) as service:
        post = await text_post(database, clock, service)
        ids, (person,) = await queue_many(post, community, 1, Channel.SMS)
        await post.run()
        await post.text_sender.close()
    assert await post.statuses(ids) == [wanted]
    async with database.read() as session:
        message = await post.get(ids[0])
        contact = await session.get(ContactPoint, message.contact_point_id)
        assert contact is not None
        assert (contact.bounced_at is not None) == bounced
        consent = await find_consent(session, person.id, Purpose.OFFERS, Channel.SMS)
        assert (consent is None) == (code == 21610)


async def test_slow_or_dead_gateway_is_tried_again(
    database: Database, clock: FixedClock, community: Community
) -> None:
    with serve(lambda _: Reply({"sid": "SM1"}, 201, wait_s=60.0)) as service:
        post = await text_post(database, clock, service, timeout_s=2.0)
        ids, _ = await queue_many(post, community, 1, Channel.SMS)
        await post.run()
        assert (await post.get(ids[0])).reason == "gateway_slow"
    await post.run_for(1)
    assert (await post.get(ids[0])).reason == "gateway_down"
    await post.text_sender.close()
    keys = {request.headers["Idempotency-Key"] for request in service.requests}
    assert keys == {str(ids[0])}


# --- the end of a message ---


async def test_words_are_forgotten_and_erased(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, _ = await queue_many(post, community, 2)
    await post.run()
    waiting, _ = await queue_many(post, community, 1)
    clock.advance(jobs.KEEP_WORDS + timedelta(hours=1))
    await jobs.forget_words(post.tools, {})
    async with database.read() as session:
        kept = [await find_words(session, key) is not None for key in (*ids, *waiting)]
    assert kept == [False, False, True]


async def test_a_strange_message_is_given_up_not_tried_without_end(
    database: Database, clock: FixedClock, community: Community
) -> None:
    mailer = MemoryMailer()
    mailer.trouble = lambda _: RuntimeError("a bug")
    post = Post(database, clock, mailer)
    ids, _ = await queue_many(post, community, 1, hurry=True)
    await post.run()
    first = await post.get(ids[0])
    assert (first.status, first.reason) == (MessageStatus.QUEUED, "sending_broke")
    await post.run_for(24 * 60, step_s=1800)
    assert await post.statuses(ids) == ["failed"]


async def test_two_claims_give_one_parcel(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    ids, _ = await queue_many(post, community, 1)

    async def claim() -> object:
        async with database.begin() as session:
            return await claim_parcel(session, ids[0], SETTINGS, now=clock.now())

    parcels = await asyncio.gather(*(claim() for _ in range(6)))
    assert sum(parcel is not None for parcel in parcels) == 1


async def test_a_switched_off_carrier_is_gone_round_or_told_to_staff(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    post.settings = replace(SETTINGS, mail="none")
    ids, _ = await queue_many(post, community, 1, Channel.EMAIL, Channel.SMS)
    lonely, _ = await queue_many(post, community, 1, Channel.EMAIL)
    for message_id in (*ids, *lonely):
        await post.deliver(message_id)

    assert [text.key for text in post.text_sender.sent] == [str(ids[0])]
    assert post.mailer.sent == []
    async with database.read() as session:
        shown = await list_failed_messages(session, Actor.system(), community.id)
    assert [(row.id, row.reason) for row in shown] == [(lonely[0], "no_contact")]


async def test_a_message_queued_while_stop_was_written_does_not_go(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    async with database.begin() as session:
        person = await add_reachable(session, community, Channel.SMS)

    async def stop() -> None:
        async with database.begin() as session:
            await stop_all(session, person.id, Channel.SMS, now=clock.now())

    async with database.begin() as session:
        message = await queue_message(session, make_draft(community, person), now=clock.now())
        stopping = asyncio.create_task(stop())
        # PostgreSQL writes the STOP now, SQLite lets it wait for this transaction
        await asyncio.wait([stopping], timeout=0.5)
    await stopping
    await post.run()

    assert post.text_sender.sent == []
    assert (await post.get(message.id)).status is MessageStatus.SUPPRESSED


async def test_texts_join_only_as_far_as_they_fit(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    words = Words("", "", "", "Snow " * 40)
    async with database.begin() as session:
        person = await add_reachable(session, community, Channel.SMS)
        for _ in range(4):
            draft = make_draft(community, person, digest_s=600, words=words, kind="news")
            await queue_message(session, draft, now=clock.now())
    await post.run_for(12, step_s=60)

    sizes = [count_segments(text.text).count for text in post.text_sender.sent]
    assert sizes == [3, 3]
    assert sum(text.text.count("Snow") for text in post.text_sender.sent) == 160


async def test_who_is_erased_gets_nothing_and_leaves_no_words(
    database: Database, clock: FixedClock, community: Community
) -> None:
    post = Post(database, clock, MemoryMailer())
    sent, (person,) = await queue_many(post, community, 1)
    await post.run()
    async with database.begin() as session:
        waiting = await queue_message(session, make_draft(community, person), now=clock.now())
        assert await forget_person(session, person.id) == 2
        contacts = await session.get(ContactPoint, waiting.contact_point_id)
        await session.delete(contacts)
    await post.run()

    assert len(post.mailer.sent) == 1
    gone = await post.get(waiting.id)
    assert (gone.status, gone.reason) == (MessageStatus.SUPPRESSED, "person_erased")
    assert gone.contact_point_id is None
    async with database.read() as session:
        assert await find_words(session, sent[0]) is None
        assert await find_words(session, waiting.id) is None


async def test_an_address_that_no_mail_can_carry_is_closed(
    post: Post, community: Community, server: MailServer
) -> None:
    async with post.database.begin() as session:
        person = await add_person(session, community)
        await add_contact(session, person, Channel.EMAIL, "se\u00f1or@mail.example")
        await give_consent(session, community, person)
        message = await queue_message(session, make_draft(community, person), now=post.clock.now())
    await post.run()
    closed = await post.get(message.id)
    assert (closed.status, closed.reason) == (MessageStatus.BOUNCED, "address_not_sendable")
    assert server.asked == []


async def test_what_is_due_in_the_night_waits_for_the_morning(
    post: Post, community: Community, server: MailServer
) -> None:
    """A server that is down in the evening must not make us write at night."""
    post.clock.advance(timedelta(hours=5, minutes=50))  # 21:50 in Cambridge
    server.stop()
    ids, _ = await queue_many(post, community, 1)
    await post.run_for(15, step_s=30)
    server.start()
    await post.run_for(60, step_s=60)
    assert server.received == []
    message = await post.get(ids[0])
    post.clock.advance(message.due_at - post.clock.now())
    await post.run()
    assert len(server.received) == 1
    assert post.clock.now().astimezone(ZoneInfo("America/New_York")).hour == 7


async def test_what_is_said_to_one_community_is_nothing_to_another(
    post: Post, community: Community
) -> None:
    """Somebody who belongs to two towns leaves the mails of one, then stops all by text."""
    async with post.database.begin() as session:
        other = await add_community(session, "frostville")
        person = await add_reachable(session, community, Channel.EMAIL, Channel.SMS)
        await give_consent(session, other, person, Purpose.OFFERS)
        first = await queue_message(session, make_draft(community, person), now=post.clock.now())
        second = await queue_message(session, make_draft(other, person), now=post.clock.now())
        assert await unsubscribe(session, first.id, now=post.clock.now())
        purpose, channel = first.purpose, first.channel
        assert purpose is not None
        lines = await list_last_consents(session, person.id, purpose, channel)
        assert {line.community_id for line in lines if line.granted} == {other.id}
        await session.refresh(second)
        assert second.status is MessageStatus.QUEUED
        await stop_all(session, person.id, Channel(channel), now=post.clock.now())
        lines = await list_last_consents(session, person.id, purpose, channel)
        assert [line for line in lines if line.granted] == []
