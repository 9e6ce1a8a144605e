"""When help is wanted: what may be chosen, in words, and the times that it means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from core.i18n import Translator
from matching.intake.commands import Windows
from matching.intake.kinds import Cadence
from web.pages.asking.answers import Answers

DAYS: Final = 14
SOON_DAYS: Final = 7
FIRST_HOUR, NOON, LAST_HOUR = 9, 12, 18
PARTS: Final = {
    "any": (FIRST_HOUR, LAST_HOUR),
    "morning": (FIRST_HOUR, NOON),
    "afternoon": (NOON, LAST_HOUR),
}
CADENCES: Final = {
    "now": (Cadence.ONCE,),
    "both": (Cadence.ONCE, Cadence.SEASON),
    "next": (Cadence.NEXT_SNOWFALL,),
    "season": (Cadence.SEASON,),
}


@dataclass(frozen=True)
class Season:
    """What the town says about time: its storm, its rule, its season."""

    needs_storm: bool
    storm_on: bool
    deadline_at: datetime | None
    """Until when help is of use in the storm that is on; None while the snow falls."""
    law: str | None
    """The city's rule, in the reader's language."""
    ends_on: date


@dataclass(frozen=True)
class Choice:
    """One answer that may be chosen."""

    code: str
    words: str
    more: str = ""


def list_choices(season: Season, translator: Translator, now: datetime) -> list[Choice]:
    """When help may be had, the likeliest first."""
    _ = translator.gettext
    if season.needs_storm:
        return _list_snow_choices(season, translator)
    found = [
        Choice("soon", _("Any day in the next week"), _("Between 9 am and 6 pm. The soonest way.")),
        Choice("tomorrow", _("Tomorrow"), translator.say_day(now + timedelta(days=1))),
        Choice("day", _("On a day that I choose"), _("Choose it below.")),
    ]
    if now.astimezone(translator.zone).hour < LAST_HOUR - 2:
        found.insert(1, Choice("today", _("Today"), _("Before 6 pm.")))
    return found


def _list_snow_choices(season: Season, translator: Translator) -> list[Choice]:
    _ = translator.gettext
    until = _("Until %(day)s. The same neighbor when possible.") % {
        "day": translator.say_day(season.ends_on)
    }
    if not season.storm_on:
        return [
            Choice(
                "next", _("At the next snowfall"), _("We ask you again before we send anybody.")
            ),
            Choice("season", _("Each time it snows"), until),
        ]
    if season.deadline_at is None:
        by = _("It still snows. We ask neighbors when it has stopped.")
    else:
        moment = translator.say_moment(season.deadline_at)
        by = _("Done by %(moment)s.") % {"moment": moment}
    if season.law:
        by = f"{by} {season.law}"
    return [
        Choice("now", _("This snowfall"), by),
        Choice("both", _("This snowfall, and each time it snows"), until),
    ]


def list_days(translator: Translator, now: datetime) -> list[tuple[str, str]]:
    """The days that may be chosen."""
    today = now.astimezone(translator.zone).date()
    days = [today + timedelta(days=number) for number in range(1, DAYS + 1)]
    return [(day.isoformat(), translator.say_day(day)) for day in days]


def list_parts(translator: Translator) -> list[tuple[str, str]]:
    """The parts of a day."""
    _ = translator.gettext
    return [
        ("any", _("Any time, 9 am to 6 pm")),
        ("morning", _("In the morning, 9 am to noon")),
        ("afternoon", _("In the afternoon, noon to 6 pm")),
    ]


def make_windows(answers: Answers, translator: Translator, now: datetime) -> Windows:
    """The times that an answer means; empty when the storm or the snow decides."""
    today = now.astimezone(translator.zone).date()
    if answers.when == "soon":
        days = [today + timedelta(days=number) for number in range(SOON_DAYS)]
    elif answers.when == "today":
        days = [today]
    elif answers.when == "tomorrow":
        days = [today + timedelta(days=1)]
    elif answers.when == "day":
        days = [date.fromisoformat(answers.day)]
    else:
        return ()
    first, last = PARTS.get(answers.part, PARTS["any"])
    windows = [(_at(day, first, translator), _at(day, last, translator)) for day in days]
    return tuple((max(start, now), end) for start, end in windows if end > now)


def say_when(answers: Answers, season: Season, translator: Translator, now: datetime) -> str:
    """The answer as a sentence."""
    _ = translator.gettext
    chosen = next(
        (one for one in list_choices(season, translator, now) if one.code == answers.when), None
    )
    if answers.when == "day" and answers.day:
        parts = dict(list_parts(translator))
        return (
            f"{translator.say_day(date.fromisoformat(answers.day))}. {parts.get(answers.part, '')}"
        )
    if chosen is None:
        return ""
    return f"{chosen.words}. {chosen.more}"


def _at(day: date, hour: int, translator: Translator) -> datetime:
    return datetime.combine(day, time(hour), translator.zone).astimezone(UTC)
