"""pledges, boards and badges"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220310"
down_revision: str | None = "202611220300"
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


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A check with the name that the models give it."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    _add_choices()
    _add_pledges()
    _add_boards()
    _add_badges()


def _add_choices() -> None:
    op.create_table(
        "standing_choice",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("opted_out_at", MOMENT, nullable=True),
        sa.Column("alias", sa.String(length=30), nullable=True),
        sa.Column("alias_key", sa.String(length=80), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        check("standing_choice", "alias_with_key", "(alias IS NULL) = (alias_key IS NULL)"),
        check("standing_choice", "out_without_alias", "opted_out_at IS NULL OR alias IS NULL"),
        key("standing_choice", "community_id", "community"),
        key("standing_choice", "person_id", "person"),
        sa.PrimaryKeyConstraint("community_id", "person_id", name=op.f("pk_standing_choice")),
        sa.UniqueConstraint(
            "community_id", "alias_key", name=op.f("uq_standing_choice_community_id_alias_key")
        ),
    )
    op.create_index("ix_standing_choice_person_id", "standing_choice", ["person_id"])


def _add_pledges() -> None:
    op.create_table(
        "pledge_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("suggested_amount", sa.Double(), nullable=False),
        sa.Column("max_amount", sa.Double(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        check("pledge_template", "suggested_amount", "suggested_amount > 0"),
        check("pledge_template", "max_amount", "max_amount >= suggested_amount"),
        key("pledge_template", "campaign_id", "campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_template")),
        sa.UniqueConstraint(
            "campaign_id", "code", name=op.f("uq_pledge_template_campaign_id_code")
        ),
    )
    op.create_table(
        "pledge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("for_household", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("kept_amount", sa.Double(), nullable=True),
        sa.Column(
            "status", words("pledgestatus", "made", "kept", "partly", "withdrawn"), nullable=False
        ),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        check("pledge", "amount", "amount > 0"),
        check("pledge", "kept_amount", "kept_amount >= 0"),
        key("pledge", "campaign_id", "campaign"),
        key("pledge", "template_id", "pledge_template"),
        key("pledge", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    standing = sa.text("status <> 'withdrawn'")
    op.create_index(
        "uq_pledge_template_id_person_id_standing",
        "pledge",
        ["template_id", "person_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("ix_pledge_campaign_id_status", "pledge", ["campaign_id", "status"])
    op.create_index("ix_pledge_person_id", "pledge", ["person_id"])
    op.create_index("ix_pledge_remind_at", "pledge", ["remind_at"])


def _add_boards() -> None:
    op.create_table(
        "board_snapshot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column(
            "board",
            words("boardkind", "groups", "areas", "people", "pledges", "progress"),
            nullable=False,
        ),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        check("board_snapshot", "correction", "correction >= 0"),
        key("board_snapshot", "campaign_id", "campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_snapshot")),
        sa.UniqueConstraint(
            "campaign_id",
            "board",
            "local_day",
            "correction",
            name=op.f("uq_board_snapshot_campaign_id_board_local_day_correction"),
        ),
    )
    op.create_index(
        "ix_board_snapshot_campaign_id_board_taken_at",
        "board_snapshot",
        ["campaign_id", "board", "taken_at"],
    )
    op.create_table(
        "board_line",
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column(
            "band", words("sizeband", "small", "medium", "large", "very_large"), nullable=True
        ),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("shown_count", sa.Integer(), nullable=True),
        sa.Column("share_percent", sa.Integer(), nullable=True),
        sa.Column("held_count", sa.Integer(), nullable=False),
        sa.Column("held_size", sa.Integer(), nullable=False),
        check(
            "board_line",
            "shown_count",
            "shown_count IS NULL OR shown_count >= 5 OR person_id IS NOT NULL",
        ),
        check("board_line", "rank", "rank IS NULL OR rank >= 1"),
        check("board_line", "share_percent", "share_percent BETWEEN 0 AND 95"),
        check("board_line", "held", "held_count >= 0 AND held_size >= 0"),
        key("board_line", "snapshot_id", "board_snapshot", ondelete="CASCADE"),
        key("board_line", "group_id", "affinity_group"),
        key("board_line", "person_id", "person"),
        sa.PrimaryKeyConstraint("snapshot_id", "subject_key", name=op.f("pk_board_line")),
    )
    op.create_index("ix_board_line_person_id", "board_line", ["person_id"])
    op.create_index("ix_board_line_group_id", "board_line", ["group_id"])


def _add_badges() -> None:
    op.create_table(
        "badge_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            words(
                "badgekind",
                "first_time",
                "weeks_in_a_row",
                "brought_somebody",
                "helped_in_storm",
                "pledge_kept",
            ),
            nullable=False,
        ),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=True),
        check("badge_rule", "threshold", "threshold >= 1"),
        check("badge_rule", "ends_after_start", "valid_until IS NULL OR valid_until > valid_from"),
        key("badge_rule", "community_id", "community"),
        key("badge_rule", "campaign_id", "campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_rule")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_badge_rule_community_id_code")),
    )
    op.create_index("ix_badge_rule_campaign_id", "badge_rule", ["campaign_id"])
    op.create_table(
        "badge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        key("badge", "rule_id", "badge_rule", ondelete="CASCADE"),
        key("badge", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("rule_id", "person_id", name=op.f("uq_badge_rule_id_person_id")),
    )
    op.create_index("ix_badge_person_id", "badge", ["person_id"])


def downgrade() -> None:
    for table in (
        "badge",
        "badge_rule",
        "board_line",
        "board_snapshot",
        "pledge",
        "pledge_template",
        "standing_choice",
    ):
        op.drop_table(table)
