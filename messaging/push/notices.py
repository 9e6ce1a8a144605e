"""What a locked phone shows when a message goes out, and which page it opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from core.db import Session

TITLE = "Talkoot"


@dataclass(frozen=True)
class About:
    """Of a message what its notice may say something about: never its words."""

    kind: str
    subject_type: str | None
    subject_id: UUID | None
    language: str


@dataclass(frozen=True)
class Notice:
    """One sentence without names and places: whoever holds the phone may read it."""

    text: str
    path: str
    """Of the page that it opens, which asks who is there."""

    def encode(self, about: About) -> bytes:
        """As the service worker of the pages reads it."""
        return msgspec.json.encode(
            {
                "title": TITLE,
                "body": self.text,
                "path": self.path,
                "tag": f"{about.subject_type or about.kind}:{about.subject_id or ''}",
                "lang": about.language,
            }
        )


WriteNotice = Callable[[About], Notice]
"""The packages above know what their messages are about, and their pages."""

StillHolds = Callable[[Session, UUID], Awaitable[bool]]
"""Whether what a message was about, by the id of its subject, still waits for its person."""
