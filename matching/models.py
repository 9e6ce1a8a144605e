"""Help requests, volunteers' offers of time, and what matches them.

Keys point to people and communities, never the other way. Nothing here holds a name, an address or
a phone number.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import Base, Keyed, Versioned, unique_where
from matching.kinds import (
    AssignmentStatus,
    BanSide,
    HoldReason,
    OfferStatus,
    RequestKind,
    RequestStatus,
    StormStatus,
    TravelMode,
    VolunteerStatus,
)
from matching.offers.models import Ask
from matching.rounds.models import Round
from matching.volunteering.models import AwayPeriod, Team
from people.models import Ability, Household, Person

REFERENCE_LENGTH = 6
OFFER_CODE_LENGTH = 2
SOURCE_KEY_LENGTH = 200
NO_DEADLINE = datetime(9000, 1, 1, tzinfo=UTC)
"""Stands for no deadline where requests are sorted."""


class Volunteer(Keyed, Versioned, Base):
    """What one person offers in one community: from where, how far, how much."""

    __tablename__ = "volunteer"
    __table_args__ = (
        UniqueConstraint("person_id", "community_id"),
        UniqueConstraint("community_id", "source_key"),
        CheckConstraint("max_tasks >= 0 AND max_work_s >= 0", name="limits_not_negative"),
        CheckConstraint("accept_prior BETWEEN 0 AND 1", name="accept_prior"),
        CheckConstraint("max_tasks_per_day >= 0", name="max_tasks_per_day_not_negative"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    second_anchor_id: Mapped[UUID | None] = mapped_column(ForeignKey("household.id"))
    """Another place to start from, such as work."""
    status: Mapped[VolunteerStatus] = mapped_column(default=VolunteerStatus.ACTIVE)
    paused_until: Mapped[datetime | None]
    mode: Mapped[TravelMode] = mapped_column(default=TravelMode.WALK)
    max_tasks: Mapped[int]
    """Visits in one round."""
    max_tasks_per_day: Mapped[int | None]
    """Visits on one local day, over all rounds; None is as many as in one round."""
    max_work_s: Mapped[int]
    """Service and travel in one round."""
    max_travel_s: Mapped[int]
    """One way, home to request."""
    radius_m: Mapped[int | None]
    """One way along the streets; None sets no limit in metres."""
    accept_prior: Mapped[float] = mapped_column(default=0.5)
    """Chance of a yes to a fitting offer, 0 to 1."""
    load: Mapped[float] = mapped_column(default=0.0)
    """Tasks done lately; fades with time."""
    source_key: Mapped[str | None] = mapped_column(String(SOURCE_KEY_LENGTH))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    home: Mapped[Household] = relationship(lazy="raise", foreign_keys=[home_id])
    second_anchor: Mapped[Household | None] = relationship(
        lazy="raise", foreign_keys=[second_anchor_id]
    )
    windows: Mapped[list[AvailabilityWindow]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="AvailabilityWindow.starts_at"
    )
    weekly_hours: Mapped[list[WeeklyHours]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="WeeklyHours.weekday"
    )
    away: Mapped[list[AwayPeriod]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="AwayPeriod.first_day"
    )
    team: Mapped[Team | None] = relationship(
        lazy="raise", cascade="all, delete-orphan", uselist=False
    )


class AvailabilityWindow(Keyed, Base):
    """Time that a volunteer has once."""

    __tablename__ = "availability_window"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_availability_window_volunteer_id", "volunteer_id", "ends_at"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    from_second_anchor: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Starts from the volunteer's other place, such as work, and not from home."""


class WeeklyHours(Keyed, Base):
    """Time that a volunteer has every week, by the community's clock on the wall."""

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "start_min BETWEEN 0 AND 1439 AND end_min BETWEEN 1 AND 1440 AND end_min > start_min",
            name="minutes",
        ),
        Index("ix_weekly_hours_volunteer_id", "volunteer_id"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    weekday: Mapped[int]
    """0 is Monday."""
    start_min: Mapped[int]
    end_min: Mapped[int]
    """Minutes after local midnight; 1440 is the end of the day."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    """The last day."""
    from_second_anchor: Mapped[bool] = mapped_column(default=False, server_default=false())


class Storm(Keyed, Versioned, Base):
    """A fall of snow that the programme answers."""

    __tablename__ = "storm"
    __table_args__ = (
        Index("ix_storm_community_id_status", "community_id", "status"),
        unique_where("uq_storm_community_id_current", "community_id", where="status <> 'closed'"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    status: Mapped[StormStatus] = mapped_column(default=StormStatus.WATCH)
    hold_reason: Mapped[HoldReason | None]
    depth_cm: Mapped[float | None]
    snow_ended_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    urgent_since: Mapped[datetime | None]
    """Since then urgent homes come first, at the price of fewer homes; None is the usual way."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    since_at: Mapped[datetime | None]
    """When it came into its state; None is since it was created."""
    pending: Mapped[str | None] = mapped_column(String(32))
    pending_since_at: Mapped[datetime | None]
    """The state that weather has asked for, and since when."""
    held_by_hand: Mapped[bool] = mapped_column(default=False)
    directed_until_at: Mapped[datetime | None]
    """A manager decided: until then weather changes nothing."""
    noticed_at: Mapped[datetime | None]
    """When residents and volunteers were told that help may be needed; once a storm."""
    opened_at: Mapped[datetime | None]
    """When it first became active."""
    weather_missed_at: Mapped[datetime | None]
    """When staff were told that no readings come any more."""


class HelpRequest(Keyed, Versioned, Base):
    """Help that one household needs once."""

    __tablename__ = "help_request"
    __table_args__ = (
        UniqueConstraint("community_id", "reference"),
        UniqueConstraint("community_id", "source_key"),
        Index("ix_help_request_community_id_status", "community_id", "status"),
        Index("ix_help_request_resident_id", "resident_id"),
        CheckConstraint("weight > 0", name="weight_above_0"),
        CheckConstraint("service_s >= 0", name="service_s_not_negative"),
        CheckConstraint("crew_size >= 1", name="crew_size_at_least_1"),
        CheckConstraint("seats_taken BETWEEN 0 AND crew_size", name="seats_taken_within_crew"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    reference: Mapped[str] = mapped_column(String(12))
    """Short name of the request for people to read out."""
    kind: Mapped[RequestKind]
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    storm_id: Mapped[UUID | None] = mapped_column(ForeignKey("storm.id"))
    status: Mapped[RequestStatus] = mapped_column(default=RequestStatus.SUBMITTED)
    weight: Mapped[float] = mapped_column(default=1.0)
    """How much serving it counts."""
    service_s: Mapped[int]
    crew_size: Mapped[int] = mapped_column(default=1)
    seats_taken: Mapped[int] = mapped_column(default=0)
    """Volunteers who have accepted, of ``crew_size``."""
    languages: Mapped[list[str]] = mapped_column(default=list)
    """One of these must be spoken; an empty list asks for none."""
    scope: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    """What was agreed: codes of the kind's scope options, such as ``steps``."""
    deadline_at: Mapped[datetime | None]
    """Until when the help is of use: the law's time, or what the programme promises."""
    source_key: Mapped[str | None] = mapped_column(String(SOURCE_KEY_LENGTH))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    household: Mapped[Household] = relationship(lazy="raise")
    resident: Mapped[Person] = relationship(lazy="raise")
    windows: Mapped[list[RequestWindow]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RequestWindow.opens_at"
    )
    needs: Mapped[list[RequestNeed]] = relationship(lazy="raise", cascade="all, delete-orphan")

    @property
    def due_at(self) -> datetime:
        """The deadline, for sorting; requests without one come last."""
        return self.deadline_at or NO_DEADLINE


class RequestWindow(Keyed, Base):
    """When the whole job may be done."""

    __tablename__ = "request_window"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        Index("ix_request_window_request_id", "request_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class RequestNeed(Base):
    """A skill or a tool that a request needs."""

    __tablename__ = "request_need"
    __table_args__ = (Index("ix_request_need_ability_id", "ability_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    ability_id: Mapped[UUID] = mapped_column(ForeignKey("ability.id"), primary_key=True)

    ability: Mapped[Ability] = relationship(lazy="raise")


class Ban(Keyed, Base):
    """A volunteer and a resident who must not meet. Why is kept as a code word only."""

    __tablename__ = "ban"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "resident_id"),
        Index("ix_ban_community_id", "community_id"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[BanSide] = mapped_column(default=BanSide.STAFF, server_default="staff")
    """Whose wish it was; the other side is never told."""
    reason: Mapped[str | None] = mapped_column(String(64))
    """A code word for staff."""


class SeasonPair(Keyed, Base):
    """A volunteer who helps the same resident all season."""

    __tablename__ = "season_pair"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "resident_id", "valid_from"),
        CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
        CheckConstraint("bonus_m >= 0", name="bonus_m_not_negative"),
        Index("ix_season_pair_community_id", "community_id", "valid_until"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    """The last day."""
    bonus_m: Mapped[float]
    """What keeping the pair together is worth, metres of travel."""


class Offer(Keyed, Versioned, Base):
    """A task put before one volunteer, and what came of it."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("round_id", "request_id", "volunteer_id"),
        unique_where(
            "uq_offer_volunteer_id_code_live",
            "volunteer_id",
            "code",
            where="status IN ('proposed', 'sent', 'expired')",
        ),
        Index("ix_offer_request_id_status", "request_id", "status"),
        Index("ix_offer_volunteer_id_status", "volunteer_id", "status"),
        Index("ix_offer_ask_id", "ask_id"),
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        CheckConstraint("accept_p BETWEEN 0 AND 1", name="accept_p"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    ask_id: Mapped[UUID | None] = mapped_column(ForeignKey("ask.id"))
    """The message that put it before the volunteer."""
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    status: Mapped[OfferStatus] = mapped_column(default=OfferStatus.PROPOSED)
    code: Mapped[str] = mapped_column(String(8))
    """What the volunteer answers by text message: "YES K7"."""
    position: Mapped[int]
    """Place in the volunteer's plan, 0 first."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    accept_p: Mapped[float]
    """The chance of a yes that the plan reckoned with."""
    shown: Mapped[list[str]] = mapped_column(default=list)
    """Ids of the requests that the message put before the volunteer, in order."""
    proposed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_delay_s: Mapped[float | None]
    """From sending to the answer."""

    round: Mapped[Round | None] = relationship(lazy="raise")
    ask: Mapped[Ask | None] = relationship(lazy="raise")
    request: Mapped[HelpRequest] = relationship(lazy="raise")
    volunteer: Mapped[Volunteer] = relationship(lazy="raise")


class Assignment(Keyed, Versioned, Base):
    """Accepted work: one volunteer's seat in the crew of one request."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("offer_id"),
        unique_where(
            "uq_assignment_request_id_seat_held",
            "request_id",
            "seat",
            where="status <> 'released'",
        ),
        Index("ix_assignment_volunteer_id_status", "volunteer_id", "status"),
        CheckConstraint("seat >= 0", name="seat_not_negative"),
        CheckConstraint("seats >= 1", name="seats_at_least_1"),
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteer.id"))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    status: Mapped[AssignmentStatus] = mapped_column(default=AssignmentStatus.ACCEPTED)
    seat: Mapped[int]
    """Which place in the crew, 0 first."""
    seats: Mapped[int] = mapped_column(default=1, server_default="1")
    """Places in the crew that this work fills: a team may fill several."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    accepted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    request: Mapped[HelpRequest] = relationship(lazy="raise")
    offer: Mapped[Offer] = relationship(lazy="raise")
    volunteer: Mapped[Volunteer] = relationship(lazy="raise")
