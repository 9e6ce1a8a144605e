"""Mail that comes back to us: bounces, complaints, automatic answers and replies. Pure.

A bounce names its message by the address that it comes to, else by the Message-ID of the mail that
it returns. Whatever arrives here was written by somebody else, so nothing in it is trusted to be
well-formed.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as MailMessage
from email.utils import getaddresses
from enum import StrEnum
from html import unescape
from uuid import UUID

from messaging.addresses import find_ours

MAX_PARTS = 100
MAX_REPLY = 2_000
MAX_HEADER = 4_000
MAX_HTML = 200_000
ADDRESS_HEADERS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
REFERENCE_HEADERS = ("In-Reply-To", "References", "Original-Message-ID", "X-Original-Message-ID")

_MAIL_ID = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,200}>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_QUOTE = re.compile(
    r"^\s*(>|-{2,}\s*(original|forwarded|mensaje)|_{10,}|(on|el)\b.{5,200}(wrote|escribió):?\s*$)",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"^\s*(on|el)\b.{5,300}(wrote|escribió):?\s*$", re.IGNORECASE)
"""The line before a quotation, when it was broken into two."""
_HEADER = re.compile(r"^\s*\**(from|de):\**\s.*", re.IGNORECASE)
_NEXT_HEADER = re.compile(r"^\s*\**(sent|date|to|enviado|fecha|para):\**\s.*", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_LINE_END_TAG = re.compile(r"<(br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.IGNORECASE)
_QUOTED_PART = re.compile(
    r"<blockquote\b|<[^>]{0,200}\b(gmail_quote|divRplyFwdMsg|yahoo_quoted|moz-cite-prefix)",
    re.IGNORECASE,
)
_HIDDEN_PART = re.compile(r"<(style|script|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


class Incoming(StrEnum):
    """What a mail that came in is."""

    BOUNCED = "bounced"
    """The mail will never arrive."""
    DELAYED = "delayed"
    """Another server still tries, or it has arrived after all."""
    COMPLAINT = "complaint"
    """The receiver pressed "this is spam"."""
    AUTOMATIC = "automatic"
    """An absence note and its like."""
    REPLY = "reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class IncomingMail:
    """What we make of a mail that came in."""

    kind: Incoming
    message_id: UUID | None = None
    """The message that it is about, by an address of ours."""
    mail_ids: tuple[str, ...] = ()
    """Message-IDs that it mentions and that look like ours."""
    status: str = ""
    """``5.1.1``: see RFC 3463."""
    sender: str = ""
    own_id: str = ""
    """The Message-ID of the mail itself, by which a repeated delivery is known."""
    text: str = ""


def read_mail(raw: bytes, recipient: str | None = None) -> IncomingMail:
    """What a mail is and which of our messages it is about. Never fails, whatever the bytes.

    Parameters
    ----------
    raw
        The mail with its headers.
    recipient
        The address that it came to, when the mail server says so.
    """
    try:
        return _read(email.message_from_bytes(raw), recipient)
    except (AttributeError, IndexError, LookupError, RecursionError, TypeError, ValueError):
        # The parser of the standard library gives up in many ways on mails that are none.
        return IncomingMail(Incoming.UNKNOWN)


def _read(mail: MailMessage, recipient: str | None) -> IncomingMail:
    parts = list(_walk(mail))
    ours = _find_address(mail, recipient)
    message_id = None if ours is None else ours[1]
    mail_ids = tuple(dict.fromkeys(_find_mail_ids(parts)))
    kind, status = _classify(mail, parts, ours)
    is_reply = kind is Incoming.REPLY
    return IncomingMail(
        kind=kind,
        message_id=message_id,
        mail_ids=mail_ids,
        status=status,
        sender=_sender(mail) if is_reply else "",
        own_id=_header(mail, "Message-ID").strip() if is_reply else "",
        text=_reply_text(parts) if is_reply else "",
    )


def _classify(
    mail: MailMessage, parts: list[MailMessage], ours: tuple[str, UUID] | None
) -> tuple[Incoming, str]:
    types = {part.get_content_type() for part in parts}
    if "message/feedback-report" in types:
        return Incoming.COMPLAINT, ""
    if "message/delivery-status" in types:
        return _read_report(parts)
    if _is_automatic(mail):
        return Incoming.AUTOMATIC, ""
    if ours is not None and ours[0] == "b":
        return Incoming.UNKNOWN, ""  # only servers write there, and this one not in a known form
    return Incoming.REPLY, ""


def _read_report(parts: list[MailMessage]) -> tuple[Incoming, str]:
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for block in payload if isinstance(payload, list) else []:
            if not isinstance(block, MailMessage):
                continue
            action = _header(block, "Action").strip().lower()
            found = _STATUS.search(_header(block, "Status"))
            status = "" if found is None else found[0]
            if action == "failed" and (not status or status.startswith("5")):
                return Incoming.BOUNCED, status or "5.0.0"
    return Incoming.DELAYED, ""


def _is_automatic(mail: MailMessage) -> bool:
    submitted = _header(mail, "Auto-Submitted").strip().lower()
    precedence = _header(mail, "Precedence").strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in ("auto_reply", "bulk", "junk", "list")
        or bool(_header(mail, "X-Autoreply") or _header(mail, "X-Autorespond"))
        or _header(mail, "Return-Path").strip() == "<>"
    )


def _walk(mail: MailMessage) -> Iterator[MailMessage]:
    for count, part in enumerate(mail.walk()):
        if count >= MAX_PARTS:
            return
        yield part


def _find_address(mail: MailMessage, recipient: str | None) -> tuple[str, UUID] | None:
    if recipient is not None:
        ours = find_ours(recipient[:MAX_HEADER])
        if ours is not None:
            return ours
    for name in ADDRESS_HEADERS:
        ours = find_ours(_header(mail, name))
        if ours is not None:
            return ours
    return None


def _find_mail_ids(parts: list[MailMessage]) -> Iterator[str]:
    """Message-IDs of ours: in the mail that is returned, whole or as headers, or referred to."""
    for part in parts[1:]:
        yield from _MAIL_ID.findall(_header(part, "Message-ID"))
        if part.get_content_type() == "text/rfc822-headers":
            yield from _MAIL_ID.findall(_text_of(part)[:MAX_HEADER])
    for part in parts:
        for name in REFERENCE_HEADERS:
            yield from _MAIL_ID.findall(_header(part, name))


def _header(part: MailMessage, name: str) -> str:
    return str(part.get(name) or "")[:MAX_HEADER]


def _sender(mail: MailMessage) -> str:
    addresses = [address for _, address in getaddresses([_header(mail, "From")]) if address]
    return addresses[0].strip().lower() if len(addresses) == 1 else ""


def _reply_text(parts: list[MailMessage]) -> str:
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == wanted and part.get_filename() is None:
                text = _text_of(part)
                plain = _as_plain(text) if wanted == "text/html" else text
                return _without_quotes(plain)[:MAX_REPLY]
    return ""


def _as_plain(html: str) -> str:
    """The words of HTML up to what it quotes, line by line."""
    shown = _HIDDEN_PART.sub(" ", html[:MAX_HTML])
    own = _QUOTED_PART.split(shown, maxsplit=1)[0]
    lines = unescape(_TAG.sub(" ", _LINE_END_TAG.sub("\n", own))).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)


def _text_of(part: MailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _without_quotes(text: str) -> str:
    kept: list[str] = []
    lines = [line[:MAX_HEADER] for line in text.splitlines()]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _QUOTE.match(line) or _WRAPPED.match(f"{line.rstrip()} {following.strip()}"):
            break
        if _HEADER.match(line) and _NEXT_HEADER.match(following):
            break
        kept.append(line)
    return "\n".join(kept).strip()
