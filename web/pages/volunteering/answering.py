"""Buttons of an offer, wherever its page is opened from: a secret link, or signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import InvalidInput
from matching.errors import OfferUnknown
from matching.models import Offer
from matching.offers.answering import decline_offer
from matching.offers.reading import OfferPage, read_home_page, read_offer_page
from matching.offers.replying import (
    Reply,
    accept_or_substitute,
    accept_plan,
    decline_plan,
    say_not_today,
    say_why_not,
    take_home,
)
from matching.offers.visit_repository import find_offer_of_person
from matching.volunteering.standing_back import pause_volunteer
from people.auth import Actor
from web.pages.guards import field_id
from web.pages.rendering import Reader

PAUSES = ("3", "7", "14", "30")
USUAL_PAUSE = "7"


@dataclass(frozen=True)
class Asked:
    """Whom a page of offers is for: a message with a plan, or one home of the list."""

    session: Session
    actor: Actor
    person_id: UUID
    language: str
    now: datetime
    ask_id: UUID | None = None
    volunteer_id: UUID | None = None
    request_id: UUID | None = None

    async def read(self) -> OfferPage:
        """What is open now."""
        if self.ask_id is not None:
            return await read_offer_page(
                self.session, self.actor, self.ask_id, self.language, now=self.now
            )
        if self.request_id is None or self.volunteer_id is None:
            raise OfferUnknown("There is no such offer for you.")
        return await read_home_page(
            self.session,
            self.actor,
            self.request_id,
            self.language,
            volunteer_id=self.volunteer_id,
            now=self.now,
        )


@dataclass(frozen=True)
class Came:
    """What came of a button: a visit to go to, or something to say on the page."""

    said: str = ""
    instead: UUID | None = None
    """The offer that is put forward instead of one that is gone."""
    visit_id: UUID | None = None
    visit_ends_at: datetime | None = None


def reasons_for_no(reader: Reader) -> list[tuple[str, str]]:
    """What may be the matter, as a code word and in words."""
    _ = reader.translator.gettext
    return [
        ("no_time", _("I have no time then")),
        ("too_far", _("It is too far")),
        ("too_heavy", _("It is too much work for me")),
        ("not_well", _("I am not well")),
        ("other", _("Something else")),
    ]


async def answer(asked: Asked, form: dict[str, str], reader: Reader) -> Came:
    """One button: yes to one or all, a home of the list, no, not today, pause."""
    do, session, actor, now = form.get("do", ""), asked.session, asked.actor, asked.now
    if do == "yes":
        offer = await _own_offer(asked, form)
        return _after(await accept_or_substitute(session, actor, offer.id, now=now))
    if do == "yes_all" and asked.ask_id is not None:
        replies = await accept_plan(session, actor, asked.ask_id, now=now)
        agreed = [reply for reply in replies if reply.work is not None]
        if len(agreed) == 1 or (agreed and len(agreed) == len(replies)):
            return _after(agreed[0])
        return _after(replies[0]) if replies else Came("closed")
    if do == "no_one":
        offer = await _own_offer(asked, form)
        await decline_offer(session, actor, offer.id, now=now)
        return Came("no")
    if do in ("no", "why"):
        return await _say_no(asked, form, reader)
    return await _other_answer(asked, form, do)


async def _say_no(asked: Asked, form: dict[str, str], reader: Reader) -> Came:
    given = form.get("reason")
    reason = given if given in {code for code, _ in reasons_for_no(reader)} else None
    if asked.ask_id is None:
        return Came("no")  # a home of the list: nobody waits for an answer
    if form.get("do") == "why":
        if reason is not None:
            await say_why_not(
                asked.session, asked.actor, asked.ask_id, now=asked.now, reason=reason
            )
        return Came("why")
    await decline_plan(asked.session, asked.actor, asked.ask_id, now=asked.now, reason=reason)
    return Came("no" if reason is None else "why")


async def _other_answer(asked: Asked, form: dict[str, str], do: str) -> Came:
    session, actor, now = asked.session, asked.actor, asked.now
    page = await asked.read()
    if do == "take" and (request_id := field_id(form, "request_id")):
        return _after(await take_home(session, actor, page.volunteer_id, request_id, now=now))
    if do == "not_today":
        await say_not_today(session, actor, page.volunteer_id, now=now)
        return Came("not_today")
    if do == "pause":
        await pause_volunteer(
            session, actor, page.volunteer_id, until=pause_end(form, now), now=now
        )
        return Came("paused")
    if do == "open" and (assignment_id := field_id(form, "assignment_id")):
        for work in page.agreed:
            if work.assignment_id == assignment_id:
                return Came(visit_id=assignment_id, visit_ends_at=work.ends_at)
    raise InvalidInput("This button is not known. Open the page again.")


def pause_end(form: dict[str, str], now: datetime) -> datetime:
    """When a pause of so many days is over."""
    days = form.get("days", "")
    return now + timedelta(days=int(days if days in PAUSES else USUAL_PAUSE))


def _after(reply: Reply) -> Came:
    if reply.work is not None:
        return Came(visit_id=reply.work.id, visit_ends_at=reply.work.ends_at)
    instead = None if reply.substitute is None else reply.substitute.id
    return Came(reply.outcome.value, instead)


async def _own_offer(asked: Asked, form: dict[str, str]) -> Offer:
    offer_id = field_id(form, "offer_id")
    offer = (
        None
        if offer_id is None
        else await find_offer_of_person(asked.session, offer_id, asked.person_id)
    )
    if offer is None:
        raise OfferUnknown("There is no such offer for you.")
    return offer
