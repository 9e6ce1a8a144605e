"""The file of a request: read, and decided on."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, InvalidInput, NotFound
from matching.intake import listing_repository as listing
from matching.intake.reviewing import (
    DeclineReason,
    approve_request,
    decline_request,
    merge_requests,
)
from matching.models import HelpRequest
from matching.offers import listing_repository as offers
from matching.offers.answering import accept_offer, decline_offer
from matching.offers.casework import (
    cancel_request,
    confirm_done,
    release_no_show,
    report_done,
    report_not_done,
)
from matching.offers.thanking import take_back_thanks
from matching.offers.thanks_repository import find_thanks
from people.disclosure import read_address
from web.pages.casework.request_file_views import read_file
from web.pages.casework.words import say_no_because
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.refusals import say_refusal

PAGE = "casework/request.html"
WHY_LOOK = ("caller_asks", "volunteer_asks", "address_check", "emergency")


async def find_request(call: Call, request_id: UUID) -> HelpRequest:
    """A request of the town that the actor works for.

    Raises
    ------
    NotFound
        When there is none, or it is another town's.
    """
    town = call.staff()
    rows = await listing.load_requests(call.session, call.actor, [request_id])
    row = rows.get(request_id)
    if row is None or row.community_id != town.id:
        raise NotFound(f"There is no request {request_id}.")
    return row


@get("/staff/requests/{request_id:uuid}", name="staff_request")
async def get_request(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """All about one request."""
    async with desk.look(request) as call:
        row = await find_request(call, request_id)
        return await _show(call, row)


@post("/staff/requests/{request_id:uuid}/address", name="staff_request_address", status_code=200)
async def post_address(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Show the address once, and write down who saw it and why."""
    async with desk.press(request) as call:
        row = await find_request(call, request_id)
        reason = call.form.get("why", "")
        if reason not in WHY_LOOK:
            _ = call.reader.translator.gettext
            values = await _values(call, row)
            errors = {"why": _("Say why you need the address")}
            raise call.show_again(PAGE, values | {"errors": errors})
        home = await read_address(
            call.session, call.actor, row.household_id, now=call.now, reason=reason
        )
        words = f"{home.address_text}, {home.unit}" if home.unit else home.address_text
        await call.session.flush()
        return call.show(PAGE, await _values(call, row) | {"address": words})


@post("/staff/requests/{request_id:uuid}", name="staff_request_press", status_code=303)
async def post_request(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What a button on the file says."""
    async with desk.press(request) as call:
        row = await find_request(call, request_id)
        do = call.form.get("do", "")
        goal = f"/staff/requests/{request_id}"
        try:
            await _do(call, row, do)
        except (Conflict, InvalidInput) as error:
            _ = call.reader.translator.gettext
            words = {"do": _("This cannot be done now. Look at how it stands.")}
            if isinstance(error, ReasonMissing):
                words = {"reason": _("Choose why not. The home hears it.")}
            elif isinstance(error, InvalidInput):
                words = {"do": say_refusal(call.reader.translator, error)}
            raise call.show_again(PAGE, await _values(call, row) | {"errors": words}) from None
        return call.go(goal, said=do)


async def _do(call: Call, row: HelpRequest, do: str) -> None:
    session, actor, now = call.session, call.actor, call.now
    if do == "approve":
        await approve_request(session, actor, row.id, now=now)
    elif do == "say_no":
        await decline_request(session, actor, row.id, reason=read_reason(call.form), now=now)
    elif do == "merge":
        keep_id = field_id(call.form, "keep")
        await merge_requests(session, actor, keep_id=keep_id or row.id, drop_id=row.id, now=now)
    elif do == "cancel":
        await cancel_request(session, actor, row.id, now=now, reason="resident_cancelled")
    elif do == "confirm":
        await confirm_done(session, actor, row.id, now=now)
    elif do == "not_done":
        await report_not_done(session, actor, row.id, now=now)
    elif do == "take_thanks":
        await take_back_thanks(session, actor, row.id, now=now)
    elif do in ("said_yes", "said_no", "came", "no_show"):
        await _answer_for(call, row, do)
    else:
        raise NotFound(f"There is no button {do[:40]!r}.")


async def _answer_for(call: Call, row: HelpRequest, do: str) -> None:
    """What a volunteer said on the phone, or did not do."""
    session, actor, key = call.session, call.actor, field_id(call.form, "key")
    if key is None:
        raise NotFound("There is nothing to answer.")
    if do in ("came", "no_show"):
        work = (await offers.load_assignments(session, actor, [key])).get(key)
        if work is None or work.request_id != row.id:
            raise NotFound(f"There is no agreed work {key}.")
        end = report_done if do == "came" else release_no_show
        await end(session, actor, key, now=call.now)
        return
    offer = (await offers.load_offers(session, actor, [key])).get(key)
    if offer is None or offer.request_id != row.id:
        raise NotFound(f"There is no offer {key}.")
    if do == "said_yes":
        await accept_offer(session, actor, key, now=call.now)
    else:
        await decline_offer(session, actor, key, now=call.now)


class ReasonMissing(InvalidInput):
    """A no without a reason: the resident is to hear one."""

    code = "reason_missing"


def read_reason(form: dict[str, str]) -> DeclineReason:
    """Why not, as chosen.

    Raises
    ------
    ReasonMissing
        When nothing was chosen.
    """
    try:
        return DeclineReason(form.get("reason", ""))
    except ValueError:
        raise ReasonMissing("Say why not; the resident hears it.") from None


async def _values(call: Call, row: HelpRequest) -> dict[str, object]:
    await call.session.refresh(row)
    _ = call.reader.translator.gettext
    thanks = await find_thanks(call.session, row.id)
    return {
        "file": await read_file(call, row),
        "thanks": thanks if thanks is not None and thanks.removed_at is None else None,
        "errors": {},
        "address": "",
        "no_because": list(say_no_because(_).items()),
        "why_look": list(
            zip(
                WHY_LOOK,
                (
                    _("The caller asks what we have"),
                    _("A volunteer does not find it"),
                    _("To check that it is right"),
                    _("Somebody may be in danger"),
                ),
                strict=True,
            )
        ),
    }


async def _show(call: Call, row: HelpRequest) -> Answer:
    return call.show(PAGE, await _values(call, row))
