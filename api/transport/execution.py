"""From a call to its answer: the same for HTTP, event streams and sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    OperationType,
    create_source_event_stream,
)
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from api.schema.costs import weigh
from api.schema.limits import TooBig
from api.transport.bodies import Call
from api.transport.documents import Document, DocumentStore, Operation
from api.transport.errors import TookTooLong, refuse_document
from api.transport.masking import (
    describe_field_error,
    describe_request_error,
)

OPERATION_LIMIT_S: Final = 10.0
MAX_COERCION_ERRORS: Final = 10

Answer = dict[str, Any]
MakeContext = Callable[[], Any]


@dataclass(frozen=True)
class Prepared:
    """An operation that may be carried out, with its price."""

    document: Document
    operation: Operation
    variables: dict[str, Any]
    cost: int
    cost_limit: int
    hide_suggestions: bool

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.kind

    @property
    def extensions(self) -> dict[str, Any]:
        """What every answer says of the price."""
        return {"cost": {"requested": self.cost, "limit": self.cost_limit}}


@dataclass(frozen=True)
class Engine:
    """Carries operations out on one schema."""

    schema: Schema
    documents: DocumentStore
    introspection: bool = False
    """Whether everybody may ask the schema about itself."""
    limit_s: float = OPERATION_LIMIT_S
    executor_class: type[Executor[Any]] = field(init=False)

    def __post_init__(self) -> None:
        if self.schema.extensions:
            raise ValueError(
                "This transport runs no extensions of a Strawberry schema: put what they do into "
                "the extensions of its fields."
            )
        kind = self.schema.execution_context_class or Executor
        object.__setattr__(self, "executor_class", kind)

    def prepare(self, call: Call, *, signed_in: bool) -> Prepared:
        """Read the document of a call, and see whether it may be carried out.

        Raises
        ------
        CallRefused
            With everything that is wrong with it.
        """
        hide = not (signed_in or self.introspection)
        document = self.documents.open(call.text, call.document_hash, hide_suggestions=hide)
        operation = document.find_operation(call.operation_name)
        if operation.total.uses_introspection and hide:
            raise refuse_document(
                [_say("introspection_off", "Sign in to ask the schema about itself.")]
            )
        limits = self.documents.limits
        limit = limits.cost(signed_in=signed_in)
        variables = dict(call.variables)
        try:
            weight = weigh(operation.total, {**operation.defaults, **variables}, limits)
        except TooBig as error:
            raise refuse_document([describe_request_error(error, "page_too_big")]) from None
        if weight.objects > limit:
            raise refuse_document(
                [
                    _say(
                        "too_costly",
                        f"This operation may return {weight.objects} things; at most {limit} come "
                        "at once. Ask for smaller pages, or for less on each.",
                    )
                ]
            )
        if weight.values > limit * limits.values_per_cost:
            raise refuse_document(
                [_say("too_costly", "This operation asks for too many values at once.")]
            )
        return Prepared(document, operation, variables, weight.objects, limit, hide)

    async def run(self, prepared: Prepared, context: Any) -> Answer:
        """Carry out a query or a mutation, in the time that one may take.

        Raises
        ------
        CallRefused
            When its variables cannot be used.
        TookTooLong
            When it was stopped.
        """
        executor = self._build(prepared, context)
        async with limit_time(self.limit_s):
            result = cast("Any", executor.execute_operation())
            if optimized_is_awaitable(result):
                result = await result
        return _answer(result, prepared)

    async def stream(
        self, prepared: Prepared, make_context: MakeContext
    ) -> AsyncGenerator[Answer, None]:
        """Carry out any operation; a subscription answers once for each event.

        Each event has a context of its own, so that nothing read for an earlier one is taken for
        the present.

        Raises
        ------
        CallRefused
            When its variables cannot be used.
        TookTooLong
            When it was stopped.
        """
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await self.run(prepared, make_context())
            return
        executor = self._build(prepared, make_context())
        async with limit_time(self.limit_s):
            source = cast("Any", create_source_event_stream(executor))
            if optimized_is_awaitable(source):
                source = await source
        if isinstance(source, ExecutionResult):
            yield _answer(source, prepared)
            return
        try:
            async for event in source:
                each = executor.build_per_event_executor(event)
                each.context_value = make_context()
                async with limit_time(self.limit_s):
                    result = cast("Any", each.execute_operation(False))
                    if optimized_is_awaitable(result):
                        result = await result
                yield _answer(result, prepared)
        except Exception as error:
            if isinstance(error, TookTooLong):
                raise
            located = GraphQLError(str(error), original_error=error)
            yield _answer(ExecutionResult(None, [located]), prepared)
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                await close()

    def _build(self, prepared: Prepared, context: Any) -> Executor[Any]:
        try:
            built = self.executor_class.build(
                self.documents.schema,
                prepared.document.tree,
                context_value=context,
                raw_variable_values=prepared.variables,
                operation_name=prepared.operation.name,
                max_coercion_errors=MAX_COERCION_ERRORS,
                is_awaitable=cast("Any", optimized_is_awaitable),
                hide_suggestions=prepared.hide_suggestions,
            )
        except GraphQLError as error:
            built = [error]
        except RecursionError:
            built = [GraphQLError("The variables are nested too deeply.")]
        if isinstance(built, list):
            raise refuse_document([describe_request_error(e, "invalid_variables") for e in built])
        return built


@asynccontextmanager
async def limit_time(limit_s: float) -> AsyncIterator[None]:
    """Stop what takes too long, and say so."""
    limit = asyncio.timeout(limit_s)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TookTooLong(
            f"This took longer than {limit_s:g} seconds and was stopped. Ask for less at a time."
        ) from None


def _answer(result: ExecutionResult, prepared: Prepared) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = [describe_field_error(error) for error in result.errors]
    answer["extensions"] = prepared.extensions
    return answer


def _say(code: str, message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code}}
