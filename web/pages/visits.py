"""The page of a visit: where, what, on my way, done, cannot come, words, pictures."""

from __future__ import annotations

from litestar import Response

from core.errors import InvalidInput
from matching.offers.answering import release_work
from matching.offers.casework import report_done, start_work
from matching.offers.disclosure import read_visit_details
from matching.offers.effects import VISIT
from matching.offers.reading import read_visit_page
from matching.offers.visit_banning import keep_apart
from messaging.conversations import post_message
from web.pages.links import Next, Visit
from web.pages.messages import find_open_thread
from web.pages.rendering import Reader, answer_page

NOT_THIS_PERSON = "not_this_person"


def reasons_for_cannot(reader: Reader) -> list[tuple[str, str]]:
    """What may be the matter, as a code word and in words."""
    _ = reader.translator.gettext
    return [
        ("no_time", _("I have no time after all")),
        ("not_well", _("I am not well")),
        ("no_answer", _("Nobody is at home, or I cannot find it")),
        (NOT_THIS_PERSON, _("I do not want to help this person")),
        ("other", _("Something else")),
    ]


async def show_visit(visit: Visit) -> Response[str]:
    """The visit, with the address as long as the volunteer holds it."""
    session, actor, now = visit.session, visit.actor, visit.now
    work_id = visit.link.subject_id
    page = await read_visit_page(session, actor, work_id, visit.reader.language, now=now)
    details = None
    if page.is_held:
        details = await read_visit_details(session, actor, work_id, now=now)
    thread = await find_open_thread(session, VISIT, work_id)
    return answer_page(
        "visits/visit.html",
        visit.reader,
        {
            "page": page,
            "details": details,
            "said": visit.said,
            "thread_open": thread is not None,
            "reasons": reasons_for_cannot(visit.reader),
        },
    )


async def answer_visit(visit: Visit, form: dict[str, str]) -> Next:
    """One button of a visit."""
    session, actor, now = visit.session, visit.actor, visit.now
    work_id = visit.link.subject_id
    do = form.get("do")
    if do == "start":
        await start_work(session, actor, work_id, now=now)
        return Next(visit.token)
    if do == "done":
        await report_done(session, actor, work_id, now=now)
        return Next(visit.token)
    if do == "cannot":
        known = {code for code, _ in reasons_for_cannot(visit.reader)}
        reason = form.get("reason", "")
        if reason == NOT_THIS_PERSON:
            await keep_apart(session, actor, work_id, now=now)
        else:
            reason = reason if reason in known else "volunteer_cannot"
            await release_work(session, actor, work_id, now=now, reason=reason)
        return Next(visit.token)
    if do == "write":
        thread = await find_open_thread(session, VISIT, work_id)
        if thread is None:
            return Next(visit.token)
        await post_message(session, actor, thread.id, form.get("words", ""), now=now)
        return Next(visit.token, "written")
    raise InvalidInput("This button is not known. Open the link in our message again.")
