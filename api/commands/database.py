"""``talkoot migrate``: bring the database to this version."""

from __future__ import annotations

import click

from core.db import describe_database_url
from core.migrate import upgrade
from core.settings import Settings


@click.command()
@click.option(
    "--database-url",
    metavar="URL",
    help="sqlite:///FILE or postgresql://USER@HOST/NAME; TALKOOT_DATABASE_URL by default.",
)
def migrate(database_url: str | None) -> None:
    """Bring the database to this version: create its tables, or change them."""
    url = database_url or Settings.from_environment().database_url
    done = upgrade(url)
    name = describe_database_url(url)
    if done.changed:
        click.echo(f"{name} is now at revision {done.after} (before: {done.before or 'empty'}).")
    else:
        click.echo(f"{name} is already at revision {done.after}.")
