from __future__ import annotations

import pytest

from api.transport.bodies import Call, NotJson, read_call, read_json, read_parameters
from api.transport.errors import CallRefused


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "too big"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "too big"),
        (b'{"a": 0.' + b"9" * 5_000 + b"}", "too big"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"\\udfff": 1}', "half a character"),
        (b'["\\u0000"]', "no character"),
        (b"[" * 51 + b"]" * 51, "deeper"),
        (b"[" * 100_000, "deeper"),
        (b'{"a":' * 50_000, "deeper"),
        ("\ud800", "not JSON"),
    ],
)
def test_what_is_no_json(data: bytes | str, words: str) -> None:
    with pytest.raises(NotJson, match=words):
        read_json(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b"[" * 50 + b"]" * 50, None),
        ('{"a": "Jääskeläinen \U0001f3c3"}'.encode(), {"a": "Jääskeläinen \U0001f3c3"}),
        (b'"\\ud83c\\udfc3"', "\U0001f3c3"),
        (b'{"a": 12345678901234567890, "b": -1.5e3}', {"a": 12345678901234567890, "b": -1500.0}),
    ],
)
def test_what_is_json(data: bytes, value: object) -> None:
    assert value is None or read_json(data) == value


def test_parameters_of_a_call() -> None:
    call = read_call(
        {"query": "{a}", "operationName": "A", "variables": {"b": 1}, "extensions": {}}
    )
    assert call == Call("{a}", None, "A", {"b": 1})
    nothing = {"operationName": None, "variables": None, "extensions": None}
    assert read_call({"query": "{a}", **nothing}) == Call("{a}")


@pytest.mark.parametrize("digest", ["ab12", "AB12", "sha256:ab12"])
def test_the_hash_of_a_document(digest: str) -> None:
    assert read_call({"documentId": digest}) == Call(document_hash="ab12")
    if ":" not in digest:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
        assert read_call({"extensions": extensions}) == Call(document_hash="ab12")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "no_batching"),
        ([{"query": "{a}"}], "no_batching"),
        ("{a}", "bad_request"),
        (None, "bad_request"),
        ({}, "no_document"),
        ({"query": ""}, "no_document"),
        ({"query": None}, "no_document"),
        ({"query": 1}, "bad_request"),
        ({"query": "{a}", "operationName": 1}, "bad_request"),
        ({"query": "{a}", "operationName": False}, "bad_request"),
        ({"query": "{a}", "variables": []}, "bad_request"),
        ({"query": "{a}", "variables": "{}"}, "bad_request"),
        ({"query": "{a}", "extensions": 0}, "bad_request"),
        ({"documentId": 1}, "bad_request"),
        ({"extensions": {"persistedQuery": "ab"}}, "bad_request"),
        ({"extensions": {"persistedQuery": {}}}, "bad_request"),
    ],
)
def test_parameters_of_the_wrong_kind(value: object, code: str) -> None:
    with pytest.raises(CallRefused) as refused:
        read_call(value)
    assert refused.value.status == 400
    assert refused.value.errors[0]["extensions"]["code"] == code


def test_parameters_in_an_address() -> None:
    call = read_parameters({"query": "{a}", "variables": '{"b": 1}', "extensions": ""})
    assert call == Call("{a}", variables={"b": 1})
    with pytest.raises(CallRefused):
        read_parameters({"query": "{a}", "variables": "{"})
    with pytest.raises(CallRefused):
        read_parameters({"query": "{a}", "variables": "[]"})
