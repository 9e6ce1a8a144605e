"""What help requests consist of: times, needs, helpers, history, and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from api.schema.access import Owners, Sees
from api.schema.assignments import Assignment
from api.schema.context import Info
from api.schema.operations import guarded
from matching.intake import history
from matching.intake.not_served import tell_resident, tell_staff
from matching.intake.progress_repository import Helper as HelperRow
from matching.intake.progress_repository import LastReason
from matching.kinds import AssignmentStatus, OfferStatus
from matching.models import RequestWindow
from matching.offers.listing_repository import load_assignments
from people.kinds import AbilityKind
from people.models import Ability


@strawberry.type(description="A time in which a whole job may be done.")
class TimeWindow:
    opens_at: datetime = strawberry.field(description="From when.")
    closes_at: datetime = strawberry.field(description="Until when.")

    @classmethod
    def of(cls, row: RequestWindow) -> TimeWindow:
        return cls(opens_at=row.opens_at, closes_at=row.closes_at)


@strawberry.type(description="A skill or a tool that a job takes.")
class NeededAbility:
    kind: AbilityKind = strawberry.field(description="Whether it is a skill or a tool.")
    code: str = strawberry.field(description="What settings call it, such as `snow_blower`.")
    label: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, row: Ability) -> NeededAbility:
        return cls(kind=row.kind, code=row.code, label=row.label)


@strawberry.type(description="One thing that happened to a request, in plain words.")
class HistoryLine:
    at: datetime = strawberry.field(description="When.")
    code: str = strawberry.field(description="A code word, such as `request.open`.")
    sentence: str = strawberry.field(description="The same in plain words, in your language.")

    @classmethod
    def of(cls, line: history.HistoryLine) -> HistoryLine:
        return cls(at=line.at, code=line.code, sentence=line.sentence)


@strawberry.type(description="Somebody who has agreed to come, as the resident may know them.")
class Helper:
    first_name: str | None = strawberry.field(
        description="What they are called; null when no name is kept any more."
    )
    status: AssignmentStatus = strawberry.field(description="Where their work stands.")
    starts_at: datetime = strawberry.field(description="When they mean to come.")
    ends_at: datetime = strawberry.field(description="When they mean to be done.")
    assignment_id: strawberry.Private[UUID]
    of_request: strawberry.Private[Owners]

    @classmethod
    def of(cls, row: HelperRow, of_request: Owners) -> Helper:
        return cls(
            first_name=row.name,
            status=row.status,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            assignment_id=row.assignment_id,
            of_request=of_request,
        )

    def owners(self) -> Owners:
        return self.of_request

    @guarded(Sees.STAFF, description="Their agreed work. For staff.", scope="offers:read")
    async def assignment(self, info: Info) -> Assignment | None:
        found = await info.context.load(load_assignments, self.assignment_id)
        return None if found is None else Assignment.of(found)


@strawberry.type(description="How many neighbours were asked about a request.")
class AskedCounts:
    asked: int = strawberry.field(description="All that were asked.")
    waiting: int = strawberry.field(description="Those who have not answered.")
    declined: int = strawberry.field(description="Those who said no.")

    @classmethod
    def of(cls, counts: Mapping[OfferStatus, int] | None) -> AskedCounts:
        known = counts or {}
        return cls(
            asked=sum(known.values()),
            waiting=known.get(OfferStatus.SENT, 0) + known.get(OfferStatus.EXPIRED, 0),
            declined=known.get(OfferStatus.DECLINED, 0),
        )


@strawberry.type(description="Why nobody comes yet, as the last round found.")
class WhyNotServed:
    round_at: datetime = strawberry.field(description="When that round ran.")
    sentence: str = strawberry.field(description="Why, in plain words, in your language.")
    reason: strawberry.Private[LastReason]
    zone: strawberry.Private[ZoneInfo]
    of_request: strawberry.Private[Owners]

    @classmethod
    def about(
        cls, reason: LastReason, zone: ZoneInfo, language: str, of_request: Owners
    ) -> WhyNotServed:
        return cls(
            round_at=reason.round_at,
            sentence=tell_resident(reason, language),
            reason=reason,
            zone=zone,
            of_request=of_request,
        )

    def owners(self) -> Owners:
        return self.of_request

    @guarded(Sees.STAFF, description="The reason as a code word. For staff.")
    def code(self, info: Info) -> str | None:
        return self.reason.code

    @guarded(
        Sees.STAFF,
        description="How many volunteers are near, where they drop out, and what would change it; "
        "in English. For staff.",
    )
    def details(self, info: Info) -> list[str] | None:
        return tell_staff(self.reason, self.zone)
