"""``talkoot graphql export``: what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from graphql import build_schema

from api.cli import main, talkoot
from api.transport.documents import hash_document

COMMUNITIES = "query Communities { communities(first: 5) { nodes { id } } }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "operations" / "staff" / "communities.graphql"
    place.parent.mkdir(parents=True)
    place.write_text(COMMUNITIES)
    return tmp_path


def export(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(talkoot, ["graphql", "export", "--folder", str(folder), *more])


def test_export_writes_schema_and_manifest(folder: Path) -> None:
    result = export(folder)
    assert result.exit_code == 0, result.output
    assert "1 documents" in result.output
    assert build_schema((folder / "schema.graphql").read_text()).query_type
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest == {"staff/communities": hash_document(COMMUNITIES)}
    assert export(folder, "--check").exit_code == 0


def test_check_lists_breaking_changes(folder: Path) -> None:
    export(folder)
    place = folder / "schema.graphql"
    old = place.read_text().replace("type Query {", "type Query {\n  goneNow: Int\n", 1)
    place.write_text(old)
    result = export(folder, "--check")
    assert result.exit_code == 1
    assert "Breaks who uses it: Field Query.goneNow was removed." in result.output
    assert "schema.graphql" in result.output
    assert place.read_text() == old
    assert export(folder).exit_code == 0
    assert "goneNow" not in place.read_text()


def test_check_tells_of_a_manifest_that_is_old(folder: Path) -> None:
    export(folder)
    (folder / "operations" / "staff" / "communities.graphql").write_text("{ __typename }\n")
    result = export(folder, "--check")
    assert result.exit_code == 1
    assert "manifest.json in" in result.output
    assert "Breaks" not in result.output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("staff/wrong", "query { nothing }"),
        ("staff/broken", "query {"),
        ("everybody/curious", "{ __schema { types { name } } }"),
    ],
)
def test_documents_must_be_valid(
    folder: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder / "operations" / f"{name}.graphql"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["graphql", "export", "--folder", str(folder)])
    assert ended.value.code == 2
    assert f"Error: operations/{name}.graphql: " in capsys.readouterr().err
    assert not (folder / "manifest.json").exists()
