"""One survey for staff: what it asks, how it stands, what was found, what people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.pulse import asking, policy, repository
from campaigns.pulse.errors import SurveyUnknown
from campaigns.pulse.kinds import SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyQuestion
from campaigns.pulse.reporting import get_results, list_texts
from core.errors import NotPermitted
from core.events import record_event
from core.ids import parse_id
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.organizing import survey_views as views
from web.pages.organizing.audiences import name_audience
from web.pages.rendering import PRIVATE
from web.pages.survey_results import say_response

SHOWN_TEXTS: Final = 100
REVIEWS: Final = {
    "keep": (TextReview.KEPT, "words_kept"),
    "hide": (TextReview.HIDDEN, "words_hidden"),
}


@get("/staff/surveys/{survey_id:uuid}", name="staff_survey")
async def get_survey_file(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One survey: what it asks, how it stands, and once it is closed what was found."""
    async with desk.look(request) as call:
        row = await find_survey(call, survey_id)
        return call.show("organizing/survey.html", await _file_values(call, row))


@get("/staff/surveys/{survey_id:uuid}/do/{doing:str}", name="staff_survey_doing")
async def get_doing(
    request: AnyRequest,
    survey_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Before it is closed or called off: what that means."""
    async with desk.look(request) as call:
        row = await find_survey(call, survey_id)
        check_manages(call, row)
        wanted = views.make_doings(call.reader.translator).get(doing)
        if wanted is None or doing not in views.DOINGS.get(row.status, ()):
            raise SurveyUnknown("There is no such button.")
        title = views.name_survey(call.reader.translator, row)
        return call.show(
            "organizing/survey_do.html", {"doing": wanted, "title": title, "survey_id": row.id}
        )


@post("/staff/surveys/{survey_id:uuid}/do/{doing:str}", name="staff_survey_do", status_code=303)
async def post_doing(
    request: AnyRequest,
    survey_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Close it or call it off. Pressed twice it happens once."""
    async with desk.press(request) as call:
        row = await find_survey(call, survey_id)
        if doing == "close":
            await asking.close_survey(call.session, call.actor, row.id, now=call.now)
        elif doing == "cancel":
            await asking.cancel_survey(call.session, call.actor, row.id, now=call.now)
        else:
            raise SurveyUnknown("There is no such button.")
        return call.go(f"/staff/surveys/{row.id}", said=doing)


@post("/staff/surveys/{survey_id:uuid}/words", name="staff_survey_words", status_code=303)
async def post_words(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Keep what somebody wrote in own words, or put it aside."""
    async with desk.press(request) as call:
        row = await find_survey(call, survey_id)
        name = "keep" if "keep" in call.form else "hide"
        answer_id = parse_id(call.form.get(name, ""))
        if answer_id is None:
            raise SurveyUnknown("There is no such button.")
        review, said = REVIEWS[name]
        await asking.review_text(call.session, call.actor, answer_id, review, now=call.now)
        return call.go(_words_path(row, parse_id(call.form.get("after", ""))), said=said)


def _words_path(row: Survey, after: UUID | None) -> str:
    """Where a page of what people wrote begins."""
    query = "" if after is None else f"?words={after}"
    return f"/staff/surveys/{row.id}{query}#words"


@get("/staff/surveys/{survey_id:uuid}/results.csv", name="staff_survey_results")
async def get_results_file(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Response[bytes]:
    """What was found as a file for spreadsheets; each time is written down."""
    async with desk.look_and_note(request) as call:
        row = await find_survey(call, survey_id)
        found = await get_results(call.session, call.actor, row.id)
        questions = await repository.list_questions(call.session, row.id)
        body, lines = views.write_results(call.reader.translator, found, questions)
        record_event(
            call.session,
            "export.made",
            subject_type="survey",
            subject_id=row.id,
            happened_at=call.now,
            actor_id=call.actor.person_id,
            community_id=row.community_id,
            what="survey",
            format="csv",
            row_count=lines,
        )
        headers = {
            **PRIVATE,
            "Content-Disposition": 'attachment; filename="survey.csv"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(body, media_type="text/csv", headers=headers)


def check_manages(call: Call, row: Survey) -> None:
    """Refuse who may only look."""
    if not policy.can_manage_surveys(call.actor, row.community_id):
        raise NotPermitted("Only managers of the programme ask people.")


async def find_survey(call: Call, survey_id: UUID) -> Survey:
    """A survey of the reader's own town; one that they were asked elsewhere is not for this page.

    Raises
    ------
    SurveyUnknown
        When there is none.
    """
    call.staff()
    row = await repository.get_survey(call.session, call.actor, survey_id)
    if not call.actor.is_staff(row.community_id):
        raise SurveyUnknown(f"There is no survey {survey_id}, or it is not for you.")
    return row


async def _file_values(call: Call, row: Survey) -> dict[str, Any]:
    speaker, session, actor = call.reader.translator, call.session, call.actor
    questions = await repository.list_questions(session, row.id)
    asked = await repository.count_invited(session, actor, [row.id])
    may_manage = policy.can_manage_surveys(actor, row.community_id)
    doings = views.make_doings(speaker)
    values: dict[str, Any] = {
        "survey_id": row.id,
        "title": views.name_survey(speaker, row),
        "status": views.name_status(speaker, row.status),
        "tag": views.TAGS[row.status],
        "news": views.say_news(speaker, row, asked.get(row.id, 0)),
        "audience": await name_audience(call, row.segment_version_id),
        "closes": speaker.say_moment(row.closes_at),
        "shown": views.show_words(speaker, row, questions),
        "is_draft": row.status is SurveyStatus.DRAFT,
        "is_open": row.status is SurveyStatus.OPEN,
        "may_manage": may_manage,
        "doings": [doings[code] for code in views.DOINGS.get(row.status, ())],
        "answers": [],
        "own_words": [],
        "words_after": "",
        "more_words": "",
    }
    if row.status is not SurveyStatus.CLOSED:
        return values
    results = await get_results(session, actor, row.id)
    values["news"] = say_response(speaker, results.response)
    values["answers"] = views.show_answers(speaker, results, questions)
    if may_manage:
        values |= await _read_words(call, row, questions)
    return values


async def _read_words(
    call: Call, row: Survey, questions: Sequence[SurveyQuestion]
) -> dict[str, Any]:
    """A page of what people wrote; beyond the end the first one."""
    session, actor = call.session, call.actor
    after = parse_id(call.request.query_params.get("words", ""))
    texts = await list_texts(session, actor, row.id, after=after, first=SHOWN_TEXTS + 1)
    if not texts and after is not None:
        after, texts = None, await list_texts(session, actor, row.id, first=SHOWN_TEXTS + 1)
    shown = texts[:SHOWN_TEXTS]
    return {
        "own_words": views.show_texts(call.reader.translator, shown, questions),
        "words_after": after or "",
        "more_words": _words_path(row, shown[-1].id) if len(texts) > len(shown) else "",
    }
