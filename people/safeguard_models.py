"""What must be checked before somebody helps: vetting, and the consent of a minor's guardian."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from people.kinds import VettingStatus
from people.models import CODE_LENGTH


class VettingItem(Keyed, Base):
    """One line on a check of a person, such as a background check. Lines are added, never changed;
    the last one of a code holds. What a check found is not kept, only whether it was passed.
    """

    __tablename__ = "vetting_item"
    __table_args__ = (
        Index("ix_vetting_item_person_id_code", "person_id", "code", "recorded_at"),
        Index("ix_vetting_item_community_id_valid_until", "community_id", "valid_until"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_start"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """See `people.rules.VettingRule`."""
    status: Mapped[VettingStatus]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who checked; None is the product itself."""
    recorded_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    """When the person was told that it ends soon."""


class Minor(Base):
    """Somebody who said to be under 18. As little as it takes: no day of birth."""

    __tablename__ = "minor"
    __table_args__ = (CheckConstraint("birth_year BETWEEN 1900 AND 2200", name="birth_year"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    birth_year: Mapped[int | None]
    """None: under 18 until staff say otherwise."""
    recorded_at: Mapped[datetime]


class GuardianConsent(Keyed, Base):
    """What a guardian lets a minor do, and until when."""

    __tablename__ = "guardian_consent"
    __table_args__ = (
        Index("ix_guardian_consent_minor_id", "minor_id", "valid_until"),
        CheckConstraint("guardian_id <> minor_id", name="guardian_is_another"),
        CheckConstraint("valid_until > granted_at", name="ends_after_start"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    minor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kinds: Mapped[list[str]]
    """Kinds of help; an empty list covers all of them."""
    alone: Mapped[bool] = mapped_column(default=False)
    """Also without an adult, where the community allows that."""
    text_version: Mapped[str] = mapped_column(String(50))
    source: Mapped[str] = mapped_column(String(CODE_LENGTH))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
