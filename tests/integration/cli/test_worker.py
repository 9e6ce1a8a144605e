"""``talkoot worker`` and ``talkoot serve`` as processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.ports import kept_port

ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 240.0


def talkoot(*words: str, url: str) -> subprocess.Popen[str]:
    """Start the command line on a database, without a network."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TALKOOT_")
    }
    environment |= {
        "TALKOOT_DATABASE_URL": url,
        "TALKOOT_MAIL": "none",
        "TALKOOT_SMS": "none",
        "TALKOOT_WEATHER_URL": "http://127.0.0.1:9",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=LIMIT_S)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = shutil.copyfile(sqlite_template, tmp_path / "talkoot.db")
    return f"sqlite:///{path}"


def test_once_does_what_is_due_and_ends(database_url: str) -> None:
    worker = talkoot("worker", "--once", url=database_url)
    out, err = worker.communicate(timeout=LIMIT_S)

    assert worker.returncode == 0, err
    assert out == ""
    assert "Working on" in err
    assert '"kind": "messaging.sweep"' in err
    assert " done, 0 to be tried again, 0 given up" in err


def test_worker_ends_well_on_sigterm(sqlite_url: str) -> None:
    worker = talkoot("worker", url=sqlite_url)
    with ending(worker):
        assert worker.stderr is not None
        for line in worker.stderr:
            if "worker.began" in line:
                break
        began_s = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=LIMIT_S)

    assert worker.returncode == 0, err
    assert time.monotonic() - began_s < 30
    assert "handed back" in err


def test_worker_wants_the_tables_of_this_version(empty_database_url: str) -> None:
    worker = talkoot("worker", url=empty_database_url)
    out, err = worker.communicate(timeout=LIMIT_S)

    assert worker.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "run `talkoot migrate` first" in err


def test_serve_makes_tables_answers_and_does_jobs_on_sqlite(tmp_path: Path) -> None:
    with kept_port() as port:
        server = talkoot("serve", "--port", str(port), url=f"sqlite:///{tmp_path / 'new.db'}")
        with ending(server):
            ready = _wait_for_workers(f"http://127.0.0.1:{port}/readyz", server)
            server.send_signal(signal.SIGTERM)
            out, err = server.communicate(timeout=LIMIT_S)

    assert ready["database"] == "ok"
    assert ready["workers"] == 1
    assert server.returncode == 0, err
    assert f"listening at http://127.0.0.1:{port}" in out
    assert "Jobs: in this process." in out


def test_serve_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = talkoot("serve", "--port", str(port), url=f"sqlite:///{tmp_path / 'new.db'}")
        with ending(server):
            out, err = server.communicate(timeout=LIMIT_S)
    assert server.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert f"Cannot listen at 127.0.0.1:{port}" in err
    assert "--port" in err


def _wait_for_workers(url: str, server: subprocess.Popen[str]) -> dict[str, object]:
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        assert server.poll() is None, server.communicate()
        try:
            answer = httpx.get(url, timeout=5).json()
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer["workers"]:
            return dict(answer)
        time.sleep(0.1)
    raise AssertionError("the server did not get ready")
