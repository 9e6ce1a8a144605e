"""Results that were made public, as they were at that moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed


class ResultPublication(Keyed, Base):
    """One publishing of a campaign's figures; the latest that was not withdrawn is shown.

    The figures are kept as the public saw them, with small groups left out already: a page that
    counted anew each day would tell by tomorrow's difference what it hides today.
    """

    __tablename__ = "result_publication"
    __table_args__ = (
        Index("ix_result_publication_campaign_id_published_at", "campaign_id", "published_at"),
        CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= published_at", name="withdrawn_later"
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any]]
    """See `campaigns.results.figures.Results`."""
