"""What a matching round keeps: its proof, its documents, and a reason for everyone left out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import Base, Keyed, unique_where
from matching.kinds import DocumentKind, RoundStatus


class Round(Keyed, Base):
    """One run of the optimiser, with the proof of what it found."""

    __tablename__ = "round"
    __table_args__ = (
        unique_where("uq_round_running", "community_id", where="status = 'running'"),
        Index("ix_round_community_id_started_at", "community_id", "started_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    storm_id: Mapped[UUID | None] = mapped_column(ForeignKey("storm.id"))
    status: Mapped[RoundStatus] = mapped_column(default=RoundStatus.RUNNING)
    job_key: Mapped[str | None] = mapped_column(String(120))
    """The job that runs it; the same job, started again after its worker died, takes it over."""
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    """A running round that does not renew its lease by then counts as dead."""
    ended_at: Mapped[datetime | None]
    horizon_start_at: Mapped[datetime]
    horizon_end_at: Mapped[datetime]
    seed: Mapped[int]
    inputs_hash: Mapped[str | None] = mapped_column(String(64))
    """`Problem.digest`: SHA-256 in hexadecimal."""
    objective: Mapped[dict[str, Any] | None]
    """The terms of `matching.engine.problem.Objective`."""
    value_m: Mapped[float | None]
    bound_m: Mapped[float | None]
    """None while no bound is proven."""
    gap: Mapped[float | None]
    weight_served: Mapped[float | None]
    request_count: Mapped[int | None]
    volunteer_count: Mapped[int | None]
    served_count: Mapped[int | None]
    stopped_early: Mapped[bool] = mapped_column(default=False)

    documents: Mapped[list[RoundDocument]] = relationship(
        lazy="raise", cascade="all, delete-orphan"
    )


class RoundDocument(Base):
    """What a round keeps in full: ids and numbers, never a name or an address."""

    __tablename__ = "round_document"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    kind: Mapped[DocumentKind] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]


class UnservedReason(Base):
    """Why a round left a request without help, and the smallest change that would serve it."""

    __tablename__ = "unserved_reason"
    __table_args__ = (Index("ix_unserved_reason_request_id", "request_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]
