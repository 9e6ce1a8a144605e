"""What a made-up town does beside helping: groups, campaigns, events, mailings, boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.demo.town_audiences import TownAudiences
from api.demo.town_campaigns import TownCampaigns
from api.demo.town_events import TownEvents
from api.demo.town_groups import TownGroups
from api.demo.town_mailings import TownMailings
from api.demo.town_people import TownPeople
from api.demo.town_recycling import TownRecycling
from api.demo.town_rows import TownRows
from api.demo.town_standings import TownStandings
from api.demo.town_work import TownWork


@dataclass(frozen=True, kw_only=True)
class Engagement:
    """The ids of everything of these rooms."""

    audiences: TownAudiences
    """The ids of its segments and surveys."""
    groups: TownGroups
    """The ids of its groups, of who stands with them, and of posts."""
    events: TownEvents
    """The ids of its events, of sign-ups and of helpers."""
    campaigns: TownCampaigns
    """The ids of its campaigns, and of rides."""
    standings: TownStandings
    """The ids of what may be promised, of pledges and of badges."""
    mailings: TownMailings
    """The ids of its mailings."""
    recycling: TownRecycling
    """The ids of its routes, walks, and campaigns of recycling and recruitment."""


def add_engagement(rows: TownRows, people: TownPeople, work: TownWork, now: datetime) -> Engagement:
    """Groups and campaigns, and what belongs to them: each needs the ids of those before it."""
    audiences = TownAudiences(rows, people, now)
    audiences.add_all()
    mailings = TownMailings(rows, people, now, audiences.version_ids[0])
    mailings.add_all()
    groups = TownGroups(rows, people, now)
    groups.add_all()
    campaigns = TownCampaigns(rows, people, now, group_ids=groups.group_ids)
    campaigns.add_all()
    standings = TownStandings(
        rows, people, now, campaigns.campaign_ids[0], group_ids=groups.group_ids
    )
    standings.add_all()
    recycling = TownRecycling(rows, people, now, work.round_ids, people.volunteer_ids)
    recycling.add_all()
    events = TownEvents(rows, people, now)
    events.add_all()
    return Engagement(
        audiences=audiences,
        mailings=mailings,
        groups=groups,
        events=events,
        campaigns=campaigns,
        standings=standings,
        recycling=recycling,
    )
