"""``talkoot graphql``: the published schema and the trusted documents, written and compared."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from graphql import GraphQLError, build_schema, find_breaking_changes

from api.schema.limits import Limits
from api.transport.bodies import Call
from api.transport.contract import (
    MANIFEST,
    ROOT,
    SCHEMA,
    find_folder,
    make_manifest,
    read_documents,
)
from api.transport.documents import DocumentStore
from api.transport.errors import CallRefused
from api.transport.execution import Engine
from api.transport.house import house_schema
from core.errors import InvalidInput

DIFFERENT = 1
ANONYMOUS = "everybody/"
"""Documents for those who need not sign in."""


class InvalidDocument(InvalidInput):
    """A document of the contract does not go with the schema or the limits."""

    code = "invalid_document"


@click.group("graphql")
def graphql_group() -> None:
    """The contract of the GraphQL API: schema.graphql, operations and their manifest."""


@graphql_group.command("export")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the contract stands; graphql/ of this installation by default.",
)
@click.option("--check", is_flag=True, help="Write nothing; tell what differs, and end with 1.")
def export(folder: Path | None, check: bool) -> None:
    """Write schema.graphql and manifest.json, from the schema and the documents of this version."""
    place = folder or find_folder() or ROOT / "graphql"
    documents = read_documents(place)
    _check_documents(documents)
    wanted = {SCHEMA: house_schema().as_str() + "\n", MANIFEST: make_manifest(documents)}
    if check:
        _compare(place, wanted)
        return
    place.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (place / name).write_text(text, encoding="utf-8")
    click.echo(f"Wrote {SCHEMA} and {MANIFEST} with {len(documents)} documents to {place}")


def _check_documents(documents: dict[str, str]) -> None:
    """Every document must be valid, and small enough for those whom it is for."""
    schema = house_schema()
    engine = Engine(schema, DocumentStore(schema._schema, Limits()))
    for name, text in documents.items():
        try:
            engine.prepare(Call(text), signed_in=not name.startswith(ANONYMOUS))
        except CallRefused as refusal:
            raise InvalidDocument(f"operations/{name}.graphql: {refusal}") from None


def _compare(place: Path, wanted: dict[str, str]) -> None:
    found = {
        name: (place / name).read_text(encoding="utf-8") if (place / name).is_file() else ""
        for name in wanted
    }
    breaking = _find_breaking(found[SCHEMA], wanted[SCHEMA]) if found[SCHEMA] else []
    for line in breaking:
        click.echo(f"Breaks who uses it: {line}", err=True)
    different = [name for name, text in wanted.items() if found[name] != text]
    if different:
        names = " and ".join(different)
        click.echo(
            f"{names} in {place} differ from this version: look at the changes, then run "
            "`talkoot graphql export`.",
            err=True,
        )
        sys.exit(DIFFERENT)
    click.echo("The contract is that of this version.")


def _find_breaking(old: str, new: str) -> list[str]:
    try:
        before = build_schema(old)
    except GraphQLError as error:
        raise InvalidInput(f"{SCHEMA} cannot be read: {error.message}") from None
    changes = find_breaking_changes(before, build_schema(new))
    return sorted(change.description for change in changes)
