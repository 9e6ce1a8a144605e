"""A person turns notices on in a browser, and off again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.settings import Settings
from messaging.push.encrypting import ReceiverKeys
from messaging.push.errors import InvalidSubscription, PushIsOff, SubscriptionUnknown
from messaging.push.keys import open_key
from messaging.repository import lock_person
from messaging.webhooks.errors import InvalidEndpoint
from messaging.webhooks.jobs import LOCAL
from messaging.webhooks.targets import check_url
from people.auth import Actor
from people.push_models import DEVICE_LENGTH, ENDPOINT_LENGTH, PushSubscription
from people.push_repository import MOST_BROWSERS, find_by_endpoint, find_by_id, list_of
from people.signing_in.errors import NotSignedIn


@dataclass(frozen=True)
class TurnOn:
    """What a browser says when its owner allows notices.

    Parameters
    ----------
    endpoint
        Where its push service takes them. Whoever knows it and the keys can write there.
    sign_in_id
        The sign-in of that browser: the notices end when its owner signs out of it.
    """

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    device: str = ""
    sign_in_id: UUID | None = None


async def turn_on(
    session: Session, actor: Actor, command: TurnOn, settings: Settings, *, now: datetime
) -> PushSubscription:
    """Show notices in one's own browser. Records ``notices.turned_on``.

    The same browser again is the same row, with what it says now; also when somebody else was
    signed in there before. Of more than `MOST_BROWSERS` the first one makes way.

    Raises
    ------
    PushIsOff
        When this installation has no key.
    InvalidSubscription
        When no browser says so.
    """
    person_id = _own(actor)
    key = open_key(settings)
    if key is None:
        raise PushIsOff("This installation sends no notices to phones.")
    ReceiverKeys.read(command.p256dh, command.auth)
    _check_endpoint(command.endpoint, settings)
    await lock_person(session, person_id)
    row = await find_by_endpoint(session, command.endpoint)
    is_new = row is None or row.person_id != person_id
    if row is None:
        row = PushSubscription(endpoint=command.endpoint)
        session.add(row)
    if is_new:
        row.created_at, row.told_at = now, None
    row.person_id = person_id
    row.sign_in_id = command.sign_in_id
    row.p256dh, row.auth = command.p256dh, command.auth
    row.key_hash = key.key_hash
    row.device = command.device[:DEVICE_LENGTH]
    await session.flush()
    for surplus in (await list_of(session, person_id))[MOST_BROWSERS:]:
        await session.delete(surplus)
    if is_new:
        _record(session, "notices.turned_on", person_id, now)
    await session.flush()
    return row


async def turn_off(session: Session, actor: Actor, subscription_id: UUID, *, now: datetime) -> None:
    """Show no more notices in a browser of one's own. Records ``notices.turned_off``.

    Raises
    ------
    SubscriptionUnknown
        When there is none such, or it is somebody else's.
    """
    person_id = _own(actor)
    row = await find_by_id(session, subscription_id)
    if row is None or row.person_id != person_id:
        raise SubscriptionUnknown("Notices are not turned on there.")
    await session.delete(row)
    _record(session, "notices.turned_off", person_id, now)
    await session.flush()


def _own(actor: Actor) -> UUID:
    """Whose browsers the actor may change: one's own, and not with an API token."""
    if actor.person_id is None:
        raise NotSignedIn("Sign in first.")
    if actor.scopes is not None:
        raise NotPermitted("An API token cannot do this; sign in as a person.")
    return actor.person_id


def _check_endpoint(text: str, settings: Settings) -> None:
    if len(text) > ENDPOINT_LENGTH:
        raise InvalidSubscription(f"The address has at most {ENDPOINT_LENGTH} characters.")
    try:
        check_url(text, local=settings.webhook_hosts == LOCAL)
    except InvalidEndpoint:
        raise InvalidSubscription(
            "The address of a push service begins with https:// and is a public one."
        ) from None


def _record(session: Session, kind: str, person_id: UUID, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=person_id,
    )
