"""What each kind of campaign counts: the places from which boards and goals are fed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.programmes.kinds import CampaignKind, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.recruiting.models import RecruitedSignUp
from campaigns.recycling.kinds import Stream
from campaigns.standings import deeds_repository as repository
from campaigns.standings.deeds import Amount, Deed, Standing
from core.db import Session
from people.models import Community


async def find_zone(session: Session, campaign: Campaign) -> ZoneInfo:
    """The clock on the wall where a campaign runs."""
    community = await session.get_one(Community, campaign.community_id)
    return ZoneInfo(community.time_zone)


class BikingStanding:
    """Rides."""

    units = frozenset({GoalUnit.RIDES, GoalUnit.RIDE_DAYS, GoalUnit.DISTANCE_KM})

    async def list_deeds(self, session: Session, campaign: Campaign) -> Sequence[Deed]:
        """One for each person and local day with a ride."""
        rows = await repository.load_ride_days(session, campaign.id)
        return [
            Deed(
                person_id,
                day,
                {
                    GoalUnit.RIDES: rides,
                    GoalUnit.RIDE_DAYS: 1,
                    GoalUnit.DISTANCE_KM: distance_km,
                },
            )
            for person_id, day, rides, distance_km in rows
        ]

    async def list_amounts(
        self, session: Session, campaign: Campaign, unit: GoalUnit
    ) -> Sequence[Amount]:
        """Everything is somebody's."""
        return ()


class PledgeStanding:
    """Promises that were kept: for campaigns that count nothing else."""

    units = frozenset({GoalUnit.ACTIONS})

    async def list_deeds(self, session: Session, campaign: Campaign) -> Sequence[Deed]:
        """One for each person and local day on which they said it was done."""
        zone = await find_zone(session, campaign)
        members = await repository.load_member_facts(session, campaign.id)
        kept = await repository.load_kept_pledges(session, campaign.id)
        counts = Counter(
            (person_id, moment.astimezone(zone).date())
            for person_id, moment in kept
            if person_id in members
        )
        return [
            Deed(person_id, day, {GoalUnit.ACTIONS: count})
            for (person_id, day), count in sorted(counts.items(), key=lambda item: item[0][::-1])
        ]

    async def list_amounts(
        self, session: Session, campaign: Campaign, unit: GoalUnit
    ) -> Sequence[Amount]:
        """Everything is somebody's."""
        return ()


class RecruitmentStanding:
    """People who signed up, passed their checks and did a first task."""

    units = frozenset({GoalUnit.SIGN_UPS, GoalUnit.VETTED, GoalUnit.FIRST_TASKS})

    async def list_deeds(self, session: Session, campaign: Campaign) -> Sequence[Deed]:
        """One for each day on which a person came a step further."""
        zone = await find_zone(session, campaign)
        found: dict[tuple[UUID, date], dict[GoalUnit, float]] = defaultdict(dict)
        for row in await repository.load_sign_ups(session, campaign.id):
            for unit, moment in _steps(row).items():
                if row.person_id is not None:
                    found[row.person_id, moment.astimezone(zone).date()][unit] = 1
        return [Deed(person_id, day, amounts) for (person_id, day), amounts in found.items()]

    async def list_amounts(
        self, session: Session, campaign: Campaign, unit: GoalUnit
    ) -> Sequence[Amount]:
        """The steps of those who were forgotten since: the figures stay what they were."""
        zone = await find_zone(session, campaign)
        rows = await repository.load_sign_ups(session, campaign.id)
        moments = [_steps(row).get(unit) for row in rows if row.person_id is None]
        return [Amount(moment.astimezone(zone).date(), 1) for moment in moments if moment]


def _steps(row: RecruitedSignUp) -> dict[GoalUnit, datetime]:
    moments = {
        GoalUnit.SIGN_UPS: row.signed_up_at,
        GoalUnit.VETTED: row.vetting_passed_at,
        GoalUnit.FIRST_TASKS: row.first_task_done_at,
    }
    return {unit: moment for unit, moment in moments.items() if moment is not None}


class RecyclingStanding:
    """Carts and weights of the routes where the campaign works; kept promises of people."""

    units = frozenset({GoalUnit.SET_OUTS, GoalUnit.WEIGHT_KG})

    def __init__(self) -> None:
        self._pledges = PledgeStanding()

    async def list_deeds(self, session: Session, campaign: Campaign) -> Sequence[Deed]:
        """What was counted on routes is nobody's; promises are."""
        return await self._pledges.list_deeds(session, campaign)

    async def list_amounts(
        self, session: Session, campaign: Campaign, unit: GoalUnit
    ) -> Sequence[Amount]:
        """Set-outs and kilograms in the weeks of the campaign."""
        if unit is GoalUnit.SET_OUTS:
            rows = await repository.load_set_outs(session, campaign.id)
        elif unit is GoalUnit.WEIGHT_KG:
            rows = await repository.load_weights(session, campaign.id, Stream.RECYCLING.value)
        else:
            return ()
        zone = await find_zone(session, campaign)
        first, last = (
            moment.astimezone(zone).date() for moment in (campaign.starts_at, campaign.ends_at)
        )
        return [Amount(day, value) for day, value in rows if first <= day <= last]


STANDINGS: Mapping[CampaignKind, Standing] = MappingProxyType(
    {
        CampaignKind.BIKING: BikingStanding(),
        CampaignKind.RECYCLING: RecyclingStanding(),
        CampaignKind.RECRUITMENT: RecruitmentStanding(),
        CampaignKind.OTHER: PledgeStanding(),
    }
)
"""One for each kind of campaign; another kind adds its own here."""
