"""From whom a sign-in service vouches for to somebody on record here. It never adds anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from core.db import Session
from core.events import record_event
from core.ids import new_id
from core.logging import get_logger
from people.signing_in import link_repository, repository
from people.signing_in.addresses import read_address
from people.signing_in.digests import digest_secret, new_secret
from people.signing_in.errors import AccountUnknown, InvalidAddress
from people.signing_in.kinds import Method
from people.signing_in.link_repository import Account
from people.signing_in.magic_links import seal_link
from people.signing_in.models import OidcIdentity, SignInLink
from people.signing_in.oidc import Vouched
from people.signing_in.sessions import NewSignIn, start_sign_in

NOBODY = (
    "Nobody here has the e-mail address that the sign-in service has verified for you. Ask the "
    "team to put it on record, or sign in with a link by e-mail."
)

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Entered:
    """Signed in, or a link on whose page one says as whom."""

    signed_in: NewSignIn | None = None
    choose_secret: str | None = None


async def enter_vouched(
    session: Session,
    vouched: Vouched,
    *,
    device: str,
    next_path: str,
    language: str,
    instead_of: str | None,
    now: datetime,
) -> Entered:
    """Sign in whom the service knows already, or whose verified address is on record.

    Nobody is added, and nobody gets a role. Records ``sign_in.linked`` the first time.

    Raises
    ------
    AccountUnknown
        When there is nobody such.
    """
    issuer, subject = digest_secret(vouched.issuer), digest_secret(vouched.subject)
    known = await repository.find_identity(session, issuer, subject)
    if known is None:
        accounts = await _find_accounts(session, vouched)
        if len(accounts) > 1:
            return Entered(
                choose_secret=await _let_choose(session, accounts, next_path, language, now=now)
            )
        person_id = accounts[0].person_id
        await _link(
            session,
            OidcIdentity(
                id=new_id(),
                issuer_digest=issuer,
                subject_digest=subject,
                person_id=person_id,
                linked_at=now,
            ),
        )
        await link_repository.mark_verified(session, accounts[0].contact_point_id, now)
    else:
        person_id = known.person_id
    signed_in = await start_sign_in(
        session, person_id, Method.OIDC, device=device, now=now, instead_of=instead_of
    )
    return Entered(signed_in)


async def _find_accounts(session: Session, vouched: Vouched) -> list[Account]:
    accounts: list[Account] = []
    if vouched.email is not None:
        try:
            accounts = await link_repository.list_accounts(session, read_address(vouched.email))
        except InvalidAddress:
            accounts = []
    if not accounts:
        _logger.warning("sign_in.refused", mode=Method.OIDC.value, reason="account_unknown")
        raise AccountUnknown(NOBODY)
    return accounts


async def _let_choose(
    session: Session, accounts: list[Account], next_path: str, language: str, *, now: datetime
) -> str:
    """A link as by mail, since several people share the address."""
    secret = new_secret()
    link = SignInLink(
        id=new_id(),
        contact_point_id=accounts[0].contact_point_id,
        next_path=next_path,
        language=language,
        created_at=now,
    )
    seal_link(link, secret, accounts[0].address, now)
    session.add(link)
    await session.flush()
    return secret


async def _link(session: Session, identity: OidcIdentity) -> None:
    try:
        async with session.begin_nested():
            session.add(identity)
            await session.flush()
    except IntegrityError:
        return  # the same browser came twice at once: the other one wrote it
    record_event(
        session,
        "sign_in.linked",
        subject_type="person",
        subject_id=identity.person_id,
        happened_at=identity.linked_at,
        actor_id=identity.person_id,
    )
