"""What the first page of the room says: the news in one sentence, then what is open and agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from matching.intake.help_kinds import HelpKinds
from matching.kinds import AssignmentStatus, RequestKind, VolunteerStatus
from matching.models import Assignment, Volunteer
from matching.offers.open_offers import HomeView, OpenOffers
from matching.states import HELD_ASSIGNMENTS
from web.pages.rendering import Reader


@dataclass(frozen=True)
class Waiting:
    """One thing to open: a plan of some homes, or one home of the list."""

    path: str
    homes: tuple[HomeView, ...]
    waits_until: datetime | None = None
    is_asked: bool = False
    """Whether a message put it before the volunteer."""

    @property
    def is_urgent(self) -> bool:
        """Whether any of it comes before others."""
        return any(home.urgent for home in self.homes)


@dataclass(frozen=True)
class VisitLine:
    """An agreed visit in a list."""

    id: UUID
    label: str
    area: str | None
    starts_at: datetime
    ends_at: datetime
    is_under_way: bool


@dataclass(frozen=True)
class HomeNews:
    """The first sentence of the page, and what stands under it."""

    title: str
    more: str


def list_waiting(found: OpenOffers | None) -> list[Waiting]:
    """Plans first, then the list."""
    if found is None:
        return []
    waiting = [
        Waiting(f"/volunteering/offers/{ask.id}", ask.plan, ask.silent_after_at, is_asked=True)
        for ask in found.asks
        if ask.plan
    ]
    waiting += [Waiting(f"/volunteering/homes/{home.request_id}", (home,)) for home in found.menu]
    return waiting


def list_visits(
    rows: Sequence[tuple[Assignment, RequestKind, str | None]], kinds: HelpKinds, language: str
) -> list[VisitLine]:
    """Agreed visits that are not over, in order."""
    held = [row for row in rows if row[0].status in HELD_ASSIGNMENTS]
    return [
        VisitLine(
            work.id,
            kinds.get(kind).label(language),
            area,
            work.starts_at,
            work.ends_at,
            work.status is AssignmentStatus.IN_PROGRESS,
        )
        for work, kind, area in sorted(held, key=lambda row: (row[0].starts_at, row[0].id))
    ]


def split_today(
    visits: Sequence[VisitLine], now: datetime, time_zone: str
) -> tuple[list[VisitLine], list[VisitLine]]:
    """Those of today and of the days before that are not over, and those to come."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    near = [visit for visit in visits if visit.starts_at.astimezone(zone).date() <= today]
    return near, [visit for visit in visits if visit not in near]


def tell_news(
    own: Volunteer,
    waiting: Sequence[Waiting],
    today: Sequence[VisitLine],
    reader: Reader,
    now: datetime,
) -> HomeNews:
    """What matters most now: a pause, work of today, neighbors who ask, or nothing at all."""
    _, ngettext = reader.translator.gettext, reader.translator.ngettext
    rests = _("What you agreed to stays.")
    if own.status is VolunteerStatus.PAUSED:
        return HomeNews(_("You have a pause until you say so."), rests)
    if own.paused_until is not None and own.paused_until > now:
        day = reader.translator.say_day(own.paused_until)
        return HomeNews(_("You have a pause until %(day)s.", day=day), rests)
    if any(visit.is_under_way for visit in today):
        return HomeNews(_("You are on your way. Thank you."), "")
    over = sum(visit.ends_at < now for visit in today)
    told = ngettext(
        "The time of one visit is over. Tell us: was it done?",
        "The time of %(num)s visits is over. Tell us: were they done?",
        over,
    )
    if today[over:]:
        ahead = len(today) - over
        title = ngettext("You go to one home today.", "You go to %(num)s homes today.", ahead)
        return HomeNews(title, told if over else "")
    if today:
        return HomeNews(told, "")
    asked = [one for one in waiting if one.is_asked]
    homes = sum(len(one.homes) for one in (asked or waiting))
    if asked:
        title = ngettext(
            "One neighbor needs help near you.", "%(num)s neighbors need help near you.", homes
        )
        return HomeNews(title, _("Yes or no: both help us. No answer is fine too."))
    if waiting:
        title = ngettext("One home near you is open.", "%(num)s homes near you are open.", homes)
        return HomeNews(title, _("Nobody waits for your answer. Take one if you like."))
    return HomeNews(
        _("Nothing open now. You do not need to do anything."),
        _("We write when someone near you needs help."),
    )
