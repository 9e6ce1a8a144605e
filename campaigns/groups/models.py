"""Groups of people who share an interest: members, posts, reports and the news that went out.

A member is a person or a whole household. What was said stands in `GroupPost` alone, so that it
can be emptied when its author is erased.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.groups.kinds import (
    GroupRole,
    GroupStatus,
    HideReason,
    Joining,
    MemberStatus,
    PostKind,
    ReportOutcome,
)
from core.columns import Base, Keyed
from people.models import CODE_LENGTH, NAME_LENGTH

SUMMARY_LENGTH = 1_000


class Group(Keyed, Base):
    """People of one community who share a topic."""

    __tablename__ = "affinity_group"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        CheckConstraint("slug = lower(slug) AND slug <> ''", name="slug_in_small_letters"),
        Index("ix_affinity_group_community_id_topic", "community_id", "topic"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    slug: Mapped[str] = mapped_column(String(CODE_LENGTH))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    summary: Mapped[str] = mapped_column(String(SUMMARY_LENGTH), default="")
    topic: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """A code word of the community's catalogue of interests, such as ``cycling``."""
    area: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    """A neighbourhood of the city pack; None is the whole community."""
    cell: Mapped[int | None] = mapped_column(BigInteger)
    """The H3 cell in the middle of the area; nobody's home."""
    languages: Mapped[list[str]]
    joining: Mapped[Joining]
    status: Mapped[GroupStatus] = mapped_column(default=GroupStatus.ACTIVE)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class GroupMember(Keyed, Base):
    """How a person, or a household as one, stands with a group; one row for good."""

    __tablename__ = "group_member"
    __table_args__ = (
        UniqueConstraint("group_id", "person_id"),
        UniqueConstraint("group_id", "household_id"),
        CheckConstraint(
            "(person_id IS NULL) <> (household_id IS NULL)", name="person_or_household"
        ),
        CheckConstraint("household_id IS NULL OR role = 'member'", name="households_are_members"),
        Index("ix_group_member_person_id_status", "person_id", "status"),
        Index("ix_group_member_household_id_status", "household_id", "status"),
        Index("ix_group_member_group_id_status", "group_id", "status"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("affinity_group.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("household.id"))
    """All adults who live there see the group."""
    role: Mapped[GroupRole] = mapped_column(default=GroupRole.MEMBER)
    status: Mapped[MemberStatus]
    shows_name: Mapped[bool] = mapped_column(default=False)
    """Whether fellow members may know the first name."""
    wants_news: Mapped[bool] = mapped_column(default=True)
    """Whether announcements come by mail, given the consent for campaigns."""
    asked_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    banned_at: Mapped[datetime | None]
    """Since when they cannot come back by themselves."""


class GroupPost(Keyed, Base):
    """An announcement, the head of a discussion, or a reply. Empty once its author was erased."""

    __tablename__ = "group_post"
    __table_args__ = (
        UniqueConstraint("group_id", "author_id", "client_key"),
        CheckConstraint("(kind = 'reply') = (parent_id IS NOT NULL)", name="replies_have_a_head"),
        Index("ix_group_post_group_id_kind", "group_id", "kind", "id"),
        Index("ix_group_post_parent_id", "parent_id", "id"),
        Index("ix_group_post_author_id_posted_at", "author_id", "posted_at"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("affinity_group.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_post.id"))
    kind: Mapped[PostKind]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    """Plain text."""
    posted_at: Mapped[datetime]
    client_key: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    """What the author's program calls it, so that a repetition is no second post."""
    reply_count: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    """Since when nobody can reply."""
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    hidden_reason: Mapped[HideReason | None]
    news_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_news.id"))
    """The mail that told of it, for announcements."""


class GroupReport(Keyed, Base):
    """Somebody who thinks that a post should not stand there."""

    __tablename__ = "group_report"
    __table_args__ = (
        UniqueConstraint("post_id", "reporter_id"),
        Index("ix_group_report_group_id_settled_at", "group_id", "settled_at"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("affinity_group.id"))
    post_id: Mapped[UUID] = mapped_column(ForeignKey("group_post.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[HideReason]
    reported_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[ReportOutcome | None]


class GroupNews(Keyed, Base):
    """The one mail of a day with a group's announcements, and how far it has gone out."""

    __tablename__ = "group_news"
    __table_args__ = (UniqueConstraint("group_id", "day"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("affinity_group.id"))
    day: Mapped[date]
    """By the community's clock."""
    started_at: Mapped[datetime]
    last_person_id: Mapped[UUID | None]
    """Everybody up to this one has been thought of; emptied at the end."""
    told_count: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
