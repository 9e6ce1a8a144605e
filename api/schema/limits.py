"""How big a GraphQL document may be: tokens, depth, aliases, directives, size of pages, cost.

Each rule walks every definition once, whatever the fragments do: what a fragment weighs is worked
out once and remembered, so a document that spreads fragments in fragments costs no more to check
than to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)

INTROSPECTION_FIELDS: Final = frozenset({"__schema", "__type"})
Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True)
class Limits:
    """The limits of one installation."""

    tokens: int = 1_000
    depth: int = 10
    introspection_depth: int = 16
    """What the usual tools need to read the whole schema."""
    aliases: int = 15
    directives: int = 30
    fragments: int = 40
    repeats: int = 60
    """So often one name may stand before a selection. Each pair of them is compared."""
    page: int = 100
    cost_anonymous: int = 1_000
    cost_signed_in: int = 5_000
    values_per_cost: int = 10
    """So many plain values may be asked for with each point of cost that one has."""

    def cost(self, *, signed_in: bool) -> int:
        """How much one operation may cost."""
        return self.cost_signed_in if signed_in else self.cost_anonymous


class TooBig(GraphQLError):
    """A document that asks for more than is given at once."""

    def __init__(self, code: str, message: str, node: Node | None = None) -> None:
        super().__init__(message, node, extensions={"code": code})


def find_fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def check_shape(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What can be said without a schema: depth, aliases and directives."""
    counts = _count(document)
    errors: list[GraphQLError] = [
        TooBig(
            f"too_many_{name}",
            f"This document has {count} {name}; {limit} are allowed. Send several smaller ones.",
        )
        for name, count, limit in (
            ("aliases", counts.aliases, limits.aliases),
            ("directives", counts.directives, limits.directives),
            ("fragments", counts.fragments, limits.fragments),
            ("repeats", max(counts.names.values(), default=0), limits.repeats),
        )
        if count > limit
    ]
    return errors or _check_depth(document, limits)


def _check_depth(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    depths = _Depths(find_fragments(document))
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        try:
            depth, introspection = depths.of(definition.selection_set)
        except RecursionError:
            depth, introspection = 1 + limits.depth, 0
        if depth > limits.depth or introspection > limits.introspection_depth:
            return [
                TooBig(
                    "too_deep",
                    f"This operation is nested deeper than {limits.depth} levels. "
                    "Ask for less at a time.",
                    definition,
                )
            ]
    return []


@dataclass
class _Counts:
    aliases: int = 0
    directives: int = 0
    fragments: int = 0
    names: Counter[str] = field(default_factory=Counter)
    """How often a name stands before a selection."""


def _count(document: DocumentNode) -> _Counts:
    counts = _Counts()
    for definition in document.definitions:
        counts.fragments += isinstance(definition, FragmentDefinitionNode)
        counts.directives += len(getattr(definition, "directives", None) or ())
        for variable in getattr(definition, "variable_definitions", None) or ():
            counts.directives += len(variable.directives or ())
        for selection in _walk(getattr(definition, "selection_set", None)):
            counts.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                counts.aliases += selection.alias is not None
                if selection.selection_set:
                    counts.names[(selection.alias or selection.name).value] += 1
    return counts


def _walk(
    selection_set: SelectionSetNode | None,
) -> Iterator[FieldNode | InlineFragmentNode | FragmentSpreadNode]:
    """Every selection as it is written, fragments not followed."""
    waiting = [selection_set] if selection_set else []
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode | InlineFragmentNode):
                yield selection
                if selection.selection_set:
                    waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                yield selection


class _Depths:
    """How deep selections go: that of the data, and that of questions about the schema."""

    def __init__(self, fragments: Fragments) -> None:
        self.fragments = fragments
        self.known: dict[str, tuple[int, int]] = {}

    def of(self, selection_set: SelectionSetNode | None) -> tuple[int, int]:
        depth = introspection = 0
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                below, inside = self.of(selection.selection_set)
                if selection.name.value in INTROSPECTION_FIELDS:
                    below, inside = 0, max(inside, below + 1)
            elif isinstance(selection, FragmentSpreadNode):
                below, inside = self.of_fragment(selection.name.value)
                below -= 1
            else:
                below, inside = self.of(getattr(selection, "selection_set", None))
                below -= 1
            depth = max(depth, below + 1)
            introspection = max(introspection, inside)
        return depth, introspection

    def of_fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            # A fragment that spreads itself is refused by the rules of the language.
            self.known[name] = (0, 0)
            fragment = self.fragments.get(name)
            self.known[name] = self.of(fragment.selection_set) if fragment else (0, 0)
        return self.known[name]
