from __future__ import annotations

import pytest

from api.transport.accept import EVENTS, GRAPHQL, JSON, Answering, choose_answering, is_json

PLAIN = Answering(JSON)
LEGACY = Answering(JSON, is_legacy=True)
MODERN = Answering(GRAPHQL)


@pytest.mark.parametrize(
    ("accept", "answering"),
    [
        (None, PLAIN),
        ("", PLAIN),
        ("*/*", PLAIN),
        ("application/*", PLAIN),
        ("*/*;q=0.1", PLAIN),
        (JSON, LEGACY),
        ("APPLICATION/JSON", LEGACY),
        (f"{JSON}; charset=utf-8", LEGACY),
        (GRAPHQL, MODERN),
        (f"{GRAPHQL}; charset=utf-8", MODERN),
        (f"{GRAPHQL}, {JSON}", MODERN),
        (f"{JSON}, {GRAPHQL}", MODERN),
        (f"{JSON}, {GRAPHQL};q=0.9", LEGACY),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.6", MODERN),
        (f"{GRAPHQL};q=0, */*", PLAIN),
        (f"{JSON};q=0, */*", None),
        (f"{GRAPHQL};q=0.5, */*", PLAIN),
        (f"text/html, {JSON};q=0.8", LEGACY),
        ("text/html, */*;q=0.8", PLAIN),
        (EVENTS, Answering(EVENTS)),
        (f"{EVENTS}, {JSON}", LEGACY),
        ("text/html", None),
        ("text/*", None),
        (f"{JSON}; charset=latin-1", None),
        (f"{JSON};q=nan", None),
        (f"{JSON};q=x", None),
        ("application/xml, image/*", None),
    ],
)
def test_media_type_by_accept(accept: str | None, answering: Answering | None) -> None:
    assert choose_answering(accept) == answering


@pytest.mark.parametrize(
    ("content_type", "taken"),
    [
        (JSON, True),
        ("Application/JSON", True),
        (f"{JSON}; charset=utf-8", True),
        (f'{JSON};charset="UTF-8"', True),
        (f"{JSON}; charset=utf-16", False),
        (f"{JSON}; profile=x", True),
        ("", False),
        ("text/plain", False),
        ("application/jsonx", False),
        (GRAPHQL, False),
        ("multipart/form-data; boundary=x", False),
    ],
)
def test_json_bodies(content_type: str, taken: bool) -> None:
    assert is_json(content_type) is taken
