"""Your own page: browsers that show a notice when a message goes out."""

from __future__ import annotations

import contextlib
from typing import Final
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from messaging.push.errors import InvalidSubscription, SubscriptionUnknown
from messaging.push.keys import open_key
from messaging.push.subscribing import TurnOn, turn_off, turn_on
from people.push_repository import list_own
from web.pages.desk import Answer, Call, Desk
from web.pages.front.account_views import NoticesView, view_noticed
from web.pages.guards import AnyRequest
from web.pages.visitors import describe_device

HERE: Final = "/account#notices"


async def read_notices(call: Call) -> NoticesView | None:
    """The browsers that show notices; None where this installation sends none."""
    key = open_key(call.settings)
    if key is None:
        return None
    rows = await list_own(call.session, call.actor)
    return NoticesView(key.public_text, view_noticed(rows, call.browser.identity.session_id))


@post("/account/notices", name="account_notices_on", status_code=303)
async def post_notices(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Show notices in this browser, which says by itself where they go. Twice is fine."""
    async with desk.press(request) as call:
        call.person()
        form = call.form
        command = TurnOn(
            endpoint=form.get("endpoint", ""),
            p256dh=form.get("p256dh", ""),
            auth=form.get("auth", ""),
            device=describe_device(request.headers.get("user-agent", "")),
            sign_in_id=call.browser.identity.session_id,
        )
        said = "notices_on"
        try:
            await turn_on(call.session, call.actor, command, call.settings, now=call.now)
        except InvalidSubscription:
            said = "notices_failed"
        return call.go(HERE, said=said)


@post(
    "/account/notices/{subscription_id:uuid}/remove",
    name="account_notices_off",
    status_code=303,
)
async def post_remove_notices(
    request: AnyRequest, subscription_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Show no more notices there. Twice is fine."""
    async with desk.press(request) as call:
        call.person()
        with contextlib.suppress(SubscriptionUnknown):
            await turn_off(call.session, call.actor, subscription_id, now=call.now)
        return call.go(HERE, said="notices_off")
