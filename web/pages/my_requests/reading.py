"""Everything that the page of one request shows, read for whoever may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.intake.history import list_history
from matching.intake.listing_repository import load_access
from matching.intake.progress_repository import find_answers_until
from matching.intake.standing_listing_repository import find_wish_beside
from matching.offers.disclosure import list_who_saw_address
from matching.offers.effects import VISIT
from matching.offers.next_asking import NextWave, find_next_asking
from matching.offers.reading import Helper, RequestPage, read_request_page
from matching.offers.thanks_repository import find_thanks
from messaging.conversation_models import Thread
from messaging.conversations import list_posts
from people.auth import Actor
from people.directory_repository import load_contacts_of
from people.kinds import Channel
from web.pages.messages import find_open_thread
from web.pages.my_requests.views import LOOKING, Facts, Post, RequestView, make_view
from web.pages.rendering import Reader

MOST_POSTS = 20


async def read_view(
    session: Session,
    actor: Actor,
    request_id: UUID,
    reader: Reader,
    *,
    now: datetime,
    is_limited: bool = False,
) -> RequestView:
    """A request as its resident sees it; limited, as whoever only knows that it was sent."""
    translator = reader.translator
    page = await read_request_page(session, actor, request_id, translator.language, now=now)
    history = await list_history(session, actor, request_id, language=translator.language)
    until = await find_answers_until(session, request_id, now=now)
    wave = await _find_next_wave(session, page, now)
    facts = Facts(page, history, until, wave)
    facts = replace(
        facts,
        wish=await find_wish_beside(session, actor, request_id),
        is_called=await is_called(session, actor),
        has_help_phone=bool(reader.phone),
    )
    if not is_limited:
        facts = await _add_private(session, actor, facts, now)
    return make_view(facts, translator, now, is_limited=is_limited)


async def _find_next_wave(session: Session, page: RequestPage, now: datetime) -> NextWave | None:
    if page.status not in LOOKING:
        return None
    return await find_next_asking(session, page.community_id, page.job.kind, now=now)


async def is_called(session: Session, actor: Actor) -> bool:
    """Whether there is a number to call and no other way to tell them."""
    if actor.person_id is None:
        return False
    points = (await load_contacts_of(session, actor, [actor.person_id])).get(actor.person_id, ())
    return bool(points) and all(point.channel is Channel.PHONE for point in points)


async def _add_private(session: Session, actor: Actor, facts: Facts, now: datetime) -> Facts:
    page = facts.page
    thread = await find_thread(session, page.helpers)
    thanks = await find_thanks(session, page.request_id)
    access = (await load_access(session, actor, [page.request_id])).get(page.request_id)
    return replace(
        facts,
        seen=await list_who_saw_address(session, actor, page.request_id),
        posts=() if thread is None else await _list_posts(session, actor, thread, now),
        is_thread_open=thread is not None,
        notes=None if access is None else access.access_notes,
        thanks=None if thanks is None or thanks.removed_at is not None else thanks.words,
        has_thanked=thanks is not None,
    )


async def _list_posts(session: Session, actor: Actor, thread: Thread, now: datetime) -> list[Post]:
    rows = await list_posts(session, actor, thread.id, now=now, limit=MOST_POSTS)
    return [
        Post(row.text, row.posted_at, row.author_id == actor.person_id) for row in reversed(rows)
    ]


async def find_thread(session: Session, helpers: Sequence[Helper]) -> Thread | None:
    """The conversation with whoever comes."""
    for helper in helpers:
        thread = await find_open_thread(session, VISIT, helper.assignment_id)
        if thread is not None:
            return thread
    return None


async def read_page(
    session: Session, actor: Actor, request_id: UUID, reader: Reader, *, now: datetime
) -> RequestPage:
    """The facts alone, for a button or a file."""
    return await read_request_page(session, actor, request_id, reader.language, now=now)
