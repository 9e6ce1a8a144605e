"""Steering a storm by hand: each step is a page that says who is told what before it is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.i18n import Translator
from matching.errors import IllegalTransition, StormAlreadyOpen
from matching.kinds import HoldReason, StormStatus
from matching.maps.coverage_repository import count_giving
from matching.models import Storm
from matching.offers.review import choose_urgent_mode
from matching.storms import board_repository, directing
from matching.storms.repository import find_current_storm
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.storm_board.board import find_storm

CM_PER_INCH: Final = 2.54
MOST_INCHES: Final = 200
REASONS: Final = ("phone_calls", "seen_outside", "city_asked", "other")
HOLDS: Final = tuple(reason.value for reason in HoldReason)
BOARD: Final = "/staff/storm"
STEPS: Final = ("hold", "resume", "close", "first")
Errors = dict[str, str]


def why_options(words: Translator) -> list[tuple[str, str, str]]:
    """Why staff decide something; the history keeps the code word."""
    _ = words.gettext
    return [
        ("phone_calls", _("People are calling"), ""),
        ("seen_outside", _("We see it outside"), ""),
        ("city_asked", _("The city asked for it"), ""),
        ("other", _("Something else"), ""),
    ]


def hold_options(words: Translator) -> list[tuple[str, str, str]]:
    """Why nobody should be sent out."""
    _ = words.gettext
    return [
        ("ice", _("It is too icy or too cold to work"), ""),
        ("still_snowing", _("It is still snowing"), ""),
        ("dark", _("It is dark"), ""),
    ]


# --- from no storm or a watched one ---------------------------------------------------------------


@get("/staff/storm/arm", name="storm_arm_page")
async def get_arm(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Who hears that snow is coming."""
    async with desk.look(request) as call:
        return call.show("storm_board/arm.html", await _before_storm(call))


@post("/staff/storm/arm", name="storm_arm", status_code=303)
async def post_arm(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Tell residents and volunteers that help may be needed."""
    async with desk.press(request) as call:
        town = call.staff()
        reason, errors = _read_reason(call)
        if errors:
            values = await _before_storm(call)
            raise call.show_again("storm_board/arm.html", values | {"errors": errors})
        try:
            await directing.arm_storm(
                call.session, call.actor, town.id, reason=reason, now=call.now
            )
        except StormAlreadyOpen:
            return call.go(BOARD, said="nothing")
        return call.go(BOARD, said="armed")


@get("/staff/storm/open", name="storm_open_page")
async def get_open(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Who is asked when a storm is opened by hand."""
    async with desk.look(request) as call:
        return call.show("storm_board/open.html", await _before_storm(call))


@post("/staff/storm/open", name="storm_open", status_code=303)
async def post_open(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Make a storm active by hand."""
    async with desk.press(request) as call:
        town = call.staff()
        reason, errors = _read_reason(call)
        depth_cm, wrong = _read_depth(call)
        ended_at, late = _read_end(call)
        errors |= wrong | late
        if errors:
            values = await _before_storm(call)
            raise call.show_again("storm_board/open.html", values | {"errors": errors})
        command = directing.OpenStorm(town.id, reason, snow_ended_at=ended_at, depth_cm=depth_cm)
        try:
            await directing.open_storm(call.session, call.actor, command, now=call.now)
        except StormAlreadyOpen:
            return call.go(BOARD, said="nothing")
        return call.go(BOARD, said="opened")


async def _before_storm(call: Call) -> dict[str, Any]:
    town, words = call.staff(), call.reader.translator
    giving = await count_giving(call.session, town.id, at=call.now)
    storm = await find_current_storm(call.session, town.id)
    can_open = storm is None or storm.status in (StormStatus.WATCH, StormStatus.ARMED)
    can_arm = storm is None or storm.status is StormStatus.WATCH
    return {
        "volunteers": sum(giving.values()),
        "reasons": why_options(words),
        "form": call.form,
        "errors": {},
        "can_open": can_open,
        "can_arm": can_arm,
        "is_noticed": storm is not None and storm.noticed_at is not None,
    }


# --- a storm that is on ---------------------------------------------------------------------------


@get("/staff/storms/{storm_id:uuid}/{step:str}", name="storm_step_page")
async def get_step(
    request: AnyRequest, storm_id: FromPath[UUID], step: FromPath[str], desk: NamedDependency[Desk]
) -> Answer:
    """Who is told what when a storm is held, goes on, or ends."""
    async with desk.look(request) as call:
        storm = await find_storm(call, storm_id)
        if step not in STEPS or not _may(storm, step):
            return call.go(BOARD, said="nothing")
        return call.show(f"storm_board/{step}.html", await _of_storm(call, storm))


@post("/staff/storms/{storm_id:uuid}/{step:str}", name="storm_step", status_code=303)
async def post_step(
    request: AnyRequest, storm_id: FromPath[UUID], step: FromPath[str], desk: NamedDependency[Desk]
) -> Answer:
    """Hold a storm, go on with it, end it, or choose what comes first."""
    async with desk.press(request) as call:
        storm = await find_storm(call, storm_id)
        if step not in STEPS or not _may(storm, step):
            return call.go(BOARD, said="nothing")
        errors: Errors = {}
        reason = "staff_choice"
        if step != "first":
            reason, errors = _read_reason(call)
        if step == "hold" and call.form.get("hold") not in HOLDS:
            words = call.reader.translator
            errors = {"hold": words.gettext("Choose why nobody should go out now"), **errors}
        if errors:
            values = await _of_storm(call, storm)
            raise call.show_again(f"storm_board/{step}.html", values | {"errors": errors})
        try:
            said = await _do(call, storm, step, reason)
        except IllegalTransition:
            said = "nothing"
        return call.go(BOARD, said=said)


async def _do(call: Call, storm: Storm, step: str, reason: str) -> str:
    session, actor, now = call.session, call.actor, call.now
    if step == "hold":
        held = HoldReason(call.form["hold"])
        await directing.hold_storm(session, actor, storm.id, held, reason=reason, now=now)
        return "held"
    if step == "resume":
        await directing.resume_storm(session, actor, storm.id, reason=reason, now=now)
        return "resumed"
    if step == "close":
        await directing.close_storm(session, actor, storm.id, reason=reason, now=now)
        return "closed"
    urgent = call.form.get("urgent") == "1"
    await choose_urgent_mode(session, actor, storm.id, urgent=urgent, now=now)
    return "urgent" if urgent else "usual"


def _may(storm: Storm, step: str) -> bool:
    return {
        "hold": storm.status is StormStatus.ACTIVE,
        "resume": storm.status is StormStatus.HOLD,
        "close": storm.status is not StormStatus.CLOSED,
        "first": storm.status is StormStatus.ACTIVE,
    }[step]


async def _of_storm(call: Call, storm: Storm) -> dict[str, Any]:
    words = call.reader.translator
    return {
        "storm": storm,
        "told": await board_repository.count_concerned(call.session, call.actor, storm),
        "reasons": why_options(words),
        "holds": hold_options(words),
        "form": call.form,
        "errors": {},
    }


# --- what stands in the forms ---------------------------------------------------------------------


def _read_reason(call: Call) -> tuple[str, Errors]:
    reason = call.form.get("reason", "")
    if reason in REASONS:
        return reason, {}
    return "", {"reason": call.reader.translator.gettext("Choose why you do this")}


def _read_depth(call: Call) -> tuple[float | None, Errors]:
    text = call.form.get("depth", "").strip().replace(",", ".")
    if not text:
        return None, {}
    try:
        inches = float(text)
    except ValueError:
        inches = -1.0
    if 0 <= inches <= MOST_INCHES:
        return round(inches * CM_PER_INCH, 1), {}
    words = call.reader.translator
    return None, {"depth": words.gettext("Write the depth in inches, for example 6")}


def _read_end(call: Call) -> tuple[datetime | None, Errors]:
    """A time of day: the last one that was, by the town's clock."""
    text = call.form.get("stopped", "").strip()
    if not text:
        return None, {}
    try:
        hour, minute = (int(part) for part in text.split(":")[:2])
        here = call.now.astimezone(ZoneInfo(call.town.time_zone))
        moment = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        words = call.reader.translator
        return None, {"stopped": words.gettext("Write the time, for example 05:30")}
    return (moment if moment <= here else moment - timedelta(days=1)).astimezone(
        call.now.tzinfo
    ), {}
