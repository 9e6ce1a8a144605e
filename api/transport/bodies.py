"""From bytes to a call: strict JSON, and parameters of the right kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from api.transport.errors import CallRefused, refuse_call

MAX_BODY_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 50
"""Of lists and objects in each other; the sensible ones have a handful."""
MAX_DIGITS: Final = 400
"""Of one number."""


@dataclass(frozen=True)
class Call:
    """What a caller wants: a document, or the hash of one, and values for it."""

    text: str | None = None
    document_hash: str | None = None
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


class NotJson(ValueError):
    """Bytes that are no JSON as RFC 8259 has it, or more of it than makes sense."""


def read_json(data: bytes | str) -> Any:
    """Strict JSON: UTF-8, no NaN, no name twice, no endless depth, no half characters.

    Raises
    ------
    NotJson
        In words for the caller.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise NotJson("This is not UTF-8.") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_read_object,
            parse_constant=_refuse_constant,
            parse_float=_read_float,
            parse_int=_read_int,
        )
    except NotJson:
        raise
    except RecursionError:
        raise NotJson(f"This JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError:
        raise NotJson("This is not JSON.") from None
    _check(value)
    return value


def read_call(value: Any) -> Call:
    """The parameters of a call, from the object that the caller sent.

    Raises
    ------
    CallRefused
        When one is missing, or of the wrong kind.
    """
    if isinstance(value, list):
        raise refuse_call("no_batching", "Send one operation at a time: lists are not taken.")
    if not isinstance(value, dict):
        raise refuse_call("bad_request", "Send a JSON object with `query`.")
    text = _take(value, "query", str, "a string")
    extensions = _take(value, "extensions", dict, "an object") or {}
    document_hash = _read_hash(value, extensions)
    if not text and document_hash is None:
        raise refuse_call("no_document", "There is no `query`: send a GraphQL document.")
    return Call(
        text=text or None,
        document_hash=document_hash,
        operation_name=_take(value, "operationName", str, "a string"),
        variables=_take(value, "variables", dict, "an object") or {},
    )


def read_parameters(parameters: Mapping[str, str]) -> Call:
    """The parameters of a call by GET."""
    value: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in value:
            try:
                value[name] = read_json(value[name]) if value[name] else None
            except NotJson as error:
                raise refuse_call("bad_json", f"`{name}`: {error}") from None
    return read_call(value)


def _take(value: dict[str, Any], name: str, kind: type, words: str) -> Any:
    found = value.get(name)
    if found is not None and not isinstance(found, kind):
        raise refuse_call("bad_request", f"`{name}` must be {words} or null.")
    return found


def _read_hash(value: dict[str, Any], extensions: dict[str, Any]) -> str | None:
    """The hash of a trusted document, as ``documentId`` or as clients of Apollo send it."""
    found = _take(value, "documentId", str, "a string")
    if found is not None:
        return str(found).removeprefix("sha256:").lower()
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or not isinstance(persisted.get("sha256Hash"), str):
        raise refuse_call(
            "bad_request", "`extensions.persistedQuery` must hold `sha256Hash`, a string."
        )
    return str(persisted["sha256Hash"]).lower()


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotJson("An object of this JSON has a name twice.")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise NotJson(f"{text} is not JSON.")


def _read_float(text: str) -> float:
    value = float(text) if len(text) <= MAX_DIGITS else float("inf")
    if value in (float("inf"), float("-inf")):
        raise NotJson("A number of this JSON is too big.")
    return value


def _read_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise NotJson("A number of this JSON is too big.")
    return int(text)


def _check(value: Any) -> None:
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict | list):
            if depth >= MAX_DEPTH:
                raise NotJson(f"This JSON is nested deeper than {MAX_DEPTH} levels.")
            if isinstance(item, dict):
                for name in item:
                    _check_text(name)
            below = item.values() if isinstance(item, dict) else item
            waiting.extend(
                (child, depth + 1) for child in below if isinstance(child, str | dict | list)
            )


def _check_text(text: str) -> None:
    if text.isascii():
        broken = "\x00" in text
    else:
        try:
            text.encode("utf-8")
            broken = "\x00" in text
        except UnicodeEncodeError:
            broken = True
    if broken:
        raise NotJson("A text of this JSON holds half a character, or one that is no character.")


__all__ = ["MAX_BODY_BYTES", "Call", "CallRefused", "NotJson", "read_call", "read_json"]
