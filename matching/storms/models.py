"""What is known of the weather, and what people answered to a storm's notice."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed

SOURCE_LENGTH = 32
STATION_LENGTH = 64
RAW_ID_LENGTH = 200
EVENT_LENGTH = 100


class StormRulesVersion(Keyed, Base):
    """When a programme answers a storm, from one moment on; the latest that has begun holds."""

    __tablename__ = "storm_rules"
    __table_args__ = (UniqueConstraint("community_id", "valid_from"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    valid_from: Mapped[datetime]
    rules: Mapped[dict[str, Any]]
    """See `matching.storms.rules.StormRules`."""


class WeatherReading(Keyed, Base):
    """What one station measured at one moment, once."""

    __tablename__ = "weather_reading"
    __table_args__ = (
        UniqueConstraint("community_id", "source", "station", "observed_at"),
        Index("ix_weather_reading_community_id_observed_at", "community_id", "observed_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    station: Mapped[str] = mapped_column(String(STATION_LENGTH))
    observed_at: Mapped[datetime]
    depth_cm: Mapped[float | None]
    snowfall_cm: Mapped[float | None]
    """New snow of the last hour."""
    temperature_c: Mapped[float | None]
    conditions: Mapped[list[str] | None]
    """Code words such as ``snow``; None when the station does not tell."""
    raw_id: Mapped[str | None] = mapped_column(String(RAW_ID_LENGTH))
    received_at: Mapped[datetime]


class WeatherAlert(Keyed, Base):
    """An official alert, as it was last heard."""

    __tablename__ = "weather_alert"
    __table_args__ = (
        UniqueConstraint("community_id", "source", "alert_id"),
        Index("ix_weather_alert_community_id_ends_at", "community_id", "ends_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    alert_id: Mapped[str] = mapped_column(String(RAW_ID_LENGTH))
    event: Mapped[str] = mapped_column(String(EVENT_LENGTH))
    onset_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]


class StormResident(Base):
    """A resident's answer to a storm's notice: help is needed, or not this time."""

    __tablename__ = "storm_resident"
    __table_args__ = (Index("ix_storm_resident_person_id", "person_id"),)

    storm_id: Mapped[UUID] = mapped_column(ForeignKey("storm.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    needs_help: Mapped[bool]
    answered_at: Mapped[datetime]


class VisitReminder(Base):
    """A reminder of one visit that was queued, so that none is sent twice or forgotten."""

    __tablename__ = "visit_reminder"
    __table_args__ = (CheckConstraint("kind <> ''", name="kind_given"),)

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    queued_at: Mapped[datetime]
