"""Everything that matching tells people: one function each, called in its cause's transaction.

Calling one again queues nothing new: each message has a key made of what it is about. The words
stand in ``matching/emails``, one folder each.
"""

from __future__ import annotations

from matching.telling.cases import (
    notify_not_served,
    notify_request_approved,
    notify_request_cancelled,
    notify_request_declined,
    notify_request_in_review,
    notify_request_received,
    notify_standing_declined,
    notify_standing_received,
)
from matching.telling.offers import notify_offer, notify_substitute, notify_taken
from matching.telling.programme import (
    notify_digest_staff,
    notify_pause_over,
    notify_storm_resident,
    notify_storm_volunteer,
    notify_thanks_storm,
    notify_vetting_expires,
    notify_weather_silent,
    notify_welcome,
)
from matching.telling.visits import (
    notify_agreed,
    notify_cancelled_by_resident,
    notify_cancelled_by_volunteer,
    notify_check_in,
    notify_done,
    notify_not_done,
    notify_on_the_way,
    notify_thanks,
    notify_visit_reminder,
)

__all__ = [
    "notify_agreed",
    "notify_cancelled_by_resident",
    "notify_cancelled_by_volunteer",
    "notify_check_in",
    "notify_digest_staff",
    "notify_done",
    "notify_not_done",
    "notify_not_served",
    "notify_offer",
    "notify_on_the_way",
    "notify_pause_over",
    "notify_request_approved",
    "notify_request_cancelled",
    "notify_request_declined",
    "notify_request_in_review",
    "notify_request_received",
    "notify_standing_declined",
    "notify_standing_received",
    "notify_storm_resident",
    "notify_storm_volunteer",
    "notify_substitute",
    "notify_taken",
    "notify_thanks",
    "notify_thanks_storm",
    "notify_vetting_expires",
    "notify_visit_reminder",
    "notify_weather_silent",
    "notify_welcome",
]
