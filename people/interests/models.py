"""Interests that people state, and facts of a household that somebody of it declared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from people.models import CODE_LENGTH, NAME_LENGTH


class Interest(Keyed, Base):
    """A topic that a community offers to care about, such as ``cycling``."""

    __tablename__ = "interest"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("code = lower(code) AND code <> ''", name="code_in_small_letters"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))
    label_es: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since when it is offered no more; who stated it keeps it."""


class PersonInterest(Base):
    """A topic that a person cares about, as the person said."""

    __tablename__ = "person_interest"
    __table_args__ = (Index("ix_person_interest_community_id_topic", "community_id", "topic"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(CODE_LENGTH), primary_key=True)
    """The code of an `Interest` of that community."""
    stated_at: Mapped[datetime]


class HouseholdFacts(Base):
    """Who lives in a household, as somebody of it declared; gone when the consent is withdrawn."""

    __tablename__ = "household_facts"
    __table_args__ = (Index("ix_household_facts_declared_by", "declared_by"),)

    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"), primary_key=True)
    has_seniors: Mapped[bool | None]
    """None was not said."""
    has_children: Mapped[bool | None]
    declared_at: Mapped[datetime]
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    """The line of the ledger that lets us keep this: a consent to campaigns."""
