"""What the gateway of text messages calls: a text came in, a text was delivered."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from litestar import Response, post
from litestar.di import NamedDependency

from core.clock import Clock
from core.db import Database
from core.errors import NotPermitted
from core.logging import get_logger
from core.security import is_signed_form
from core.settings import Settings
from matching.offers.text_answers import register_text_handlers
from messaging.inbound import IncomingText, TextHandlers, receive_text
from messaging.states import apply_delivery_state, read_state
from web.pages.guards import MAX_VALUE, AnyRequest

LOGGER = get_logger(__name__)

ERROR_CODE = "ErrorCode"
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
"""E.164; whoever has another one, such as a short code, is nobody to answer."""
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def make_handlers() -> TextHandlers:
    """Who answers texts in this product."""
    handlers = TextHandlers()
    register_text_handlers(handlers)
    return handlers


HANDLERS = make_handlers()


class UnsignedCall(NotPermitted):
    """A call that does not come from the gateway."""

    code = "unsigned_call"
    http_status = 401


@post("/sms/inbound", name="sms_inbound", status_code=200)
async def post_inbound(
    request: AnyRequest,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """A text came in: answer it in the same call."""
    form = await _read_signed(request, settings, "/sms/inbound")
    number = form.get("From", "").strip()
    provider_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if not _NUMBER.fullmatch(number) or not provider_id:
        return _answer("")
    incoming = IncomingText(provider_id, number, form.get("Body", ""))
    async with database.begin() as session:
        reply = await receive_text(
            session, HANDLERS, incoming, site=settings.public_url, now=clock.now()
        )
    return _answer(reply)


@post("/sms/status", name="sms_status", status_code=204)
async def post_status(
    request: AnyRequest,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> None:
    """What became of a text that we sent."""
    form = await _read_signed(request, settings, "/sms/status")
    state = read_state(form.get("MessageStatus") or form.get("SmsStatus") or "")
    provider_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if state is None or not provider_id:
        return
    code = form.get(ERROR_CODE, "")
    now = clock.now()
    async with database.begin() as session:
        await apply_delivery_state(
            session,
            provider_id,
            state,
            now,
            now=now,
            error_code=int(code) if code.isascii() and code.isdigit() and len(code) < 9 else None,
        )


async def _read_signed(request: AnyRequest, settings: Settings, path: str) -> dict[str, str]:
    """The fields of a call, when its signature is that of the gateway.

    The address that was signed is the public one: what a proxy makes of it does not count.
    """
    form = await request.form()
    fields = [(str(name), value) for name, value in form.multi_items() if isinstance(value, str)]
    query = request.url.query
    url = f"{settings.public_url}{path}" + (f"?{query}" if query else "")
    signature = request.headers.get("x-twilio-signature")
    if not is_signed_form(settings.sms_token, url, fields, signature):
        # Without its token no call is the gateway's: whoever set it up sees which it is.
        reason = "no_token_set" if settings.sms_token is None else "wrong_signature"
        LOGGER.warning("sms.call_refused", reason=reason)
        raise UnsignedCall("This call is not signed by the gateway.")
    return {name: value[:MAX_VALUE].replace("\x00", "") for name, value in fields}


def _answer(reply: str) -> Response[str]:
    body = _EMPTY
    if reply:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><Response><Message>'
            f"{escape(reply)}</Message></Response>"
        )
    return Response(body, media_type="application/xml", headers={"Cache-Control": "no-store"})
