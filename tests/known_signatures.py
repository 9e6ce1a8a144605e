"""What the handlers of an application look like, read once in a process.

Each test has an application of its own, with some 500 handlers. Half of the time to make it would
go into reading their signatures again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from litestar.utils.signature import ParsedSignature


@contextmanager
def known_signatures() -> Iterator[None]:
    """Within the block, litestar reads the signature of a function once."""
    known: WeakKeyDictionary[Callable[..., Any], list[tuple[dict[str, Any], ParsedSignature]]]
    known = WeakKeyDictionary()
    read = ParsedSignature.from_fn

    def from_fn(fn: Callable[..., Any], signature_namespace: dict[str, Any]) -> ParsedSignature:
        readings = known.setdefault(fn, [])
        for namespace, signature in readings:
            if namespace == signature_namespace:
                return signature
        signature = read(fn, signature_namespace)
        readings.append((dict(signature_namespace), signature))
        return signature

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParsedSignature, "from_fn", staticmethod(from_fn))
        yield
