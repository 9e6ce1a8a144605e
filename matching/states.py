"""Which state may follow which. Pure tables: `matching.transitions` applies them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from matching.errors import IllegalTransition
from matching.kinds import (
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestStatus,
    RoundStatus,
    StormStatus,
)

State = TypeVar("State", bound=StrEnum)
Table = Mapping[State, frozenset[State]]

REQUEST: Table[RequestStatus] = {
    RequestStatus.SUBMITTED: frozenset(
        {
            RequestStatus.OPEN,
            RequestStatus.NEEDS_REVIEW,
            RequestStatus.CANCELLED,
            RequestStatus.EXPIRED,
        }
    ),
    RequestStatus.NEEDS_REVIEW: frozenset(
        {RequestStatus.OPEN, RequestStatus.CANCELLED, RequestStatus.EXPIRED}
    ),
    # A late yes to an old offer takes an open request at once.
    RequestStatus.OPEN: frozenset(
        {
            RequestStatus.OFFERED,
            RequestStatus.ACCEPTED,
            RequestStatus.CANCELLED,
            RequestStatus.EXPIRED,
        }
    ),
    RequestStatus.OFFERED: frozenset(
        {
            RequestStatus.OPEN,
            RequestStatus.ACCEPTED,
            RequestStatus.CANCELLED,
            RequestStatus.EXPIRED,
        }
    ),
    RequestStatus.ACCEPTED: frozenset(
        {
            RequestStatus.OPEN,
            RequestStatus.IN_PROGRESS,
            RequestStatus.DONE,
            RequestStatus.CANCELLED,
            RequestStatus.EXPIRED,
        }
    ),
    RequestStatus.IN_PROGRESS: frozenset(
        {RequestStatus.OPEN, RequestStatus.DONE, RequestStatus.CANCELLED}
    ),
    RequestStatus.DONE: frozenset({RequestStatus.CONFIRMED, RequestStatus.NOT_DONE}),
    RequestStatus.NOT_DONE: frozenset({RequestStatus.OPEN, RequestStatus.CANCELLED}),
    RequestStatus.CONFIRMED: frozenset(),
    RequestStatus.CANCELLED: frozenset(),
    RequestStatus.EXPIRED: frozenset(),
}

OFFER: Table[OfferStatus] = {
    OfferStatus.PROPOSED: frozenset({OfferStatus.SENT, OfferStatus.WITHDRAWN}),
    OfferStatus.SENT: frozenset(
        {
            OfferStatus.ACCEPTED,
            OfferStatus.DECLINED,
            OfferStatus.EXPIRED,
            OfferStatus.WITHDRAWN,
        }
    ),
    # Silence ends the weight of an offer in plans, not the right to answer it.
    OfferStatus.EXPIRED: frozenset(
        {OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.WITHDRAWN}
    ),
    OfferStatus.ACCEPTED: frozenset(),
    OfferStatus.DECLINED: frozenset(),
    OfferStatus.WITHDRAWN: frozenset(),
}

ASK: Table[AskStatus] = {
    AskStatus.PROPOSED: frozenset({AskStatus.SENT, AskStatus.WITHDRAWN}),
    AskStatus.SENT: frozenset({AskStatus.ANSWERED, AskStatus.SILENT, AskStatus.WITHDRAWN}),
    # Silence ends the weight of an ask in plans, not the right to answer it.
    AskStatus.SILENT: frozenset({AskStatus.ANSWERED, AskStatus.WITHDRAWN}),
    AskStatus.ANSWERED: frozenset(),
    AskStatus.WITHDRAWN: frozenset(),
}

ASSIGNMENT: Table[AssignmentStatus] = {
    AssignmentStatus.ACCEPTED: frozenset(
        {AssignmentStatus.IN_PROGRESS, AssignmentStatus.DONE, AssignmentStatus.RELEASED}
    ),
    AssignmentStatus.IN_PROGRESS: frozenset({AssignmentStatus.DONE, AssignmentStatus.RELEASED}),
    # The resident may say that it was not done after all.
    AssignmentStatus.DONE: frozenset({AssignmentStatus.RELEASED}),
    AssignmentStatus.RELEASED: frozenset(),
}

STORM: Table[StormStatus] = {
    StormStatus.WATCH: frozenset({StormStatus.ARMED, StormStatus.CLOSED}),
    StormStatus.ARMED: frozenset({StormStatus.WATCH, StormStatus.ACTIVE, StormStatus.CLOSED}),
    StormStatus.ACTIVE: frozenset({StormStatus.HOLD, StormStatus.CLOSED}),
    StormStatus.HOLD: frozenset({StormStatus.ACTIVE, StormStatus.CLOSED}),
    StormStatus.CLOSED: frozenset(),
}

ROUND: Table[RoundStatus] = {
    RoundStatus.RUNNING: frozenset(
        {RoundStatus.FINISHED, RoundStatus.CANCELLED, RoundStatus.FAILED}
    ),
    RoundStatus.FINISHED: frozenset(),
    RoundStatus.CANCELLED: frozenset(),
    RoundStatus.FAILED: frozenset(),
}

OPEN_REQUESTS = (RequestStatus.OPEN, RequestStatus.OFFERED)
"""Requests that still need somebody."""
TAKEABLE_OFFERS = (OfferStatus.SENT, OfferStatus.EXPIRED)
"""Offers to which a yes counts."""
LIVE_OFFERS = (OfferStatus.PROPOSED, OfferStatus.SENT)
"""Offers that plans reckon with."""
LIVE_ASKS = (AskStatus.PROPOSED, AskStatus.SENT)
"""Asks that wait to be sent or answered; a volunteer has one at a time."""
HELD_ASSIGNMENTS = (AssignmentStatus.ACCEPTED, AssignmentStatus.IN_PROGRESS)
"""Work that is accepted and not yet over."""


def check_transition(table: Table[State], before: State, after: State) -> None:
    """Refuse a state that may not follow.

    Raises
    ------
    IllegalTransition
        Naming both states and what may follow instead.
    """
    allowed = table[before]
    if after not in allowed:
        instead = ", ".join(sorted(allowed)) or "nothing: this is the end"
        raise IllegalTransition(
            f"{type(before).__name__}: {after.value!r} cannot follow {before.value!r}; "
            f"what can follow is {instead}."
        )
