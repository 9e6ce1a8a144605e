"""A page of a long list, by the cursor that its address carries."""

from __future__ import annotations

from typing import Any, Final

from core.pagination import InvalidPage, Listing, Page, PageArgs, read_page
from web.pages.desk import Call

PAGE_ROWS: Final = 12


async def list_page(
    call: Call, listing: Listing[Any], first: int = PAGE_ROWS
) -> tuple[Page[Any], str]:
    """A page of a list, and the cursor of the next one; of a broken cursor the first page."""
    after = call.request.query_params.get("after") or None
    try:
        page = await read_page(call.session, listing, PageArgs(first, after))
    except InvalidPage:
        page = await read_page(call.session, listing, PageArgs(first))
    return page, page.cursors[-1] if page.has_next else ""
