"""What carriers of mails and text messages have in common: how they refuse."""

from __future__ import annotations

from typing import ClassVar

from core.errors import TalkootError, Unavailable


class DeliveryDeferred(Unavailable):
    """Not now; the same message may be accepted later."""

    code = "delivery_deferred"

    def __init__(self, reason: str, *, outage: bool = False, answered: bool = False) -> None:
        super().__init__(f"The carrier does not take the message now ({reason}).")
        self.reason = reason
        self.outage = outage
        """The carrier itself cannot be reached or used, whatever the message."""
        self.answered = answered
        """The carrier said so itself, so it has not taken the message; else nobody knows, once
        its words have begun to go there."""


class DeliveryRefused(TalkootError):
    """Never; trying again would only annoy."""

    code = "delivery_refused"
    http_status: ClassVar[int] = 502

    def __init__(self, reason: str, *, bad_contact: bool = False, opted_out: bool = False) -> None:
        super().__init__(f"The carrier refuses the message ({reason}).")
        self.reason = reason
        self.bad_contact = bad_contact
        """Nothing will ever arrive at this address or number."""
        self.opted_out = opted_out
        """The receiver told the carrier to stop."""
