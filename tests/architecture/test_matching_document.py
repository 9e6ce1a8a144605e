"""The page about the matching model names every field, every rule and the numbers as they are."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from matching.engine.problem import Objective, Problem, Requests, Volunteers

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")
CONSTANT = re.compile(r"^\| `([\w/]+)\.py` \| `(\w+)` \| ([\d.]+) \|", re.M)


def section(heading: str) -> str:
    """The text below a heading, down to the next one."""
    return re.split(r"^#+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def first_cells(text: str) -> set[str]:
    """Names in the first column of the tables of a text."""
    cells = re.findall(r"^\| ([^|]*`[^|]*) \|", text, re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("kind", [Problem, Requests, Volunteers, Objective])
def test_every_field_has_a_line_and_no_line_is_left_over(kind: type) -> None:
    assert first_cells(section(kind.__name__)) == {field.name for field in fields(kind)}


def test_defaults_of_the_objective_are_those_of_the_code() -> None:
    lines = re.findall(r"^\| `(\w+)` \| [^|]* \| ([\d.]+) \|", section("Objective"), re.M)
    assert {name: float(value) for name, value in lines} == {
        field.name: float(field.default) for field in fields(Objective)
    }


def test_every_rule_of_the_checker_is_named() -> None:
    tree = ast.parse((ROOT / "matching" / "engine" / "check_rules.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    broken = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "Violation"
        and isinstance(call.args[0], ast.Constant)
    }
    assert broken, "no violation was found in the checker"
    assert first_cells(section("What a plan must keep")) == broken


def test_numbers_are_those_of_the_code() -> None:
    stated = CONSTANT.findall(PAGE)
    assert len(stated) >= 10
    for module, name, value in stated:
        actual = getattr(import_module(module.replace("/", ".")), name)
        assert float(value) == actual, f"{module}.py: {name} is {actual}, the page says {value}"


def test_every_term_of_the_objective_stands_in_its_table() -> None:
    table = "".join(re.findall(r"^\|.*\n", section("What a plan is worth"), re.M))
    terms = {field.name for field in fields(Objective)} - {"crew_start_step_s"}
    assert terms | {"bonus_m", "accept_p", "load", "weight", "crew_size"} <= set(
        re.findall(r"\w+", table)
    )
