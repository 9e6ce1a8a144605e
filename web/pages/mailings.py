"""The page behind the links of a mailing: it says where they lead, and a button goes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from campaigns.mailings.actions import list_targets, name_host, note_opened, press_link
from campaigns.mailings.turns import FOLLOW
from core.clock import Clock
from core.db import Database
from core.errors import NotFound, TalkootError
from people.errors import LinkUnknown
from people.links import resolve_link
from web.pages.links import Next, Visit
from web.pages.rendering import PRIVATE, answer_page

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A picture of one clear point."""


@dataclass(frozen=True)
class Target:
    """Where one link leads."""

    number: int
    words: str
    address: str
    host: str | None
    """Of another house; None for our own pages."""


async def show_links(visit: Visit) -> Response[str]:
    """Nothing is counted by looking; a button goes on."""
    targets = await _targets(visit)
    chosen = next((row for row in targets if visit.said == f"link-{row.number}"), None)
    return answer_page("messages/links.html", visit.reader, {"targets": targets, "chosen": chosen})


async def answer_links(visit: Visit, form: dict[str, str]) -> Next:
    """The person wants to go on."""
    targets = await _targets(visit)
    pressed = next((row for row in targets if form.get("do") == f"link-{row.number}"), None)
    if pressed is None:
        return Next(visit.token)
    await press_link(visit.session, visit.link.subject_id, now=visit.now)
    return Next(visit.token, f"link-{pressed.number}")


@get("/l/{token:str}/opened.gif", name="opened")
async def get_opened(
    *,
    token: Annotated[str, PathParameter(max_length=64)],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """The picture of communities that count opened mails; the same for every token."""
    try:
        async with database.begin() as session:
            link = await resolve_link(session, token, now=clock.now())
            if link.action == FOLLOW:
                await note_opened(session, link.subject_id, now=clock.now())
    except TalkootError:
        pass  # whoever asks learns nothing about tokens
    return Response(PIXEL, media_type="image/gif", headers=PRIVATE)


async def _targets(visit: Visit) -> list[Target]:
    try:
        rows = await list_targets(visit.session, visit.link.subject_id)
    except NotFound:
        raise LinkUnknown("This link opens nothing any more.") from None
    return [
        Target(number, words, address, name_host(address))
        for number, (words, address) in enumerate(rows, start=1)
    ]
