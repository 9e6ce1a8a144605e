"""The JSON Schemas and the documents agree with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from matching.files.json_file import format_document
from matching.files.json_schemas import DOCUMENTS, FOLDER, format_schema
from matching.files.plan_file import PlanDocument, RouteRow, StopRow, make_plan_document
from matching.files.problem_file import load_problem
from matching.files.problem_format import (
    CityRow,
    MatrixRow,
    ObjectiveRow,
    ProblemDocument,
    RequestRow,
    StraightRow,
    VolunteerRow,
)
from matching.files.problem_rows import make_document
from tests.showcase import make_showcase, make_showcase_plan, prove

DOCS = Path(__file__).parents[3] / "docs"


def read_schema(kind: str) -> dict[str, object]:
    schema: dict[str, object] = json.loads((FOLDER / f"{kind}.schema.json").read_bytes())
    return schema


def read_example() -> str:
    text = (DOCS / "problem-format.md").read_text(encoding="utf-8")
    return re.findall(r"```json\n(\{.*?)```", text, flags=re.DOTALL)[0]


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_schema_file_is_current(kind: str) -> None:
    assert (FOLDER / f"{kind}.schema.json").read_bytes() == format_schema(kind), (
        "run: python -m matching.files.json_schemas"
    )


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(read_schema(kind))


def test_example_of_the_documentation_validates_and_loads(tmp_path: Path) -> None:
    example = read_example()
    jsonschema.validate(json.loads(example), read_schema("problem"))
    loaded = load_problem(msgspec.json.decode(example, type=ProblemDocument), tmp_path)
    assert loaded.problem.requests.ids == ("r1", "r2", "r3")
    assert loaded.problem.requests.windows(0) == [(1800, 10_800)]
    assert loaded.problem.skill_names == ("snow blower",)


def test_schema_refuses_what_the_reader_refuses() -> None:
    example = json.loads(read_example())
    example["requests"][0]["service_s"] = -1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(example, read_schema("problem"))
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(example), type=ProblemDocument)


def test_written_files_validate() -> None:
    problem = make_showcase()
    written = format_document(make_document(problem))
    jsonschema.validate(json.loads(written), read_schema("problem"))
    solution = prove(problem, make_showcase_plan(problem))
    plan = format_document(make_plan_document(problem, solution, unserved=[{"request": "far"}]))
    jsonschema.validate(json.loads(plan), read_schema("plan"))


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        *[("problem-format", kind) for kind in (ProblemDocument, RequestRow, VolunteerRow)],
        *[("problem-format", kind) for kind in (StraightRow, MatrixRow, CityRow, ObjectiveRow)],
        *[("plan-format", kind) for kind in (PlanDocument, RouteRow, StopRow)],
    ],
)
def test_every_field_is_documented(page: str, kind: type[msgspec.Struct]) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert [name for name in kind.__struct_fields__ if f"`{name}`" not in text] == []
