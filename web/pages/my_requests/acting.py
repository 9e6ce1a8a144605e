"""The buttons of a request, the same on its page and behind the link in a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import Session
from core.errors import InvalidInput
from matching.intake.standing import end_standing
from matching.intake.standing_listing_repository import find_wish_beside
from matching.offers.casework import cancel_request, confirm_done, report_not_done
from matching.offers.thanking import thank_helpers
from matching.offers.visit_models import THANKS_LENGTH
from messaging.conversations import post_message
from people.auth import Actor
from web.pages.my_requests.reading import find_thread, read_page
from web.pages.my_requests.views import CANCELLABLE
from web.pages.rendering import Reader


async def press_button(
    session: Session,
    actor: Actor,
    request_id: UUID,
    form: Mapping[str, str],
    *,
    reader: Reader,
    now: datetime,
) -> str:
    """Do what one button says; what is to be said of it, as a code word.

    Raises
    ------
    InvalidInput
        When the button is not known.
    """
    do = form.get("do")
    if do == "confirm":
        await confirm_done(session, actor, request_id, now=now)
        return ""
    if do == "not_done":
        await report_not_done(session, actor, request_id, now=now)
        return "not_done"
    if do == "cancel":
        await cancel_request(session, actor, request_id, now=now, reason="resident_cancelled")
        return ""
    if do == "end_wish":
        return await _end_wish(session, actor, request_id, now)
    if do == "thank":
        await thank_helpers(session, actor, request_id, form.get("words", ""), now=now)
        return "thanked"
    if do == "write":
        page = await read_page(session, actor, request_id, reader, now=now)
        thread = await find_thread(session, page.helpers)
        if thread is None:
            return ""
        words = form.get("words", "")
        if not words.strip():
            return ""
        await post_message(session, actor, thread.id, words, now=now)
        return "written"
    raise InvalidInput("This button is not known. Open the link in our message again.")


def say_too_long(reader: Reader, form: Mapping[str, str]) -> dict[str, Any]:
    """What the page is shown again with, when thanks are too long to be passed on."""
    _ = reader.translator.gettext
    words = _("Write at most %(count)s characters") % {"count": THANKS_LENGTH}
    return {"given": form, "errors": {"words": words}}


async def press_limited(
    session: Session,
    resident_id: UUID,
    request_id: UUID,
    form: Mapping[str, str],
    *,
    reader: Reader,
    now: datetime,
) -> str:
    """The buttons of whoever only sent it: call it off, and what was sent with it.

    Raises
    ------
    InvalidInput
        When the button is not known.
    """
    actor = Actor(person_id=resident_id)
    if form.get("do") == "end_wish":
        return await _end_wish(session, actor, request_id, now)
    if form.get("do") != "cancel":
        raise InvalidInput("This button is not known. Open the page again.")
    page = await read_page(session, actor, request_id, reader, now=now)
    if page.status in CANCELLABLE:
        await cancel_request(session, actor, request_id, now=now, reason="resident_cancelled")
    return ""


async def _end_wish(session: Session, actor: Actor, request_id: UUID, now: datetime) -> str:
    """No help at the snowfalls to come either; twice is fine."""
    wish = await find_wish_beside(session, actor, request_id)
    if wish is not None:
        await end_standing(session, actor, wish.id, now=now, reason="resident_ended")
    return "wish_ended"
