"""Documents that were read before: parsed, checked and weighed once, then kept.

The trusted ones, named by ``graphql/manifest.json``, are kept for good; of the others those used
last, and no more of them than a bounded part of the memory holds.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from graphql import (
    BooleanValueNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.schema.costs import CostPlanner, Sum, find_root_fields
from api.schema.limits import Limits, check_shape, find_fragments
from api.transport.errors import refuse_call, refuse_document
from api.transport.masking import describe_request_error

MAX_KEPT_TOKENS: Final = 60_000
"""Of all documents together, about 40 MB."""
MAX_KEPT_LENGTH: Final = 20_000
"""Of one document: a longer one holds long texts, and is read again each time."""
MAX_ERRORS: Final = 20
RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_NUL: Final = re.compile(r"\x00|\\u(?:0000|\{0+\})")


@dataclass(frozen=True)
class Operation:
    """One operation of a document that is valid."""

    name: str | None
    kind: OperationType
    total: Sum
    defaults: Mapping[str, Any]
    """Of variables, for those that decide about the cost."""
    root_fields: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A document that is valid, and small enough."""

    tree: DocumentNode
    operations: Mapping[str | None, Operation]

    def find_operation(self, name: str | None) -> Operation:
        """The operation that the caller means.

        Raises
        ------
        CallRefused
            When there is none of this name, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise refuse_call(
                "operation_name_missing",
                f"This document holds {len(self.operations)} operations: "
                "say with `operationName` which one is meant.",
            )
        if name not in self.operations:
            raise refuse_call(
                "operation_name_unknown", "This document has no operation of that `operationName`."
            )
        return self.operations[name]


def hash_document(text: str) -> str:
    """The name of a text: SHA-256 of its UTF-8 bytes, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


@dataclass
class DocumentStore:
    """Reads documents, and remembers the valid ones."""

    schema: GraphQLSchema
    limits: Limits = field(default_factory=Limits)
    trusted: Mapping[str, str] = field(default_factory=dict)
    """Text by hash."""
    only_trusted: bool = False
    max_kept_tokens: int = MAX_KEPT_TOKENS
    kept: OrderedDict[str, Document] = field(default_factory=OrderedDict)
    kept_trusted: dict[str, Document] = field(default_factory=dict)
    kept_tokens: int = 0

    def open(
        self, text: str | None, document_hash: str | None, *, hide_suggestions: bool
    ) -> Document:
        """The document of a call, by its text or by the hash of a trusted one.

        Raises
        ------
        CallRefused
            With everything that is wrong with it.
        """
        if text is None:
            key = document_hash or ""
            text = self.trusted.get(key)
            if text is None:
                raise refuse_call(
                    "document_unknown",
                    "PersistedQueryNotFound: no trusted document has this hash. "
                    "Send the document itself, or one of the list.",
                )
        else:
            key = hash_document(text)
            if document_hash is not None and document_hash != key:
                raise refuse_call("document_hash_wrong", "The hash is not that of `query`.")
        is_trusted = key in self.trusted
        if self.only_trusted and not is_trusted:
            raise refuse_call(
                "document_not_trusted",
                "This installation takes only the documents of its own list "
                "(graphql/manifest.json).",
            )
        found = self.kept_trusted.get(key) or self.kept.get(key)
        if found is None:
            found = self._read(text, hide_suggestions=hide_suggestions)
            self._keep(key, text, found, is_trusted=is_trusted)
        elif not is_trusted:
            self.kept.move_to_end(key)
        return found

    def _read(self, text: str, *, hide_suggestions: bool) -> Document:
        tree = self._parse(text)
        errors = check_shape(tree, self.limits) or validate(
            self.schema, tree, RULES, max_errors=MAX_ERRORS, hide_suggestions=hide_suggestions
        )
        if errors:
            raise refuse_document([describe_request_error(e, "invalid_document") for e in errors])
        planner = CostPlanner(self.schema, find_fragments(tree), self.limits)
        operations = {
            operation.name: operation
            for operation in (
                _plan(definition, planner)
                for definition in tree.definitions
                if isinstance(definition, OperationDefinitionNode)
            )
        }
        if planner.errors:
            raise refuse_document(
                [describe_request_error(e, "invalid_document") for e in planner.errors]
            )
        return Document(tree, operations)

    def _parse(self, text: str) -> DocumentNode:
        if _NUL.search(text):
            raise refuse_call("bad_text", "This document holds U+0000, which is no character.")
        try:
            return parse(text, max_tokens=self.limits.tokens)
        except RecursionError:
            error = GraphQLError("This document is nested too deeply.")
        except GraphQLError as found:
            error = found
        raise refuse_document([describe_request_error(error, "syntax_error")])

    def _keep(self, key: str, text: str, document: Document, *, is_trusted: bool) -> None:
        if is_trusted:
            self.kept_trusted[key] = document
            return
        if len(text) > MAX_KEPT_LENGTH:
            return
        self.kept[key] = document
        self.kept_tokens += _count_tokens(document)
        while self.kept_tokens > self.max_kept_tokens:
            _, dropped = self.kept.popitem(last=False)
            self.kept_tokens -= _count_tokens(dropped)


def _count_tokens(document: Document) -> int:
    return max(document.tree.token_count, 1)


def _plan(definition: OperationDefinitionNode, planner: CostPlanner) -> Operation:
    defaults: dict[str, Any] = {}
    for variable in definition.variable_definitions or ():
        default = variable.default_value
        name = variable.variable.name.value
        if isinstance(default, IntValueNode):
            defaults[name] = int(default.value)
        elif isinstance(default, BooleanValueNode):
            defaults[name] = default.value
    return Operation(
        name=definition.name.value if definition.name else None,
        kind=definition.operation,
        total=planner.plan(definition),
        defaults=defaults,
        root_fields=tuple(find_root_fields(definition.selection_set.selections, planner.fragments)),
    )
