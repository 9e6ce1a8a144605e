"""What a matching round keeps: its proof, its documents, and a reason for everyone left out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import Base, Keyed, unique_where
from matching.kinds import DocumentKind, RoundJobStatus, RoundStage, RoundStatus, RoundStop


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


class RoundJob(Keyed, Base):
    """A round that somebody asked for: what is wanted, how far it is, and what came of it.

    Its worker writes into it while it lives, so that whoever looks sees the round move.
    """

    __tablename__ = "round_job"
    __table_args__ = (
        unique_where("uq_round_job_open", "community_id", where="status IN ('waiting', 'running')"),
        UniqueConstraint("community_id", "key"),
        Index("ix_round_job_community_id_requested_at", "community_id", "requested_at"),
        Index("ix_round_job_requested_by", "requested_by"),
        CheckConstraint("share >= 0 AND share <= 1", name="share_within_1"),
        CheckConstraint("key <> ''", name="key_given"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    key: Mapped[str] = mapped_column(String(64))
    """The same request, made twice with one key, is one round."""
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    status: Mapped[RoundJobStatus] = mapped_column(default=RoundJobStatus.WAITING)
    seed: Mapped[int]
    tries: Mapped[int]
    time_limit_s: Mapped[float]
    horizon_start_at: Mapped[datetime | None]
    horizon_end_at: Mapped[datetime | None]
    asks: Mapped[bool]
    """Whether its plan becomes asks to volunteers, or draft offers alone."""
    attempt_count: Mapped[int] = mapped_column(default=0)
    """Also tells workers apart: one that was given up can no longer write."""
    started_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stop_wanted: Mapped[RoundStop | None]
    stage: Mapped[RoundStage | None]
    share: Mapped[float] = mapped_column(default=0.0)
    """How much of the work is done, 0 to 1."""
    best_value_m: Mapped[float | None]
    """The value of the best plan so far, in metres of the objective."""
    best_served_count: Mapped[int | None]
    gap: Mapped[float | None]
    """Known at the end: how far the plan may be from the best one there is."""
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    reason: Mapped[str | None] = mapped_column(String(64))
    """A code word: why it waits, failed, or planned nothing."""
