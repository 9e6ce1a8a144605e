"""The demonstration, served for a browser: real streets, made-up people, sign-in by one press."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from messaging.push.keys import make_key
from tests.ports import kept_port

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 900
STOP_LIMIT_S = 60


@contextmanager
def serving_demo(folder: Path) -> Iterator[str]:
    """The address of ``talkoot serve --demo``, in a process of its own."""
    with kept_port() as port:
        yield from _serving_demo(folder, port)


def _serving_demo(folder: Path, port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    words = ["--port", str(port), "--demo-folder", str(folder), "--quiet"]
    environment = {name: text for name, text in os.environ.items() if name[:8] != "TALKOOT_"}
    environment |= {"TALKOOT_MAIL": "none", "TALKOOT_SMS": "none", "TALKOOT_PUBLIC_URL": url}
    environment |= {"TALKOOT_PUSH_KEY": make_key(), "TALKOOT_PUSH_CONTACT": "mailto:snow@x.example"}
    with (folder.parent / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--demo", *words],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_answers(url, process, Path(log.name))
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=STOP_LIMIT_S)
            finally:
                process.kill()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while True:
        try:
            if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.2)
