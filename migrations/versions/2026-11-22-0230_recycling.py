"""recycling and recruiting"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220230"
down_revision: str | None = "202611220220"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MEASURES = (
    "capture_rate",
    "contamination_rate",
    "contaminated_carts",
    "set_out_rate",
    "diversion_rate",
    "recycling_per_household",
)


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A check with the name that the models give it."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """A unique constraint with the name that the models give it."""
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def identified(table: str) -> tuple[sa.Column[object], sa.PrimaryKeyConstraint]:
    """The key of a table's own."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _add_routes()
    _add_counts()
    _add_sorts_and_audits()
    _add_forecasts()
    _add_sign_ups()


def _add_routes() -> None:
    table = "collection_route"
    op.create_table(
        table,
        *identified(table),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=False),
        sa.Column("households_counted", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        check(table, "code_given", "code <> ''"),
        check(table, "household_count", "household_count >= 1"),
        key(table, "community_id", "community"),
        unique(table, "community_id", "code"),
    )
    table = "route_draw"
    op.create_table(
        table,
        *identified(table),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("measure", words("measure", *MEASURES), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("baseline_week_count", sa.Integer(), nullable=False),
        sa.Column("treated_count", sa.Integer(), nullable=False),
        sa.Column("control_count", sa.Integer(), nullable=False),
        sa.Column("detectable", sa.Double(), nullable=True),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_at", MOMENT, nullable=False),
        check(table, "seed", "seed >= 0"),
        check(table, "baseline_week_count", "baseline_week_count >= 1"),
        check(table, "counts", "treated_count >= 0 AND control_count >= 0"),
        key(table, "campaign_id", "campaign"),
        key(table, "drawn_by", "person"),
        unique(table, "campaign_id"),
    )
    table = "campaign_route"
    op.create_table(
        table,
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("arm", words("arm", "treated", "control"), nullable=False),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        key(table, "campaign_id", "campaign"),
        key(table, "route_id", "collection_route"),
        sa.PrimaryKeyConstraint("campaign_id", "route_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_campaign_route_route_id", table, ["route_id"])


def _add_counts() -> None:
    table = "set_out_count"
    op.create_table(
        table,
        *identified(table),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("set_out_count", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        check(table, "set_out_count", "set_out_count >= 0"),
        key(table, "route_id", "collection_route"),
        key(table, "recorded_by", "person"),
        unique(table, "route_id", "week"),
    )
    table = "route_weight"
    op.create_table(
        table,
        *identified(table),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stream", words("stream", "recycling", "trash"), nullable=False),
        sa.Column("weight_kg", sa.Double(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        check(table, "weight_kg", "weight_kg >= 0"),
        key(table, "route_id", "collection_route"),
        key(table, "recorded_by", "person"),
        unique(table, "route_id", "day", "stream"),
    )


def _add_sorts_and_audits() -> None:
    table = "waste_sort"
    weights = (
        "recyclables_in_recycling_kg",
        "contaminants_in_recycling_kg",
        "recyclables_in_trash_kg",
        "other_in_trash_kg",
    )
    op.create_table(
        table,
        *identified(table),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("sample", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in weights),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        check(table, "weights", " AND ".join(f"{name} >= 0" for name in weights)),
        key(table, "route_id", "collection_route"),
        key(table, "recorded_by", "person"),
        unique(table, "route_id", "week", "sample"),
    )
    table = "cart_audit"
    op.create_table(
        table,
        *identified(table),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("auditor_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        key(table, "route_id", "collection_route"),
        key(table, "auditor_id", "person"),
        unique(table, "route_id", "source_key"),
    )
    op.create_index("ix_cart_audit_route_id_week", table, ["route_id", "week"])
    op.create_index("ix_cart_audit_auditor_id", table, ["auditor_id"])
    table = "cart_look"
    op.create_table(
        table,
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", words("cartstate", "clean", "contaminated", "not_out"), nullable=False),
        sa.Column("contaminants", JSON, nullable=False),
        check(table, "number", "number >= 1"),
        key(table, "audit_id", "cart_audit"),
        sa.PrimaryKeyConstraint("audit_id", "number", name=op.f(f"pk_{table}")),
    )


def _add_forecasts() -> None:
    table = "recruiting_forecast"
    op.create_table(
        table,
        *identified(table),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            words("forecaststatus", "waiting", "running", "done", "failed"),
            nullable=False,
        ),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("most_volunteers_count", sa.Integer(), nullable=False),
        sa.Column("step_count", sa.Integer(), nullable=False),
        sa.Column("steps_done_count", sa.Integer(), nullable=False),
        sa.Column("volunteer_count", sa.Integer(), nullable=False),
        sa.Column("served_count", sa.Integer(), nullable=False),
        sa.Column("unserved_count", sa.Integer(), nullable=False),
        sa.Column("promised_count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("valid_until_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        check(table, "seed", "seed >= 0"),
        check(table, "steps", "step_count >= 0 AND steps_done_count >= 0"),
        check(
            table, "counts", "volunteer_count >= 0 AND served_count >= 0 AND promised_count >= 0"
        ),
        key(table, "campaign_id", "campaign"),
        key(table, "round_id", "round"),
        key(table, "created_by", "person"),
    )
    op.create_index("ix_recruiting_forecast_campaign_id", table, ["campaign_id", "created_at"])
    table = "recruiting_target"
    op.create_table(
        table,
        *identified(table),
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column("abilities", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("volunteer_count", sa.Integer(), nullable=False),
        sa.Column("promised_count", sa.Integer(), nullable=False),
        sa.Column("newcomers", JSON, nullable=False),
        check(table, "volunteer_count", "volunteer_count >= 1"),
        check(table, "promised_count", "promised_count >= 0"),
        key(table, "forecast_id", "recruiting_forecast"),
        unique(table, "forecast_id", "rank"),
    )


def _add_sign_ups() -> None:
    table = "recruiting_source"
    op.create_table(
        table,
        *identified(table),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        check(table, "code_in_small_letters", "code = lower(code) AND code <> ''"),
        key(table, "community_id", "community"),
        key(table, "campaign_id", "campaign"),
        unique(table, "community_id", "code"),
    )
    op.create_index("ix_recruiting_source_campaign_id", table, ["campaign_id"])
    table = "recruited_sign_up"
    op.create_table(
        table,
        *identified(table),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("rule", words("attributionrule", "source_code", "area_window"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("volunteer_id", sa.Uuid(), nullable=True),
        sa.Column("signed_up_at", MOMENT, nullable=False),
        sa.Column("vetting_passed_at", MOMENT, nullable=True),
        sa.Column("first_task_done_at", MOMENT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        key(table, "campaign_id", "campaign"),
        key(table, "source_id", "recruiting_source"),
        key(table, "person_id", "person"),
        key(table, "volunteer_id", "volunteer"),
        unique(table, "volunteer_id"),
    )
    op.create_index("ix_recruited_sign_up_campaign_id", table, ["campaign_id"])
    op.create_index("ix_recruited_sign_up_person_id", table, ["person_id"])


def downgrade() -> None:
    for table in (
        "recruited_sign_up",
        "recruiting_source",
        "recruiting_target",
        "recruiting_forecast",
        "cart_look",
        "cart_audit",
        "waste_sort",
        "route_weight",
        "set_out_count",
        "campaign_route",
        "route_draw",
        "collection_route",
    ):
        op.drop_table(table)
