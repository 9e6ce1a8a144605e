"""What a made-up town has on record: rounds, weather, conversations, messages, histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from core.events import record_event
from core.ids import new_id
from matching.rounds.models import UnservedReason
from matching.storms.models import WeatherReading
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from messaging.kinds import MessageStatus, ThreadSide
from messaging.models import Message, MessageWords
from people.kinds import Channel, Purpose

HOUR = timedelta(hours=1)
FUNNEL = {
    "volunteers": 10,
    "near": 6,
    "near_m": 1_500,
    "too_far": 4,
    "without_skills": 2,
    "able": 4,
    "busy": 4,
}
STATION = "DEMO"


@dataclass
class TownRecords:
    """Adds what is on record."""

    rows: TownRows
    people: TownPeople
    now: datetime

    @property
    def community_id(self) -> UUID:
        """Whose records they are."""
        return self.people.community.id

    def add_reasons(self, round_id: UUID, request_ids: Sequence[UUID]) -> None:
        """Why nobody was found."""
        for request_id in request_ids:
            self.rows.add(
                UnservedReason(
                    round_id=round_id,
                    request_id=request_id,
                    code="all_full",
                    detail={"crew_size": 1, "funnel": FUNNEL},
                )
            )

    def add_weather(self) -> None:
        """Readings of one station, an hour apart."""
        for number in range(self.people.scale):
            observed_at = self.now - number * HOUR
            self.rows.add(
                WeatherReading(
                    community_id=self.community_id,
                    source="demo",
                    station=STATION,
                    observed_at=observed_at,
                    depth_cm=12.0,
                    snowfall_cm=0.0 if number < 3 else 2.0,
                    temperature_c=-3.0,
                    conditions=["snow"] if number >= 3 else [],
                    received_at=observed_at,
                )
            )

    def add_threads(self, assignment_ids: Sequence[UUID]) -> list[UUID]:
        """A conversation about each visit; the first one is long."""
        keys = []
        for number, assignment_id in enumerate(assignment_ids):
            posts = max(self.people.scale, 2) if number == 0 else 2
            thread = Thread(
                id=new_id(),
                community_id=self.community_id,
                subject_type="assignment",
                subject_id=assignment_id,
                starts_at=self.now + HOUR,
                ends_at=self.now + 2 * HOUR,
                opened_at=self.now - timedelta(minutes=2),
                post_count=posts,
            )
            self.rows.add(thread)
            keys.append(thread.id)
            sides = (
                (self.people.resident_ids[number], ThreadSide.RESIDENT, "R1"),
                (self.people.volunteer_person_ids[number], ThreadSide.VOLUNTEER, "V1"),
            )
            for person_id, side, code in sides:
                self.rows.add(
                    ThreadMember(
                        thread_id=thread.id,
                        person_id=person_id,
                        side=side,
                        code=code,
                        joined_at=thread.opened_at,
                    )
                )
            for place in range(posts):
                person_id, side, _ = sides[place % 2]
                self.rows.add(
                    ThreadPost(
                        id=new_id(),
                        thread_id=thread.id,
                        author_id=person_id,
                        side=side,
                        text=f"Hello from {self.people.community.slug}, line {place + 1}.",
                        posted_at=thread.opened_at + timedelta(seconds=place),
                    )
                )
        return keys

    def add_messages(self, storm_id: UUID, ask_ids: Sequence[UUID]) -> list[UUID]:
        """What was sent: one to each volunteer, and more to the first. Every third came back."""
        people = self.people.volunteer_person_ids
        keys = []
        for number in range(2 * self.people.scale - 1):
            place = number if number < self.people.scale else 0
            came_back = number % 3 == 2
            row = Message(
                id=new_id(),
                key=f"demo:{self.people.community.slug}:{number}",
                community_id=self.community_id,
                person_id=people[place],
                kind="offer",
                purpose=Purpose.OFFERS,
                channel=Channel.EMAIL,
                status=MessageStatus.BOUNCED if came_back else MessageStatus.DELIVERED,
                reason="mailbox_full" if came_back else None,
                storm_id=storm_id,
                subject_type="ask",
                subject_id=ask_ids[place],
                pinned=False,
                hurry=False,
                counts=True,
                digestible=False,
                queued_at=self.now - timedelta(minutes=10),
                due_at=self.now - timedelta(minutes=10),
                attempts=1,
                sent_at=self.now - timedelta(minutes=9),
                state_at=self.now - timedelta(minutes=9),
            )
            self.rows.add(row)
            keys.append(row.id)
            words = f"Homes near you in {self.people.community.slug} need help."
            self.rows.add(
                MessageWords(
                    message_id=row.id, subject="Snow near you", text=words, html="", short=words
                )
            )
        return keys

    def add_events(
        self, subject: str, keys: Sequence[UUID], kind: str, *, actor_id: UUID | None = None
    ) -> None:
        """One line in the history of each."""
        for key in keys:
            record_event(
                self.rows.session,
                kind,
                subject_type=subject,
                subject_id=key,
                happened_at=self.now - timedelta(minutes=5),
                actor_id=actor_id,
                community_id=self.community_id,
            )
