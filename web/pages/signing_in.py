"""Signing in by a link that comes by e-mail, and signing out.

Getting a page changes nothing: mail programs open every link before people do. What signs in is a
button. Known and unknown addresses are answered alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database
from core.errors import TalkootError
from core.settings import Settings
from people.signing_in.addresses import read_address
from people.signing_in.errors import (
    AccountUnknown,
    FreshSignInNeeded,
    InvalidAddress,
    NotSignedIn,
    ProviderRefused,
    ProviderUnavailable,
    SignInLinkOver,
    SignInLinkUnknown,
)
from people.signing_in.magic_links import ask_for_link, look_at_link, use_link
from people.signing_in.sessions import NewSignIn, end_sign_in
from web.identity import (
    check_csrf,
    end_cookie,
    find_identity,
    make_cookie,
)
from web.pages.errors import answer_error
from web.pages.guards import AnyRequest, ForeignForm, field_id, read_form
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE, answer_page
from web.pages.visitors import (
    HOME,
    SEE_OTHER,
    NoCookies,
    read_sent_form,
    read_session_secret,
    read_visit,
    safe_path,
)

Secret = Annotated[str, PathParameter(max_length=64)]
Say = Callable[[str], str]


@get("/sign-in", name="sign_in")
async def get_sign_in(request: AnyRequest, settings: NamedDependency[Settings]) -> Response[str]:
    """Which address is the link to go to?"""
    return read_visit(request, settings).show("signing_in/sign_in.html", {"address": "", "bad": ""})


@post("/sign-in", name="sign_in_post", status_code=SEE_OTHER)
async def post_sign_in(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """Send a link, to whoever it is."""
    try:
        visit = await read_sent_form(request, settings)
        typed, now = visit.form.get("address", ""), clock.now()
        limits.check_sign_in(request, limits.mails_per_address, typed, now)
        try:
            address = read_address(typed)
        except InvalidAddress:
            values = {"address": typed, "bad": "address"}
            return visit.show("signing_in/sign_in.html", values, status_code=422)
        async with database.begin() as session:
            await ask_for_link(
                session,
                address,
                next_path=visit.next_path,
                language=visit.reader.language,
                now=now,
            )
    except TalkootError as error:
        return answer_problem(error, request, settings)
    return visit.go("/sign-in/sent")


@get("/sign-in/sent", name="sign_in_sent")
async def get_sent(request: AnyRequest, settings: NamedDependency[Settings]) -> Response[str]:
    """Look into your mail."""
    return read_visit(request, settings).show("signing_in/sent.html", {})


@get("/sign-in/link/{secret:str}", name="sign_in_link")
async def get_link(
    request: AnyRequest,
    *,
    secret: Secret,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Show a button. Nothing is used up by looking."""
    visit = read_visit(request, settings)
    try:
        async with database.read() as session:
            link = await look_at_link(session, secret, now=clock.now())
    except TalkootError as error:
        return answer_problem(error, request, settings)
    reader = visit.reader_speaking((link.language,))
    return visit.show("signing_in/link.html", {"accounts": ()}, reader=reader)


@post("/sign-in/link/{secret:str}", name="sign_in_link_post", status_code=SEE_OTHER)
async def post_link(
    request: AnyRequest,
    *,
    secret: Secret,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """Sign in; or, where several people share the address, ask as whom."""
    try:
        limits.check(request, secret, clock.now())
        visit = await read_sent_form(request, settings)
        async with database.begin() as session:
            pressed = await use_link(
                session,
                secret,
                person_id=field_id(visit.form, "person_id"),
                device=visit.device,
                instead_of=read_session_secret(request, settings),
                now=clock.now(),
            )
    except SignInLinkOver as error:
        # a button that was pressed twice: the first time has signed in
        if (await find_identity(request, database, clock, settings)).session_id is not None:
            return Redirect(HOME, status_code=SEE_OTHER, headers=PRIVATE)
        return answer_problem(error, request, settings)
    except TalkootError as error:
        return answer_problem(error, request, settings)
    if pressed.signed_in is None:
        reader = visit.reader_speaking((pressed.link.language,))
        return visit.show(
            "signing_in/link.html", {"accounts": pressed.link.accounts}, reader=reader
        )
    return sign_in_response(pressed.signed_in, settings, pressed.link.next_path)


@post("/sign-out", name="sign_out", status_code=SEE_OTHER)
async def post_sign_out(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str] | Redirect:
    """End this sign-in on the server, and take the cookie away."""
    try:
        identity = await find_identity(request, database, clock, settings)
        check_csrf(request, identity, settings, await read_form(request))
        if identity.session_id is not None:
            async with database.begin() as session:
                await end_sign_in(session, identity.actor, identity.session_id, now=clock.now())
    except TalkootError as error:
        return answer_problem(error, request, settings)
    answer = Redirect(HOME, status_code=SEE_OTHER, headers=PRIVATE)
    answer.set_cookie(end_cookie(settings))
    return answer


def sign_in_response(new: NewSignIn, settings: Settings, next_path: str) -> Redirect:
    """Hand the cookie over and lead on, to a page of ours only."""
    answer = Redirect(safe_path(next_path), status_code=SEE_OTHER, headers=PRIVATE)
    answer.set_cookie(make_cookie(settings, new.secret))
    return answer


def answer_problem(error: TalkootError, request: AnyRequest, settings: Settings) -> Response[str]:
    """What went wrong with signing in, and the way to try again."""
    reader = read_visit(request, settings).reader
    words = describe_problem(error, reader.translator.gettext)
    if words is None:
        return answer_error(error, reader)
    return answer_page(
        "signing_in/problem.html",
        reader,
        {"title": words[0], "words": words[1]},
        status_code=error.http_status,
    )


def describe_problem(error: TalkootError, say: Say) -> tuple[str, str] | None:
    """What happened, and what to do; None for what may happen on every page."""
    _ = say
    if isinstance(error, SignInLinkOver):
        return (
            _("This link was used, or is too old"),
            _("A link works once, for 10 minutes. If you asked twice, use the newest mail."),
        )
    if isinstance(error, SignInLinkUnknown):
        return _("This link opens nothing"), _("It may be cut off at its end. Ask for a new one.")
    if isinstance(error, ForeignForm | NoCookies):
        return (
            _("Please open this page again"),
            _("It was open for too long, or your browser keeps no cookies."),
        )
    if isinstance(error, FreshSignInNeeded):
        return (
            _("Sign in once more"),
            _("To set a password, sign in with a link by e-mail first. You then have 10 minutes."),
        )
    if isinstance(error, NotSignedIn):
        return _("You are not signed in"), _("Your sign-in may have ended. Sign in again.")
    if isinstance(error, AccountUnknown):
        return (
            _("We do not know you yet"),
            _("Nobody here has the e-mail address that this service has verified for you."),
        )
    if isinstance(error, ProviderRefused | ProviderUnavailable):
        return _("That did not work"), _("Try again in a minute, or use a link by e-mail.")
    return None
