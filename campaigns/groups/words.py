"""What may be written in a group: plain text, of a sensible length, with few links. Pure."""

from __future__ import annotations

import re
import unicodedata

from campaigns.groups.errors import InvalidGroup, InvalidGroupPost

MAX_POST = 4_000
MAX_REPLY = 2_000
MAX_LINKS = 2
MAX_MARKS = 4
"""Marks upon one letter; more is no writing of any language."""
MAX_LINES = 100
MAX_NAME = 120
KEPT_UNSEEN = frozenset("\n\t\u200c\u200d")
"""A new line, a tab, and what joins or parts letters of some scripts and pictures."""

_LINK = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|\bwww\.)\S+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def clean_post(text: str, *, longest: int) -> str:
    """What somebody wrote, in its normal form.

    Raises
    ------
    InvalidGroupPost
        When it is empty, too long, or cannot be read as plain text; the message says which.
    """
    if len(text) > 4 * longest:
        raise InvalidGroupPost(f"This is too long: write at most {longest} characters.")
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not plain:
        raise InvalidGroupPost("There is nothing to post: write a few words.")
    if len(plain) > longest:
        raise InvalidGroupPost(
            f"This has {len(plain)} characters; write at most {longest}, or split it."
        )
    if plain.count("\n") >= MAX_LINES:
        raise InvalidGroupPost(f"This has more than {MAX_LINES} lines; write fewer.")
    if any(_is_unseen(char) for char in plain):
        raise InvalidGroupPost(
            "This holds characters that cannot be seen, or that turn the text around: type it "
            "again as plain text."
        )
    if _has_piled_marks(plain):
        raise InvalidGroupPost("This holds letters under piles of marks: type it again without.")
    links = len(_LINK.findall(plain))
    if links > MAX_LINKS:
        raise InvalidGroupPost(f"This has {links} links; at most {MAX_LINKS} are taken.")
    return plain


def clean_line(field: str, text: str, *, longest: int, empty: bool = False) -> str:
    """One line of text about a group, such as its name.

    Raises
    ------
    InvalidGroup
        Naming the field.
    """
    if len(text) > 4 * longest:
        raise InvalidGroup(f"The {field} must have at most {longest} characters.")
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not plain and not empty:
        raise InvalidGroup(f"The {field} must not be empty.")
    if len(plain) > longest:
        raise InvalidGroup(f"The {field} must have at most {longest} characters.")
    if any(_is_unseen(char) for char in plain) or _has_piled_marks(plain):
        raise InvalidGroup(f"The {field} holds characters that cannot be shown; type it again.")
    if _LINK.search(plain) and field == "name":
        raise InvalidGroup("The name must not hold a link.")
    return plain


def make_slug(name: str) -> str:
    """A short name for addresses of pages; "group" where no letter can stand there."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:48].strip("-") or "group"


def _is_unseen(char: str) -> bool:
    return char not in KEPT_UNSEEN and unicodedata.category(char).startswith("C")


def _has_piled_marks(text: str) -> bool:
    piled = 0
    for char in text:
        piled = piled + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if piled > MAX_MARKS:
            return True
    return False
