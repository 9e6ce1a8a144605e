"""What a mailing says: a small, safe text format that becomes a mail and a text message. Pure.

Paragraphs stand apart by an empty line; lines that begin with ``- `` make a list; a link is
``[words](https://...)`` or, within the product, ``[words](/path)``. Words in braces are filled in
for each person, and there are three of them (`PLACEHOLDERS`). Everything else is plain text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from campaigns.mailings.errors import InvalidMailing
from campaigns.mailings.kinds import Variant
from core.i18n import LANGUAGES
from core.sms import MAX_SEGMENTS, count_segments

LANGUAGES_IN_WORDS = {"en": "English", "es": "Spanish"}
SUBJECT_LENGTH = 150
BODY_LENGTH = 5_000
SHORT_LENGTH = 400
URL_LENGTH = 500
MAX_LINKS = 10
MAX_BLOCKS = 60
LONGEST_NAME = 40
"""A name that is filled into a text message counts as so long, when its length is checked."""

PLACEHOLDERS = ("first_name", "community", "area")

_BRACES = re.compile(r"\{([^{}\n]*)\}")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([^()\s]+)\)")
_BARE_LINK = re.compile(r"(?:https?|ftp|javascript|data|mailto):", re.IGNORECASE)
_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.~%?=&\-]*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wording in one language."""

    subject: str
    body: str
    short: str = ""
    """For people who are reached by text message alone; empty leaves them out."""


Texts = Mapping[Variant, Mapping[str, Text]]
"""By variant and language."""


@dataclass(frozen=True)
class Span:
    """Words that stand together: plain, or a link."""

    words: str
    link: int | None = None
    """The number of the link, from 1."""


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list with its items."""

    is_list: bool
    lines: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Body:
    """A body that was read."""

    blocks: tuple[Block, ...]
    targets: tuple[str, ...]
    """Where the links lead, the first is number 1."""


def read_texts(stored: Mapping[str, Any]) -> dict[Variant, dict[str, Text]]:
    """Texts as they stand in the database."""
    return {
        Variant(variant): {
            language: msgspec.convert(text, Text) for language, text in texts.items()
        }
        for variant, texts in stored.items()
    }


def write_texts(texts: Texts) -> dict[str, Any]:
    """Texts as the database keeps them."""
    return {
        variant.value: {language: msgspec.to_builtins(text) for language, text in row.items()}
        for variant, row in texts.items()
    }


def digest_texts(purpose: str, texts: Texts) -> str:
    """What makes two mailings say the same."""
    packed = msgspec.json.encode([purpose, write_texts(texts)], order="sorted")
    return hashlib.sha256(packed).hexdigest()


def check_texts(texts: Texts) -> None:
    """Hold all texts of a mailing to the format.

    Raises
    ------
    InvalidMailing
        Naming variant, language, part and line.
    """
    if Variant.A not in texts or not texts[Variant.A]:
        raise InvalidMailing("A mailing needs a text: write it in English, Spanish or both.")
    if Variant.B in texts and set(texts[Variant.B]) != set(texts[Variant.A]):
        raise InvalidMailing("Both variants of a comparison need the same languages.")
    if Variant.B in texts and texts[Variant.A] == texts[Variant.B]:
        raise InvalidMailing("The two variants say the same: there is nothing to compare.")
    for variant, row in texts.items():
        for language, text in row.items():
            if language not in LANGUAGES:
                raise InvalidMailing(f"{language!r} is no language that we write: use en or es.")
            where = f"the {LANGUAGES_IN_WORDS[language]} text"
            if Variant.B in texts:
                where += f" of version {variant.value.upper()}"
            _check_text(text, where)


def _check_text(text: Text, where: str) -> None:
    if not 1 <= len(text.subject.strip()) <= SUBJECT_LENGTH or "\n" in text.subject:
        raise InvalidMailing(
            f"The subject of {where} must be one line of 1 to {SUBJECT_LENGTH} characters."
        )
    for name, part, longest in (
        ("subject", text.subject, SUBJECT_LENGTH),
        ("body", text.body, BODY_LENGTH),
        ("text message", text.short, SHORT_LENGTH),
    ):
        if len(part) > longest:
            raise InvalidMailing(
                f"The {name} of {where} has {len(part)} characters, more than {longest}."
            )
        _check_characters(part, f"the {name} of {where}")
        _check_braces(part, f"the {name} of {where}")
    for name, part in (("subject", text.subject), ("text message", text.short)):
        if _LINK.search(part) or _BARE_LINK.search(part):
            raise InvalidMailing(f"The {name} of {where} cannot hold a link: put it in the body.")
    if not text.body.strip():
        raise InvalidMailing(f"The body of {where} is empty.")
    read_body(text.body, where)
    longest_short = fill(text.short, dict.fromkeys(PLACEHOLDERS, "x" * LONGEST_NAME))
    if count_segments(longest_short).count >= MAX_SEGMENTS:
        raise InvalidMailing(
            f"The text message of {where} is too long: with the words about STOP it would take "
            f"more than {MAX_SEGMENTS} segments. Shorten it."
        )


def read_body(body: str, where: str = "the text") -> Body:
    """Blocks and links of a body.

    Raises
    ------
    InvalidMailing
        Naming the line, when a link cannot be used.
    """
    blocks: list[Block] = []
    targets: list[str] = []
    gathered: list[tuple[Span, ...]] = []
    items = False

    def close() -> None:
        nonlocal items
        if gathered:
            lines = tuple(gathered) if items else (tuple(_join(gathered)),)
            blocks.append(Block(items, lines))
            gathered.clear()
        items = False

    for number, raw in enumerate(body.replace("\r\n", "\n").split("\n"), start=1):
        line = raw.strip()
        is_item = line.startswith("- ")
        if not line or (gathered and is_item is not items):
            close()
        if line:
            items = is_item
            words = line[2:].strip() if is_item else line
            gathered.append(tuple(_read_line(words, targets, f"line {number} of {where}")))
    close()
    if len(targets) > MAX_LINKS:
        raise InvalidMailing(f"{where[0].upper()}{where[1:]} has more than {MAX_LINKS} links.")
    if len(blocks) > MAX_BLOCKS:
        raise InvalidMailing(f"{where[0].upper()}{where[1:]} has more than {MAX_BLOCKS} blocks.")
    return Body(tuple(blocks), tuple(targets))


def fill(words: str, values: Mapping[str, str]) -> str:
    """Words with a person's values in the braces."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), words)


def fill_body(body: Body, values: Mapping[str, str]) -> Body:
    """A body with a person's values: they are words and never become a link."""
    blocks = tuple(
        Block(
            block.is_list,
            tuple(
                tuple(Span(fill(span.words, values), span.link) for span in line)
                for line in block.lines
            ),
        )
        for block in body.blocks
    )
    return Body(blocks, body.targets)


def show_plain(text: Text) -> str:
    """The body as a reader hears it: for judging how hard it is."""
    blocks = read_body(text.body).blocks
    return "\n\n".join(
        "\n".join("".join(span.words for span in line) for line in block.lines) for block in blocks
    )


def _join(lines: list[tuple[Span, ...]]) -> Iterator[Span]:
    for place, line in enumerate(lines):
        if place:
            yield Span(" ")
        yield from line


def _read_line(line: str, targets: list[str], where: str) -> Iterator[Span]:
    end = 0
    for found in _LINK.finditer(line):
        yield from _read_plain(line[end : found.start()], where)
        _check_target(found[2], where)
        if _BARE_LINK.search(found[1]):
            raise InvalidMailing(f"The words of a link in {where} must not look like an address.")
        targets.append(found[2])
        yield Span(found[1], len(targets))
        end = found.end()
    yield from _read_plain(line[end:], where)


def _read_plain(words: str, where: str) -> Iterator[Span]:
    if _BARE_LINK.search(words):
        raise InvalidMailing(
            f"Write the link in {where} as [words](https://...) or [words](/path)."
        )
    if words:
        yield Span(words)


def _check_target(target: str, where: str) -> None:
    """A link leads into the product or to an https address with a name, and nowhere else."""
    remedy = "links lead to /path in the product, or to https://name.example/path"
    if len(target) > URL_LENGTH or _BRACES.search(target):
        raise InvalidMailing(f"The link in {where} cannot be used: {remedy}.")
    if _PATH.fullmatch(target):
        return
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        raise InvalidMailing(f"The link in {where} cannot be used: {remedy}.") from None
    named = parts.hostname is not None and _HOST.fullmatch(parts.hostname) is not None
    plain = parts.username is None and parts.password is None and port is None
    if parts.scheme != "https" or not named or not plain or not target.isascii():
        raise InvalidMailing(f"The link in {where} cannot be used: {remedy}.")


def _check_characters(words: str, where: str) -> None:
    for character in words:
        if character not in "\n\r\t" and unicodedata.category(character) in ("Cc", "Cs", "Co"):
            raise InvalidMailing(f"There is a character in {where} that nobody can read.")
    if _TURNED.search(words):
        raise InvalidMailing(f"There are signs in {where} that turn the direction of writing.")


def _check_braces(words: str, where: str) -> None:
    for number, line in enumerate(words.split("\n"), start=1):
        for found in _BRACES.finditer(line):
            if found[1] not in PLACEHOLDERS:
                known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                raise InvalidMailing(
                    f"Line {number} of {where} has {found[0]!r} to be filled in; there are {known}."
                )
        if "{" in _BRACES.sub("", line) or "}" in _BRACES.sub("", line):
            raise InvalidMailing(f"Line {number} of {where} has a brace that is not closed.")
