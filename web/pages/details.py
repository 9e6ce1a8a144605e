"""What a volunteer must know of a kind of help, asked in one field with the way to the door."""

from __future__ import annotations

from dataclasses import dataclass

from core.i18n import Translator
from matching.intake.help_kinds import HelpKind


@dataclass(frozen=True)
class Details:
    """The field."""

    label: str
    hint: str
    is_needed: bool

    def find_faults(self, notes: str, translator: Translator) -> dict[str, str]:
        """What is missing in an answer."""
        if notes or not self.is_needed:
            return {}
        return {"notes": translator.gettext("Write what the neighbor needs to know")}


def ask_details(kind: HelpKind, translator: Translator) -> Details:
    """The field for a kind of help; by itself only how to find the door."""
    _, language = translator.gettext, translator.language
    if kind.details is None:
        hint = _("For example: green door, ramp on the left, ring twice.")
        return Details(_("How will the neighbor find the door?"), hint, is_needed=False)
    details = kind.details
    return Details(details.label(language), details.hint(language), details.needed)
