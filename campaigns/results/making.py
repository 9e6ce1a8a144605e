"""The figures of a campaign, worked out from what is on record; and what of them is public."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.results import repository
from campaigns.results.advice import Found, give_advice
from campaigns.results.costs import find_costs, find_public_costs
from campaigns.results.errors import ResultsTooEarly
from campaigns.results.figures import (
    About,
    CellFigures,
    MeasuredEffect,
    Participation,
    QualityNote,
    Reach,
    Results,
)
from campaigns.results.kinds import Quality
from campaigns.results.measures import measure_campaign
from campaigns.results.participation import count_participation, hide_few, hide_few_people
from campaigns.results.repository import Homes
from campaigns.standings.suppression import K
from core.db import Session
from matching.maps.areas import CityMap, open_city_map
from people.models import Community
from people.repository import read_rules_at

BEGUN = frozenset({CampaignStatus.RUNNING, CampaignStatus.FINISHED, CampaignStatus.ARCHIVED})


@dataclass(frozen=True, eq=False)
class Ground:
    """What is known of a city's neighbourhoods."""

    addresses: Mapping[str, int]
    cells: Mapping[int, tuple[str | None, int]]
    """Cell -> neighbourhood and addresses."""
    source: str


async def make_results(
    session: Session, campaign: Campaign, *, now: datetime, for_public: bool = False
) -> Results:
    """Every figure of a campaign, for its staff; or what `make_public` begins with.

    Raises
    ------
    ResultsTooEarly
        When the campaign has not begun.
    """
    if campaign.status not in BEGUN:
        raise ResultsTooEarly(
            f"The campaign {campaign.slug} has not begun, so there is nothing to show yet."
        )
    community = await repository.load_community(session, campaign)
    rules = await read_rules_at(session, community.id, now)
    ground = await asyncio.to_thread(read_ground, community, rules.anonymity_k)
    homes = await repository.count_homes(session, campaign, for_public=for_public)
    reach = Reach(
        await repository.count_told(session, campaign.id),
        await repository.count_joined(session, campaign.id),
        await repository.count_active(session, campaign),
    )
    effects, notes = await measure_campaign(session, campaign, community, now=now)
    notes = (*notes, *await _notes(session, campaign, homes))
    participation = count_participation(
        homes.by_area, ground.addresses, tuple(campaign.areas), source=ground.source
    )
    return complete(
        _about(campaign, community),
        reach,
        participation if ground.addresses else None,
        effects,
        notes,
        now=now,
        cells=_cells(homes, ground),
    )


def complete(
    about: About,
    reach: Reach,
    participation: Participation | None,
    effects: tuple[MeasuredEffect, ...],
    notes: tuple[QualityNote, ...],
    *,
    now: datetime,
    cells: tuple[CellFigures, ...] = (),
) -> Results:
    """Costs and advice follow from the rest."""
    return Results(
        about=about,
        computed_at=now,
        reach=reach,
        participation=participation,
        effects=effects,
        costs=find_costs(about.cost_cents, reach, effects),
        advice=give_advice(Found(about, reach, participation, effects, notes)),
        notes=notes,
        cells=cells,
    )


def make_public(results: Results) -> Results:
    """The same as everybody may see it.

    No group of people under five, and none that could be found by subtraction; advice rests on the
    public figures alone, so that it tells nothing of the hidden ones.
    """
    reach = hide_few_people(results.reach)
    participation = None if results.participation is None else hide_few(results.participation)
    notes = tuple(note for note in results.notes if note.code is not Quality.NO_HOME)
    effects = tuple(
        one for one in results.effects if one.side_people is None or one.side_people >= K
    )
    costs = find_public_costs(results.about.cost_cents, reach, effects, results.costs)
    return replace(
        results,
        reach=reach,
        participation=participation,
        effects=effects,
        costs=costs,
        advice=give_advice(Found(results.about, reach, participation, effects, notes)),
        notes=notes,
        cells=(),
        is_public=True,
    )


def read_ground(community: Community, k: int) -> Ground:
    """Neighbourhoods and cells of the city pack with their addresses. Slow the first time."""
    city = open_city_map(community, k)
    return Ground(
        {area.name: area.address_count for area in city.areas if area.address_count},
        _read_cells(city),
        city.attribution,
    )


def _read_cells(city: CityMap) -> dict[int, tuple[str | None, int]]:
    return {
        cell.cell: (area.name, cell.address_count) for area in city.areas for cell in area.cells
    }


def _cells(homes: Homes, ground: Ground) -> tuple[CellFigures, ...]:
    found = []
    for cell, count in homes.by_cell.items():
        area, address_count = ground.cells.get(cell, (None, 0))
        found.append(CellFigures(cell, area, address_count, count))
    return tuple(found)


async def _notes(session: Session, campaign: Campaign, homes: Homes) -> list[QualityNote]:
    notes = []
    if campaign.status is CampaignStatus.RUNNING:
        notes.append(QualityNote(Quality.NOT_YET_OVER))
    if homes.homeless_count:
        notes.append(QualityNote(Quality.NO_HOME, homes.homeless_count))
    synthetic = await repository.count_synthetic(session, campaign)
    if synthetic:
        notes.append(QualityNote(Quality.SYNTHETIC, synthetic))
    return notes


def _about(campaign: Campaign, community: Community) -> About:
    return About(
        slug=campaign.slug,
        title=campaign.title,
        summary=campaign.summary,
        kind=campaign.kind.value,
        status=campaign.status.value,
        community=community.name,
        time_zone=community.time_zone,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        areas=tuple(campaign.areas),
        goal_value=campaign.goal_value,
        goal_unit=None if campaign.goal_unit is None else campaign.goal_unit.value,
        goal_reached=None,
        cost_cents=campaign.cost_cents,
    )
