"""A wish for help at each snowfall: how it stands, days away, and its end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from matching.intake.errors import InvalidRequest, StandingUnknown
from matching.intake.programme import load_kinds
from matching.intake.standing import add_break, end_standing
from matching.intake.standing_listing_repository import load_breaks, load_standing
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_day
from web.pages.guards import AnyRequest
from web.pages.my_requests.reading import is_called
from web.pages.my_requests.standing_views import make_standing_view


@get("/requests/standing/{standing_id:uuid}", name="my_standing")
async def get_standing_page(
    request: AnyRequest, standing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """How it stands."""
    async with desk.look(request) as call:
        call.person()
        return await _show(call, standing_id)


async def _show(
    call: Call,
    standing_id: UUID,
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Answer:
    row = (await load_standing(call.session, call.actor, [standing_id])).get(standing_id)
    if row is None:
        raise StandingUnknown(f"There is no standing request {standing_id}.")
    kinds = await load_kinds(call.session, row.community_id, call.now)
    breaks = (await load_breaks(call.session, call.actor, [row.id])).get(row.id, [])
    values = {
        "view": make_standing_view(
            row,
            kinds,
            call.reader.translator,
            breaks,
            is_called=await is_called(call.session, call.actor),
        ),
        "is_link": False,
        "given": given or {},
        "errors": errors or {},
    }
    if errors:
        raise call.show_again("my_requests/standing.html", values)
    return call.show("my_requests/standing.html", values)


@post("/requests/standing/{standing_id:uuid}", name="my_standing_post", status_code=303)
async def post_standing_page(
    request: AnyRequest, standing_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """End it, or let it rest while nobody is at home."""
    async with desk.press(request) as call:
        call.person()
        here = f"/requests/standing/{standing_id}"
        if call.form.get("do") == "end":
            await end_standing(
                call.session, call.actor, standing_id, now=call.now, reason="resident_ended"
            )
            return call.go(here)
        errors, days = _read_days(call)
        if not errors and days is not None:
            try:
                await add_break(
                    call.session,
                    call.actor,
                    standing_id,
                    starts_on=days[0],
                    ends_on=days[1],
                    now=call.now,
                )
            except InvalidRequest:
                _ = call.reader.translator.gettext
                errors["ends_on"] = _("The last day must not be before the first")
        if errors:
            return await _show(call, standing_id, call.form, errors)
        return call.go(here, said="away")


def _read_days(call: Call) -> tuple[dict[str, str], tuple[date, date] | None]:
    _ = call.reader.translator.gettext
    found, errors = [], {}
    for name in ("starts_on", "ends_on"):
        day = read_day(call.form.get(name, ""))
        if day is None:
            errors[name] = _("Choose a day")
        else:
            found.append(day)
    return errors, None if errors else (found[0], found[1])
