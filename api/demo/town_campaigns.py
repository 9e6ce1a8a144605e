"""The campaigns of a made-up town: who works on them, who takes part, and what they rode."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.biking.checking import RideFacts, content_key, whole_minute
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.models import Ride
from campaigns.programmes.joining import CODE_LETTERS
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import Campaign, CampaignGroup, CampaignMember, CampaignTeam
from core.ids import new_code, new_id

RUNNING, DRAFT, COMING = range(3)
SLUGS = ("bike-month", "bike-draft", "bike-autumn")
BEGAN_BEFORE = timedelta(days=60)
GOES_ON = timedelta(days=20)


@dataclass
class TownCampaigns:
    """Adds campaigns; the ids of what it added.

    The first one runs, and everybody takes part in it: the first resident and the first volunteer
    with `scale` rides, all others with one. The second is a draft, the third will begin; `scale`
    further ones are over.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    group_ids: list[UUID]
    """Groups of the town; the running campaign is for the first one."""
    campaign_ids: list[UUID] = field(default_factory=list)
    ride_ids: dict[UUID, UUID] = field(default_factory=dict)
    """A ride of each person."""

    def add_all(self) -> None:
        """Everything."""
        people = self.people
        begins, ends = self.now - BEGAN_BEFORE, self.now + GOES_ON
        self._add(SLUGS[RUNNING], CampaignStatus.RUNNING, begins, ends)
        self._add(SLUGS[DRAFT], CampaignStatus.DRAFT, ends, ends + GOES_ON)
        self._add(SLUGS[COMING], CampaignStatus.SCHEDULED, ends, ends + GOES_ON)
        for number in range(people.scale):
            over = begins - timedelta(days=number)
            slug = f"recycle-right-{number}"
            self._add(slug, CampaignStatus.FINISHED, over - GOES_ON, over, CampaignKind.RECYCLING)
        for group_id in self.group_ids[:1]:
            self.rows.add(
                CampaignGroup(
                    campaign_id=self.campaign_ids[RUNNING],
                    group_id=group_id,
                    is_comparison=False,
                    added_at=begins,
                )
            )
        everybody = [
            people.resident_ids[0],
            people.volunteer_person_ids[0],
            people.coordinator_id,
            people.manager_id,
            *people.resident_ids[1:],
            *people.volunteer_person_ids[1:],
        ]
        for place, person_id in enumerate(everybody):
            self._add_member(person_id)
            for number in range(people.scale if place < 2 else 1):
                self._add_ride(person_id, number)

    def _add(
        self,
        slug: str,
        status: CampaignStatus,
        starts_at: datetime,
        ends_at: datetime,
        kind: CampaignKind = CampaignKind.BIKING,
    ) -> None:
        people = self.people
        biking = kind is CampaignKind.BIKING
        unit = GoalUnit.RIDE_DAYS if biking else GoalUnit.CONTAMINATION_SHARE
        campaign = Campaign(
            id=new_id(),
            community_id=people.community.id,
            slug=slug,
            kind=kind,
            status=status,
            title=f"{slug.replace('-', ' ').title()} of {people.community.slug}",
            summary="A made-up campaign.",
            goal_value=500.0 if biking else 0.15,
            goal_unit=unit,
            baseline_value=400.0 if biking else 0.2,
            starts_at=starts_at,
            ends_at=ends_at,
            areas=[],
            comparison_areas=[],
            languages=["en", "es"],
            budget_note=f"Budget of {people.community.slug}",
            cost_cents=125_000,
            settings={},
            created_by=people.manager_id,
            created_at=starts_at - GOES_ON,
            updated_at=starts_at - GOES_ON,
        )
        self.rows.add(campaign)
        self.campaign_ids.append(campaign.id)
        for person_id, role in (
            (people.manager_id, TeamRole.OWNER),
            (people.coordinator_id, TeamRole.VIEWER),
        ):
            self.rows.add(
                CampaignTeam(
                    campaign_id=campaign.id,
                    person_id=person_id,
                    role=role,
                    added_at=campaign.created_at,
                )
            )

    def _add_member(self, person_id: UUID) -> None:
        self.rows.add(
            CampaignMember(
                campaign_id=self.campaign_ids[RUNNING],
                person_id=person_id,
                joined_at=self.now - BEGAN_BEFORE,
                invite_code=new_code(CODE_LETTERS),
                took_part_before=False,
            )
        )

    def _add_ride(self, person_id: UUID, number: int) -> None:
        started_at = whole_minute(self.now - timedelta(hours=6 * (number + 1)))
        facts: dict[str, Any] = {
            "started_at": started_at,
            "duration_s": 900,
            "distance_m": 3_000 + 10 * number,
            "purpose": RidePurpose.TRANSPORT,
            "source": RideSource.FORM,
        }
        ride = Ride(
            id=new_id(),
            campaign_id=self.campaign_ids[RUNNING],
            community_id=self.people.community.id,
            person_id=person_id,
            local_day=(started_at - timedelta(hours=5)).date(),
            content_key=content_key(RideFacts(**facts)),
            created_at=self.now,
            updated_at=self.now,
            **facts,
        )
        self.rows.add(ride)
        self.ride_ids.setdefault(person_id, ride.id)
