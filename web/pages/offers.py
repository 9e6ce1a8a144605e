"""The page of an offer: a plan, what else is open now, yes, no, not today, pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from litestar import Response

from core.errors import InvalidInput
from matching.errors import OfferUnknown, VolunteerUnknown
from matching.models import Offer
from matching.offers.answering import decline_offer
from matching.offers.reading import HomeCard, OfferPage, read_offer_page
from matching.offers.replying import (
    Reply,
    accept_or_substitute,
    accept_plan,
    decline_plan,
    say_not_today,
    take_home,
)
from matching.offers.visit_repository import find_offer_of_person, find_volunteer_in_storm
from matching.volunteering.standing_back import pause_volunteer
from people.links import LinkTo, create_link
from web.pages.guards import field_id
from web.pages.links import Next, Visit
from web.pages.rendering import Reader, answer_page

LINK_LIFE = timedelta(days=14)
PAUSES = ("3", "7", "14", "30")


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


async def show_offer(visit: Visit) -> Response[str]:
    """What is open for the volunteer now."""
    page = await read_offer_page(
        visit.session, visit.actor, visit.link.subject_id, visit.reader.language, now=visit.now
    )
    instead = _find_instead(page, visit.instead)
    if instead is not None:
        page = _without(page, instead)
    return answer_page(
        "offers/offer.html",
        visit.reader,
        {
            "page": page,
            "said": visit.said,
            "instead": instead,
            "reasons": reasons_for_no(visit.reader),
        },
    )


async def answer_offer(visit: Visit, form: dict[str, str]) -> Next:
    """One button: yes to one or all, a home of the list, no, not today, pause."""
    do = form.get("do", "")
    if do == "yes":
        offer = await _own_offer(visit, form)
        reply = await accept_or_substitute(visit.session, visit.actor, offer.id, now=visit.now)
        return await _after_yes(visit, reply)
    if do == "yes_all":
        replies = await accept_plan(
            visit.session, visit.actor, visit.link.subject_id, now=visit.now
        )
        agreed = [reply for reply in replies if reply.work is not None]
        if len(agreed) == 1 or (agreed and len(agreed) == len(replies)):
            return await _after_yes(visit, agreed[0])
        return await _after_yes(visit, replies[0]) if replies else Next(visit.token, "closed")
    page = await read_offer_page(
        visit.session, visit.actor, visit.link.subject_id, visit.reader.language, now=visit.now
    )
    return await _other_answer(visit, form, page, do)


async def _other_answer(visit: Visit, form: dict[str, str], page: OfferPage, do: str) -> Next:
    session, actor, now = visit.session, visit.actor, visit.now
    if do == "take" and (request_id := field_id(form, "request_id")):
        reply = await take_home(session, actor, page.volunteer_id, request_id, now=now)
        return await _after_yes(visit, reply)
    if do == "no":
        reason = form.get("reason")
        known = {code for code, _ in reasons_for_no(visit.reader)}
        await decline_plan(
            session,
            actor,
            visit.link.subject_id,
            now=now,
            reason=reason if reason in known else None,
        )
        return Next(visit.token, "no")
    if do == "no_one":
        offer = await _own_offer(visit, form)
        await decline_offer(session, actor, offer.id, now=now)
        return Next(visit.token, "no")
    if do == "not_today":
        await say_not_today(session, actor, page.volunteer_id, now=now)
        return Next(visit.token, "not_today")
    if do == "pause":
        days = int(form["days"]) if form.get("days") in PAUSES else int(PAUSES[1])
        until = now + timedelta(days=days)
        await pause_volunteer(session, actor, page.volunteer_id, until=until, now=now)
        return Next(visit.token, "paused")
    if do == "open" and (assignment_id := field_id(form, "assignment_id")):
        for work in page.agreed:
            if work.assignment_id == assignment_id:
                return Next(await _visit_token(visit, assignment_id, work.ends_at))
    raise InvalidInput("This button is not known. Open the link in our message again.")


async def show_storm(visit: Visit) -> Response[str]:
    """Snow is coming: can you help?"""
    return answer_page("offers/storm.html", visit.reader, {"said": visit.said})


async def answer_storm(visit: Visit, form: dict[str, str]) -> Next:
    """Ask me, or not this time."""
    if form.get("do") == "not_today":
        storm_id = visit.link.subject_id
        volunteer = await find_volunteer_in_storm(visit.session, storm_id, visit.link.person_id)
        if volunteer is None:
            raise VolunteerUnknown("You do not take part here any more.")
        await say_not_today(
            visit.session, visit.actor, volunteer.id, now=visit.now, storm_id=storm_id
        )
        return Next(visit.token, "not_today")
    return Next(visit.token, "yes")


async def _after_yes(visit: Visit, reply: Reply) -> Next:
    if reply.work is not None:
        return Next(await _visit_token(visit, reply.work.id, reply.work.ends_at))
    instead = None if reply.substitute is None else reply.substitute.id
    return Next(visit.token, reply.outcome.value, instead)


async def _visit_token(visit: Visit, assignment_id: UUID, ends_at: datetime) -> str:
    link = LinkTo(
        action="visit",
        person_id=visit.link.person_id,
        subject_id=assignment_id,
        expires_at=max(visit.now, ends_at) + LINK_LIFE,
    )
    return await create_link(visit.session, link, now=visit.now)


async def _own_offer(visit: Visit, form: dict[str, str]) -> Offer:
    offer_id = field_id(form, "offer_id")
    offer = (
        None
        if offer_id is None
        else await find_offer_of_person(visit.session, offer_id, visit.link.person_id)
    )
    if offer is None:
        raise OfferUnknown("There is no such offer for you.")
    return offer


def _find_instead(page: OfferPage, offer_id: UUID | None) -> HomeCard | None:
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
