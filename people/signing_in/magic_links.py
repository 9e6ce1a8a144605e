"""Links by e-mail: whoever reads the mail of an address signs in as one of its people.

What is asked for known and unknown addresses is the same work: one query, one row, one job. The
secret is made when the mail is sent, so that no table and no queue ever holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.ids import new_id
from core.jobs import NewJob, enqueue
from core.logging import get_logger
from people.signing_in import link_repository
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from people.signing_in.errors import SignInLinkOver, SignInLinkUnknown
from people.signing_in.kinds import Method
from people.signing_in.link_repository import Account
from people.signing_in.models import SignInLink
from people.signing_in.sessions import NewSignIn, start_sign_in

SEND_LINK = "messaging.send_sign_in_link"
LINK_LIFE = timedelta(minutes=10)
"""From when the mail is sent."""
SEND_WITHIN = timedelta(minutes=30)
"""A mail that could not be sent by then would puzzle whoever gets it."""
MOST_SENT = 6
SENT_WITHIN = timedelta(hours=1)
"""So many mails at most go to one address within this time, whoever asks for them."""
UNKNOWN = "This link opens nothing. Ask for a new one."
OVER = "This link was used, or is too old. Ask for a new one."

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """What the mail says and where it goes; the secret is nowhere else."""

    address: str
    secret: str
    language: str


@dataclass(frozen=True)
class OpenLink:
    """A link that can be used, with the accounts that it opens."""

    accounts: tuple[Account, ...]
    next_path: str
    language: str


@dataclass(frozen=True)
class Pressed:
    """What pressing the button of a link did: signed in, or asks as whom."""

    link: OpenLink
    signed_in: NewSignIn | None = None


async def ask_for_link(
    session: Session, address: str, *, next_path: str, language: str, now: datetime
) -> UUID:
    """Have a link sent to an address, if it is that of somebody. Never says whether it is.

    ``address`` is in its normal form.
    """
    accounts = await link_repository.list_accounts(session, address)
    link = SignInLink(
        id=new_id(),
        contact_point_id=accounts[0].contact_point_id if accounts else None,
        next_path=next_path,
        language=language,
        created_at=now,
        expires_at=now + SEND_WITHIN,
    )
    session.add(link)
    await session.flush()
    await enqueue(session, NewJob(name=SEND_LINK, args={"link_id": str(link.id)}, now=now))
    return link.id


async def write_letter(session: Session, link_id: UUID, *, now: datetime) -> Letter | None:
    """Make the secret of a link, for the mail that goes out now; None when none is to go.

    Again, after a mail server that did not answer, makes another secret: the newest mail holds.
    """
    found = await link_repository.find_link_to_send(session, link_id)
    if found is None:
        return None
    link, contact = found
    if contact is None or link.used_at is not None or link.created_at + SEND_WITHIN <= now:
        return None
    sent_count = await link_repository.count_sent_links(
        session, contact.id, now - SENT_WITHIN, besides=link.id
    )
    if sent_count >= MOST_SENT:
        _logger.warning("sign_in.link_held_back", link_id=link.id, person_id=contact.person_id)
        return None
    secret = new_secret()
    seal_link(link, secret, contact.value, now)
    await session.flush()
    _logger.info("sign_in.link_sent", link_id=link.id, person_id=contact.person_id)
    return Letter(contact.value, secret, link.language)


def seal_link(link: SignInLink, secret: str, address: str, now: datetime) -> None:
    """Let a secret open a link from now on, as long as the address stays what it is."""
    link.token_digest = digest_secret(secret)
    link.address_digest = digest_secret(f"{secret} {address}")
    link.expires_at = now + LINK_LIFE


async def look_at_link(session: Session, secret: str, *, now: datetime) -> OpenLink:
    """What a link opens. Changes nothing: mail scanners open every link before people do.

    Raises
    ------
    SignInLinkUnknown
        When there is none such.
    SignInLinkOver
        When it was used, or its time is over.
    """
    return (await _open(session, secret, now, lock=False))[1]


async def use_link(
    session: Session,
    secret: str,
    *,
    person_id: UUID | None,
    device: str,
    instead_of: str | None,
    now: datetime,
) -> Pressed:
    """Press the button: sign in, or be asked as whom when the address has several people.

    A link is used once, whoever presses it twice. Raises as `look_at_link`.
    """
    row, link = await _open(session, secret, now, lock=True)
    if person_id is None and len(link.accounts) > 1:
        return Pressed(link)
    chosen = next(
        (row for row in link.accounts if person_id in (None, row.person_id)),
        None,
    )
    if chosen is None:
        raise SignInLinkUnknown(UNKNOWN)
    if not await link_repository.use_link(session, row.id, now):
        raise SignInLinkOver(OVER)
    await link_repository.mark_verified(session, chosen.contact_point_id, now)
    signed_in = await start_sign_in(
        session, chosen.person_id, Method.LINK, device=device, now=now, instead_of=instead_of
    )
    return Pressed(link, signed_in)


async def _open(
    session: Session, secret: str, now: datetime, *, lock: bool
) -> tuple[SignInLink, OpenLink]:
    found = None
    if looks_like_secret(secret):
        found = await link_repository.find_link(session, digest_secret(secret), lock=lock)
    if found is None:
        raise SignInLinkUnknown(UNKNOWN)
    row, address = found
    if row.used_at is not None or row.expires_at <= now:
        raise SignInLinkOver(OVER)
    if row.address_digest != digest_secret(f"{secret} {address}"):
        raise SignInLinkUnknown(UNKNOWN)
    accounts = await link_repository.list_accounts(session, address)
    if not accounts:
        raise SignInLinkUnknown(UNKNOWN)
    return row, OpenLink(tuple(accounts), row.next_path, row.language)
