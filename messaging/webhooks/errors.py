"""What can go wrong with webhooks."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class EndpointUnknown(NotFound):
    """No such endpoint, or not for this actor."""

    code = "webhook_unknown"


class DeliveryUnknown(NotFound):
    """No such delivery, or not for this actor."""

    code = "webhook_delivery_unknown"


class InvalidEndpoint(InvalidInput):
    """An address, a kind or a description that cannot be used."""

    code = "invalid_webhook"


class TooManyEndpoints(Conflict):
    """More addresses than a community may have."""

    code = "too_many_webhooks"


class EndpointDisabled(Conflict):
    """Nothing is sent to an endpoint that is switched off."""

    code = "webhook_disabled"


class AddressRefused(InvalidInput):
    """The name leads to an address that is not on the public internet."""

    code = "webhook_address_refused"


class InvalidSecret(InvalidInput):
    """A text that is no secret of the scheme."""

    code = "invalid_webhook_secret"
