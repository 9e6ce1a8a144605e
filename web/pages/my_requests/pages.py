"""One request: how it stands, its buttons, and what may change."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput
from matching.feeds.calendar_file import Entry, FeedFile, write_feed
from matching.intake.changing import ChangeRequest, change_request
from matching.intake.errors import InvalidRequest
from matching.intake.help_kinds import HelpKind
from matching.intake.listing_repository import find_asked_for, load_requests
from matching.intake.models import NOTES_LENGTH
from matching.intake.programme import load_kinds
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from matching.offers.casework import cancel_request
from matching.offers.photos import read_photo
from matching.offers.thanking import InvalidThanks
from people.auth import Actor
from web.pages.asking.answers import Answers
from web.pages.asking.whens import PARTS, list_days, list_parts, make_windows
from web.pages.desk import Answer, Call, Desk, ShowAgain
from web.pages.details import ask_details
from web.pages.guards import AnyRequest
from web.pages.my_requests.acting import press_button, press_limited, say_too_long
from web.pages.my_requests.reading import read_page, read_view
from web.pages.my_requests.views import CANCELLABLE
from web.pages.rendering import PRIVATE


@get("/requests/{request_id:uuid}", name="my_request")
async def get_request(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """How it stands."""
    async with desk.look(request) as call:
        call.person()
        asked_for = await find_asked_for(call.session, call.actor, request_id)
        view = await read_view(
            call.session,
            call.actor if asked_for is None else Actor(person_id=asked_for),
            request_id,
            call.reader,
            now=call.now,
            is_limited=asked_for is not None,
        )
        # Whoever asked for somebody else calls it off as one does behind a link.
        limited = asked_for is not None
        values = {"view": view, "is_link": limited, "is_limited": limited}
        return call.show("my_requests/request.html", values)


@post("/requests/{request_id:uuid}", name="my_request_post", status_code=303)
async def post_request(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One button of it."""
    async with desk.press(request) as call:
        call.person()
        asked_for = await find_asked_for(call.session, call.actor, request_id)
        if asked_for is not None:
            said = await press_limited(
                call.session,
                asked_for,
                request_id,
                call.form,
                reader=call.reader,
                now=call.now,
            )
            return call.go(f"/requests/{request_id}", said=said)
        try:
            said = await press_button(
                call.session, call.actor, request_id, call.form, reader=call.reader, now=call.now
            )
        except InvalidThanks:
            raise await _show_words_again(call, request_id) from None
        return call.go(f"/requests/{request_id}", said=said)


async def _show_words_again(call: Call, request_id: UUID) -> ShowAgain:
    """The page with thanks that are too long to be passed on."""
    view = await read_view(call.session, call.actor, request_id, call.reader, now=call.now)
    values = {"view": view, "is_link": False, "is_limited": False}
    return call.show_again(
        "my_requests/request.html", values | say_too_long(call.reader, call.form)
    )


@get("/requests/{request_id:uuid}/cancel", name="my_request_cancel")
async def get_cancel(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Do you still need help? Says who hears of it."""
    async with desk.look(request) as call:
        call.person()
        page = await read_page(call.session, call.actor, request_id, call.reader, now=call.now)
        if page.status not in CANCELLABLE:
            return call.go(f"/requests/{request_id}")
        return call.show("my_requests/cancel.html", {"page": page})


@post("/requests/{request_id:uuid}/cancel", name="my_request_cancel_post", status_code=303)
async def post_cancel(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Call it off."""
    async with desk.press(request) as call:
        call.person()
        await cancel_request(
            call.session, call.actor, request_id, now=call.now, reason="resident_cancelled"
        )
        return call.go(f"/requests/{request_id}")


async def _get_own(call: Call, request_id: UUID) -> HelpRequest:
    """The row of a request that the person may change."""
    await read_page(call.session, call.actor, request_id, call.reader, now=call.now)
    return (await load_requests(call.session, call.actor, [request_id]))[request_id]


@get("/requests/{request_id:uuid}/change", name="my_request_change")
async def get_change(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What may be different."""
    async with desk.look(request) as call:
        call.person()
        view = await read_view(call.session, call.actor, request_id, call.reader, now=call.now)
        if not view.can_change:
            return call.go(f"/requests/{request_id}")
        return await _show_change(call, request_id, {"notes": view.notes or "", "when": "keep"})


async def _show_change(
    call: Call, request_id: UUID, given: dict[str, str], errors: dict[str, str] | None = None
) -> Answer:
    row = await _get_own(call, request_id)
    kind = (await load_kinds(call.session, row.community_id, call.now)).get(row.kind)
    translator = call.reader.translator
    view = await read_view(call.session, call.actor, request_id, call.reader, now=call.now)
    chosen = [part.code for part in kind.scope if given.get(f"part-{part.code}") == "1"]
    values = {
        "view": view,
        "options": [
            (part.code, kind.scope_label(part.code, translator.language)) for part in kind.scope
        ],
        "chosen": chosen if "part" in given else list(row.scope or ()),
        "details": ask_details(kind, translator),
        "needs_storm": kind.needs_storm,
        "days": list_days(translator, call.now),
        "day_parts": list_parts(translator),
        "given": given,
        "errors": errors or {},
    }
    if errors:
        raise call.show_again("my_requests/change.html", values)
    return call.show("my_requests/change.html", values)


@post("/requests/{request_id:uuid}/change", name="my_request_change_post", status_code=303)
async def post_change(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Change it; whoever was asked hears only of what is left."""
    async with desk.press(request) as call:
        call.person()
        row = await _get_own(call, request_id)
        _ = call.reader.translator.gettext
        form = {"notes": "", "when": "keep"} | call.form
        if "scope_shown" in form:
            form["part"] = "1"
        kind = (await load_kinds(call.session, row.community_id, call.now)).get(row.kind)
        translator = call.reader.translator
        errors = ask_details(kind, translator).find_faults(form["notes"].strip(), translator)
        command = _read_change(call, row, kind, form)
        if command.scope == ():
            errors["parts"] = _("Choose at least one part of the work")
        if form.get("when") == "day" and command.windows is None:
            errors["day"] = _("Choose a day from the list")
        if not errors:
            try:
                await change_request(call.session, call.actor, command, now=call.now)
            except InvalidRequest:
                errors["day"] = _("That day is too short for the work. Choose another one.")
        if errors:
            return await _show_change(call, request_id, form, errors)
        return call.go(f"/requests/{request_id}", said="changed")


def _read_change(
    call: Call, row: HelpRequest, kind: HelpKind, form: dict[str, str]
) -> ChangeRequest:
    """What of the form differs from the request: only that withdraws what neighbors were asked."""
    scope = None
    if form.get("part") == "1":
        chosen = tuple(part.code for part in kind.scope if form.get(f"part-{part.code}") == "1")
        scope = None if set(chosen) == set(row.scope or ()) else chosen
    windows = None
    translator = call.reader.translator
    if form.get("when") == "day" and form.get("day", "") in dict(list_days(translator, call.now)):
        part = form.get("part_of_day", "any")
        answers = Answers(when="day", day=form["day"], part=part if part in PARTS else "any")
        windows = make_windows(answers, translator, call.now)
    notes = form["notes"].strip()[:NOTES_LENGTH]
    return ChangeRequest(row.id, windows=windows, scope=scope, access_notes=notes)


@get("/requests/{request_id:uuid}/calendar.ics", name="my_request_calendar")
async def get_calendar_file(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Response[bytes]:
    """When somebody comes, for one's own calendar: no address in it."""
    async with desk.look(request) as call:
        call.person()
        page = await read_page(call.session, call.actor, request_id, call.reader, now=call.now)
        if page.status not in (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS):
            raise InvalidInput("Nobody comes at a certain time yet.")
        _ = call.reader.translator.gettext
        entries = tuple(
            Entry(
                uid=f"resident-{helper.assignment_id}",
                sequence=0,
                stamp=helper.starts_at,
                starts_at=helper.starts_at,
                ends_at=helper.ends_at,
                summary=_("%(name)s comes: %(job)s")
                % {"name": helper.name or _("A neighbor"), "job": page.job.label},
                url=f"{call.settings.public_url}/requests/{request_id}",
            )
            for helper in page.helpers
        )
        since = min(entry.starts_at for entry in entries) if entries else call.now
        file = FeedFile(name="Talkoot", time_zone=call.town.time_zone, since=since, entries=entries)
        headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="talkoot.ics"'}
        return Response(write_feed(file), media_type="text/calendar", headers=headers)


@get("/requests/{request_id:uuid}/photos/{photo_id:uuid}", name="my_request_photo")
async def get_request_photo(
    request: AnyRequest,
    request_id: FromPath[UUID],
    photo_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Response[bytes]:
    """A picture of the work."""
    async with desk.look(request) as call:
        call.person()
        await read_page(call.session, call.actor, request_id, call.reader, now=call.now)
        photo = await read_photo(call.session, call.actor, photo_id)
        headers = {
            **PRIVATE,
            "Content-Disposition": 'inline; filename="picture.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(photo.content, media_type=photo.media_type, headers=headers)
