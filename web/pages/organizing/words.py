"""What kinds, states and goals of campaigns are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from campaigns.programmes.kinds import SHARES, CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.results.amounts import say_count, say_date, say_share
from core.i18n import Translator

TAGS: dict[CampaignStatus, str] = {
    CampaignStatus.DRAFT: "sent",
    CampaignStatus.SCHEDULED: "wait",
    CampaignStatus.RUNNING: "go",
    CampaignStatus.FINISHED: "ok",
    CampaignStatus.ARCHIVED: "sent",
}
"""The shape of each state: ring, half, triangle, circle."""


def name_kind(speaker: Translator, kind: CampaignKind) -> str:
    """What a campaign is about."""
    _ = speaker.gettext
    return {
        CampaignKind.BIKING: _("Biking"),
        CampaignKind.RECYCLING: _("Recycling"),
        CampaignKind.RECRUITMENT: _("New volunteers"),
        CampaignKind.OTHER: _("Something else"),
    }[kind]


def explain_kind(speaker: Translator, kind: CampaignKind) -> str:
    """What a kind of campaign counts."""
    _ = speaker.gettext
    return {
        CampaignKind.BIKING: _("People enter their rides. We count days, rides and riders."),
        CampaignKind.RECYCLING: _("Trucks and checks of carts tell what changed."),
        CampaignKind.RECRUITMENT: _("We count who signs up, and who helps for the first time."),
        CampaignKind.OTHER: _("We count who takes part."),
    }[kind]


def name_status(speaker: Translator, status: CampaignStatus) -> str:
    """Where a campaign stands."""
    _ = speaker.gettext
    return {
        CampaignStatus.DRAFT: _("Draft"),
        CampaignStatus.SCHEDULED: _("On the calendar"),
        CampaignStatus.RUNNING: _("Running"),
        CampaignStatus.FINISHED: _("Over"),
        CampaignStatus.ARCHIVED: _("Put away"),
    }[status]


def name_unit(speaker: Translator, unit: GoalUnit) -> str:
    """What a goal counts."""
    _ = speaker.gettext
    return {
        GoalUnit.RIDES: _("Rides"),
        GoalUnit.RIDE_DAYS: _("Days with a ride"),
        GoalUnit.DISTANCE_KM: _("Kilometers ridden"),
        GoalUnit.RIDERS: _("People who ride"),
        GoalUnit.NEW_RIDERS: _("People who ride for the first time"),
        GoalUnit.PARTICIPATION_SHARE: _("Share of those who joined that do something"),
        GoalUnit.SET_OUTS: _("Carts set out"),
        GoalUnit.SET_OUT_SHARE: _("Share of carts set out"),
        GoalUnit.WEIGHT_KG: _("Kilograms recycled"),
        GoalUnit.CAPTURE_SHARE: _("Share of recyclables in the right cart"),
        GoalUnit.CONTAMINATION_SHARE: _("Share that does not belong in the cart"),
        GoalUnit.SIGN_UPS: _("People who sign up"),
        GoalUnit.VETTED: _("People who pass the checks"),
        GoalUnit.FIRST_TASKS: _("People who help for the first time"),
        GoalUnit.PARTICIPANTS: _("People who join"),
        GoalUnit.ACTIONS: _("Things done"),
    }[unit]


def name_role(speaker: Translator, role: TeamRole) -> str:
    """What somebody may do with one campaign."""
    _ = speaker.gettext
    return {
        TeamRole.OWNER: _("Owner: may do everything, and choose the team"),
        TeamRole.EDITOR: _("Editor: may change the campaign"),
        TeamRole.VIEWER: _("Viewer: may look"),
    }[role]


def say_amount(speaker: Translator, unit: GoalUnit, value: float) -> str:
    """An amount in the unit of a goal: ``1,200``, ``25%``."""
    return say_share(speaker, value) if unit in SHARES else say_count(speaker, value)


def say_goal(speaker: Translator, unit: GoalUnit | None, value: float | None) -> str:
    """A goal in words, such as ``Rides: 500``."""
    if unit is None or value is None:
        return speaker.gettext("No goal yet")
    return speaker.gettext(
        "%(what)s: %(amount)s",
        what=name_unit(speaker, unit),
        amount=say_amount(speaker, unit, value),
    )


def say_span(speaker: Translator, first: datetime | date, last: datetime | date) -> str:
    """From one day to another, both with their year."""
    return speaker.gettext(
        "%(first)s to %(last)s",
        first=say_date(speaker, first),
        last=say_date(speaker, last),
    )


def say_languages(speaker: Translator, codes: Sequence[str]) -> str:
    """Languages by name."""
    return ", ".join(speaker.locale.languages.get(code, code) for code in codes)
