"""What can go wrong with campaigns."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class CampaignUnknown(NotFound):
    """No such campaign, or not for this actor."""

    code = "campaign_unknown"


class InvalidCampaign(InvalidInput):
    """Words or figures of a campaign that cannot be used."""

    code = "invalid_campaign"


class InvalidCampaignDates(InvalidInput):
    """A beginning and an end that cannot be."""

    code = "invalid_campaign_dates"


class InvalidGoal(InvalidInput):
    """A goal that the kind of campaign cannot measure, or that no figure can reach."""

    code = "invalid_goal"


class CampaignAreaUnknown(InvalidInput):
    """A neighbourhood that the city pack does not know."""

    code = "campaign_area_unknown"


class SlugTaken(Conflict):
    """Another campaign of the community has this short name."""

    code = "campaign_slug_taken"


class CampaignChanged(Conflict):
    """Somebody changed the campaign meanwhile."""

    code = "campaign_changed"


class CampaignClosed(Conflict):
    """The campaign is not in a state in which this can be done."""

    code = "campaign_closed"


class LastOwner(Conflict):
    """A campaign keeps at least one owner once it had one."""

    code = "last_owner"


class InviteCodeUnknown(InvalidInput):
    """Nobody of this campaign passed this code on."""

    code = "invite_code_unknown"
