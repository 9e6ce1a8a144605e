"""What a volunteer was asked, when, by which reckoning, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed, Versioned, unique_where
from matching.kinds import AskAnswer, AskOrigin, AskStatus

KEY_LENGTH = 120


class Ask(Keyed, Versioned, Base):
    """One message-level offer: a plan of up to three stops, and the open homes shown beside it."""

    __tablename__ = "ask"
    __table_args__ = (
        UniqueConstraint("key"),
        unique_where("uq_ask_live", "volunteer_id", where="status IN ('proposed', 'sent')"),
        Index("ix_ask_community_id_status", "community_id", "status"),
        Index("ix_ask_volunteer_id_proposed_at", "volunteer_id", "proposed_at"),
        Index("ix_ask_storm_id", "storm_id"),
        CheckConstraint("plan_p BETWEEN 0 AND 1", name="plan_p"),
        CheckConstraint("willingness BETWEEN 0 AND 1", name="willingness"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    storm_id: Mapped[UUID | None] = mapped_column(ForeignKey("storm.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    """What makes this ask itself: a wave that is run again finds it by this."""
    origin: Mapped[AskOrigin]
    status: Mapped[AskStatus] = mapped_column(default=AskStatus.PROPOSED)
    arm: Mapped[str] = mapped_column(String(32), default="ladder")
    """Which way of asking this belongs to, when two are compared."""
    plan_p: Mapped[float]
    """The chance of a yes to something of the plan, as it was reckoned."""
    willingness: Mapped[float]
    """The volunteer's willingness at that moment."""
    life_s: Mapped[int]
    """After so long without an answer the ask stops counting in plans; a late yes still counts."""
    proposed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    silent_after_at: Mapped[datetime | None]
    answer: Mapped[AskAnswer | None]
    """The first answer."""
    answered_at: Mapped[datetime | None]
    answer_delay_s: Mapped[float | None]
    """From sending to the first answer."""


class AskedHome(Base):
    """One home that an ask put before the volunteer, with what was reckoned and answered."""

    __tablename__ = "asked_home"
    __table_args__ = (
        Index("ix_asked_home_request_id", "request_id"),
        CheckConstraint("accept_p BETWEEN 0 AND 1", name="accept_p"),
    )

    ask_id: Mapped[UUID] = mapped_column(ForeignKey("ask.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    position: Mapped[int]
    """Place in the message, 0 first: the plan, then the open homes beside it."""
    in_plan: Mapped[bool]
    accept_p: Mapped[float]
    travel_s: Mapped[int]
    travel_m: Mapped[int]
    travel_bucket: Mapped[str] = mapped_column(String(20))
    """`geo.blurred_travel.TimeBucket`, from cell to cell: what may be told before a yes."""
    radius_share: Mapped[float]
    """Way from home, as a share of the longest that the volunteer goes."""
    answer: Mapped[AskAnswer | None]
    answered_at: Mapped[datetime | None]


class StormVolunteer(Base):
    """One volunteer in one storm."""

    __tablename__ = "storm_volunteer"

    storm_id: Mapped[UUID] = mapped_column(ForeignKey("storm.id"), primary_key=True)
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    not_today_at: Mapped[datetime | None]
    """Since then nothing more is sent to them in this storm."""
    silence_count: Mapped[int] = mapped_column(default=0)
    """Asks of this storm that stayed without an answer."""


class VolunteerReach(Base):
    """The open homes that a volunteer can reach and serve, as the last wave measured them."""

    __tablename__ = "volunteer_reach"

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    measured_at: Mapped[datetime]
    homes: Mapped[dict[str, Any]]
    """Request id in hexadecimal -> [seconds, metres, bucket, chance of a yes, value]."""


class AnswerModelFit(Keyed, Base):
    """How a community's volunteers answer, as fitted from what was asked; the latest holds."""

    __tablename__ = "answer_model_fit"
    __table_args__ = (UniqueConstraint("community_id", "valid_from"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    valid_from: Mapped[datetime]
    ask_count: Mapped[int]
    model: Mapped[dict[str, Any]]
    """See `matching.ladder`."""
