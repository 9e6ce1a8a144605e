"""storms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611212350"
down_revision: str | None = "202611212340"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _extend_storm()
    _make_weather()
    op.create_table(
        "storm_resident",
        sa.Column("storm_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("needs_help", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["storm_id"], ["storm.id"], name=op.f("fk_storm_resident_storm_id_storm")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_storm_resident_person_id_person")
        ),
        sa.PrimaryKeyConstraint("storm_id", "person_id", name=op.f("pk_storm_resident")),
    )
    op.create_index("ix_storm_resident_person_id", "storm_resident", ["person_id"])
    op.create_table(
        "visit_reminder",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_visit_reminder_kind_given")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_visit_reminder_assignment_id_assignment"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", "kind", name=op.f("pk_visit_reminder")),
    )


def _extend_storm() -> None:
    with op.batch_alter_table("storm") as table:
        table.add_column(sa.Column("since_at", MOMENT))
        table.add_column(sa.Column("pending", sa.String(length=32)))
        table.add_column(sa.Column("pending_since_at", MOMENT))
        table.add_column(
            sa.Column("held_by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("directed_until_at", MOMENT))
        table.add_column(sa.Column("noticed_at", MOMENT))
        table.add_column(sa.Column("opened_at", MOMENT))
        table.add_column(sa.Column("weather_missed_at", MOMENT))
    with op.batch_alter_table("storm") as table:
        table.alter_column("held_by_hand", server_default=None)
    op.create_index(
        "uq_storm_community_id_current",
        "storm",
        ["community_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'closed'"),
        postgresql_where=sa.text("status <> 'closed'"),
    )


def _make_weather() -> None:
    op.create_table(
        "storm_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_storm_rules_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storm_rules")),
        sa.UniqueConstraint(
            "community_id", "valid_from", name=op.f("uq_storm_rules_community_id_valid_from")
        ),
    )
    op.create_table(
        "weather_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("depth_cm", sa.Double(), nullable=True),
        sa.Column("snowfall_cm", sa.Double(), nullable=True),
        sa.Column("temperature_c", sa.Double(), nullable=True),
        sa.Column("conditions", JSON, nullable=True),
        sa.Column("raw_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_weather_reading_community_id_community"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weather_reading")),
        sa.UniqueConstraint(
            "community_id",
            "source",
            "station",
            "observed_at",
            name=op.f("uq_weather_reading_community_id_source_station_observed_at"),
        ),
    )
    op.create_index(
        "ix_weather_reading_community_id_observed_at",
        "weather_reading",
        ["community_id", "observed_at"],
    )
    op.create_table(
        "weather_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=100), nullable=False),
        sa.Column("onset_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_weather_alert_community_id_community"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weather_alert")),
        sa.UniqueConstraint(
            "community_id",
            "source",
            "alert_id",
            name=op.f("uq_weather_alert_community_id_source_alert_id"),
        ),
    )
    op.create_index(
        "ix_weather_alert_community_id_ends_at", "weather_alert", ["community_id", "ends_at"]
    )


def downgrade() -> None:
    for table in ("visit_reminder", "storm_resident", "weather_alert", "weather_reading"):
        op.drop_table(table)
    op.drop_table("storm_rules")
    op.drop_index("uq_storm_community_id_current", table_name="storm")
    with op.batch_alter_table("storm") as table:
        for column in (
            "weather_missed_at",
            "opened_at",
            "noticed_at",
            "directed_until_at",
            "held_by_hand",
            "pending_since_at",
            "pending",
            "since_at",
        ):
            table.drop_column(column)
