"""The pages of imports: choose a file, see what every line would do, take it over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency

from core.i18n import Translator
from matching.imports.repository import list_imports
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, read_form
from web.pages.office import people_imports, recycling_imports
from web.pages.office.importing import (
    ENVELOPE_BYTES,
    MAX_BYTES,
    MAX_PACKED,
    ListKind,
    NoFile,
    NotChosen,
    Sent,
    TooLarge,
    read_bytes,
    read_ground,
    unpack,
)

PAGE: Final = "office/imports.html"
Step = Callable[[Desk, AnyRequest, Sent], Awaitable[Answer]]


@dataclass(frozen=True)
class Steps:
    """What is done with a list of one kind."""

    check: Step
    take: Step
    write_refused: Step


PEOPLE: Final = Steps(people_imports.check, people_imports.take, people_imports.write_refused)
STEPS: Mapping[ListKind, Steps] = {
    ListKind.VOLUNTEERS: PEOPLE,
    ListKind.RESIDENTS: PEOPLE,
    ListKind.RECYCLING: Steps(
        recycling_imports.check, recycling_imports.take, recycling_imports.write_refused
    ),
}


@get("/staff/imports", name="staff_imports")
async def get_imports(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Where a file is chosen, with examples and what was taken over before."""
    async with desk.look(request) as call:
        call.staff()
        return call.show(PAGE, await _values(call, "", {}))


@post(
    "/staff/imports",
    name="staff_imports_check",
    status_code=200,
    request_max_body_size=MAX_BYTES + ENVELOPE_BYTES,
)
async def post_check(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What every line would do. Nothing is written."""
    return await _work(desk, request, read_bytes, lambda steps: steps.check)


@post(
    "/staff/imports/take",
    name="staff_imports_take",
    status_code=303,
    request_max_body_size=MAX_PACKED + ENVELOPE_BYTES,
)
async def post_take(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the good lines over, all or none. The same file once more changes nothing."""
    return await _work(desk, request, unpack, lambda steps: steps.take)


@post(
    "/staff/imports/refused",
    name="staff_imports_refused",
    status_code=200,
    request_max_body_size=MAX_PACKED + ENVELOPE_BYTES,
)
async def post_refused(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The refused lines with their reasons as a file, to be mended and brought back."""
    return await _work(desk, request, unpack, lambda steps: steps.write_refused)


async def _work(
    desk: Desk,
    request: AnyRequest,
    read: Callable[[AnyRequest], Awaitable[bytes]],
    choose: Callable[[Steps], Step],
) -> Answer:
    """Do a step with a list; what is wrong with the file stands on the first page."""
    async with desk.look(request) as call:
        kind = _read_kind(await _check_form(desk, call))
        town, ground = call.town, await read_ground(call)
    try:
        sent = Sent(kind, await read(request), town, ground)
        return await choose(STEPS[kind])(desk, request, sent)
    except NoFile as error:
        async with desk.look(request) as call:
            raise call.show_again(PAGE, await _values(call, kind, _explain(call, error))) from None


async def _check_form(desk: Desk, call: Call) -> dict[str, str]:
    """A form of ours, from somebody who works for the town: work on a file begins after this."""
    call.staff()
    form = await read_form(call.request)
    call.browser.check(form)
    desk.limits.check(call.request, call.browser.csrf, call.now)
    return form


def _read_kind(form: Mapping[str, str]) -> ListKind:
    kind = form.get("kind", "")
    return ListKind(kind) if kind in list(ListKind) else ListKind.VOLUNTEERS


def _explain(call: Call, error: NoFile) -> dict[str, str]:
    _ = call.reader.translator.gettext
    words = str(error)
    if isinstance(error, TooLarge):
        words = _(
            "The file is too large for this page: split it into files of 2 MB or 10,000 lines"
        )
    elif isinstance(error, NotChosen):
        words = _("Choose a file first")
    return {"file": words}


async def _values(call: Call, kind: str, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "kinds": _list_kinds(call.reader.translator),
        "kind": kind,
        "errors": errors,
        "earlier": await list_imports(call.session, call.actor, call.town.id),
        "earlier_recycling": await recycling_imports.list_earlier(call),
    }


def _list_kinds(speaker: Translator) -> list[tuple[str, str, str]]:
    """What a file may hold."""
    _ = speaker.gettext
    return [
        (ListKind.VOLUNTEERS.value, _("Volunteers"), _("One line is one person who helps.")),
        (ListKind.RESIDENTS.value, _("Requests"), _("One line is one home that asks for help.")),
        (
            ListKind.RECYCLING.value,
            _("Recycling"),
            _("Routes, weights, carts set out, sorted samples or looks into carts."),
        ),
    ]
