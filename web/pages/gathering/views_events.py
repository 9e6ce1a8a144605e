"""What pages of events say: when, where, which seats are left, and how one stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events.kinds import (
    HOLDING,
    LIVE,
    EventAudience,
    EventStatus,
    HelperStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.events.models import (
    CommunityEvent,
    EventHelper,
    EventOccurrence,
    EventPlace,
    EventRegistration,
    EventRole,
)
from core.i18n import Translator

LONGEST_NIGHT = timedelta(hours=12)
"""Something that ends on the next day and lasts no longer than this is of one evening."""


@dataclass(frozen=True)
class DayRows:
    """What is known of one day of an event, as far as the one who asks may know it."""

    town_slug: str
    event: CommunityEvent
    day: EventOccurrence
    place: EventPlace
    is_exact: bool
    """Whether the address is for them."""
    own: EventRegistration | None
    ahead_count: int


@dataclass(frozen=True)
class Tag:
    """A state in one word or two, with its shape."""

    words: str
    kind: str


@dataclass(frozen=True)
class EventCard:
    """One day of an event in a list."""

    path: str
    title: str
    iso: str
    when: str
    place: str
    area: str
    tag: Tag
    is_full: bool
    is_mine: bool


@dataclass(frozen=True)
class Seat:
    """How one's own sign-up stands."""

    id: UUID
    news: str
    more: str
    code: str
    party_size: int
    is_kept: bool
    has_seat: bool
    may_cancel: bool


@dataclass(frozen=True)
class RoleRow:
    """Work that an event needs hands for."""

    id: UUID
    label: str
    wanted: str


@dataclass(frozen=True)
class Help:
    """How one's own offer of help stands."""

    id: UUID
    words: str
    is_asked: bool


@dataclass(frozen=True)
class EventView:
    """The page of one day."""

    card: EventCard
    description: str
    address: str
    address_hint: str
    seats: str
    for_whom: str
    most: int
    is_open: bool
    """Whether one may sign up now."""
    is_off: bool
    is_over: bool
    is_draft: bool
    seat: Seat | None
    help: Help | None
    roles: tuple[RoleRow, ...]
    other_days: tuple[tuple[str, str], ...]
    calendar_path: str
    check_in_path: str


def make_path(town_slug: str, day_id: UUID) -> str:
    """Where a day of an event has its page."""
    return f"/events/{town_slug}/{day_id}"


def make_cards(
    speaker: Translator, rows: Iterable[DayRows], now: datetime
) -> tuple[EventCard, ...]:
    """Days of events in a list."""
    return tuple(make_card(speaker, one, now) for one in rows)


def make_card(speaker: Translator, rows: DayRows, now: datetime) -> EventCard:
    """One day of an event in a list."""
    free = rows.day.capacity - rows.day.taken_count
    return EventCard(
        path=make_path(rows.town_slug, rows.day.id),
        title=rows.event.title,
        iso=rows.day.starts_at.isoformat(),
        when=say_when(speaker, rows.day),
        place=rows.place.name,
        area=rows.place.area or "",
        tag=_make_tag(speaker, rows, free, now),
        is_full=free <= 0,
        is_mine=rows.own is not None and rows.own.status in LIVE,
    )


def say_when(speaker: Translator, day: EventOccurrence) -> str:
    """The day, and from when to when; with the day of its end when it is longer than a night."""
    begins, ends = (moment.astimezone(speaker.zone) for moment in (day.starts_at, day.ends_at))
    if begins.date() != ends.date() and day.ends_at - day.starts_at > LONGEST_NIGHT:
        return speaker.gettext(
            "%(from)s to %(until)s",
            until=speaker.say_moment(day.ends_at),
            **{"from": speaker.say_moment(day.starts_at)},
        )
    return speaker.gettext(
        "%(day)s, %(from)s to %(until)s",
        day=speaker.say_day(day.starts_at),
        until=speaker.say_time(day.ends_at),
        **{"from": speaker.say_time(day.starts_at)},
    )


def make_view(
    speaker: Translator,
    rows: DayRows,
    *,
    roles: Sequence[EventRole],
    helping: EventHelper | None,
    days: Sequence[EventOccurrence],
    is_inside: bool,
    now: datetime,
) -> EventView:
    """The page of one day."""
    event, day = rows.event, rows.day
    card = make_card(speaker, rows, now)
    is_off = OccurrenceStatus.CANCELLED is day.status or event.status is EventStatus.CANCELLED
    is_over = now >= day.ends_at
    is_open = event.status is EventStatus.PUBLISHED and not is_off and now < day.starts_at
    hint = speaker.gettext("The address is for those who have a seat, and for helpers.")
    return EventView(
        card=card,
        description=event.description,
        address=_write_address(rows) if rows.is_exact else "",
        address_hint="" if rows.is_exact else hint,
        seats=_say_seats(speaker, day),
        for_whom=_say_audience(speaker, event.audience),
        most=min(event.max_party, day.capacity),
        is_open=is_open,
        is_off=is_off,
        is_over=is_over,
        is_draft=event.status is EventStatus.DRAFT,
        seat=_make_seat(speaker, rows, now),
        help=_make_help(speaker, helping, roles),
        roles=tuple(_make_role(speaker, one) for one in roles),
        other_days=tuple(
            (make_path(rows.town_slug, one.id), say_when(speaker, one))
            for one in days
            if one.id != day.id and one.ends_at > now and one.status is OccurrenceStatus.SCHEDULED
        )[:10],
        calendar_path=f"{card.path}/event.ics",
        check_in_path=f"{card.path}/check-in" if is_inside else "",
    )


def _write_address(rows: DayRows) -> str:
    unit = f", {rows.place.unit}" if rows.place.unit else ""
    return f"{rows.place.address_text}{unit}"


def _make_tag(speaker: Translator, rows: DayRows, free: int, now: datetime) -> Tag:
    _, own = speaker.gettext, rows.own
    if OccurrenceStatus.CANCELLED is rows.day.status or rows.event.status is EventStatus.CANCELLED:
        return Tag(_("Called off"), "stop")
    if rows.event.status is EventStatus.DRAFT:
        return Tag(_("Draft"), "sent")
    if now >= rows.day.ends_at:
        return Tag(_("Over"), "sent")
    if own is not None and own.status is RegistrationStatus.SEATED:
        return Tag(_("You have a seat"), "ok")
    if own is not None and own.status is RegistrationStatus.OFFERED:
        return Tag(_("A seat is kept for you"), "wait")
    if own is not None and own.status is RegistrationStatus.WAITING:
        return Tag(_("You are on the waiting list"), "wait")
    if free <= 0:
        return Tag(_("Full. You can wait for a seat."), "wait")
    return Tag(speaker.ngettext("%(num)s seat left", "%(num)s seats left", free), "ok")


def _say_seats(speaker: Translator, day: EventOccurrence) -> str:
    free = day.capacity - day.taken_count
    if free > 0:
        return speaker.ngettext(
            "%(num)s of %(capacity)s seats is left.",
            "%(num)s of %(capacity)s seats are left.",
            free,
            capacity=day.capacity,
        )
    return speaker.ngettext(
        "The only seat is taken. You can wait for it.",
        "All %(num)s seats are taken. You can wait for one.",
        day.capacity,
    )


def _say_audience(speaker: Translator, audience: EventAudience) -> str:
    _ = speaker.gettext
    return {
        EventAudience.PUBLIC: "",
        EventAudience.COMMUNITY: _("For people of this town."),
        EventAudience.GROUP: _("For members of the group."),
    }[audience]


def _make_seat(speaker: Translator, rows: DayRows, now: datetime) -> Seat | None:
    own = rows.own
    if own is None or own.status not in LIVE:
        return None
    _, more = speaker.gettext, ""
    if own.status is RegistrationStatus.SEATED:
        news = speaker.ngettext("You have a seat.", "You have %(num)s seats.", own.party_size)
    elif own.status is RegistrationStatus.OFFERED:
        news = speaker.ngettext(
            "A seat is free for you.", "%(num)s seats are free for you.", own.party_size
        )
        if own.offered_until_at is not None:
            more = _(
                "It is kept until %(when)s. Then it goes to the next in line.",
                when=speaker.say_moment(own.offered_until_at),
            )
    else:
        news = _("You are on the waiting list.")
        more = speaker.ngettext(
            "One sign-up is before yours. We write to you when a seat is free.",
            "%(num)s sign-ups are before yours. We write to you when a seat is free.",
            rows.ahead_count,
        )
        if not rows.ahead_count:
            more = _("You are next. We write to you when a seat is free.")
    return Seat(
        id=own.id,
        news=news,
        more=more,
        code=(own.check_in_code or "") if own.status in HOLDING else "",
        party_size=own.party_size,
        is_kept=own.status is RegistrationStatus.OFFERED,
        has_seat=own.status is RegistrationStatus.SEATED,
        may_cancel=now < rows.day.ends_at,
    )


def _make_role(speaker: Translator, role: EventRole) -> RoleRow:
    wanted = speaker.ngettext(
        "%(num)s person is needed", "%(num)s people are needed", role.wanted_count
    )
    return RoleRow(role.id, role.label, wanted)


def _make_help(
    speaker: Translator, row: EventHelper | None, roles: Sequence[EventRole]
) -> Help | None:
    if row is None or row.status in (HelperStatus.WITHDRAWN, HelperStatus.PROPOSED):
        return None
    _ = speaker.gettext
    role = next((one.label for one in roles if one.id == row.role_id), "")
    if row.status is HelperStatus.CONFIRMED:
        words = _("You help here: %(role)s.", role=role) if role else _("You help here.")
    elif row.status is HelperStatus.INVITED:
        words = (
            _("The organizers ask you to help: %(role)s.", role=role)
            if role
            else _("The organizers ask you to help.")
        )
    else:
        words = _("You offered to help. The organizers answer you.")
    return Help(row.id, words, row.status is HelperStatus.INVITED)
