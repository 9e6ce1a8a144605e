"""Collection routes and what was counted on them. No address, and no cart that could be told apart.

What is measured belongs to a route of the community; a campaign only says which routes it works
on. So figures from before a campaign, and those that come late, count without being sent again.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaigns.recycling.kinds import Arm, CartState, Measure, Stream
from core.columns import Base, Keyed
from people.models import CODE_LENGTH


class CollectionRoute(Keyed, Base):
    """The homes that one truck serves on one day of the week."""

    __tablename__ = "collection_route"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("code <> ''", name="code_given"),
        CheckConstraint("household_count >= 1", name="household_count"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """What the hauler calls it."""
    areas: Mapped[list[str]]
    """Neighbourhoods of the city pack that it runs through."""
    household_count: Mapped[int]
    """Told by the hauler, or the addresses of its neighbourhoods."""
    households_counted: Mapped[bool] = mapped_column(default=False)
    """Whether the number was taken from the addresses of the city pack."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RouteDraw(Keyed, Base):
    """How the routes of a campaign were drawn into treated ones and controls; drawn once."""

    __tablename__ = "route_draw"
    __table_args__ = (
        UniqueConstraint("campaign_id"),
        CheckConstraint("seed >= 0", name="seed"),
        CheckConstraint("baseline_week_count >= 1", name="baseline_week_count"),
        CheckConstraint("treated_count >= 0 AND control_count >= 0", name="counts"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    measure: Mapped[Measure]
    """What the campaign is about, chosen before it begins."""
    seed: Mapped[int] = mapped_column(BigInteger)
    baseline_week_count: Mapped[int]
    """So many weeks before the start are compared with the weeks of the campaign."""
    treated_count: Mapped[int]
    control_count: Mapped[int]
    detectable: Mapped[float | None]
    """The smallest change that could be shown four times in five, as known at the draw."""
    drawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime]


class CampaignRoute(Base):
    """A route in a campaign, with the side that the draw gave it."""

    __tablename__ = "campaign_route"
    __table_args__ = (Index("ix_campaign_route_route_id", "route_id"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    route_id: Mapped[UUID] = mapped_column(ForeignKey("collection_route.id"), primary_key=True)
    arm: Mapped[Arm]
    stratum: Mapped[int]
    """Routes with a like baseline share one; each has both sides."""
    baseline: Mapped[float | None]
    """As known at the draw."""


class SetOutCount(Keyed, Base):
    """Carts set out on a route in one week."""

    __tablename__ = "set_out_count"
    __table_args__ = (
        UniqueConstraint("route_id", "week"),
        CheckConstraint("set_out_count >= 0", name="set_out_count"),
    )

    route_id: Mapped[UUID] = mapped_column(ForeignKey("collection_route.id"))
    week: Mapped[date]
    """Its Monday."""
    set_out_count: Mapped[int]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class RouteWeight(Keyed, Base):
    """What a truck brought from a route on one day."""

    __tablename__ = "route_weight"
    __table_args__ = (
        UniqueConstraint("route_id", "day", "stream"),
        CheckConstraint("weight_kg >= 0", name="weight_kg"),
    )

    route_id: Mapped[UUID] = mapped_column(ForeignKey("collection_route.id"))
    day: Mapped[date]
    stream: Mapped[Stream]
    weight_kg: Mapped[float]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class WasteSort(Keyed, Base):
    """A sample of a route's recycling and trash, sorted by hand and weighed."""

    __tablename__ = "waste_sort"
    __table_args__ = (
        UniqueConstraint("route_id", "week", "sample"),
        CheckConstraint(
            "recyclables_in_recycling_kg >= 0 AND contaminants_in_recycling_kg >= 0 "
            "AND recyclables_in_trash_kg >= 0 AND other_in_trash_kg >= 0",
            name="weights",
        ),
    )

    route_id: Mapped[UUID] = mapped_column(ForeignKey("collection_route.id"))
    week: Mapped[date]
    """Its Monday."""
    sample: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """What the sorters call it; one route and week may have several."""
    recyclables_in_recycling_kg: Mapped[float]
    contaminants_in_recycling_kg: Mapped[float]
    recyclables_in_trash_kg: Mapped[float]
    other_in_trash_kg: Mapped[float]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class CartAudit(Keyed, Base):
    """One walk along a route, looking into carts."""

    __tablename__ = "cart_audit"
    __table_args__ = (
        UniqueConstraint("route_id", "source_key"),
        Index("ix_cart_audit_route_id_week", "route_id", "week"),
        Index("ix_cart_audit_auditor_id", "auditor_id"),
    )

    route_id: Mapped[UUID] = mapped_column(ForeignKey("collection_route.id"))
    week: Mapped[date]
    """Its Monday; the day and the hour are not kept."""
    auditor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who walked; empty for a file, and once that person is forgotten."""
    source_key: Mapped[str] = mapped_column(String(200))
    """Sent twice under one key, a walk counts once."""
    recorded_at: Mapped[datetime]

    carts: Mapped[list[CartLook]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="CartLook.number"
    )


class CartLook(Base):
    """What was seen of one cart: its place in the walk, and no address."""

    __tablename__ = "cart_look"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("cart_audit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1 for the first cart of the walk; it says nothing about another walk."""
    state: Mapped[CartState]
    contaminants: Mapped[list[str]]
