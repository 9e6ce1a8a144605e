"""Our own mail addresses: the sender, and per message where bounces and replies come in.

Bounces of a message go to ``local+b-<id>@domain`` (a variable envelope return path), replies to
``local+r-<id>@domain``: so both name the message, whatever the other side quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from uuid import UUID

from core.errors import InvalidSetting

_SENDABLE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)
_OURS = re.compile(r"\+(?P<kind>[br])-(?P<id>[0-9a-f]{32})@", re.IGNORECASE)


@dataclass(frozen=True)
class Sender:
    """The address that our mails come from."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """Where people may write to."""
        return f"{self.local}@{self.domain}"

    def bounce_address(self, message_id: UUID) -> str:
        """The envelope sender of one message."""
        return f"{self.local}+b-{message_id.hex}@{self.domain}"

    def reply_address(self, message_id: UUID) -> str:
        """Where the answer to one message comes in."""
        return f"{self.local}+r-{message_id.hex}@{self.domain}"

    def mail_id(self, message_id: UUID) -> str:
        """The Message-ID of one message, the same in every attempt."""
        return f"<{message_id.hex}@{self.domain}>"


def read_sender(mail_from: str) -> Sender:
    """The sender that the setting names: ``Name <local@domain>`` or ``local@domain``.

    Raises
    ------
    InvalidSetting
        When it is no address.
    """
    name, address = parseaddr(mail_from)
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or not address.isascii() or re.search(r"[\s<>]", address):
        raise InvalidSetting(
            "TALKOOT_MAIL_FROM must be an address such as 'Talkoot <help@city.example>'."
        )
    return Sender(name, local, domain)


def as_sendable(address: str) -> str:
    """The address as any mail server takes it: a domain with other letters in its ASCII form.

    Raises
    ------
    ValueError
        When no server takes it. The message does not quote the address.
    """
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    if not _SENDABLE.fullmatch(plain):
        raise ValueError("The address is none that a mail server takes.")
    return plain


def find_ours(text: str) -> tuple[str, UUID] | None:
    """Whether an address is one of ours for a message: ``("b", id)`` or ``("r", id)``."""
    found = _OURS.search(text)
    return None if found is None else (found["kind"].lower(), UUID(hex=found["id"]))
