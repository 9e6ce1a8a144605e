"""links and visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611220010"
down_revision: str | None = "202611220000"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_link_expires_after_creation")),
        sa.CheckConstraint("action <> ''", name=op.f("ck_link_action_given")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_link_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_link_token_digest")),
    )
    op.create_index("ix_link_person_id", "link", ["person_id"], unique=False)
    op.create_index("ix_link_expires_at", "link", ["expires_at"], unique=False)

    op.create_table(
        "inbound_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("sender_digest", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inbound_text_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_inbound_text_provider_id")),
    )
    op.create_index("ix_inbound_text_received_at", "inbound_text", ["received_at"], unique=False)
    op.create_index(
        "ix_inbound_text_sender_digest",
        "inbound_text",
        ["sender_digest", "received_at"],
        unique=False,
    )

    op.create_table(
        "visit_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "width_px > 0 AND height_px > 0", name=op.f("ck_visit_photo_size_above_0")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_visit_photo_assignment_id_assignment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
    )
    op.create_index("ix_visit_photo_assignment_id", "visit_photo", ["assignment_id"], unique=False)


def downgrade() -> None:
    op.drop_table("visit_photo")
    op.drop_table("inbound_text")
    op.drop_table("link")
