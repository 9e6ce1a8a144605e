"""The figures of a programme in words: what each is, how it stands, and which way it goes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from campaigns.results.amounts import say_share, say_week
from core.i18n import Translator
from matching.imports.csv_table import guard_cell
from matching.reporting.figures import Figure, Report, Standing, Trend

SHARES = frozenset({Figure.SHARE_SERVED, Figure.NO_SHOWS, Figure.SATISFACTION})
LOW_IS_GOOD = frozenset({Figure.FIRST_YES, Figure.MESSAGES, Figure.NO_SHOWS})
TAGS = {Standing.GOOD: "ok", Standing.WATCH: "wait", Standing.ACT: "stop", Standing.UNKNOWN: "sent"}
SMALL_CHANGE = 0.05
"""A figure that moved by less than a twentieth is called as before."""


@dataclass(frozen=True)
class FigureView:
    """One figure in words."""

    code: str
    name: str
    explained: str
    value: str
    tag: str
    standing: str
    target: str
    direction: str
    chart_title: str
    values: tuple[float | None, ...]
    goal: float | None
    goal_words: str
    rows: tuple[tuple[str, str], ...]
    """Week and figure."""


def show_report(speaker: Translator, report: Report) -> list[FigureView]:
    """Every figure in words."""
    weeks = [say_week(speaker, week.starts_at) for week in report.weeks]
    return [_show(speaker, trend, weeks) for trend in report.trends]


def say_summary(speaker: Translator, report: Report) -> str:
    """How it stands, in one sentence."""
    standings = [trend.standing for trend in report.trends]
    acting = standings.count(Standing.ACT)
    watched = standings.count(Standing.WATCH)
    if acting:
        return speaker.ngettext(
            "%(num)s figure asks for something to be done.",
            "%(num)s figures ask for something to be done.",
            acting,
        )
    if watched:
        return speaker.ngettext(
            "Nothing is urgent. %(num)s figure is worth watching.",
            "Nothing is urgent. %(num)s figures are worth watching.",
            watched,
        )
    if Standing.GOOD in standings:
        return speaker.gettext("Every figure that we can tell is good.")
    return speaker.gettext("There is too little to tell yet.")


def write_report(report: Report) -> bytes:
    """The figures as a file for spreadsheets: one line for each week."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["week_from", *(trend.figure.value for trend in report.trends)])
    for place, week in enumerate(report.weeks):
        cells = [trend.weeks[place] for trend in report.trends]
        written = ["" if cell is None else f"{cell:.6g}" for cell in cells]
        writer.writerow(map(guard_cell, [week.starts_at.date().isoformat(), *written]))
    return text.getvalue().encode("utf-8-sig")


def name_figure(speaker: Translator, figure: Figure) -> tuple[str, str]:
    """What a figure is called, and what it counts."""
    _ = speaker.gettext
    return {
        Figure.HOMES: (_("Homes helped, in one week"), _("Homes where a visit was done.")),
        Figure.SHARE_SERVED: (
            _("Requests that were served"),
            _("Of all that came and were not taken back. Those of the last days may still be."),
        ),
        Figure.FIRST_YES: (
            _("Time until the first yes"),
            _("Half of the requests waited less than this."),
        ),
        Figure.MESSAGES: (
            _("Messages for one home"),
            _("Messages that asked somebody for help, by homes helped."),
        ),
        Figure.NO_SHOWS: (
            _("Visits to which nobody came"),
            _("Of all visits that somebody had said yes to."),
        ),
        Figure.VOLUNTEERS: (
            _("Volunteers who said yes, in one week"),
            _("Each is counted once a week."),
        ),
        Figure.SATISFACTION: (
            _("Homes that said it was done"),
            _("Of all homes that answered our question after a visit."),
        ),
    }[figure]


def say_value(speaker: Translator, figure: Figure, value: float | None) -> str:
    """A figure as people read it."""
    if value is None:
        return speaker.gettext("nothing to count")
    if figure in SHARES:
        return say_share(speaker, value)
    number = speaker.say_number(round(value, 1 if value < 10 else 0))
    if figure is Figure.FIRST_YES:
        return speaker.gettext("%(num)s hours", num=number)
    return number


def name_standing(speaker: Translator, standing: Standing) -> str:
    """What a figure means, in a word."""
    _ = speaker.gettext
    return {
        Standing.GOOD: _("Good"),
        Standing.WATCH: _("Watch it"),
        Standing.ACT: _("Do something"),
        Standing.UNKNOWN: _("We cannot tell"),
    }[standing]


def _show(speaker: Translator, trend: Trend, weeks: list[str]) -> FigureView:
    figure = trend.figure
    name, explained = name_figure(speaker, figure)
    target = trend.target
    _ = speaker.gettext
    goal = None if target is None else say_value(speaker, figure, target.good)
    if goal is None:
        words = _("No target: it follows the weather.")
        standing, tag = _("No target"), "sent"
    else:
        words = (
            _("Target: at most %(goal)s.", goal=goal)
            if figure in LOW_IS_GOOD
            else _("Target: at least %(goal)s.", goal=goal)
        )
        standing, tag = name_standing(speaker, trend.standing), TAGS[trend.standing]
    return FigureView(
        code=figure.value.replace("_", ""),
        name=name,
        explained=explained,
        value=say_value(speaker, figure, trend.now),
        tag=tag,
        standing=standing,
        target=words,
        direction=say_direction(speaker, trend),
        chart_title=_("%(name)s, week by week", name=name),
        values=trend.weeks,
        goal=None if target is None else target.good,
        goal_words="" if goal is None else goal,
        rows=tuple(
            (week, say_value(speaker, figure, value))
            for week, value in zip(weeks, trend.weeks, strict=True)
        ),
    )


def say_direction(speaker: Translator, trend: Trend) -> str:
    """Which way a figure goes: the last four weeks beside the eight before."""
    _ = speaker.gettext
    if trend.now is None or trend.before is None:
        return _("There is nothing before to compare with.")
    before = say_value(speaker, trend.figure, trend.before)
    change = trend.now - trend.before
    if abs(change) <= SMALL_CHANGE * max(abs(trend.before), 1e-9):
        return _("As in the eight weeks before.")
    if change > 0:
        return _("More than in the eight weeks before (%(before)s).", before=before)
    return _("Less than in the eight weeks before (%(before)s).", before=before)
