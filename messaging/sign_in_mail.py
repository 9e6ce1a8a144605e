"""The mail with a link to sign in. It goes by itself, since no table may hold what it says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from core.carriers import DeliveryRefused
from core.ids import new_id
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from core.mail import Mailer
from messaging.addresses import read_sender
from messaging.mime import Mailing, build_mail
from messaging.templates import render
from people.signing_in.magic_links import SEND_LINK, write_letter

FOLDER = Path(__file__).parent / "emails" / "sign_in"
MAILER = "mailer"
LINK_PATH = "/sign-in/link/"
SEND_LIMIT_S = 60.0
AT_ONCE = 4
RETRY = Retry(max_attempts=6, first_s=5.0, factor=2.0, most_s=timedelta(minutes=5).total_seconds())

_logger = get_logger(__name__)


async def send_sign_in_link(tools: JobTools, args: dict[str, Any]) -> None:
    """Mail one link, if its address is that of somebody.

    A server that says "later" has the job tried again, with another secret and another mail.
    """
    link_id = UUID(args["link_id"])
    now = tools.clock.now()
    async with tools.database.begin() as session:
        letter = await write_letter(session, link_id, now=now)
    if letter is None:
        return
    mailer: Mailer = tools.services[MAILER]
    words = render(
        FOLDER,
        letter.language,
        {"link": f"{tools.settings.public_url}{LINK_PATH}{letter.secret}"},
    )
    mailing = Mailing(
        message_id=new_id(),
        recipient=letter.address,
        words=words,
        language=letter.language,
        written_at=now,
    )
    try:
        await mailer.send(build_mail(mailing, read_sender(tools.settings.mail_from)))
    except (DeliveryRefused, ValueError):
        # an address that no mail reaches: trying again does not help, and it is not to be logged
        _logger.warning("sign_in.mail_refused", link_id=link_id)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker mail links; the service ``mailer`` must be there when it runs."""
    registry.add(SEND_LINK, send_sign_in_link, retry=RETRY, limit_s=SEND_LIMIT_S, at_once=AT_ONCE)
