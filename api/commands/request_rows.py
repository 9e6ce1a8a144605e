"""Requests as rows of JSON or of a table: ids, code words and moments, never names or addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from matching.intake.commands import Taken
from matching.intake.reviewing import ReviewItem
from matching.models import HelpRequest


def taken_json(taken: Taken) -> dict[str, Any]:
    """What became of a call: ids and code words."""
    return {
        "outcome": taken.outcome.value,
        "request_id": None if taken.request is None else str(taken.request.id),
        "reference": None if taken.request is None else taken.request.reference,
        "standing_id": None if taken.standing is None else str(taken.standing.id),
        "reasons": list(taken.reasons),
    }


def request_json(request: HelpRequest) -> dict[str, Any]:
    """One request, without anything about a person."""
    return {
        "id": str(request.id),
        "reference": request.reference,
        "kind": request.kind.value,
        "status": request.status.value,
        "scope": list(request.scope),
        "weight": request.weight,
        "created_at": _moment(request.created_at),
        "deadline_at": None if request.deadline_at is None else _moment(request.deadline_at),
    }


def review_json(item: ReviewItem) -> dict[str, Any]:
    """One thing that waits for a person."""
    return {
        "id": str(item.id),
        "name": item.reference or str(item.id),
        "is_standing": item.is_standing,
        "kind": item.kind.value,
        "since": _moment(item.since),
        "reasons": list(item.reasons),
        "rules": list(item.rules),
        "similar_to_id": None if item.similar_to_id is None else str(item.similar_to_id),
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def print_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Rows as a table, or a sentence when there are none."""
    if not rows:
        click.echo("There are none.")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column.removesuffix("_at").replace("_", " "))
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    Console(highlight=False).print(table)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
