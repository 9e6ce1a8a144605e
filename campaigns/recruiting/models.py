"""What a recruitment campaign looks for, and who came.

Nothing here tells who somebody is: people stand by their ids alone, and leave empty ones behind
when they are forgotten, so that the figures of a campaign stay what they were.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaigns.recruiting.kinds import AttributionRule, ForecastStatus
from core.columns import Base, Keyed
from people.models import CODE_LENGTH, NAME_LENGTH


class RecruitingForecast(Keyed, Base):
    """Whom a finished round lacks most: found by planning it again with people who do not exist."""

    __tablename__ = "recruiting_forecast"
    __table_args__ = (
        Index("ix_recruiting_forecast_campaign_id", "campaign_id", "created_at"),
        CheckConstraint("seed >= 0", name="seed"),
        CheckConstraint("step_count >= 0 AND steps_done_count >= 0", name="steps"),
        CheckConstraint(
            "volunteer_count >= 0 AND served_count >= 0 AND promised_count >= 0", name="counts"
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    status: Mapped[ForecastStatus] = mapped_column(default=ForecastStatus.WAITING)
    seed: Mapped[int] = mapped_column(BigInteger)
    most_volunteers_count: Mapped[int]
    """No more than so many are looked for."""
    step_count: Mapped[int] = mapped_column(default=0)
    steps_done_count: Mapped[int] = mapped_column(default=0)
    volunteer_count: Mapped[int] = mapped_column(default=0)
    """Of all its targets together."""
    served_count: Mapped[int] = mapped_column(default=0)
    """Residents whom the round serves without anybody new."""
    unserved_count: Mapped[int] = mapped_column(default=0)
    promised_count: Mapped[int] = mapped_column(default=0)
    """Residents more, if all targets are met."""
    reason: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    """Why it failed, or has no targets: a code word."""
    valid_until_at: Mapped[datetime]
    """From then on need and volunteers have changed too much."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    targets: Mapped[list[RecruitingTarget]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RecruitingTarget.rank"
    )


class RecruitingTarget(Keyed, Base):
    """So many volunteers of one kind in one area, and how many more residents they would serve."""

    __tablename__ = "recruiting_target"
    __table_args__ = (
        UniqueConstraint("forecast_id", "rank"),
        CheckConstraint("volunteer_count >= 1", name="volunteer_count"),
        CheckConstraint("promised_count >= 0", name="promised_count"),
    )

    forecast_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_forecast.id"))
    rank: Mapped[int]
    """1 is where they help most."""
    area: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    abilities: Mapped[list[str]]
    """Codes of skills and tools that they bring."""
    languages: Mapped[list[str]]
    """Beyond what most volunteers speak."""
    mode: Mapped[str] = mapped_column(String(16))
    """How they get about: walk, bike or car."""
    volunteer_count: Mapped[int]
    promised_count: Mapped[int]
    """Residents more by these volunteers alone."""
    newcomers: Mapped[dict[str, Any]]
    """How they were planned with: hours, limits and cells, so that it can be done again."""


class RecruitingSource(Keyed, Base):
    """A code on a link, a flyer or a bus by which people sign up for a campaign."""

    __tablename__ = "recruiting_source"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        Index("ix_recruiting_source_campaign_id", "campaign_id"),
        CheckConstraint("code = lower(code) AND code <> ''", name="code_in_small_letters"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """For staff: "Flyer in the library"."""
    created_at: Mapped[datetime]


class RecruitedSignUp(Keyed, Base):
    """Somebody who signed up, and the one campaign that it counts for."""

    __tablename__ = "recruited_sign_up"
    __table_args__ = (
        UniqueConstraint("volunteer_id"),
        Index("ix_recruited_sign_up_campaign_id", "campaign_id"),
        Index("ix_recruited_sign_up_person_id", "person_id"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    rule: Mapped[AttributionRule]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_source.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Empty once the person is forgotten."""
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteer.id"))
    signed_up_at: Mapped[datetime]
    vetting_passed_at: Mapped[datetime | None]
    first_task_done_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
