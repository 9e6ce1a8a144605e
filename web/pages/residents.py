"""The pages of residents: how the request stands, was it done, call it off, will I need help."""

from __future__ import annotations

from litestar import Response

from core.errors import InvalidInput
from matching.intake.history import list_history
from matching.kinds import RequestStatus
from matching.offers.casework import cancel_request, confirm_done, report_not_done
from matching.offers.disclosure import list_who_saw_address
from matching.offers.effects import VISIT
from matching.offers.reading import RequestPage, read_request_page
from matching.storms.notices import answer_storm_notice
from messaging.conversation_models import Thread
from messaging.conversations import post_message
from web.pages.links import Next, Visit
from web.pages.messages import find_open_thread
from web.pages.rendering import answer_page

CANCELLABLE = frozenset(
    {
        RequestStatus.SUBMITTED,
        RequestStatus.NEEDS_REVIEW,
        RequestStatus.OPEN,
        RequestStatus.OFFERED,
        RequestStatus.ACCEPTED,
        RequestStatus.IN_PROGRESS,
    }
)


async def show_request(visit: Visit) -> Response[str]:
    """How a request stands."""
    session, actor, now = visit.session, visit.actor, visit.now
    language = visit.reader.language
    request_id = visit.link.subject_id
    page = await read_request_page(session, actor, request_id, language, now=now)
    starts = [helper.starts_at for helper in page.helpers]
    return answer_page(
        "residents/request.html",
        visit.reader,
        {
            "page": page,
            "said": visit.said,
            "lines": await list_history(session, actor, request_id, language=language),
            "seen": await list_who_saw_address(session, actor, request_id),
            "can_cancel": page.status in CANCELLABLE,
            "may_report": bool(starts) and min(starts) <= now,
            "thread_open": await _find_thread(visit, page) is not None,
        },
    )


async def answer_request(visit: Visit, form: dict[str, str]) -> Next:
    """One button of a request."""
    session, actor, now = visit.session, visit.actor, visit.now
    request_id = visit.link.subject_id
    do = form.get("do")
    if do == "confirm":
        await confirm_done(session, actor, request_id, now=now)
        return Next(visit.token)
    if do == "not_done":
        await report_not_done(session, actor, request_id, now=now)
        return Next(visit.token, "not_done")
    if do == "cancel":
        await cancel_request(session, actor, request_id, now=now, reason="resident_cancelled")
        return Next(visit.token)
    if do == "write":
        page = await read_request_page(session, actor, request_id, visit.reader.language, now=now)
        thread = await _find_thread(visit, page)
        if thread is None:
            return Next(visit.token)
        await post_message(session, actor, thread.id, form.get("words", ""), now=now)
        return Next(visit.token, "written")
    raise InvalidInput("This button is not known. Open the link in our message again.")


async def show_storm(visit: Visit) -> Response[str]:
    """Snow is coming: will you need help?"""
    return answer_page("residents/storm.html", visit.reader, {"said": visit.said})


async def answer_storm(visit: Visit, form: dict[str, str]) -> Next:
    """I will need help, or not this time."""
    needs_help = form.get("do") == "yes"
    await answer_storm_notice(
        visit.session,
        visit.actor,
        visit.link.subject_id,
        visit.link.person_id,
        needs_help=needs_help,
        now=visit.now,
    )
    return Next(visit.token, "yes" if needs_help else "no")


async def _find_thread(visit: Visit, page: RequestPage) -> Thread | None:
    for helper in page.helpers:
        thread = await find_open_thread(visit.session, VISIT, helper.assignment_id)
        if thread is not None:
            return thread
    return None
