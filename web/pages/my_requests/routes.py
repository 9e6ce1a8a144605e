"""The addresses of this room: what one person has asked for."""

from __future__ import annotations

from typing import Any

from web.pages.my_requests import lists, pages, standing

ROUTES: list[Any] = [
    lists.get_requests,
    pages.get_request,
    pages.post_request,
    pages.get_cancel,
    pages.post_cancel,
    pages.get_change,
    pages.post_change,
    pages.get_calendar_file,
    pages.get_request_photo,
    standing.get_standing_page,
    standing.post_standing_page,
]
