"""A receiver of webhooks: it verifies by the published scheme and shares no code with the sender.

https://github.com/standard-webhooks/standard-webhooks, section "Verifying webhook authenticity".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

TOLERANCE_S = 5 * 60


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether a delivery comes from who holds the secret, and is fresh."""
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{message_id}.{timestamp}.{body.decode()}".encode()
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for versioned in headers["webhook-signature"].split(" "):
        version, _, signature = versioned.partition(",")
        if version == "v1" and hmac.compare_digest(signature, wanted):
            return True
    return False


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    peer: str


@dataclass
class Receiver:
    """A running receiver, and what came."""

    port: int = 0
    scheme: str = "http"
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks"


Answer = tuple[int, dict[str, str], bytes, float]
OK: Answer = (204, {}, b"", 0.0)


@contextmanager
def receive(
    answer: Callable[[Received], Answer] = lambda _: OK, *, tls: SSLContext | None = None
) -> Iterator[Receiver]:
    """Take deliveries until the end of the block: status, headers, body, seconds to wait."""
    receiver = Receiver(scheme="https" if tls else "http")
    stopping = threading.Event()

    class Responder(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Received(self.path, headers, body, self.client_address[0])
            receiver.received.append(one)
            status, more, content, wait_s = answer(one)
            if wait_s:
                stopping.wait(wait_s)
            try:
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the sender did not wait

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            return  # a hand that was not shaken is what its test is about

    server = Quiet(("127.0.0.1", 0), Responder)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
