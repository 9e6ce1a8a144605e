"""What can go wrong with one line of an import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell, and how to mend it; never the cell's personal content.

    Parameters
    ----------
    column
        Name of the column, or "" when the whole line is meant.
    message
        What is wrong.
    remedy
        What to write instead.
    """

    column: str
    message: str
    remedy: str

    def sentence(self) -> str:
        """The problem in one line, for tables and files."""
        place = f"{self.column}: " if self.column else ""
        return f"{place}{self.message}. {self.remedy}"


class CellRefused(ValueError):
    """One cell cannot be used; carries the problem."""

    def __init__(self, column: str, message: str, remedy: str) -> None:
        self.problem = Problem(column, message, remedy)
        super().__init__(self.problem.sentence())
