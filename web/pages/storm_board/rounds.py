"""Matching rounds: those that ran, one that is asked for, how far it is, and ending it early."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.ids import new_id
from core.pagination import PageArgs, read_page
from matching.errors import RoundAlreadyRequested, RoundJobEnded
from matching.kinds import RoundJobStatus, RoundStop, StormStatus
from matching.rounds import listing_repository as listing
from matching.rounds.models import RoundJob
from matching.rounds.requesting import (
    MAX_SEED,
    RequestRound,
    find_last_round_job,
    read_round_job,
    request_round,
    stop_round,
)
from matching.storms.repository import find_current_storm
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import answer_page
from web.pages.storm_board import words as say
from web.pages.storm_board.reading import OPEN_JOBS, make_job, read_job

PAGE: Final = 20
LIMITS: Final = {"20": 20.0, "120": 120.0, "600": 600.0}
TRIES: Final = {"0": 0, "5": 5, "20": 20}
USUAL: Final = {"limit": "20", "tries": "5", "seed": "0"}
LIST: Final = "/staff/rounds"


@get("/staff/rounds", name="rounds_of_staff")
async def get_rounds(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The rounds of the town, the newest first."""
    async with desk.look(request) as call:
        town = call.staff()
        rows = listing.list_community_rounds(call.actor, town.id, listing.RoundFilter())
        args = PageArgs(first=PAGE, after=request.query_params.get("after") or None)
        page = await read_page(call.session, rows, args)
        words = call.reader.translator
        shown = [
            {
                "row": row,
                "tag": say.round_tag(words.gettext, row.status),
                "gap": None if row.gap is None else say.share_words(words, row.gap),
            }
            for row in page.items
        ]
        more = f"{LIST}?after={page.cursors[-1]}" if page.has_next else ""
        values = {"rows": shown, "more": more, "job": await read_job(call)}
        return call.show("storm_board/rounds.html", values)


@get("/staff/rounds/new", name="round_new")
async def get_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What a round shall do, and who hears of it."""
    async with desk.look(request) as call:
        form = {"ask": "1" if request.query_params.get("ask") == "1" else "0", **USUAL}
        return call.show("storm_board/round_new.html", await _new_values(call, form))


@post("/staff/rounds/new", name="round_start", status_code=303)
async def post_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Let a round run; the same form pressed twice starts one."""
    async with desk.press(request) as call:
        town, form = call.staff(), call.form
        errors = _check(call)
        if errors:
            values = await _new_values(call, form)
            raise call.show_again("storm_board/round_new.html", values | {"errors": errors})
        command = RequestRound(
            community_id=town.id,
            key=form["key"],
            seed=int(form["seed"]),
            time_limit_s=LIMITS[form["limit"]],
            tries=TRIES[form["tries"]],
            asks=form["ask"] == "1",
        )
        row: RoundJob | None
        try:
            row = await request_round(call.session, call.actor, command, now=call.now)
        except RoundAlreadyRequested:
            row = await find_last_round_job(call.session, call.actor, town.id)
        return call.go(LIST if row is None else f"{LIST}/jobs/{row.id}")


def _check(call: Call) -> dict[str, str]:
    form, _ = call.form, call.reader.translator.gettext
    errors = {}
    if form.get("ask") not in ("0", "1"):
        errors["ask"] = _("Choose what becomes of the plan")
    if form.get("limit") not in LIMITS:
        errors["limit"] = _("Choose how long to search")
    if form.get("tries") not in TRIES:
        errors["tries"] = _("Choose for how many homes to try what would help")
    seed = form.get("seed", "").strip()
    if not (seed.isascii() and seed.isdigit() and int(seed) <= MAX_SEED):
        errors["seed"] = _("Write a whole number, for example 0")
    if not form.get("key"):
        errors["key"] = _("Open this page again, then start the round")
    return errors


async def _new_values(call: Call, form: dict[str, str]) -> dict[str, Any]:
    town, _ = call.staff(), call.reader.translator.gettext
    storm = await find_current_storm(call.session, town.id)
    is_on = storm is not None and storm.status is StormStatus.ACTIVE
    return {
        "form": form,
        "errors": {},
        "key": form.get("key") or str(new_id()),
        "job": await read_job(call),
        "is_on": is_on,
        "asks": [
            ("0", _("Make a plan only"), _("Nobody is told. You look at the plan first.")),
            (
                "1",
                _("Make a plan and ask people"),
                _("Volunteers get messages, at once or after you have looked, as your rules say."),
            ),
        ],
        "limits": [
            ("20", _("20 seconds")),
            ("120", _("2 minutes")),
            ("600", _("10 minutes, for large towns")),
        ],
        "tries": [
            ("0", _("For none")),
            ("5", _("For the 5 most urgent homes")),
            ("20", _("For the 20 most urgent homes: takes minutes")),
        ],
    }


@get("/staff/rounds/jobs/{job_id:uuid}", name="round_job")
async def get_job(
    request: AnyRequest, job_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """How far a round is; when it has ended, what came of it."""
    async with desk.look(request) as call:
        row = await find_job(call, job_id)
        if request.headers.get("hx-request") == "true":
            values = _job_values(call, row) | {"is_part": True}
            return answer_page("storm_board/_job.html", call.reader, values)
        if row.round_id is not None and row.status is RoundJobStatus.FINISHED:
            return call.go(f"{LIST}/{row.round_id}")
        return call.show("storm_board/round_job.html", _job_values(call, row))


@get("/staff/rounds/jobs/{job_id:uuid}/stop", name="round_stop_page")
async def get_stop(
    request: AnyRequest, job_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What is lost when a round is stopped."""
    async with desk.look(request) as call:
        row = await find_job(call, job_id)
        if row.status not in OPEN_JOBS or row.stop_wanted:
            return call.go(f"{LIST}/jobs/{job_id}", said="nothing")
        return call.show("storm_board/round_stop.html", {"row": row})


@post("/staff/rounds/jobs/{job_id:uuid}", name="round_stop", status_code=303)
async def post_stop(
    request: AnyRequest, job_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """End a round early: use its best plan so far, or drop it."""
    async with desk.press(request) as call:
        row = await find_job(call, job_id)
        wanted = RoundStop.KEEP if call.form.get("how") == "keep" else RoundStop.DISCARD
        said = "stopping"
        try:
            await stop_round(call.session, call.actor, row.id, now=call.now, wanted=wanted)
        except RoundJobEnded:
            said = "nothing"
        return call.go(f"{LIST}/jobs/{job_id}", said=said)


async def find_job(call: Call, job_id: UUID) -> RoundJob:
    """A round of the town that somebody asked for."""
    call.staff()
    return await read_round_job(call.session, call.actor, job_id)


def _job_values(call: Call, row: RoundJob) -> dict[str, Any]:
    words = call.reader.translator
    return {
        "job": make_job(call, row),
        "is_open": row.status in OPEN_JOBS,
        "tag": say.job_tag(words.gettext, row.status),
        "reason": say.job_reason(words.gettext, row.reason),
        "now": call.now,
        "is_part": False,
    }
