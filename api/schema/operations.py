"""The fields of Query, Mutation and Subscription: each with its rule, its words and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Union

import strawberry
from strawberry.extensions import FieldExtension

from api.schema.access import ANY_SCOPE, Access, Guard, Sees, Who, check_access
from api.schema.context import Info, Resolver
from api.schema.errors import PROBLEM_TYPES, describe_problem
from core.errors import TalkootError

Decorator = Callable[[Resolver], Any]


class Allow(FieldExtension):
    """Refuses who may not use the field."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        check_access(info.context.actor, self.access)
        return await next_(source, info, **kwargs)


class AllowOrExplain(Allow):
    """Refuses likewise, and answers with a problem instead of an error."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        try:
            check_access(info.context.actor, self.access)
            return await next_(source, info, **kwargs)
        except TalkootError as error:
            problem = describe_problem(error)
            if problem is None:
                raise
            return problem


def query(*, description: str, who: Who, scope: str, **options: Any) -> Decorator:
    """A field of Query. ``who`` may use it at all; a token needs ``scope``.

    ``metadata`` may say what the field costs; see `api.schema.costs`.
    """
    access = Access(who, scope)

    def decorate(resolver: Resolver) -> Any:
        return strawberry.field(
            resolver=resolver,
            description=description,
            extensions=[Allow(access)],
            metadata={**options.pop("metadata", {}), "access": access},
            **options,
        )

    return decorate


def mutation(
    payload: type,
    *,
    description: str,
    who: Who,
    scope: str,
    also: tuple[type, ...] = (),
    **options: Any,
) -> Decorator:
    """A field of Mutation that answers with ``payload``, with one of ``also``, or with a problem.

    The resolver opens its own transaction (``async with info.context.begin()``): an error that
    leaves it undoes everything.
    """
    access = Access(who, scope)

    def decorate(resolver: Resolver) -> Any:
        name = "".join(part.title() for part in resolver.__name__.split("_"))
        members: Any = Union.__getitem__((payload, *also, *PROBLEM_TYPES))
        words = f"What became of `{_camel(name)}`."
        result = Annotated[members, strawberry.union(f"{name}Result", description=words)]
        return strawberry.mutation(
            resolver=resolver,
            description=description,
            extensions=[AllowOrExplain(access)],
            metadata={"access": access},
            graphql_type=result,
            **options,
        )

    return decorate


def subscription(*, description: str, who: Who, scope: str, **options: Any) -> Callable[..., Any]:
    """A field of Subscription: an async generator. It calls `check_access` itself, each time anew.

    Extensions of fields do not run for subscriptions, so the rule stands in the metadata alone.
    """
    access = Access(who, scope)

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(
            resolver=resolver, description=description, metadata={"access": access}, **options
        )

    return decorate


def field(*, description: str, **options: Any) -> Callable[[Any], Any]:
    """A field of a thing that is worked out when it is asked for."""

    def decorate(resolver: Any) -> Any:
        return strawberry.field(resolver=resolver, description=description, **options)

    return decorate


def guarded(
    sees: Sees, *, description: str, scope: str = ANY_SCOPE, **options: Any
) -> Callable[[Any], Any]:
    """A field of a thing that is empty for those whom it is not for; the type has `owners`.

    ``scope`` is for a field that leads into another area, as from a request to a person.
    """

    def decorate(resolver: Any) -> Any:
        return strawberry.field(
            resolver=resolver,
            description=description,
            extensions=[Guard(sees, scope)],
            metadata={**options.pop("metadata", {}), "sees": sees},
            **options,
        )

    return decorate


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
