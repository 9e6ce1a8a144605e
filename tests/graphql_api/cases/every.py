"""The cases of all modules."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.graphql_api.cases.case import Case

_MODULES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("case", "every")
)

CASES: tuple[Case, ...] = tuple(
    case
    for name in _MODULES
    for case in importlib.import_module(f"tests.graphql_api.cases.{name}").CASES
)
