"""The databases of the tests: what one test leaves, the next one does not find."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests import postgres
from tests.postgres_pool import Connection, Pool, filled, tables_of


@pytest.fixture
def pool(postgres_pool: Pool) -> Pool:
    if not postgres_pool.may_empty:
        pytest.skip("databases are lent again by superusers alone")
    return postgres_pool


def enter(url: str) -> Connection:
    return postgres.connect(make_url(url))


COMMUNITY = (
    "INSERT INTO community (id, slug, name, time_zone, city_pack, utm_epsg, locale, created_at) "
    "VALUES (gen_random_uuid(), 'here', 'Here', 'UTC', 'cambridge', 32619, 'en', now())"
)


def test_rows_counters_and_connections_do_not_stay(pool: Pool) -> None:
    with pool.lend() as url:
        left = enter(url)
        fresh = filled(left, tables_of(left))
        left.execute(COMMUNITY)
        left.execute("SELECT nextval('procrastinate_jobs_id_seq')")
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()
    with pool.lend() as again:
        assert again == url
        with enter(again) as connection:
            assert filled(connection, tables_of(connection)) == fresh == ["alembic_version"]
            row = connection.execute("SELECT nextval('procrastinate_jobs_id_seq')").fetchone()
            assert row == (1,)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE community ADD COLUMN more text",
        "ALTER TABLE community ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE community ALTER COLUMN name SET DEFAULT 'more'",
        "CREATE TABLE more (id int)",
        "CREATE INDEX more ON community (name)",
        "DROP TABLE alembic_version",
        "UPDATE alembic_version SET version_num = 'older'",
        "CREATE SCHEMA more",
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER",
        "ALTER ROLE ALL IN DATABASE {} SET timezone = 'UTC'",
    ],
)
def test_a_changed_database_is_not_lent_again(pool: Pool, change: str) -> None:
    with pool.lend() as url, enter(url) as connection:
        connection.execute(change.format(postgres.database_name(url)))
    with pool.lend() as another:
        assert another != url
