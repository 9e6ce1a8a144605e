"""thanks after a visit, and people who want to be called"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611221325"
down_revision: str | None = "202611221324"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "visit_thanks",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_visit_thanks_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_visit_thanks")),
    )
    op.create_table(
        "call_back",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_call_back_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_call_back_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_request.id"], name=op.f("fk_call_back_request_id_help_request")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_call_back_closed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    op.create_index(
        "ix_call_back_community_id_closed_at", "call_back", ["community_id", "closed_at"]
    )
    op.create_index("ix_call_back_person_id", "call_back", ["person_id"])
    op.create_index(
        "uq_call_back_waiting",
        "call_back",
        ["community_id", "phone"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("uq_call_back_waiting", table_name="call_back")
    op.drop_index("ix_call_back_person_id", table_name="call_back")
    op.drop_index("ix_call_back_community_id_closed_at", table_name="call_back")
    op.drop_table("call_back")
    op.drop_table("visit_thanks")
