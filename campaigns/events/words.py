"""What mails and pages of events say in the same words."""

from __future__ import annotations

from pathlib import Path

from campaigns.events.kinds import CancelReason
from core.i18n import Translator

HERE = Path(__file__).parent


def name_reasons(language: str) -> dict[CancelReason, str]:
    """Why an event is called off, as those read it who wanted to come."""
    _ = Translator(language, HERE).gettext
    return {
        CancelReason.WEATHER: _("The weather does not allow it."),
        CancelReason.PLACE: _("The place is not free."),
        CancelReason.TOO_FEW: _("Too few people wanted to come."),
        CancelReason.NOBODY_LEADS: _("Nobody can lead it."),
    }
