"""What other systems have of a made-up town: webhooks with what was told, calendars, tokens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from core.ids import new_id
from matching.feeds.models import CalendarFeed, FeedKind
from messaging.webhooks.kinds import DeliveryStatus
from messaging.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from messaging.webhooks.payloads import make_test_body
from messaging.webhooks.signing import new_secret
from people.signing_in.kinds import Method
from people.signing_in.models import ApiToken, SignIn

MOST_WEBHOOKS = 15
TOKEN_LIFE = timedelta(days=90)
KIND = "export.made"
"""What the made-up receivers want to hear: nothing that happens by itself."""


@dataclass
class TownIntegrations:
    """Adds webhooks and calendars; the ids of what it added."""

    rows: TownRows
    people: TownPeople
    now: datetime
    webhook_ids: list[UUID] = field(default_factory=list)
    delivery_ids: list[UUID] = field(default_factory=list)
    calendar_ids: dict[UUID, UUID] = field(default_factory=dict)
    sign_in_ids: dict[UUID, UUID] = field(default_factory=dict)
    token_ids: dict[UUID, UUID] = field(default_factory=dict)

    def add_all(self) -> None:
        """Everything; the first webhook has the most deliveries."""
        for number in range(min(self.people.scale, MOST_WEBHOOKS)):
            self._add_webhook(number)
        for number in range(self.people.scale):
            self._add_delivery(self.webhook_ids[0], number)
        for person_id, kind in (
            (self.people.volunteer_person_ids[0], FeedKind.VISITS),
            (self.people.volunteer_person_ids[1], FeedKind.VISITS),
            (self.people.coordinator_id, FeedKind.STORMS),
            (self.people.manager_id, FeedKind.STORMS),
        ):
            self._add_calendar(person_id, kind)
        for person_id in (
            self.people.resident_ids[0],
            *self.people.volunteer_person_ids[:2],
            self.people.coordinator_id,
            self.people.manager_id,
        ):
            self._add_ways_in(person_id)

    def _add_webhook(self, number: int) -> None:
        slug = self.people.community.slug
        row = WebhookEndpoint(
            id=new_id(),
            community_id=self.people.community.id,
            url=f"https://hooks-{number + 1}.{slug}.example/talkoot",
            description=f"Board {number + 1} of {slug}",
            kinds=[KIND],
            secret=new_secret(),
            created_by=self.people.manager_id,
            created_at=self.people.since,
            updated_at=self.people.since,
        )
        self.rows.add(row)
        self.webhook_ids.append(row.id)

    def _add_delivery(self, webhook_id: UUID, number: int) -> None:
        """Something that was told at the second try."""
        event_id, told_at = new_id(), self.now - timedelta(hours=number + 1)
        row = WebhookDelivery(
            id=new_id(),
            endpoint_id=webhook_id,
            event_id=event_id,
            kind=KIND,
            body=make_test_body(event_id, self.people.community.id, webhook_id, now=told_at),
            status=DeliveryStatus.DELIVERED,
            due_at=told_at,
            attempts=2,
            created_at=told_at,
            first_tried_at=told_at,
            settled_at=told_at + timedelta(seconds=5),
        )
        self.rows.add(row)
        self.delivery_ids.append(row.id)
        for step, status_code in enumerate((503, 204)):
            self.rows.add(
                WebhookAttempt(
                    id=new_id(),
                    delivery_id=row.id,
                    attempted_at=told_at + timedelta(seconds=5 * step),
                    status_code=status_code,
                    duration_ms=80,
                )
            )

    def _add_calendar(self, person_id: UUID, kind: FeedKind) -> None:
        """A calendar whose link nobody has."""
        row = CalendarFeed(
            id=new_id(),
            token_digest=hashlib.sha256(new_id().bytes).hexdigest(),
            kind=kind,
            community_id=self.people.community.id,
            person_id=person_id,
            created_at=self.people.since,
        )
        self.rows.add(row)
        self.calendar_ids[person_id] = row.id

    def _add_ways_in(self, person_id: UUID) -> None:
        """A browser and a program whose secrets nobody has."""
        browser = SignIn(
            id=new_id(),
            token_digest=hashlib.sha256(new_id().bytes).hexdigest(),
            person_id=person_id,
            method=Method.LINK,
            device="firefox_on_android",
            created_at=self.now,
            seen_at=self.now,
        )
        program = ApiToken(
            id=new_id(),
            token_digest=hashlib.sha256(new_id().bytes).hexdigest(),
            person_id=person_id,
            name=f"Map of {self.people.community.slug}",
            scopes=["requests:read"],
            created_at=self.now,
            expires_at=self.now + TOKEN_LIFE,
        )
        self.rows.add(browser)
        self.rows.add(program)
        self.sign_in_ids[person_id] = browser.id
        self.token_ids[person_id] = program.id
