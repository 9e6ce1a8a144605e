"""Talkoot on the first screen of a phone: manifest, service worker, a page for no connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from core.i18n import Translator
from web.pages.design.versions import static_root, version_of_files
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import TEMPLATES, choose_reader_language

WORKER: Final = Path(__file__).with_name("service_worker.js")
ICONS: Final = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)
AN_HOUR: Final = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language"}
FRESH: Final = {"Cache-Control": "no-cache"}


@get("/manifest.webmanifest", name="manifest", sync_to_thread=False)
def get_manifest(request: AnyRequest) -> Response[bytes]:
    """How the first screen of a phone shows Talkoot, in the reader's language."""
    language = choose_reader_language(
        request.query_params.get("lang"), (), request.headers.get("accept-language")
    )
    _ = Translator(language, TEMPLATES).gettext
    shortcuts = (("/ask", _("Ask for help")), ("/volunteering", _("Volunteering")))
    manifest: dict[str, Any] = {
        "id": "/",
        "name": "Talkoot",
        "short_name": "Talkoot",
        "description": _("Neighbors who gather to do a job that one household cannot."),
        "lang": language,
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f2f4f3",
        "theme_color": "#14584a",
        "icons": [
            {
                "src": f"{static_root()}/img/{name}",
                "sizes": sizes,
                "type": "image/png",
                "purpose": purpose,
            }
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [{"name": words, "url": path} for path, words in shortcuts],
    }
    return Response(
        msgspec.json.encode(manifest), media_type="application/manifest+json", headers=AN_HOUR
    )


@get("/sw.js", name="service_worker", sync_to_thread=True)
def get_worker() -> Response[str]:
    """The service worker; it is another one as soon as any static file is."""
    text = WORKER.read_text("utf-8").replace("VERSION_OF_FILES", version_of_files())
    text = text.replace("ROOT_OF_FILES", static_root())
    return Response(text, media_type="text/javascript", headers=FRESH)


@get("/offline", name="offline")
async def get_offline(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What a phone without a connection shows instead of a page."""
    async with desk.look(request) as call:
        return call.show("front/offline.html", {})
