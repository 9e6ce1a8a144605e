"""What can go wrong when somebody signs in. Messages never say whether an address is known."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable


class NotSignedIn(NotPermitted):
    """Nobody is signed in, or the sign-in or token has come to its end."""

    code = "not_signed_in"
    http_status = 401


class ScopeMissing(NotPermitted):
    """The token may not do this, though its person may."""

    code = "scope_missing"


class SignInRefused(NotPermitted):
    """Address and password do not belong together; which of them is wrong is not said."""

    code = "sign_in_refused"
    http_status = 401


class FreshSignInNeeded(NotPermitted):
    """This needs a sign-in by e-mail a few minutes ago, not one of last week."""

    code = "fresh_sign_in_needed"


class SignInLinkUnknown(NotFound):
    """No such link, or its account is gone."""

    code = "sign_in_link_unknown"


class SignInLinkOver(NotFound):
    """The link was used, or its time is over."""

    code = "sign_in_link_over"
    http_status = 410


class InvalidAddress(InvalidInput):
    """What was typed is no e-mail address."""

    code = "invalid_address"


class WeakPassword(InvalidInput):
    """A password that is short, or that everybody tries first."""

    code = "weak_password"


class InvalidToken(InvalidInput):
    """An API token that cannot be: its name, its scopes or its end."""

    code = "invalid_token"


class UnknownScope(InvalidInput):
    """A scope that does not exist."""

    code = "unknown_scope"


class TokenUnknown(NotFound):
    """No such token, or not this person's."""

    code = "token_unknown"


class SessionUnknown(NotFound):
    """No such sign-in, or not this person's."""

    code = "session_unknown"


class TooManyTokens(Conflict):
    """A person has as many tokens as one can look through."""

    code = "too_many_tokens"


class ProviderRefused(NotPermitted):
    """The sign-in service did not vouch for this person in a way that can be trusted."""

    code = "provider_refused"


class ProviderUnavailable(Unavailable):
    """The sign-in service did not answer in time, or not in its language."""

    code = "provider_unavailable"


class AccountUnknown(NotPermitted):
    """The sign-in service vouches for somebody whom nobody here has on record."""

    code = "account_unknown"
