"""What can go wrong with notices on phones."""

from __future__ import annotations

from core.errors import InvalidInput, NotFound


class InvalidSubscription(InvalidInput):
    """No browser hands out a subscription like this."""

    code = "invalid_subscription"


class PushIsOff(NotFound):
    """This installation has no key for push services."""

    code = "push_is_off"


class SubscriptionUnknown(NotFound):
    """There is none such, or it is somebody else's."""

    code = "subscription_unknown"
