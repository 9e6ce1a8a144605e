"""Whatever stands in a message, its mail is well-formed and gives the words back."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.policy import default

from hypothesis import example, given
from hypothesis import strategies as st

from core.ids import new_id
from messaging.addresses import read_sender
from messaging.bounces import Incoming, read_mail
from messaging.kinds import Words
from messaging.mime import Mailing, build_mail, clean_line, clean_text

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
SENDER = read_sender("Talkoot Åland <help@city.example>")
HEADERS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
}
ANY_TEXT = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [
            "\r\n",
            "\n",
            "\r",
            "Bcc: victim@mail.example",
            "\x00",
            "\u2028",
            "=?utf-8?q?x?=",
            "ñ",
            ".",
        ]
    ),
    max_size=12,
).map("".join)


def build(subject: str, text: str, html: str, *, stoppable: bool = True) -> tuple[Mailing, bytes]:
    mailing = Mailing(
        message_id=new_id(),
        recipient="synthetic@mail.example",
        words=Words(subject, text, html, ""),
        language="en",
        written_at=NOW,
        unsubscribe_url="https://help.city.example/l/abc" if stoppable else None,
    )
    return mailing, build_mail(mailing, SENDER).content


@given(subject=ANY_TEXT, text=ANY_TEXT, html=ANY_TEXT)
def test_headers_stay_ours(subject: str, text: str, html: str) -> None:
    mailing, content = build(subject, text, html)
    parsed = email.message_from_bytes(content, policy=default)

    names = [name for name in parsed if name != "Content-Transfer-Encoding"]
    assert sorted(names) == sorted(HEADERS)
    assert not parsed.defects
    assert str(parsed["To"]) == "synthetic@mail.example"
    assert parsed["Message-ID"] == f"<{mailing.message_id.hex}@city.example>"
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


@given(subject=ANY_TEXT, text=ANY_TEXT, html=ANY_TEXT)
@example(subject="x" * 56 + " \u00f1 \u00f1", text="", html="")
def test_words_come_back(subject: str, text: str, html: str) -> None:
    _, content = build(subject, text, html, stoppable=False)
    parsed = email.message_from_bytes(content, policy=default)
    plain = parsed.get_body(("plain",))
    rich = parsed.get_body(("html",))

    assert " ".join(str(parsed["Subject"]).split()) == clean_line(subject)
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == f"{clean_text(text)}\n"
    if clean_text(html):
        assert rich is not None
        assert rich.get_content().replace("\r\n", "\n") == f"{clean_text(html)}\n"
    else:
        assert rich is None


@given(st.binary(max_size=2_000) | ANY_TEXT.map(lambda text: text.encode("utf-8", "replace")))
def test_no_mail_that_comes_in_breaks_the_reader(raw: bytes) -> None:
    assert read_mail(raw).kind in Incoming


REPORT = b"""From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; x@mail.example
Action: failed
Status: 5.1.1
--b--
"""


@given(st.integers(0, len(REPORT) - 1), st.binary(max_size=5))
def test_no_damaged_report_breaks_the_reader(at: int, junk: bytes) -> None:
    assert read_mail(REPORT[:at] + junk + REPORT[at + len(junk) :]).kind in Incoming
