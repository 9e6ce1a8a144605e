"""Events of a community: when and where, who has a seat, who waits, and who helps.

The exact place stands in a table of its own (`EventPlace`), so that a query for a list need not
touch it. Names of people stand in none of these tables.
"""

from __future__ import annotations

from datetime import datetime
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

from campaigns.events.kinds import (
    Attendance,
    CancelReason,
    EventAudience,
    EventStatus,
    HelperStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.groups.models import Group
from core.columns import Base, Keyed
from people.kinds import Precision
from people.models import CODE_LENGTH, NAME_LENGTH

GROUP_TABLE = Group.__tablename__
TITLE_LENGTH = 120
DESCRIPTION_LENGTH = 5_000
LOCAL_LENGTH = 16
RULE_LENGTH = 200
CHECK_IN_LENGTH = 6


class EventPlace(Keyed, Base):
    """Where an event is exactly. Of a place that is not public others see the area alone."""

    __tablename__ = "event_place"
    __table_args__ = (
        CheckConstraint("lon_deg BETWEEN -180 AND 180", name="lon_deg"),
        CheckConstraint("lat_deg BETWEEN -90 AND 90", name="lat_deg"),
    )

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """What people call it, such as ``Danehy Park``; shown to everybody who sees the event."""
    address_text: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str | None] = mapped_column(String(50))
    lon_deg: Mapped[float]
    lat_deg: Mapped[float]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    area: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    precision: Mapped[Precision]
    address_id: Mapped[str | None] = mapped_column(String(100))
    is_public: Mapped[bool]
    """Whether everybody sees the address; else only those who have a seat, helpers and staff."""


class CommunityEvent(Keyed, Base):
    """An event, once or repeated. What happens on one day is an `EventOccurrence`."""

    __tablename__ = "community_event"
    __table_args__ = (
        CheckConstraint("duration_s BETWEEN 300 AND 604800", name="duration_s"),
        CheckConstraint("capacity BETWEEN 1 AND 100000", name="capacity"),
        CheckConstraint("max_party BETWEEN 1 AND 20", name="max_party"),
        CheckConstraint("confirm_s BETWEEN 900 AND 604800", name="confirm_s"),
        Index("ix_community_event_community_id_status", "community_id", "status"),
        Index("ix_community_event_group_id", "group_id"),
        Index("ix_community_event_campaign_id", "campaign_id"),
        UniqueConstraint("community_id", "client_key"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey(f"{GROUP_TABLE}.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    """The campaign that it belongs to."""
    status: Mapped[EventStatus]
    audience: Mapped[EventAudience]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    description: Mapped[str] = mapped_column(Text)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("event_place.id"))
    time_zone: Mapped[str] = mapped_column(String(64))
    starts_local: Mapped[str] = mapped_column(String(LOCAL_LENGTH))
    """The first start by the clock on the wall there, such as ``2027-03-09T18:00``."""
    duration_s: Mapped[int]
    rule: Mapped[str | None] = mapped_column(String(RULE_LENGTH))
    """How it repeats, as iCalendar writes it, such as ``FREQ=WEEKLY;BYDAY=TU;COUNT=8``."""
    capacity: Mapped[int]
    """Seats on a day that has no number of its own."""
    max_party: Mapped[int]
    """Seats that one person may take, at most."""
    confirm_s: Mapped[int]
    """So long a seat that became free is kept for the next in line."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Counts what calendars must learn of; it never goes back."""
    client_key: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class EventOccurrence(Keyed, Base):
    """An event on one day. Its row is the lock under which seats are given."""

    __tablename__ = "event_occurrence"
    __table_args__ = (
        UniqueConstraint("event_id", "recurs_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity BETWEEN 1 AND 100000", name="capacity"),
        CheckConstraint("taken_count BETWEEN 0 AND capacity", name="taken_within_capacity"),
        CheckConstraint("last_number >= 0", name="last_number"),
        Index("ix_event_occurrence_community_id_starts_at", "community_id", "starts_at"),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("community_event.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    status: Mapped[OccurrenceStatus]
    recurs_at: Mapped[datetime]
    """Its start by the rule: what calendars know it by, wherever it was moved."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("event_place.id"))
    """A place of its own; None is the event's."""
    capacity: Mapped[int]
    taken_count: Mapped[int] = mapped_column(default=0)
    """Seats that people have or that are kept for them: always the sum of their parties."""
    last_number: Mapped[int] = mapped_column(default=0)
    """The last number given in the order of sign-ups."""
    came_count: Mapped[int] = mapped_column(default=0)
    """People who came, also those who were erased since."""
    no_show_count: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    cancel_reason: Mapped[CancelReason | None]
    """Why it was called off, when somebody said so."""
    closed_at: Mapped[datetime | None]
    """Since when attendance is settled."""


class EventRegistration(Keyed, Base):
    """Somebody's sign-up for an event on one day; one row for each person and day."""

    __tablename__ = "event_registration"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "person_id"),
        UniqueConstraint("occurrence_id", "number"),
        UniqueConstraint("occurrence_id", "check_in_code"),
        CheckConstraint("party_size BETWEEN 1 AND 20", name="party_size"),
        CheckConstraint(
            "(status = 'offered') = (offered_until_at IS NOT NULL)", name="offer_has_end"
        ),
        CheckConstraint("came_count BETWEEN 0 AND party_size", name="came_count"),
        Index("ix_event_registration_person_id", "person_id"),
        Index("ix_event_registration_status_offered_until_at", "status", "offered_until_at"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("event_occurrence.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """None once the person was erased."""
    status: Mapped[RegistrationStatus]
    number: Mapped[int]
    """Its place in the order of sign-ups, given under the lock of the occurrence."""
    party_size: Mapped[int]
    signed_up_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    offered_until_at: Mapped[datetime | None]
    """Until when a seat that became free is kept; it is lost then unless it was confirmed."""
    expired_count: Mapped[int] = mapped_column(default=0)
    offer_count: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    """Counts what the person's calendar must learn of."""
    check_in_code: Mapped[str | None] = mapped_column(String(CHECK_IN_LENGTH))
    attendance: Mapped[Attendance | None]
    came_count: Mapped[int] = mapped_column(default=0)
    checked_in_at: Mapped[datetime | None]
    checked_in_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class EventDesk(Keyed, Base):
    """How many codes one person tried at the door of one event, so that nobody guesses them."""

    __tablename__ = "event_desk"
    __table_args__ = (UniqueConstraint("occurrence_id", "person_id"),)

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("event_occurrence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    since_at: Mapped[datetime]
    wrong_count: Mapped[int] = mapped_column(default=0)


class EventRole(Keyed, Base):
    """Work that an event needs hands for, such as three greeters."""

    __tablename__ = "event_role"
    __table_args__ = (
        UniqueConstraint("event_id", "code"),
        CheckConstraint("wanted_count BETWEEN 1 AND 100", name="wanted_count"),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("community_event.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))
    wanted_count: Mapped[int]
    abilities: Mapped[list[str]]
    """Codes of the skills and tools that each of them must have."""


class EventHelper(Keyed, Base):
    """Somebody who offers to help on one day, or was proposed for a role there."""

    __tablename__ = "event_helper"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "person_id"),
        Index("ix_event_helper_person_id", "person_id"),
        Index("ix_event_helper_role_id", "role_id"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("event_occurrence.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("event_role.id"))
    """The role that was proposed or confirmed; None leaves it to the organizer."""
    status: Mapped[HelperStatus]
    is_own_offer: Mapped[bool]
    travel_m: Mapped[int | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
