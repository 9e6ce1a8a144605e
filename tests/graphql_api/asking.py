"""Asking the schema as one actor or another, without a server in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import strawberry
from strawberry.relay import to_base64

from api.schema.build import build_schema
from api.schema.context import Context
from core.clock import Clock
from core.db import Database
from core.settings import Settings
from people.auth import Actor

OPERATIONS = Path(__file__).resolve().parents[2] / "graphql" / "operations"


@cache
def the_schema() -> strawberry.Schema:
    return build_schema()


def global_id(kind: str, key: object) -> str:
    """The global id of a thing, as the API tells it."""
    return to_base64(kind, str(key))


def read_operation(name: str) -> str:
    """A named document of ``graphql/operations``, such as ``volunteer/my_offers``."""
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")


@dataclass
class Answer:
    """What came back."""

    data: dict[str, Any] | None
    errors: list[Any]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors: of the house, or the name of the exception."""
        causes = [getattr(error, "original_error", None) for error in self.errors]
        return [getattr(cause, "code", type(cause).__name__) for cause in causes]

    @property
    def only(self) -> Any:
        """The value of the one field that was asked for; fails the test on an error."""
        assert not self.errors, self.errors
        assert self.data is not None
        (value,) = self.data.values()
        return value


@dataclass
class Asker:
    """Asks as an actor."""

    database: Database
    clock: Clock
    services: dict[str, Any] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    async def ask(self, document: str, actor: Actor | None = None, **variables: Any) -> Answer:
        """Execute a document, given as text or as the name of one of ``graphql/operations``."""
        text = document if "{" in document else read_operation(document)
        context = Context(
            database=self.database,
            clock=self.clock,
            settings=self.settings,
            services=self.services,
            actor=actor or Actor.anonymous(),
        )
        result = await the_schema().execute(text, variables, context_value=context)
        return Answer(result.data, list(result.errors or []))
