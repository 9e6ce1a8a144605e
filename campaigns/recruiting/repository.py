"""The queries of recruitment campaigns: forecasts, sources, and who came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.recruiting.kinds import ForecastStatus
from campaigns.recruiting.models import RecruitedSignUp, RecruitingForecast, RecruitingSource
from core.db import Session
from core.events import Event
from matching.kinds import AssignmentStatus, DocumentKind, RoundStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.rounds.models import Round, RoundDocument
from people.auth import Actor
from people.kinds import VettingStatus
from people.models import Household, Person
from people.safeguard_models import VettingItem

OPEN = (ForecastStatus.WAITING, ForecastStatus.RUNNING)
SIGNED_UP = "volunteer.signed_up"
MAX_SIGN_UPS = 20_000
MAX_SOURCES = 200
MAX_FORECASTS = 20
MAX_SHOWN = 5


async def find_forecast(session: Session, forecast_id: UUID) -> RecruitingForecast | None:
    """One forecast with its targets."""
    row: RecruitingForecast | None = await session.scalar(
        select(RecruitingForecast)
        .where(RecruitingForecast.id == forecast_id)
        .options(selectinload(RecruitingForecast.targets))
        .execution_options(populate_existing=True)
    )
    return row


async def list_forecasts(session: Session, campaign_id: UUID) -> list[RecruitingForecast]:
    """The forecasts of a campaign with their targets, the newest first."""
    rows = await session.scalars(
        select(RecruitingForecast)
        .where(RecruitingForecast.campaign_id == campaign_id)
        .options(selectinload(RecruitingForecast.targets))
        .order_by(RecruitingForecast.created_at.desc(), RecruitingForecast.id.desc())
        .limit(MAX_FORECASTS)
    )
    return list(rows)


async def list_newest_forecasts(
    session: Session, actor: Actor, community_id: UUID
) -> list[tuple[Campaign, RecruitingForecast | None]]:
    """The newest recruitment campaigns of a town, each with its newest forecast; for staff."""
    if not actor.is_staff(community_id):
        return []
    campaigns = await session.scalars(
        select(Campaign)
        .where(
            Campaign.community_id == community_id,
            Campaign.kind == CampaignKind.RECRUITMENT,
            Campaign.status != CampaignStatus.ARCHIVED,
        )
        .order_by(Campaign.id.desc())
        .limit(MAX_SHOWN)
    )
    shown = list(campaigns)
    place = func.row_number().over(
        partition_by=RecruitingForecast.campaign_id,
        order_by=(RecruitingForecast.created_at.desc(), RecruitingForecast.id.desc()),
    )
    placed = (
        select(RecruitingForecast.id, place.label("place"))
        .where(RecruitingForecast.campaign_id.in_([one.id for one in shown]))
        .subquery()
    )
    rows = await session.scalars(
        select(RecruitingForecast)
        .join(placed, placed.c.id == RecruitingForecast.id)
        .where(placed.c.place == 1)
        .options(selectinload(RecruitingForecast.targets))
    )
    newest = {row.campaign_id: row for row in rows}
    return [(one, newest.get(one.id)) for one in shown]


async def find_open_forecast(session: Session, campaign_id: UUID) -> RecruitingForecast | None:
    """The forecast of a campaign that waits or is being made."""
    row: RecruitingForecast | None = await session.scalar(
        select(RecruitingForecast).where(
            RecruitingForecast.campaign_id == campaign_id, RecruitingForecast.status.in_(OPEN)
        )
    )
    return row


async def find_round_with_problem(
    session: Session, community_id: UUID, round_id: UUID | None
) -> Round | None:
    """A finished round of a community that keeps its problem; the newest unless one is named."""
    query = (
        select(Round)
        .join(RoundDocument, RoundDocument.round_id == Round.id)
        .where(
            Round.community_id == community_id,
            Round.status == RoundStatus.FINISHED,
            RoundDocument.kind == DocumentKind.PROBLEM,
        )
        .order_by(Round.started_at.desc(), Round.id.desc())
    )
    if round_id is not None:
        query = query.where(Round.id == round_id)
    row: Round | None = await session.scalar(query.limit(1))
    return row


async def load_residents(
    session: Session, community_id: UUID, references: Collection[str]
) -> dict[str, UUID]:
    """Whose each request is, by its reference."""
    rows = await session.execute(
        select(HelpRequest.reference, HelpRequest.resident_id).where(
            HelpRequest.community_id == community_id, HelpRequest.reference.in_(references)
        )
    )
    return {row[0]: row[1] for row in rows}


async def list_sources(session: Session, campaign_id: UUID) -> list[RecruitingSource]:
    """The source codes of a campaign."""
    rows = await session.scalars(
        select(RecruitingSource)
        .where(RecruitingSource.campaign_id == campaign_id)
        .order_by(RecruitingSource.code)
        .limit(MAX_SOURCES)
    )
    return list(rows)


async def find_source(session: Session, community_id: UUID, code: str) -> RecruitingSource | None:
    """A source of a community by its code."""
    row: RecruitingSource | None = await session.scalar(
        select(RecruitingSource).where(
            RecruitingSource.community_id == community_id, RecruitingSource.code == code
        )
    )
    return row


async def load_sources_of(session: Session, community_id: UUID) -> dict[str, RecruitingSource]:
    """All sources of a community by their code."""
    rows = await session.scalars(
        select(RecruitingSource).where(RecruitingSource.community_id == community_id)
    )
    return {row.code: row for row in rows}


async def list_recruiting_campaigns(
    session: Session, *, ended_after: datetime, community_id: UUID | None = None
) -> list[Campaign]:
    """Recruitment campaigns that run, or ended lately."""
    query = (
        select(Campaign)
        .where(
            Campaign.kind == CampaignKind.RECRUITMENT,
            Campaign.status.in_((CampaignStatus.RUNNING, CampaignStatus.FINISHED)),
            Campaign.ends_at >= ended_after,
        )
        .order_by(Campaign.id)
    )
    if community_id is not None:
        query = query.where(Campaign.community_id == community_id)
    return list(await session.scalars(query))


@dataclass(frozen=True)
class SignUpEvent:
    """Somebody who signed up, with the code that they came by."""

    volunteer_id: UUID
    person_id: UUID
    area: str | None
    code: str | None
    signed_up_at: datetime


async def list_new_sign_ups(
    session: Session, community_id: UUID, *, since: datetime, until: datetime
) -> list[SignUpEvent]:
    """First sign-ups of a time that count for no campaign yet; nobody who was forgotten."""
    counted = select(RecruitedSignUp.volunteer_id).where(RecruitedSignUp.volunteer_id.is_not(None))
    rows = await session.execute(
        select(Event, Volunteer.person_id, Household.area)
        .join(Volunteer, Volunteer.id == Event.subject_id)
        .join(Person, Person.id == Volunteer.person_id)
        .join(Household, Household.id == Volunteer.home_id)
        .where(
            Event.community_id == community_id,
            Event.kind == SIGNED_UP,
            Event.happened_at >= since,
            Event.happened_at < until,
            Person.erased_at.is_(None),
            Volunteer.id.not_in(counted),
        )
        .order_by(Event.happened_at, Event.id)
        .limit(MAX_SIGN_UPS)
    )
    return [
        SignUpEvent(event.subject_id, person_id, area, event.data.get("code"), event.happened_at)
        for event, person_id, area in rows
    ]


async def list_sign_ups(session: Session, campaign_id: UUID) -> list[RecruitedSignUp]:
    """Who came by a campaign, in the order in which they signed up."""
    rows = await session.scalars(
        select(RecruitedSignUp)
        .where(RecruitedSignUp.campaign_id == campaign_id)
        .order_by(RecruitedSignUp.signed_up_at, RecruitedSignUp.id)
        .limit(MAX_SIGN_UPS)
    )
    return list(rows)


async def list_sign_ups_of(session: Session, person_id: UUID) -> list[RecruitedSignUp]:
    """The sign-ups of one person."""
    rows = await session.scalars(
        select(RecruitedSignUp).where(RecruitedSignUp.person_id == person_id)
    )
    return list(rows)


async def load_first_done(
    session: Session, volunteer_ids: Collection[UUID]
) -> dict[UUID, datetime]:
    """When each volunteer first had done a task."""
    rows = await session.execute(
        select(Assignment.volunteer_id, func.min(Assignment.ended_at))
        .where(
            Assignment.volunteer_id.in_(volunteer_ids),
            Assignment.status == AssignmentStatus.DONE,
            Assignment.ended_at.is_not(None),
        )
        .group_by(Assignment.volunteer_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


async def load_first_passed(
    session: Session, community_id: UUID, person_ids: Collection[UUID]
) -> dict[UUID, dict[str, datetime]]:
    """When each person first passed each check, by person and code."""
    rows = await session.execute(
        select(VettingItem.person_id, VettingItem.code, func.min(VettingItem.valid_from))
        .where(
            VettingItem.community_id == community_id,
            VettingItem.person_id.in_(person_ids),
            VettingItem.status == VettingStatus.PASSED,
        )
        .group_by(VettingItem.person_id, VettingItem.code)
    )
    found: dict[UUID, dict[str, datetime]] = {}
    for person_id, code, moment in rows:
        found.setdefault(person_id, {})[code] = moment
    return found


async def forget_person(session: Session, person_id: UUID) -> None:
    """Leave the sign-up of a person as a number without anybody."""
    await session.execute(
        update(RecruitedSignUp)
        .where(RecruitedSignUp.person_id == person_id)
        .values(person_id=None, volunteer_id=None)
    )
    await session.execute(
        update(RecruitingForecast)
        .where(RecruitingForecast.created_by == person_id)
        .values(created_by=None)
    )


async def load_rows_about(
    session: Session, person_id: UUID
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What is kept about how a person came."""
    rows = [
        {
            "campaign_id": row.campaign_id,
            "rule": row.rule.value,
            "source_id": row.source_id,
            "signed_up_at": row.signed_up_at,
            "vetting_passed_at": row.vetting_passed_at,
            "first_task_done_at": row.first_task_done_at,
        }
        for row in await list_sign_ups_of(session, person_id)
    ]
    return {"recruited_sign_up": rows} if rows else {}
