from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from messaging.kinds import Words
from messaging.mime import Mailing, Sender, build_mail

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Hello\n", "Hello\n\n-- \nCambridge\n"])
def test_a_mail_has_one_signature(text: str) -> None:
    mailing = Mailing(
        message_id=UUID(int=7),
        recipient="a@example.org",
        words=Words("Hello", text, "", ""),
        language="en",
        written_at=NOW,
        unsubscribe_url="http://localhost:8000/l/token/unsubscribe",
    )
    mail = build_mail(mailing, Sender("Cambridge", "talkoot", "example.org"))
    body = mail.parse().get_content().replace("\r\n", "\n")
    assert body.count("\n-- \n") == 1
    assert body.index("Hello") < body.index("-- ") < body.index("Stop these messages")
