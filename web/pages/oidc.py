"""Signing in by a service of the city or another one (OpenID Connect)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database
from core.errors import NotFound, TalkootError
from core.security import same_secret
from core.settings import Settings
from people.signing_in.digests import looks_like_secret, new_secret
from people.signing_in.errors import ProviderRefused
from people.signing_in.oidc import FLOW_LIFE, NOT_TRUSTED, Flow, Provider
from people.signing_in.vouching import enter_vouched
from web.identity import end_cookie, make_cookie, read_cookie
from web.pages.guards import AnyRequest
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE
from web.pages.signing_in import answer_problem, sign_in_response
from web.pages.visitors import SEE_OTHER, Visit, read_session_secret, read_visit, safe_path

COOKIE: Final = "talkoot-oidc"
CALLBACK: Final = "/sign-in/oidc/callback"
MAX_CODE: Final = 2_000


class NoProvider(NotFound):
    """This installation has no sign-in service."""

    code = "no_provider"


@dataclass(frozen=True)
class Begun:
    """An attempt that this browser began: its secret, when, and where it leads."""

    flow: Flow
    at: datetime
    next_path: str

    def write(self) -> str:
        """As the cookie holds it."""
        path = base64.urlsafe_b64encode(self.next_path.encode()).decode().rstrip("=")
        return f"{self.flow.secret}.{int(self.at.timestamp())}.{path}"

    @classmethod
    def read(cls, text: str | None, now: datetime) -> Begun | None:
        """What a cookie holds; None when it is too old or was never ours."""
        secret, _, rest = (text or "").partition(".")
        moment, _, path = rest.partition(".")
        try:
            at = datetime.fromtimestamp(int(moment[:12]), UTC)
            goal = base64.urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
        except (ValueError, OverflowError, OSError, binascii.Error):
            return None
        if not looks_like_secret(secret) or not at <= now < at + FLOW_LIFE:
            return None
        return cls(Flow(secret), at, safe_path(goal))


@cache
def open_provider(issuer: str, client_id: str, client_secret: str | None) -> Provider:
    """The service of the settings; it remembers what it was told about its keys."""
    return Provider(issuer, client_id, client_secret)


@get("/sign-in/oidc", name="oidc")
async def get_oidc(
    request: AnyRequest,
    *,
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """Lead to the service. Nothing is stored but a cookie of this browser.

    A link and not a form: browsers hold the goals of forms to this site.
    """
    visit, now = read_visit(request, settings), clock.now()
    begun = Begun(Flow(new_secret()), now, visit.next_path)
    try:
        limits.check(request, visit.secret, now)
        provider = _provider_of(settings)
        url = await provider.make_url(begun.flow, _callback_of(settings), now=now)
    except TalkootError as error:
        return answer_problem(error, request, settings)
    answer = Redirect(url, status_code=SEE_OTHER, headers=PRIVATE)
    answer.set_cookie(make_cookie(settings, begun.write(), name=COOKIE, life=FLOW_LIFE))
    return answer


@get(CALLBACK, name="oidc_callback")
async def get_callback(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """The service sends the browser back: sign in whom it vouches for, if we know them."""
    visit = read_visit(request, settings)
    try:
        limits.check(request, request.query_params.get("state", "")[:100], clock.now())
        answer = await _enter(visit, database, clock)
    except TalkootError as error:
        problem = answer_problem(error, request, settings)
        problem.set_cookie(end_cookie(settings, COOKIE))
        return problem
    answer.set_cookie(end_cookie(settings, COOKIE))
    return answer


async def _enter(visit: Visit, database: Database, clock: Clock) -> Redirect:
    request, settings, now = visit.request, visit.settings, clock.now()
    provider = _provider_of(settings)
    begun = Begun.read(read_cookie(request, settings, COOKIE), now)
    state, code = (request.query_params.get(name, "") for name in ("state", "code"))
    issuer = request.query_params.get("iss")
    if begun is None or not same_secret(state, begun.flow.state) or not 0 < len(code) <= MAX_CODE:
        raise ProviderRefused(NOT_TRUSTED)
    if issuer is not None and issuer.rstrip("/") != provider.issuer:
        raise ProviderRefused(NOT_TRUSTED)  # RFC 9207: the answer of another service
    vouched = await provider.redeem(begun.flow, code, _callback_of(settings), now=now)
    async with database.begin() as session:
        entered = await enter_vouched(
            session,
            vouched,
            device=visit.device,
            next_path=begun.next_path,
            language=visit.reader.language,
            instead_of=read_session_secret(request, settings),
            now=now,
        )
    if entered.signed_in is not None:
        return sign_in_response(entered.signed_in, settings, begun.next_path)
    return Redirect(
        f"/sign-in/link/{entered.choose_secret}", status_code=SEE_OTHER, headers=PRIVATE
    )


def _provider_of(settings: Settings) -> Provider:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise NoProvider("This installation has no sign-in service.")
    return open_provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def _callback_of(settings: Settings) -> str:
    return f"{settings.public_url}{CALLBACK}"
