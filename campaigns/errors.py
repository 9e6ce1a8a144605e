"""What can go wrong with groups and campaigns."""

from __future__ import annotations

from core.errors import InvalidInput


class TooLittleData(InvalidInput):
    """Figures from which nothing can be concluded."""

    code = "too_little_data"
