"""What somebody who writes a text may mean: their offers, their visits, their requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.db import Session
from core.sentences import Sentences
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers import visit_repository as repository
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS, TAKEABLE_OFFERS
from matching.telling.repository import load_stop
from matching.telling.values import SHORT_JOBS, SHORT_NAME, fold_for_text, shorten
from messaging.commands import TextCommand, fold, is_common_word
from messaging.inbound import Conversation
from people.auth import Actor

WORDS = Sentences("matching.offers", "answer_words.json")
MAX_CHOICES = 4
RUNNING_REQUESTS = (
    RequestStatus.SUBMITTED,
    RequestStatus.NEEDS_REVIEW,
    *OPEN_REQUESTS,
    RequestStatus.ACCEPTED,
    RequestStatus.IN_PROGRESS,
    RequestStatus.DONE,
)
_STATES = {
    RequestStatus.SUBMITTED: "state_review",
    RequestStatus.NEEDS_REVIEW: "state_review",
    RequestStatus.OPEN: "state_waiting",
    RequestStatus.OFFERED: "state_waiting",
    RequestStatus.ACCEPTED: "state_agreed",
    RequestStatus.IN_PROGRESS: "state_on_the_way",
    RequestStatus.DONE: "state_done",
}


@dataclass(frozen=True)
class Sender:
    """Everybody who is reached at the number, and what they offer."""

    session: Session
    talk: Conversation
    volunteers: tuple[Volunteer, ...]

    @property
    def volunteer_ids(self) -> list[UUID]:
        """By id."""
        return [volunteer.id for volunteer in self.volunteers]

    def say(self, code: str, /, **values: object) -> str:
        """A sentence in the sender's language, in letters that a text message holds most of."""
        return fold_for_text(WORDS.say(code, self.talk.language, **values))

    def actor_of(self, volunteer_id: UUID) -> Actor:
        """The person behind a volunteer."""
        return next(
            Actor(person_id=row.person_id) for row in self.volunteers if row.id == volunteer_id
        )

    async def live_offers(self) -> list[Offer]:
        """What waits for an answer; what went silent too, when nothing newer waits."""
        sent = await self._offers(OfferStatus.SENT)
        return sent or await self._offers(OfferStatus.EXPIRED)

    async def _offers(self, status: OfferStatus) -> list[Offer]:
        rows = await repository.list_offers(self.session, self.volunteer_ids, (status,))
        waiting = []
        for offer in rows:
            request = await self.session.get(HelpRequest, offer.request_id)
            if request is not None and request.status in OPEN_REQUESTS:
                waiting.append(offer)
        return sorted(waiting, key=lambda row: (row.position, row.id))

    async def held_work(self) -> list[Assignment]:
        """Visits that are agreed and not over."""
        return await repository.list_work(self.session, self.volunteer_ids, HELD_ASSIGNMENTS)

    async def done_work(self) -> list[Assignment]:
        """Visits that were reported as done."""
        return await repository.list_work(
            self.session, self.volunteer_ids, (AssignmentStatus.DONE,)
        )

    async def requests(
        self, statuses: Sequence[RequestStatus] = RUNNING_REQUESTS
    ) -> list[HelpRequest]:
        """What these people have asked for themselves."""
        return await repository.list_requests_of(self.session, list(self.talk.person_ids), statuses)

    async def tell_offers(self, offers: Sequence[Offer]) -> str:
        """Codes with what they stand for, as much as may be told before a yes."""
        parts = [f"{row.code} ({await self.tell_home(row)})" for row in offers[:MAX_CHOICES]]
        return ", ".join(parts)

    async def tell_home(self, offer: Offer) -> str:
        """Area and minutes of a home."""
        values = await self.home_values(offer)
        return f"{values['area']}, {values['way']}"

    async def home_values(self, offer: Offer) -> dict[str, str]:
        """Job, area and way of a home before a yes."""
        request = await self.session.get_one(HelpRequest, offer.request_id)
        stop = await load_stop(self.session, request, offer.volunteer_id, offer.ask_id)
        language = "es" if self.talk.language == "es" else "en"
        return {
            "job": SHORT_JOBS[language][request.kind.value],
            "area": self.say("near") if stop.area is None else shorten(stop.area, SHORT_NAME),
            "way": self.say(stop.bucket or "near"),
        }

    async def tell_requests(self, requests: Sequence[HelpRequest]) -> str:
        """Where each request stands."""
        return " ".join(
            self.say(
                "status_request",
                code=row.reference,
                state=self.say(_STATES[row.status], code=row.reference),
            )
            for row in requests[:MAX_CHOICES]
        )


async def read_sender(session: Session, talk: Conversation) -> Sender:
    """Who may have written a text."""
    volunteers = await repository.list_volunteers_of(session, talk.person_ids)
    return Sender(session, talk, tuple(volunteers))


@dataclass(frozen=True)
class Meant:
    """What the codes of a text stand for."""

    offers: tuple[Offer, ...] = ()
    requests: tuple[HelpRequest, ...] = ()
    unknown: tuple[str, ...] = ()
    shared: str | None = None
    """A code that two people of one number both have, and no name says whose is meant."""
    names: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether no code was given at all."""
        return not (self.offers or self.requests or self.unknown or self.shared)


async def look_up_codes(sender: Sender, command: TextCommand) -> Meant:
    """Find what each code stands for: the newest offer that one of these people knows by it."""
    offers: list[Offer] = []
    requests: list[HelpRequest] = []
    unknown: list[str] = []
    for code in command.codes:
        found = await _newest_by_person(sender, code)
        if len(found) > 1:
            names = {row.volunteer_id: await _name_of(sender, row) for row in found}
            said = fold(command.text).split()
            named = [row for row in found if fold(names[row.volunteer_id]) in said]
            if len(named) != 1:
                return Meant(shared=code, names=tuple(sorted(names.values())))
            found = named
        own = [row for row in await sender.requests() if row.reference == code]
        offers += found
        requests += own
        if not found and not own and not is_common_word(code):
            unknown.append(code)
    return Meant(tuple(offers), tuple(requests), tuple(unknown))


async def _newest_by_person(sender: Sender, code: str) -> list[Offer]:
    rows = await repository.list_offers_with_code(sender.session, sender.volunteer_ids, code)
    newest: dict[UUID, Offer] = {}
    for row in rows:
        known = newest.setdefault(row.volunteer_id, row)
        if known.status not in TAKEABLE_OFFERS and row.status in TAKEABLE_OFFERS:
            newest[row.volunteer_id] = row
    answerable = [row for row in newest.values() if row.status in TAKEABLE_OFFERS]
    return answerable or list(newest.values())


async def _name_of(sender: Sender, offer: Offer) -> str:
    person_id = sender.actor_of(offer.volunteer_id).person_id
    assert person_id is not None
    return await repository.find_call_name(sender.session, person_id) or offer.code
