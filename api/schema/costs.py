"""What an operation costs: how many things its answer may hold.

Each object counts 1, times the sizes of the pages on the way to it: ``first``, or 20. A plain list
counts as 10 things unless its field says otherwise (``metadata={"items": 3}``), and a field that
is dear may add to it (``metadata={"cost": 50}``). Edges and ``pageInfo`` are free. Plain values
are counted apart, and only their number is limited.

A document is looked at once. What depends on variables is kept as a small sum, which each request
works out from its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from api.schema.limits import INTROSPECTION_FIELDS, Fragments, Limits, TooBig

DEFAULT_PAGE: Final = 20
DEFAULT_LIST: Final = 10
SCHEMA_COST: Final = 1_000
TYPE_COST: Final = 100
PAGE_ARGUMENTS: Final = ("first", "last")
_DEFINITION: Final = "strawberry-definition"

Variables = Mapping[str, Any]


class Weight(NamedTuple):
    """Objects and plain values: those that come once, and those that come with each item."""

    objects: int = 0
    values: int = 0
    item_objects: int = 0
    item_values: int = 0


NOTHING: Final = Weight()


@dataclass
class Sum:
    """The weight of a selection; worked out ahead when no variable decides."""

    parts: list[Part] = field(default_factory=list)
    fixed: Weight | None = None
    uses_introspection: bool = False


class Condition(NamedTuple):
    """``@skip`` or ``@include`` by a variable."""

    variable: str
    wanted: bool


@dataclass(frozen=True)
class Part:
    """One field, or one fragment, of a selection."""

    below: Sum
    own_objects: int = 0
    own_values: int = 0
    times: int = 1
    page_variable: str | None = None
    counts_below_once: bool = False
    """Of a connection: only what its lists hold comes with each item."""
    per_item: bool = False
    """Stands in a connection's list, so that the connection's page size multiplies it."""
    spread: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def is_fixed(self) -> bool:
        return not self.conditions and self.page_variable is None and self.below.fixed is not None


def weigh(total: Sum, variables: Variables, limits: Limits) -> Weight:
    """What a selection weighs with these variables.

    Raises
    ------
    TooBig
        When a variable asks for a page that is too big.
    """
    return _weigh(total, variables, limits, {})


def _weigh(total: Sum, variables: Variables, limits: Limits, known: dict[int, Weight]) -> Weight:
    if total.fixed is not None:
        return total.fixed
    found = known.get(id(total))
    if found is not None:
        return found
    objects = values = item_objects = item_values = 0
    for part in total.parts:
        if any(variables.get(name) is (not wanted) for name, wanted in part.conditions):
            continue
        weight = _weigh_part(part, _weigh(part.below, variables, limits, known), variables, limits)
        objects += weight.objects
        values += weight.values
        item_objects += weight.item_objects
        item_values += weight.item_values
    known[id(total)] = Weight(objects, values, item_objects, item_values)
    return known[id(total)]


def _weigh_part(part: Part, below: Weight, variables: Variables, limits: Limits) -> Weight:
    if part.spread:
        return below
    times = part.times
    if part.page_variable is not None:
        given = variables.get(part.page_variable)
        if isinstance(given, int) and not isinstance(given, bool):
            times = _check_page(given, limits)
    if part.counts_below_once:
        objects = part.own_objects + below.objects + times * below.item_objects
        values = part.own_values + below.values + times * below.item_values
    else:
        objects = times * (part.own_objects + below.objects + below.item_objects)
        values = times * (part.own_values + below.values + below.item_values)
    return Weight(0, 0, objects, values) if part.per_item else Weight(objects, values)


def _check_page(size: int, limits: Limits, node: Any = None) -> int:
    if size > limits.page:
        raise TooBig(
            "page_too_big",
            f"A page of {size} was asked for; at most {limits.page} things come at once.",
            node,
        )
    return max(size, 0)


class CostPlanner:
    """Makes the sums of one valid document."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, limits: Limits) -> None:
        self.schema = schema
        self.fragments = fragments
        self.limits = limits
        self.known: dict[str, Sum] = {}
        self.errors: list[GraphQLError] = []

    def plan(self, operation: OperationDefinitionNode) -> Sum:
        """The sum of an operation."""
        root = self.schema.get_root_type(operation.operation)
        return self._sum(operation.selection_set, root) if root else Sum(fixed=NOTHING)

    def _sum(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType) -> Sum:
        total = Sum()
        for selection in selection_set.selections:
            part = self._part(selection, parent)
            if part is not None:
                total.parts.append(part)
                total.uses_introspection |= part.below.uses_introspection
        if all(part.is_fixed for part in total.parts):
            total.fixed = _weigh(total, {}, self.limits, {})
            total.parts = []
        return total

    def _part(self, selection: SelectionNode, parent: GraphQLCompositeType) -> Part | None:
        conditions = _find_conditions(selection.directives)
        if conditions is None:
            return None
        if isinstance(selection, FieldNode):
            return self._field(selection, parent, conditions)
        if isinstance(selection, FragmentSpreadNode):
            below = self._fragment(selection.name.value)
            return Part(below, spread=True, conditions=conditions)
        if isinstance(selection, InlineFragmentNode):
            kind = parent
            if selection.type_condition is not None:
                kind = self._type(selection.type_condition.name.value) or parent
            below = self._sum(selection.selection_set, kind)
            return Part(below, spread=True, conditions=conditions)
        return None

    def _fragment(self, name: str) -> Sum:
        if name not in self.known:
            fragment = self.fragments[name]
            kind = self._type(fragment.type_condition.name.value)
            self.known[name] = (
                self._sum(fragment.selection_set, kind) if kind else Sum(fixed=NOTHING)
            )
        return self.known[name]

    def _type(self, name: str) -> GraphQLCompositeType | None:
        found = self.schema.get_type(name)
        return found if found is not None and is_composite_type(found) else None

    def _field(
        self, node: FieldNode, parent: GraphQLCompositeType, conditions: tuple[Condition, ...]
    ) -> Part | None:
        name = node.name.value
        if name in INTROSPECTION_FIELDS:
            own = SCHEMA_COST if name == "__schema" else TYPE_COST
            below = Sum(fixed=NOTHING, uses_introspection=True)
            return Part(below, own_objects=own, conditions=conditions)
        if not (is_object_type(parent) or is_interface_type(parent)) or name not in parent.fields:
            return Part(Sum(fixed=NOTHING), own_values=1, conditions=conditions)
        definition = parent.fields[name]
        kind = get_named_type(definition.type)
        extra, items = _find_hints(definition)
        is_list = is_list_type(get_nullable_type(definition.type))
        in_connection = _is_connection(parent)
        if not is_composite_type(kind) or node.selection_set is None:
            return Part(Sum(fixed=NOTHING), own_objects=extra, own_values=1, conditions=conditions)
        below = self._sum(node.selection_set, kind)
        is_free = kind.name == "PageInfo" or kind.name.endswith("Edge")
        times, variable = self._page(node, definition)
        if times is None:
            times = items if is_list and not in_connection else 1
        return Part(
            below,
            own_objects=extra + (0 if is_free else 1),
            times=times,
            page_variable=variable,
            counts_below_once=_is_connection(kind),
            per_item=is_list and in_connection,
            conditions=conditions,
        )

    def _page(self, node: FieldNode, definition: GraphQLField) -> tuple[int | None, str | None]:
        """How many things a page holds, or the variable that says so; None for no page."""
        if not any(name in definition.args for name in PAGE_ARGUMENTS):
            kind = get_named_type(definition.type)
            return (DEFAULT_PAGE if _is_connection(kind) else None), None
        for argument in node.arguments or ():
            if argument.name.value not in PAGE_ARGUMENTS:
                continue
            if isinstance(argument.value, IntValueNode):
                try:
                    return _check_page(int(argument.value.value), self.limits, argument), None
                except TooBig as error:
                    self.errors.append(error)
                    return 0, None
            if isinstance(argument.value, VariableNode):
                return DEFAULT_PAGE, argument.value.name.value
        return DEFAULT_PAGE, None


def find_root_fields(selections: Sequence[SelectionNode], fragments: Fragments) -> Iterator[str]:
    """The names of the fields at the root of an operation, as often as they stand there."""
    waiting = list(selections)
    seen: set[str] = set()
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            waiting.extend(selection.selection_set.selections)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            waiting.extend(fragments[selection.name.value].selection_set.selections)


def _find_conditions(
    directives: Sequence[DirectiveNode] | None,
) -> tuple[Condition, ...] | None:
    """The conditions that variables decide; None when the selection is left out in any case."""
    conditions = []
    for directive in directives or ():
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        wanted = name == "include"
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                conditions.append(Condition(argument.value.name.value, wanted))
            elif isinstance(argument.value, BooleanValueNode) and argument.value.value != wanted:
                return None
    return tuple(conditions)


def _find_hints(definition: GraphQLField) -> tuple[int, int]:
    metadata = getattr(definition.extensions.get(_DEFINITION), "metadata", None) or {}
    return metadata.get("cost", 0), metadata.get("items", DEFAULT_LIST)


def _is_connection(kind: Any) -> bool:
    return is_object_type(kind) and "pageInfo" in kind.fields
