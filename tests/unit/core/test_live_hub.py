"""The hub in memory: bounded, thread-safe, and empty when its readers have gone."""

from __future__ import annotations

import asyncio
from threading import Thread
from uuid import UUID, uuid4

import pytest

from core.live import GAP, MAX_CHANGES, QUEUE_SIZE, Change, Hub, squeeze, topic

HOME = UUID(int=1)
TOWN = UUID(int=2)


def change(number: int = 0, kind: str = "request.open") -> Change:
    return Change(kind, "request", UUID(int=1_000 + number), TOWN)


async def test_reader_hears_of_its_topics_only() -> None:
    hub = Hub()
    async with hub.subscribe([topic("request", HOME)]) as reader:
        mine = Change("request.open", "request", HOME, TOWN)
        about = Change("offer.sent", "offer", uuid4(), TOWN, (topic("request", HOME),))
        hub.publish([change(), mine, about])

        assert await reader.wait(1) == [mine, about]
        assert await reader.wait(0.01) == []


async def test_reader_of_a_community_hears_of_everything_there_once() -> None:
    hub = Hub()
    topics = [topic("community", TOWN), topic("request", HOME)]
    async with hub.subscribe(topics) as reader:
        hub.publish([Change("request.open", "request", HOME, TOWN)])
        hub.publish([Change("request.open", "request", HOME, uuid4())])

        assert len(await reader.wait(1)) == 2


async def test_reader_that_lags_is_told_so_and_holds_no_more_than_its_queue() -> None:
    hub = Hub()
    async with hub.subscribe([topic("community", TOWN)]) as reader:
        for number in range(QUEUE_SIZE * 40):
            hub.publish([change(number)])
        waiting = reader.take_all()

        assert len(waiting) <= QUEUE_SIZE
        assert waiting[0] == GAP
        assert waiting.count(GAP) == 1
        assert waiting[-1] == change(QUEUE_SIZE * 40 - 1)


async def test_queue_that_is_just_full_has_no_gap() -> None:
    hub = Hub()
    async with hub.subscribe([topic("community", TOWN)]) as reader:
        hub.publish([change(number) for number in range(QUEUE_SIZE)])

        assert reader.take_all() == [change(number) for number in range(QUEUE_SIZE)]


async def test_gap_reaches_every_reader() -> None:
    hub = Hub()
    async with (
        hub.subscribe([topic("request", HOME)]) as one,
        hub.subscribe([topic("community", TOWN)]) as other,
    ):
        hub.publish([GAP])

        assert await one.wait(1) == [GAP]
        assert await other.wait(1) == [GAP]


async def test_changes_of_another_thread_wake_the_reader() -> None:
    hub = Hub()
    async with hub.subscribe([topic("community", TOWN)]) as reader:

        def publish() -> None:
            for number in range(100):
                hub.publish([change(number)])

        thread = Thread(target=publish)
        thread.start()
        heard = [await asyncio.wait_for(anext(reader), 60) for _ in range(100)]
        thread.join()

    assert heard == [change(number) for number in range(100)]


async def test_reader_of_a_loop_that_has_gone_holds_up_nobody() -> None:
    hub = Hub()

    def come_and_go() -> None:
        async def enter() -> None:
            await hub.subscribe([topic("community", TOWN)]).__aenter__()

        asyncio.run(enter())

    thread = Thread(target=come_and_go)
    thread.start()
    thread.join()
    async with hub.subscribe([topic("community", TOWN)]) as reader:
        hub.publish([change()])

        assert await reader.wait(1) == [change()]


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_leaving_frees_however_it_comes_about(error: type[BaseException]) -> None:
    hub = Hub()

    async def read() -> None:
        async with hub.subscribe([topic("community", TOWN), topic("request", HOME)]):
            assert hub.subscription_count == 1
            raise error

    with pytest.raises(error):
        await read()

    assert hub.subscription_count == 0
    assert hub._by_topic == {}


async def test_closing_ends_readers_after_what_they_had() -> None:
    hub = Hub()
    async with hub.subscribe([topic("community", TOWN)]) as reader:
        hub.publish([change()])
        await hub.close()

        assert [one async for one in reader] == [change()]
        assert reader.ended
    async with hub.subscribe([topic("community", TOWN)]) as late:
        assert [one async for one in late] == []


async def test_subscription_needs_topics_within_bounds() -> None:
    hub = Hub()
    for topics in ([], [f"request:{number}" for number in range(1_001)]):
        with pytest.raises(ValueError, match="1 to 1000 topics"):
            async with hub.subscribe(topics):
                pass


def test_squeeze_keeps_each_change_once_and_bounds_them() -> None:
    assert squeeze([change(1), change(2), change(1)]) == [change(1), change(2)]
    assert squeeze([change(number) for number in range(MAX_CHANGES + 1)]) == [GAP]
