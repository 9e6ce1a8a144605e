"""Mails that come in, as other servers and people write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP


def bounce(
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    mail_id: str | None = None,
    headers_only: bool = False,
) -> bytes:
    """A delivery status notification (RFC 3464)."""
    returned = f"From: help@city.example\r\nMessage-ID: {mail_id}\r\nSubject: Snow\r\n"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    last = f"\r\n--bb\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n" if mail_id else ""
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="bb"\r\n\r\n'
        "--bb\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "\r\n--bb\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; synthetic@mail.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} unknown\r\n{last}\r\n--bb--\r\n"
    ).encode()


def complaint(mail_id: str) -> bytes:
    """A report that somebody pressed "this is spam" (RFC 5965)."""
    return (
        "From: fbl@mail.example\r\nTo: help@city.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="cc"\r\n\r\n'
        "--cc\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
        "\r\n--cc\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nVersion: 1\r\n"
        "\r\n--cc\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: help@city.example\r\nMessage-ID: {mail_id}\r\nSubject: Snow\r\n\r\nHello\r\n"
        "\r\n--cc--\r\n"
    ).encode()


def reply(to: str, sender: str, text: str, mail_id: str | None = None) -> bytes:
    """What a person writes back."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Somebody <{sender}>", to, "Re: Snow"
    if mail_id is not None:
        mail["Message-ID"] = mail_id
    mail.set_content(text)
    return mail.as_bytes()


def absence_note(to: str, sender: str) -> bytes:
    """What a machine writes back (RFC 3834)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Away"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("I am away until Monday.")
    return mail.as_bytes()
