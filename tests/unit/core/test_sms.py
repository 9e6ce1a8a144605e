from __future__ import annotations

import io

import pytest

from core.errors import InvalidSetting
from core.settings import Settings
from core.sms import ConsoleTextSender, OutgoingText, count_segments, open_text_sender


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "gsm7", 1),
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("a" * 459, "gsm7", 3),
        ("a" * 460, "gsm7", 4),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("€" * 152, "gsm7", 2),
        ("€" * 153, "gsm7", 3),  # 76 of two places fill 152 of 153: none is cut in two
        ("ñ" * 160, "gsm7", 1),
        ("á" * 70, "ucs2", 1),  # not in the GSM alphabet, other than à
        ("á" * 71, "ucs2", 2),
        ("á" * 134, "ucs2", 2),
        ("á" * 135, "ucs2", 3),
        ("❄" * 70, "ucs2", 1),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
        ("😀" * 67, "ucs2", 3),  # 33 of two units in each part
    ],
)
def test_segments_of_a_text(text: str, encoding: str, count: int) -> None:
    segments = count_segments(text)
    assert (segments.encoding, segments.count) == (encoding, count)


def test_gateway_needs_all_of_its_settings() -> None:
    with pytest.raises(InvalidSetting, match="TALKOOT_SMS_TOKEN"):
        open_text_sender(
            Settings(sms="http", sms_url="http://x", sms_account="a", sms_from="+1"), io.StringIO()
        )


async def test_console_shows_the_text() -> None:
    stream = io.StringIO()
    sender = ConsoleTextSender(stream)
    name = await sender.send(OutgoingText("+16175550001", "Hello", "k1"))
    assert name == "console-k1"
    assert "Hello" in stream.getvalue()
