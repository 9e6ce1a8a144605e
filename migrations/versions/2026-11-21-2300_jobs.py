"""jobs: a table of our own on SQLite, the tables of procrastinate on PostgreSQL"""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa
from alembic import op

revision: str = "202611212300"
down_revision: str | None = "202611212000"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON()


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _create_own_tables()
        return
    folder = resources.files("procrastinate").joinpath("sql")
    _run_script(folder.joinpath("schema.sql").read_text(encoding="utf-8"))
    # The schema of the procrastinate that is installed today. A migration that follows a newer
    # one runs the scripts behind this.
    scripts = [entry.name for entry in folder.joinpath("migrations").iterdir()]
    newest = max(name for name in scripts if name.endswith(".sql"))
    _run_script(f"COMMENT ON TABLE procrastinate_jobs IS '{newest}'")
    # A worker asks name by name for what is due.
    op.create_index(
        "ix_procrastinate_jobs_due",
        "procrastinate_jobs",
        ["queue_name", "scheduled_at", "id"],
        postgresql_where=sa.text("status = 'todo'"),
    )


def _run_script(text: str) -> None:
    # Without parameters the driver takes several statements at once, and a "%" as it stands.
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(text)


def _create_own_tables() -> None:
    op.create_table(
        "job_worker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_worker")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "job_slot",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("slot_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_slot")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("args", JSON, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.Column("enqueued_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'failed')", name=op.f("ck_job_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'running') OR worker_id IS NULL", name=op.f("ck_job_worker_while_running")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["job_worker.id"],
            name=op.f("fk_job_worker_id_job_worker"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_status_name_due_at", "job", ["status", "name", "due_at"])
    op.create_index("ix_job_worker_id", "job", ["worker_id"])
    op.create_index(
        "uq_job_key_waiting",
        "job",
        ["key"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in ("job", "job_slot", "job_worker"):
            op.drop_table(table)
        return
    _run_script(DROP_EVERYTHING)


DROP_EVERYTHING = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND c.relname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE format('DROP TABLE %s CASCADE', found.name);
    END LOOP;
    FOR found IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
        AND p.proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', found.name);
    END LOOP;
    FOR found IN
        SELECT t.oid::regtype AS name FROM pg_type t
        WHERE t.typnamespace = current_schema()::regnamespace AND t.typtype IN ('e', 'c')
        AND t.typname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE format('DROP TYPE %s CASCADE', found.name);
    END LOOP;
END;
$$
"""
