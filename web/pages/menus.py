"""Where one may go from every page, by who looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], str]


@dataclass(frozen=True)
class MenuItem:
    """One entry of the menu."""

    path: str
    words: str

    def is_here(self, path: str) -> bool:
        """Whether a page belongs to this entry."""
        is_below = path.startswith(f"{self.path}/") and self.path != "/staff"
        return path == self.path or is_below


def for_everybody(say: Say) -> list[MenuItem]:
    """What somebody finds who has not signed in."""
    _ = say
    return [
        MenuItem("/ask", _("Ask for help")),
        MenuItem("/volunteer", _("Volunteer")),
        MenuItem("/campaigns", _("Campaigns")),
        MenuItem("/groups", _("Groups")),
        MenuItem("/sign-in", _("Sign in")),
    ]


def for_members(say: Say) -> list[MenuItem]:
    """What residents and volunteers find."""
    _ = say
    return [
        MenuItem("/ask", _("Ask for help")),
        MenuItem("/requests", _("Your requests")),
        MenuItem("/volunteering", _("Volunteering")),
        MenuItem("/campaigns", _("Campaigns")),
        MenuItem("/groups", _("Groups")),
        MenuItem("/account", _("You")),
    ]


def for_staff(say: Say) -> list[MenuItem]:
    """What the people who run the programme find."""
    _ = say
    return [
        MenuItem("/staff/storm", _("Storm")),
        MenuItem("/staff/requests", _("Requests")),
        MenuItem("/staff/people", _("People")),
        MenuItem("/staff/campaigns", _("Campaigns")),
        MenuItem("/staff/messages", _("Messages")),
        MenuItem("/staff/reports", _("Reports")),
        MenuItem("/staff", _("More")),
    ]


MENUS: dict[str, Callable[[Say], list[MenuItem]]] = {
    "public": for_everybody,
    "member": for_members,
    "staff": for_staff,
}
