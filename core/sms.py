"""Text messages: how many segments a text takes, and the ways to send one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TextIO
from urllib.parse import quote

import httpx

from core.carriers import DeliveryDeferred, DeliveryRefused
from core.errors import InvalidSetting
from core.settings import Settings

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet of 3GPP TS 23.038: seven bits a character."""
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two places each."""
MAX_SEGMENTS = 3
TIMEOUT_S = 20.0
DEAD_NUMBERS = frozenset({21211, 21214, 21217, 21614, 30005, 30006})
"""Error codes of the gateway for numbers that cannot get text messages: unknown, or a landline."""
OPTED_OUT = 21610
"""The gateway's error code for a number whose owner answered STOP."""


@dataclass(frozen=True)
class Segments:
    """How a text goes over the air."""

    encoding: str
    """``gsm7`` or ``ucs2``."""
    count: int


def count_segments(text: str) -> Segments:
    """How many segments a text takes: each is paid for, and may come late by itself.

    One segment holds 160 characters of the GSM alphabet or 70 others; parts of a longer text give
    up seven (three) places for their number, and no character is cut in two.
    """
    if all(char in GSM_BASIC or char in GSM_EXTENDED for char in text):
        places = [2 if char in GSM_EXTENDED else 1 for char in text]
        return Segments("gsm7", _count(places, alone=160, part=153))
    places = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("ucs2", _count(places, alone=70, part=67))


def _count(places: list[int], *, alone: int, part: int) -> int:
    if sum(places) <= alone:
        return 1
    count, used = 1, 0
    for size in places:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count


@dataclass(frozen=True)
class OutgoingText:
    """One text message."""

    recipient: str
    """E.164."""
    text: str
    key: str
    """The same in every attempt, so that the carrier can tell a repetition."""
    status_url: str | None = None
    """Where the carrier tells how it went."""


class TextSender(Protocol):
    """Something that sends text messages."""

    async def send(self, message: OutgoingText) -> str:
        """Hand a text to the carrier; what the carrier calls it.

        Raises
        ------
        DeliveryDeferred
            Not now: the carrier cannot be reached or is busy.
        DeliveryRefused
            Never: the number cannot get it, or its owner said stop.
        """
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...


class MemoryTextSender:
    """Keeps texts in memory, and can be told to behave like a carrier in trouble."""

    def __init__(self) -> None:
        self.sent: list[OutgoingText] = []
        self.trouble: Callable[[OutgoingText], Exception | None] = lambda _: None

    async def send(self, message: OutgoingText) -> str:
        problem = self.trouble(message)
        if problem is not None:
            raise problem
        self.sent.append(message)
        return f"memory-{message.key}"

    async def close(self) -> None:
        return


class ConsoleTextSender:
    """Shows texts on the terminal of whoever tries the product out."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, message: OutgoingText) -> str:
        self._stream.write(f"--- text to {message.recipient}\n{message.text}\n---\n")
        self._stream.flush()
        return f"console-{message.key}"

    async def close(self) -> None:
        return


class NoTextSender:
    """Text messages are switched off: every message fails, which staff can see."""

    async def send(self, message: OutgoingText) -> str:
        raise DeliveryRefused("sms_is_off")

    async def close(self) -> None:
        return


class HttpTextSender:
    """Speaks to a gateway with Twilio's interface: a form is posted, JSON comes back.

    ``POST {url}/2010-04-01/Accounts/{account}/Messages.json`` with basic authentication.
    """

    def __init__(
        self, url: str, *, account: str, token: str, sender: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._address = f"{url}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        self._sender = sender
        self._client = httpx.AsyncClient(
            auth=httpx.BasicAuth(account, token), timeout=timeout_s, trust_env=False
        )

    async def send(self, message: OutgoingText) -> str:
        form = {"To": message.recipient, "From": self._sender, "Body": message.text}
        if message.status_url is not None:
            form["StatusCallback"] = message.status_url
        headers = {"Idempotency-Key": message.key, "I-Twilio-Idempotency-Token": message.key}
        try:
            answer = await self._client.post(self._address, data=form, headers=headers)
        except httpx.TimeoutException:
            raise DeliveryDeferred("gateway_slow", outage=True) from None
        except httpx.HTTPError:
            raise DeliveryDeferred("gateway_down", outage=True) from None
        if answer.is_success:
            return _read_name(answer)
        raise _read_refusal(answer)

    async def close(self) -> None:
        await self._client.aclose()


def _read_json(answer: httpx.Response) -> dict[str, object]:
    try:
        data = answer.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _read_name(answer: httpx.Response) -> str:
    name = _read_json(answer).get("sid")
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        # The gateway took it, so sending it again would send it twice.
        raise DeliveryRefused("gateway_answer_unreadable")
    return name


def _read_refusal(answer: httpx.Response) -> Exception:
    status = answer.status_code
    if status in (401, 403):
        return DeliveryDeferred("sign_in_refused", outage=True, answered=True)
    if status in (408, 425, 429) or status >= 500:
        return DeliveryDeferred(f"http_{status}", outage=status != 429, answered=True)
    code = _read_json(answer).get("code")
    if isinstance(code, int) and 0 < code < 100_000:
        return DeliveryRefused(
            f"gateway_{code}", bad_contact=code in DEAD_NUMBERS, opted_out=code == OPTED_OUT
        )
    return DeliveryRefused(f"http_{status}")


def open_text_sender(settings: Settings, stream: TextIO) -> TextSender:
    """The sender that the settings name; ``stream`` is where the console sender writes.

    Raises
    ------
    InvalidSetting
        When the gateway is chosen and one of its settings is missing.
    """
    if settings.sms == "none":
        return NoTextSender()
    if settings.sms == "console":
        return ConsoleTextSender(stream)
    wanted = {
        "TALKOOT_SMS_URL": settings.sms_url,
        "TALKOOT_SMS_ACCOUNT": settings.sms_account,
        "TALKOOT_SMS_TOKEN": settings.sms_token,
        "TALKOOT_SMS_FROM": settings.sms_from,
    }
    missing = [name for name, value in wanted.items() if value is None]
    if missing:
        raise InvalidSetting(f"TALKOOT_SMS is 'http', so {', '.join(missing)} must be set.")
    return HttpTextSender(
        settings.sms_url or "",
        account=settings.sms_account or "",
        token=settings.sms_token or "",
        sender=settings.sms_from or "",
    )
