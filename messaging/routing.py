"""Where a message goes: the channel, the contact point and the consent that allows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.kinds import Suppressed, Words
from messaging.repository import Reach
from people.kinds import Channel
from people.models import Consent, ContactPoint

WRITTEN = (Channel.EMAIL, Channel.SMS)
VOUCHED_SOURCES = frozenset({"import", "phone", "sms", "staff", "start"})
"""Ways to give consent that show whose the contact is. An address typed into a form may be somebody
else's, so it must be verified before anything but the answer to that form goes there."""


@dataclass(frozen=True)
class Route:
    """Where to, or why not."""

    contact: ContactPoint | None = None
    consent: Consent | None = None
    reason: Suppressed | None = None


def choose_route(
    reach: Reach,
    words: Words,
    consents: Mapping[Channel, Consent | None],
    *,
    needs_consent: bool,
) -> Route:
    """The best contact point that may be used for these words.

    The person's channel comes first, verified contact points before others, preferred ones before
    the rest.

    Parameters
    ----------
    consents
        The line of the ledger that holds, for each channel.
    needs_consent
        False for an answer to what the person asked of us.
    """
    if reach.is_erased:
        return Route(reason=Suppressed.PERSON_ERASED)
    if needs_consent and not any(consents.values()):
        return Route(reason=Suppressed.NO_CONSENT)
    problem: Suppressed | None = None
    for contact in _in_order(reach):
        if not _has_words(words, contact.channel):
            continue
        consent = consents.get(contact.channel)
        refusal = _refuse(contact, consent, needs_consent)
        if refusal is None:
            return Route(contact, consent)
        if problem is None or problem is Suppressed.NO_CONSENT:
            problem = refusal  # what could be mended says more than that a channel was not wanted
    return Route(reason=problem or _without_contact(reach))


def _in_order(reach: Reach) -> list[ContactPoint]:
    wanted = reach.preferences.channel if reach.preferences is not None else None
    return sorted(
        (contact for contact in reach.contact_points if contact.channel in WRITTEN),
        key=lambda contact: (
            wanted is not None and contact.channel is not wanted,
            contact.verified_at is None,
            not contact.preferred,
            WRITTEN.index(contact.channel),
            contact.id,
        ),
    )


def _refuse(
    contact: ContactPoint, consent: Consent | None, needs_consent: bool
) -> Suppressed | None:
    if contact.bounced_at is not None:
        return Suppressed.CONTACT_BOUNCED
    if not needs_consent:
        return None
    if consent is None:
        return Suppressed.NO_CONSENT
    if contact.verified_at is None and consent.source not in VOUCHED_SOURCES:
        return Suppressed.CONTACT_UNVERIFIED
    return None


def _has_words(words: Words, channel: Channel) -> bool:
    return bool(words.text if channel is Channel.EMAIL else words.short)


def _without_contact(reach: Reach) -> Suppressed:
    by_phone = any(contact.channel is Channel.PHONE for contact in reach.contact_points)
    return Suppressed.CALL_BY_PHONE if by_phone else Suppressed.NO_CONTACT
