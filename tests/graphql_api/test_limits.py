"""How big a document may be, and what it costs."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from graphql import get_introspection_query, parse

from api.schema.limits import Limits, check_shape
from api.transport.bodies import Call
from api.transport.documents import DocumentStore
from api.transport.errors import CallRefused
from api.transport.execution import Engine, Prepared
from tests.graphql_api.small_api import SCHEMA

ENGINE = Engine(SCHEMA, DocumentStore(SCHEMA._schema))


def prepare(
    text: str, *, signed_in: bool = True, name: str | None = None, **variables: object
) -> Prepared:
    return ENGINE.prepare(Call(text, None, name, variables), signed_in=signed_in)


def refusal(text: str, *, signed_in: bool = True, **variables: object) -> str:
    with pytest.raises(CallRefused) as refused:
        prepare(text, signed_in=signed_in, **variables)
    code: str = refused.value.errors[0]["extensions"]["code"]
    return code


def nested(depth: int) -> str:
    return "{thing" + "{parent" * (depth - 2) + "{number}" + "}" * (depth - 2) + "}"


def bomb(levels: int, width: int = 3) -> str:
    """A document whose fragments spread each other: small to write, huge when unfolded."""
    fragments = [
        f"fragment f{n} on Thing {{" + f"...f{n + 1} " * width + "}" for n in range(levels)
    ]
    return "{thing{...f0}} " + " ".join(fragments) + f" fragment f{levels} on Thing {{number}}"


def wide_bomb(levels: int) -> str:
    """Likewise, with fields between: each level multiplies what is returned."""
    fragments = [
        f"fragment f{n} on Thing {{a: parent{{...f{n + 1}}} b: parent{{...f{n + 1}}}}}"
        for n in range(levels)
    ]
    return "{thing{...f0}} " + " ".join(fragments) + f" fragment f{levels} on Thing {{number}}"


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{hello}", 0),
        ("{thing{number name}}", 1),
        ("{thing{number parent{number}}}", 2),
        ("{things{nodes{number}}}", 21),
        ("{things(first:5){nodes{number}}}", 6),
        ("{things(first:5){edges{cursor node{number}}}}", 6),
        ("{things(first:5){totalCount pageInfo{hasNextPage}}}", 1),
        ("{things(first:5){nodes{parent{number}}}}", 11),
        ("{things(first:5){nodes{things(first:4){nodes{number}}}}}", 1 + 5 * (1 + 1 + 4)),
        ("{things(first:0){nodes{number}}}", 1),
        ("{things(first:-3){nodes{number}}}", 1),
        ("{thing{parts{number}}}", 1 + 10),
        ("{thing{legs{number parent{number}}}}", 1 + 3 * 2),
        ("{thing{dear}}", 51),
        ("{a:thing{number} b:thing{number}}", 2),
        ("{thing{...F parent{...F}}} fragment F on Thing {legs{number}}", 1 + 3 + 1 + 3),
        ("{things(first:2){...C}} fragment C on ThingConnection {nodes{number} totalCount}", 3),
        ("{thing{... on Thing{number} ...{parent{number}}}}", 2),
        ("{thing{number parent @skip(if:true){number}}}", 1),
        ("{thing{number parent @include(if:false){number}}}", 1),
        ("{thing{number parent @include(if:true){number}}}", 2),
        ("{__typename}", 0),
        ('{__type(name:"Thing"){name fields{name}}}', 100),
        ("{__schema{types{name}}}", 1_000),
        ('mutation{rename(name:"x")}', 0),
        ("subscription{contexts{number}}", 1),
    ],
)
def test_cost_is_what_may_be_returned(text: str, cost: int) -> None:
    assert prepare(text).cost == cost


def test_cost_by_variables() -> None:
    text = """
    query($n: Int! = 7, $m: Int! = 20, $with: Boolean! = false, $without: Boolean! = false) {
      things(first: $n) {
        nodes { ...More @include(if: $with) legs @skip(if: $without) { number } }
      }
    }
    fragment More on Thing {
      things(first: 2) { nodes { number } }
      x: things(first: $m) { totalCount }
    }"""
    assert prepare(text).cost == 1 + 7 * (1 + 3)
    assert prepare(text, n=2).cost == 1 + 2 * (1 + 3)
    assert prepare(text, n=2, without=True).cost == 1 + 2
    assert prepare(text, n=2, **{"with": True}).cost == 1 + 2 * (1 + 3 + 3 + 1)
    assert refusal(text, n=101) == "page_too_big"
    assert refusal(text, n=100, m=101, **{"with": True}) == "page_too_big"
    # What is skipped is not asked for.
    assert prepare(text, n=100, m=101).cost == 1 + 100 * 4


def test_each_operation_of_a_document_has_its_own_cost() -> None:
    text = """
    query A {thing{number}}
    query B($n: Int!) {things(first:$n){nodes{number}}}
    query C {hello}"""
    assert prepare(text, name="A").cost == 1
    assert prepare(text, name="B", n=30).cost == 31
    assert prepare(text, name="B", n=3).cost == 4
    assert prepare(text, name="C").cost == 0


def test_cost_has_a_limit_for_everybody_and_one_for_those_signed_in() -> None:
    text = "{things(first:100){nodes{things(first:%d){nodes{number}}}}}"
    assert prepare(text % 47).cost == 4_901
    assert prepare(text % 47).cost_limit == 5_000
    assert refusal(text % 48) == "too_costly"
    assert prepare(text % 7, signed_in=False).cost == 901
    assert refusal(text % 8, signed_in=False) == "too_costly"


def test_values_are_limited_too() -> None:
    names = " ".join(f"n{n}:name" for n in range(15))
    text = "{things(first:28){nodes{legs{parts{%s}}}}}"
    assert prepare(text % "name", signed_in=False).cost == 1 + 28 * (1 + 3 * (1 + 10))
    assert refusal(text % names, signed_in=False) == "too_costly"
    assert prepare(text % names)


def test_depth() -> None:
    assert prepare(nested(10))
    assert refusal(nested(11)) == "too_deep"
    assert refusal(nested(60)) == "too_deep"
    spread = "{thing{...A}} fragment A on Thing {parent{parent{parent{parent{...B}}}}} "
    assert prepare(spread + "fragment B on Thing {parent{parent{parent{number}}}}")
    assert refusal(
        spread + "fragment B on Thing {parent{parent{parent{parent{parent{number}}}}}}"
    ) == ("too_deep")
    assert refusal("{thing{...{...{...{" + nested(11)[1:] + "}}}}") in ("too_deep", "syntax_error")


def test_aliases() -> None:
    fields = " ".join(f"a{n}:hello" for n in range(15))
    assert prepare("{" + fields + "}")
    assert refusal("{b:hello " + fields + "}") == "too_many_aliases"
    assert refusal("{...F b:hello} fragment F on Query {" + fields + "}") == "too_many_aliases"


def test_directives() -> None:
    conditional = "... @include(if:true) {hello} "
    assert prepare("{" + conditional * 30 + "}")
    assert refusal("{" + conditional * 31 + "}") == "too_many_directives"
    assert refusal("{hello " + "@aa" * 400 + "}") == "too_many_directives"
    assert refusal("query " + "@aa" * 40 + "{hello}") == "too_many_directives"
    variables = "$a: Int " + "@aa" * 40
    assert refusal("query(" + variables + "){hello}") == "too_many_directives"


def test_fragments_and_repeats() -> None:
    def with_fragments(count: int) -> str:
        spreads = "".join(f"...f{n} " for n in range(count))
        return (
            "{" + spreads + "}" + "".join(f"fragment f{n} on Query{{hello}}" for n in range(count))
        )

    assert prepare(with_fragments(40))
    assert refusal(with_fragments(41)) == "too_many_fragments"
    assert prepare("{" + "thing{number}" * 60 + "}")
    assert refusal("{" + "thing{number}" * 61 + "}") == "too_many_repeats"


def test_tokens() -> None:
    names = ",".join(f'"{n}"' for n in range(990))
    assert refusal("{hello(name:[" + names + "])}") == "invalid_document"
    assert refusal("{hello(name:[" + names + ',"","","","",""])}') == "syntax_error"
    assert refusal("{hello" + "\n#x" * 5_000 + "}") == "syntax_error"


def count_calls(work: Callable[[], object]) -> int:
    """How many functions are called: a measure of work that no busy machine disturbs."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())


def answer_or_refuse(text: str) -> None:
    with suppress(CallRefused):
        prepare(text)


@pytest.mark.parametrize(
    "text",
    [
        bomb(20),
        bomb(38),
        bomb(100, 2),
        bomb(30, 10),
        wide_bomb(7),
        wide_bomb(38),
        "{" + "thing{number}" * 60 + "parent{number}" * 60 + "}",
        "{thing{"
        + "".join(f"...f{n} " for n in range(39))
        + "}}"
        + "".join(f"fragment f{n} on Thing{{number parent{{number}}}}" for n in range(39)),
    ],
    ids=["20", "38", "100", "wide", "doubling", "doubling far", "repeats", "spreads"],
)
def test_fragment_bombs_cost_no_work(text: str) -> None:
    assert 100 < count_calls(lambda: answer_or_refuse(text)) < 400_000


def test_shape_is_linear_in_the_document() -> None:
    def calls(levels: int) -> int:
        tree = parse(bomb(levels))
        return count_calls(lambda: check_shape(tree, Limits()))

    assert calls(80) < 12 * calls(10)


@pytest.mark.parametrize(
    "text",
    [
        "{thing{...A}} fragment A on Thing {...A}",
        "{thing{...A}} fragment A on Thing {parent{...B}} fragment B on Thing {parent{...A}}",
        "{...Q} fragment Q on Query {...Q thing{number}}",
    ],
)
def test_circles_are_refused(text: str) -> None:
    assert refusal(text) == "invalid_document"


def test_introspection_is_for_those_signed_in() -> None:
    assert refusal("{__schema{types{name}}}", signed_in=False) == "introspection_off"
    assert refusal('{...F} fragment F on Query {__type(name:"Thing"){name}}', signed_in=False) == (
        "introspection_off"
    )
    assert prepare("{__typename thing{__typename}}", signed_in=False)
    open_engine = Engine(SCHEMA, DocumentStore(SCHEMA._schema), introspection=True)
    assert open_engine.prepare(Call("{__schema{types{name}}}"), signed_in=False)


def test_the_usual_tools_can_read_the_schema() -> None:
    assert prepare(get_introspection_query()).cost == 1_000


def test_suggestions_are_for_those_signed_in() -> None:
    with pytest.raises(CallRefused) as refused:
        prepare("{thingss{number}}", signed_in=False)
    assert "Did you mean" not in str(refused.value)
    with pytest.raises(CallRefused) as refused:
        prepare("{thingss{number}}")
    assert "Did you mean" in str(refused.value)


def test_which_operation() -> None:
    two = "query A {hello} query B {hello}"
    assert refusal(two) == "operation_name_missing"
    assert prepare(two, name="B").operation.name == "B"
    with pytest.raises(CallRefused, match="no operation"):
        prepare(two, name="C")
    with pytest.raises(CallRefused, match="no operation"):
        prepare("{hello}", name="")
    assert refusal("fragment F on Query {hello}") == "invalid_document"


def test_mutations_are_counted_by_field() -> None:
    prepared = prepare(
        'mutation {a:rename(name:"a") ...F} fragment F on Mutation {b:rename(name:"b") __typename}'
    )
    assert sorted(prepared.operation.root_fields) == ["__typename", "rename", "rename"]
