"""How people sign in, as the database knows it: of every secret only a digest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from people.signing_in.kinds import Method

DIGEST_LENGTH = 64
NAME_LENGTH = 100
DEVICE_LENGTH = 32
PATH_LENGTH = 500


class SignIn(Keyed, Base):
    """One browser in which a person is signed in. When it ends, the row goes."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_person_id", "person_id"),
        Index("ix_sign_in_seen_at", "seen_at"),
        CheckConstraint("seen_at >= created_at", name="seen_after_creation"),
    )

    token_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    method: Mapped[Method]
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH))
    """As its owner would know it again: ``firefox_on_android``."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInLink(Keyed, Base):
    """Somebody asked for a link to sign in. Unknown addresses leave the same row, without contact.

    The token is made when the mail is sent, so that only the mail ever holds it.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (
        Index("ix_sign_in_link_contact_point_id", "contact_point_id"),
        Index("ix_sign_in_link_expires_at", "expires_at"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
    )

    token_digest: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH), unique=True)
    address_digest: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH))
    """Of token and address together: the link holds for the address that it went to alone."""
    contact_point_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contact_point.id", ondelete="CASCADE")
    )
    """One of the contact points with the address: the accounts are all that share it."""
    next_path: Mapped[str] = mapped_column(String(PATH_LENGTH))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Password(Base):
    """The password of a person who set one, as Argon2id keeps it."""

    __tablename__ = "password"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime]


class ApiToken(Keyed, Base):
    """A program that acts for a person, within its scopes, until it expires."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("ix_api_token_person_id", "person_id"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        CheckConstraint("name <> ''", name="name_given"),
    )

    token_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To the hour."""
    revoked_at: Mapped[datetime | None]


class OidcIdentity(Keyed, Base):
    """What a sign-in service calls a person."""

    __tablename__ = "oidc_identity"
    __table_args__ = (
        UniqueConstraint("issuer_digest", "subject_digest"),
        Index("ix_oidc_identity_person_id", "person_id"),
    )

    issuer_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    subject_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime]
