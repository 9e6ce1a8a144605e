"""Communities, and the people and homes in them.

Names, addresses and phone numbers stand in tables of their own (`PersonName`, `HouseholdAddress`,
`ContactPoint`), so that a query for a list, a log or an export need not touch them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import Base, Keyed
from people.kinds import AbilityKind, Channel, PlaceKind, Precision, Purpose, Role

NAME_LENGTH = 200
CODE_LENGTH = 64


class Community(Keyed, Base):
    """A city's programme: its place, its clock and its language."""

    __tablename__ = "community"
    __table_args__ = (
        CheckConstraint("slug = lower(slug) AND slug <> ''", name="slug_in_small_letters"),
    )

    slug: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    time_zone: Mapped[str] = mapped_column(String(64))
    city_pack: Mapped[str] = mapped_column(String(500))
    """Name of a shipped pack, or the path of a file."""
    utm_epsg: Mapped[int]
    locale: Mapped[str] = mapped_column(String(35), default="en")
    created_at: Mapped[datetime]


class CommunityRules(Keyed, Base):
    """The rules of a programme from one moment on; the latest that has begun holds."""

    __tablename__ = "community_rules"
    __table_args__ = (UniqueConstraint("community_id", "valid_from"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    valid_from: Mapped[datetime]
    rules: Mapped[dict[str, Any]]
    """See `people.rules.Rules`."""


class Household(Keyed, Base):
    """A home or another place that people are linked with, as far as others may know it."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("community_id", "source_key"),
        Index("ix_household_community_id_cell", "community_id", "cell"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[PlaceKind] = mapped_column(default=PlaceKind.HOME)
    cell: Mapped[int | None] = mapped_column(BigInteger)
    """The H3 cell that may be shown: it holds enough addresses to hide this one."""
    area: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    precision: Mapped[Precision]
    source_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]

    address: Mapped[HouseholdAddress] = relationship(
        back_populates="household", lazy="raise", cascade="all, delete-orphan", uselist=False
    )


class HouseholdAddress(Base):
    """Where a household is exactly. Read only by those who may know it, and each reading logged."""

    __tablename__ = "household_address"
    __table_args__ = (
        CheckConstraint("lon_deg BETWEEN -180 AND 180", name="lon_deg"),
        CheckConstraint("lat_deg BETWEEN -90 AND 90", name="lat_deg"),
    )

    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"), primary_key=True)
    address_text: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str | None] = mapped_column(String(50))
    lon_deg: Mapped[float]
    lat_deg: Mapped[float]
    address_id: Mapped[str | None] = mapped_column(String(100))
    """The id of the address in the city pack."""

    household: Mapped[Household] = relationship(back_populates="address", lazy="raise")


class Person(Keyed, Base):
    """Somebody. What identifies them stands in `PersonName` and `ContactPoint`."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_household_id", "household_id"),)

    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("household.id"))
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    name: Mapped[PersonName | None] = relationship(
        back_populates="person", lazy="raise", cascade="all, delete-orphan", uselist=False
    )
    household: Mapped[Household | None] = relationship(lazy="raise")
    contact_points: Mapped[list[ContactPoint]] = relationship(
        back_populates="person", lazy="raise", cascade="all, delete-orphan"
    )
    preferences: Mapped[Preferences | None] = relationship(
        lazy="raise", cascade="all, delete-orphan", uselist=False
    )
    abilities: Mapped[list[PersonAbility]] = relationship(
        lazy="raise", cascade="all, delete-orphan"
    )
    memberships: Mapped[list[Membership]] = relationship(lazy="raise")


class PersonName(Base):
    """What a person is called."""

    __tablename__ = "person_name"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    call_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))

    person: Mapped[Person] = relationship(back_populates="name", lazy="raise")


class ContactPoint(Keyed, Base):
    """An e-mail address or a phone number of a person, in its one normal form."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("person_id", "channel", "value"),
        Index("ix_contact_point_channel_value", "channel", "value"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[Channel]
    value: Mapped[str] = mapped_column(String(320))
    """E.164 for sms and phone, a normal e-mail address for email."""
    preferred: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """Since when what we send there comes back; nothing more is sent."""

    person: Mapped[Person] = relationship(back_populates="contact_points", lazy="raise")


class Preferences(Base):
    """How a person wants to be reached and spoken to."""

    __tablename__ = "preferences"
    __table_args__ = (
        CheckConstraint("quiet_from_min BETWEEN 0 AND 1439", name="quiet_from_min"),
        CheckConstraint("quiet_until_min BETWEEN 0 AND 1439", name="quiet_until_min"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    languages: Mapped[list[str]]
    """Codes such as ``es``, the most comfortable first."""
    channel: Mapped[Channel | None]
    quiet_from_min: Mapped[int] = mapped_column(default=22 * 60)
    """Minutes after local midnight; from then until ``quiet_until_min`` nobody is disturbed."""
    quiet_until_min: Mapped[int] = mapped_column(default=7 * 60)


class Consent(Keyed, Base):
    """One line of the consent ledger. Lines are added, never changed; the last one holds."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_person_id_purpose", "person_id", "purpose", "recorded_at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    purpose: Mapped[Purpose]
    channel: Mapped[Channel | None]
    """None covers every channel."""
    text_version: Mapped[str] = mapped_column(String(50))
    """Which wording the person agreed to."""
    granted: Mapped[bool]
    """False is a withdrawal."""
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """How it was given: ``form``, ``phone``, ``import``, ``sms``."""


class Membership(Keyed, Base):
    """A person's role in a community, while ``ended_at`` is empty."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "community_id", "role"),
        UniqueConstraint("community_id", "role", "source_key"),
        Index("ix_membership_community_id_role", "community_id", "role"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    role: Mapped[Role]
    source_key: Mapped[str | None] = mapped_column(String(200))
    """What the file or system that this came from calls the person."""
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Ability(Keyed, Base):
    """A skill or a tool that this community asks for."""

    __tablename__ = "ability"
    __table_args__ = (UniqueConstraint("community_id", "code"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[AbilityKind]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """What files and settings call it, such as ``snow_blower``."""
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))


class PersonAbility(Base):
    """A skill that a person has, or a tool that a person owns."""

    __tablename__ = "person_ability"
    __table_args__ = (Index("ix_person_ability_ability_id", "ability_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    ability_id: Mapped[UUID] = mapped_column(ForeignKey("ability.id"), primary_key=True)

    ability: Mapped[Ability] = relationship(lazy="raise")
