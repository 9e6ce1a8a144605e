"""Which state of a mailing may follow which."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.mailings.kinds import MailingStatus

MAILING: Mapping[MailingStatus, frozenset[MailingStatus]] = {
    MailingStatus.DRAFT: frozenset({MailingStatus.SCHEDULED, MailingStatus.CANCELLED}),
    MailingStatus.SCHEDULED: frozenset(
        {MailingStatus.SENDING, MailingStatus.DRAFT, MailingStatus.CANCELLED}
    ),
    MailingStatus.SENDING: frozenset(
        {
            MailingStatus.PAUSED,
            MailingStatus.WAITING,
            MailingStatus.SENT,
            MailingStatus.CANCELLED,
        }
    ),
    MailingStatus.PAUSED: frozenset({MailingStatus.SENDING, MailingStatus.CANCELLED}),
    MailingStatus.WAITING: frozenset(
        {
            MailingStatus.SENDING,
            MailingStatus.CHOOSING,
            MailingStatus.SENT,
            MailingStatus.CANCELLED,
        }
    ),
    MailingStatus.CHOOSING: frozenset(
        {MailingStatus.SENDING, MailingStatus.SENT, MailingStatus.CANCELLED}
    ),
    MailingStatus.SENT: frozenset(),
    MailingStatus.CANCELLED: frozenset(),
}

ENDED = (MailingStatus.SENT, MailingStatus.CANCELLED)
STARTED = (
    MailingStatus.SCHEDULED,
    MailingStatus.SENDING,
    MailingStatus.PAUSED,
    MailingStatus.WAITING,
    MailingStatus.CHOOSING,
    MailingStatus.SENT,
)
"""Somebody said: send it. The same words to the same people count as sent again."""
