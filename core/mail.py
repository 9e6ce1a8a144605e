"""Ways to send a mail: by SMTP, to the terminal, into memory, or not at all."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default as default_policy
from typing import Protocol, TextIO

import aiosmtplib

from core.carriers import DeliveryDeferred, DeliveryRefused
from core.clock import Clock
from core.settings import Settings

TIMEOUT_S = 20.0
"""For each step of a conversation with the server."""
LOCK_TIMEOUT_S = 30.0
REST_S = 10.0
"""After the server could not be reached nobody asks it again for so long."""
IDLE_S = 30.0
CLOSE_TIMEOUT_S = 2.0
MAILS_PER_CONNECTION = 100


@dataclass(frozen=True)
class OutgoingMail:
    """One mail to one receiver. The envelope decides where it goes, not its headers."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)
    before_content: Callable[[], Awaitable[None]] | None = field(
        default=None, repr=False, compare=False
    )
    """Called when the server agreed to take a mail, right before the content goes there: from then
    on nobody can tell by this side alone whether it arrived. What it raises stops the mail."""

    async def hand_over(self) -> None:
        """Let the sender note that the content goes now."""
        if self.before_content is not None:
            await self.before_content()

    def parse(self) -> EmailMessage:
        """The mail as its reader sees it."""
        return email.message_from_bytes(self.content, policy=default_policy)


class Mailer(Protocol):
    """Something that sends mails."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand a mail to the next server, which has it when this returns.

        Raises
        ------
        DeliveryDeferred
            Not now: a 4xx answer, no connection, a time-out.
        DeliveryRefused
            Never: a 5xx answer.
        """
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...


class MemoryMailer:
    """Keeps mails in memory, and can be told to behave like a server in trouble."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.trouble: Callable[[OutgoingMail], Exception | None] = lambda _: None

    async def send(self, mail: OutgoingMail) -> None:
        problem = self.trouble(mail)
        if problem is not None:
            raise problem
        await mail.hand_over()
        self.sent.append(mail)

    async def close(self) -> None:
        return


class ConsoleMailer:
    """Shows mails on the terminal of whoever tries the product out."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, mail: OutgoingMail) -> None:
        await mail.hand_over()
        message = mail.parse()
        body = message.get_body(("plain", "html"))
        text = "" if body is None else body.get_content()
        self._stream.write(
            f"--- mail to {mail.recipient}\nSubject: {message['Subject']}\n\n{text}\n---\n"
        )
        self._stream.flush()

    async def close(self) -> None:
        return


class NoMailer:
    """Mail is switched off: every message fails, which staff can see."""

    async def send(self, mail: OutgoingMail) -> None:
        raise DeliveryRefused("mail_is_off")

    async def close(self) -> None:
        return


class SmtpMailer:
    """Speaks SMTP with one server, over one connection that serves many mails."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        clock: Clock,
        security: str = "starttls",
        user: str | None = None,
        password: str | None = None,
        timeout_s: float = TIMEOUT_S,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._lock = asyncio.Lock()
        self._down_until: datetime | None = None
        self._used_at: datetime | None = None
        self._mails = 0
        self._client = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            username=user,
            password=password,
            timeout=timeout_s,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=tls_context,
        )

    async def send(self, mail: OutgoingMail) -> None:
        try:
            async with asyncio.timeout(LOCK_TIMEOUT_S):
                await self._lock.acquire()
        except TimeoutError:
            raise DeliveryDeferred("server_busy", outage=True) from None
        try:
            with _explained():
                await self._send(mail)
        except DeliveryDeferred as problem:
            if problem.outage and problem.reason != "server_resting":
                self._down_until = self._clock.now() + timedelta(seconds=REST_S)
            raise
        finally:
            self._used_at = self._clock.now()
            self._lock.release()

    async def close(self) -> None:
        if self._client.is_connected:
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._client.quit()
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                self._client.close()

    async def _send(self, mail: OutgoingMail) -> None:
        reused = await self._connect()
        try:
            await self._say(mail, reused)
        except aiosmtplib.SMTPResponseException as error:
            await self._forget_mail(error.code)
            raise
        except BaseException:
            # Nobody knows what the server still expects: the next mail begins anew.
            self._client.close()
            raise

    async def _forget_mail(self, code: int) -> None:
        """After a refusal the connection serves on, unless the server wants to close it."""
        try:
            if code == 421:
                raise aiosmtplib.SMTPServerDisconnected("closing")
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()

    async def _say(self, mail: OutgoingMail, reused: bool) -> None:
        try:
            await self._client.mail(mail.sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused) as error:
            gone = isinstance(error, aiosmtplib.SMTPServerDisconnected) or error.code == 421
            if not (reused and gone):
                raise
            # The server closed a connection that rested; nothing of this mail was said yet.
            self._client.close()
            await self._connect()
            await self._client.mail(mail.sender)
        await self._client.rcpt(mail.recipient)
        await mail.hand_over()
        await self._client.data(mail.content)
        self._mails += 1

    async def _connect(self) -> bool:
        """Be connected; whether the connection was there before."""
        now = self._clock.now()
        if self._down_until is not None and now < self._down_until:
            raise DeliveryDeferred("server_resting", outage=True)
        idle = self._used_at is None or now - self._used_at > timedelta(seconds=IDLE_S)
        if self._client.is_connected and not idle and self._mails < MAILS_PER_CONNECTION:
            return True
        await self.close()
        try:
            await self._client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            reason = "sign_in_refused" if _is_sign_in(error) else "server_down"
            raise DeliveryDeferred(reason, outage=True) from error
        self._down_until = None
        self._mails = 0
        return False


def _is_sign_in(error: Exception) -> bool:
    return isinstance(error, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPNotSupported)


@contextmanager
def _explained() -> Iterator[None]:
    """Say whether an error of the SMTP client means later or never."""
    try:
        yield
    except aiosmtplib.SMTPRecipientRefused as error:
        raise _from_answer(error.code, error.message, at_recipient=True) from None
    except aiosmtplib.SMTPResponseException as error:
        raise _from_answer(error.code, error.message, at_recipient=False) from None
    except (aiosmtplib.SMTPTimeoutError, TimeoutError):
        raise DeliveryDeferred("server_slow", outage=True) from None
    except (aiosmtplib.SMTPException, OSError):
        raise DeliveryDeferred("server_gone", outage=True) from None
    except (UnicodeError, ValueError):
        raise DeliveryRefused("address_not_sendable", bad_contact=True) from None


def _from_answer(code: int, message: str, *, at_recipient: bool) -> Exception:
    if not 500 <= code <= 599:
        return DeliveryDeferred(f"smtp_{code}", outage=code == 421, answered=True)
    enhanced = message.split(" ", 1)[0] if message[:2] == "5." else ""
    return DeliveryRefused(
        f"smtp_{code}", bad_contact=at_recipient and is_bad_mailbox(code, enhanced)
    )


def is_bad_mailbox(code: int, enhanced: str) -> bool:
    """Whether a permanent refusal is about the mailbox itself.

    A full mailbox (5.2.2), a mail that is too large (5.2.3, 5.3.4) and a policy (5.7.x) are not:
    another mail may well arrive. See RFC 3463.
    """
    if enhanced:
        return not (
            enhanced.startswith(("5.7.", "5.6.")) or enhanced in ("5.2.2", "5.2.3", "5.3.4")
        )
    return code not in (552, 554)


def open_mailer(settings: Settings, clock: Clock, stream: TextIO) -> Mailer:
    """The mailer that the settings name; ``stream`` is where the console mailer writes."""
    if settings.mail == "smtp":
        return SmtpMailer(
            settings.smtp_host,
            settings.smtp_port,
            clock=clock,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
        )
    return NoMailer() if settings.mail == "none" else ConsoleMailer(stream)
