"""The addresses of this room."""

from __future__ import annotations

from typing import Any

from web.pages.design.base_map import get_base_map
from web.pages.design.look import get_look, post_look
from web.pages.design.style import get_asks, get_style
from web.pages.design.tiles import get_tiles

ROUTES: list[Any] = [get_base_map, get_tiles, get_look, post_look, get_style, get_asks]
