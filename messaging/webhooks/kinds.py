"""What other systems can be told: the public kinds, and the events of the history behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class EndpointStatus(StrEnum):
    """Whether an endpoint is told anything."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Disabled(StrEnum):
    """Why nothing is sent to an endpoint."""

    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It has failed for days."""
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class PublicKind:
    """A kind of event that may be told outside."""

    name: str
    description: str
    event: str
    """The kind in the history."""


TEST_KIND = "webhook.test"

_TABLE = (
    ("request.submitted", "request.submitted", "Somebody asked for help."),
    ("request.review_needed", "request.needs_review", "A person must look at a request."),
    ("request.opened", "request.open", "A request waits for a volunteer."),
    ("request.changed", "request.changed", "Time, scope or needs of a request changed."),
    ("request.offered", "request.offered", "A request was put before volunteers."),
    ("request.accepted", "request.accepted", "Every place of the crew is taken."),
    ("request.started", "request.in_progress", "Somebody is on the way or at work."),
    ("request.done", "request.done", "The work was reported as done."),
    ("request.confirmed", "request.confirmed", "The resident said that it is done."),
    ("request.not_done", "request.not_done", "The resident said that it is not done."),
    ("request.cancelled", "request.cancelled", "A request was called off."),
    ("request.expired", "request.expired", "The time of a request is over."),
    ("offer.proposed", "offer.proposed", "A round planned a visit."),
    ("offer.sent", "offer.sent", "A volunteer was asked."),
    ("offer.accepted", "offer.accepted", "A volunteer said yes."),
    ("offer.declined", "offer.declined", "A volunteer said no."),
    ("offer.expired", "offer.expired", "No answer came in time; a late yes still counts."),
    ("offer.withdrawn", "offer.withdrawn", "An offer was taken back."),
    ("assignment.started", "assignment.in_progress", "A volunteer has set out."),
    ("assignment.done", "assignment.done", "A volunteer reported the work as done."),
    ("assignment.released", "assignment.released", "Agreed work was given back."),
    ("storm.watched", "storm.watch", "Snow may come."),
    ("storm.armed", "storm.armed", "Snow is likely: residents and volunteers are told."),
    ("storm.activated", "storm.active", "Help is arranged now."),
    ("storm.held", "storm.hold", "A storm waits: ice, dark, or it still snows."),
    ("storm.closed", "storm.closed", "A storm is over."),
    ("round.started", "round.started", "A matching round runs."),
    ("round.finished", "round.finished", "A matching round has a plan."),
    ("round.cancelled", "round.cancelled", "A matching round was ended without a plan."),
    ("round.failed", "round.failed", "A matching round could not be solved."),
    ("volunteer.signed_up", "volunteer.signed_up", "A volunteer joined."),
    ("volunteer.left", "volunteer.left", "A volunteer left."),
    ("event.published", "community_event.published", "An event is open for sign-ups."),
    ("event.moved", "community_event.moved", "Days of an event have another time or place."),
    ("event.day_cancelled", "community_event.day_cancelled", "One day of an event is called off."),
    ("event.cancelled", "community_event.cancelled", "An event was called off."),
    ("export.made", "export.made", "Somebody took rows out of the product."),
)

PUBLIC_KINDS: Mapping[str, PublicKind] = MappingProxyType(
    {name: PublicKind(name, words, event) for name, event, words in _TABLE}
)
"""By name."""
BY_EVENT: Mapping[str, PublicKind] = MappingProxyType(
    {kind.event: kind for kind in PUBLIC_KINDS.values()}
)

DATA_FIELDS = frozenset(
    {
        "from",
        "to",
        "request_id",
        "offer_id",
        "assignment_id",
        "round_id",
        "storm_id",
        "volunteer_id",
        "hold_reason",
        "crew_size",
        "seat",
        "seed",
        "what",
        "format",
        "row_count",
    }
)
"""Facts of an event that are passed on: ids of work, code words, counts. Nobody's person id."""
REASON_SUBJECTS = frozenset({"storm", "round"})
"""Elsewhere the reason may tell about a person, such as whom somebody does not want to meet."""
