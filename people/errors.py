"""What can go wrong with people's data."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


class CommunityUnknown(NotFound):
    """No community has this short name."""

    code = "community_unknown"


class CommunityAlreadyThere(Conflict):
    """Another community has this short name."""

    code = "community_already_there"


class InvalidCommunity(InvalidInput):
    """A community that cannot be: its short name or its time zone does not exist."""

    code = "invalid_community"


class PersonUnknown(NotFound):
    """No such person, or not for this actor."""

    code = "person_unknown"


class AddressNotForYou(NotPermitted):
    """The actor may not see where this is."""

    code = "address_not_for_you"


class InvalidRules(InvalidInput):
    """The rules of a programme contradict themselves."""

    code = "invalid_rules"


class InvalidVetting(InvalidInput):
    """A check that the community does not know, or that ends before it begins."""

    code = "invalid_vetting"


class InvalidGuardian(InvalidInput):
    """A guardian's consent that cannot be."""

    code = "invalid_guardian"


class InvalidLink(InvalidInput):
    """A link that could never be used."""

    code = "invalid_link"


class LinkUnknown(NotFound):
    """No such link."""

    code = "link_unknown"


class LinkExpired(NotFound):
    """The time of the link is over."""

    code = "link_expired"
    http_status = 410


class InvalidProfile(InvalidInput):
    """A name, a language or an hour that cannot be."""

    code = "invalid_profile"


class InvalidContact(InvalidInput):
    """What was given is no mail address or no phone number."""

    code = "invalid_contact"


class ContactUnknown(NotFound):
    """No such mail address or number, or not for this actor."""

    code = "contact_unknown"


class ContactAlreadyThere(Conflict):
    """The person has this mail address or number already."""

    code = "contact_already_there"


class TooManyContacts(Conflict):
    """More mail addresses and numbers than one person needs."""

    code = "too_many_contacts"


class LastContact(Conflict):
    """Without this one nothing would reach the person any more."""

    code = "last_contact"


class InvalidRole(InvalidInput):
    """A role that comes by other ways, such as by signing up."""

    code = "invalid_role"


class RoleUnknown(NotFound):
    """The person has no such role there."""

    code = "role_unknown"


class LastManager(Conflict):
    """Without this one nobody would manage the community."""

    code = "last_manager"


class InvalidConsent(InvalidInput):
    """A line that the consent ledger cannot hold."""

    code = "invalid_consent"
