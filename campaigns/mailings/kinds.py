"""The code words of mailings, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum

from people.kinds import Purpose


class MailingStatus(StrEnum):
    """Where a mailing stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    WAITING = "waiting"
    """The sample of a comparison is out; its result is not due yet."""
    CHOOSING = "choosing"
    """The comparison showed no difference: a person decides what the rest gets."""
    SENT = "sent"
    CANCELLED = "cancelled"


class Variant(StrEnum):
    """One of the two wordings of a comparison; a mailing without one has A alone."""

    A = "a"
    B = "b"


class RecipientStatus(StrEnum):
    """What became of one place on the list of a mailing."""

    WAITING = "waiting"
    QUEUED = "queued"
    """Handed to the outbox; how far it came stands with the message."""
    LEFT = "left"
    """No longer in the audience when it was their turn: moved, unsubscribed, erased."""
    SKIPPED = "skipped"
    """Not sent for another reason, such as a spent budget; no message weighs on the person."""


class Action(StrEnum):
    """What a person did after a mailing, of their own will."""

    LINK = "link"
    """Pressed the button behind a link; a scanner that opens every link presses none."""
    REPLY = "reply"
    SIGN_UP = "sign_up"


MAILING_PURPOSES = (Purpose.CAMPAIGNS, Purpose.PROGRAMMES)
"""Consents that a mailing may rest on."""
