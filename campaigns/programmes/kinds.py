"""The code words of campaigns, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class CampaignKind(StrEnum):
    """What a campaign is about, and with it how it is measured."""

    BIKING = "biking"
    RECYCLING = "recycling"
    RECRUITMENT = "recruitment"
    OTHER = "other"


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    ARCHIVED = "archived"


class TeamRole(StrEnum):
    """What a person may do with one campaign. Roles do not include one another."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class GoalUnit(StrEnum):
    """What a goal counts."""

    RIDES = "rides"
    RIDE_DAYS = "ride_days"
    DISTANCE_KM = "distance_km"
    RIDERS = "riders"
    NEW_RIDERS = "new_riders"
    PARTICIPATION_SHARE = "participation_share"
    SET_OUTS = "set_outs"
    SET_OUT_SHARE = "set_out_share"
    WEIGHT_KG = "weight_kg"
    CAPTURE_SHARE = "capture_share"
    CONTAMINATION_SHARE = "contamination_share"
    SIGN_UPS = "sign_ups"
    VETTED = "vetted"
    FIRST_TASKS = "first_tasks"
    PARTICIPANTS = "participants"
    ACTIONS = "actions"


UNITS_OF: dict[CampaignKind, frozenset[GoalUnit]] = {
    CampaignKind.BIKING: frozenset(
        {
            GoalUnit.RIDES,
            GoalUnit.RIDE_DAYS,
            GoalUnit.DISTANCE_KM,
            GoalUnit.RIDERS,
            GoalUnit.NEW_RIDERS,
            GoalUnit.PARTICIPATION_SHARE,
        }
    ),
    CampaignKind.RECYCLING: frozenset(
        {
            GoalUnit.SET_OUTS,
            GoalUnit.SET_OUT_SHARE,
            GoalUnit.WEIGHT_KG,
            GoalUnit.CAPTURE_SHARE,
            GoalUnit.CONTAMINATION_SHARE,
            GoalUnit.PARTICIPATION_SHARE,
        }
    ),
    CampaignKind.RECRUITMENT: frozenset({GoalUnit.SIGN_UPS, GoalUnit.VETTED, GoalUnit.FIRST_TASKS}),
    CampaignKind.OTHER: frozenset(
        {GoalUnit.PARTICIPANTS, GoalUnit.ACTIONS, GoalUnit.PARTICIPATION_SHARE}
    ),
}
"""Which goals a kind of campaign can measure."""

SHARES = frozenset(
    {
        GoalUnit.PARTICIPATION_SHARE,
        GoalUnit.SET_OUT_SHARE,
        GoalUnit.CAPTURE_SHARE,
        GoalUnit.CONTAMINATION_SHARE,
    }
)
"""Goals between 0 and 1."""
