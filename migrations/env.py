"""Alembic's environment: which tables there are, and how to reach the database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, text
from sqlalchemy.engine import URL

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
import people.push_models
import people.safeguard_models
import people.signing_in.models
from core.columns import Base, UtcDateTime
from core.db import parse_database_url
from core.errors import DatabaseUnavailable
from core.migrate import includes_ours, open_migration_engine
from core.settings import Settings

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
    people.push_models,
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


def database_url() -> URL:
    """The address that the caller gave, else the one of the settings."""
    given = context.config.attributes.get("database_url")
    if isinstance(given, URL):
        return given
    return parse_database_url(Settings.from_environment().database_url)


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our column types as the plain ones they are, so that old migrations stay readable."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run() -> None:
    """Run the migrations in one transaction: all of them or none."""
    engine = open_migration_engine(database_url())
    is_sqlite = engine.dialect.name == "sqlite"
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=is_sqlite,
                transactional_ddl=True,
                compare_type=True,
                render_item=render_item,
                include_object=includes_ours(engine.dialect.name),
            )
            with context.begin_transaction():
                context.run_migrations()
                if is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                    raise DatabaseUnavailable(
                        "The migration would leave rows that point nowhere; nothing was changed. "
                        "Restore a backup, or report this."
                    )
    finally:
        engine.dispose()


if context.is_offline_mode():
    raise DatabaseUnavailable("Migrations need the database itself: leave out --sql.")
run()
