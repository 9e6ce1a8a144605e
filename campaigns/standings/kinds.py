"""The code words of pledges, boards and badges, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class PledgeStatus(StrEnum):
    """What became of a pledge."""

    MADE = "made"
    KEPT = "kept"
    PARTLY = "partly"
    WITHDRAWN = "withdrawn"


OPEN_OR_KEPT = (PledgeStatus.MADE, PledgeStatus.KEPT, PledgeStatus.PARTLY)
"""These stand on the wall."""


class BoardKind(StrEnum):
    """What is published once a day."""

    GROUPS = "groups"
    AREAS = "areas"
    PEOPLE = "people"
    """Only those who chose an alias."""
    PLEDGES = "pledges"
    """How many people promised something without showing their name."""
    PROGRESS = "progress"
    """How many people stand behind the way to the goal."""


class SizeBand(StrEnum):
    """Like is compared with like."""

    SMALL = "small"
    """5 to 19 people."""
    MEDIUM = "medium"
    """20 to 49."""
    LARGE = "large"
    """50 to 199."""
    VERY_LARGE = "very_large"
    """200 and more."""


class BadgeKind(StrEnum):
    """What a badge is given for."""

    FIRST_TIME = "first_time"
    """The first thing done in a campaign."""
    WEEKS_IN_A_ROW = "weeks_in_a_row"
    """Something done in each of so many weeks, once; what comes after takes nothing away."""
    BROUGHT_SOMEBODY = "brought_somebody"
    """Somebody whom this person invited has done something."""
    HELPED_IN_STORM = "helped_in_storm"
    """Work done in a storm."""
    PLEDGE_KEPT = "pledge_kept"


class Pace(StrEnum):
    """Where a campaign stands on the way to its goal."""

    NO_GOAL = "no_goal"
    NOT_MEASURED = "not_measured"
    """There are no figures for this goal here."""
    TOO_FEW = "too_few"
    """Fewer than five people: their figures are not public."""
    TOO_EARLY = "too_early"
    REACHED = "reached"
    ON_TRACK = "on_track"
    OPEN = "open"
    """It may go either way."""
    BEHIND = "behind"
    MISSED = "missed"
