"""What people send who wish a server ill: one table, for HTTP and for sockets."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Hostile:
    """One request, or one message on a socket."""

    name: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    method: str = "POST"
    path: str = "/graphql"


def query(name: str, text: str, **more: Any) -> Hostile:
    return Hostile(name, json.dumps({"query": text, **more}).encode())


def nest(name: str, times: int) -> str:
    return f"{{{name}" * times + "{__typename}" + "}" * times


def spread(levels: int, width: int, field_name: str = "") -> str:
    """Fragments in fragments: each level makes it ``width`` times as much."""
    parts = []
    for level in range(levels):
        spreads = f"...f{level + 1} " * width
        inside = f"{field_name} {{ {spreads} }}" if field_name else spreads
        parts.append(f"fragment f{level} on Query {{ {inside} }}")
    return "{ ...f0 } " + " ".join(parts) + f" fragment f{levels} on Query {{ __typename }}"


def circle(size: int) -> str:
    parts = [f"fragment f{n} on Query {{ ...f{(n + 1) % size} }}" for n in range(size)]
    return "{ ...f0 } " + " ".join(parts)


def connections(levels: int, first: int) -> str:
    inside = "{ nodes { id } }"
    for _ in range(levels):
        inside = f"{{ nodes {{ id requests(first: {first}) {inside} }} }}"
    return f"{{ communities(first: {first}) {inside} }}"


DEEP = "[" * 100_000 + "]" * 100_000
HELLO = "{ __typename }"

HOSTILE: tuple[Hostile, ...] = (
    # Much for little: nesting, aliases, pages.
    query("nested connections", connections(6, 100)),
    query("nested pages", connections(2, 100)),
    query("nested fields", "{ a " + nest("b", 60) + "}"),
    query("nested beyond the parser", "{ a " + nest("b", 400) + "}"),
    query("nested inline fragments", "{" + "... {" * 190 + "__typename" + "}" * 190 + "}"),
    query("page of a million", "{ communities(first: 1000000) { nodes { id } } }"),
    query(
        "page by variable",
        "query($n: Int!) { communities(first: $n) { nodes { id } } }",
        variables={"n": 2**31 - 1},
    ),
    query("page below nothing", "{ communities(first: -2147483648) { nodes { id } } }"),
    query("aliases", "{" + " ".join(f"a{n}: __typename" for n in range(101)) + "}"),
    query(
        "aliases of lists",
        "{"
        + " ".join(f"a{n}: communities(first: 100) {{ nodes {{ id }} }}" for n in range(40))
        + "}",
    ),
    query("one field a thousand times", "{" + "__typename " * 996 + "}"),
    query("one list many times", "{" + "communities { nodes { id } } " * 120 + "}"),
    query(
        "mutations by alias",
        "mutation {" + " ".join(f"a{n}: signOut {{ __typename }}" for n in range(50)) + "}",
    ),
    # Fragments.
    query("fragment bomb", spread(35, 3)),
    query("fragment bomb, wide", spread(12, 40)),
    query("fragment bomb, long", spread(110, 2)),
    query("fragment bomb with fields", spread(30, 2, "viewer")),
    query("fragment in itself", "{ ...f } fragment f on Query { ...f }"),
    query("fragments in a circle", circle(39)),
    query("fragments in a big circle", circle(120)),
    query(
        "two hundred fragments",
        "{"
        + " ".join(f"...f{n}" for n in range(90))
        + "}"
        + " ".join(f"fragment f{n} on Query {{ a }}" for n in range(90)),
    ),
    # Long.
    query("ten thousand tokens", "{" + "a " * 10_000 + "}"),
    query("comments", "{ a }" + "#x\n" * 50_000),
    query("commas", "{ a " + "," * 200_000 + "}"),
    query("directives", "{ __typename " + "@aa" * 900 + "}"),
    query("directives on the operation", "query " + "@include(if: true) " * 150 + "{ __typename }"),
    query("variables", "query(" + " ".join(f"$v{n}: Int" for n in range(240)) + ") { __typename }"),
    query("one long name", "{ " + "a" * 200_000 + " }"),
    query("one long text", '{ __type(name: "' + "x" * 200_000 + '") { name } }'),
    query("one long number", "{ communities(first: " + "9" * 100_000 + ") { nodes { id } } }"),
    query(
        "lists in an argument",
        "{ communities(first: " + "[" * 190 + "]" * 190 + ") { nodes { id } } }",
    ),
    # The schema about itself.
    query(
        "schema in circles",
        "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + "} }" * 4 + "} }",
    ),
    query(
        "schema fifteen times",
        "{"
        + " ".join(f"a{n}: __schema {{ types {{ name fields {{ name }} }} }}" for n in range(15))
        + "}",
    ),
    # Bodies that are no GraphQL requests.
    Hostile("batch", json.dumps([{"query": HELLO}] * 1_000).encode()),
    Hostile("300 KB", json.dumps({"query": HELLO, "variables": {"a": "x" * 300_000}}).encode()),
    Hostile("4 MB", b'{"query":"' + b"a" * 4_000_000 + b'"}'),
    Hostile("deep JSON", DEEP.encode()),
    Hostile("deep variables", f'{{"query":"{HELLO}","variables":{{"a":{DEEP}}}}}'.encode()),
    Hostile("deep extensions", f'{{"query":"{HELLO}","extensions":{{"a":{DEEP}}}}}'.encode()),
    Hostile("huge number", b'{"query":"{ __typename }","variables":{"a":' + b"9" * 200_000 + b"}}"),
    Hostile("number beyond all", b'{"query":"{ __typename }","variables":{"a":1e99999}}'),
    Hostile("NaN", b'{"query":"{ __typename }","variables":{"a":NaN}}'),
    Hostile("names twice", b'{"query":"{ __typename }","query":"{ a }"}'),
    Hostile("invalid UTF-8", b'{"query":"{ __typename }\xff\xfe"}'),
    Hostile("UTF-16", json.dumps({"query": HELLO}).encode("utf-16")),
    Hostile("half a character", b'{"query":"{ __typename }","variables":{"a":"\\ud800"}}'),
    Hostile("half a character in the document", b'{"query":"{ a(b: \\"\\ud800\\") }"}'),
    query("half a character, escaped twice", '{ __type(name: "\\ud800") { name } }'),
    query("zero character", "{ __typename \x00 }"),
    query("zero character, escaped", '{ __type(name: "\\u0000") { name } }'),
    Hostile("nothing", b""),
    Hostile("not JSON", b"query { __typename }"),
    Hostile("a number", b"7"),
    Hostile("wrong kinds", b'{"query":{"a":1},"variables":[],"operationName":7}'),
    Hostile("gzip", gzip.compress(b"x" * 1_000_000), {**JSON, "Content-Encoding": "gzip"}),
    Hostile("gzip unsaid", gzip.compress(json.dumps({"query": HELLO}).encode())),
    Hostile("many encodings", b"{}", {**JSON, "Content-Encoding": ", ".join(["gzip"] * 500)}),
    Hostile(
        "a form", b"query=%7B__typename%7D", {"Content-Type": "application/x-www-form-urlencoded"}
    ),
    Hostile("plain text", json.dumps({"query": HELLO}).encode(), {"Content-Type": "text/plain"}),
    Hostile(
        "files",
        b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n'
        b'{"query":"{__typename}"}\r\n--x--',
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    Hostile("no type", json.dumps({"query": HELLO}).encode(), {}),
    Hostile(
        "long Accept",
        json.dumps({"query": HELLO}).encode(),
        {**JSON, "Accept": "a/b;q=0.1," * 1_000},
    ),
    Hostile(
        "odd Accept",
        json.dumps({"query": HELLO}).encode(),
        {**JSON, "Accept": ";;;=,,q=,*/*;q=x;charset"},
    ),
    Hostile(
        "stream of nothing",
        json.dumps({"query": "{"}).encode(),
        {**JSON, "Accept": "text/event-stream"},
    ),
    query("two operations", "query A { __typename } query B { __typename }"),
    query("hundreds of operations", " ".join(f"query A{n} {{ a }}" for n in range(190))),
    query("operation unknown", HELLO, operationName="x" * 100_000),
    query(
        "hash unknown", "", extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    ),
    query("hash of the wrong kind", "", extensions={"persistedQuery": [1] * 1_000}),
    query("a thousand variables", HELLO, variables={f"v{n}": n for n in range(10_000)}),
    Hostile("by GET", b"", {}, "GET", "/graphql?query=%7B__typename%7D"),
    Hostile(
        "mutation by GET", b"", {}, "GET", "/graphql?query=mutation%7BsignOut%7B__typename%7D%7D"
    ),
    Hostile(
        "wrong token",
        json.dumps({"query": HELLO}).encode(),
        {**JSON, "Authorization": "Bearer " + "x" * 4_000},
    ),
    Hostile(
        "wrong cookie",
        json.dumps({"query": HELLO}).encode(),
        {**JSON, "Cookie": "talkoot=" + "x" * 3_000},
    ),
)

FRAMES: tuple[tuple[str, tuple[str | bytes, ...]], ...] = (
    ("batch", ('[{"type":"connection_init"}]',)),
    ("deep", ("[" * 30_000,)),
    ("deep payload", ('{"type":"connection_init","payload":' + "[" * 15_000 + "]" * 15_000 + "}",)),
    ("bytes", (b"\x00\xff" * 100,)),
    ("100 KB", ('{"type":"ping","payload":{"a":"' + "x" * 100_000 + '"}}',)),
    ("half a character", ('{"type":"ping","payload":{"a":"\\ud800"}}',)),
    ("not JSON", ("hello",)),
    ("many pings", ('{"type":"ping"}',) * 2_000),
    ("two inits", ('{"type":"connection_init"}',) * 2),
    ("too early", ('{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"}}',)),
    (
        "bomb",
        (
            '{"type":"connection_init"}',
            json.dumps({"id": "1", "type": "subscribe", "payload": {"query": spread(35, 3)}}),
        ),
    ),
    (
        "no id",
        ('{"type":"connection_init"}', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'),
    ),
    ("id of the wrong kind", ('{"type":"connection_init"}', '{"id":{},"type":"complete"}')),
)
"""Messages that a socket gets one after the other."""
