"""Nothing personal gets into logs or the history, whatever the caller passes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from core.errors import InvalidInput
from core.logging import EventLogger, SafeJsonFormatter, configure_logging, get_logger
from core.safe_fields import is_safe_field

NAME, EMAIL, PHONE = "Ann Example", "ann@example.org", "+16175550123"
ADDRESS = "17 Imaginary Street"
PERSONAL = (NAME, EMAIL, PHONE, "6175550123", ADDRESS, "Imaginary", "42.373611")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("debug", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


KEY = UUID("019a0000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("round_id", KEY),
        ("round_id", str(KEY)),
        ("request_ids", [KEY, KEY]),
        ("served_count", 12),
        ("travel_s", 4.5),
        ("gap", 0.01),
        ("started_at", datetime(2026, 1, 1, tzinfo=UTC)),
        ("problem_hash", "0a" * 32),
        ("home_cell", 0x8928308280FFFFF),
        ("home_cell", "8928308280fffff"),
        ("reason", "no_answer"),
        ("status", "accepted"),
        ("synthetic", True),
        ("channel", None),
    ],
)
def test_harmless_fields_pass(key: str, value: object) -> None:
    assert is_safe_field(key, value)


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize(
    "key",
    [
        "name",
        "email",
        "reason",
        "person_id",
        "person_ids",
        "home_cell",
        "status",
        "started_at",
        "served_count",
        "note",
        "problem_hash",
        "to",
        "address_text",
    ],
)
def test_personal_text_passes_under_no_key(key: str, text: str) -> None:
    assert not is_safe_field(key, text)
    assert not is_safe_field(key, [text])
    assert not is_safe_field(key, {"nested": text})


@pytest.mark.parametrize("key", ["lon", "lat_deg", "lon_deg", "phone", "zip", "value_of_home"])
def test_positions_and_numbers_of_people_do_not_pass(key: str) -> None:
    assert not is_safe_field(key, 42.373611)
    assert not is_safe_field(key, 6175550123)


def test_log_line_keeps_safe_fields_and_counts_what_it_dropped(log: io.StringIO) -> None:
    key = uuid4()
    get_logger("matching.rounds.lifecycle").info(
        "round.finished", round_id=key, gap=0.01, resident=NAME, email=EMAIL, lon_deg=-71.1
    )

    (line,) = lines(log)
    assert line["event"] == "round.finished"
    assert line["logger"] == "matching.rounds.lifecycle"
    assert (line["round_id"], line["gap"], line["dropped_count"]) == (str(key), 0.01, 3)
    assert "email" not in line


def test_name_of_an_event_cannot_carry_text(log: io.StringIO) -> None:
    get_logger("people").warning(f"mail to {EMAIL} failed")
    logging.getLogger("people").warning("call %s", PHONE)
    assert [line["event"] for line in lines(log)] == ["unnamed", "unnamed"]


def test_libraries_and_exceptions_are_logged_without_their_words(log: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(f"no such person: {NAME}")

    try:
        fail()
    except ValueError as error:
        get_logger("people").error("lookup.failed", error=error)
        logging.getLogger("httpx").exception("GET http://geocoder/search?q=%s", ADDRESS)
    get_logger("people").error("input.refused", error=InvalidInput(f"bad: {EMAIL}"))

    assert not [text for text in PERSONAL if text in log.getvalue()]
    own, library, refused = lines(log)
    assert own["exception"] == "ValueError"
    assert any("fail" in frame for frame in own["trace"])  # type: ignore[attr-defined] - a list
    assert library["event"] == "library_message"
    assert refused["error_code"] == "invalid_input"


def test_line_stays_one_line_and_json(log: io.StringIO) -> None:
    get_logger("core").info("started", version="v1\n{}", city="cambridge")
    assert log.getvalue().count("\n") == 1
    assert lines(log)[0]["city"] == "cambridge"


def test_own_fields_cannot_overwrite_the_line(log: io.StringIO) -> None:
    get_logger("core").info("started", level="fatal", at="never")
    assert lines(log)[0]["level"] == "info"


def test_level_is_kept(log: io.StringIO) -> None:
    logging.getLogger().setLevel("WARNING")
    logger: EventLogger = get_logger("core")
    logger.debug("quiet")
    logger.info("quiet")
    logger.warning("loud")
    assert [line["event"] for line in lines(log)] == ["loud"]
    assert isinstance(logging.getLogger().handlers[0].formatter, SafeJsonFormatter)
