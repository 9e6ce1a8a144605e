"""The figures of a biking campaign, counted from its rides, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.biking import figures_repository, repository
from campaigns.biking.figures import (
    GroupShare,
    Points,
    Saved,
    find_group_shares,
    find_new_riders,
    find_points,
    find_saved,
)
from campaigns.biking.figures_repository import MemberFacts, RideTotal, load_ride_totals
from campaigns.biking.rules import BikingRules, read_biking_rules
from campaigns.errors import TooLittleData
from campaigns.groups.repository import list_member_person_ids
from campaigns.measuring.effects import Effect, UnitChange, difference_effect
from campaigns.programmes import repository as programmes
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.models import Campaign
from core.db import Session

__all__ = [
    "BikingFigures",
    "UnitFigures",
    "UnitKind",
    "list_unit_figures",
    "load_biking_figures",
    "load_group_shares",
    "load_points",
    "load_ride_totals",
    "measure_effect",
]

DAYS_A_WEEK = 7.0


class UnitKind(StrEnum):
    """What is compared."""

    AREA = "area"
    GROUP = "group"


@dataclass(frozen=True)
class UnitFigures:
    """Days ridden by each person of one unit in a week, before and during."""

    kind: UnitKind
    unit: str
    """The name of the neighbourhood, or the id of the group."""
    is_comparison: bool
    person_count: int
    """Of fewer than five nothing is shown in public."""
    change: UnitChange


@dataclass(frozen=True)
class BikingFigures:
    """What a campaign adds up to; exact, so for staff, and for the public only what is k-safe."""

    member_count: int
    totals: tuple[RideTotal, ...]
    new_rider_ids: frozenset[UUID]
    shares: tuple[GroupShare, ...]
    saved: Saved | None

    @property
    def rider_ids(self) -> frozenset[UUID]:
        """Everybody who takes part and rode at least once."""
        return frozenset(total.person_id for total in self.totals)


@dataclass(frozen=True)
class _Season:
    campaign: Campaign
    rules: BikingRules
    first_day: date
    last_day: date


async def _find_season(session: Session, campaign_id: UUID) -> _Season:
    campaign = await session.get(Campaign, campaign_id)
    if campaign is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}, or it is not for you.")
    zone = ZoneInfo(await repository.read_time_zone(session, campaign.community_id))
    first = campaign.starts_at.astimezone(zone).date()
    # An end at midnight does not make the next day one of the campaign.
    last = (campaign.ends_at - timedelta(seconds=1)).astimezone(zone).date()
    return _Season(campaign, read_biking_rules(campaign.settings), first, max(first, last))


async def load_group_shares(session: Session, campaign_id: UUID) -> list[GroupShare]:
    """Each group of the campaign: its members, and how many of them rode at least once."""
    season = await _find_season(session, campaign_id)
    totals = await load_ride_totals(session, campaign_id)
    return await _shares(session, season, {total.person_id for total in totals})


async def _shares(session: Session, season: _Season, riders: set[UUID]) -> list[GroupShare]:
    people = {
        row.group_id: await list_member_person_ids(session, row.group_id)
        for row in await programmes.list_groups(session, season.campaign.id)
        if not row.is_comparison
    }
    return find_group_shares(people, riders, season.rules)


async def _new_riders(
    session: Session, season: _Season, members: list[MemberFacts], riders: set[UUID]
) -> frozenset[UUID]:
    rules = season.rules
    until = rules.baseline_until or season.first_day - timedelta(days=1)
    return find_new_riders(
        members,
        riders,
        earlier_riders=await figures_repository.list_earlier_riders(
            session, season.campaign, rules.baseline_from, until
        ),
        earlier_members=await figures_repository.list_earlier_members(session, season.campaign),
    )


async def load_biking_figures(session: Session, campaign_id: UUID) -> BikingFigures:
    """Everything that a campaign's rides add up to now."""
    season = await _find_season(session, campaign_id)
    members = await figures_repository.load_members(session, campaign_id)
    totals = await load_ride_totals(session, campaign_id)
    riders = {total.person_id for total in totals}
    return BikingFigures(
        member_count=len(members),
        totals=tuple(totals),
        new_rider_ids=await _new_riders(session, season, members, riders),
        shares=tuple(await _shares(session, season, riders)),
        saved=find_saved(totals, season.rules),
    )


async def load_points(
    session: Session, campaign_id: UUID, *, since: date | None = None, until: date | None = None
) -> list[Points]:
    """Everybody's points, by person; encouragement is counted over the whole campaign."""
    season = await _find_season(session, campaign_id)
    members = await figures_repository.load_members(session, campaign_id)
    riders = {total.person_id for total in await load_ride_totals(session, campaign_id)}
    days = await figures_repository.load_day_distances(
        session, campaign_id, since=since, until=until
    )
    new = await _new_riders(session, season, members, riders)
    return find_points(members, days, new, season.rules)


async def list_unit_figures(session: Session, campaign_id: UUID) -> list[UnitFigures]:
    """Neighbourhoods and groups that took part, and those compared with, before and during.

    Days ridden in a week by each person who has taken part in this season or an earlier one, so
    that the same people are counted both times. Empty without days to compare with. While the
    campaign runs, "during" ends with the latest day of which rides were told.
    """
    season = await _find_season(session, campaign_id)
    rules, campaign = season.rules, season.campaign
    if rules.baseline_from is None or rules.baseline_until is None:
        return []
    told = await figures_repository.find_last_day(session, campaign_id)
    until = min(season.last_day, told or season.first_day)
    community_id = campaign.community_id
    before = await figures_repository.load_ride_days(
        session, community_id, rules.baseline_from, rules.baseline_until
    )
    during = await figures_repository.load_ride_days(session, community_id, season.first_day, until)
    weeks_before = ((rules.baseline_until - rules.baseline_from).days + 1) / DAYS_A_WEEK
    weeks_during = ((until - season.first_day).days + 1) / DAYS_A_WEEK
    found = []
    for kind, unit, is_comparison, ids in await _list_units(session, campaign):
        if not ids:
            continue
        change = UnitChange(
            before=sum(before.get(key, 0) for key in ids) / len(ids) / weeks_before,
            during=sum(during.get(key, 0) for key in ids) / len(ids) / weeks_during,
        )
        found.append(UnitFigures(kind, unit, is_comparison, len(ids), change))
    return found


async def _list_units(
    session: Session, campaign: Campaign
) -> list[tuple[UnitKind, str, bool, frozenset[UUID]]]:
    panel = await figures_repository.load_panel(session, campaign)
    units: list[tuple[UnitKind, str, bool, frozenset[UUID]]] = []
    for names, is_comparison in ((campaign.areas, False), (campaign.comparison_areas, True)):
        for name in names:
            ids = frozenset(key for key, area in panel.items() if area == name)
            units.append((UnitKind.AREA, name, is_comparison, ids))
    for row in await programmes.list_groups(session, campaign.id):
        members = await list_member_person_ids(session, row.group_id)
        ids = frozenset(members) & panel.keys()
        units.append((UnitKind.GROUP, str(row.group_id), row.is_comparison, frozenset(ids)))
    return units


async def measure_effect(session: Session, campaign_id: UUID) -> Effect:
    """By how many days a week riding grew more than where it is compared with.

    Neighbourhoods are compared with neighbourhoods where the campaign names some to compare with,
    else groups with groups.

    Raises
    ------
    TooLittleData
        When too few units, or no days before, are there to tell an effect from chance.
    """
    figures = await list_unit_figures(session, campaign_id)
    if not figures:
        raise TooLittleData(
            "Name the days before the campaign, and the areas or groups to compare with."
        )
    has_areas = any(one.kind is UnitKind.AREA and one.is_comparison for one in figures)
    kind = UnitKind.AREA if has_areas else UnitKind.GROUP
    chosen = [one for one in figures if one.kind is kind]
    return difference_effect(
        [one.change for one in chosen if not one.is_comparison],
        [one.change for one in chosen if one.is_comparison],
    )
