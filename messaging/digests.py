"""One message instead of many: what waits for a person and may be joined goes out together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.db import Session
from core.i18n import Translator
from core.sms import MAX_SEGMENTS, count_segments
from messaging import repository
from messaging.kinds import MessageStatus, Suppressed, Words
from messaging.models import Message, MessageWords
from people.kinds import Channel

HERE = Path(__file__).parent
RULE = "-" * 40

_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)


async def join_waiting(
    session: Session, message: Message, stored: MessageWords, language: str
) -> int:
    """Let a message that is about to go say what others would say; how many it took in.

    Those others are suppressed as ``in_digest`` and point to it. Text messages take in only as much
    as fits; the rest goes by itself.
    """
    mates = await repository.lock_digest_mates(session, message)
    words = _words_of(stored)
    joined: list[Words] = [words]
    for mate in mates:
        own = await repository.find_words(session, mate.id)
        if own is None or own.calendar is not None:
            continue
        longer = [*joined, _words_of(own)]
        if message.channel is Channel.SMS and not _fits(longer):
            continue
        joined = longer
        mate.status = MessageStatus.SUPPRESSED
        mate.reason = Suppressed.IN_DIGEST.value
        mate.digest_id = message.id
        message.counts = message.counts or mate.counts
        await session.delete(own)
    if len(joined) > 1:
        whole = join_words(joined, language)
        stored.subject, stored.text = whole.subject, whole.text
        stored.html, stored.short = whole.html, whole.short
    return len(joined) - 1


def join_words(parts: Sequence[Words], language: str) -> Words:
    """Several messages as one."""
    translator = Translator(language, HERE)
    subject = translator.ngettext("%(num)s message for you", "%(num)s messages for you", len(parts))
    return Words(
        subject=f"{subject}: {parts[0].subject}",
        text=f"\n\n{RULE}\n\n".join(f"{part.subject}\n\n{part.text}" for part in parts),
        html=_join_html([part.html for part in parts]),
        short="\n".join(part.short for part in parts if part.short),
    )


def _join_html(pages: Sequence[str]) -> str:
    """The bodies one after the other in the first page; a part without HTML leaves text alone."""
    if not all(pages):
        return ""
    bodies = [_body(page) for page in pages]
    first = _BODY.search(pages[0])
    whole = "\n<hr>\n".join(bodies)
    if first is None:
        return whole
    return pages[0][: first.start(1)] + whole + pages[0][first.end(1) :]


def _body(page: str) -> str:
    found = _BODY.search(page)
    return page if found is None else found[1]


def _words_of(stored: MessageWords) -> Words:
    return Words(stored.subject, stored.text, stored.html, stored.short)


def _fits(parts: Sequence[Words]) -> bool:
    return count_segments("\n".join(part.short for part in parts)).count <= MAX_SEGMENTS
