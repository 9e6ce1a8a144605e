"""conversations: threads, who takes part, what was said"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611212320"
down_revision: str | None = "202611212310"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)


def side() -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(
        "resident",
        "volunteer",
        "staff",
        name="threadside",
        native_enum=False,
        create_constraint=True,
        length=32,
    )


def upgrade() -> None:
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("post_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_thread_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_thread_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint(
            "subject_type", "subject_id", name=op.f("uq_thread_subject_type_subject_id")
        ),
    )
    op.create_index("ix_thread_community_id", "thread", ["community_id", "id"])
    op.create_index("ix_thread_closed_at", "thread", ["closed_at"])
    op.create_table(
        "thread_member",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("side", side(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thread_member_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["thread.id"],
            name=op.f("fk_thread_member_thread_id_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_thread_member")),
        sa.UniqueConstraint("person_id", "code", name=op.f("uq_thread_member_person_id_code")),
    )
    op.create_index("ix_thread_member_person_id", "thread_member", ["person_id"])
    op.create_table(
        "thread_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("side", side(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("masked_count", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_thread_post_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["thread.id"],
            name=op.f("fk_thread_post_thread_id_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_post")),
        sa.UniqueConstraint(
            "thread_id", "source_key", name=op.f("uq_thread_post_thread_id_source_key")
        ),
    )
    op.create_index("ix_thread_post_thread_id", "thread_post", ["thread_id", "id"])
    op.create_index("ix_thread_post_author_id", "thread_post", ["author_id", "posted_at"])


def downgrade() -> None:
    for table in ("thread_post", "thread_member", "thread"):
        op.drop_table(table)
