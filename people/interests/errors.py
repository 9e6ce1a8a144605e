"""What can go wrong with interests and facts of households."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class InvalidInterest(InvalidInput):
    """A topic that cannot be: its code or its name."""

    code = "invalid_interest"


class InterestUnknown(InvalidInput):
    """A topic that the community does not offer."""

    code = "interest_unknown"


class FactsNeedConsent(Conflict):
    """Facts of a household are kept only under a consent to campaigns."""

    code = "facts_need_consent"


class WithoutHousehold(NotFound):
    """The person has no home here that facts could be about."""

    code = "without_household"
