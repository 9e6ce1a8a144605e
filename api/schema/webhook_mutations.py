"""Adding, changing and ending webhooks; tests and replays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import aware, plain_text, plain_text_or_none
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from api.schema.webhooks import Webhook, WebhookDelivery
from messaging.webhooks import endpoints, replaying
from messaging.webhooks.jobs import LOCAL
from messaging.webhooks.models import DESCRIPTION_LENGTH, URL_LENGTH

SCOPE = "webhooks:write"


@strawberry.input(description="Where to tell what happens, and what.")
class CreateWebhookInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose events.")
    url: str = strawberry.field(description="An address that begins with https://.")
    kinds: list[str] = strawberry.field(description="Names of `webhookKinds`, at least one.")
    description: str = strawberry.field(default="", description="What it is for.")


@strawberry.input(description="What shall be otherwise; what is left out stays.")
class ChangeWebhookInput:
    webhook_id: relay.GlobalID = strawberry.field(description="Which webhook.")
    url: str | None = strawberry.field(default=None, description="The new address.")
    kinds: list[str] | None = strawberry.field(default=None, description="The new kinds.")
    description: str | None = strawberry.field(default=None, description="The new words.")


@strawberry.input(description="A webhook to act on.")
class WebhookInput:
    webhook_id: relay.GlobalID = strawberry.field(description="Which webhook.")


@strawberry.input(description="A delivery to send again.")
class ReplayWebhookDeliveryInput:
    delivery_id: relay.GlobalID = strawberry.field(description="Which delivery.")


@strawberry.input(description="A time whose deliveries are sent again.")
class ReplayWebhookDeliveriesInput:
    webhook_id: relay.GlobalID = strawberry.field(description="Which webhook.")
    since: datetime = strawberry.field(description="Events from this moment on.")
    until: datetime = strawberry.field(description="Events before this moment.")


@strawberry.type(description="A webhook has a new secret.")
class WebhookSecretPayload:
    secret: str = strawberry.field(
        description="For the receiver, `whsec_...`: deliveries are signed with it. It is shown "
        "this once."
    )
    webhook: Webhook = strawberry.field(description="The webhook as it is now.")


@strawberry.type(description="A webhook was changed.")
class WebhookPayload:
    webhook: Webhook = strawberry.field(description="The webhook as it is now.")


@strawberry.type(description="A webhook was deleted, with everything that was told to it.")
class DeleteWebhookPayload:
    deleted_id: relay.GlobalID = strawberry.field(description="The id that it had.")


@strawberry.type(description="A delivery is on its way.")
class WebhookDeliveryPayload:
    delivery: WebhookDelivery = strawberry.field(description="The delivery as it is now.")


@strawberry.type(description="Deliveries are on their way again.")
class ReplayWebhookDeliveriesPayload:
    replayed_count: int = strawberry.field(description="How many; at most 1,000 at a time.")


@strawberry.type
class WebhookMutation:
    @mutation(
        WebhookSecretPayload,
        description="Let another system be told what happens.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def create_webhook(
        self,
        info: Info,
        input: Annotated[CreateWebhookInput, strawberry.argument(description="Where and what.")],
    ) -> WebhookSecretPayload:
        command = endpoints.CreateEndpoint(
            community_id=find_id(input.community_id, "Community"),
            url=plain_text("url", input.url, longest=URL_LENGTH),
            kinds=input.kinds,
            description=plain_text("description", input.description, longest=DESCRIPTION_LENGTH),
            local=info.context.settings.webhook_hosts == LOCAL,
        )
        async with info.context.begin() as session:
            row = await endpoints.create_endpoint(
                session, info.context.actor, command, now=info.context.now
            )
        return WebhookSecretPayload(secret=row.secret, webhook=Webhook.of(row))

    @mutation(
        WebhookPayload,
        description="Change a webhook.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def change_webhook(
        self,
        info: Info,
        input: Annotated[ChangeWebhookInput, strawberry.argument(description="What changes.")],
    ) -> WebhookPayload:
        command = endpoints.ChangeEndpoint(
            endpoint_id=find_id(input.webhook_id, "Webhook"),
            url=plain_text_or_none("url", input.url, longest=URL_LENGTH),
            kinds=input.kinds,
            description=plain_text_or_none(
                "description", input.description, longest=DESCRIPTION_LENGTH
            ),
            local=info.context.settings.webhook_hosts == LOCAL,
        )
        async with info.context.begin() as session:
            row = await endpoints.change_endpoint(
                session, info.context.actor, command, now=info.context.now
            )
        return WebhookPayload(webhook=Webhook.of(row))

    @mutation(
        WebhookSecretPayload,
        description="Give a webhook a new secret; the old one holds beside it for 24 hours.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def rotate_webhook_secret(
        self,
        info: Info,
        input: Annotated[WebhookInput, strawberry.argument(description="Which.")],
    ) -> WebhookSecretPayload:
        row = await _act(info, endpoints.rotate_secret, input)
        return WebhookSecretPayload(secret=row.secret, webhook=Webhook.of(row))

    @mutation(
        WebhookPayload,
        description="Tell a webhook nothing more; what waits for it is given up.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def disable_webhook(
        self,
        info: Info,
        input: Annotated[WebhookInput, strawberry.argument(description="Which.")],
    ) -> WebhookPayload:
        return WebhookPayload(
            webhook=Webhook.of(await _act(info, endpoints.disable_endpoint, input))
        )

    @mutation(
        WebhookPayload,
        description="Tell a webhook again what happens from now on.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def enable_webhook(
        self,
        info: Info,
        input: Annotated[WebhookInput, strawberry.argument(description="Which.")],
    ) -> WebhookPayload:
        return WebhookPayload(
            webhook=Webhook.of(await _act(info, endpoints.enable_endpoint, input))
        )

    @mutation(
        DeleteWebhookPayload,
        description="Delete a webhook with everything that was told to it.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def delete_webhook(
        self,
        info: Info,
        input: Annotated[WebhookInput, strawberry.argument(description="Which.")],
    ) -> DeleteWebhookPayload:
        key = find_id(input.webhook_id, "Webhook")
        async with info.context.begin() as session:
            await endpoints.delete_endpoint(session, info.context.actor, key, now=info.context.now)
        return DeleteWebhookPayload(deleted_id=input.webhook_id)

    @mutation(
        WebhookDeliveryPayload,
        description="Send a delivery of the kind `webhook.test`.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def test_webhook(
        self,
        info: Info,
        input: Annotated[WebhookInput, strawberry.argument(description="Which.")],
    ) -> WebhookDeliveryPayload:
        row = await _act(info, replaying.send_test, input)
        return WebhookDeliveryPayload(delivery=WebhookDelivery.of(row))

    @mutation(
        WebhookDeliveryPayload,
        description="Send one delivery again: the same id and the same body.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def replay_webhook_delivery(
        self,
        info: Info,
        input: Annotated[ReplayWebhookDeliveryInput, strawberry.argument(description="Which.")],
    ) -> WebhookDeliveryPayload:
        key = find_id(input.delivery_id, "WebhookDelivery")
        async with info.context.begin() as session:
            row = await replaying.replay_delivery(
                session, info.context.actor, key, now=info.context.now
            )
        return WebhookDeliveryPayload(delivery=WebhookDelivery.of(row))

    @mutation(
        ReplayWebhookDeliveriesPayload,
        description="Send what happened in some time again, at most 1,000 deliveries at once.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def replay_webhook_deliveries(
        self,
        info: Info,
        input: Annotated[ReplayWebhookDeliveriesInput, strawberry.argument(description="When.")],
    ) -> ReplayWebhookDeliveriesPayload:
        key = find_id(input.webhook_id, "Webhook")
        async with info.context.begin() as session:
            count = await replaying.replay_deliveries(
                session,
                info.context.actor,
                key,
                since=aware("since", input.since),
                until=aware("until", input.until),
                now=info.context.now,
            )
        return ReplayWebhookDeliveriesPayload(replayed_count=count)


async def _act(info: Info, act: Callable[..., Awaitable[Any]], input: WebhookInput) -> Any:
    """Do one thing with one webhook."""
    key: UUID = find_id(input.webhook_id, "Webhook")
    async with info.context.begin() as session:
        return await act(session, info.context.actor, key, now=info.context.now)
