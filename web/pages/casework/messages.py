"""What was sent and did not arrive, and the conversations about visits, for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.pagination import PageArgs, count_all, read_page
from matching.intake.listing_repository import load_requests
from matching.offers.listing_repository import load_assignments
from messaging import reading_repository as reading
from messaging.conversation_models import Thread
from messaging.conversations import get_thread, post_message
from messaging.errors import NothingToSendAgain, ThreadClosed, TooManyPosts
from messaging.kinds import MessageStatus
from messaging.policy import can_read_messages
from messaging.reading_repository import MessageFilter
from messaging.resending import send_again
from people.kinds import Channel
from web.pages.casework.message_rows import view_messages
from web.pages.casework.message_words import say_sent
from web.pages.casework.reading import load_names, page_args
from web.pages.casework.words import say_channel
from web.pages.desk import Answer, Call, Desk, NoTown
from web.pages.guards import AnyRequest, field_id

THREAD = "casework/thread.html"
SHORT = 120
MAX_POSTS = 50


@dataclass(frozen=True)
class ThreadRow:
    """One conversation in a list."""

    id: UUID
    people: str
    last: str
    side: str
    at: datetime
    visit_at: datetime
    is_open: bool
    waits: bool
    """Staff did not speak last."""


@dataclass(frozen=True)
class PostView:
    """What somebody said."""

    name: str
    side: str
    text: str
    at: datetime
    was_masked: bool


@get("/staff/messages", name="staff_messages")
async def get_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What did not arrive; or, with the filter, all that was sent."""
    async with desk.look(request) as call:
        return call.show("casework/messages.html", await _message_values(call))


@post("/staff/messages", name="staff_messages_press", status_code=303)
async def post_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Try a failed message anew; who answered STOP gets nothing."""
    async with desk.press(request) as call:
        town, key = _check(call), field_id(call.form, "key")
        found = await reading.load_messages(call.session, call.actor, [key] if key else [])
        if key not in found or found[key].community_id != town:
            raise NotFound("There is no such message.")
        try:
            await send_again(call.session, call.actor, found[key].id, now=call.now)
        except NothingToSendAgain:
            _ = call.reader.translator.gettext
            errors = {"state": _("This one cannot be sent again. Please ring.")}
            values = await _message_values(call)
            raise call.show_again("casework/messages.html", values | {"errors": errors}) from None
        return call.go("/staff/messages", said="again")


@get("/staff/messages/threads", name="staff_threads")
async def get_threads(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Conversations that wait for a word of ours, or all of them."""
    async with desk.look(request) as call:
        town = _check(call)
        show = call.request.query_params.get("show", "waiting")
        waiting = reading.list_threads_waiting_of(call.actor, town)
        rows = reading.list_threads_of(call.actor, town, is_open=None) if show == "all" else waiting
        page = await read_page(call.session, rows, page_args(call))
        values = {
            "rows": await _view_threads(call, list(page.items)),
            "more": f"/staff/messages/threads?show={show}&after={page.cursors[-1]}"
            if page.has_next
            else "",
            "show": "all" if show == "all" else "waiting",
            "waiting_count": await count_all(call.session, waiting),
        }
        return call.show("casework/threads.html", values)


@get("/staff/messages/threads/{thread_id:uuid}", name="staff_thread")
async def get_thread_page(
    request: AnyRequest, thread_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What was said about a visit."""
    async with desk.look(request) as call:
        thread = await _find_thread(call, thread_id)
        return call.show(THREAD, await _thread_values(call, thread))


@post("/staff/messages/threads/{thread_id:uuid}", name="staff_thread_press", status_code=303)
async def post_thread(
    request: AnyRequest, thread_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Say something to both sides; who answered STOP hears nothing."""
    async with desk.press(request) as call:
        thread = await _find_thread(call, thread_id)
        key = call.form.get("key", "")[:60]
        try:
            await post_message(
                call.session,
                call.actor,
                thread.id,
                call.form.get("text", ""),
                now=call.now,
                source_key=f"page:{call.actor.person_id}:{key}" if key else None,
            )
        except (InvalidInput, ThreadClosed, TooManyPosts) as error:
            _ = call.reader.translator.gettext
            words = _("Write a few words, at most 1,000 characters")
            if isinstance(error, ThreadClosed):
                words = _("The visit is over, so nothing is passed on any more")
            elif isinstance(error, TooManyPosts):
                words = _("That is a lot for one visit. Wait an hour")
            values = await _thread_values(call, thread)
            text = {"errors": {"text": words}, "text": call.form.get("text", "")}
            raise call.show_again(THREAD, values | text) from None
        return call.go(f"/staff/messages/threads/{thread_id}", said="posted")


def _check(call: Call) -> UUID:
    """The town whose messages the actor may look through."""
    town = call.staff()
    if not can_read_messages(call.actor, town.id):
        raise NoTown("There is no such town for you.")
    return town.id


async def _find_thread(call: Call, thread_id: UUID) -> Thread:
    town_id = _check(call)
    thread = await get_thread(call.session, call.actor, thread_id, now=call.now)
    if thread.community_id != town_id:
        raise NotFound(f"There is no conversation {thread_id}.")
    return thread


async def _view_threads(call: Call, threads: list[Thread]) -> list[ThreadRow]:
    keys = [thread.id for thread in threads]
    members = await reading.load_members_of(call.session, call.actor, keys)
    last = await reading.load_last_posts(call.session, call.actor, keys)
    names = await load_names(
        call, [member.person_id for rows in members.values() for member in rows]
    )
    views = []
    for thread in threads:
        post_row = last.get(thread.id)
        people = [names.get(one.person_id, "") for one in members.get(thread.id, [])]
        text = "" if post_row is None else post_row.text
        views.append(
            ThreadRow(
                id=thread.id,
                people=", ".join(name for name in people if name),
                last=text[:SHORT] + ("…" if len(text) > SHORT else ""),
                side="" if post_row is None else post_row.side.value,
                at=thread.opened_at if post_row is None else post_row.posted_at,
                visit_at=thread.starts_at,
                is_open=thread.closed_at is None,
                waits=post_row is not None and post_row.side.value != "staff",
            )
        )
    return views


async def _thread_values(call: Call, thread: Thread) -> dict[str, Any]:
    rows = reading.list_posts_in(thread.id, newest_first=True)
    page = await read_page(call.session, rows, PageArgs(first=MAX_POSTS))
    names = await load_names(call, [row.author_id for row in page.items])
    (view,) = await _view_threads(call, [thread])
    request_id, code = await _find_request(call, thread)
    return {
        "thread": view,
        "posts": [
            PostView(
                name=names.get(row.author_id, ""),
                side=row.side.value,
                text=row.text,
                at=row.posted_at,
                was_masked=row.masked_count > 0,
            )
            for row in reversed(page.items)
        ],
        "request_id": request_id,
        "code": code,
        "key": str(new_id()),
        "errors": {},
        "text": "",
    }


async def _find_request(call: Call, thread: Thread) -> tuple[UUID | None, str]:
    """The request whose visit the conversation is about."""
    if thread.subject_type != "assignment":
        return None, ""
    works = await load_assignments(call.session, call.actor, [thread.subject_id])
    keys = [work.request_id for work in works.values()]
    for row in (await load_requests(call.session, call.actor, keys)).values():
        return row.id, row.reference
    return None, ""


async def _message_values(call: Call) -> dict[str, Any]:
    """The messages that fit, and how many did not arrive."""
    town = _check(call)
    say, given = call.reader.translator.gettext, call.request.query_params
    state = given.get("state", "failed")
    channel = given.get("channel", "")
    wanted = MessageFilter(
        status=MessageStatus(state) if state in set(MessageStatus) - {"failed"} else None,
        channel=Channel(channel) if channel in set(Channel) else None,
    )
    is_failed = state not in {*MessageStatus, "all"} or state == "failed"
    make = reading.list_undelivered_of if is_failed else reading.list_messages_of
    rows = make(call.actor, town, wanted)
    page = await read_page(call.session, rows, page_args(call))
    failed = reading.list_undelivered_of(call.actor, town, MessageFilter())
    waiting = reading.list_threads_waiting_of(call.actor, town)
    return {
        "rows": await view_messages(call, page.items),
        "more": f"/staff/messages?state={state}&channel={channel}&after={page.cursors[-1]}"
        if page.has_next
        else "",
        "state": "failed" if is_failed else state,
        "channel": channel,
        "errors": {},
        "failed_count": await count_all(call.session, failed),
        "waiting_count": await count_all(call.session, waiting),
        "states": [
            (status.value, say_sent(say, status.value)[0])
            for status in MessageStatus
            if status is not MessageStatus.FAILED
        ],
        "channels": [(one.value, say_channel(say, one.value)) for one in Channel],
    }
