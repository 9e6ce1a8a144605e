"""Rides: how long, how far and when. No track and no address is kept."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.biking.kinds import RidePurpose, RideSource
from core.columns import Base, Keyed


class Ride(Keyed, Base):
    """One ride of one person in one campaign."""

    __tablename__ = "ride"
    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id", "content_key"),
        CheckConstraint("distance_m > 0", name="distance_m"),
        CheckConstraint("duration_s > 0", name="duration_s"),
        Index("ix_ride_campaign_id_local_day", "campaign_id", "local_day"),
        Index("ix_ride_person_id_started_at", "person_id", "started_at"),
        Index("ix_ride_community_id_local_day", "community_id", "local_day"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    source: Mapped[RideSource]
    purpose: Mapped[RidePurpose]
    started_at: Mapped[datetime]
    """To the minute."""
    local_day: Mapped[date]
    """The day on which it began, by the community's clock."""
    duration_s: Mapped[int]
    distance_m: Mapped[int]
    start_cell: Mapped[int | None] = mapped_column(BigInteger)
    """A coarse H3 cell of a point 200 m into the ride; None without a track."""
    end_cell: Mapped[int | None] = mapped_column(BigInteger)
    """A coarse H3 cell of a point 200 m before the end; None without a track."""
    content_key: Mapped[str] = mapped_column(String(64))
    """A hash of when and how long and how far, so that nothing counts twice."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
