"""A mail server on this machine, for tests: real SMTP, and every kind of trouble on demand."""

from __future__ import annotations

import email
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import kept_port

START_WAIT_S = 60.0


@dataclass(frozen=True)
class Received:
    """One mail as the server took it."""

    sender: str
    recipient: str
    content: bytes

    def parse(self) -> EmailMessage:
        message = email.message_from_bytes(self.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


def _accept(_: str) -> str | None:
    return None


@dataclass
class MailServer:
    """A running server: where it is, what it got, and how it shall answer."""

    port: int
    answer_recipient: Callable[[str], str | None] = _accept
    """Another answer than 250 to a recipient, such as ``550 5.1.1 unknown``."""
    answer_data: Callable[[bytes], str | None] = lambda _: None
    wait_s: float = 0.0
    received: list[Received] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    """When which recipient was named, whatever the answer."""
    connection_count: int = 0
    _controller: Controller | None = None

    async def handle_EHLO(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        self.connection_count += 1
        session.host_name = name
        return answers

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append((time.monotonic(), address))
        answer = self.answer_recipient(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        answer = self.answer_data(content)
        if answer is not None:
            return answer
        for recipient in envelope.rcpt_tos:
            self.received.append(Received(envelope.mail_from or "", recipient, content))
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=START_WAIT_S
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def addresses(self) -> list[str]:
        return [mail.recipient for mail in self.received]

    def mail_ids(self) -> list[str]:
        return [str(mail.parse()["Message-ID"]) for mail in self.received]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that takes every mail until it is told otherwise."""
    with kept_port() as port:
        server = MailServer(port)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word; the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield int(listener.getsockname()[1])


def sink_settings(port: int, **changes: Any) -> dict[str, Any]:
    """Settings for a product that mails to such a server."""
    return {
        "mail": "smtp",
        "mail_from": "Talkoot <help@city.example>",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "public_url": "https://help.city.example",
    } | changes
