"""What the permission tests need to know of an operation: variables to try it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A named operation and things to try it on."""

    operation: str
    """Its document under ``graphql/operations``, without the ending."""
    own: Callable[[Town, str], Variables]
    """About what belongs to the one who has this role in the town."""
    foreign: Callable[[Town, Town], Variables] | None = None
    """About what belongs to somebody else of the same town; the second town is another one."""
    before: tuple[tuple[str, Callable[[Town], Variables]], ...] = ()
    """Documents that a manager of the town asks first, to make this one possible."""
