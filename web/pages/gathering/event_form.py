"""What is written into the forms of an event: its words, its time, its seats, its roles. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.events.errors import HourSkipped
from campaigns.events.helpers_repository import MAX_ROLES
from campaigns.events.helping import MAX_WANTED, RoleWanted
from campaigns.events.kinds import EventAudience, HourChoice, Repeats
from campaigns.events.models import DESCRIPTION_LENGTH, TITLE_LENGTH, EventRole
from campaigns.events.planning import LONGEST_S, MAX_CAPACITY, MAX_PARTY, SHORTEST_S
from campaigns.events.series import LAST, MAX_OCCURRENCES, Rule
from campaigns.events.wall import (
    FORMAT,
    find_end,
    find_moment,
    is_skipped,
    is_twice,
    local_of,
)
from campaigns.events.words import name_reasons
from core.i18n import Translator
from people.models import CODE_LENGTH, NAME_LENGTH
from web.pages.fields import read_day, read_whole
from web.pages.gathering.views_events import LONGEST_NIGHT

ONCE, SECOND_WEEK = "once", "second_week"
LATEST = timedelta(days=3 * 366)
SPARE_ROLES = 3
FIFTH = 5
DAY = timedelta(days=1)


@dataclass
class Written:
    """What was understood, and what is missing by field."""

    errors: dict[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    starts_local: datetime | None = None
    duration_s: int = 0
    hour: HourChoice | None = None
    rule: Rule | None = None
    capacity: int = 0
    max_party: int = 1
    audience: EventAudience = EventAudience.COMMUNITY
    roles: list[RoleWanted] = field(default_factory=list)


def read_words(
    speaker: Translator, form: Mapping[str, str], description: str, written: Written
) -> None:
    """The title, what it is about, and for whom."""
    _ = speaker.gettext
    written.title = " ".join(form.get("title", "").split())
    written.description = description
    if not 1 <= len(written.title) <= TITLE_LENGTH:
        written.errors["title"] = _("Write a title, for example Repair evening")
    if len(description) > DESCRIPTION_LENGTH:
        written.errors["description"] = _("Shorten this text to 5,000 letters")


def read_audience(
    speaker: Translator, form: Mapping[str, str], written: Written, *, has_group: bool
) -> None:
    """Who may see it and come."""
    _ = speaker.gettext
    if form.get("audience") not in list(EventAudience):
        written.errors["audience"] = _("Choose who may come")
        return
    written.audience = EventAudience(form["audience"])
    if written.audience is EventAudience.GROUP and not has_group:
        written.errors["audience"] = _("Choose a group above, or choose others who may come")


def read_seats(speaker: Translator, form: Mapping[str, str], written: Written) -> None:
    """How many seats there are, and how many one person may take."""
    capacity = read_whole(form.get("capacity", ""))
    if capacity is None or not 1 <= capacity <= MAX_CAPACITY:
        written.errors["capacity"] = speaker.gettext("Write how many people have room")
    else:
        written.capacity = capacity
    party = read_whole(form.get("max_party", "") or "1")
    if party is None or not 1 <= party <= MAX_PARTY:
        words = speaker.gettext("Write a number from 1 to %(most)s", most=MAX_PARTY)
        written.errors["max_party"] = words
    else:
        written.max_party = party


def read_times(
    speaker: Translator, form: Mapping[str, str], written: Written, zone: ZoneInfo, now: datetime
) -> None:
    """The first start by the clock on the wall there, and how long it lasts.

    The day on which it ends is asked for where the clock alone does not say it.
    """
    _ = speaker.gettext
    day = read_day(form.get("day", ""))
    if day is None:
        written.errors["day"] = _("Choose the day")
    begins, ends = _read_clock(form.get("from", "")), _read_clock(form.get("until", ""))
    if begins is None:
        written.errors["from"] = _("Write when it begins, for example 18:30")
    if ends is None:
        written.errors["until"] = _("Write when it ends, for example 20:00")
    last = read_day(form["until_day"]) if form.get("until_day") else day
    if last is None and day is not None:
        written.errors["until_day"] = _("Choose the day on which it ends")
    if day is None or begins is None or ends is None or last is None:
        return
    start, end = datetime.combine(day, begins), datetime.combine(last, ends)
    if not form.get("until_day") and end <= start and end + DAY - start <= LONGEST_NIGHT:
        end += DAY
    there = now.astimezone(zone).replace(tzinfo=None)
    if start <= there:
        written.errors["day"] = _("This time is over. Choose a later one")
    elif start > there + LATEST:
        written.errors["day"] = _("This is more than three years ahead. Choose an earlier day")
    if is_skipped(start, zone):
        written.errors["from"] = _("The clocks jump over this time. Choose another one")
    elif is_twice(start, zone):
        if form.get("hour") in list(HourChoice):
            written.hour = HourChoice(form["hour"])
        else:
            written.errors["hour"] = _("The clocks show this time twice. Choose which one you mean")
    written.starts_local = start
    if "from" not in written.errors:
        _read_length(speaker, written, end, zone)


def _read_length(speaker: Translator, written: Written, end: datetime, zone: ZoneInfo) -> None:
    """How long it lasts, also through a night in which the clocks change."""
    _ = speaker.gettext
    assert written.starts_local is not None
    begins = find_moment(written.starts_local, zone, written.hour or HourChoice.EARLIER)
    try:
        length = find_end(end, zone, begins) - begins
    except HourSkipped:
        written.errors["until"] = _("The clocks jump over this time. Choose another one")
        return
    written.duration_s = round(length.total_seconds())
    if written.duration_s < SHORTEST_S:
        written.errors["until"] = _("The end must be later than the beginning")
    elif written.duration_s > LONGEST_S:
        written.errors["until"] = _("It lasts seven days at most. Choose an earlier end")


def read_rule(speaker: Translator, form: Mapping[str, str], written: Written) -> None:
    """How it comes back, and until when."""
    _ = speaker.gettext
    repeats = form.get("repeats", ONCE)
    if repeats == ONCE:
        return
    if repeats not in (Repeats.DAILY, Repeats.WEEKLY, SECOND_WEEK, Repeats.MONTHLY):
        written.errors["repeats"] = _("Choose how often it takes place")
        return
    last = read_day(form.get("last_day", ""))
    if last is None:
        written.errors["last_day"] = _("Choose the last day")
        return
    if written.starts_local is None:
        return
    first = written.starts_local.date()
    if last < first:
        written.errors["last_day"] = _("The last day must not be before the first")
        return
    if _count_days(repeats, first, last) > MAX_OCCURRENCES:
        written.errors["last_day"] = _("It would come back too often. Choose an earlier last day")
        return
    written.rule = make_rule(repeats, first, last)
    if "hour" in written.errors or written.hour is not None:
        _take_earlier(speaker, written)


def _take_earlier(speaker: Translator, written: Written) -> None:
    """Of an hour that comes twice a series begins in the earlier one: calendars know no other."""
    if written.hour is HourChoice.LATER:
        words = speaker.gettext("An event that comes back begins in the earlier one. Choose it")
        written.errors["hour"] = words
    else:
        written.errors.pop("hour", None)
        written.hour = HourChoice.EARLIER


def make_rule(repeats: str, first: date, last: date) -> Rule:
    """The rule that begins with a day: the second Tuesday comes back on second Tuesdays."""
    if repeats == Repeats.DAILY:
        return Rule(Repeats.DAILY, until=last)
    if repeats == Repeats.MONTHLY:
        nth = (first.day - 1) // 7 + 1
        nth = LAST if nth == FIFTH else nth
        return Rule(Repeats.MONTHLY, weekdays=(first.weekday(),), nth=nth, until=last)
    every = 2 if repeats == SECOND_WEEK else 1
    return Rule(Repeats.WEEKLY, every=every, weekdays=(first.weekday(),), until=last)


def read_roles(
    speaker: Translator, form: Mapping[str, str], known: Sequence[EventRole], written: Written
) -> None:
    """Which hands it needs; a row without a name is none. Known roles keep their code."""
    _, codes = speaker.gettext, {row.code: row for row in known}
    used: set[str] = set()
    for number in range(1, MAX_ROLES + 1):
        label = " ".join(form.get(f"role{number}", "").split())[:NAME_LENGTH]
        wanted = read_whole(form.get(f"wanted{number}", "") or "1")
        if not label:
            continue
        if wanted is None or not 1 <= wanted <= MAX_WANTED:
            written.errors[f"wanted{number}"] = _("Write how many people, from 1 to 100")
            continue
        before = codes.get(form.get(f"code{number}", ""))
        code = before.code if before is not None else _make_code(label, used | set(codes))
        if code in used:
            continue
        used.add(code)
        abilities = tuple(before.abilities) if before is not None else ()
        written.roles.append(RoleWanted(code, label, wanted, abilities))


def fill_roles(roles: Sequence[EventRole], form: Mapping[str, str]) -> list[tuple[int, str]]:
    """The rows of roles that the form shows: number and code, with some to spare."""
    last = max(
        (number for number in range(1, MAX_ROLES + 1) if form.get(f"role{number}")),
        default=len(roles),
    )
    shown = min(max(last, len(roles)) + SPARE_ROLES, MAX_ROLES)
    codes = [role.code for role in roles]
    return [
        (number + 1, form.get(f"code{number + 1}") or (codes[number : number + 1] or [""])[0])
        for number in range(shown)
    ]


def write_roles(roles: Sequence[EventRole]) -> dict[str, str]:
    """Known roles as their fields show them."""
    found: dict[str, str] = {}
    for number, role in enumerate(roles[:MAX_ROLES], 1):
        found |= {
            f"role{number}": role.label,
            f"wanted{number}": str(role.wanted_count),
            f"code{number}": role.code,
        }
    return found


def show_times(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> dict[str, str]:
    """When it is, as fields show it; with the day of its end where the clock does not say it."""
    (day, begins), (last, ends) = show_local(starts_at, zone), show_local(ends_at, zone)
    shown = {"day": day, "from": begins, "until": ends}
    is_night = local_of(ends_at, zone) - local_of(starts_at, zone) <= LONGEST_NIGHT
    return shown if last == day or is_night else shown | {"until_day": last}


def show_local(moment: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """A moment as fields show it: the day, and the time."""
    day, _, clock = moment.astimezone(zone).strftime(FORMAT).partition("T")
    return day, clock


def list_repeats(speaker: Translator) -> list[tuple[str, str, str]]:
    """How often an event may take place."""
    _ = speaker.gettext
    return [
        (ONCE, _("Once"), ""),
        (Repeats.WEEKLY.value, _("Each week"), _("On the same weekday.")),
        (SECOND_WEEK, _("Every second week"), _("On the same weekday.")),
        (Repeats.MONTHLY.value, _("Each month"), _("As the second Tuesday, if the first day is.")),
        (Repeats.DAILY.value, _("Each day"), ""),
    ]


def list_audiences(speaker: Translator, *, has_groups: bool) -> list[tuple[str, str, str]]:
    """Who may see an event and come."""
    _ = speaker.gettext
    found = [
        (EventAudience.PUBLIC.value, _("Everybody"), _("It stands in public calendars too.")),
        (EventAudience.COMMUNITY.value, _("People of this town"), _("They sign in to see it.")),
    ]
    if has_groups:
        found.append((EventAudience.GROUP.value, _("Members of the group"), ""))
    return found


def list_hours(speaker: Translator, *, comes_back: bool = False) -> list[tuple[str, str, str]]:
    """Which of two hours is meant; of one that comes back it is the earlier one."""
    _ = speaker.gettext
    early = (HourChoice.EARLIER.value, _("The earlier one"), _("Before the clocks go back."))
    return [early] if comes_back else [early, (HourChoice.LATER.value, _("The later one"), "")]


def list_reasons(speaker: Translator) -> list[tuple[str, str]]:
    """Why an event is called off, as those read it who wanted to come."""
    return [("", speaker.gettext("I do not say why")), *name_reasons(speaker.language).items()]


def _read_clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip()[:5]).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _count_days(repeats: str, first: date, last: date) -> int:
    """About how often it comes back."""
    days = (last - first).days
    step = {Repeats.DAILY: 1, Repeats.WEEKLY: 7, SECOND_WEEK: 14, Repeats.MONTHLY: 31}
    return days // step[repeats] + 1


def _make_code(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode("ascii")
    code = "_".join(re.findall(r"[a-z0-9]+", plain.lower()))[: CODE_LENGTH - 4].strip("_")
    if not code[:1].isalpha():
        code = f"role_{code}".strip("_")
    made, number = code, 1
    while made in taken:
        number += 1
        made = f"{code}_{number}"
    return made
