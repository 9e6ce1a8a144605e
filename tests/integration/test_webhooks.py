"""Webhooks from the event to the receiver: real HTTP, real jobs, both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api.health import describe_webhooks
from api.opening import open_database
from api.worker import build_registry
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import Event
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from matching.kinds import RequestStatus
from matching.transitions import Cause, move_request
from messaging.models import Message, MessageWords
from messaging.webhooks import endpoints, listing_repository, replaying, repository
from messaging.webhooks.endpoints import ChangeEndpoint, CreateEndpoint
from messaging.webhooks.errors import (
    DeliveryUnknown,
    EndpointDisabled,
    EndpointUnknown,
    InvalidEndpoint,
    TooManyEndpoints,
)
from messaging.webhooks.jobs import DELIVER, deliver, register_jobs
from messaging.webhooks.kinds import BY_EVENT, PUBLIC_KINDS, DeliveryStatus, EndpointStatus
from messaging.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from messaging.webhooks.retrying import RESTS_S
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.webhook_receiver import OK, Answer, Received, receive, verify

SETTINGS = Settings(webhook_hosts="local")
SYSTEM = Actor.system()


class Hub:
    """A town, its managers, a worker, and a receiver that answers as it is told."""

    def __init__(self, database: Database, clock: FixedClock, town: Town) -> None:
        self.database, self.clock, self.town = database, clock, town
        self.manager = actor_as(Role.MANAGER, town.community_id, town.manager_id)
        self.registry = JobRegistry()
        register_jobs(self.registry)
        self.tools = JobTools(database, clock, SETTINGS)
        self.answers: list[Answer] = []
        self.answer: Answer = OK

    def reply(self, _: Received) -> Answer:
        return self.answers.pop(0) if self.answers else self.answer

    async def create(self, url: str, *kinds: str) -> WebhookEndpoint:
        command = CreateEndpoint(
            community_id=self.town.community_id,
            url=url,
            kinds=kinds or ("request.cancelled",),
            local=True,
        )
        async with self.database.begin() as session:
            return await endpoints.create_endpoint(
                session, self.manager, command, now=self.clock.now()
            )

    async def cancel(self, number: int = 0) -> UUID:
        """Something happens: a request is called off."""
        key = self.town.request_ids[number]
        async with self.database.begin() as session:
            cause = Cause(now=self.clock.now(), reason="resident_cancelled")
            await move_request(session, key, RequestStatus.CANCELLED, cause)
        return key

    async def cancel_and_fail(self) -> None:
        """Something happens, and is undone."""
        async with self.database.begin() as session:
            cause = Cause(now=self.clock.now())
            await move_request(session, self.town.request_ids[0], RequestStatus.CANCELLED, cause)
            raise RuntimeError

    async def work(self) -> None:
        await run_due_jobs(self.database, self.registry, self.tools)

    async def pass_time(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))
        await self.work()

    async def deliveries(self) -> list[WebhookDelivery]:
        async with self.database.read() as session:
            query = (
                select(WebhookDelivery)
                .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
                .where(WebhookEndpoint.community_id == self.town.community_id)
                .order_by(WebhookDelivery.id)
            )
            return list(await session.scalars(query))

    async def attempts(self) -> list[WebhookAttempt]:
        async with self.database.read() as session:
            query = select(WebhookAttempt).order_by(WebhookAttempt.id)
            return list(await session.scalars(query))

    async def endpoint(self, key: UUID) -> WebhookEndpoint:
        async with self.database.read() as session:
            found = await repository.find_endpoint(session, key)
        assert found is not None
        return found


@pytest.fixture
async def hub(database_url: str, clock: FixedClock) -> AsyncIterator[Hub]:
    async with open_database(database_url) as database:
        town = await seed_town(database, clock, "snowville", scale=4)
        async with database.begin() as session:
            for made_up in town.webhook_ids:
                await repository.delete_endpoint(session, made_up)
        yield Hub(database, clock, town)


async def test_what_happens_is_told_once_and_signed(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        request_id = await hub.cancel()
        await hub.work()
        await hub.work()
    (one,) = receiver.received
    assert verify(endpoint.secret, one.headers, one.body, now=hub.clock.now())
    assert one.headers["content-type"] == "application/json"
    body = json.loads(one.body)
    assert body["type"] == "request.cancelled"
    assert body["timestamp"] == "2026-01-15T21:00:00.000Z"
    assert body["data"]["subject"] == {"type": "request", "id": str(request_id)}
    assert body["data"]["community_id"] == str(hub.town.community_id)
    assert body["data"]["facts"]["to"] == "cancelled"
    assert "resident_cancelled" not in one.body.decode()
    async with hub.database.read() as session:
        event = await session.get_one(Event, UUID(body["data"]["event_id"]))
    assert one.headers["webhook-id"] == f"msg_{event.id.hex}"
    (row,) = await hub.deliveries()
    assert (row.status, row.attempts) == (DeliveryStatus.DELIVERED, 1)
    (attempt,) = await hub.attempts()
    assert (attempt.status_code, attempt.error) == (204, None)
    assert attempt.duration_ms >= 0


async def test_nothing_is_told_of_what_was_undone(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        await hub.create(receiver.url)
        with pytest.raises(RuntimeError):
            await hub.cancel_and_fail()
        await hub.work()
    assert receiver.received == []
    assert await hub.deliveries() == []


async def test_only_chosen_kinds_of_the_own_community_are_told(hub: Hub, clock: FixedClock) -> None:
    other = await seed_town(hub.database, clock, "frostham", scale=4)
    with receive(hub.reply) as receiver:
        await hub.create(receiver.url, "offer.sent")
        await hub.cancel()
        await hub.work()
        assert receiver.received == []
        await hub.create(receiver.url, "request.cancelled")
        async with hub.database.begin() as session:
            cause = Cause(now=clock.now())
            await move_request(session, other.request_ids[0], RequestStatus.CANCELLED, cause)
        await hub.work()
    assert receiver.received == []


async def test_a_failure_is_tried_again_with_growing_rests_for_three_days(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        hub.answer = (500, {}, b"boom", 0.0)
        endpoint = await hub.create(receiver.url)
        await hub.cancel()
        began = hub.clock.now()
        tried = []
        for _ in range(12):
            seen = len(receiver.received)
            await hub.work()
            if len(receiver.received) > seen:
                tried.append(hub.clock.now())
            (row,) = await hub.deliveries()
            if row.status is not DeliveryStatus.WAITING:
                break
            hub.clock.advance(row.due_at - hub.clock.now())
    ids = {one.headers["webhook-id"] for one in receiver.received}
    bodies = {one.body for one in receiver.received}
    assert (len(ids), len(bodies)) == (1, 1)
    assert len(tried) in (len(RESTS_S), len(RESTS_S) + 1)
    rests = [(later - sooner).total_seconds() for sooner, later in pairwise(tried)]
    for rest, planned in zip(rests, RESTS_S, strict=False):
        assert planned <= rest <= 1.2 * planned
    assert timedelta(days=2) < tried[-1] - began < timedelta(days=4)
    assert row.status is DeliveryStatus.FAILED
    stored = await hub.endpoint(endpoint.id)
    assert (stored.status, stored.disabled_reason) == (EndpointStatus.DISABLED, "failing")
    assert b"boom" not in b"".join(one.body for one in receiver.received)


async def test_managers_hear_that_an_endpoint_was_switched_off(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        hub.answer = (410, {}, b"", 0.0)
        endpoint = await hub.create(receiver.url)
        await hub.cancel(0)
        await hub.cancel(1)
        await hub.work()
        await hub.cancel(2)
        await hub.pass_time(days=1)
    assert len(receiver.received) == 1
    stored = await hub.endpoint(endpoint.id)
    assert (stored.status, stored.disabled_reason) == (EndpointStatus.DISABLED, "gone")
    assert {row.status for row in await hub.deliveries()} == {DeliveryStatus.FAILED}
    assert len(await hub.deliveries()) == 2
    async with hub.database.read() as session:
        (message,) = list(
            await session.scalars(select(Message).where(Message.kind == "webhook_disabled"))
        )
        words = await session.get_one(MessageWords, message.id)
    assert message.person_id == hub.town.manager_id
    assert "127.0.0.1" in words.text
    assert "/hooks" not in words.text


async def test_one_success_ends_the_count_of_failures(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        hub.answers = [(503, {"Retry-After": "60"}, b"", 0.0)]
        await hub.cancel()
        await hub.work()
        failing = await hub.endpoint(endpoint.id)
        async with hub.database.read() as session:
            now = hub.clock.now()
            backlog = await repository.measure_backlog(session, now=now, late_since=now)
        assert describe_webhooks(backlog) == "failing"
        assert failing.failing_since_at == hub.clock.now()
        assert failing.rests_until_at == hub.clock.now() + timedelta(seconds=60)
        await hub.pass_time(seconds=30)
        assert len(receiver.received) == 1
        await hub.pass_time(seconds=40)
        assert len(receiver.received) == 2
        healthy = await hub.endpoint(endpoint.id)
    assert (healthy.failing_since_at, healthy.failure_count) == (None, 0)
    assert [row.status_code for row in await hub.attempts()] == [503, 204]


async def test_an_endpoint_that_is_down_is_not_hammered(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        hub.answer = (500, {}, b"", 0.0)
        await hub.create(receiver.url)
        for number in range(4):
            await hub.cancel(number)
        await hub.work()
        assert len(receiver.received) == 1
        await hub.pass_time(seconds=1)
        assert len(receiver.received) == 1
        hub.answer = OK
        await hub.pass_time(seconds=10)
    assert len(receiver.received) == 5
    assert {row.status for row in await hub.deliveries()} == {DeliveryStatus.DELIVERED}


async def test_while_a_secret_changes_both_sign(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        old = endpoint.secret
        async with hub.database.begin() as session:
            rotated = await endpoints.rotate_secret(
                session, hub.manager, endpoint.id, now=hub.clock.now()
            )
        await hub.cancel(0)
        await hub.work()
        await hub.pass_time(hours=25)
        await hub.cancel(1)
        await hub.work()
    assert rotated.secret != old
    first, second = receiver.received
    before = hub.clock.now() - timedelta(hours=25)
    assert verify(old, first.headers, first.body, now=before)
    assert verify(rotated.secret, first.headers, first.body, now=before)
    assert not verify(old, second.headers, second.body, now=hub.clock.now())
    assert verify(rotated.secret, second.headers, second.body, now=hub.clock.now())


async def test_a_test_event_comes_whatever_was_chosen(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url, "storm.closed")
        async with hub.database.begin() as session:
            await replaying.send_test(session, hub.manager, endpoint.id, now=hub.clock.now())
        await hub.work()
    (one,) = receiver.received
    assert json.loads(one.body)["type"] == "webhook.test"
    assert verify(endpoint.secret, one.headers, one.body, now=hub.clock.now())


async def test_deliveries_can_be_told_again(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        began = hub.clock.now()
        for number in range(3):
            await hub.cancel(number)
            await hub.pass_time(hours=1)
        assert len(receiver.received) == 3
        row = (await hub.deliveries())[0]
        async with hub.database.begin() as session:
            await replaying.replay_delivery(session, hub.manager, row.id, now=hub.clock.now())
        await hub.work()
        assert len(receiver.received) == 4
        assert (
            receiver.received[3].headers["webhook-id"] == receiver.received[0].headers["webhook-id"]
        )
        assert receiver.received[3].body == receiver.received[0].body
        async with hub.database.begin() as session:
            count = await replaying.replay_deliveries(
                session,
                hub.manager,
                endpoint.id,
                since=began + timedelta(minutes=30),
                until=began + timedelta(hours=9),
                now=hub.clock.now(),
            )
        await hub.work()
    assert count == 2
    assert len(receiver.received) == 6
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 3


async def test_two_workers_send_each_delivery_once(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        for number in range(4):
            await hub.cancel(number)
        hub.answer = (204, {}, b"", 0.05)
        args = {"endpoint_id": str(endpoint.id)}
        await asyncio.gather(*(deliver(hub.tools, args) for _ in range(3)))
    assert len(receiver.received) == 4


async def test_a_worker_that_died_is_followed_by_another(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        await hub.cancel()
        async with hub.database.begin() as session:
            row = await repository.lock_endpoint(session, endpoint.id)
            assert row is not None
            row.busy_until_at = hub.clock.now() + timedelta(seconds=120)
        await hub.work()
        assert receiver.received == []
        await hub.pass_time(seconds=121)
    assert len(receiver.received) == 1


async def test_managers_alone_and_strangers_find_nothing(hub: Hub, clock: FixedClock) -> None:
    other = await seed_town(hub.database, clock, "frostham", scale=4)
    stranger = actor_as(Role.MANAGER, other.community_id, other.manager_id)
    coordinator = actor_as(Role.COORDINATOR, hub.town.community_id)
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        await hub.cancel()
        await hub.work()
    (row,) = await hub.deliveries()
    now, since = clock.now(), clock.now() - timedelta(days=1)
    for actor in (stranger, coordinator, Actor.anonymous()):
        async with hub.database.begin() as session:
            command = CreateEndpoint(
                community_id=hub.town.community_id,
                url="https://hooks.example.org/",
                kinds=("request.done",),
            )
            with pytest.raises(NotPermitted):
                await endpoints.create_endpoint(session, actor, command, now=now)
            change = ChangeEndpoint(endpoint_id=endpoint.id, description="mine")
            with pytest.raises(EndpointUnknown):
                await endpoints.change_endpoint(session, actor, change, now=now)
            for act in (
                endpoints.rotate_secret,
                endpoints.disable_endpoint,
                endpoints.enable_endpoint,
                endpoints.delete_endpoint,
                replaying.send_test,
            ):
                with pytest.raises(EndpointUnknown):
                    await act(session, actor, endpoint.id, now=now)
            with pytest.raises(DeliveryUnknown):
                await replaying.replay_delivery(session, actor, row.id, now=now)
            with pytest.raises(EndpointUnknown):
                await replaying.replay_deliveries(
                    session, actor, endpoint.id, since=since, until=now, now=now
                )


async def test_endpoints_are_bounded_and_checked(hub: Hub) -> None:
    with pytest.raises(InvalidEndpoint, match="no kind"):
        await hub.create("http://127.0.0.1:9/", "person.erased")
    with pytest.raises(InvalidEndpoint, match="https"):
        await hub.create("http://hooks.example.org/")
    for _ in range(repository.MAX_ENDPOINTS):
        await hub.create("https://hooks.example.org/")
    with pytest.raises(TooManyEndpoints):
        await hub.create("https://hooks.example.org/")


async def test_switched_off_and_on_again(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        endpoint = await hub.create(receiver.url)
        async with hub.database.begin() as session:
            await endpoints.disable_endpoint(session, hub.manager, endpoint.id, now=hub.clock.now())
        await hub.cancel(0)
        await hub.work()
        assert await hub.deliveries() == []
        async with hub.database.begin() as session:
            with pytest.raises(EndpointDisabled):
                await replaying.send_test(session, hub.manager, endpoint.id, now=hub.clock.now())
            await endpoints.enable_endpoint(session, hub.manager, endpoint.id, now=hub.clock.now())
        await hub.cancel(1)
        await hub.work()
        assert len(receiver.received) == 1
        async with hub.database.begin() as session:
            await endpoints.delete_endpoint(session, hub.manager, endpoint.id, now=hub.clock.now())
    async with hub.database.read() as session:
        for model in (WebhookEndpoint, WebhookDelivery, WebhookAttempt):
            assert await session.scalar(select(func.count()).select_from(model)) == 0


async def test_old_deliveries_are_forgotten(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        await hub.create(receiver.url)
        await hub.cancel(0)
        await hub.work()
        await hub.pass_time(days=29)
        assert len(await hub.deliveries()) == 1
        await hub.pass_time(days=2)
    assert await hub.deliveries() == []
    assert await hub.attempts() == []


async def test_the_log_and_the_backlog_are_read_in_few_statements(hub: Hub) -> None:
    with receive(hub.reply) as receiver:
        hub.answers = [(500, {}, b"", 0.0)]
        await hub.create(receiver.url)
        for number in range(3):
            await hub.cancel(number)
        late = hub.clock.now() + timedelta(hours=1)
        async with hub.database.read() as session:
            before = await repository.measure_backlog(
                session, now=late, late_since=late - timedelta(minutes=5)
            )
        await hub.work()
        await hub.pass_time(minutes=1)
    assert (before.late_count, before.failing_count) == (3, 0)
    assert describe_webhooks(before) == "late"
    keys = [row.id for row in await hub.deliveries()]
    async with hub.database.read() as session:
        tried = await listing_repository.load_attempts(session, hub.manager, keys)
        after = await repository.measure_backlog(session, now=late, late_since=late)
    assert sorted(len(rows) for rows in tried.values()) == [1, 1, 2]
    assert (after.late_count, after.failing_count) == (0, 0)
    assert describe_webhooks(after) == "ok"


def test_the_worker_of_the_product_sends() -> None:
    assert build_registry().find_kind(DELIVER) is not None


def test_public_kinds_have_one_event_each_and_no_person() -> None:
    assert len(BY_EVENT) == len(PUBLIC_KINDS)
    assert not [name for name in BY_EVENT if name.startswith(("person.", "consent.", "pair."))]
