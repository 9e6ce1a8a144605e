"""Seven figures of a programme over twelve weeks, each with its target and what that means."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.errors import NotPermitted
from matching.reporting import repository
from matching.reporting.repository import Span
from people.auth import Actor
from people.repository import read_rules_at
from people.rules import ReportTarget

WEEKS = 12
LATE = 4
"""Weeks that make the figure of now; those before are what it is compared with."""
FEW = 5
"""Below so many of what is counted a share says nothing."""
HOUR = timedelta(hours=1)
A_WEEK = timedelta(days=7)


class Figure(StrEnum):
    """What is looked at."""

    HOMES = "homes"
    SHARE_SERVED = "share_served"
    FIRST_YES = "first_yes"
    MESSAGES = "messages"
    NO_SHOWS = "no_shows"
    VOLUNTEERS = "volunteers"
    SATISFACTION = "satisfaction"


class Standing(StrEnum):
    """What a figure means."""

    GOOD = "good"
    WATCH = "watch"
    ACT = "act"
    UNKNOWN = "unknown"
    """No target, or too little to tell."""


@dataclass(frozen=True)
class Trend:
    """One figure over the weeks."""

    figure: Figure
    weeks: tuple[float | None, ...]
    """None where nothing was counted."""
    now: float | None
    """Of the last four weeks together."""
    before: float | None
    """Of the weeks before those."""
    counted: int
    """Behind the figure of now."""
    target: ReportTarget | None = None
    """None for what follows the weather."""

    @property
    def standing(self) -> Standing:
        """What the figure of now means."""
        return judge(self.target, self.now, self.counted)


@dataclass(frozen=True)
class Report:
    """All figures of a programme."""

    weeks: tuple[Span, ...]
    trends: tuple[Trend, ...]


def judge(target: ReportTarget | None, value: float | None, counted: int) -> Standing:
    """Whether a figure is good, or to be watched, or asks for something to be done."""
    if target is None or value is None or counted < FEW:
        return Standing.UNKNOWN
    sign = 1 if target.more_is_better else -1
    if sign * value >= sign * target.good:
        return Standing.GOOD
    return Standing.WATCH if sign * value >= sign * target.act else Standing.ACT


def list_weeks(now: datetime, zone: ZoneInfo) -> tuple[Span, ...]:
    """The last twelve weeks from Monday to Sunday there; the last one goes on."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    starts = [monday - back * A_WEEK for back in range(WEEKS - 1, -2, -1)]
    moments = [datetime.combine(day, time(), tzinfo=zone) for day in starts]
    return tuple(Span(first, last) for first, last in itertools.pairwise(moments))


async def make_report(
    session: Session, actor: Actor, community_id: UUID, zone: ZoneInfo, *, now: datetime
) -> Report:
    """The figures of a programme beside the targets of its rules, for its staff.

    In a few statements, whatever there is to count.

    Raises
    ------
    NotPermitted
        For everybody else.
    """
    if not actor.is_staff(community_id):
        raise NotPermitted("The figures of a programme are for the people who run it.")
    weeks = list_weeks(now, zone)
    key = community_id
    homes = await repository.count_homes(session, key, weeks)
    done = await repository.count_done(session, key, weeks)
    came = await repository.count_requests(session, key, weeks, only_served=False)
    served = await repository.count_requests(session, key, weeks, only_served=True)
    sent = await repository.count_messages(session, key, weeks)
    missed = await repository.count_events(session, key, weeks, "assignment.released", "no_show")
    confirmed = await repository.count_events(session, key, weeks, "request.confirmed")
    undone = await repository.count_events(session, key, weeks, "request.not_done")
    people = await repository.count_volunteers(session, key, weeks)
    answers = await repository.list_first_answers(
        session, key, Span(weeks[0].starts_at, weeks[-1].ends_at)
    )
    agreed = [good + bad for good, bad in zip(done, missed, strict=True)]
    asked = [good + bad for good, bad in zip(confirmed, undone, strict=True)]
    rules = await read_rules_at(session, key, now)
    trends = (
        _count(Figure.HOMES, homes),
        _share(Figure.SHARE_SERVED, served, came),
        _waiting(answers, weeks),
        _share(Figure.MESSAGES, sent, homes),
        _share(Figure.NO_SHOWS, missed, agreed),
        _count(Figure.VOLUNTEERS, people),
        _share(Figure.SATISFACTION, confirmed, asked),
    )
    return Report(
        weeks,
        tuple(replace(trend, target=rules.target_of(trend.figure.value)) for trend in trends),
    )


def _count(figure: Figure, counts: Sequence[int]) -> Trend:
    """A plain number: of now it is the mean week, so that it can be compared."""
    late, early = counts[-LATE:], counts[:-LATE]
    return Trend(
        figure,
        tuple(float(count) for count in counts),
        sum(late) / len(late),
        sum(early) / len(early) if any(early) else None,
        sum(late),
    )


def _share(figure: Figure, parts: Sequence[int], wholes: Sequence[int]) -> Trend:
    """Parts of wholes."""

    def ratio(some: Sequence[int], of: Sequence[int]) -> float | None:
        return sum(some) / sum(of) if sum(of) else None

    return Trend(
        figure,
        tuple(ratio([part], [whole]) for part, whole in zip(parts, wholes, strict=True)),
        ratio(parts[-LATE:], wholes[-LATE:]),
        ratio(parts[:-LATE], wholes[:-LATE]),
        sum(wholes[-LATE:]),
    )


def _waiting(answers: Sequence[tuple[datetime, datetime]], weeks: Sequence[Span]) -> Trend:
    """Hours until somebody said yes: of half the requests it took less."""
    hours: list[list[float]] = [[] for _ in weeks]
    for came_at, yes_at in answers:
        place = next(
            (n for n, week in enumerate(weeks) if week.starts_at <= came_at < week.ends_at), None
        )
        if place is not None:
            hours[place].append(max(0.0, (yes_at - came_at) / HOUR))
    late = [hour for week in hours[-LATE:] for hour in week]
    early = [hour for week in hours[:-LATE] for hour in week]
    return Trend(
        Figure.FIRST_YES,
        tuple(median(week) if week else None for week in hours),
        median(late) if late else None,
        median(early) if early else None,
        len(late),
    )
