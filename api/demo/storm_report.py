"""What the storm demonstration shows: an hour by hour table, a picture and a page."""

from __future__ import annotations

import csv
import html
import io
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from api.demo.evening import NOTE
from api.demo.storm import StormStory
from api.demo.storm_repository import was_served
from matching.files.json_file import write_whole
from matching.kinds import AskAnswer, AskStatus, AssignmentStatus, RequestStatus
from matching.rounds.reason_words import WORDS

HOUR = timedelta(hours=1)
URGENT_WEIGHT = 4.0
COLUMNS = ("asked", "homes_agreed", "no", "not_today", "silent", "given_back", "served", "urgent")
TITLES = ("Asked", "Agreed", "No", "Not today", "Silent", "Given back", "Served", "Urgent")


@dataclass(frozen=True)
class HourRow:
    """What happened in one hour."""

    starts_at: datetime
    counts: dict[str, int]


@dataclass(frozen=True)
class StormFigures:
    """What came of the storm."""

    hours: list[HourRow]
    asked_homes: int
    served: int
    urgent: int
    urgent_served: int
    cancelled: int
    messages: int
    reasons: list[tuple[str, int]]


def find_figures(story: StormStory) -> StormFigures:
    """Count what the database holds."""
    rows = story.rows
    urgent = {row.id for row in rows.requests if row.weight >= URGENT_WEIGHT}
    served = [row for row in rows.requests if was_served(row.status)]
    unserved = [
        row
        for row in rows.requests
        if not was_served(row.status) and row.status is not RequestStatus.CANCELLED
    ]
    reasons = Counter(
        WORDS.get(rows.unserved.get(row.id, ""), "Somebody was asked, and nobody could come")
        for row in unserved
    )
    return StormFigures(
        hours=_count_hours(story, urgent),
        asked_homes=len(rows.requests),
        served=len(served),
        urgent=len(urgent),
        urgent_served=sum(row.id in urgent for row in served),
        cancelled=sum(row.status is RequestStatus.CANCELLED for row in rows.requests),
        messages=sum(message.kind == "offer" for message in rows.messages),
        reasons=reasons.most_common(),
    )


def _count_hours(story: StormStory, urgent: Collection[object]) -> list[HourRow]:
    rows = story.rows
    done = [work for work in rows.works if work.status is AssignmentStatus.DONE]
    moments: dict[str, Iterable[datetime | None]] = {
        "asked": (ask.sent_at for ask in rows.asks),
        "homes_agreed": (work.accepted_at for work in rows.works),
        "no": (ask.answered_at for ask in rows.asks if ask.answer is AskAnswer.NO),
        "not_today": (ask.answered_at for ask in rows.asks if ask.answer is AskAnswer.NOT_TODAY),
        "silent": (ask.silent_after_at for ask in rows.asks if ask.status is AskStatus.SILENT),
        "given_back": (
            work.ended_at for work in rows.works if work.status is AssignmentStatus.RELEASED
        ),
        "served": (work.ended_at for work in done),
        "urgent": (work.ended_at for work in done if work.request_id in urgent),
    }
    counts: dict[int, Counter[str]] = {}
    for name, when in moments.items():
        for moment in when:
            if moment is not None:
                hour = int((moment - story.started_at) / HOUR)
                counts.setdefault(hour, Counter())[name] += 1
    return [
        HourRow(story.started_at + hour * HOUR, dict(found))
        for hour, found in sorted(counts.items())
    ]


def print_story(console: Console, story: StormStory, figures: StormFigures, out: Path) -> None:
    """The timeline and the sums, for people."""
    table = Table(box=box.SIMPLE_HEAD, title="Hour by hour", title_justify="left")
    table.add_column("", no_wrap=True)
    for title in TITLES:
        table.add_column(title, justify="right")
    for row in figures.hours:
        local = row.starts_at.astimezone(story.zone)
        table.add_row(f"{local:%a %H:%M}", *(str(row.counts.get(name, "")) for name in COLUMNS))
    console.print(table)
    for sentence in sentences(story, figures):
        console.print(sentence)
    for words, count in figures.reasons:
        console.print(f"  {count:>4}  {words}", markup=False)
    console.print(f"[bold]Open {out / 'storm.html'}[/] in a browser; it needs no network.")


def sentences(story: StormStory, figures: StormFigures) -> list[str]:
    """The sums in words."""
    per_home = figures.messages / max(1, figures.served)
    share = figures.served / max(1, figures.asked_homes - figures.cancelled)
    asked, cancelled = figures.asked_homes, figures.cancelled
    who = f"{story.volunteer_count} volunteers, {asked} homes, {cancelled} of them cancelled."
    urgent = f"{figures.urgent_served} of {figures.urgent} urgent ones"
    came = f"{figures.served} were served ({share:.0%}), {urgent}."
    messages = f"{story.waves} rounds, {figures.messages} offer messages"
    return [
        f"{who} {came}",
        f"{messages}: {per_home:.1f} for each home that was served.",
        "Why the others had nobody, as the last round saw it:",
    ]


def write_story(out: Path, story: StormStory, figures: StormFigures) -> None:
    """The timeline as a file, a picture and a page."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("hour", *COLUMNS))
    for row in figures.hours:
        local = row.starts_at.astimezone(story.zone)
        writer.writerow((f"{local:%Y-%m-%d %H:%M}", *(row.counts.get(n, 0) for n in COLUMNS)))
    write_whole(out / "storm.csv", text.getvalue().encode())
    write_whole(out / "storm.png", _draw(story, figures))
    write_whole(out / "storm.html", _page(story, figures).encode())


def _draw(story: StormStory, figures: StormFigures) -> bytes:
    from matplotlib.figure import Figure

    picture = Figure(figsize=(9, 4.5), layout="constrained")
    axes = picture.subplots()
    hours = [f"{row.starts_at.astimezone(story.zone):%a %H}" for row in figures.hours]
    for name, title in (("asked", "asked"), ("homes_agreed", "agreed"), ("served", "served")):
        total, line = 0, []
        for row in figures.hours:
            total += row.counts.get(name, 0)
            line.append(total)
        axes.plot(hours, line, marker="o", markersize=3, label=title)
    axes.set_title("One storm, as sums over time")
    axes.tick_params(axis="x", rotation=70, labelsize=7)
    axes.grid(axis="y", alpha=0.3)
    axes.legend()
    target = io.BytesIO()
    picture.savefig(target, format="png", dpi=110)
    return target.getvalue()


def _page(story: StormStory, figures: StormFigures) -> str:
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in ("Hour", *TITLES))
    body = "".join(
        f'<tr><th scope="row">{row.starts_at.astimezone(story.zone):%a %H:%M}</th>'
        + "".join(f"<td>{row.counts.get(name, '')}</td>" for name in COLUMNS)
        + "</tr>"
        for row in figures.hours
    )
    told = "".join(f"<p>{html.escape(line)}</p>" for line in sentences(story, figures))
    reasons = "".join(f"<li>{count}: {html.escape(words)}</li>" for words, count in figures.reasons)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>One storm</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;"
        "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td,th{padding:.2rem .6rem;"
        "text-align:right;border-bottom:1px solid #ccc}img{max-width:100%}</style>"
        f"<main><h1>One storm, hour by hour</h1><p>{html.escape(NOTE)}</p>{told}"
        f"<ul>{reasons}</ul>"
        '<img src="storm.png" alt="Sums of people asked, homes agreed and homes served; the table '
        'below has the numbers.">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></main></html>"
    )
