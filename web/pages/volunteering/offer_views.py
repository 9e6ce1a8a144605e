"""What the page of an offer shows before the decision: the facts in words, and why you."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core.db import Session
from geo.blurred_travel import TimeBucket
from matching.offers.open_offers import NEAR
from matching.offers.reading import HomeCard, OfferPage
from matching.volunteering import listing_repository
from people.auth import Actor
from web.pages.design.maps import Drawing
from web.pages.rendering import Reader
from web.pages.volunteering import words
from web.pages.volunteering.answering import Asked, reasons_for_no
from web.pages.volunteering.pictures import Ground, draw_somewhere, open_map

MOST_MAPS = 3


@dataclass(frozen=True)
class Offering:
    """What the volunteer has told us that bears on an offer."""

    tools: frozenset[str]
    languages: tuple[str, ...]
    minutes: int
    cell: int | None


@dataclass(frozen=True)
class CardFacts:
    """What stands on a card beside job, way and time."""

    bring: str
    language: str
    picture: Drawing | None = None


@dataclass(frozen=True)
class OfferView:
    """A whole page of an offer."""

    page: OfferPage
    instead: HomeCard | None
    facts: dict[UUID, CardFacts]
    why: tuple[str, ...]
    asks_why: bool = True
    """Whether a no may be explained: nobody waits for an answer about a home of the list."""


async def read_offering(session: Session, actor: Actor, volunteer_id: UUID) -> Offering:
    """Tools, languages and reach of a volunteer."""
    keys = [volunteer_id]
    rows = await listing_repository.load_volunteers(session, actor, keys)
    able = await listing_repository.load_abilities(session, actor, keys)
    spoken = await listing_repository.load_languages(session, actor, keys)
    row = rows.get(volunteer_id)
    return Offering(
        tools=frozenset(one.code for one in able.get(volunteer_id, [])),
        languages=tuple(spoken.get(volunteer_id, [])),
        minutes=0 if row is None else row.max_travel_s // 60,
        cell=None if row is None else row.home.cell,
    )


async def read_offer_view(asked: Asked, reader: Reader, instead_id: UUID | None) -> OfferView:
    """Everything that the page shows. Three maps at most: a plan has no more homes."""
    page = await asked.read()
    instead = find_instead(page, instead_id)
    if instead is not None:
        page = _without(page, instead)
    offering = await read_offering(asked.session, asked.actor, page.volunteer_id)
    cards = [instead] if instead is not None else list(page.plan)
    ground = await open_map(asked.session, asked.actor, page.community_id, asked.now)
    facts = {
        card.request_id: await _describe(card, offering, ground, reader, number)
        for number, card in enumerate(cards[:MOST_MAPS])
    }
    why = say_why(page, cards, offering, reader)
    return OfferView(page, instead, facts, why, asked.ask_id is not None)


def offer_values(view: OfferView, reader: Reader) -> dict[str, Any]:
    """The values of the template."""
    return {
        "page": view.page,
        "instead": view.instead,
        "facts": view.facts,
        "why": view.why,
        "asks_why": view.asks_why,
        "reasons": reasons_for_no(reader),
    }


async def _describe(
    card: HomeCard, offering: Offering, ground: Ground | None, reader: Reader, number: int
) -> CardFacts:
    picture = None
    if ground is not None:
        start = ground.middle(offering.cell)
        picture = await draw_somewhere(ground, card.cell, start, reader, f"home-{number + 1}")
    return CardFacts(say_bring(card, offering, reader), say_speech(card, offering, reader), picture)


def say_bring(card: HomeCard, offering: Offering, reader: Reader) -> str:
    """What to carry before the yes; empty when hands are enough."""
    _, known = reader.translator.gettext, words.say_abilities(reader)
    own = [words.say_ability(code, known) for code in card.brings if code in offering.tools]
    lent = [words.say_ability(code, known) for code in card.brings if code not in offering.tools]
    parts = []
    if own:
        parts.append(_("What you have: %(things)s.", things=words.join_words(own, reader)))
    if lent:
        parts.append(
            _("We lend you %(things)s after your yes.", things=words.join_words(lent, reader))
        )
    return " ".join(parts)


def say_speech(card: HomeCard, offering: Offering, reader: Reader) -> str:
    """What is spoken there; empty when nobody asked for a language."""
    if not card.languages:
        return ""
    _ = reader.translator.gettext
    names = words.join_words((words.say_language(one, reader) for one in card.languages), reader)
    names = names[:1].upper() + names[1:]
    if set(card.languages) & set(offering.languages):
        return _("%(languages)s. You told us that you speak it.", languages=names)
    return f"{names}."


def say_why(
    page: OfferPage, cards: Sequence[HomeCard], offering: Offering, reader: Reader
) -> tuple[str, ...]:
    """Why this volunteer is asked, in the words of what they told us."""
    _ = reader.translator.gettext
    found = []
    if any(TimeBucket(card.bucket) in NEAR for card in cards):
        found.append(_("It is less than 10 minutes away from you."))
    found.append(_("It fits into the time that you gave us."))
    if offering.minutes:
        reach = words.say_reach(page.mode, offering.minutes, reader)
        found.append(_("You said: %(reach)s.", reach=reach))
    if any(card.urgent for card in cards):
        found.append(_("It comes before others, and you can reach it."))
    return tuple(found)


def find_instead(page: OfferPage, offer_id: UUID | None) -> HomeCard | None:
    """The home that is put forward instead of one that is gone."""
    if offer_id is None:
        return None
    cards = (*page.plan, *page.others)
    return next((card for card in cards if card.offer_id == offer_id), None)


def _without(page: OfferPage, card: HomeCard) -> OfferPage:
    return replace(
        page,
        plan=tuple(row for row in page.plan if row != card),
        others=tuple(row for row in page.others if row != card),
    )
