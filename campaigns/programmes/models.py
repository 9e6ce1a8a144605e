"""Campaigns: what a community wants to reach together, who runs it and who takes part."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from core.columns import Base, Keyed, Versioned
from people.models import CODE_LENGTH, NAME_LENGTH

SUMMARY_LENGTH = 2_000
NOTE_LENGTH = 500
INVITE_CODE_LENGTH = 12


class Campaign(Keyed, Versioned, Base):
    """One campaign of one community, from draft to archive."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        CheckConstraint("slug = lower(slug) AND slug <> ''", name="slug_in_small_letters"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("cost_cents >= 0", name="cost_cents"),
        CheckConstraint("(goal_value IS NULL) = (goal_unit IS NULL)", name="goal_with_unit"),
        Index("ix_campaign_community_id_status", "community_id", "status"),
        Index("ix_campaign_status_starts_at", "status", "starts_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    slug: Mapped[str] = mapped_column(String(CODE_LENGTH))
    kind: Mapped[CampaignKind]
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT)
    title: Mapped[str] = mapped_column(String(NAME_LENGTH))
    summary: Mapped[str] = mapped_column(String(SUMMARY_LENGTH), default="")
    goal_value: Mapped[float | None]
    goal_unit: Mapped[GoalUnit | None]
    baseline_value: Mapped[float | None]
    """What the goal's unit counted before, in a period of the same length."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    areas: Mapped[list[str]]
    """Neighbourhoods of the city pack where it runs; none is the whole community."""
    comparison_areas: Mapped[list[str]]
    """Neighbourhoods where it does not run, to compare with."""
    languages: Mapped[list[str]]
    budget_note: Mapped[str | None] = mapped_column(String(NOTE_LENGTH))
    cost_cents: Mapped[int | None]
    """What it cost so far, for cost per outcome."""
    settings: Mapped[dict[str, Any]]
    """Rules of its kind, such as `campaigns.biking.rules.BikingRules`."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    team: Mapped[list[CampaignTeam]] = relationship(lazy="raise", viewonly=True)
    groups: Mapped[list[CampaignGroup]] = relationship(lazy="raise", viewonly=True)

    @property
    def last_at(self) -> datetime:
        """A moment of its last day: ``ends_at``, mostly a midnight, is not in it any more."""
        return self.ends_at - timedelta(seconds=1)


class CampaignGroup(Base):
    """A group that a campaign is for, or that it is compared with."""

    __tablename__ = "campaign_group"
    __table_args__ = (Index("ix_campaign_group_group_id", "group_id"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("affinity_group.id"), primary_key=True)
    is_comparison: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]


class CampaignTeam(Base):
    """Somebody who works on one campaign."""

    __tablename__ = "campaign_team"
    __table_args__ = (Index("ix_campaign_team_person_id", "person_id"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[TeamRole]
    added_at: Mapped[datetime]


class CampaignMember(Base):
    """Somebody who takes part by their own choice, while ``left_at`` is empty."""

    __tablename__ = "campaign_member"
    __table_args__ = (
        UniqueConstraint("invite_code"),
        Index("ix_campaign_member_person_id", "person_id"),
        CheckConstraint(
            "invited_by IS NULL OR invited_by <> person_id", name="not_invited_by_self"
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    invite_code: Mapped[str] = mapped_column(String(INVITE_CODE_LENGTH))
    """What this person passes on, so that it is known who brought whom."""
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    took_part_before: Mapped[bool | None]
    """Own statement: whether they did this in the time before; None is not said."""
