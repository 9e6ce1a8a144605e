"""How a request stands, in words for whoever asked: the news, what is next, what was. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Literal
from uuid import UUID

from core.i18n import Translator
from matching.intake.changing import BEFORE_A_YES, BEFORE_IT_IS_DONE
from matching.intake.history import HistoryLine
from matching.intake.models import StandingRequest
from matching.kinds import RequestStatus
from matching.offers.disclosure import AddressOpened
from matching.offers.next_asking import NextWave
from matching.offers.reading import Helper, RequestPage

LOOKING = (RequestStatus.OPEN, RequestStatus.OFFERED)
LOOKED_AT = (RequestStatus.SUBMITTED, RequestStatus.NEEDS_REVIEW)
COMING = (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)
OVER = (RequestStatus.CONFIRMED, RequestStatus.CANCELLED, RequestStatus.EXPIRED)
ABOUT_S = 300
"""Moments to come are said no more exactly than this."""
CANCELLABLE = frozenset(BEFORE_IT_IS_DONE)
ASKED_CODES = frozenset({"asked"})
"""Said by the step that is now, so not again among what was."""


@dataclass(frozen=True)
class Line:
    """One step of the timeline."""

    state: Literal["done", "now", "next"]
    title: str
    at: datetime | None = None
    when: str = ""
    """In place of a time: "Then", "Until 11:30 am"."""
    more: str = ""


@dataclass(frozen=True)
class Post:
    """One thing that was said between the resident and the helper."""

    text: str
    at: datetime
    is_mine: bool


@dataclass(frozen=True)
class Facts:
    """What is known about a request, before it is put into words."""

    page: RequestPage
    history: Sequence[HistoryLine]
    answers_until: datetime | None
    """Until when those who were asked are waited for."""
    next_wave: NextWave | None = None
    """When more are asked or looked for, as the ladder's own schedule has it."""
    seen: Sequence[AddressOpened] = ()
    posts: Sequence[Post] = ()
    is_thread_open: bool = False
    notes: str | None = None
    wish: StandingRequest | None = None
    """Help each time it snows, that goes on beside this request."""
    is_called: bool = False
    """Whoever asked has no address for written words: news comes by phone."""
    has_help_phone: bool = False
    thanks: str | None = None
    """What was said to whoever came; empty for thanks without words, None for none to show."""
    has_thanked: bool = False
    """Also when staff took the words away."""


@dataclass(frozen=True)
class RequestView:
    """A request as its page shows it."""

    request_id: UUID
    reference: str
    eyebrow: str
    news: str
    lede: tuple[str, ...]
    tag: tuple[str, str]
    next_news: str
    next_more: str
    lines: tuple[Line, ...]
    helpers: tuple[Helper, ...]
    seen: tuple[AddressOpened, ...]
    posts: tuple[Post, ...]
    photo_ids: tuple[UUID, ...]
    notes: str | None
    is_thread_open: bool
    is_question: bool
    """Was it done? Two buttons of the same size."""
    is_overdue: bool
    """Did they come? The same two buttons, for the time is over and nobody has said."""
    is_live: bool
    """Whether something may still happen by itself."""
    can_cancel: bool
    can_change: bool
    """Notes may change."""
    can_change_work: bool
    """Scope and time may change too."""
    may_confirm: bool
    may_report: bool
    has_calendar: bool
    thanks: str | None
    can_thank: bool
    """It is done, and nothing was said to whoever came."""
    came: str | None
    """The first name of whoever came."""
    wish_id: UUID | None
    is_called: bool


def make_view(
    facts: Facts, translator: Translator, now: datetime, *, is_limited: bool = False
) -> RequestView:
    """The words of a request; limited ones name nobody and offer nothing but calling it off."""
    page = facts.page
    status = page.status
    helpers = () if is_limited else page.helpers
    next_news, next_more = _tell_next(facts, translator, now)
    coming = status in COMING and bool(page.helpers)
    started = bool(page.helpers) and min(one.starts_at for one in page.helpers) <= now
    has_come = status is RequestStatus.CONFIRMED and bool(helpers)
    return RequestView(
        request_id=page.request_id,
        reference=page.reference,
        eyebrow=_tell_eyebrow(page, translator),
        news=tell_news(page, translator, now, is_limited=is_limited),
        lede=_tell_lede(facts, translator),
        tag=tell_tag(page, translator, now),
        next_news=next_news,
        next_more=next_more,
        lines=_tell_lines(facts, translator, now, is_limited=is_limited),
        helpers=helpers,
        seen=() if is_limited else tuple(facts.seen),
        posts=() if is_limited else tuple(facts.posts),
        photo_ids=() if is_limited else page.photo_ids,
        notes=None if is_limited else facts.notes,
        is_thread_open=facts.is_thread_open and not is_limited,
        is_question=status is RequestStatus.DONE and not is_limited,
        is_overdue=is_overdue(page, now) and not is_limited,
        is_live=status not in OVER,
        can_cancel=status in CANCELLABLE,
        can_change=status in BEFORE_IT_IS_DONE and not is_limited,
        can_change_work=status in BEFORE_A_YES and not is_limited,
        may_confirm=coming and not is_limited,
        may_report=coming and started and not is_limited,
        has_calendar=coming and not is_limited,
        thanks=None if is_limited else facts.thanks,
        can_thank=has_come and not facts.has_thanked,
        came=next((one.name for one in helpers if one.name), None),
        wish_id=None if facts.wish is None else facts.wish.id,
        is_called=facts.is_called,
    )


def is_overdue(page: RequestPage, now: datetime) -> bool:
    """Whether the time is over at which somebody said that they come."""
    ends = [one.ends_at for one in page.helpers]
    return page.status in COMING and bool(ends) and max(ends) < now


def tell_news(
    page: RequestPage, translator: Translator, now: datetime, *, is_limited: bool = False
) -> str:
    """The news in one sentence."""
    _, ngettext = translator.gettext, translator.ngettext
    status = page.status
    helper = page.helpers[0] if page.helpers else None
    name = None if helper is None or is_limited else helper.name
    settled = {
        RequestStatus.CONFIRMED: _("It is done. Thank you for telling us."),
        RequestStatus.DONE: _("Was it done?"),
        RequestStatus.CANCELLED: _("Your request is called off"),
        RequestStatus.EXPIRED: _("We are sorry: nobody could come in time"),
        RequestStatus.NEEDS_REVIEW: _("A person from the team looks at your request"),
        RequestStatus.SUBMITTED: _("A person from the team looks at your request"),
    }
    if status in settled:
        return settled[status]
    if is_overdue(page, now):
        if name:
            return _("Did %(name)s come?") % {"name": name}
        return _("Did your neighbor come?")
    if status is RequestStatus.IN_PROGRESS:
        if name:
            return _("%(name)s is on the way") % {"name": name}
        return _("A neighbor is on the way")
    if helper is not None and status is RequestStatus.ACCEPTED:
        moment = translator.say_moment(helper.starts_at)
        if name:
            return _("%(name)s comes: %(moment)s") % {"name": name, "moment": moment}
        return _("A neighbor comes: %(moment)s") % {"moment": moment}
    if page.asked_count:
        asked = ngettext(
            "We asked %(num)s neighbor.", "We asked %(num)s neighbors.", page.asked_count
        )
        if not page.waiting_count:
            return asked
        silent = ngettext(
            "%(num)s has not answered yet.", "%(num)s have not answered yet.", page.waiting_count
        )
        return f"{asked} {silent}"
    return _("We are looking for a neighbor")


def tell_tag(page: RequestPage, translator: Translator, now: datetime) -> tuple[str, str]:
    """Word and shape of a state."""
    _ = translator.gettext
    if is_overdue(page, now):
        return _("Tell us: was it done?"), "wait"
    tags = {
        RequestStatus.SUBMITTED: (_("Being looked at"), "sent"),
        RequestStatus.NEEDS_REVIEW: (_("Being looked at"), "sent"),
        RequestStatus.OPEN: (_("Looking for a neighbor"), "wait"),
        RequestStatus.OFFERED: (_("Asking neighbors"), "wait"),
        RequestStatus.ACCEPTED: (_("A neighbor comes"), "go"),
        RequestStatus.IN_PROGRESS: (_("On the way"), "go"),
        RequestStatus.DONE: (_("Tell us: was it done?"), "wait"),
        RequestStatus.CONFIRMED: (_("Done"), "ok"),
        RequestStatus.CANCELLED: (_("Called off"), "sent"),
        RequestStatus.EXPIRED: (_("Nobody could come"), "stop"),
    }
    return tags[page.status]


def _tell_eyebrow(page: RequestPage, translator: Translator) -> str:
    _ = translator.gettext
    reference = _("Request %(reference)s") % {"reference": page.reference}
    job = page.job.label
    if page.job.scope:
        job = f"{job}: {', '.join(page.job.scope)}"
    return f"{job}. {reference}"


def _tell_lede(facts: Facts, translator: Translator) -> tuple[str, ...]:
    _, ngettext = translator.gettext, translator.ngettext
    page = facts.page
    found = []
    if page.status in LOOKING:
        if page.declined_count:
            found.append(
                ngettext(
                    "One neighbor said no, and that is fine.",
                    "%(num)s neighbors said no, and that is fine.",
                    page.declined_count,
                )
            )
        called = _("You do not need to do anything. We call you when somebody says yes.")
        written = _("You do not need to do anything. We write when somebody says yes.")
        found.append(called if facts.is_called else written)
    if page.status in LOOKED_AT:
        found.append(_("They may call you. Then we ask neighbors near you."))
    if page.status is RequestStatus.EXPIRED:
        called = _("You can ask again at any time, or call us.")
        found.append(called if facts.has_help_phone else _("You can ask again at any time."))
    return tuple(found)


def _tell_next(facts: Facts, translator: Translator, now: datetime) -> tuple[str, str]:
    """What happens next, and what happens when nobody answers."""
    _ = translator.gettext
    page = facts.page
    by = ""
    if page.deadline_at is not None:
        by = _("If nobody can come by %(moment)s, we tell you.") % {
            "moment": translator.say_moment(page.deadline_at)
        }
    if page.status in LOOKED_AT:
        # That a person looks at it is the news of the page already.
        return by, ""
    if page.status not in LOOKING:
        return "", ""
    return _tell_asking(facts, translator, now), by


def _tell_asking(facts: Facts, translator: Translator, now: datetime) -> str:
    """When more neighbours are asked: a time only where the ladder's schedule has one."""
    _ = translator.gettext
    page, until, wave = facts.page, facts.answers_until, facts.next_wave
    if wave is not None and page.deadline_at is not None and wave.at >= page.deadline_at:
        wave = None
    if wave is not None and wave.is_look:
        return _tell_look(facts, wave.at, translator, now)
    at = None if wave is None else wave.at
    words = {} if at is None else _say_about(at, translator)
    is_today = at is not None and _is_same_day(at, now, translator)
    if page.waiting_count and until is not None:
        words["until"] = translator.say_time(until)
        if at is None or at < until:
            said = _("If nobody says yes by %(until)s, we ask more neighbors.")
        elif is_today:
            said = _("If nobody says yes by %(until)s, we ask the next ones at about %(time)s.")
        else:
            said = _("If nobody says yes, we ask the next neighbors on %(day)s, about %(time)s.")
    elif not page.asked_count:
        said = _("We ask the first neighbors soon.")
    elif at is None:
        said = _("We ask more neighbors as soon as we can.")
    elif is_today:
        said = _("We ask the next neighbors at about %(time)s.")
    else:
        said = _("We ask the next neighbors on %(day)s, about %(time)s.")
    return said % words


def _tell_look(facts: Facts, at: datetime, translator: Translator, now: datetime) -> str:
    """Nobody is planned to be asked: when the next look is, once all have answered."""
    if facts.page.waiting_count or not facts.page.asked_count:
        return _tell_asking(replace(facts, next_wave=None), translator, now)
    _ = translator.gettext
    words = _say_about(at, translator)
    if _is_same_day(at, now, translator):
        return _("We look again for a neighbor at about %(time)s.") % words
    return _("We look again for a neighbor on %(day)s, about %(time)s.") % words


def _say_about(moment: datetime, translator: Translator) -> dict[str, str]:
    """Day and time of day, to the next five minutes."""
    near = datetime.fromtimestamp(ceil(moment.timestamp() / ABOUT_S) * ABOUT_S, UTC)
    return {"day": translator.say_day(near), "time": translator.say_time(near)}


def _is_same_day(one: datetime, other: datetime, translator: Translator) -> bool:
    zone = translator.zone
    return one.astimezone(zone).date() == other.astimezone(zone).date()


def _tell_lines(
    facts: Facts, translator: Translator, now: datetime, *, is_limited: bool
) -> tuple[Line, ...]:
    past = [
        Line("done", line.sentence, at=line.at)
        for line in facts.history
        if line.code not in ASKED_CODES
    ]
    return (
        *past,
        *_tell_now(facts, translator, now, is_limited=is_limited),
        *_tell_then(facts, translator, is_limited=is_limited),
    )


def _tell_now(
    facts: Facts, translator: Translator, now: datetime, *, is_limited: bool
) -> list[Line]:
    _, ngettext = translator.gettext, translator.ngettext
    page = facts.page
    if page.status in LOOKED_AT:
        return [Line("now", _("A person looks at your request"), when=_("Now"))]
    if page.status in LOOKING:
        if not page.waiting_count:
            return [Line("now", _("We look for a neighbor near you"), when=_("Now"))]
        until = _("Now")
        if facts.answers_until is not None:
            until = _("Until %(time)s") % {"time": translator.say_time(facts.answers_until)}
        waiting = ngettext(
            "Waiting for %(num)s answer", "Waiting for %(num)s answers", page.waiting_count
        )
        return [Line("now", waiting, when=until)]
    if page.status in COMING and page.helpers:
        news = tell_news(page, translator, now, is_limited=is_limited)
        return [Line("now", news, when=_("Now") if is_overdue(page, now) else _("Next"))]
    if page.status is RequestStatus.DONE:
        return [Line("now", _("You tell us: done, or not done"), when=_("Now"))]
    return []


def _tell_then(facts: Facts, translator: Translator, *, is_limited: bool) -> list[Line]:
    _ = translator.gettext
    found = []
    if facts.page.status in (*LOOKED_AT, *LOOKING):
        found.append(
            Line(
                "next",
                _("A neighbor says yes"),
                when=_("Then"),
                more="" if is_limited else _("You get a first name and a time."),
            )
        )
    if facts.page.status in (*LOOKED_AT, *LOOKING, *COMING):
        found.append(
            Line(
                "next",
                _("You tell us: done, or not done"),
                when=_("Last"),
                more=_("If it is not done, we start again at once."),
            )
        )
    return found
