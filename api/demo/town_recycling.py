"""Recycling and recruitment in a made-up town: routes, counts, walks, draws, who was recruited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.recruiting.kinds import AttributionRule, ForecastStatus
from campaigns.recruiting.models import (
    RecruitedSignUp,
    RecruitingForecast,
    RecruitingSource,
    RecruitingTarget,
)
from campaigns.recycling.drawing import draw_arms
from campaigns.recycling.figures import monday_of
from campaigns.recycling.kinds import CartState, Measure
from campaigns.recycling.models import (
    CampaignRoute,
    CartAudit,
    CartLook,
    CollectionRoute,
    RouteDraw,
    SetOutCount,
)
from core.ids import new_id
from matching.kinds import DocumentKind
from matching.rounds.models import RoundDocument

FEWEST_ROUTES = 8
WEEKS_COUNTED = 12
HOUSEHOLDS = 200
COMING, DRAWN, RUNNING, RECRUITING = range(4)
SEED = 7


@dataclass
class TownRecycling:
    """Adds collection routes and what is counted on them; the ids of what it added.

    Of its campaigns the first will begin and is not drawn, the second will begin and is drawn, the
    third runs, and the last one recruits volunteers.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    round_ids: list[UUID]
    volunteer_ids: list[UUID]
    route_ids: list[UUID] = field(default_factory=list)
    campaign_ids: list[UUID] = field(default_factory=list)
    audit_ids: dict[UUID, UUID] = field(default_factory=dict)
    """A walk of each volunteer, by person."""

    def add_all(self) -> None:
        """Everything."""
        soon, ago = self.now + timedelta(days=3), self.now - timedelta(days=30)
        recycling = CampaignKind.RECYCLING
        self._add_campaign("carts-coming", CampaignStatus.SCHEDULED, soon, recycling)
        self._add_campaign("carts-drawn", CampaignStatus.SCHEDULED, soon, recycling)
        self._add_campaign("carts-running", CampaignStatus.RUNNING, ago, recycling)
        self._add_campaign("shovels-wanted", CampaignStatus.RUNNING, ago, CampaignKind.RECRUITMENT)
        for number in range(max(FEWEST_ROUTES, self.people.scale)):
            self._add_route(number)
        for campaign in (DRAWN, RUNNING):
            self._draw(self.campaign_ids[campaign])
        for place, person_id in enumerate(self.people.volunteer_person_ids):
            for number in range(self.people.scale if place == 0 else 1):
                self._add_walk(person_id, number)
        self._add_forecast()
        self._add_sign_ups()

    def _add_campaign(
        self, slug: str, status: CampaignStatus, starts_at: datetime, kind: CampaignKind
    ) -> None:
        recycling = kind is CampaignKind.RECYCLING
        campaign = Campaign(
            id=new_id(),
            community_id=self.people.community.id,
            slug=slug,
            kind=kind,
            status=status,
            title=f"{slug.replace('-', ' ').title()} of {self.people.community.slug}",
            summary="A made-up campaign.",
            goal_value=0.6 if recycling else 40.0,
            goal_unit=GoalUnit.SET_OUT_SHARE if recycling else GoalUnit.SIGN_UPS,
            baseline_value=0.5 if recycling else None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=60),
            areas=[],
            comparison_areas=[],
            languages=["en", "es"],
            budget_note=None,
            cost_cents=None if recycling else 80_000,
            settings={},
            created_by=self.people.manager_id,
            created_at=starts_at - timedelta(days=30),
            updated_at=starts_at - timedelta(days=30),
        )
        self.rows.add(campaign)
        self.campaign_ids.append(campaign.id)

    def _add_route(self, number: int) -> None:
        route = CollectionRoute(
            id=new_id(),
            community_id=self.people.community.id,
            code=f"R{number + 1:03}",
            areas=[],
            household_count=HOUSEHOLDS,
            households_counted=False,
            created_at=self.now,
            updated_at=self.now,
        )
        self.rows.add(route)
        self.route_ids.append(route.id)
        for back in range(1, WEEKS_COUNTED + 1):
            count = 100 + 3 * number + (5 * number + 7 * back) % 11
            self.rows.add(
                SetOutCount(
                    route_id=route.id,
                    week=self._week(back),
                    set_out_count=min(count, HOUSEHOLDS),
                    recorded_by=self.people.coordinator_id,
                    recorded_at=self.now,
                )
            )

    def _week(self, back: int) -> date:
        return monday_of(self.now.date()) - timedelta(days=7 * back)

    def _draw(self, campaign_id: UUID) -> None:
        codes = {f"R{at + 1:03}": route_id for at, route_id in enumerate(self.route_ids)}
        drawn = draw_arms(dict.fromkeys(codes, 0.5), SEED)
        treated = sum(one.arm.value == "treated" for one in drawn)
        self.rows.add(
            RouteDraw(
                campaign_id=campaign_id,
                measure=Measure.SET_OUT_RATE,
                seed=SEED,
                baseline_week_count=8,
                treated_count=treated,
                control_count=len(drawn) - treated,
                detectable=None,
                drawn_by=self.people.manager_id,
                drawn_at=self.now,
            )
        )
        for one in drawn:
            self.rows.add(
                CampaignRoute(
                    campaign_id=campaign_id,
                    route_id=codes[one.code],
                    arm=one.arm,
                    stratum=one.stratum,
                    baseline=one.baseline,
                )
            )

    def _add_walk(self, person_id: UUID, number: int) -> None:
        audit = CartAudit(
            id=new_id(),
            route_id=self.route_ids[number % len(self.route_ids)],
            week=self._week(1 + number % WEEKS_COUNTED),
            auditor_id=person_id,
            source_key=f"app:{person_id}:{number}",
            recorded_at=self.now,
        )
        self.rows.add(audit)
        self.audit_ids.setdefault(person_id, audit.id)
        for cart, state in enumerate(CartState, start=1):
            wrong = ["bags"] if state is CartState.CONTAMINATED else []
            self.rows.add(CartLook(audit_id=audit.id, number=cart, state=state, contaminants=wrong))

    def _add_forecast(self) -> None:
        forecast = RecruitingForecast(
            id=new_id(),
            campaign_id=self.campaign_ids[RECRUITING],
            round_id=self.round_ids[0],
            status=ForecastStatus.DONE,
            seed=SEED,
            most_volunteers_count=12,
            step_count=1,
            steps_done_count=1,
            volunteer_count=4,
            served_count=8,
            unserved_count=14,
            promised_count=11,
            valid_until_at=self.now + timedelta(days=20),
            created_by=self.people.manager_id,
            created_at=self.now,
            finished_at=self.now,
        )
        self.rows.add(forecast)
        self.rows.add(
            RecruitingTarget(
                forecast_id=forecast.id,
                rank=1,
                area="Riverside",
                abilities=["snow_blower"],
                languages=[],
                mode="walk",
                volunteer_count=4,
                promised_count=11,
                newcomers={"people": []},
            )
        )
        # So that another forecast can be asked for: what a round without anybody keeps.
        self.rows.add(
            RoundDocument(
                round_id=self.round_ids[0],
                kind=DocumentKind.PROBLEM,
                body={
                    "format": "talkoot-problem/1",
                    "requests": [],
                    "volunteers": [],
                    "travel": {"kind": "straight"},
                },
            )
        )

    def _add_sign_ups(self) -> None:
        source = RecruitingSource(
            id=new_id(),
            community_id=self.people.community.id,
            campaign_id=self.campaign_ids[RECRUITING],
            code="library-flyer",
            label="Flyer in the library",
            created_at=self.now,
        )
        self.rows.add(source)
        people = zip(self.volunteer_ids, self.people.volunteer_person_ids, strict=True)
        for number, (volunteer_id, person_id) in enumerate(people):
            by_code = number % 2 == 0
            rule = AttributionRule.SOURCE_CODE if by_code else AttributionRule.AREA_WINDOW
            self.rows.add(
                RecruitedSignUp(
                    campaign_id=self.campaign_ids[RECRUITING],
                    rule=rule,
                    source_id=source.id if by_code else None,
                    person_id=person_id,
                    volunteer_id=volunteer_id,
                    signed_up_at=self.now - timedelta(days=10),
                    vetting_passed_at=self.now - timedelta(days=5) if number % 3 else None,
                    first_task_done_at=None,
                    recorded_at=self.now,
                )
            )
