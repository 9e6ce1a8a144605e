"""Webhooks: which systems are told what happens, and what was told to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from messaging.webhooks import listing_repository
from messaging.webhooks.kinds import PUBLIC_KINDS, DeliveryStatus, EndpointStatus, PublicKind
from messaging.webhooks.models import WebhookAttempt as AttemptRow
from messaging.webhooks.models import WebhookDelivery as DeliveryRow
from messaging.webhooks.models import WebhookEndpoint as EndpointRow
from messaging.webhooks.signing import name_message
from people.repository import load_communities

SCOPE = "webhooks:read"

describe_enum(
    EndpointStatus,
    "Whether a webhook is told anything.",
    {"ACTIVE": "It is told what happens.", "DISABLED": "It is told nothing."},
    name="WebhookStatus",
)
describe_enum(
    DeliveryStatus,
    "How far a delivery has come.",
    {
        "WAITING": "It will be tried, or tried again.",
        "DELIVERED": "The receiver has it.",
        "FAILED": "It was given up.",
    },
    name="WebhookDeliveryStatus",
)


@strawberry.type(description="A kind of event that other systems can be told.")
class WebhookKind:
    name: str = strawberry.field(description="Its name, such as `request.opened`.")
    description: str = strawberry.field(description="What has happened.")

    @classmethod
    def of(cls, kind: PublicKind) -> WebhookKind:
        return cls(name=kind.name, description=kind.description)


@strawberry.type(description="One try to deliver: what came back, and how long it took.")
class WebhookAttempt:
    attempted_at: datetime = strawberry.field(description="When.")
    status_code: int | None = strawberry.field(
        description="The HTTP status of the answer; null when none came."
    )
    error: str | None = strawberry.field(
        description="Why no answer came, as a code word such as `timed_out`."
    )
    duration_ms: int = strawberry.field(description="Milliseconds that it took.")

    @classmethod
    def of(cls, row: AttemptRow) -> WebhookAttempt:
        return cls(
            attempted_at=row.attempted_at,
            status_code=row.status_code,
            error=row.error,
            duration_ms=row.duration_ms,
        )


@strawberry.type(description="One event for one webhook.")
class WebhookDelivery(relay.Node):
    id: relay.NodeID[UUID]
    message_id: str = strawberry.field(
        description="The header `webhook-id`: the same in every attempt and replay."
    )
    kind: str = strawberry.field(description="What is told, such as `request.opened`.")
    body: str = strawberry.field(description="The body as it is sent: ids and code words.")
    status: DeliveryStatus = strawberry.field(description="How far it has come.")
    created_at: datetime = strawberry.field(description="When it happened.")
    due_at: datetime = strawberry.field(description="When it is tried next, or was due.")
    settled_at: datetime | None = strawberry.field(
        description="When it was delivered or given up; null while it waits."
    )

    @classmethod
    def of(cls, row: DeliveryRow) -> WebhookDelivery:
        return cls(
            id=row.id,
            message_id=name_message(row.event_id),
            kind=row.kind,
            body=row.body,
            status=row.status,
            created_at=row.created_at,
            due_at=row.due_at,
            settled_at=row.settled_at,
        )

    resolve_nodes = found_by(listing_repository.load_deliveries, scope=SCOPE)

    @field(description="Its newest tries, the oldest of them first; at most 20.")
    async def attempts(self, info: Info) -> list[WebhookAttempt]:
        rows = await info.context.load(listing_repository.load_attempts, UUID(str(self.id)))
        return [WebhookAttempt.of(row) for row in rows or ()]


@strawberry.type(description="An address of another system that is told what happens.")
class Webhook(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[EndpointRow]
    url: str = strawberry.field(description="Where deliveries go.")
    description: str = strawberry.field(description="What it is for, in your words.")
    kinds: list[str] = strawberry.field(description="What it is told.")
    status: EndpointStatus = strawberry.field(description="Whether it is told anything.")
    disabled_reason: str | None = strawberry.field(
        description="Why it is told nothing: `gone`, `failing` or `by_hand`."
    )
    disabled_at: datetime | None = strawberry.field(
        description="Since when it is told nothing; null while it is."
    )
    failing_since_at: datetime | None = strawberry.field(
        description="Since when deliveries fail; null when the last one went well."
    )
    old_secret_until_at: datetime | None = strawberry.field(
        description="Until when deliveries are signed with the secret before, too."
    )
    created_at: datetime = strawberry.field(description="When it was added.")

    @classmethod
    def of(cls, row: EndpointRow) -> Webhook:
        return cls(
            id=row.id,
            row=row,
            url=row.url,
            description=row.description,
            kinds=list(row.kinds),
            status=row.status,
            disabled_reason=row.disabled_reason,
            disabled_at=row.disabled_at,
            failing_since_at=row.failing_since_at,
            old_secret_until_at=row.old_secret_until_at,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(listing_repository.load_endpoints, scope=SCOPE)

    @field(description="Whose events it is told.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))


WebhookId = Annotated[relay.GlobalID, strawberry.argument(description="The webhook.")]


@strawberry.type
class WebhookQuery:
    @query(
        description="What other systems can be told.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def webhook_kinds(self, info: Info) -> list[WebhookKind]:
        return [WebhookKind.of(kind) for kind in PUBLIC_KINDS.values()]

    @query(
        description="The webhooks of a community, the oldest first, for its managers.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def webhooks(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[Webhook]:
        rows = listing_repository.list_endpoints(
            info.context.actor, find_id(community_id, "Community")
        )
        return await connect(info, rows, Webhook.of, first=first, after=after)

    @query(
        description="What was told to a webhook, the newest first; kept for 30 days.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def webhook_deliveries(
        self,
        info: Info,
        webhook_id: WebhookId,
        statuses: Annotated[
            list[DeliveryStatus] | None,
            strawberry.argument(description="Only deliveries that stand there; all without."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[WebhookDelivery]:
        rows = listing_repository.list_deliveries(
            info.context.actor, find_id(webhook_id, "Webhook"), tuple(dict.fromkeys(statuses or ()))
        )
        return await connect(info, rows, WebhookDelivery.of, first=first, after=after)
