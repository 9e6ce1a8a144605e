"""The certificate of a round in plain words, its numbers, and a second look at its plan."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from matching.errors import DocumentTooLarge, UnusableFile
from matching.rounds import listing_repository as listing
from matching.rounds.models import Round
from matching.rounds.verifying import Verdict, prepare_check
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.storm_board import words as say
from web.pages.storm_board.reading import make_proof
from web.pages.storm_board.round_page import find_round

METRES_PER_KM: Final = 1_000.0


@get("/staff/rounds/{round_id:uuid}/certificate", name="round_certificate")
async def get_certificate(
    request: AnyRequest, round_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """How good a plan is and how that is known; with ``check=1`` it is checked again now."""
    async with desk.look(request) as call:
        row = await find_round(call, round_id)
        kept = await listing.load_certificates(call.session, call.actor, [row.id])
        values: dict[str, Any] = {
            "row": row,
            "kept": kept.get(row.id),
            "proof": await make_proof(call, row, None, 0) if row.value_m is not None else None,
            "figures": list_figures(call, row),
            "is_checked_now": False,
            "verdict": None,
        }
        if request.query_params.get("check") == "1":
            values |= {"is_checked_now": True, "verdict": await _check(call, row)}
        return call.show("storm_board/certificate.html", values)


async def _check(call: Call, row: Round) -> Verdict | None:
    """None when there is nothing left to check with."""
    try:
        work = await prepare_check(call.session, call.actor, row.id)
        return None if work is None else await asyncio.to_thread(work)
    except (DocumentTooLarge, UnusableFile):
        return None


def list_figures(call: Call, row: Round) -> list[tuple[str, str]]:
    """The numbers behind the words: label and value."""
    words = call.reader.translator
    _ = words.gettext
    terms = row.objective or {}

    def km(metres: float | None) -> str:
        return "" if metres is None else _("%(number)s km", number=words.say_number(
            round(metres / METRES_PER_KM, 1)
        ))  # fmt: skip

    found = [
        (_("Homes asked about"), "" if row.request_count is None else str(row.request_count)),
        (_("Homes planned"), "" if row.served_count is None else str(row.served_count)),
        (_("Volunteers in the plan"), _count(row.volunteer_count)),
        (_("Worth of the visits"), km(terms.get("visit_value_m"))),
        (_("Ways to them"), km(terms.get("travel_cost_m"))),
        (_("Cost of uneven loads"), km(terms.get("fairness_cost_m"))),
        (_("Worth of the plan"), km(row.value_m)),
        (_("Proven limit"), km(row.bound_m)),
        (
            _("Gap"),
            "" if row.gap is None else _("%(share)s %%", share=say.share_words(words, row.gap)),
        ),
        (_("Seed"), str(row.seed)),
    ]
    return [(label, value) for label, value in found if value]


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
