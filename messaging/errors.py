"""What can go wrong with messages."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, TalkootError


class MessageUnknown(NotFound):
    """No such message, or not for this actor."""

    code = "message_unknown"


class NothingToSendAgain(Conflict):
    """The message did not fail, or it is too late to send it once more."""

    code = "nothing_to_send_again"


class InvalidDraft(InvalidInput):
    """A message that cannot be queued as it is."""

    code = "invalid_draft"


class KeyOfAnotherMessage(Conflict):
    """The key was used before, for another person or another kind of message."""

    code = "key_of_another_message"


class TextTooLong(InvalidInput):
    """The words do not fit into the text messages that one may cost."""

    code = "text_too_long"


class TemplateMissing(TalkootError):
    """A kind of message has no words, or uses a value that nobody gave."""

    code = "template_missing"
    http_status = 500


class InvalidCalendar(InvalidInput):
    """A visit that cannot stand in a calendar."""

    code = "invalid_calendar"


class ThreadUnknown(NotFound):
    """No such conversation, or not for this actor."""

    code = "thread_unknown"


class ThreadClosed(Conflict):
    """The visit is over, and the conversation about it too."""

    code = "thread_closed"


class InvalidPost(InvalidInput):
    """Words that cannot be passed on as they are."""

    code = "invalid_post"


class TooManyPosts(TalkootError):
    """More than a conversation about one visit needs."""

    code = "too_many_posts"
    http_status = 429
