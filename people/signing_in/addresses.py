"""What people type into a field for an e-mail address."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from people.signing_in.errors import InvalidAddress

MAX_LENGTH = 320


def read_address(text: str) -> str:
    """The address in its one normal form, as contact points hold it.

    Raises
    ------
    InvalidAddress
        When it is none. Whether anybody has it plays no part.
    """
    try:
        if len(text) > MAX_LENGTH:
            raise EmailNotValidError
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        raise InvalidAddress("This is no e-mail address. Write it like ana@example.org.") from None
