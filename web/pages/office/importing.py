"""Lists from a spreadsheet: how they come in, and what their lines are checked against.

The file is not kept here. The page of the check carries it, packed, to the button that takes it
over, and there everything is checked once more.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from litestar.datastructures import UploadFile

from core.errors import InvalidInput
from matching.imports.country import phone_region_of
from matching.imports.rows import FileRules
from people.models import Community
from people.repository import list_abilities, read_rules_at
from web.pages.desk import Call
from web.pages.guards import AnyRequest

MAX_BYTES = 2_000_000
MAX_LINES = 10_000
MAX_PACKED = 3_000_000
ENVELOPE_BYTES = 64 * 1024
"""What a form may add around the file."""


class ListKind(StrEnum):
    """What the lines of a list are, as the form says it."""

    VOLUNTEERS = "volunteers"
    RESIDENTS = "residents"
    RECYCLING = "recycling"


class NoFile(InvalidInput):
    """It is no list that can be read. Its words are for the reader of the page."""

    code = "no_file"


class NotChosen(NoFile):
    """Nothing was chosen, or it is gone."""


class TooLarge(NoFile):
    """More than a page takes at once."""


async def read_bytes(request: AnyRequest) -> bytes:
    """The file of a form.

    Raises
    ------
    NotChosen, TooLarge
        When there is none, or one that is too large for a page.
    """
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile):
        raise NotChosen("Choose a file first.")
    data = await given.read(MAX_BYTES + 1)
    if not data:
        raise NotChosen("Choose a file first.")
    if len(data) > MAX_BYTES:
        raise TooLarge("The file is larger than 2 MB.")
    return data


async def unpack(request: AnyRequest) -> bytes:
    """The file that the page of a check carried.

    Raises
    ------
    NotChosen
        When it is gone or was changed on its way.
    """
    text = (await request.form()).get("packed", "")
    try:
        packed = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        opener = zlib.decompressobj()
        data = opener.decompress(packed, MAX_BYTES)
    except (binascii.Error, zlib.error, ValueError):
        raise NotChosen("Choose the file again.") from None
    if not data or opener.unconsumed_tail:
        raise NotChosen("Choose the file again.")
    return data


def pack(data: bytes) -> str:
    """A file so that a form can carry it."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


@dataclass(frozen=True)
class Ground:
    """What the lines of a file are checked against."""

    city_pack: str
    anonymity_k: int
    rules: FileRules
    abilities: frozenset[str]


async def read_ground(call: Call) -> Ground:
    """What the town of a call knows."""
    town = call.town
    rules = await read_rules_at(call.session, town.id, call.now)
    known = await list_abilities(call.session, town.id)
    zone = town.time_zone
    return Ground(
        town.city_pack,
        rules.anonymity_k,
        FileRules(zone=ZoneInfo(zone), phone_region=phone_region_of(zone), rules=rules),
        frozenset(row.code for row in known),
    )


@dataclass(frozen=True)
class Sent:
    """A list as it came, and the town that it is for."""

    kind: ListKind
    data: bytes
    town: Community
    ground: Ground
