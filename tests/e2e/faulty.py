"""The product with pages that break on purpose, served for a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from api.app import create_app
from core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    TalkootError,
    Unavailable,
    UnsafeField,
)
from core.migrate import upgrade
from core.settings import Settings
from tests.ports import kept_port
from web.pages.desk import Answer, Desk, answer_page_error
from web.pages.guards import AnyRequest
from web.pages.limiting import PressedTooOften

PHONE = "+16175550142"
SECRET = "what is wrong inside"
FORESEEN = {
    403: NotPermitted("This is not yours."),
    404: NotFound("There is no such thing."),
    409: Conflict("Somebody was quicker."),
    422: InvalidInput("This is not a number."),
    429: PressedTooOften(30),
    500: UnsafeField(SECRET),
    503: Unavailable(SECRET),
}


@get("/breaks/{status:int}")
async def get_break(
    request: AnyRequest, status: FromPath[int], desk: NamedDependency[Desk]
) -> Answer:
    """Go wrong as a page does."""
    async with desk.look(request):
        raise FORESEEN[status]


@get("/forms/{status:int}")
async def get_form(
    request: AnyRequest, status: FromPath[int], desk: NamedDependency[Desk]
) -> Answer:
    """A form whose button goes wrong."""
    async with desk.look(request) as call:
        values = {"full_name": "", "call_name": "", "errors": {}}
        return call.show("front/account_name.html", values)


@post("/forms/{status:int}")
async def post_form(
    request: AnyRequest, status: FromPath[int], desk: NamedDependency[Desk]
) -> Answer:
    """Go wrong as a button does, the second time too."""
    async with desk.press(request):
        raise FORESEEN[status]


@get("/falls/{status:int}")
async def get_fall(request: AnyRequest, status: FromPath[int]) -> Answer:
    """Go wrong before anything is known, or as nobody has foreseen."""
    if status == 500:
        raise RuntimeError(SECRET)
    raise HTTPException(SECRET, status_code=status)


PAGES = Router(
    path="/",
    route_handlers=[get_break, get_form, post_form],
    exception_handlers={TalkootError: answer_page_error},
)


@contextmanager
def serving_faults(folder: Path) -> Iterator[str]:
    """The address of an installation without a town, in a thread of this process."""
    with kept_port() as port:
        yield from _serving_faults(folder, port)


def _serving_faults(folder: Path, port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    database = f"sqlite:///{folder / 'faulty.db'}"
    upgrade(database)
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database,
            "TALKOOT_PUBLIC_URL": url,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
            "TALKOOT_HELP_PHONE": PHONE,
        }
    )
    app = create_app(settings, more_routes=[PAGES, get_fall])
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.05)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(30)
