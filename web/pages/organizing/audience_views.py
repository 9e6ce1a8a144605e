"""What a manager sees of an audience: about how many, why somebody is in, who is left out."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.audiences.previewing import Preview
from core.i18n import Translator


@dataclass(frozen=True)
class PreviewView:
    """A preview in words."""

    news: str
    notice: str
    rows: tuple[tuple[str, str], ...]
    """What, and about how many."""
    examples: tuple[tuple[str, str, str], ...]
    """First name, neighborhood, why."""


def show_preview(speaker: Translator, preview: Preview) -> PreviewView:
    """A preview in words."""
    _ = speaker.gettext
    rows = [
        (_("Described by it"), say_about(speaker, preview.described_about)),
        *(
            (name_exclusion(speaker, reason), say_about(speaker, count))
            for reason, count in preview.excluded_about.items()
        ),
        (_("Reached"), say_about(speaker, preview.reached_about)),
    ]
    notices = {
        Notice.TOO_FEW: _("Fewer than five people: nothing can be sent to so few."),
        Notice.NOBODY: _("Fewer than five people: nothing can be sent to so few."),
        Notice.EVERYBODY: _("This is nearly everybody. Is each of them meant?"),
    }
    news = (
        _("It reaches about %(num)s people.", num=speaker.say_number(preview.reached_about))
        if preview.reached_about
        else _("It reaches fewer than five people.")
    )
    return PreviewView(
        news=news,
        notice="" if preview.notice is None else notices[preview.notice],
        rows=tuple(rows),
        examples=tuple(
            (one.first_name or _("Somebody"), one.area or "", "; ".join(one.reasons))
            for one in preview.examples
        ),
    )


def say_about(speaker: Translator, count: int) -> str:
    """A blurred count."""
    if not count:
        return speaker.gettext("fewer than 5")
    return speaker.gettext("about %(num)s", num=speaker.say_number(count))


def name_exclusion(speaker: Translator, reason: Exclusion) -> str:
    """Why somebody whom a segment describes is not reached."""
    _ = speaker.gettext
    return {
        Exclusion.NO_CONSENT: _("Left out: they did not agree to such messages"),
        Exclusion.UNSUBSCRIBED: _("Left out: they ended such messages"),
        Exclusion.NO_CONTACT: _("Left out: we have no address or number that works"),
        Exclusion.AWAY: _("Left out: they are away"),
        Exclusion.CONTACTED_LATELY: _("Left out: somebody wrote to them lately"),
    }[reason]
