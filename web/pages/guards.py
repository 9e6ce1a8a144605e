"""What a posted form must be: from a page of ours, and of a sensible size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from core.errors import NotPermitted
from core.ids import parse_id
from core.settings import Settings

MAX_VALUE = 2_000

AnyRequest = Request[Any, Any, Any]


class ForeignForm(NotPermitted):
    """A form that was posted from another site."""

    code = "foreign_form"


def check_same_site(request: AnyRequest, settings: Settings) -> None:
    """Refuse a form that another site made the browser post.

    The token in the address is the right to act; this keeps others from pressing the button. Old
    browsers tell neither where a form came from nor to where it goes: for them the token stands
    alone.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    allowed = {settings.public_url, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignForm("This form came from another site. Open the link in our message again.")
    if origin is not None and not any(_same_origin(origin, url) for url in allowed):
        raise ForeignForm("This form came from another site. Open the link in our message again.")


async def read_form(request: AnyRequest) -> dict[str, str]:
    """The plain fields of a form, each cut to a sensible length."""
    form = await request.form()
    request.state.typed = [
        (str(name), value) for name, value in form.multi_items() if isinstance(value, str)
    ]
    return {
        str(name): value[:MAX_VALUE].replace("\x00", "")
        for name, value in form.items()
        if isinstance(value, str)
    }


def field_id(form: Mapping[str, str], name: str) -> Any:
    """The id in a field, or None."""
    return parse_id(form.get(name, ""))


def _same_origin(left: str, right: str) -> bool:
    try:
        first, second = urlsplit(left), urlsplit(right)
        return (first.scheme, first.hostname, first.port) == (
            second.scheme,
            second.hostname,
            second.port,
        )
    except ValueError:
        return False
