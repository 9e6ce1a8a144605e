"""What is wrong with a cell or a file, in the reader's language."""

from __future__ import annotations

from pathlib import Path

from core.errors import TalkootError
from core.i18n import Translator
from core.worded import say_worded
from matching.imports.errors import Problem

HERE = Path(__file__).parent


def say_problem(problem: Problem, language: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    speaker = Translator(language, HERE)
    return say_worded(speaker, problem.message), say_worded(speaker, problem.remedy)


def say_file_fault(error: TalkootError, language: str) -> str:
    """Why a whole file cannot be used."""
    return say_worded(Translator(language, HERE), error.args[0])
