"""What changes while one looks: told at once, to those alone who may see it at that moment."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import matching.rounds.jobs
from api.schema import watching
from core.clock import FixedClock
from core.db import Database, Session
from core.events import record_event
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.live import GAP, QUEUE_SIZE
from core.settings import Settings
from matching.kinds import OfferStatus, RequestStatus, RoundStop
from matching.models import Offer, Volunteer
from matching.offers.answering import accept_offer
from matching.offers.casework import cancel_request
from matching.rounds.jobs import SOLVER
from matching.rounds.requesting import RequestRound, request_round, stop_round
from people.auth import Actor
from people.kinds import Role
from people.memberships import StaffRole, end_role
from people.signing_in.kinds import Method
from people.signing_in.sessions import end_sign_in, find_sign_in, start_sign_in
from people.signing_in.tokens import NewToken, create_token, find_token, revoke_token
from tests.factories.matching import EVENING
from tests.factories.people import actor_as, add_community, add_person
from tests.factories.town import seed_town
from tests.graphql_api.asking import global_id
from tests.graphql_api.listening import Ended, Listener, listening
from tests.ladder_town import LadderTown, by_hand

MY_WORK = "volunteer/watch_my_work"
ROUND = "staff/watch_round"
BOARD = "staff/watch_board"
QUIET_S = 0.7


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(EVENING)


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    await made.add_request()
    return made


async def helper_of(town: LadderTown, volunteer_id: UUID) -> Actor:
    async with town.database.read() as session:
        row = await session.get_one(Volunteer, volunteer_id)
    return actor_as(Role.VOLUNTEER, town.community.id, row.person_id)


async def staff_of(town: LadderTown, role: Role = Role.MANAGER) -> Actor:
    async with town.database.begin() as session:
        person = await add_person(session, town.community, role=role)
    return actor_as(role, town.community.id, person.id)


def community(town: LadderTown) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community.id)}


def counts(board: Any, name: str) -> dict[str, int]:
    return {row["status"]: row["count"] for row in board[name] if row["count"]}


async def cancel(session: Session, town: LadderTown, request_id: UUID) -> None:
    await cancel_request(
        session, Actor.system(), request_id, now=town.clock.now(), reason="resident_cancelled"
    )


# ---- one's own work


async def test_volunteer_sees_offers_come_and_become_work(town: LadderTown) -> None:
    volunteer_id = await town.add_volunteer()
    actor = await helper_of(town, volunteer_id)
    async with listening(town.database, town.clock, MY_WORK, actor) as ear:
        first = await ear.next()
        assert [row["asks"] for row in first["offers"]] == [[]]
        assert first["assignments"] == []

        await town.wave_and_send()
        asked = await ear.until(lambda work: work["offers"][0]["asks"])
        (ask,) = asked["offers"][0]["asks"]
        assert ask["status"] == "SENT"
        (planned,) = ask["plan"]
        (offer,) = await town.offers()
        assert planned["id"] == global_id("Offer", offer.id)

        async with town.database.begin() as session:
            await accept_offer(session, actor, offer.id, now=town.clock.now())
        agreed = await ear.until(lambda work: work["assignments"])
        assert [row["status"] for row in agreed["assignments"]] == ["ACCEPTED"]
        assert agreed["offers"][0]["heldCount"] == 1


async def test_others_offers_are_neither_seen_nor_a_reason_to_tell(town: LadderTown) -> None:
    volunteer_id = await town.add_volunteer()
    async with town.database.begin() as session:
        other = await add_community(session, "elsewhere")
        stranger = await add_person(session, other, role=Role.VOLUNTEER)
    actor = actor_as(Role.VOLUNTEER, other.id, stranger.id)
    async with listening(town.database, town.clock, MY_WORK, actor) as ear:
        assert (await ear.next())["offers"] == []
        await town.wave_and_send()
        assert (await town.offers())[0].volunteer_id == volunteer_id
        assert await ear.silent(QUIET_S)


async def test_offer_tells_no_address_and_no_name(database: Database, clock: FixedClock) -> None:
    town = await seed_town(database, clock)
    actor = actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[0])
    async with listening(database, clock, MY_WORK, actor) as ear:
        work = await ear.next()
    assert work["offers"][0]["asks"]
    assert work["assignments"]
    assert town.slug not in json.dumps(work)


async def test_somebody_who_begins_to_help_is_told_of_their_first_offer(
    town: LadderTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile came after the subscription: the slow look finds it, and then all is told."""
    monkeypatch.setattr(watching, "SLOW_LOOK_S", 0.5)
    async with town.database.begin() as session:
        person = await add_person(session, town.community, role=Role.VOLUNTEER)
    actor = actor_as(Role.VOLUNTEER, town.community.id, person.id)
    async with listening(town.database, town.clock, MY_WORK, actor) as ear:
        assert (await ear.next())["offers"] == []
        volunteer_id = await town.add_volunteer()
        async with town.database.begin() as session:
            row = await session.get_one(Volunteer, volunteer_id)
            row.person_id = person.id
        assert len((await ear.next())["offers"]) == 1


# ---- a round


async def work_on_rounds(town: LadderTown, solver: Any = by_hand) -> None:
    registry = JobRegistry()
    matching.rounds.jobs.register_jobs(registry)
    settings = Settings(travel="straight")
    tools = JobTools(town.database, town.clock, settings, {SOLVER: solver})
    await run_due_jobs(town.database, registry, tools)


async def test_staff_see_a_round_from_its_request_to_its_end(town: LadderTown) -> None:
    await town.add_volunteer()
    actor = await staff_of(town)
    async with listening(town.database, town.clock, ROUND, actor, **community(town)) as ear:
        assert (await ear.next())["roundJob"] is None
        command = RequestRound(community_id=town.community.id, tries=0)
        async with town.database.begin() as session:
            job = await request_round(session, actor, command, now=town.clock.now())
        waiting = await ear.next()
        assert waiting["roundJob"]["status"] == "WAITING"

        told = threading.Event()

        def slow(problem: Any, **options: Any) -> Any:
            options["callbacks"].incumbent(7.0, 1)
            told.wait(60)
            return by_hand(problem)

        working = asyncio.create_task(work_on_rounds(town, slow))
        running = await ear.until(
            lambda seen: (
                seen["roundJob"]["stage"] == "PLANNING"
                and seen["roundJob"]["bestServedCount"]
                and seen["runningRound"]
            )
        )
        told.set()
        assert running["roundJob"]["bestServedCount"] == 1
        assert running["runningRound"]["status"] == "RUNNING"
        done = await ear.until(lambda seen: seen["roundJob"]["status"] == "FINISHED")
        await working
    assert done["roundJob"]["id"] == global_id("RoundJob", job.id)
    assert (done["roundJob"]["share"], done["roundJob"]["round"]["status"]) == (1.0, "FINISHED")


async def test_round_that_is_called_off_is_told(town: LadderTown) -> None:
    actor = await staff_of(town)
    command = RequestRound(community_id=town.community.id)
    async with town.database.begin() as session:
        job = await request_round(session, actor, command, now=town.clock.now())
    async with listening(town.database, town.clock, ROUND, actor, **community(town)) as ear:
        assert (await ear.next())["roundJob"]["status"] == "WAITING"
        async with town.database.begin() as session:
            await stop_round(session, actor, job.id, now=town.clock.now(), wanted=RoundStop.DISCARD)
        assert (await ear.next())["roundJob"]["status"] == "CANCELLED"


# ---- a community's board


async def test_board_counts_what_stands_where(town: LadderTown) -> None:
    await town.add_volunteer()
    actor = await staff_of(town, Role.COORDINATOR)
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        first = await ear.next()
        assert counts(first, "requestCounts") == {"OPEN": 1}
        assert first["storm"]["status"] == "ACTIVE"
        await town.wave_and_send()
        sent = await ear.until(lambda board: counts(board, "askCounts") == {"SENT": 1})
        assert counts(sent, "offerCounts") == {"SENT": 1}
        assert counts(sent, "requestCounts") == {"OFFERED": 1}


async def test_many_changes_become_few_boards_and_the_last_one_is_told(town: LadderTown) -> None:
    requests = [await town.add_request() for _ in range(12)]
    actor = await staff_of(town)
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        await ear.next()
        began_s, told = time.monotonic(), 0

        async def cancel_all() -> None:
            for request in requests:
                async with town.database.begin() as session:
                    await cancel(session, town, request.id)

        cancelling = asyncio.create_task(cancel_all())
        while True:
            board = await ear.next()
            told += 1
            if counts(board, "requestCounts").get("CANCELLED") == 12:
                break
        took_s = time.monotonic() - began_s
        await cancelling
    assert told <= 2 * took_s + 1


async def test_undone_change_tells_nothing(town: LadderTown) -> None:
    actor = await staff_of(town)
    request = await town.add_request()

    async def fail() -> None:
        async with town.database.begin() as session:
            await cancel(session, town, request.id)
            raise ZeroDivisionError

    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        await ear.next()
        with pytest.raises(ZeroDivisionError):
            await fail()
        assert await ear.silent(QUIET_S)


# ---- who may listen


@pytest.mark.parametrize("document", [ROUND, BOARD])
async def test_only_staff_of_the_community_and_missing_ones_answer_alike(
    town: LadderTown, document: str
) -> None:
    async with town.database.begin() as session:
        other = await add_community(session, "elsewhere")
    foreign = actor_as(Role.MANAGER, other.id)
    resident = actor_as(Role.RESIDENT, town.community.id)
    for actor, code in (
        (foreign, "not_permitted"),
        (resident, "not_permitted"),
        (Actor.anonymous(), "not_signed_in"),
    ):
        for key in (town.community.id, uuid4()):
            ids = {"communityId": global_id("Community", key)}
            async with listening(town.database, town.clock, document, actor, **ids) as ear:
                with pytest.raises(Ended) as ended:
                    await ear.next()
                assert ended.value.codes == [code]
    wrong = {"communityId": global_id("Storm", town.storm.id)}
    async with listening(town.database, town.clock, document, foreign, **wrong) as ear:
        with pytest.raises(Ended) as ended:
            await ear.next()
        assert ended.value.codes == ["not_found"]


async def test_nobody_in_particular_has_no_work(town: LadderTown) -> None:
    async with listening(town.database, town.clock, MY_WORK, Actor.anonymous()) as ear:
        with pytest.raises(Ended) as ended:
            await ear.next()
    assert ended.value.codes == ["not_signed_in"]


async def signed_in(town: LadderTown, role: Role = Role.MANAGER) -> Listener:
    now = town.clock.now()
    async with town.database.begin() as session:
        person = await add_person(session, town.community, role=role)
        begun = await start_sign_in(session, person.id, Method.LINK, device="", now=now)
    async with town.database.read() as session:
        found = await find_sign_in(session, begun.sign_in_id, now=now)
    assert found is not None
    return Listener(found.actor, session_id=begun.sign_in_id)


async def token_of(town: LadderTown, owner: Listener, *scopes: str) -> Listener:
    now, person_id = town.clock.now(), owner.actor.person_id
    assert person_id is not None
    async with town.database.begin() as session:
        new = NewToken(name="Board on the wall", scopes=scopes)
        made = await create_token(session, owner.actor, person_id, new, now=now)
    async with town.database.read() as session:
        found = await find_token(session, made.row.id, now=now)
    assert found is not None
    return Listener(found.actor, token_id=made.row.id)


async def end_of(ear: Any) -> tuple[list[str], float]:
    """The codes with which a subscription ends, and how long that took."""
    began_s = time.monotonic()

    async def listen() -> None:
        async with asyncio.timeout(20):
            while True:
                await ear.next(20)

    with pytest.raises(Ended) as ended:
        await listen()
    return ended.value.codes, time.monotonic() - began_s


async def test_ended_sign_in_ends_the_subscription_at_once(town: LadderTown) -> None:
    who = await signed_in(town)
    async with listening(town.database, town.clock, BOARD, who, **community(town)) as ear:
        await ear.next()
        async with town.database.begin() as session:
            assert who.session_id is not None
            await end_sign_in(session, who.actor, who.session_id, now=town.clock.now())
        codes, took_s = await end_of(ear)
    assert codes == ["not_signed_in"]
    assert took_s < 15


async def test_revoked_token_ends_the_subscription_at_once(town: LadderTown) -> None:
    who = await signed_in(town)
    token = await token_of(town, who, "requests:read", "storms:read", "offers:read", "rounds:read")
    async with listening(town.database, town.clock, BOARD, token, **community(town)) as ear:
        await ear.next()
        async with town.database.begin() as session:
            assert token.token_id is not None
            person_id = who.actor.person_id
            assert person_id is not None
            await revoke_token(session, who.actor, person_id, token.token_id, now=town.clock.now())
        codes, took_s = await end_of(ear)
    assert codes == ["not_signed_in"]
    assert took_s < 15


async def test_lost_role_ends_the_subscription_at_once(town: LadderTown) -> None:
    who = await signed_in(town, Role.COORDINATOR)
    manager = await staff_of(town)
    async with listening(town.database, town.clock, BOARD, who, **community(town)) as ear:
        await ear.next()
        async with town.database.begin() as session:
            assert who.actor.person_id is not None
            command = StaffRole(town.community.id, who.actor.person_id, Role.COORDINATOR)
            await end_role(session, manager, command, now=town.clock.now())
        codes, took_s = await end_of(ear)
    assert codes == ["not_signed_in"]
    assert took_s < 15


async def test_nothing_is_sent_after_a_sign_in_has_run_out(town: LadderTown) -> None:
    """Nobody tells of it: the next change finds it."""
    who = await signed_in(town)
    request = await town.add_request()
    async with listening(town.database, town.clock, BOARD, who, **community(town)) as ear:
        await ear.next()
        town.clock.advance(timedelta(days=400))
        async with town.database.begin() as session:
            await cancel(session, town, request.id)
        with pytest.raises(Ended) as ended:
            await ear.next()
    assert ended.value.codes == ["not_signed_in"]


async def test_token_needs_the_scope_of_each_thing(town: LadderTown) -> None:
    who = await signed_in(town)
    narrow = await token_of(town, who, "requests:read")
    async with listening(town.database, town.clock, ROUND, narrow, **community(town)) as ear:
        with pytest.raises(Ended) as ended:
            await ear.next()
        assert ended.value.codes == ["scope_missing"]
    counted = (
        "subscription ($communityId: ID!) "
        "{communityBoard(communityId: $communityId) {requestCounts {status count}}}"
    )
    async with listening(town.database, town.clock, counted, narrow, **community(town)) as ear:
        assert counts(await ear.next(), "requestCounts") == {"OPEN": 1}
    async with listening(town.database, town.clock, BOARD, narrow, **community(town)) as ear:
        with pytest.raises(Ended) as ended:
            await ear.next()
        assert set(ended.value.codes) == {"scope_missing"}


# ---- many, slow and gone


async def test_fifty_listen_side_by_side_and_leave_nothing_behind(town: LadderTown) -> None:
    actor = await staff_of(town)
    request = await town.add_request()
    async with AsyncExitStack() as stack:
        ears = [
            await stack.enter_async_context(
                listening(town.database, town.clock, BOARD, actor, **community(town))
            )
            for _ in range(50)
        ]
        firsts = await asyncio.gather(*(ear.next(30) for ear in ears))
        assert all(counts(board, "requestCounts") == {"OPEN": 2} for board in firsts)
        assert await listeners_of(town, 50, ears)
        async with town.database.begin() as session:
            await cancel(session, town, request.id)
        seconds = await asyncio.gather(*(ear.next(30) for ear in ears))
        expected = {"OPEN": 1, "CANCELLED": 1}
        assert all(counts(board, "requestCounts") == expected for board in seconds)
    assert town.database.live.subscription_count == 0


async def listeners_of(town: LadderTown, count: int, ears: list[Any]) -> bool:
    return len(ears) == count == town.database.live.subscription_count


async def test_reader_that_lags_finds_the_present_and_no_pile(town: LadderTown) -> None:
    actor = await staff_of(town)
    request = await town.add_request()
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        await ear.next()
        # Nobody reads while these happen.
        for _ in range(5):
            async with town.database.begin() as session:
                for _ in range(400):
                    record_event(
                        session,
                        "tests.happened",
                        subject_type="test",
                        subject_id=uuid4(),
                        happened_at=town.clock.now(),
                        community_id=town.community.id,
                    )
        async with town.database.begin() as session:
            await cancel(session, town, request.id)
        await asyncio.sleep(0.3)
        waiting = [
            len(reader._queue)
            for readers in town.database.live._by_topic.values()
            for reader in readers
        ]
        assert waiting
        assert max(waiting) <= QUEUE_SIZE
        board = await ear.next()
        assert counts(board, "requestCounts") == {"OPEN": 1, "CANCELLED": 1}


async def test_gap_makes_the_reader_look_again(
    town: LadderTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told while the connection was cut is lost, and found all the same."""
    actor = await staff_of(town)
    request = await town.add_request()
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        await ear.next()
        async with Database(str(town.database.url.render_as_string(False))) as elsewhere:
            monkeypatch.setattr(elsewhere.live, "before_commit", nothing_told)
            async with elsewhere.begin() as session:
                await cancel(session, town, request.id)
        town.database.live.publish([GAP])
        board = await ear.next()
    assert counts(board, "requestCounts") == {"OPEN": 1, "CANCELLED": 1}


async def nothing_told(*_: Any) -> None:
    pass


async def test_slow_look_finds_what_nobody_told(
    town: LadderTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SLOW_LOOK_S", 0.5)
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    actor = await helper_of(town, volunteer_id)
    async with listening(town.database, town.clock, MY_WORK, actor) as ear:
        assert (await ear.next())["offers"][0]["asks"]
        async with town.database.begin() as session:  # past the place that records events
            (offer,) = await town.offers()
            row = await session.get_one(Offer, offer.id)
            row.status = OfferStatus.WITHDRAWN
        changed = await ear.next()
        assert [ask["plan"] for ask in changed["offers"][0]["asks"]] in ([], [[]])


async def test_hub_that_closes_ends_all(town: LadderTown) -> None:
    actor = await staff_of(town)
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        await ear.next()
        await town.database.live.close()
        with pytest.raises(Ended) as ended:
            await ear.next()
    assert ended.value.codes == []


async def test_states_are_all_words_of_the_schema(town: LadderTown) -> None:
    actor = await staff_of(town)
    async with listening(town.database, town.clock, BOARD, actor, **community(town)) as ear:
        board = await ear.next()
    assert [row["status"] for row in board["requestCounts"]] == [one.name for one in RequestStatus]
