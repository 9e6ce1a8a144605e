"""The first page: what this is, and the way in."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from core.clock import Clock
from core.db import Database
from core.settings import Settings
from web.pages.guards import AnyRequest
from web.pages.rendering import answer_page
from web.pages.signing_in import find_identity
from web.pages.visitors import read_visit


@get("/", name="home")
async def get_home(
    request: AnyRequest,
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Say what this is, and let people in and out."""
    identity = await find_identity(request, database, clock, settings)
    phone = settings.help_phone
    values = {
        "csrf": identity.csrf,
        "phone": phone,
        "phone_link": "".join(sign for sign in phone or "" if sign.isdigit() or sign == "+"),
    }
    return answer_page("home.html", read_visit(request, settings).reader, values)
