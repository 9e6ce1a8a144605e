"""Signing in with a password, for those who set one; setting it and doing without it again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database
from core.errors import TalkootError
from core.settings import Settings
from people.signing_in.addresses import read_address
from people.signing_in.errors import InvalidAddress, NotSignedIn, SignInRefused, WeakPassword
from people.signing_in.kinds import Method
from people.signing_in.passwords import (
    SHORTEST,
    Hasher,
    check_fresh,
    check_password,
    get_match,
    has_password,
    list_candidates,
    remove_password,
    set_password,
)
from people.signing_in.sessions import start_sign_in
from web.identity import Identity, check_csrf, identify
from web.pages.guards import AnyRequest, read_form
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE, answer_page
from web.pages.signing_in import answer_problem, sign_in_response
from web.pages.visitors import (
    SEE_OTHER,
    SET_PASSWORD,
    read_sent_form,
    read_session_secret,
    read_visit,
)

HASHER_SERVICE = "password_hasher"
HASHER = Hasher()
PAGE = "signing_in/password.html"
SET_PAGE = "signing_in/set_password.html"


@get("/sign-in/password", name="password")
async def get_password(request: AnyRequest, settings: NamedDependency[Settings]) -> Response[str]:
    """Address and password."""
    return read_visit(request, settings).show(PAGE, {"address": "", "bad": ""})


@post("/sign-in/password", name="password_post", status_code=SEE_OTHER)
async def post_password(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
    services: NamedDependency[dict[str, Any]],
) -> Response[str] | Redirect:
    """Sign in, when both belong together."""
    try:
        visit = await read_sent_form(request, settings)
        typed, now = visit.form.get("address", ""), clock.now()
        limits.check_sign_in(request, limits.tries_per_address, typed, now)
        try:
            person_id = await _find_person(database, services, typed, visit.form)
        except SignInRefused:
            values = {"address": typed, "bad": "password"}
            return visit.show(PAGE, values, status_code=SignInRefused.http_status)
        async with database.begin() as session:
            signed_in = await start_sign_in(
                session,
                person_id,
                Method.PASSWORD,
                device=visit.device,
                now=now,
                instead_of=read_session_secret(request, settings),
            )
    except TalkootError as error:
        return answer_problem(error, request, settings)
    return sign_in_response(signed_in, settings, visit.next_path)


async def _find_person(
    database: Database, services: dict[str, Any], typed: str, form: dict[str, str]
) -> Any:
    """Whose address and password these are; the same work whether there is anybody or not."""
    hasher: Hasher = services.get(HASHER_SERVICE, HASHER)
    try:
        address = read_address(typed)
    except InvalidAddress:
        address = ""
    async with database.read() as session:
        candidates = await list_candidates(session, address)
    return await get_match(hasher, candidates, form.get("password", ""))


@get(SET_PASSWORD, name="set_password")
async def get_set_password(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Choose a password, or do without."""
    try:
        identity = await _identify_person(request, database, clock, settings)
        return await _show_set(request, database, settings, identity)
    except TalkootError as error:
        return answer_problem(error, request, settings)


@post(SET_PASSWORD, name="set_password_post", status_code=SEE_OTHER)
async def post_set_password(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    services: NamedDependency[dict[str, Any]],
) -> Response[str] | Redirect:
    """Set a password after a fresh sign-in by e-mail, or remove the one that is set."""
    try:
        identity = await _identify_person(request, database, clock, settings)
        form, now = await read_form(request), clock.now()
        check_csrf(request, identity, settings, form)
        if form.get("do") == "remove":
            async with database.begin() as session:
                await remove_password(session, identity.actor, now=now)
            return _led_on("removed")
        check_fresh(identity.method, identity.signed_in_at, now)
        password = form.get("password", "")
        try:
            check_password(password)
        except WeakPassword:
            return await _show_set(request, database, settings, identity, is_weak=True)
        hasher: Hasher = services.get(HASHER_SERVICE, HASHER)
        stored = await hasher.hash(password)
        async with database.begin() as session:
            await set_password(session, identity.actor, stored, keeps=identity.session_id, now=now)
    except TalkootError as error:
        return answer_problem(error, request, settings)
    return _led_on("set")


async def _show_set(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    identity: Identity,
    *,
    is_weak: bool = False,
) -> Response[str]:
    visit = read_visit(request, settings)
    async with database.read() as session:
        known = await has_password(session, identity.actor)
    values = {
        "csrf": identity.csrf,
        "said": request.query_params.get("said", "")[:20],
        "has_password": known,
        "is_weak": is_weak,
        "shortest": SHORTEST,
    }
    return answer_page(SET_PAGE, visit.reader, values, status_code=422 if is_weak else 200)


async def _identify_person(
    request: AnyRequest, database: Database, clock: Clock, settings: Settings
) -> Identity:
    """Somebody who signed in with this browser; no API token."""
    identity = await identify(request, database, clock, settings)
    if identity.session_id is None:
        raise NotSignedIn("Sign in first.")
    return identity


def _led_on(said: str) -> Redirect:
    return Redirect(f"{SET_PASSWORD}?said={said}", status_code=SEE_OTHER, headers=PRIVATE)
