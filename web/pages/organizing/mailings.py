"""Mailings: writing one, looking at it, sending it with a page that asks, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.audiences.errors import AudienceEmpty, AudienceIsEverybody
from campaigns.mailings import approving, policy, repository
from campaigns.mailings.composing import change_mailing, create_mailing, send_test
from campaigns.mailings.errors import (
    AlreadySent,
    InvalidMailing,
    LanguageMissing,
    MailingUnknown,
    SampleTooLarge,
    TooManyTests,
)
from campaigns.mailings.figures_repository import Figures, load_figures
from campaigns.mailings.kinds import MailingStatus, Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.texts import read_texts
from campaigns.programmes.repository import list_campaigns, list_working_ids
from core.errors import NotPermitted, TalkootError
from core.i18n import LANGUAGES
from core.ids import new_id
from core.pagination import MAX_PAGE, PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import is_pressed, read_moment
from web.pages.guards import AnyRequest
from web.pages.organizing import mailing_views as views
from web.pages.organizing.audiences import list_audience_choices, name_audience
from web.pages.organizing.mailing_forms import read_mailing, show_form
from web.pages.paging import list_page
from web.pages.refusals import say_refusal

WRITE_PAGE = "organizing/mailing_write.html"
SEND_PAGE = "organizing/mailing_send.html"
A_PAGE = 20
LOOK_AGAIN_S = 20


@get("/staff/mailings", name="staff_mailings")
async def get_mailings(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The mailings of the town, the newest first."""
    async with desk.look(request) as call:
        town, speaker = call.staff(), call.reader.translator
        listing = repository.list_mailings(call.actor, town.id)
        page, after = await list_page(call, listing, A_PAGE)
        figures = await load_figures(call.session, call.actor, [row.id for row in page.items])
        return call.show(
            "organizing/mailings.html",
            {
                "rows": [
                    (
                        row,
                        views.name_status(speaker, row.status),
                        views.TAGS[row.status],
                        views.say_news(speaker, row, figures.get(row.id, Figures())),
                    )
                    for row in page.items
                ],
                "more": after,
                "may_write": policy.can_manage_mailings(call.actor, town.id),
            },
        )


@get("/staff/mailings/new", name="staff_mailing_new")
async def get_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """An empty mail."""
    async with desk.look(request) as call:
        _check_may_write(call)
        campaign = request.query_params.get("campaign", "")[:40]
        form = {"audience": "", "campaign": campaign, "key": str(new_id())}
        return call.show(WRITE_PAGE, await _write_values(call, form, {}, None))


@post("/staff/mailings/new", name="staff_mailing_create", status_code=303)
async def post_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Keep a draft."""
    async with desk.press(request) as call:
        _check_may_write(call)
        return await _keep(call, None)


@get("/staff/mailings/{mailing_id:uuid}", name="staff_mailing")
async def get_mailing_file(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One mailing: how it looks, how far it is, what came of it."""
    async with desk.look(request) as call:
        call.person()
        row = await repository.get_mailing(call.session, call.actor, mailing_id)
        answer = call.show("organizing/mailing.html", await _file_values(call, row))
        if row.status in views.MOVING:
            answer.headers["Refresh"] = str(LOOK_AGAIN_S)
        return answer


@get("/staff/mailings/{mailing_id:uuid}/edit", name="staff_mailing_edit")
async def get_edit(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A draft in its form."""
    async with desk.look(request) as call:
        row = await _find_draft(call, mailing_id)
        return call.show(WRITE_PAGE, await _write_values(call, show_form(row), {}, row))


@post("/staff/mailings/{mailing_id:uuid}/edit", name="staff_mailing_change", status_code=303)
async def post_edit(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Keep a draft as it is now."""
    async with desk.press(request) as call:
        return await _keep(call, await _find_draft(call, mailing_id))


@post("/staff/mailings/{mailing_id:uuid}/test", name="staff_mailing_test", status_code=303)
async def post_test(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Send every text to oneself."""
    async with desk.press(request) as call:
        call.person()
        said = "tested"
        try:
            await send_test(call.session, call.actor, mailing_id, now=call.now)
        except TooManyTests:
            said = "tested_often"
        return call.go(f"/staff/mailings/{mailing_id}", said=said)


@get("/staff/mailings/{mailing_id:uuid}/send", name="staff_mailing_ask")
async def get_send(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Before it goes out: to whom, when, and what cannot be taken back."""
    async with desk.look(request) as call:
        row = await _find_draft(call, mailing_id)
        return call.show(SEND_PAGE, await _send_values(call, row, {}))


@post("/staff/mailings/{mailing_id:uuid}/send", name="staff_mailing_send", status_code=303)
async def post_send(
    request: AnyRequest, mailing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Let it go out. Pressed twice it goes once."""
    async with desk.press(request) as call:
        row = await repository.get_mailing(call.session, call.actor, mailing_id)
        await _check_works_on(call, row)
        if row.status is not MailingStatus.DRAFT:
            return call.go(f"/staff/mailings/{mailing_id}")
        speaker, form = call.reader.translator, call.form
        starts_at = None
        if form.get("when") == "later":
            starts_at = read_moment(form.get("at", ""), ZoneInfo(call.town.time_zone))
            if starts_at is None or starts_at <= call.now:
                words = speaker.gettext("Choose a moment that is still to come")
                raise call.show_again(SEND_PAGE, await _send_values(call, row, {"at": words}))
        command = approving.ApproveMailing(
            mailing_id=mailing_id,
            starts_at=starts_at,
            send_again=is_pressed(form, "send_again"),
            everybody=is_pressed(form, "everybody"),
        )
        try:
            await approving.approve_mailing(call.session, call.actor, command, now=call.now)
        except (
            AlreadySent,
            AudienceEmpty,
            AudienceIsEverybody,
            InvalidMailing,
            LanguageMissing,
            SampleTooLarge,
        ) as error:
            values = await _send_values(call, row, _explain(call, error))
            raise call.show_again(SEND_PAGE, values) from None
        return call.go(f"/staff/mailings/{mailing_id}", said="approved")


@get("/staff/mailings/{mailing_id:uuid}/do/{doing:str}", name="staff_mailing_doing")
async def get_doing(
    request: AnyRequest,
    mailing_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Before it is paused or called off: what that means."""
    async with desk.look(request) as call:
        call.person()
        row = await repository.get_mailing(call.session, call.actor, mailing_id)
        await _check_works_on(call, row)
        wanted = views.make_doings(call.reader.translator).get(doing)
        if wanted is None:
            raise MailingUnknown("There is no such button.")
        return call.show("organizing/mailing_ask.html", {"doing": wanted, "row": row})


@post("/staff/mailings/{mailing_id:uuid}/do/{doing:str}", name="staff_mailing_do", status_code=303)
async def post_doing(
    request: AnyRequest,
    mailing_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Pause, go on, call off, or choose what the rest gets. Pressed twice it happens once."""
    async with desk.press(request) as call:
        call.person()
        session, actor, now = call.session, call.actor, call.now
        if doing == "pause":
            await approving.pause_mailing(session, actor, mailing_id, now=now)
        elif doing == "resume":
            await approving.resume_mailing(session, actor, mailing_id, now=now)
        elif doing == "cancel":
            await approving.cancel_mailing(session, actor, mailing_id, now=now)
        elif doing in ("a", "b"):
            await approving.choose_variant(session, actor, mailing_id, Variant(doing), now=now)
        else:
            raise MailingUnknown("There is no such button.")
        return call.go(f"/staff/mailings/{mailing_id}", said=doing)


def _explain(call: Call, error: TalkootError) -> dict[str, str]:
    """What stands in the way, at the box by which one may say: I mean it."""
    _ = call.reader.translator.gettext
    if isinstance(error, AlreadySent):
        return {"send_again": _("The same words went to the same people within 24 hours")}
    if isinstance(error, AudienceIsEverybody):
        return {"everybody": _("This goes to nearly everybody: say that you mean it")}
    if isinstance(error, AudienceEmpty):
        return {"when": _("It would reach fewer than five people: choose others to reach")}
    if isinstance(error, LanguageMissing):
        return {
            "when": _(
                "Some prefer a language that is not written: write it, or tick the box for it"
            )
        }
    return {"when": say_refusal(call.reader.translator, error)}


async def _keep(call: Call, row: Mailing | None) -> Answer:
    speaker = call.reader.translator
    written = await read_mailing(speaker, call.request, call.form, call.town.id)
    if written.command is not None:
        try:
            if row is None:
                row = await create_mailing(call.session, call.actor, written.command, now=call.now)
            else:
                await change_mailing(
                    call.session, call.actor, row.id, written.command, now=call.now
                )
            return call.go(f"/staff/mailings/{row.id}", said="kept")
        except InvalidMailing as error:
            written.errors["audience"] = say_refusal(speaker, error)
    raise call.show_again(WRITE_PAGE, await _write_values(call, written.form, written.errors, row))


def _check_may_write(call: Call) -> None:
    town = call.staff()
    if not policy.can_manage_mailings(call.actor, town.id):
        raise NotPermitted("Only managers of the programme write mailings.")


async def _check_works_on(call: Call, row: Mailing) -> None:
    call.person()
    team: frozenset[UUID] = frozenset()
    if row.campaign_id is not None:
        team = await list_working_ids(call.session, row.campaign_id)
    if not policy.can_manage_mailings(call.actor, row.community_id, team):
        raise NotPermitted("Only managers, and the campaign's team, send mailings.")


async def _find_draft(call: Call, mailing_id: UUID) -> Mailing:
    call.person()
    row = await repository.get_mailing(call.session, call.actor, mailing_id)
    await _check_works_on(call, row)
    if row.status is not MailingStatus.DRAFT:
        raise MailingUnknown("It is no draft any more: what goes out is what was approved.")
    return row


async def _write_values(
    call: Call, form: Any, errors: dict[str, str], row: Mailing | None
) -> dict[str, Any]:
    speaker, town = call.reader.translator, call.town
    kept = form.get("audience", "")
    audiences = await list_audience_choices(call, kept if row is not None else "")
    campaigns = await read_page(
        call.session, list_campaigns(call.actor, town.id), PageArgs(MAX_PAGE)
    )
    return {
        "row": row,
        "form": form,
        "errors": errors,
        "audiences": audiences,
        "campaigns": [
            ("", speaker.gettext("None")),
            *((str(one.id), one.title) for one in campaigns.items),
        ],
        "languages": [(code, speaker.locale.languages[code]) for code in LANGUAGES],
    }


async def _file_values(call: Call, row: Mailing) -> dict[str, Any]:
    speaker = call.reader.translator
    figures = (await load_figures(call.session, call.actor, [row.id])).get(row.id, Figures())
    settings = await repository.find_settings(call.session, row.community_id)
    opens = settings is not None and settings.counts_opens
    team: frozenset[UUID] = frozenset()
    if row.campaign_id is not None:
        team = await list_working_ids(call.session, row.campaign_id)
    may_send = policy.can_manage_mailings(call.actor, row.community_id, team)
    doings = views.make_doings(speaker)
    return {
        "row": row,
        "news": views.say_news(speaker, row, figures),
        "status": views.name_status(speaker, row.status),
        "tag": views.TAGS[row.status],
        "audience": await name_audience(call, row.segment_version_id),
        "shown": views.show_texts(speaker, read_texts(row.texts), call.town.name),
        "figures": []
        if row.status is MailingStatus.DRAFT
        else views.list_figures(speaker, figures, counts_opens=opens),
        "is_moving": row.status in views.MOVING,
        "is_draft": row.status is MailingStatus.DRAFT,
        "is_choosing": row.status is MailingStatus.CHOOSING and may_send,
        "comparison": views.say_comparison(speaker, row.result) if row.sample_size else "",
        "doings": [doings[code] for code in views.DOINGS.get(row.status, ())] if may_send else [],
        "may_send": may_send,
    }


async def _send_values(call: Call, row: Mailing, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "audience": await name_audience(call, row.segment_version_id),
        "form": call.form,
        "errors": errors,
    }
