"""webhooks and calendar feeds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220120"
down_revision: str | None = "202611220110"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(
    table: str, column: str, target: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def upgrade() -> None:
    _add_endpoints()
    _add_deliveries()
    _add_feeds()


def _add_endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("status", words("endpointstatus", "active", "disabled"), nullable=False),
        sa.Column("disabled_reason", sa.String(length=64), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("secret", sa.String(length=120), nullable=False),
        sa.Column("old_secret", sa.String(length=120), nullable=True),
        sa.Column("old_secret_until_at", MOMENT, nullable=True),
        sa.Column("failing_since_at", MOMENT, nullable=True),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("rests_until_at", MOMENT, nullable=True),
        sa.Column("busy_until_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        key("webhook_endpoint", "community_id", "community"),
        key("webhook_endpoint", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index(
        "ix_webhook_endpoint_community_id_status", "webhook_endpoint", ["community_id", "status"]
    )


def _add_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "status", words("deliverystatus", "waiting", "delivered", "failed"), nullable=False
        ),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("first_tried_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_webhook_delivery_attempts")),
        key("webhook_delivery", "endpoint_id", "webhook_endpoint", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "endpoint_id", "event_id", name=op.f("uq_webhook_delivery_endpoint_id_event_id")
        ),
    )
    op.create_index(
        "ix_webhook_delivery_endpoint_id_due_at",
        "webhook_delivery",
        ["endpoint_id", "status", "due_at"],
    )
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"])
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "ix_webhook_delivery_due_at_waiting",
        "webhook_delivery",
        ["due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempted_at", MOMENT, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        key("webhook_attempt", "delivery_id", "webhook_delivery", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id", "id"])


def _add_feeds() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("kind", words("feedkind", "visits", "storms"), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        key("calendar_feed", "community_id", "community"),
        key("calendar_feed", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    op.create_index("ix_calendar_feed_person_id", "calendar_feed", ["person_id"])


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_table("webhook_attempt")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_endpoint")
