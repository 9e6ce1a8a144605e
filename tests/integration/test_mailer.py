"""The SMTP mailer with a real server: encryption, connections that end, answers of all kinds."""

from __future__ import annotations

import asyncio
import io
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from core.carriers import DeliveryDeferred, DeliveryRefused
from core.clock import FixedClock
from core.mail import (
    IDLE_S,
    REST_S,
    ConsoleMailer,
    NoMailer,
    OutgoingMail,
    SmtpMailer,
    open_mailer,
)
from core.settings import Settings
from tests.mail_server import START_WAIT_S, MailServer, mail_server
from tests.ports import kept_port

MAIL = OutgoingMail(
    "help+b-1@city.example",
    "synthetic@mail.example",
    b"Subject: Snow\r\nFrom: help@city.example\r\n\r\nHello\r\n.\r\n..two\r\n",
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def port() -> Iterator[int]:
    with kept_port() as kept:
        yield kept


def mailer_for(port: int, clock: FixedClock, **changes: object) -> SmtpMailer:
    options: dict[str, object] = {"security": "none", "timeout_s": 60.0}
    return SmtpMailer("127.0.0.1", port, clock=clock, **(options | changes))  # type: ignore[arg-type]  # options


async def test_a_mail_arrives_as_it_is(server: MailServer, clock: FixedClock) -> None:
    mailer = mailer_for(server.port, clock)
    await mailer.send(MAIL)
    await mailer.close()
    (got,) = server.received
    assert (got.sender, got.recipient) == (MAIL.sender, MAIL.recipient)
    assert got.content == MAIL.content


@pytest.mark.parametrize(
    ("answer", "error", "reason", "bad"),
    [
        ("550 5.1.1 unknown", DeliveryRefused, "smtp_550", True),
        ("550 unknown", DeliveryRefused, "smtp_550", True),
        ("550 5.7.1 policy", DeliveryRefused, "smtp_550", False),
        ("552 5.2.2 full", DeliveryRefused, "smtp_552", False),
        ("554 no", DeliveryRefused, "smtp_554", False),
        ("450 4.2.1 later", DeliveryDeferred, "smtp_450", False),
        ("451 4.7.1 later", DeliveryDeferred, "smtp_451", False),
    ],
)
async def test_answers_to_the_recipient(
    server: MailServer,
    clock: FixedClock,
    answer: str,
    error: type[Exception],
    reason: str,
    bad: bool,
) -> None:
    mailer = mailer_for(server.port, clock)
    server.answer_recipient = lambda _: answer
    with pytest.raises(error) as raised:
        await mailer.send(MAIL)
    assert raised.value.reason == reason  # type: ignore[attr-defined]  # one of the two
    assert getattr(raised.value, "bad_contact", False) == bad
    assert "synthetic" not in str(raised.value)
    server.answer_recipient = lambda _: None
    await mailer.send(MAIL)
    await mailer.close()
    assert (len(server.received), server.connection_count) == (1, 1)


async def test_a_connection_that_the_server_closed_is_opened_anew(
    server: MailServer, clock: FixedClock
) -> None:
    mailer = mailer_for(server.port, clock)
    await mailer.send(MAIL)
    server.stop()
    server.start()
    await mailer.send(MAIL)
    clock.advance(timedelta(seconds=IDLE_S + 1))
    await mailer.send(MAIL)
    await mailer.close()
    assert (len(server.received), server.connection_count) == (3, 3)


async def test_a_closing_server_is_asked_again_after_a_rest(
    server: MailServer, clock: FixedClock
) -> None:
    mailer = mailer_for(server.port, clock)
    server.answer_recipient = lambda _: "421 4.3.2 closing"
    with pytest.raises(DeliveryDeferred) as raised:
        await mailer.send(MAIL)
    assert raised.value.outage
    server.answer_recipient = lambda _: None
    with pytest.raises(DeliveryDeferred, match="server_resting"):
        await mailer.send(MAIL)
    clock.advance(timedelta(seconds=REST_S))
    await mailer.send(MAIL)
    await mailer.close()
    assert len(server.received) == 1


async def test_nobody_there_and_nobody_answering(
    server: MailServer, port: int, clock: FixedClock
) -> None:
    with pytest.raises(DeliveryDeferred, match="server_down"):
        await mailer_for(port, clock).send(MAIL)
    slow, given_up = mailer_for(server.port, clock, timeout_s=3.0), threading.Event()

    def hang(_: bytes) -> None:
        # the server's own thread: its answer comes later than anybody waits
        given_up.wait(60)

    server.answer_data = hang
    try:
        with pytest.raises(DeliveryDeferred, match="server_slow"):
            await slow.send(MAIL)
    finally:
        given_up.set()
    await slow.close()


async def test_many_at_once_share_the_connection(server: MailServer, clock: FixedClock) -> None:
    mailer = mailer_for(server.port, clock)
    await asyncio.gather(*(mailer.send(MAIL) for _ in range(40)))
    await mailer.close()
    assert (len(server.received), server.connection_count) == (40, 1)


async def test_an_address_that_no_mail_can_carry(server: MailServer, clock: FixedClock) -> None:
    mailer = mailer_for(server.port, clock)
    strange = OutgoingMail(MAIL.sender, "se\u00f1or@mail.example", MAIL.content)
    with pytest.raises(DeliveryRefused, match="address_not_sendable"):
        await mailer.send(strange)
    await mailer.send(MAIL)
    await mailer.close()
    assert len(server.received) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost, made for this run."""
    if shutil.which("openssl") is None:
        pytest.skip("NOT TESTED WITH TLS: openssl is missing")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return key, cert


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_encrypted_and_only_with_a_certificate_that_we_trust(
    certificate: tuple[Path, Path], port: int, clock: FixedClock, security: str
) -> None:
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    taken = MailServer(port)
    options = (
        {"ssl_context": context}
        if security == "tls"
        else {"tls_context": context, "require_starttls": True}
    )
    trusting = ssl.create_default_context(cafile=str(cert))
    controller = Controller(
        taken, hostname="127.0.0.1", port=taken.port, ready_timeout=START_WAIT_S, **options
    )
    controller.start()
    try:
        mailer = mailer_for(taken.port, clock, security=security, tls_context=trusting)
        await mailer.send(MAIL)
        await mailer.close()
        with pytest.raises(DeliveryDeferred, match="server_down"):
            await mailer_for(taken.port, clock, security=security).send(MAIL)
        assert len(taken.received) == 1
    finally:
        controller.stop()


async def test_a_server_without_encryption_is_not_used_when_it_is_wanted(
    server: MailServer, clock: FixedClock
) -> None:
    with pytest.raises(DeliveryDeferred, match="server_down"):
        await mailer_for(server.port, clock, security="starttls").send(MAIL)
    assert server.received == []


async def test_the_settings_choose(clock: FixedClock) -> None:
    stream = io.StringIO()
    kinds = [
        type(open_mailer(Settings(mail=name), clock, stream))
        for name in ("smtp", "console", "none")
    ]
    assert kinds == [SmtpMailer, ConsoleMailer, NoMailer]
    await ConsoleMailer(stream).send(MAIL)
    assert "Subject: Snow" in stream.getvalue()
    assert "Hello" in stream.getvalue()
    with pytest.raises(DeliveryRefused, match="mail_is_off"):
        await NoMailer().send(MAIL)
