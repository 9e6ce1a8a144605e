"""Endpoints: which systems hear of a community, decided by its managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from messaging.webhooks import policy, repository
from messaging.webhooks.announcing import enqueue_sending
from messaging.webhooks.errors import EndpointUnknown, InvalidEndpoint, TooManyEndpoints
from messaging.webhooks.kinds import PUBLIC_KINDS, Disabled, EndpointStatus
from messaging.webhooks.models import DESCRIPTION_LENGTH, WebhookEndpoint
from messaging.webhooks.repository import MAX_ENDPOINTS
from messaging.webhooks.signing import new_secret
from messaging.webhooks.targets import check_url
from people.auth import Actor

OLD_SECRET_HOLDS = timedelta(hours=24)
"""After a change deliveries are signed with both secrets for so long."""


@dataclass(frozen=True, kw_only=True)
class CreateEndpoint:
    """Where to tell what happens."""

    community_id: UUID
    url: str
    kinds: Sequence[str]
    description: str = ""
    local: bool = False
    """Whether the installation lets programs on its own machine be told."""


@dataclass(frozen=True, kw_only=True)
class ChangeEndpoint:
    """What shall be otherwise; None leaves it."""

    endpoint_id: UUID
    url: str | None = None
    kinds: Sequence[str] | None = None
    description: str | None = None
    local: bool = False


async def create_endpoint(
    session: Session, actor: Actor, command: CreateEndpoint, *, now: datetime
) -> WebhookEndpoint:
    """Add an endpoint; its ``secret`` is for the receiver. Records ``webhook.created``.

    Raises
    ------
    InvalidEndpoint
        When the address or a kind cannot be used.
    TooManyEndpoints
        When the community has as many as it may.
    """
    if not policy.can_manage_webhooks(actor, command.community_id):
        raise NotPermitted("Only managers of the community decide which systems hear of it.")
    check_url(command.url, local=command.local)
    if await repository.count_endpoints(session, command.community_id) >= MAX_ENDPOINTS:
        raise TooManyEndpoints(
            f"A community has {MAX_ENDPOINTS} webhooks at most. Delete one that is not used."
        )
    row = WebhookEndpoint(
        community_id=command.community_id,
        url=command.url,
        description=_check_description(command.description),
        kinds=_check_kinds(command.kinds),
        secret=new_secret(),
        created_by=actor.person_id,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, "webhook.created", row, now)
    return row


async def change_endpoint(
    session: Session, actor: Actor, command: ChangeEndpoint, *, now: datetime
) -> WebhookEndpoint:
    """Change address, kinds or description. Records ``webhook.changed``."""
    row = await get_endpoint(session, actor, command.endpoint_id, lock=True)
    if command.url is not None and command.url != row.url:
        check_url(command.url, local=command.local)
        row.url = command.url
        row.failing_since_at, row.failure_count, row.rests_until_at = None, 0, None
    if command.kinds is not None:
        row.kinds = _check_kinds(command.kinds)
    if command.description is not None:
        row.description = _check_description(command.description)
    row.updated_at = now
    _record(session, actor, "webhook.changed", row, now)
    await session.flush()
    return row


async def rotate_secret(
    session: Session, actor: Actor, endpoint_id: UUID, *, now: datetime
) -> WebhookEndpoint:
    """Give an endpoint a new secret; the old one holds beside it for a day.

    Records ``webhook.rotated``.
    """
    row = await get_endpoint(session, actor, endpoint_id, lock=True)
    row.old_secret, row.old_secret_until_at = row.secret, now + OLD_SECRET_HOLDS
    row.secret = new_secret()
    row.updated_at = now
    _record(session, actor, "webhook.rotated", row, now)
    await session.flush()
    return row


async def disable_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, *, now: datetime
) -> WebhookEndpoint:
    """Tell an endpoint nothing more; what waited is given up. Records ``webhook.disabled``."""
    row = await get_endpoint(session, actor, endpoint_id, lock=True)
    if row.status is EndpointStatus.ACTIVE:
        await switch_off(session, row, Disabled.BY_HAND, now=now, actor=actor)
    return row


async def enable_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, *, now: datetime
) -> WebhookEndpoint:
    """Tell an endpoint again what happens from now on. Records ``webhook.enabled``."""
    row = await get_endpoint(session, actor, endpoint_id, lock=True)
    if row.status is not EndpointStatus.ACTIVE:
        row.status = EndpointStatus.ACTIVE
        row.disabled_at = row.disabled_reason = None
        row.failing_since_at, row.failure_count, row.rests_until_at = None, 0, None
        row.updated_at = now
        _record(session, actor, "webhook.enabled", row, now)
        await enqueue_sending(session, row.id, now=now)
        await session.flush()
    return row


async def delete_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, *, now: datetime
) -> None:
    """Remove an endpoint with its deliveries. Records ``webhook.deleted``."""
    row = await get_endpoint(session, actor, endpoint_id, lock=True)
    _record(session, actor, "webhook.deleted", row, now)
    await session.flush()
    await repository.delete_endpoint(session, endpoint_id)
    session.expunge(row)


async def get_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    """One endpoint that the actor may manage; unknown and foreign ones answer alike."""
    find = repository.lock_endpoint if lock else repository.find_endpoint
    row = await find(session, endpoint_id)
    if row is None or not policy.can_manage_webhooks(actor, row.community_id):
        raise EndpointUnknown(f"There is no webhook {endpoint_id}.")
    return row


async def switch_off(
    session: Session,
    row: WebhookEndpoint,
    reason: Disabled,
    *,
    now: datetime,
    actor: Actor | None = None,
) -> None:
    """Stop telling an endpoint. Records ``webhook.disabled``."""
    row.status = EndpointStatus.DISABLED
    row.disabled_reason, row.disabled_at, row.updated_at = reason.value, now, now
    await session.flush()
    await repository.fail_waiting(session, row.id, now=now)
    _record(session, actor or Actor.system(), "webhook.disabled", row, now, reason=reason.value)


def _check_kinds(kinds: Sequence[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(PUBLIC_KINDS))
    if unknown:
        raise InvalidEndpoint(
            f"There is no kind {unknown[0][:64]!r}: choose from the list in docs/webhooks.md."
        )
    if not kinds:
        raise InvalidEndpoint("Choose at least one kind of event.")
    return sorted(set(kinds))


def _check_description(text: str) -> str:
    if len(text) > DESCRIPTION_LENGTH:
        raise InvalidEndpoint(f"A description has {DESCRIPTION_LENGTH} characters at most.")
    return text.strip()


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    row: WebhookEndpoint,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="webhook",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        reason=reason,
    )
