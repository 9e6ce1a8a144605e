"""Deliveries leave this machine for public addresses alone, and go where the check looked."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from messaging.webhooks.errors import AddressRefused, InvalidEndpoint
from messaging.webhooks.posting import Poster
from messaging.webhooks.targets import check_url, find_target, is_public
from tests.webhook_receiver import receive

PRIVATE = (
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2001:0:53aa:64c:0:fbff:ffff:fffe",
    "2001:db8::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org/x",
        "http://hooks.example.org/x",
        "ftp://hooks.example.org/x",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/a b",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:25/",
        "https://hooks.example.org:99999/",
        "https://localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://hooks.example.org/" + "x" * 500,
    ],
)
def test_addresses_that_are_refused_when_typed(url: str) -> None:
    with pytest.raises(InvalidEndpoint):
        check_url(url, local=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/x?token=1",
        "https://hooks.example.org:8443/x",
        "https://93.184.216.34/",
        "https://bücher.example/x",
    ],
)
def test_addresses_that_can_be_used(url: str) -> None:
    assert check_url(url, local=False).scheme == "https"


def test_this_machine_is_for_development_alone() -> None:
    for url in ("http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9000/"):
        assert check_url(url, local=True).scheme == "http"
        with pytest.raises(InvalidEndpoint):
            check_url(url, local=False)
    with pytest.raises(InvalidEndpoint):
        check_url("http://10.0.0.1/", local=True)


@pytest.mark.parametrize(
    "address", ["http://2130706433/", "https://2130706433/", "https://0x7f.1/"]
)
async def test_numbers_in_disguise_do_not_pass(address: str) -> None:
    with pytest.raises((InvalidEndpoint, AddressRefused)):
        await find_target(address, local=False, resolve=answer_with("127.0.0.1"))


def answer_with(*addresses: str):  # type: ignore[no-untyped-def]  # a resolver
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_public_name_of_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        await find_target("https://hooks.example.org/", local=False, resolve=answer_with(address))


async def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(AddressRefused):
        await find_target(
            "https://hooks.example.org/",
            local=False,
            resolve=answer_with("93.184.216.34", "10.0.0.1"),
        )


async def test_a_local_name_may_not_lead_elsewhere() -> None:
    with pytest.raises(AddressRefused):
        await find_target("http://localhost:9000/", local=True, resolve=answer_with("10.0.0.1"))


async def test_a_refused_address_is_never_called() -> None:
    with receive() as receiver:
        async with Poster(resolve=answer_with("127.0.0.1")) as poster:
            answer = await poster.post(f"https://hooks.example.org:{receiver.port}/", {}, b"{}")
    assert answer.error == "address_refused"
    assert receiver.received == []


async def test_the_name_is_asked_for_once_and_that_address_is_called() -> None:
    """Rebinding: the second answer of the name server would lead to another machine."""
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with receive() as receiver:
        async with Poster(local=True, resolve=rebinding) as poster:
            answer = await poster.post(f"http://localhost:{receiver.port}/a?b=c", {}, b"{}")
    assert answer.status_code == 204
    assert asked == ["localhost"]
    (one,) = receiver.received
    assert one.path == "/a?b=c"
    assert one.headers["host"] == f"localhost:{receiver.port}"


async def test_redirects_are_not_followed() -> None:
    with receive() as inner:
        target = inner.url

        def redirect(_: object) -> tuple[int, dict[str, str], bytes, float]:
            return 302, {"Location": target}, b"", 0.0

        with receive(redirect) as receiver:
            async with Poster(local=True) as poster:
                answer = await poster.post(receiver.url, {}, b"{}")
    assert answer.status_code == 302
    assert not answer.is_good
    assert inner.received == []


async def test_a_receiver_that_dawdles_is_left() -> None:
    with receive(lambda _: (200, {}, b"", 5.0)) as receiver:
        async with Poster(local=True, limit_s=0.3) as poster:
            answer = await poster.post(receiver.url, {}, b"{}")
    assert answer.error == "timed_out"
    assert 250 <= answer.duration_ms < 3_000


async def test_a_name_server_that_dawdles_is_left() -> None:
    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    async with Poster(resolve=slow, limit_s=0.2) as poster:
        answer = await poster.post("https://hooks.example.org/", {}, b"{}")
    assert answer.error == "timed_out"


async def test_large_answers_are_not_read() -> None:
    with receive(lambda _: (200, {}, b"x" * 5_000_000, 0.0)) as receiver:
        async with Poster(local=True) as poster:
            answer = await poster.post(receiver.url, {}, b"{}")
    assert answer.status_code == 200


async def test_nobody_there() -> None:
    with receive() as receiver:
        port = receiver.port
    async with Poster(local=True) as poster:
        answer = await poster.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert answer.error == "connection_failed"


async def test_a_wish_to_wait_is_heard() -> None:
    with receive(lambda _: (429, {"Retry-After": "120"}, b"", 0.0)) as receiver:
        async with Poster(local=True) as poster:
            answer = await poster.post(receiver.url, {}, b"{}")
    assert answer.wait_s == 120


def make_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for one name: what the server shows, and what a client trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("NOT TESTED WITH TLS: openssl is missing")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


@pytest.mark.parametrize(("name", "good"), [("localhost", True), ("other.example", False)])
async def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, name: str, good: bool
) -> None:
    """The number is called, and the name is what the certificate is checked against."""
    server, trust = make_certificate(tmp_path, name)
    with receive(tls=server) as receiver:
        async with Poster(local=True, trust=trust, resolve=answer_with("127.0.0.1")) as poster:
            answer = await poster.post(f"https://localhost:{receiver.port}/", {}, b"{}")
    assert (answer.status_code, answer.error) == ((204, None) if good else (None, "tls_failed"))
    assert len(receiver.received) == int(good)


async def test_what_the_machine_believes_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Poster():
        pass
    read = []
    load = ssl.create_default_context

    def count() -> ssl.SSLContext:
        read.append(1)
        return load()

    monkeypatch.setattr(ssl, "create_default_context", count)
    for _ in range(3):
        async with Poster():
            pass
    assert read == []
