"""``talkoot push``: the key with which push services know this installation."""

from __future__ import annotations

import click

from messaging.push.keys import make_key


@click.group(name="push")
def push_group() -> None:
    """Keys for notices on phones."""


@push_group.command(name="key")
def key_command() -> None:
    """Make a key: one line for the environment. Keep it, for another one ends all notices."""
    click.echo(f"TALKOOT_PUSH_KEY={make_key()}")
    click.echo("Set TALKOOT_PUSH_CONTACT too, such as mailto:snow@city.example.", err=True)
