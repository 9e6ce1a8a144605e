from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Engine, Enum, Table, event, inspect, text

import campaigns.audiences.models
import campaigns.biking.models
import campaigns.events.models
import campaigns.groups.models
import campaigns.mailings.models
import campaigns.programmes.models
import campaigns.pulse.models
import campaigns.recruiting.models
import campaigns.recycling.models
import campaigns.results.models
import campaigns.standings.models
import core.events
import core.job_table
import matching.feeds.models
import matching.intake.models
import matching.models
import matching.offers.models
import matching.offers.visit_models
import matching.storms.models
import messaging.conversation_models
import messaging.inbound_models
import messaging.models
import messaging.webhooks.models
import people.interests.models
import people.link_models
import people.models
import people.safeguard_models
import people.signing_in.models
from core.columns import Base
from core.db import parse_database_url
from core.errors import DatabaseOutOfDate, DatabaseUnavailable
from core.migrate import (
    FOREIGN_TABLES,
    current_revision,
    downgrade,
    includes_ours,
    is_ours,
    migration_config,
    migrations_path,
    open_migration_engine,
    upgrade,
)

MODELS = (
    campaigns.mailings.models,
    campaigns.events.models,
    campaigns.programmes.models,
    campaigns.biking.models,
    campaigns.pulse.models,
    campaigns.recruiting.models,
    campaigns.recycling.models,
    campaigns.results.models,
    campaigns.standings.models,
    campaigns.audiences.models,
    campaigns.groups.models,
    people.link_models,
    messaging.inbound_models,
    matching.offers.visit_models,
    core.events,
    core.job_table,
    people.interests.models,
    people.models,
    people.safeguard_models,
    people.signing_in.models,
    messaging.conversation_models,
    messaging.models,
    messaging.webhooks.models,
    matching.feeds.models,
    matching.intake.models,
    matching.models,
    matching.offers.models,
    matching.storms.models,
)
DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}-\d{4})_[a-z0-9_]+\.py")


@pytest.fixture
def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migration_config("sqlite:///unused.db"))


def table_names(url: str) -> set[str]:
    engine = open_migration_engine(parse_database_url(url))
    try:
        names = set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()
    return {name for name in names if not name.startswith(FOREIGN_TABLES)}


def tables_of(url: str) -> dict[str, Table]:
    """The tables of the models on this kind of database."""
    dialect = parse_database_url(url).get_backend_name()
    return {
        name: table
        for name, table in Base.metadata.tables.items()
        if is_ours(name, table.info, dialect)
    }


def run_on(url: str, action: Callable[[Connection], object]) -> object:
    engine = open_migration_engine(parse_database_url(url))
    try:
        with engine.begin() as connection:
            return action(connection)
    finally:
        engine.dispose()


def test_upgrade_from_empty_makes_every_table_of_the_models(empty_database_url: str) -> None:
    assert current_revision(empty_database_url) is None

    done = upgrade(empty_database_url)

    assert done.changed
    assert table_names(empty_database_url) == set(tables_of(empty_database_url))
    assert not upgrade(empty_database_url).changed


def test_tables_and_models_do_not_differ(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        ours = includes_ours(connection.dialect.name)
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": ours}
        )
        return list(compare_metadata(context, Base.metadata))

    assert run_on(database_url, differences) == []


def test_check_constraints_and_code_words_are_those_of_the_models(database_url: str) -> None:
    """What alembic does not compare: a new code word needs a migration too."""
    engine = open_migration_engine(parse_database_url(database_url))
    try:
        inspector = inspect(engine)
        stored = {
            name: {
                str(row["name"]): row["sqltext"] for row in inspector.get_check_constraints(name)
            }
            for name in tables_of(database_url)
        }
    finally:
        engine.dispose()
    for name, table in tables_of(database_url).items():
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert set(stored[name]) == wanted, name
        for column in table.columns:
            if isinstance(column.type, Enum):
                words = stored[name][f"ck_{name}_{column.type.name}"]
                assert set(re.findall(r"'(\w+)'", words)) == set(column.type.enums), column


def test_every_code_word_column_is_held_by_a_check() -> None:
    types = [
        column.type
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    ]
    assert len(types) > 10
    assert all(kind.create_constraint for kind in types)


def test_down_and_up_again(database_url: str) -> None:
    before = table_names(database_url)

    downgrade(database_url, "base")
    emptied = table_names(database_url)
    upgrade(database_url)

    assert emptied == set()
    assert table_names(database_url) == before
    command.check(migration_config(database_url))


def test_killed_migration_changes_nothing(empty_database_url: str) -> None:
    made = 0

    def break_off(connection: object, cursor: object, statement: str, *_: object) -> None:
        nonlocal made
        if "CREATE TABLE" in statement:
            made += 1
            if made == 12:
                raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", break_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            upgrade(empty_database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", break_off)

    assert table_names(empty_database_url) == set()
    assert upgrade(empty_database_url).changed


def test_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    run_on(
        database_url,
        lambda connection: connection.execute(
            text("UPDATE alembic_version SET version_num = '209901010000'")
        ),
    )

    with pytest.raises(DatabaseOutOfDate, match="209901010000"):
        upgrade(database_url)

    assert current_revision(database_url) == "209901010000"


def test_rows_that_point_nowhere_stop_a_migration(sqlite_template: Path, tmp_path: Path) -> None:
    """SQLite rebuilds tables with foreign keys off, so the check comes afterwards."""
    path = shutil.copyfile(sqlite_template, tmp_path / "talkoot.db")
    orphan = text("INSERT INTO person_name (person_id, full_name) VALUES ('0', 'Synthetic')")
    run_on(f"sqlite:///{path}", lambda connection: connection.execute(orphan))

    with pytest.raises(DatabaseUnavailable, match="point nowhere"):
        upgrade(f"sqlite:///{path}")


def test_there_is_one_head(scripts: ScriptDirectory) -> None:
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_files_are_named_by_date_and_in_order(scripts: ScriptDirectory) -> None:
    names = sorted(path.name for path in (migrations_path() / "versions").glob("*.py"))
    assert names
    dates = []
    for name in names:
        match = DATED_NAME.fullmatch(name)
        assert match is not None, name
        dates.append(datetime.strptime(match.group(1), "%Y-%m-%d-%H%M").replace(tzinfo=UTC))
    order = [script.revision for script in scripts.walk_revisions()][::-1]
    assert order == [moment.strftime("%Y%m%d%H%M") for moment in dates]
