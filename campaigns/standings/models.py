"""Pledges, boards and badges, and what people decided about being seen on them.

Boards are worked out from what was done and never kept by hand: a snapshot is what was published.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaigns.standings.kinds import BadgeKind, BoardKind, PledgeStatus, SizeBand
from core.columns import Base, Keyed, unique_where
from people.models import CODE_LENGTH, NAME_LENGTH

ALIAS_LENGTH = 30
UNIT_LENGTH = 40
KEY_LENGTH = 80


class StandingChoice(Base):
    """What a person decided about boards, walls and badges of a community."""

    __tablename__ = "standing_choice"
    __table_args__ = (
        UniqueConstraint("community_id", "alias_key"),
        CheckConstraint("(alias IS NULL) = (alias_key IS NULL)", name="alias_with_key"),
        CheckConstraint("opted_out_at IS NULL OR alias IS NULL", name="out_without_alias"),
        Index("ix_standing_choice_person_id", "person_id"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    opted_out_at: Mapped[datetime | None]
    """Since when the person is on no board, no wall and in no count that others see."""
    alias: Mapped[str | None] = mapped_column(String(ALIAS_LENGTH))
    """What the person is called on boards of people; without one they are on none."""
    alias_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    """The alias as it is compared: two that look alike are one."""
    changed_at: Mapped[datetime]


class PledgeTemplate(Keyed, Base):
    """Something that people may promise in a campaign."""

    __tablename__ = "pledge_template"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        CheckConstraint("suggested_amount > 0", name="suggested_amount"),
        CheckConstraint("max_amount >= suggested_amount", name="max_amount"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    labels: Mapped[dict[str, Any]]
    """The words by language; English always."""
    unit: Mapped[str] = mapped_column(String(UNIT_LENGTH))
    """A code word, such as ``rides`` or ``bags``."""
    suggested_amount: Mapped[float]
    max_amount: Mapped[float]
    closed_at: Mapped[datetime | None]
    """Since when nobody can promise it any more."""
    created_at: Mapped[datetime]


class Pledge(Keyed, Base):
    """What a person promised, for themselves or for their household."""

    __tablename__ = "pledge"
    __table_args__ = (
        unique_where(
            "uq_pledge_template_id_person_id_standing",
            "template_id",
            "person_id",
            where="status <> 'withdrawn'",
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("kept_amount >= 0", name="kept_amount"),
        Index("ix_pledge_campaign_id_status", "campaign_id", "status"),
        Index("ix_pledge_person_id", "person_id"),
        Index("ix_pledge_remind_at", "remind_at"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    template_id: Mapped[UUID] = mapped_column(ForeignKey("pledge_template.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    for_household: Mapped[bool] = mapped_column(default=False)
    amount: Mapped[float]
    kept_amount: Mapped[float | None]
    """What the person says was done; None until they do."""
    status: Mapped[PledgeStatus] = mapped_column(default=PledgeStatus.MADE)
    shows_name: Mapped[bool] = mapped_column(default=False)
    """Whether the first name may stand on the public wall."""
    made_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    """When to remind of it, once; empty afterwards, or when no reminder is wanted."""
    settled_at: Mapped[datetime | None]


class BoardSnapshot(Keyed, Base):
    """A board as it was published on one day."""

    __tablename__ = "board_snapshot"
    __table_args__ = (
        UniqueConstraint("campaign_id", "board", "local_day", "correction"),
        CheckConstraint("correction >= 0", name="correction"),
        Index("ix_board_snapshot_campaign_id_board_taken_at", "campaign_id", "board", "taken_at"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    board: Mapped[BoardKind]
    local_day: Mapped[date]
    taken_at: Mapped[datetime]
    is_final: Mapped[bool] = mapped_column(default=False)
    correction: Mapped[int] = mapped_column(default=0)
    """0 is no correction; the first correction of a final board is 1."""
    changed_count: Mapped[int] = mapped_column(default=0)
    """Lines that a correction changed."""

    lines: Mapped[list[BoardLine]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="BoardLine.position"
    )


class BoardLine(Base):
    """One line of a published board.

    ``held_count`` and ``held_size`` are what the line is worked out from. They move in steps of
    five people alone and are shown to nobody.
    """

    __tablename__ = "board_line"
    __table_args__ = (
        CheckConstraint(
            "shown_count IS NULL OR shown_count >= 5 OR person_id IS NOT NULL",
            name="shown_count",
        ),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank"),
        CheckConstraint("share_percent BETWEEN 0 AND 95", name="share_percent"),
        CheckConstraint("held_count >= 0 AND held_size >= 0", name="held"),
        Index("ix_board_line_person_id", "person_id"),
        Index("ix_board_line_group_id", "group_id"),
    )

    snapshot_id: Mapped[UUID] = mapped_column(
        ForeignKey("board_snapshot.id", ondelete="CASCADE"), primary_key=True
    )
    subject_key: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    """The id of a group or a person, or the name of an area."""
    position: Mapped[int]
    """Where it stands on the page: equal ranks have an order as well."""
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("affinity_group.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """Name of the group or the area; empty for people, whose alias is read anew."""
    band: Mapped[SizeBand | None]
    rank: Mapped[int | None]
    """Within its band; None when it is not shown."""
    shown_count: Mapped[int | None]
    """People who took part; None when hidden. On boards of people, days with something done."""
    share_percent: Mapped[int | None]
    held_count: Mapped[int] = mapped_column(default=0)
    held_size: Mapped[int] = mapped_column(default=0)


class BadgeRule(Keyed, Base):
    """For what a community or one campaign gives a badge: data with a time in which it holds."""

    __tablename__ = "badge_rule"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("threshold >= 1", name="threshold"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_start"),
        Index("ix_badge_rule_campaign_id", "campaign_id"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    """None: what was done in any campaign of the community counts."""
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    kind: Mapped[BadgeKind]
    threshold: Mapped[int] = mapped_column(default=1)
    """How many: weeks, people, visits or pledges."""
    labels: Mapped[dict[str, Any]]
    """The name of the badge by language; English always."""
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    """What is done later does not count; what was given stays."""


class Badge(Keyed, Base):
    """A badge of a person. When what it was given for is deleted, so is this, without a word."""

    __tablename__ = "badge"
    __table_args__ = (
        UniqueConstraint("rule_id", "person_id"),
        Index("ix_badge_person_id", "person_id"),
    )

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("badge_rule.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
