"""What is wrong with a file or a line of it, in the reader's language."""

from __future__ import annotations

from pathlib import Path

from campaigns.recycling.recording import Refused
from core.errors import TalkootError
from core.i18n import Translator
from core.worded import say_worded
from matching.errors import UnusableFile
from matching.imports.words import say_file_fault as say_table_fault

HERE = Path(__file__).parent


def say_refused(refused: Refused, language: str) -> str:
    """Why a line cannot be used, and what to do about it."""
    return say_worded(Translator(language, HERE), refused.message)


def say_file_fault(error: TalkootError, language: str) -> str:
    """Why a whole file cannot be used; what is no table at all is said in the words of imports."""
    if isinstance(error, UnusableFile):
        return say_table_fault(error, language)
    return say_worded(Translator(language, HERE), error.args[0])
