"""The pages of messages: end them, and talk with the other side of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Response

from core.db import Session
from messaging import repository
from messaging.confirming import confirm_contact
from messaging.conversation_models import Thread
from messaging.conversation_repository import find_thread_about
from messaging.conversations import get_thread, list_posts, post_message
from messaging.errors import MessageUnknown
from messaging.explaining import why_did_i_get_this
from messaging.unsubscribing import unsubscribe
from people.errors import LinkUnknown
from people.kinds import Purpose
from people.models import ContactPoint
from web.pages.links import Next, Visit
from web.pages.rendering import answer_page


@dataclass(frozen=True)
class Said:
    """One thing that was said."""

    text: str
    side: str
    at: datetime
    is_mine: bool


async def show_unsubscribe(visit: Visit) -> Response[str]:
    """Why the message came. Nothing ends by looking: there is a button."""
    try:
        why = await why_did_i_get_this(visit.session, visit.actor, visit.link.subject_id)
    except MessageUnknown:
        why = None
    values = {"said": visit.said, "why": why, "purposes": _purposes(visit), "ways": _ways(visit)}
    return answer_page("messages/unsubscribe.html", visit.reader, values)


def _purposes(visit: Visit) -> dict[Purpose | None, str]:
    _ = visit.reader.translator.gettext
    return {
        Purpose.MATCHING: _("to hear about help that you asked for or agreed to give"),
        Purpose.OFFERS: _("to be asked when a neighbor near you needs help"),
        Purpose.CAMPAIGNS: _("to hear when the programme looks for people"),
        Purpose.PROGRAMMES: _("to hear of programs for households like yours"),
        Purpose.RESEARCH: _("to help research"),
    }


def _ways(visit: Visit) -> dict[str | None, str]:
    _ = visit.reader.translator.gettext
    return {
        "form": _("in a form"),
        "phone": _("by phone"),
        "sms": _("by text message"),
        "start": _("by text message"),
        "import": _("as the team wrote down"),
        "staff": _("as the team wrote down"),
    }


async def answer_unsubscribe(visit: Visit, form: dict[str, str]) -> Next:
    """End the messages of this kind."""
    await unsubscribe(visit.session, visit.link.subject_id, now=visit.now)
    return Next(visit.token, "ended")


async def show_confirm(visit: Visit) -> Response[str]:
    """A mail scanner that looks at the page confirms nothing: there is a button."""
    contact = await _get_own_contact(visit)
    values = {"is_confirmed": contact.verified_at is not None}
    return answer_page("messages/confirm.html", visit.reader, values)


async def answer_confirm(visit: Visit, form: dict[str, str]) -> Next:
    """The person reads what comes to this address."""
    contact = await _get_own_contact(visit)
    await confirm_contact(visit.session, contact.id, now=visit.now)
    return Next(visit.token)


async def _get_own_contact(visit: Visit) -> ContactPoint:
    contact = await repository.find_contact_point(visit.session, visit.link.subject_id)
    if contact is None or contact.person_id != visit.link.person_id:
        raise LinkUnknown("This address is not on record any more.")
    return contact


async def show_thread(visit: Visit) -> Response[str]:
    """What was said, oldest first."""
    thread = await get_thread(visit.session, visit.actor, visit.link.subject_id, now=visit.now)
    posts = await list_posts(visit.session, visit.actor, thread.id, now=visit.now)
    return answer_page(
        "messages/thread.html",
        visit.reader,
        {
            "said": visit.said,
            "is_open": thread.closed_at is None,
            "posts": [
                Said(row.text, row.side.value, row.posted_at, row.author_id == visit.link.person_id)
                for row in reversed(posts)
            ],
        },
    )


async def answer_thread(visit: Visit, form: dict[str, str]) -> Next:
    """Say something."""
    await post_message(
        visit.session, visit.actor, visit.link.subject_id, form.get("words", ""), now=visit.now
    )
    return Next(visit.token, "written")


async def find_open_thread(session: Session, subject_type: str, subject_id: UUID) -> Thread | None:
    """The conversation about a visit, as long as it goes on."""
    thread = await find_thread_about(session, subject_type, subject_id, for_update=False)
    return thread if thread is not None and thread.closed_at is None else None
