"""audiences and surveys"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220250"
down_revision: str | None = "202611220240"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PURPOSES = ("matching", "offers", "campaigns", "programmes", "research")


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
    _add_segments()
    _add_previews()
    _add_surveys()
    _add_answers()


def _add_segments() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("latest_number", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.CheckConstraint("latest_number >= 1", name=op.f("ck_segment_latest_number")),
        key("segment", "community_id", "community"),
        key("segment", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_segment_community_id_name")),
    )
    op.create_table(
        "segment_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_segment_version_number")),
        key("segment_version", "segment_id", "segment"),
        key("segment_version", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_version")),
        sa.UniqueConstraint(
            "segment_id", "number", name=op.f("uq_segment_version_segment_id_number")
        ),
    )


def _add_previews() -> None:
    op.create_table(
        "preview_salt",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        key("preview_salt", "community_id", "community"),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_preview_salt")),
    )
    op.create_table(
        "preview_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.Column("sketch", sa.LargeBinary(length=2048), nullable=True),
        sa.Column("shown", JSON, nullable=True),
        key("preview_look", "community_id", "community"),
        key("preview_look", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_look")),
    )
    op.create_index(
        "ix_preview_look_person_id_looked_at", "preview_look", ["person_id", "looked_at"]
    )
    op.create_index(
        "ix_preview_look_community_id_looked_at", "preview_look", ["community_id", "looked_at"]
    )


def _add_surveys() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("segment_version_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", words("purpose", *PURPOSES), nullable=False),
        sa.Column(
            "status",
            words("surveystatus", "draft", "open", "closed", "cancelled"),
            nullable=False,
        ),
        sa.Column("words", JSON, nullable=False),
        sa.Column("min_graded", sa.Integer(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_survey_closes_after_opening")),
        sa.CheckConstraint("min_graded >= 10", name=op.f("ck_survey_min_graded")),
        key("survey", "community_id", "community"),
        key("survey", "segment_version_id", "segment_version"),
        key("survey", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )
    op.create_index("ix_survey_community_id_status", "survey", ["community_id", "status", "id"])
    op.create_index("ix_survey_status_closes_at", "survey", ["status", "closes_at"])
    op.create_table(
        "survey_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", words("questionkind", "choice", "scale", "text"), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 5", name=op.f("ck_survey_question_position")),
        key("survey_question", "survey_id", "survey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_question")),
        sa.UniqueConstraint(
            "survey_id", "position", name=op.f("uq_survey_question_survey_id_position")
        ),
    )


def _add_answers() -> None:
    op.create_table(
        "survey_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        key("survey_invitation", "survey_id", "survey", ondelete="CASCADE"),
        key("survey_invitation", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitation")),
        sa.UniqueConstraint(
            "survey_id", "person_id", name=op.f("uq_survey_invitation_survey_id_person_id")
        ),
    )
    op.create_index("ix_survey_invitation_person_id", "survey_invitation", ["person_id"])
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=64), nullable=True),
        sa.Column("scale", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=True),
        sa.Column("review", words("textreview", "waiting", "kept", "hidden"), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.CheckConstraint("scale BETWEEN 1 AND 5", name=op.f("ck_survey_answer_scale")),
        key("survey_answer", "invitation_id", "survey_invitation", ondelete="CASCADE"),
        key("survey_answer", "question_id", "survey_question", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint(
            "invitation_id", "question_id", name=op.f("uq_survey_answer_invitation_id_question_id")
        ),
    )
    op.create_index("ix_survey_answer_question_id", "survey_answer", ["question_id"])


def downgrade() -> None:
    op.drop_table("survey_answer")
    op.drop_table("survey_invitation")
    op.drop_table("survey_question")
    op.drop_table("survey")
    op.drop_table("preview_look")
    op.drop_table("preview_salt")
    op.drop_table("segment_version")
    op.drop_table("segment")
