"""What staff do with requests and people, as tests of their pages see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from matching.kinds import RequestStatus
from matching.models import HelpRequest
from tests.town_pages import Browser, Pages


async def coordinator(pages: Pages) -> Browser:
    return await pages.enter(pages.here.coordinator_id)


async def one(pages: Pages, table: Any, *conditions: Any) -> Any:
    async with pages.database.read() as session:
        return await session.scalar(select(table).where(*conditions).limit(1))


async def request_of(pages: Pages, *statuses: RequestStatus) -> HelpRequest:
    found: HelpRequest = await one(
        pages,
        HelpRequest,
        HelpRequest.community_id == pages.here.community_id,
        HelpRequest.status.in_(statuses),
    )
    assert found is not None
    return found
