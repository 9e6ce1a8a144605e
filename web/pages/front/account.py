"""Your own page: how you are called, how you are reached, where you are signed in."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.pagination import PageArgs, read_page
from people import directory_repository as directory
from people.consents import find_holding
from people.errors import InvalidProfile
from people.kinds import Channel
from people.profile import MAX_LANGUAGES, Rename, SetPreferences, rename_person, set_preferences
from people.signing_in.errors import SessionUnknown
from people.signing_in.repository import list_sign_ins
from people.signing_in.sessions import end_other_sign_ins, end_sign_in
from web.pages.desk import Answer, Call, Desk
from web.pages.front.account_notices import read_notices
from web.pages.front.account_views import (
    AccountView,
    call_name_of,
    clock_of,
    language_options,
    read_clock,
    view_account,
    view_browsers,
)
from web.pages.guards import AnyRequest

ACCOUNT: Final = "/account"
BROWSERS: Final = PageArgs(first=20)
QUIET_FROM, QUIET_UNTIL = 22 * 60, 7 * 60


@get(ACCOUNT, name="account")
async def get_account(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Everything that is one's own, each with the way to change it."""
    async with desk.look(request) as call:
        return call.show("front/account.html", {"account": await read_account(call)})


async def read_account(call: Call) -> AccountView:
    """What is kept about the reader."""
    session, actor, person_id = call.session, call.actor, call.person()
    keys = [person_id]
    consents = (await directory.load_consents_of(session, actor, keys)).get(person_id, [])
    here = [line for line in find_holding(consents) if line.community_id == call.town.id]
    account = view_account(
        call.reader.translator,
        (await directory.load_names(session, actor, keys)).get(person_id),
        (await directory.load_preferences(session, actor, keys)).get(person_id),
        (await directory.load_contacts_of(session, actor, keys)).get(person_id, []),
        here,
    )
    rows = (await read_page(session, list_sign_ins(actor), BROWSERS)).items
    return replace(
        account,
        browsers=view_browsers(rows, call.browser.identity.session_id),
        notices=await read_notices(call),
    )


@get("/account/name", name="account_name")
async def get_name(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """How one is called."""
    async with desk.look(request) as call:
        person_id = call.person()
        name = (await directory.load_names(call.session, call.actor, [person_id])).get(person_id)
        values = {
            "full_name": "" if name is None else name.full_name,
            "call_name": call_name_of(name),
            "errors": {},
        }
        return call.show("front/account_name.html", values)


@post("/account/name", name="account_name_post", status_code=303)
async def post_name(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Be called otherwise."""
    async with desk.press(request) as call:
        full_name, call_name = call.form.get("full_name", ""), call.form.get("call_name", "")
        command = Rename(call.person(), full_name, call_name.strip() or None)
        try:
            await rename_person(call.session, call.actor, command, now=call.now)
        except InvalidProfile:
            _ = call.reader.translator.gettext
            words = _("Write a name of 1 to 200 letters.")
            field = "full_name" if not full_name.strip() else "call_name"
            values = {
                "full_name": full_name,
                "call_name": call_name,
                "errors": {field: words},
            }
            raise call.show_again("front/account_name.html", values) from None
        return call.go(ACCOUNT, said="saved")


@get("/account/reach", name="account_reach")
async def get_reach(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Which language one reads, and when nobody should disturb."""
    async with desk.look(request) as call:
        person_id = call.person()
        found = await directory.load_preferences(call.session, call.actor, [person_id])
        kept = found.get(person_id)
        languages = [call.reader.language] if kept is None else list(kept.languages)
        values = {
            "first": languages[0],
            "others": languages[1:],
            "channel": "" if kept is None or kept.channel is None else kept.channel.value,
            "quiet_from": clock_of(QUIET_FROM if kept is None else kept.quiet_from_min),
            "quiet_until": clock_of(QUIET_UNTIL if kept is None else kept.quiet_until_min),
            "errors": {},
        }
        return call.show("front/account_reach.html", values | _choices(call, languages))


@post("/account/reach", name="account_reach_post", status_code=303)
async def post_reach(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Set languages, the first channel and quiet hours."""
    async with desk.press(request) as call:
        form, _ = call.form, call.reader.translator.gettext
        start, end = read_clock(form.get("quiet_from", "")), read_clock(form.get("quiet_until", ""))
        errors = {}
        time_words = _("Write a time such as 22:00")
        if start is None:
            errors["quiet_from"] = time_words
        if end is None:
            errors["quiet_until"] = time_words
        first = form.get("first", "")
        others = [name[5:] for name in form if name.startswith("lang_") and name[5:] != first]
        channel = form.get("channel", "")
        try:
            if not errors:
                command = SetPreferences(
                    person_id=call.person(),
                    languages=(first, *others)[:MAX_LANGUAGES],
                    channel=Channel(channel) if channel in set(Channel) else None,
                    quiet_from_min=start or 0,
                    quiet_until_min=end or 0,
                )
                await set_preferences(call.session, call.actor, command, now=call.now)
        except InvalidProfile:
            errors["first"] = _("Choose a language from the list")
        if errors:
            values = {
                "first": first,
                "others": others,
                "channel": channel,
                "quiet_from": form.get("quiet_from", ""),
                "quiet_until": form.get("quiet_until", ""),
                "errors": errors,
            }
            raise call.show_again("front/account_reach.html", values | _choices(call, others))
        return call.go(ACCOUNT, said="saved")


@post("/account/browsers/{sign_in_id:uuid}/end", name="account_browser_end", status_code=303)
async def post_end_browser(
    request: AnyRequest, sign_in_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Sign out of one browser. Twice is fine."""
    async with desk.press(request) as call:
        call.person()
        with contextlib.suppress(SessionUnknown):
            await end_sign_in(call.session, call.actor, sign_in_id, now=call.now)
        return call.go(f"{ACCOUNT}#browsers", said="browser_ended")


@post("/account/browsers/end-others", name="account_browsers_end", status_code=303)
async def post_end_others(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Sign out everywhere else."""
    async with desk.press(request) as call:
        call.person()
        own = call.browser.identity.session_id
        await end_other_sign_ins(call.session, call.actor, besides=own, now=call.now)
        return call.go(f"{ACCOUNT}#browsers", said="browser_ended")


def _choices(call: Call, kept: list[str]) -> dict[str, Any]:
    options = language_options(kept, call.reader.translator.locale)
    return {"languages": options}
