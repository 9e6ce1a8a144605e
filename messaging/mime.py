"""From words to a mail: text and HTML, a calendar part, and the headers that receivers look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from html import escape
from pathlib import Path
from uuid import UUID

from core.i18n import Translator
from core.mail import OutgoingMail
from messaging.addresses import Sender, as_sendable
from messaging.kinds import Words


class _MailPolicy(EmailPolicy):
    """Keeps headers on one line that machines read: some do not look for a second one.

    A subject that takes several lines is folded by `email.header`: the newer way of the library
    loses the space between two words with accents.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}\r\n"
        if name.lower() in UNFOLDED and line.isascii() and len(line) <= LONGEST_LINE:
            return line.encode("ascii")
        if name.lower() == "subject" and not value.isascii():
            folded = Header(str(value), "utf-8", header_name=name).encode(linesep="\r\n")
            return f"{name}: {folded}\r\n".encode("ascii")
        return super().fold_binary(name, value)


UNFOLDED = frozenset({"list-unsubscribe", "message-id"})
LONGEST_LINE = 998
POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit")
"""Seven bits only, so that no server on the way has to change the mail."""
HERE = Path(__file__).parent

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_METHOD = re.compile(rb"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Mailing:
    """All that a mail is made of."""

    message_id: UUID
    recipient: str
    words: Words
    language: str
    written_at: datetime
    calendar: bytes | None = None
    unsubscribe_url: str | None = None


def clean_text(text: str) -> str:
    """The text with plain line ends and without control characters, as a mail can carry it."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def clean_line(text: str) -> str:
    """The text as one line, for a header: nothing in it can begin another header.

    What looks like an encoded word (RFC 2047) would be decoded by the reader, so it is broken up.
    """
    return " ".join(clean_text(text).split()).replace("=?", "= ?")


def build_mail(mailing: Mailing, sender: Sender) -> OutgoingMail:
    """The mail, ready for the server. The same mailing has the same Message-ID and date each time.

    Raises
    ------
    ValueError
        When the recipient's address is none that a mail server takes.
    """
    recipient = as_sendable(mailing.recipient)
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(clean_line(sender.name), addr_spec=sender.address)
    message["To"] = Address(addr_spec=recipient)
    message["Reply-To"] = Address(
        clean_line(sender.name), addr_spec=sender.reply_address(mailing.message_id)
    )
    message["Subject"] = clean_line(mailing.words.subject)
    message["Date"] = format_datetime(mailing.written_at)
    message["Message-ID"] = sender.mail_id(mailing.message_id)
    message["Auto-Submitted"] = "auto-generated"
    if mailing.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{mailing.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(message, mailing)
    # after the parts: what begins with "Content-" before goes into the first of them
    message["Content-Language"] = mailing.language
    return OutgoingMail(
        sender=sender.bounce_address(mailing.message_id),
        recipient=recipient,
        content=message.as_bytes(),
    )


def _fill(message: EmailMessage, mailing: Mailing) -> None:
    text, html = _with_footer(mailing)
    message.set_content(text, subtype="plain", charset="utf-8", cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    if mailing.calendar is None:
        return
    method = _METHOD.search(mailing.calendar)
    message.add_alternative(
        mailing.calendar.decode("utf-8"),
        subtype="calendar",
        charset="utf-8",
        cte="base64",
        params={"method": method[1].decode() if method else "PUBLISH"},
    )
    message.add_attachment(
        mailing.calendar, maintype="application", subtype="ics", filename="visit.ics"
    )


def _with_footer(mailing: Mailing) -> tuple[str, str]:
    text = clean_text(mailing.words.text)
    html = clean_text(mailing.words.html)
    if mailing.unsubscribe_url is None:
        return f"{text}\n", f"{html}\n" if html else ""
    translator = Translator(mailing.language, HERE)
    _ = translator.gettext
    why = _("You get this because you agreed to hear from us.")
    stop = _("Stop these messages, or see why you get them")
    # Where the words end with a signature, this goes on with it.
    begin = "\n" if "\n-- \n" in text else "\n\n-- \n"
    text = f"{text}{begin}{why}\n{stop}: {mailing.unsubscribe_url}\n"
    if html:
        footer = (
            '<p style="max-width:36em;margin:0 auto;padding:0 16px 24px;font-size:14px">'
            f'{escape(why)} <a href="{escape(mailing.unsubscribe_url)}">{escape(stop)}</a>.</p>'
        )
        before, closing, after = html.rpartition("</body>")
        html = f"{before}{footer}\n{closing}{after}\n" if closing else f"{html}\n{footer}\n"
    return text, html
