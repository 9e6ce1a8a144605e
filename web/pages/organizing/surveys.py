"""Surveys of the town for its staff: writing one, asking people, closing, what was found."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.audiences.definitions import read_definition
from campaigns.audiences.errors import AudienceEmpty, AudienceIsEverybody, TooManyLooks
from campaigns.audiences.previewing import describe_audience
from campaigns.audiences.segment_repository import get_version
from campaigns.pulse import asking, policy, repository
from campaigns.pulse.errors import InvalidSurvey, SurveyUnknown, SurveyWrongState
from campaigns.pulse.kinds import SurveyStatus
from campaigns.pulse.models import Survey
from campaigns.pulse.questions import MOST_QUESTIONS
from core.errors import NotPermitted, TalkootError
from core.i18n import LANGUAGES
from core.ids import new_id, parse_id
from people.kinds import Purpose
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import is_pressed
from web.pages.guards import AnyRequest
from web.pages.organizing import survey_forms as forms
from web.pages.organizing import survey_views as views
from web.pages.organizing.audience_views import PreviewView, show_preview
from web.pages.organizing.audiences import list_audience_choices, name_audience
from web.pages.organizing.survey_file import check_manages, find_survey
from web.pages.paging import list_page
from web.pages.refusals import say_refusal

WRITE_PAGE = "organizing/survey_write.html"
ASK_PAGE = "organizing/survey_ask.html"
A_PAGE = 20


@get("/staff/surveys", name="staff_surveys")
async def get_surveys(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The surveys of the town, the newest first."""
    async with desk.look(request) as call:
        town, speaker = call.staff(), call.reader.translator
        listing = repository.list_surveys(call.actor, repository.SurveyFilter(town.id))
        page, after = await list_page(call, listing, A_PAGE)
        asked = await repository.count_invited(
            call.session, call.actor, [row.id for row in page.items]
        )
        return call.show(
            "organizing/surveys.html",
            {
                "rows": [
                    (
                        row.id,
                        views.name_survey(speaker, row),
                        views.name_status(speaker, row.status),
                        views.TAGS[row.status],
                        views.say_news(speaker, row, asked.get(row.id, 0)),
                    )
                    for row in page.items
                ],
                "more": after,
                "may_write": policy.can_manage_surveys(call.actor, town.id),
            },
        )


@get("/staff/surveys/new", name="staff_survey_new")
async def get_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """An empty survey with one question."""
    async with desk.look(request) as call:
        _check_may_write(call)
        written = forms.begin(call.now, ZoneInfo(call.town.time_zone))
        written.form["key"] = str(new_id())
        return call.show(WRITE_PAGE, await _write_values(call, written, None))


@post("/staff/surveys/new", name="staff_survey_create", status_code=303)
async def post_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Add or take away a question, look at who is asked, or keep the draft."""
    async with desk.press(request) as call:
        _check_may_write(call)
        return await _answer(call, None)


@get("/staff/surveys/{survey_id:uuid}/edit", name="staff_survey_edit")
async def get_edit(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A draft in its form."""
    async with desk.look(request) as call:
        row = await _find_draft(call, survey_id)
        questions = await repository.list_questions(call.session, row.id)
        written = forms.show_survey(row, questions, ZoneInfo(call.town.time_zone))
        return call.show(WRITE_PAGE, await _write_values(call, written, row))


@post("/staff/surveys/{survey_id:uuid}/edit", name="staff_survey_change", status_code=303)
async def post_edit(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The same for a draft."""
    async with desk.press(request) as call:
        return await _answer(call, await _find_draft(call, survey_id))


@get("/staff/surveys/{survey_id:uuid}/ask", name="staff_survey_ask")
async def get_ask(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Before people are asked: whom, until when, and what cannot be taken back."""
    async with desk.look(request) as call:
        row = await _find_draft(call, survey_id)
        return call.show(ASK_PAGE, await _ask_values(call, row))


@post("/staff/surveys/{survey_id:uuid}/ask", name="staff_survey_open", status_code=303)
async def post_ask(
    request: AnyRequest, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Look at about how many are asked, or ask them. Pressed twice it asks once."""
    async with desk.press(request) as call:
        row = await find_survey(call, survey_id)
        check_manages(call, row)
        if row.status is not SurveyStatus.DRAFT:
            return call.go(f"/staff/surveys/{row.id}")
        try:
            if call.form.get("do") == "look":
                shown = await _preview(call, row.segment_version_id, row.purpose)
                return call.show(ASK_PAGE, await _ask_values(call, row, preview=shown))
            await asking.open_survey(
                call.session,
                call.actor,
                row.id,
                everybody_confirmed=is_pressed(call.form, "everybody"),
                now=call.now,
            )
        except (AudienceEmpty, AudienceIsEverybody, SurveyWrongState, TooManyLooks) as error:
            values = await _ask_values(call, row, errors=_explain(call, error))
            raise call.show_again(ASK_PAGE, values) from None
        return call.go(f"/staff/surveys/{row.id}", said="opened")


async def _answer(call: Call, row: Survey | None) -> Answer:
    speaker, do = call.reader.translator, call.form.get("do", "keep")
    written = forms.read_rows(call.form)
    if do == "add" or do.startswith("remove-"):
        forms.change_rows(written, do)
        return call.show(WRITE_PAGE, await _write_values(call, written, row))
    if do == "look":
        return await _look(call, written, row)
    forms.check_survey(speaker, written, call.now, ZoneInfo(call.town.time_zone))
    version_id = parse_id(written.form.get("audience", ""))
    if not written.errors and version_id is not None and written.closes_at is not None:
        try:
            command = asking.WriteSurvey(
                community_id=call.town.id if row is None else row.community_id,
                segment_version_id=version_id,
                words=forms.make_words(written),
                questions=forms.make_questions(written),
                closes_at=written.closes_at,
                purpose=written.purpose,
                min_graded=written.min_graded,
                survey_id=parse_id(written.form.get("key", "")),
            )
            if row is None:
                row = await asking.write_survey(call.session, call.actor, command, now=call.now)
            else:
                await asking.rewrite_survey(call.session, call.actor, row.id, command, now=call.now)
            return call.go(f"/staff/surveys/{row.id}", said="kept")
        except InvalidSurvey as error:
            written.errors["audience"] = say_refusal(speaker, error)
    raise call.show_again(WRITE_PAGE, await _write_values(call, written, row))


async def _look(call: Call, written: forms.Written, row: Survey | None) -> Answer:
    """About how many would be asked; the form stays as it is."""
    version_id = parse_id(written.form.get("audience", ""))
    try:
        if version_id is not None:
            shown = await _preview(call, version_id, written.purpose)
            values = await _write_values(call, written, row)
            return call.show(WRITE_PAGE, values | {"preview": shown})
        written.errors["audience"] = call.reader.translator.gettext("Choose whom to ask")
    except TooManyLooks as error:
        written.errors["audience"] = _explain(call, error)["look"]
    raise call.show_again(WRITE_PAGE, await _write_values(call, written, row))


async def _preview(call: Call, version_id: UUID, purpose: Purpose) -> PreviewView:
    segment, version = await get_version(call.session, call.actor, version_id)
    preview = await describe_audience(
        call.session,
        call.actor,
        segment.community_id,
        read_definition(version.definition),
        purpose,
        now=call.now,
        language=call.reader.language,
    )
    return show_preview(call.reader.translator, preview)


def _explain(call: Call, error: TalkootError) -> dict[str, str]:
    _ = call.reader.translator.gettext
    if isinstance(error, AudienceIsEverybody):
        return {"everybody": _("This goes to nearly everybody: say that you mean it")}
    if isinstance(error, AudienceEmpty):
        return {"look": _("It would ask fewer than five people: choose others to ask")}
    if isinstance(error, TooManyLooks):
        return {"look": _("You looked very often. Wait some minutes.")}
    return {"look": _("It would close at once: change the draft and choose a later day")}


def _check_may_write(call: Call) -> None:
    town = call.staff()
    if not policy.can_manage_surveys(call.actor, town.id):
        raise NotPermitted("Only managers of the programme ask people.")


async def _find_draft(call: Call, survey_id: UUID) -> Survey:
    row = await find_survey(call, survey_id)
    check_manages(call, row)
    if row.status is not SurveyStatus.DRAFT:
        raise SurveyUnknown("It is no draft any more: people were asked what it says.")
    return row


async def _write_values(call: Call, written: forms.Written, row: Survey | None) -> dict[str, Any]:
    speaker = call.reader.translator
    kept = "" if row is None else written.form.get("audience", "")
    return {
        "row": row,
        "form": written.form,
        "questions": written.questions,
        "errors": written.errors,
        "audiences": await list_audience_choices(call, kept),
        "kinds": views.list_question_kinds(speaker),
        "languages": [(code, speaker.locale.languages[code]) for code in LANGUAGES],
        "most": MOST_QUESTIONS,
        "preview": None,
    }


async def _ask_values(
    call: Call,
    row: Survey,
    *,
    preview: PreviewView | None = None,
    errors: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "survey_id": row.id,
        "title": views.name_survey(call.reader.translator, row),
        "audience": await name_audience(call, row.segment_version_id),
        "closes": call.reader.translator.say_moment(row.closes_at),
        "preview": preview,
        "errors": errors or {},
    }
