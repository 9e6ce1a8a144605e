"""Which media type an answer gets: by the ``Accept`` header, with its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
MAX_HEADER = 2_000
MAX_RANGES = 30


@dataclass(frozen=True)
class Answering:
    """How to answer."""

    media_type: str
    is_legacy: bool = False
    """The caller asked for plain JSON by name: errors of the document come with status 200."""


@dataclass(frozen=True)
class _Range:
    kind: str
    weight: float
    utf8: bool


def choose_answering(accept: str | None) -> Answering | None:
    """The media type that the caller wants most; None when it takes none of ours.

    No header, or one that takes anything, gets ``application/json``.
    """
    if accept is None or not accept.strip():
        return Answering(JSON)
    ranges = _read(accept)
    best: tuple[float, int, Answering] | None = None
    for rank, kind in enumerate((GRAPHQL, JSON, EVENTS)):
        found = _find(ranges, kind)
        if found is None or found.weight <= 0 or not found.utf8:
            continue
        named = found.kind == kind
        if not named and kind != JSON:
            continue
        # A type that is called by its name goes before what "anything" would get.
        order = (found.weight, 3 - rank if named else 0)
        if best is None or order > best[:2]:
            best = (*order, Answering(kind, is_legacy=named and kind == JSON))
    return best[2] if best else None


def is_json(content_type: str) -> bool:
    """Whether a request says that it sends JSON in UTF-8."""
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != JSON:
        return False
    return all(_is_utf8(parameter) for parameter in parameters.split(";"))


def _find(ranges: list[_Range], kind: str) -> _Range | None:
    """What the header says about a type: the range that names it most closely."""
    for name in (kind, kind.split("/")[0] + "/*", "*/*"):
        for one in ranges:
            if one.kind == name:
                return one
    return None


def _read(accept: str) -> list[_Range]:
    return [_read_range(part) for part in accept[:MAX_HEADER].split(",")[:MAX_RANGES]]


def _read_range(text: str) -> _Range:
    kind, *parameters = text.split(";")
    weight, utf8 = 1.0, True
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = min(float(value), 1.0)
            except ValueError:
                weight = 0.0
        utf8 = utf8 and _is_utf8(parameter)
    return _Range(kind.strip().lower(), weight if weight == weight else 0.0, utf8)


def _is_utf8(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "charset":
        return True
    return value.strip().strip('"').lower() in ("utf-8", "utf8")
