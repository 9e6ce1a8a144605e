"""What volunteers add to their profile: days away, teams, and tools that can be lent to them.

Keys point to people and volunteers, never the other way. A team's name is for its own members and
for staff; nothing else here tells who somebody is.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import Base, Keyed, unique_where
from people.models import NAME_LENGTH, Ability, Household


class AwayPeriod(Keyed, Base):
    """Days on which a volunteer has no time, whatever the weekly hours say."""

    __tablename__ = "away_period"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="ends_after_start"),
        CheckConstraint(
            "start_min BETWEEN 0 AND 1439 AND end_min BETWEEN 1 AND 1440 AND end_min > start_min",
            name="minutes",
        ),
        Index("ix_away_period_volunteer_id", "volunteer_id", "last_day"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    start_min: Mapped[int] = mapped_column(default=0)
    end_min: Mapped[int] = mapped_column(default=1440)
    """Minutes after local midnight, on each of the days; 1440 is the end of the day."""


class Team(Base):
    """A family or a group that helps as one: one place in the plan, several pairs of hands."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint("size BETWEEN 1 AND 50", name="size"),)

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    size: Mapped[int]
    """How many come, with the volunteer who answers for all."""

    members: Mapped[list[TeamMember]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="TeamMember.id"
    )


class TeamMember(Keyed, Base):
    """Somebody of a team besides the volunteer who answers for all."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "person_id"),
        Index("ix_team_member_person_id", "person_id"),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.volunteer_id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    joined_at: Mapped[datetime]


class Depot(Keyed, Base):
    """A place that lends tools."""

    __tablename__ = "depot"
    __table_args__ = (UniqueConstraint("community_id", "code"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    code: Mapped[str] = mapped_column(String(64))
    """What lists and commands call it."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    hours: Mapped[list[str]] = mapped_column(default=list)
    """Such as ``Sat 9:00-12:00`` by the community's clock; an empty list is always."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    household: Mapped[Household] = relationship(lazy="raise")
    stocks: Mapped[list[ToolStock]] = relationship(lazy="raise", cascade="all, delete-orphan")


class ToolStock(Keyed, Base):
    """How many tools of one kind a depot owns, and how many of them are out."""

    __tablename__ = "tool_stock"
    __table_args__ = (
        UniqueConstraint("depot_id", "ability_id"),
        CheckConstraint("lent >= 0 AND lent <= owned", name="lent_within_owned"),
    )

    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depot.id"))
    ability_id: Mapped[UUID] = mapped_column(ForeignKey("ability.id"))
    owned: Mapped[int]
    lent: Mapped[int] = mapped_column(default=0)
    """Reserved or handed out, and not back yet."""

    ability: Mapped[Ability] = relationship(lazy="raise")
    depot: Mapped[Depot] = relationship(lazy="raise", overlaps="stocks")


class ToolLoan(Keyed, Base):
    """One tool for one volunteer, from the promise until it is back."""

    __tablename__ = "tool_loan"
    __table_args__ = (
        unique_where(
            "uq_tool_loan_volunteer_id_ability_id_out",
            "volunteer_id",
            "ability_id",
            where="returned_at IS NULL",
        ),
        Index("ix_tool_loan_stock_id", "stock_id"),
        CheckConstraint("due_at >= lent_at", name="due_after_lending"),
    )

    stock_id: Mapped[UUID] = mapped_column(ForeignKey("tool_stock.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    ability_id: Mapped[UUID] = mapped_column(ForeignKey("ability.id"))
    lent_at: Mapped[datetime]
    due_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]
    """When it left the depot; None while it is only promised."""
    returned_at: Mapped[datetime | None]

    stock: Mapped[ToolStock] = relationship(lazy="raise")
