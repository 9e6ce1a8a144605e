"""What the planner of costs says is what unfolding every fragment would say."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode, parse
from hypothesis import given
from hypothesis import strategies as st

from api.schema.costs import DEFAULT_LIST, CostPlanner, weigh
from api.schema.limits import Limits, find_fragments
from tests.graphql_api.small_api import SCHEMA

PLAIN = ("number", "name")
LISTS = {"parts": DEFAULT_LIST, "legs": 3, "parent": 1}
FRAGMENTS = 4


def things(inner: st.SearchStrategy[str], spreads: list[str]) -> st.SearchStrategy[str]:
    pages = st.one_of(st.integers(0, 100).map(str), st.just("$n"))
    conditions = st.sampled_from(["", "@skip(if: $b)", "@include(if: $b)", "@include(if: false)"])
    nested = st.builds(
        lambda field, condition, below: f"{field} {condition} {{ number {below} }}",
        st.sampled_from(sorted(LISTS)),
        conditions,
        inner,
    )
    paged = st.builds(
        lambda page, condition, below: (
            f"things(first: {page}) {condition} {{ totalCount nodes {{ number {below} }} }}"
        ),
        pages,
        conditions,
        inner,
    )
    spread = (
        st.builds(
            lambda name, condition: f"...{name} {condition}", st.sampled_from(spreads), conditions
        )
        if spreads
        else st.nothing()
    )
    return st.lists(st.one_of(st.sampled_from(PLAIN), nested, paged, spread), max_size=3).map(
        " ".join
    )


@st.composite
def documents(draw: st.DrawFn) -> str:
    names: list[str] = []
    fragments = []
    for number in range(FRAGMENTS):
        inside = draw(things(things(st.just(""), names), names))
        fragments.append(f"fragment f{number} on Thing {{ number {inside} }}")
        names.append(f"f{number}")
    root = draw(things(things(st.just(""), names), names))
    query = f"query($n: Int!, $b: Boolean!) {{ thing {{ number {root} }} }}"
    return " ".join([query, *fragments])


def unfold(selection_set: SelectionSetNode, tree: Any, variables: dict[str, Any]) -> int:
    """The cost, worked out by walking all that there is."""
    cost = 0
    for selection in selection_set.selections:
        if not is_wanted(selection, variables):
            continue
        if isinstance(selection, FragmentSpreadNode):
            fragment = find_fragments(tree)[selection.name.value]
            cost += unfold(fragment.selection_set, tree, variables)
        elif isinstance(selection, FieldNode) and selection.selection_set:
            below = unfold(selection.selection_set, tree, variables)
            name = selection.name.value
            if name == "things":
                (argument,) = selection.arguments or ()
                given: Any = argument.value
                is_variable = given.kind == "variable"
                page = variables["n"] if is_variable else int(given.value)
                cost += 1 + page * below
            elif name == "nodes":
                cost += 1 + below
            else:
                cost += LISTS.get(name, 1) * (1 + below)
    return cost


def is_wanted(selection: Any, variables: dict[str, Any]) -> bool:
    for directive in selection.directives or ():
        (argument,) = directive.arguments
        value = argument.value
        chosen = variables["b"] if value.kind == "variable" else value.value
        if chosen == (directive.name.value == "skip"):
            return False
    return True


@given(text=documents(), n=st.integers(0, 100), b=st.booleans())
def test_cost_is_that_of_everything_unfolded(text: str, n: int, b: bool) -> None:
    tree = parse(text)
    planner = CostPlanner(SCHEMA._schema, find_fragments(tree), Limits())
    operation: Any = tree.definitions[0]
    variables = {"n": n, "b": b}
    weight = weigh(planner.plan(operation), variables, Limits())
    assert not planner.errors
    assert weight.objects == unfold(operation.selection_set, tree, variables)
