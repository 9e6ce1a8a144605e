"""What can go wrong with calendars."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class FeedUnknown(NotFound):
    """No such calendar, it was ended, or it is not for this actor: all answer alike."""

    code = "calendar_unknown"


class TooManyFeeds(Conflict):
    """More calendars than a person needs."""

    code = "too_many_calendars"
