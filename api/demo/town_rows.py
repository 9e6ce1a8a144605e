"""Rows of many tables, written in an order that their foreign keys allow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from core.columns import Base
from core.db import Session


@dataclass
class TownRows:
    """Rows that wait to be written."""

    session: Session
    waiting: list[Any] = field(default_factory=list)

    def add(self, row: Any) -> None:
        """Remember a row."""
        self.waiting.append(row)

    async def write(self) -> None:
        """Write what waits, one table after the other."""
        by_table: dict[str, list[Any]] = defaultdict(list)
        for row in self.waiting:
            by_table[row.__table__.name].append(row)
        self.waiting.clear()
        for table in Base.metadata.sorted_tables:
            if table.name in by_table:
                self.session.add_all(by_table[table.name])
                await self.session.flush()
