"""JSON Schemas of the files, made from the same types that read them.

``python -m matching.files.json_schemas`` writes them anew after a change of the formats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from matching.files.json_file import write_whole
from matching.files.plan_file import PlanDocument
from matching.files.problem_format import ProblemDocument

FOLDER = Path(__file__).parent / "schemas"
DOCUMENTS: dict[str, type[msgspec.Struct]] = {"problem": ProblemDocument, "plan": PlanDocument}


def make_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``problem`` or ``plan`` files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(DOCUMENTS[kind]),
    }


def format_schema(kind: str) -> bytes:
    """The schema as it stands in its file."""
    return msgspec.json.format(msgspec.json.encode(make_schema(kind)), indent=1) + b"\n"


def main() -> None:
    """Write every schema."""
    for kind in DOCUMENTS:
        write_whole(FOLDER / f"{kind}.schema.json", format_schema(kind))


if __name__ == "__main__":
    main()
