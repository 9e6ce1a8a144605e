"""The work of a made-up town: a storm, its round, requests, offers, visits, conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_records import TownRecords
from api.demo.town_rounds import TownRounds
from api.demo.town_rows import TownRows
from core.ids import new_codes, new_id
from matching.intake.kinds import Cadence, ContactChoice, IntakeChannel, StandingStatus, Verdict
from matching.intake.models import RequestAccess, RequestDetails, StandingRequest
from matching.kinds import (
    AskAnswer,
    AskOrigin,
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestKind,
    RequestStatus,
    StormStatus,
)
from matching.models import (
    REFERENCE_LENGTH,
    Assignment,
    HelpRequest,
    Offer,
    RequestNeed,
    RequestWindow,
    Storm,
)
from matching.offers.models import Ask, AskedHome, VolunteerReach
from matching.rounds.lifecycle import pick_code

SCOPE = ["sidewalk"]
RULES_VERSION = "demo-1"
BUCKETS = ("under_5_min", "5_to_10_min", "10_to_15_min", "15_to_30_min")
HOUR = timedelta(hours=1)
SHOWN_HOMES = 3


@dataclass
class TownWork:
    """Adds the work of one town; the ids of what it added."""

    rows: TownRows
    people: TownPeople
    now: datetime
    storm_ids: list[UUID] = field(default_factory=list)
    round_ids: list[UUID] = field(default_factory=list)
    round_job_ids: list[UUID] = field(default_factory=list)
    request_ids: list[UUID] = field(default_factory=list)
    standing_ids: list[UUID] = field(default_factory=list)
    ask_ids: list[UUID] = field(default_factory=list)
    offer_ids: list[UUID] = field(default_factory=list)
    assignment_ids: list[UUID] = field(default_factory=list)
    thread_ids: list[UUID] = field(default_factory=list)
    message_ids: list[UUID] = field(default_factory=list)
    codes: dict[UUID, set[str]] = field(default_factory=dict)

    @property
    def community_id(self) -> UUID:
        """Whose work it is."""
        return self.people.community.id

    @property
    def scale(self) -> int:
        """How many of each."""
        return self.people.scale

    def add_all(self) -> None:
        """Everything, each part with the ids of the one before."""
        records = TownRecords(self.rows, self.people, self.now)
        self._add_storms()
        rounds = TownRounds(self.rows, self.people, self.now)
        self.round_ids = rounds.add_rounds(self.storm_ids[-1])
        self.round_job_ids = rounds.add_jobs(self.round_ids)
        rounds.add_prices(self.round_ids[-1], self.people.areas)
        self._add_requests()
        self._add_standing()
        self._add_asks()
        self._add_offers()
        self._add_visits()
        records.add_weather()
        records.add_reasons(self.round_ids[-1], self.open_ids)
        self.thread_ids = records.add_threads(self.assignment_ids[: self.scale])
        self.message_ids = records.add_messages(self.storm_ids[-1], self.ask_ids)
        records.add_events("storm", self.storm_ids, "storm.active")
        records.add_events("request", self.request_ids, "request.open")
        records.add_events(
            "household",
            self.people.household_ids[: self.scale],
            "address.released",
            actor_id=self.people.volunteer_person_ids[0],
        )
        records.add_events("offer", self.offer_ids, "offer.sent")
        records.add_events("round", self.round_ids, "round.finished")
        records.add_events("assignment", self.assignment_ids, "assignment.accepted")

    @property
    def offered_ids(self) -> list[UUID]:
        """Requests that wait for an answer."""
        return self.request_ids[: self.scale]

    @property
    def accepted_ids(self) -> list[UUID]:
        """Requests with an agreed visit."""
        return self.request_ids[self.scale : 2 * self.scale]

    @property
    def open_ids(self) -> list[UUID]:
        """Requests that nobody was found for."""
        return self.request_ids[2 * self.scale : 3 * self.scale]

    @property
    def confirmed_ids(self) -> list[UUID]:
        """Requests whose residents said thank you."""
        return self.request_ids[3 * self.scale : 4 * self.scale]

    def _add_storms(self) -> None:
        for number in range(self.scale):
            last = number == self.scale - 1
            began_at = self.now - timedelta(days=3 * (self.scale - 1 - number), hours=6)
            row = Storm(
                id=new_id(),
                community_id=self.community_id,
                status=StormStatus.ACTIVE if last else StormStatus.CLOSED,
                depth_cm=12.0,
                snow_ended_at=began_at + 3 * HOUR,
                deadline_at=began_at + 24 * HOUR,
                created_at=began_at,
                opened_at=began_at + HOUR,
                since_at=began_at + HOUR,
                closed_at=None if last else began_at + 30 * HOUR,
                noticed_at=began_at + HOUR,
            )
            self.rows.add(row)
            self.storm_ids.append(row.id)

    def _add_requests(self) -> None:
        """Five kinds; those that nobody was found for are all of the first resident."""
        kinds = (
            (RequestStatus.OFFERED, 2, 0),
            (RequestStatus.ACCEPTED, 1, 1),
            (RequestStatus.OPEN, 1, 0),
            (RequestStatus.CONFIRMED, 1, 1),
            (RequestStatus.NEEDS_REVIEW, 1, 0),
        )
        references = new_codes(len(kinds) * self.scale, REFERENCE_LENGTH)
        for status, crew_size, seats_taken in kinds:
            for number in range(self.scale):
                self._add_request(references.pop(), status, crew_size, seats_taken, number)

    def _add_request(
        self, reference: str, status: RequestStatus, crew_size: int, seats_taken: int, number: int
    ) -> None:
        owner = 0 if status is RequestStatus.OPEN else number
        made_at = self.now - timedelta(hours=5, minutes=number)
        row = HelpRequest(
            id=new_id(),
            community_id=self.community_id,
            reference=reference,
            kind=RequestKind.SNOW,
            resident_id=self.people.resident_ids[owner],
            household_id=self.people.household_ids[owner],
            storm_id=self.storm_ids[-1],
            status=status,
            weight=(1.0, 2.0, 4.0)[number % 3],
            service_s=1_800,
            crew_size=crew_size,
            seats_taken=seats_taken,
            scope=SCOPE,
            deadline_at=self.now + 6 * HOUR,
            created_at=made_at,
            updated_at=made_at,
            windows=[
                RequestWindow(opens_at=self.now - 4 * HOUR, closes_at=self.now + 6 * HOUR),
            ],
            needs=[RequestNeed(ability_id=self.people.ability_ids[0])],
        )
        self.rows.add(row)
        self.request_ids.append(row.id)
        self.rows.add(
            RequestDetails(
                request_id=row.id,
                channel=(IntakeChannel.WEB, IntakeChannel.PHONE)[number % 2],
                taken_by_id=None if number % 2 == 0 else self.people.coordinator_id,
                verdict=Verdict.ELIGIBLE,
                verdict_version=RULES_VERSION,
                verdict_reasons=[],
                review_reasons=["no_consent"] if status is RequestStatus.NEEDS_REVIEW else [],
            )
        )
        self.rows.add(
            RequestAccess(
                request_id=row.id,
                access_notes=f"The {self.people.community.slug} shovel stands by the door.",
                contact_choice=ContactChoice.PLATFORM,
            )
        )

    def _add_standing(self) -> None:
        for status in (StandingStatus.ACTIVE, StandingStatus.NEEDS_REVIEW):
            for number in range(self.scale):
                self._add_wish(number, status)

    def _add_wish(self, number: int, status: StandingStatus) -> None:
        waits = status is StandingStatus.NEEDS_REVIEW
        # As old as the requests that wait: the queue holds both on each page.
        made_at = self.now - timedelta(hours=5, minutes=number) if waits else self.people.since
        row = StandingRequest(
            id=new_id(),
            community_id=self.community_id,
            resident_id=self.people.resident_ids[number],
            household_id=self.people.household_ids[number],
            kind=RequestKind.SNOW,
            cadence=Cadence.EVERY_SNOWFALL,
            status=status,
            valid_from=self.people.since.date(),
            valid_until=(self.now + timedelta(days=90)).date(),
            scope=SCOPE,
            needs=["shovel"],
            languages=[],
            service_s=1_800,
            weight=1.0,
            crew_size=1,
            channel=IntakeChannel.WEB,
            verdict=Verdict.ELIGIBLE,
            verdict_version=RULES_VERSION,
            verdict_reasons=[],
            review_reasons=["no_consent"] if waits else [],
            created_at=made_at,
            updated_at=made_at,
        )
        self.rows.add(row)
        self.standing_ids.append(row.id)

    def _add_asks(self) -> None:
        """Each volunteer was asked once with three homes, the first one with all of them."""
        offered = self.offered_ids
        for number, volunteer_id in enumerate(self.people.volunteer_ids):
            ask = self._add_ask(volunteer_id, AskStatus.SENT, f"demo:live:{volunteer_id}")
            self.ask_ids.append(ask.id)
            many = self.scale if number == 0 else min(SHOWN_HOMES, self.scale)
            shown = [offered[(number + step) % self.scale] for step in range(many)]
            for position, request_id in enumerate(shown):
                self.rows.add(
                    AskedHome(
                        ask_id=ask.id,
                        request_id=request_id,
                        position=position,
                        in_plan=number == 0 or position == 0,
                        accept_p=0.5,
                        travel_s=240 + 60 * (position % 4),
                        travel_m=300 + 80 * (position % 4),
                        travel_bucket=BUCKETS[position % len(BUCKETS)],
                        radius_share=0.3,
                    )
                )
            self.rows.add(
                VolunteerReach(
                    volunteer_id=volunteer_id,
                    measured_at=self.now - timedelta(minutes=12),
                    homes={
                        key.hex: [240, 300, BUCKETS[place % len(BUCKETS)], 0.5, 1.0]
                        for place, key in enumerate(shown)
                    },
                )
            )

    def _add_ask(self, volunteer_id: UUID, status: AskStatus, key: str) -> Ask:
        answered = status is AskStatus.ANSWERED
        sent_at = self.now - (3 * HOUR if answered else timedelta(minutes=10))
        row = Ask(
            id=new_id(),
            community_id=self.community_id,
            storm_id=self.storm_ids[-1],
            round_id=self.round_ids[-1],
            volunteer_id=volunteer_id,
            key=key,
            origin=AskOrigin.WAVE,
            status=status,
            plan_p=0.5,
            willingness=0.5,
            life_s=5_400,
            proposed_at=sent_at,
            sent_at=sent_at,
            silent_after_at=sent_at + timedelta(minutes=90),
            answer=AskAnswer.YES if answered else None,
            answered_at=sent_at + timedelta(minutes=9) if answered else None,
            answer_delay_s=540.0 if answered else None,
        )
        self.rows.add(row)
        return row

    def _add_offers(self) -> None:
        """One to each volunteer, and one for each further home to the first volunteer."""
        volunteers, asks = self.people.volunteer_ids, self.ask_ids
        for number, request_id in enumerate(self.offered_ids):
            self._add_offer(request_id, volunteers[number], asks[number], OfferStatus.SENT)
        for request_id in self.offered_ids[1:]:
            self._add_offer(request_id, volunteers[0], asks[0], OfferStatus.SENT)

    def _add_offer(
        self, request_id: UUID, volunteer_id: UUID, ask_id: UUID | None, status: OfferStatus
    ) -> Offer:
        taken = status is OfferStatus.ACCEPTED
        codes = self.codes.setdefault(volunteer_id, set())
        code = pick_code(codes)
        codes.add(code)
        position = len(codes) - 1
        starts_at = self.now + HOUR + timedelta(minutes=40 * (position % 6))
        row = Offer(
            id=new_id(),
            community_id=self.community_id,
            round_id=self.round_ids[-1],
            ask_id=ask_id,
            request_id=request_id,
            volunteer_id=volunteer_id,
            status=status,
            code=code,
            position=position,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            accept_p=0.5,
            shown=[str(request_id)],
            proposed_at=self.now - timedelta(minutes=12),
            sent_at=self.now - timedelta(minutes=10),
            answered_at=self.now - timedelta(minutes=2) if taken else None,
            answer_delay_s=480.0 if taken else None,
        )
        self.rows.add(row)
        self.offer_ids.append(row.id)
        return row

    def _add_visits(self) -> None:
        """An agreed visit of each volunteer, and what the first one has done already."""
        volunteers = self.people.volunteer_ids
        for number, request_id in enumerate(self.accepted_ids):
            self._add_visit(request_id, volunteers[number], AssignmentStatus.ACCEPTED)
        for request_id in self.confirmed_ids:
            self._add_visit(request_id, volunteers[0], AssignmentStatus.DONE)

    def _add_visit(self, request_id: UUID, volunteer_id: UUID, status: AssignmentStatus) -> None:
        done = status is AssignmentStatus.DONE
        offer = self._add_offer(request_id, volunteer_id, None, OfferStatus.ACCEPTED)
        if done:
            offer.starts_at, offer.ends_at = self.now - 3 * HOUR, self.now - 2 * HOUR
        row = Assignment(
            id=new_id(),
            community_id=self.community_id,
            request_id=request_id,
            volunteer_id=volunteer_id,
            offer_id=offer.id,
            status=status,
            seat=0,
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            accepted_at=self.now - (4 * HOUR if done else timedelta(minutes=2)),
            ended_at=self.now - 2 * HOUR if done else None,
        )
        self.rows.add(row)
        self.assignment_ids.append(row.id)
