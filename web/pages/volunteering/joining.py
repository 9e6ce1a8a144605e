"""Signing up to help in three steps: who, where from and with what, when. Then what happens next.

The same workflow as the sign-up of programs. The answer never tells whether a contact was known.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import to_builtins
from msgspec.structs import replace

from matching.imports.records import Place
from matching.intake.addresses import (
    AddressNotCertain,
    AddressNotFound,
    WrittenAddress,
    find_place,
)
from matching.intake.drafts import DRAFT_LIFE, Browser, close_draft, find_draft, save_draft
from matching.intake.models import AskDraft
from matching.volunteering.coverage import RADII_M, count_requests_near, last_winter
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.form_changes import FoundPlaces, read_form_rules
from matching.volunteering.forms import check_sign_up
from matching.volunteering.signing_up import sign_up
from people.kinds import Channel
from people.models import Community
from people.repository import list_abilities, read_rules_at
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from web.identity import read_cookie
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, read_form
from web.pages.own_contacts import read_own_contacts
from web.pages.rendering import PRIVATE, render_page
from web.pages.volunteering import join_views
from web.pages.volunteering.join_answers import (
    DONE,
    PATHS,
    Joining,
    as_form,
    find_who_faults,
    read_joining,
    read_where,
    read_who,
)
from web.pages.volunteering.own import HOME, find_own
from web.pages.volunteering.week import read_boxes

JOIN_COOKIE: Final = "talkoot-join"
SHORTEST = 3


@dataclass(frozen=True)
class Opened:
    """One call of one page of signing up."""

    call: Call
    draft: AskDraft | None
    answers: Joining

    async def keep(self, answers: Joining) -> None:
        """Remember the answers for a day, for this browser."""
        call = self.call
        secret = read_cookie(call.request, call.settings, JOIN_COOKIE)
        if secret is None or not looks_like_secret(secret):
            secret = new_secret()
        call.browser.keep(JOIN_COOKIE, secret, DRAFT_LIFE)
        browser = Browser(digest_secret(secret), call.town.id, call.actor.person_id)
        kept: dict[str, Any] = to_builtins(answers)
        await save_draft(call.session, browser, kept, now=call.now)

    def detour(self, step: int) -> Answer | None:
        """The way to an earlier step without an answer, or to the end when all was sent."""
        if self.draft is not None and self.draft.outcome is not None and step:
            return self.call.go(DONE)
        return self.call.go(PATHS[self.answers.step]) if self.answers.step < step else None


async def open_joining(call: Call, *, lock: bool = False) -> Opened:
    """The answers so far."""
    secret, draft = read_cookie(call.request, call.settings, JOIN_COOKIE), None
    if secret is not None and looks_like_secret(secret):
        browser = Browser(digest_secret(secret), call.town.id, call.actor.person_id)
        draft = await find_draft(call.session, browser, now=call.now, lock=lock)
    answers = Joining() if draft is None else read_joining(draft.answers)
    return Opened(call, draft, answers)


@get(PATHS[0], name="volunteer_join")
async def get_who(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Who you are, and how to reach you."""
    async with desk.look(request) as call:
        if call.actor.person_id is not None and await find_own(call) is not None:
            return call.go(HOME)
        opened = await open_joining(call)
        answers = await _fill_in(call, opened.answers)
        return call.show("volunteering/join_who.html", join_views.who_values(answers, call.reader))


@post(PATHS[0], name="volunteer_join_who", status_code=303)
async def post_who(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Keep it and go on."""
    async with desk.press(request) as call:
        desk.limits.check_caller(request, desk.limits.drafts_per_caller, call.now)
        opened = await open_joining(call, lock=True)
        answers = read_who(opened.answers, call.form)
        allowed = await read_form_rules(call.session, call.town.id, now=call.now)
        errors = find_who_faults(answers, allowed.phone_region, call.reader)
        if errors:
            values = join_views.who_values(answers, call.reader, errors)
            raise call.show_again("volunteering/join_who.html", values)
        await opened.keep(replace(answers, step=max(1, answers.step)))
        return call.go(PATHS[1])


@get(PATHS[1], name="volunteer_join_where")
async def get_where(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Where you start from, how far you go, what you have."""
    async with desk.look(request) as call:
        opened = await open_joining(call)
        away = opened.detour(1)
        return away or await _show_where(call, opened.answers)


@post(PATHS[1], name="volunteer_join_where_post", status_code=303)
async def post_where(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Find the place; several may be meant. Counts what was asked for near it."""
    desk.limits.check_caller(request, desk.limits.places_per_caller, desk.clock.now())
    form = await read_form(request)
    async with desk.look(request) as call:
        call.browser.check(form)
        opened = await open_joining(call)
        town, answers = call.town, read_where(opened.answers, form)
        k = (await read_rules_at(call.session, town.id, call.now)).anonymity_k
    found = await look_for(town, k, answers, form.get("pick", ""))
    async with desk.press(request) as call:
        opened = await open_joining(call, lock=True)
        away = opened.detour(1)
        if away is not None:
            return away
        answers = read_where(opened.answers, form)
        answers = replace(answers, place=found.place, candidates=found.candidates)
        if found.place is None:
            errors = join_views.where_errors(found.fault, call.reader)
            return await _show_where(call, answers, errors)
        about = await count_near(call, found.place)
        await opened.keep(replace(answers, about=about, step=max(2, answers.step)))
        if form.get("do") == "look":
            return call.go(f"{PATHS[1]}#near")
        return call.go(PATHS[2])


@post("/volunteer/near", name="volunteer_near", status_code=200)
async def post_near(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[str]:
    """The same count while somebody types, as a sentence. Keeps and logs nothing."""
    desk.limits.check_caller(request, desk.limits.places_per_caller, desk.clock.now())
    form = await read_form(request)
    async with desk.look(request) as call:
        call.browser.check(form)
        town = call.town
        k = (await read_rules_at(call.session, town.id, call.now)).anonymity_k
        found = await look_for(town, k, read_where(Joining(), form), form.get("pick", ""))
        values: dict[str, Any] = {"near": None}
        if found.place is not None:
            about = await count_near(call, found.place)
            values = {"near": join_views.say_near(about, call.reader), "is_counted": bool(about)}
        words = render_page("volunteering/_near.html", call.reader, values)
    return Response(words, media_type="text/html", headers=PRIVATE)


@get(PATHS[2], name="volunteer_join_when")
async def get_when(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """When you have time."""
    async with desk.look(request) as call:
        opened = await open_joining(call)
        away = opened.detour(2)
        if away is not None:
            return away
        return call.show(
            "volunteering/join_when.html", join_views.when_values(opened.answers, call.reader)
        )


@post(PATHS[2], name="volunteer_join_send", status_code=303)
async def post_when(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Sign up. Sent twice, it is one sign-up."""
    async with desk.press(request) as call:
        opened = await open_joining(call, lock=True)
        away = opened.detour(2)
        if away is not None:
            return away
        boxes = tuple(sorted(read_boxes(call.form)))
        answers = replace(opened.answers, boxes=boxes, campaigns=call.form.get("campaigns") == "1")
        agrees = call.form.get("agree") == "1"
        errors = join_views.when_errors(boxes, call.reader, agrees=agrees)
        if not errors:
            desk.limits.check_caller(request, desk.limits.sign_ups_per_caller, call.now)
            errors = await _send(call, answers)
        if errors:
            values = join_views.when_values(answers, call.reader, errors)
            raise call.show_again("volunteering/join_when.html", values)
        if opened.draft is not None:
            by = Channel.EMAIL if answers.email else Channel.SMS
            outcome = {"by": by.value, "under_18": answers.under_18}
            await close_draft(call.session, opened.draft, outcome, now=call.now)
        return call.go(DONE)


@get(DONE, name="volunteer_join_done")
async def get_done(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What happens next."""
    async with desk.look(request) as call:
        opened = await open_joining(call)
        outcome = None if opened.draft is None else opened.draft.outcome
        if outcome is None:
            return call.go(PATHS[0])
        checks = await join_views.read_checks(call)
        by = outcome.get("by", "email")
        is_mail = by == Channel.EMAIL.value
        values = {
            "by": by,
            "is_sent": (call.settings.mail if is_mail else call.settings.sms) != "none",
            "under_18": bool(outcome.get("under_18")),
            "checks": checks,
            "is_known": call.actor.person_id is not None,
        }
        return call.show("volunteering/join_done.html", values)


async def _send(call: Call, answers: Joining) -> dict[str, str]:
    place = answers.place
    if place is None:
        return {"typed": call.reader.translator.gettext("Write street and house number")}
    allowed = await read_form_rules(call.session, call.town.id, now=call.now)
    try:
        checked = check_sign_up(as_form(answers, call.town.id), allowed, FoundPlaces(place))
    except InvalidSignUp as error:
        return join_views.explain(error, call.reader)
    await sign_up(call.session, call.actor, checked, now=call.now)
    return {}


@dataclass(frozen=True)
class Found:
    """What a typed address came to."""

    place: Place | None = None
    candidates: tuple[tuple[str, float, float], ...] = ()
    fault: str = ""


async def look_for(
    town: Community, k: int, answers: Joining, pick: str, *, unit: str = ""
) -> Found:
    """The place that was meant, by the city's own data: no other service hears of it."""
    if len(answers.typed) < SHORTEST:
        return Found(fault="empty")
    try:
        return Found(await _place(town, k, WrittenAddress(answers.typed, unit)))
    except AddressNotCertain as error:
        some = tuple((one.label, one.lon, one.lat) for one in error.candidates[:5])
    except AddressNotFound:
        return Found(fault="unknown")
    if pick.isdecimal() and int(pick) < len(some):
        label, lon_deg, lat_deg = some[int(pick)]
        chosen = WrittenAddress(label, unit, lon_deg=lon_deg, lat_deg=lat_deg)
        return Found(await _place(town, k, chosen), some)
    return Found(candidates=some, fault="several")


async def _place(town: Community, k: int, written: WrittenAddress) -> Place:
    return await asyncio.to_thread(find_place, town.city_pack, k, written, None)


async def count_near(call: Call, place: Place) -> int | None:
    """About so many requests near last winter; None when there were few."""
    if place.cell is None:
        return None
    since, until = last_winter(call.now)
    found = await count_requests_near(
        call.session, call.town.id, place.cell, since=since, until=until, radius_m=RADII_M[1]
    )
    return found.about


async def _show_where(call: Call, answers: Joining, errors: dict[str, str] | None = None) -> Answer:
    known = await list_abilities(call.session, call.town.id)
    values = join_views.where_values(answers, known, call.reader, errors)
    if errors:
        raise call.show_again("volunteering/join_where.html", values)
    return call.show("volunteering/join_where.html", values)


async def _fill_in(call: Call, answers: Joining) -> Joining:
    """Nothing is asked that is known of the person who is signed in."""
    if call.actor.person_id is None or answers.step:
        return answers
    own = await read_own_contacts(call)
    return replace(answers, name=own.name, email=own.email, phone=own.phone)
