"""What the pages of campaigns, groups and events share: the town of an address, and who looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from uuid import UUID

from litestar.params import PathParameter

from core.errors import InvalidInput, NotFound, TalkootError
from core.i18n import SOURCE_LANGUAGE
from geo.open_cities import open_city
from people.errors import CommunityUnknown
from people.interests.repository import list_catalogue
from people.models import Community
from people.repository import find_community
from web.pages.desk import Answer, Call, ShowAgain

LONGEST_NUMBER: Final = 9

Slug = Annotated[str, PathParameter(max_length=64)]


@dataclass(frozen=True)
class Option:
    """One of several that may be chosen, with its words."""

    code: str
    words: str


async def go_to_town(call: Call, slug: str) -> Call:
    """The call, about the town of the address: its name and its clock.

    Raises
    ------
    CommunityUnknown
        When there is none with this short name.
    """
    if call.place is not None and call.place.slug == slug:
        return call
    town = await find_community(call.session, slug)
    if town is None:
        raise CommunityUnknown("There is no such community.")
    reader = replace(call.reader, time_zone=town.time_zone, community_name=town.name)
    return replace(call, place=town, reader=reader)


def show(call: Call, name: str, values: dict[str, Any]) -> Answer:
    """A page that everybody may see: with buttons for who is signed in, without for others."""
    town = call.place
    shared = values | {
        "is_signed_in": call.actor.person_id is not None,
        "belongs": town is not None and bool(call.actor.roles.get(town.id)),
        "town_name": "" if town is None else town.name,
    }
    if call.actor.person_id is None:
        return call.show_public(name, shared | {"csrf": ""})
    return call.show(name, shared)


def show_again(call: Call, name: str, values: dict[str, Any], errors: dict[str, str]) -> ShowAgain:
    """The same page with what is to be changed, to be raised."""
    shared = {"is_signed_in": True, "belongs": True, "town_name": call.town.name}
    return call.show_again(name, values | shared | {"errors": errors})


async def list_topics(call: Call) -> list[Option]:
    """The topics of the town, in the reader's language, by their words."""
    rows = await list_catalogue(call.session, call.town.id)
    spanish = call.reader.language == "es"
    found = [Option(row.code, (row.label_es if spanish else None) or row.label) for row in rows]
    return sorted(found, key=lambda one: one.words.casefold())


async def list_areas(town: Community) -> list[str]:
    """The neighborhoods of the town's city."""
    return await asyncio.to_thread(_read_areas, town.city_pack)


def _read_areas(city_pack: str) -> list[str]:
    return sorted(open_city(city_pack).pack.areas.names)


def list_languages(call: Call) -> list[Option]:
    """Languages that people speak here, with the name that each has itself."""
    _ = call.reader.translator.gettext
    return [
        Option("en", "English"),
        Option("es", "Español"),
        Option("pt", "Português"),
        Option("ht", "Kreyòl ayisyen"),
        Option("zh", "中文"),
        Option("am", "አማርኛ"),
        Option("bn", "বাংলা"),
        Option("ar", "العربية"),
        Option("fr", "Français"),
    ]


def name_languages(call: Call, codes: list[str]) -> str:
    """Languages as people say them."""
    known = {one.code: one.words for one in list_languages(call)}
    return ", ".join(known.get(code, code) for code in codes)


def read_number(text: str) -> float | None:
    """A number as people type it; None for anything else."""
    plain = text.strip().replace(",", ".")
    if not plain or len(plain) > LONGEST_NUMBER or not plain.replace(".", "", 1).isdecimal():
        return None
    return float(plain)


def say_refusal(call: Call, error: TalkootError, words: dict[str, str]) -> str:
    """Why something was not taken, by the error's code; the error's own words in English."""
    known = words.get(error.code)
    if known is not None:
        return known
    if call.reader.language == SOURCE_LANGUAGE:
        return str(error)
    return call.reader.translator.gettext(
        "This did not work. Look at what you wrote and try again."
    )


def must_find(row: Any, error: type[NotFound], what: str) -> Any:
    """A row that is there for the one who asks."""
    if row is None:
        raise error(f"There is no such {what}, or it is not for you.")
    return row


def field_id(form: dict[str, str], name: str) -> UUID:
    """The id in a hidden field of a form of ours.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    try:
        return UUID(form.get(name, ""))
    except ValueError:
        raise InvalidInput("This button is not known. Open the page again.") from None
