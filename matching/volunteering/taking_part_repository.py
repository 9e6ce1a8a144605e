"""Who takes part: the conditions that plans, counts and lists of volunteers share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_

from matching.kinds import VolunteerStatus
from matching.models import Volunteer
from messaging.confirming import ASKED
from messaging.routing import VOUCHED_SOURCES
from people.kinds import Purpose
from people.models import Consent, ContactPoint

_PURPOSES = (Purpose.MATCHING, Purpose.OFFERS)


def is_known() -> ColumnElement[bool]:
    """Whether a volunteer is more than what a stranger typed into a form.

    Somebody has answered from one of their addresses and numbers, or staff or a file vouch for
    them, or there is nothing to ask at.
    """
    asked = exists().where(
        ContactPoint.person_id == Volunteer.person_id, ContactPoint.channel.in_(ASKED)
    )
    answered = exists().where(
        ContactPoint.person_id == Volunteer.person_id, ContactPoint.verified_at.is_not(None)
    )
    agreed = and_(
        Consent.person_id == Volunteer.person_id, Consent.granted, Consent.purpose.in_(_PURPOSES)
    )
    vouched = exists().where(agreed, Consent.source.in_(VOUCHED_SOURCES))
    return or_(answered, ~asked, vouched, ~exists().where(agreed))


def takes_part(at: datetime) -> ColumnElement[bool]:
    """Whether a volunteer takes part at a moment: known, active, and no pause."""
    return and_(
        Volunteer.status == VolunteerStatus.ACTIVE,
        or_(Volunteer.paused_until.is_(None), Volunteer.paused_until <= at),
        is_known(),
    )
