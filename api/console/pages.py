"""A plain page to try operations on, for development: no assets from elsewhere, no build."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from api.transport.contract import find_folder, read_documents
from api.transport.service import GraphQLApi
from core.errors import TalkootError
from web.identity import ANONYMOUS

FOLDER: Final = Path(__file__).parent
NO_STORE: Final = {"Cache-Control": "no-store"}

AnyRequest = Request[Any, Any, Any]


def make_console(api: GraphQLApi) -> list[HTTPRouteHandler]:
    """The handlers of the console; none unless the settings want it."""
    if api.door.settings.graphql_console != "on":
        return []
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)

    @get("/graphql/console", media_type=MediaType.HTML, name="graphql_console")
    async def get_console(request: AnyRequest) -> Response[str]:
        """The page; with a cookie it acts as who signed in."""
        try:
            identity = await api.door.identify(request)
        except TalkootError:
            identity = ANONYMOUS
        signed_in = identity.actor.person_id is not None
        page = pages.get_template("console.html").render(
            csrf=identity.csrf or "",
            who="You ask as the person who signed in here." if signed_in else "Nobody signed in.",
        )
        return Response(page, media_type=MediaType.HTML, headers=NO_STORE)

    @get("/graphql/console/documents", name="graphql_console_documents")
    async def get_documents() -> dict[str, str]:
        """The named documents of this installation."""
        folder = find_folder()
        return {} if folder is None else read_documents(folder)

    @get("/graphql/console.js", name="graphql_console_js")
    async def get_script() -> Response[bytes]:
        return _file("console.js", "text/javascript")

    @get("/graphql/console.css", name="graphql_console_css")
    async def get_style() -> Response[bytes]:
        return _file("console.css", "text/css")

    return [get_console, get_documents, get_script, get_style]


def _file(name: str, media_type: str) -> Response[bytes]:
    content = (FOLDER / name).read_bytes()
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=NO_STORE)
