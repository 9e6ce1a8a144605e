"""Who asks: by the cookie of a browser, by an API token, or nobody in particular."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from core.clock import Clock
from core.db import Database, Session
from core.errors import Unavailable
from core.logging import get_logger
from core.security import same_secret, unmask_secret
from core.settings import Settings
from people.auth import Actor
from people.signing_in import sessions, tokens
from people.signing_in.errors import NotSignedIn
from people.signing_in.kinds import LONGEST, Method
from web.pages.guards import AnyRequest, ForeignForm, check_same_site

AnyConnection = ASGIConnection[Any, Any, Any, Any]

COOKIE: Final = "talkoot"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
BEARER: Final = "bearer "

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who asks, by which sign-in or token, and until when that holds."""

    actor: Actor
    session_id: UUID | None = None
    token_id: UUID | None = None
    csrf: str | None = None
    """What forms of this browser carry; None without a sign-in."""
    until: datetime | None = None
    method: Method | None = None
    signed_in_at: datetime | None = None
    needs_note: bool = False
    """Whether it is time to write down that it is in use."""


ANONYMOUS = Identity(Actor.anonymous())


async def identify(
    connection: AnyConnection, database: Database, clock: Clock, settings: Settings
) -> Identity:
    """Who asks with this request or socket. One query, and a short write now and then.

    An API token in the header ``Authorization: Bearer`` goes before the cookie.

    Raises
    ------
    NotSignedIn
        When the cookie or the token holds no more.
    """
    if not _carries_anything(connection, settings):
        return ANONYMOUS
    async with database.read() as session:
        identity = await _read_identity(connection, session, clock.now(), settings)
    await note_use(database, identity, clock.now())
    return identity


async def find_identity(
    request: AnyRequest, database: Database, clock: Clock, settings: Settings
) -> Identity:
    """Who looks at a page that is for everybody; an old cookie is nobody's."""
    try:
        return await identify(request, database, clock, settings)
    except NotSignedIn:
        return ANONYMOUS


async def find_identity_in(
    session: Session, request: AnyRequest, now: datetime, settings: Settings
) -> Identity:
    """Who looks, read with the page itself; `note_use` is left to the caller."""
    try:
        return await _read_identity(request, session, now, settings)
    except NotSignedIn:
        return ANONYMOUS


async def note_use(database: Database, identity: Identity, now: datetime) -> None:
    """Write down now and then that a sign-in or token is in use: that keeps it alive.

    Never while another session is open: many that wait for a second connection would wait for
    each other.
    """
    if not identity.needs_note:
        return
    try:
        async with database.begin() as session:
            if identity.session_id is not None:
                await sessions.note_seen(session, identity.session_id, now=now)
            elif identity.token_id is not None:
                await tokens.note_used(session, identity.token_id, now=now)
    except Unavailable as error:  # reading goes on while the database is too busy to write
        _logger.warning("identity.not_noted", code=error.code)


def _carries_anything(connection: AnyConnection, settings: Settings) -> bool:
    return (
        "authorization" in connection.headers
        or read_session_cookie(connection, settings) is not None
    )


async def _read_identity(
    connection: AnyConnection, session: Session, now: datetime, settings: Settings
) -> Identity:
    header = connection.headers.get("authorization", "")
    if header[: len(BEARER)].lower() == BEARER:
        token = await tokens.get_token(session, header[len(BEARER) :].strip(), now=now)
        return Identity(
            token.actor, token_id=token.token_id, until=token.until, needs_note=token.needs_note
        )
    secret = read_session_cookie(connection, settings)
    if secret is None:
        return ANONYMOUS
    live = await sessions.get_sign_in(session, secret, now=now)
    return Identity(
        live.actor,
        session_id=live.sign_in_id,
        csrf=make_csrf(secret),
        until=live.until,
        method=live.method,
        signed_in_at=live.created_at,
        needs_note=live.needs_note,
    )


async def still_valid(session: Session, identity: Identity, now: datetime) -> bool:
    """Whether a sign-in or token holds as it did: not ended, and with the same roles."""
    if identity.session_id is not None:
        found = await sessions.find_sign_in(session, identity.session_id, now=now)
        return found is not None and found.actor == identity.actor
    if identity.token_id is not None:
        token = await tokens.find_token(session, identity.token_id, now=now)
        return token is not None and token.actor == identity.actor
    return True


def check_csrf(
    request: AnyRequest,
    identity: Identity,
    settings: Settings,
    form: Mapping[str, str] | None = None,
) -> None:
    """Refuse what another site made the browser send.

    A request that acts by a cookie carries the sign-in's token in the header ``X-CSRF-Token`` or
    in the form's field ``csrf``. Programs with an API token carry no cookie, so nobody can make
    them act; and who has not signed in has nothing to be taken over.

    Raises
    ------
    ForeignForm
        When the browser names another site, or the token is not that of the sign-in.
    """
    if identity.token_id is not None:
        return
    check_same_site(request, settings)
    if identity.csrf is not None:
        check_csrf_token(request, identity.csrf, form)


def check_csrf_token(
    request: AnyRequest, wanted: str, form: Mapping[str, str] | None = None
) -> None:
    """Refuse a request that does not carry this token."""
    given = request.headers.get(CSRF_HEADER.lower()) or (form or {}).get(CSRF_FIELD) or ""
    if not same_secret(unmask_secret(given), wanted):
        raise ForeignForm("This form is too old, or from another site. Open the page again.")


def make_csrf(secret: str) -> str:
    """The token of forms that goes with a cookie; it does not tell the cookie."""
    digest = hmac.new(secret.encode(), b"talkoot csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def cookie_name(settings: Settings, name: str = COOKIE) -> str:
    """The name of a cookie; ``__Host-`` makes browsers hold it to this host and to https."""
    return f"__Host-{name}" if _is_secure(settings) else name


def make_cookie(
    settings: Settings, value: str, *, name: str = COOKIE, life: timedelta = LONGEST
) -> Cookie:
    """A cookie that only this server reads."""
    return Cookie(
        key=cookie_name(settings, name),
        value=value,
        path="/",
        max_age=int(life.total_seconds()),
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def end_cookie(settings: Settings, name: str = COOKIE) -> Cookie:
    """Takes a cookie away from the browser."""
    return make_cookie(settings, "", name=name, life=timedelta(0))


def read_cookie(connection: AnyConnection, settings: Settings, name: str = COOKIE) -> str | None:
    """What the browser carries."""
    return connection.cookies.get(cookie_name(settings, name)) or None


read_session_cookie = read_cookie


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
