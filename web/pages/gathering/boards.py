"""Being on boards or not, and under which name: one's own choice, which holds at once."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.standings import choices
from campaigns.standings.models import ALIAS_LENGTH
from campaigns.standings.repository import load_own_choices
from core.errors import Conflict, InvalidInput
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering.ground import say_refusal, show_again
from web.pages.guards import AnyRequest

PAGE = "gathering/boards.html"


@get("/standings", name="standings")
async def get_boards(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What one decided about being seen."""
    async with desk.look(request) as call:
        call.person()
        return call.show(PAGE, await _read_values(call))


@post("/standings", name="standings_post", status_code=303)
async def post_boards(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Leave the boards, come back, choose a name or none."""
    async with desk.press(request) as call:
        person_id = call.person()
        session, actor, key, do = call.session, call.actor, call.town.id, call.form.get("do", "")
        if do == "leave":
            await choices.opt_out(session, actor, key, person_id, now=call.now)
        elif do == "back":
            await choices.opt_in(session, actor, key, now=call.now)
        elif do == "no_name":
            await choices.choose_alias(session, actor, key, None, now=call.now)
        elif do == "name":
            await _choose(call)
        else:
            raise InvalidInput("This button is not known. Open the page again.")
        return call.go("/standings", said=do)


async def _choose(call: Call) -> None:
    alias = call.form.get("alias", "")[: 4 * ALIAS_LENGTH]
    try:
        await choices.choose_alias(call.session, call.actor, call.town.id, alias, now=call.now)
    except (InvalidInput, Conflict) as error:
        _ = call.reader.translator.gettext
        words = {
            "invalid_alias": _("Write 3 to 30 letters. Leave out your own name and long numbers."),
            "alias_taken": _("Somebody has this name, or one that looks like it. Choose another."),
            "opted_out": _("You left the boards. Come back first, then choose a name."),
        }
        values = await _read_values(call)
        raise show_again(call, PAGE, values, {"alias": say_refusal(call, error, words)}) from None


async def _read_values(call: Call) -> dict[str, Any]:
    found = await load_own_choices(call.session, call.actor, [call.town.id])
    row = found.get(call.town.id)
    alias = "" if row is None else row.alias or ""
    return {
        "is_off": row is not None and row.opted_out_at is not None,
        "alias": alias,
        "typed": call.form.get("alias", alias),
        "errors": {},
    }
