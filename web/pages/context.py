"""Who reads a page: their language, their community's clock."""

from __future__ import annotations

from datetime import datetime

from core.db import Session
from core.settings import Settings
from people.link_repository import load_home_and_languages
from people.links import LinkTo
from web.pages.guards import AnyRequest
from web.pages.rendering import Reader, choose_reader_language


async def read_reader(
    session: Session,
    request: AnyRequest,
    link: LinkTo,
    settings: Settings,
    lang: str | None,
    *,
    now: datetime,
) -> Reader:
    """The person of a link as a reader."""
    community, languages = await load_home_and_languages(session, link.person_id)
    return Reader(
        language=choose_reader_language(lang, languages, request.headers.get("accept-language")),
        time_zone="UTC" if community is None else community.time_zone,
        community_name=None if community is None else community.name,
        text_number=settings.sms_from,
        path=request.url.path,
        now=now,
    )
