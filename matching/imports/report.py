"""What an import did, line by line where something was wrong."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field

from matching.imports.csv_table import REASON_COLUMN, CsvTable, guard_cell
from matching.imports.errors import Problem


@dataclass(frozen=True)
class RejectedLine:
    """A line that was not imported, and everything that is wrong with it."""

    line: int
    problems: tuple[Problem, ...]

    def reason(self) -> str:
        """All problems in one text."""
        return " ".join(problem.sentence() for problem in self.problems)


@dataclass
class ImportReport:
    """Counts, and the lines that were refused.

    Parameters
    ----------
    kind
        ``residents`` or ``volunteers``.
    new_abilities
        Skills and tools that the community did not know before.
    """

    kind: str
    total: int
    encoding: str
    delimiter: str
    unknown_columns: tuple[str, ...]
    dry_run: bool
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    in_review: int = 0
    """New requests that a person must look at first."""
    rejected: list[RejectedLine] = field(default_factory=list)
    new_abilities: tuple[str, ...] = ()

    @property
    def good(self) -> int:
        """Lines that were or would be imported, or stood there already."""
        return self.created + self.updated + self.unchanged

    def problem_counts(self) -> list[tuple[str, str, int]]:
        """(column, kind of problem, lines), the most frequent first."""
        counts = Counter(
            (problem.column, problem.message.split(":")[0])
            for rejected in self.rejected
            for problem in rejected.problems
        )
        return [(column, message, n) for (column, message), n in counts.most_common()]

    def as_json(self) -> dict[str, object]:
        """The report as plain data; holds no cell of the file but code words."""
        return {
            "kind": self.kind,
            "dry_run": self.dry_run,
            "total": self.total,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "in_review": self.in_review,
            "rejected": len(self.rejected),
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "unknown_columns": list(self.unknown_columns),
            "new_abilities": list(self.new_abilities),
            "problems": [
                {
                    "line": rejected.line,
                    "column": problem.column,
                    "message": problem.message,
                    "remedy": problem.remedy,
                }
                for rejected in sorted(self.rejected, key=lambda rejected: rejected.line)
                for problem in rejected.problems
            ],
        }


def write_rejects(table: CsvTable, rejected: list[RejectedLine]) -> str:
    """The refused lines as CSV with a first column that says why; mend it and import it again.

    No cell can be taken for a formula by a spreadsheet.
    """
    reasons = {line.line: line.reason() for line in rejected}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n")
    writer.writerow([REASON_COLUMN, *map(guard_cell, table.header)])
    for row in table.rows:
        if row.line in reasons:
            writer.writerow([guard_cell(reasons[row.line]), *map(guard_cell, row.raw)])
    return text.getvalue()
