"""groups"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220210"
down_revision: str | None = "202611220200"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REASONS = ("spam", "unkind", "private_facts", "unsafe", "off_topic")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    _add_groups()
    _add_members()
    _add_news()
    _add_posts()
    _add_reports()


def _add_groups() -> None:
    op.create_table(
        "affinity_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("languages", JSON, nullable=False),
        sa.Column(
            "joining", words("joining", "open", "by_request", "by_invitation"), nullable=False
        ),
        sa.Column("status", words("groupstatus", "active", "archived"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "slug = lower(slug) AND slug <> ''",
            name=op.f("ck_affinity_group_slug_in_small_letters"),
        ),
        key("affinity_group", "community_id", "community"),
        key("affinity_group", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affinity_group")),
        sa.UniqueConstraint(
            "community_id", "slug", name=op.f("uq_affinity_group_community_id_slug")
        ),
    )
    op.create_index(
        "ix_affinity_group_community_id_topic", "affinity_group", ["community_id", "topic"]
    )


def _add_members() -> None:
    statuses = ("asked", "invited", "member", "left", "removed")
    op.create_table(
        "group_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("role", words("grouprole", "organizer", "moderator", "member"), nullable=False),
        sa.Column("status", words("memberstatus", *statuses), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("banned_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (household_id IS NULL)",
            name=op.f("ck_group_member_person_or_household"),
        ),
        sa.CheckConstraint(
            "household_id IS NULL OR role = 'member'",
            name=op.f("ck_group_member_households_are_members"),
        ),
        key("group_member", "group_id", "affinity_group"),
        key("group_member", "person_id", "person"),
        key("group_member", "household_id", "household"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
        sa.UniqueConstraint(
            "group_id", "person_id", name=op.f("uq_group_member_group_id_person_id")
        ),
        sa.UniqueConstraint(
            "group_id", "household_id", name=op.f("uq_group_member_group_id_household_id")
        ),
    )
    for column in ("person_id", "household_id", "group_id"):
        op.create_index(f"ix_group_member_{column}_status", "group_member", [column, "status"])


def _add_news() -> None:
    op.create_table(
        "group_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("last_person_id", sa.Uuid(), nullable=True),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        key("group_news", "group_id", "affinity_group"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_news")),
        sa.UniqueConstraint("group_id", "day", name=op.f("uq_group_news_group_id_day")),
    )


def _add_posts() -> None:
    op.create_table(
        "group_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", words("postkind", "announcement", "discussion", "reply"), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("hidden_at", MOMENT, nullable=True),
        sa.Column("hidden_by", sa.Uuid(), nullable=True),
        sa.Column("hidden_reason", words("hidereason", *REASONS), nullable=True),
        sa.Column("news_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reply') = (parent_id IS NOT NULL)",
            name=op.f("ck_group_post_replies_have_a_head"),
        ),
        key("group_post", "group_id", "affinity_group"),
        key("group_post", "parent_id", "group_post"),
        key("group_post", "author_id", "person"),
        key("group_post", "hidden_by", "person"),
        key("group_post", "news_id", "group_news"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_post")),
        sa.UniqueConstraint(
            "group_id",
            "author_id",
            "client_key",
            name=op.f("uq_group_post_group_id_author_id_client_key"),
        ),
    )
    op.create_index("ix_group_post_group_id_kind", "group_post", ["group_id", "kind", "id"])
    op.create_index("ix_group_post_parent_id", "group_post", ["parent_id", "id"])
    op.create_index("ix_group_post_author_id_posted_at", "group_post", ["author_id", "posted_at"])


def _add_reports() -> None:
    op.create_table(
        "group_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", words("hidereason", *REASONS), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", words("reportoutcome", "hidden", "kept"), nullable=True),
        key("group_report", "group_id", "affinity_group"),
        key("group_report", "post_id", "group_post"),
        key("group_report", "reporter_id", "person"),
        key("group_report", "settled_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_report")),
        sa.UniqueConstraint(
            "post_id", "reporter_id", name=op.f("uq_group_report_post_id_reporter_id")
        ),
    )
    op.create_index(
        "ix_group_report_group_id_settled_at", "group_report", ["group_id", "settled_at"]
    )


def downgrade() -> None:
    op.drop_table("group_report")
    op.drop_table("group_post")
    op.drop_table("group_news")
    op.drop_table("group_member")
    op.drop_table("affinity_group")
