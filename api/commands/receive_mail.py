"""``talkoot receive-mail``: one mail from standard input, as a mail server pipes it."""

from __future__ import annotations

import asyncio
import sys

import click

from api.opening import open_database
from campaigns.mailings.actions import noting_replies
from core.clock import Clock, SystemClock
from core.errors import Unavailable
from core.settings import Settings
from matching.offers.text_answers import register_text_handlers
from messaging.inbound import TextHandlers
from messaging.mail_replies import make_on_reply
from messaging.receiving import Receipt, receive_mail

MAX_BYTES = 10_000_000
TRY_AGAIN_LATER = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and pipes it again."""


@click.command(name="receive-mail")
@click.option(
    "--recipient", metavar="ADDRESS", help="The address it came to, when the mail server knows it."
)
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
def receive_mail_command(recipient: str | None, database_url: str | None) -> None:
    """Take in one mail from standard input: a bounce, a complaint or a reply such as "Yes K7".

    Junk changes nothing and ends well, so that the mail server does not send it back. When the
    database does not answer, the exit code is 75 and the mail server tries again later.
    """
    raw = sys.stdin.buffer.read(MAX_BYTES)
    url = database_url or Settings.from_environment().database_url
    try:
        receipt = asyncio.run(_receive(url, raw, recipient, SystemClock()))
    except Unavailable as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(TRY_AGAIN_LATER)
    about = "" if receipt.message_id is None else f" (message {receipt.message_id})"
    click.echo(f"{receipt.kind.value}: {receipt.outcome.replace('_', ' ')}{about}")


async def _receive(url: str, raw: bytes, recipient: str | None, clock: Clock) -> Receipt:
    handlers = TextHandlers()
    register_text_handlers(handlers)
    async with open_database(url) as database, database.begin() as session:
        return await receive_mail(
            session,
            raw,
            now=clock.now(),
            recipient=recipient,
            on_reply=noting_replies(make_on_reply(handlers)),
        )
