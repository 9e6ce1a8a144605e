"""The web application, put together: pages, health, errors, headers. The only place that knows all.

Handlers get ``database``, ``clock``, ``settings`` and ``services`` by name, as arguments.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.types import Message, Scope

from api.console.pages import make_console
from api.errors import HANDLERS
from api.health import healthz, readyz
from api.opening import open_database
from api.transport.controller import make_controller
from api.transport.house import make_house_api
from api.worker import open_services, working_beside
from core.clock import Clock, SystemClock
from core.db import Database
from core.settings import Settings
from web.pages.desk import Desk
from web.pages.keeping import Kept
from web.pages.limiting import PressLimits
from web.routes import ROUTES

MAX_BODY_BYTES = 256 * 1024
"""For every route that does not set ``request_max_body_size`` itself."""

IMAGES = "img-src 'self' data:"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        IMAGES,
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Links hold secrets, so no other site may learn them. Not "no-referrer": with it browsers
    # send "Origin: null" with our own forms, and those could not be told from foreign ones.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
ONE_YEAR_S = 31_536_000


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    services: dict[str, Any] | None = None,
    with_worker: bool = False,
    more_routes: Sequence[Any] = (),
    is_demo: bool = False,
) -> Litestar:
    """The application of one installation.

    ``with_worker`` does the jobs in this process too. ``services`` stand in for the mailer and
    the text sender of the settings. ``more_routes`` are those of a demonstration, which says so on
    every page.
    """
    chosen_clock = clock or SystemClock()

    graphql = make_house_api(settings, chosen_clock)
    headers = _headers(settings)

    async def add_headers(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            given = MutableScopeHeaders.from_message(message)
            for name, value in headers.items():
                given.setdefault(name, value)

    return Litestar(
        route_handlers=[
            healthz,
            readyz,
            make_controller(graphql),
            *make_console(graphql),
            *ROUTES,
            *more_routes,
        ],
        lifespan=[_make_lifespan(settings, chosen_clock, services, with_worker=with_worker)],
        state=State(
            {
                "clock": chosen_clock,
                "settings": settings,
                "limits": PressLimits(),
                "kept": Kept(),
                "is_demo": is_demo,
            }
        ),
        dependencies=_provide(),
        before_send=[add_headers],
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def provide_database(state: State) -> Database:
    database: Database = state.database
    return database


def provide_clock(state: State) -> Clock:
    clock: Clock = state.clock
    return clock


def provide_settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings


def provide_limits(state: State) -> PressLimits:
    limits: PressLimits = state.limits
    return limits


def provide_desk(state: State) -> Desk:
    return Desk(state.database, state.clock, state.settings, state.limits, state.kept)


def provide_services(state: State) -> dict[str, Any]:
    services: dict[str, Any] = state.services
    return services


def _make_lifespan(
    settings: Settings, clock: Clock, services: dict[str, Any] | None, *, with_worker: bool
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """What is opened before the first answer and closed after the last."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.database = await stack.enter_async_context(open_database(settings))
            app.state.services = services or await stack.enter_async_context(
                open_services(settings, clock, sys.stdout)
            )
            if with_worker:
                stack.enter_context(working_beside(settings, app.state.database.live))
            yield

    return lifespan


def _provide() -> dict[str, Provide]:
    """What handlers ask for by name."""
    return {
        "database": Provide(provide_database, sync_to_thread=False),
        "clock": Provide(provide_clock, sync_to_thread=False),
        "settings": Provide(provide_settings, sync_to_thread=False),
        "services": Provide(provide_services, sync_to_thread=False),
        "limits": Provide(provide_limits, sync_to_thread=False),
        "desk": Provide(provide_desk, sync_to_thread=False),
    }


def _headers(settings: Settings) -> dict[str, str]:
    headers = dict(SECURITY_HEADERS)
    if settings.tiles_origin is not None:
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            IMAGES, f"{IMAGES} {settings.tiles_origin}"
        )
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}; includeSubDomains"
    return headers
