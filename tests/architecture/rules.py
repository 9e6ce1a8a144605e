"""The house rules that imports cannot say, as functions from source text to breaches."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

LAZY_PACKAGES = frozenset({"ortools", "geopandas", "pyogrio", "matplotlib", "osmium", "ray"})
"""Slow or optional to import: they may be imported inside a function."""
LAZY_IMPORT_FILES = frozenset({"api/cli.py"})
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_COMPILED_LINES = 100
"""Functions that numba compiles may be longer: a search that keeps its own stack is one loop, and
its parts would have to hand its whole state back and forth."""
MAX_POSITIONAL = 5
DRAWER_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})
SHADOWING_NAMES = frozenset({"requests", "email", "calendar", "queue", "platform", "secrets"})
CLOCK_READS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "gmtime", "localtime"},
}
MONOTONIC = frozenset({"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"})
MONOTONIC_FILES = ("api/", "matching/engine/stop.py")
SQL_FUNCTIONS = frozenset({"select", "insert", "update", "delete", "text"})
ENGINE = "matching/engine/"
ENGINE_PACKAGES = frozenset({"numba", "numpy", "ortools", "ray", "scipy"})
INPUT_AND_OUTPUT = frozenset(
    {"http", "logging", "os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "urllib"}
)


@dataclass(frozen=True)
class Breach:
    """One place that breaks a rule."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


Rule = Callable[[str, ast.Module], Iterator[Breach]]


def only_core_db_commits(path: str, tree: ast.Module) -> Iterator[Breach]:
    """Transactions are opened and ended in core/db.py alone."""
    if path == "core/db.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func).endswith((".commit", ".rollback")):
            yield Breach(path, node.lineno, "only core/db.py ends a transaction")


def only_settings_read_the_environment(path: str, tree: ast.Module) -> Iterator[Breach]:
    """Environment variables are settings."""
    if path == "core/settings.py":
        return
    for node in ast.walk(tree):
        named = _name(node) if isinstance(node, ast.Attribute) else ""
        imported = isinstance(node, ast.ImportFrom) and node.module == "os" and node.names
        if named in ("os.environ", "os.getenv") or (
            imported and {alias.name for alias in node.names} & {"environ", "getenv"}
        ):
            yield Breach(path, node.lineno, "only core/settings.py reads the environment")


def only_clock_reads_the_time(path: str, tree: ast.Module) -> Iterator[Breach]:
    """The time of day comes from core/clock.py; durations may be measured at the rim."""
    if path == "core/clock.py":
        return
    measures = path.startswith(MONOTONIC_FILES)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield Breach(path, node.lineno, "import time as a module, so that its use is seen")
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, method = _name(node.func.value).split(".")[-1], node.func.attr
        if method in CLOCK_READS.get(owner, ()):
            yield Breach(
                path, node.lineno, f"only core/clock.py reads the clock ({owner}.{method})"
            )
        if owner == "time" and method in MONOTONIC and not measures:
            yield Breach(path, node.lineno, f"durations are measured in api ({owner}.{method})")


def imports_stand_at_the_top(path: str, tree: ast.Module) -> Iterator[Breach]:
    """An import inside a function hides a dependency; heavy packages may wait."""
    if path in LAZY_IMPORT_FILES:
        return
    for function in _functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            else:
                continue
            for name in names:
                if name.split(".")[0] not in LAZY_PACKAGES:
                    yield Breach(path, node.lineno, f"import {name} at the top of the module")


def engine_is_pure(path: str, tree: ast.Module) -> Iterator[Breach]:
    """The optimiser gets a problem and returns a plan; it knows no other part of the house."""
    if not path.startswith(ENGINE):
        return
    allowed = (ENGINE_PACKAGES | sys.stdlib_module_names) - INPUT_AND_OUTPUT
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        else:
            continue
        for name in names:
            if name.partition(".")[0] not in allowed and not f"{name}.".startswith(
                "matching.engine."
            ):
                yield Breach(path, node.lineno, f"the engine does not import {name}")


def functions_are_short(path: str, tree: ast.Module) -> Iterator[Breach]:
    """Functions fit on a page and take few positional arguments."""
    for function in _functions(tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > (MAX_COMPILED_LINES if _is_compiled(function) else MAX_FUNCTION_LINES):
            yield Breach(path, function.lineno, f"{function.name} has {lines} lines")
        arguments = [*function.args.posonlyargs, *function.args.args]
        own = [argument for argument in arguments if argument.arg not in ("self", "cls")]
        if len(own) > MAX_POSITIONAL and not _is_compiled(function):
            yield Breach(path, function.lineno, f"{function.name} has {len(own)} positional")


def queries_stand_in_repositories(path: str, tree: ast.Module) -> Iterator[Breach]:
    """SQL is written in repositories; models and core may build on SQLAlchemy."""
    name = PurePosixPath(path).name
    if path.startswith("core/") or name == "models.py" or name.endswith("repository.py"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            written = {alias.name for alias in node.names} & SQL_FUNCTIONS
            if written:
                yield Breach(path, node.lineno, f"SQL outside a repository: {sorted(written)}")
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "sqlalchemy":
                    yield Breach(path, node.lineno, "import sqlalchemy outside a repository")


def names_say_what_is_inside(path: str, tree: ast.Module) -> Iterator[Breach]:
    """No drawers."""
    for part in PurePosixPath(path).with_suffix("").parts:
        if part in DRAWER_NAMES:
            yield Breach(path, 1, f"{part!r} does not say what is inside")


def relationships_are_never_loaded_by_accident(path: str, tree: ast.Module) -> Iterator[Breach]:
    """A relationship that loads itself hides a query, and fails under asyncio."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func).split(".")[-1] == "relationship":
            lazy = [word.value for word in node.keywords if word.arg == "lazy"]
            if not any(
                isinstance(value, ast.Constant) and value.value == "raise" for value in lazy
            ):
                yield Breach(path, node.lineno, 'relationship without lazy="raise"')


def silenced_checks_say_why(path: str, source: str) -> Iterator[Breach]:
    """``noqa`` and ``type: ignore`` have a reason: behind them, or in the line above.

    Compiled functions need none: numba finds their types.
    """
    compiled = {node.lineno for node in _functions(ast.parse(source)) if _is_compiled(node)}
    above = ""
    for number, line in enumerate(source.splitlines(), 1):
        _, mark, rest = line.partition("# noqa")
        if not mark:
            _, mark, rest = line.partition("# type: ignore")
        behind = len(rest.strip(" :").split()) >= 2
        if mark and not behind and not above.startswith("#") and number not in compiled:
            yield Breach(path, number, "say why this check is silenced")
        above = line.strip()


def modules_are_short(path: str, source: str) -> Iterator[Breach]:
    """A long module wants to be two."""
    lines = len(source.splitlines())
    if lines > MAX_MODULE_LINES:
        yield Breach(path, 1, f"{lines} lines, more than {MAX_MODULE_LINES}")


TREE_RULES: tuple[Rule, ...] = (
    only_core_db_commits,
    only_settings_read_the_environment,
    only_clock_reads_the_time,
    imports_stand_at_the_top,
    engine_is_pure,
    functions_are_short,
    queries_stand_in_repositories,
    names_say_what_is_inside,
    relationships_are_never_loaded_by_accident,
)
TEXT_RULES = (silenced_checks_say_why, modules_are_short)


def find_breaches(path: str, source: str) -> list[Breach]:
    """Every breach in one module."""
    tree = ast.parse(source)
    found = [breach for rule in TREE_RULES for breach in rule(path, tree)]
    return found + [breach for text_rule in TEXT_RULES for breach in text_rule(path, source)]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_compiled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether numba compiles it: such a function cannot have keyword-only arguments."""
    return any("njit" in ast.unparse(mark) for mark in function.decorator_list)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
