"""When volunteers have time: every week, once, and when not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.arguments import aware
from api.schema.nodes import find_id
from matching.availability import Away, Weekly
from matching.models import AvailabilityWindow as WindowRow
from matching.models import WeeklyHours as HoursRow
from matching.volunteering.models import AwayPeriod as AwayRow
from matching.volunteering.profile import DatedWindow
from matching.volunteering.standing_back import AddAway

SECOND = "Whether they count from the other place, such as work, and not from home."
MINUTES = "Minutes after local midnight, 0 to 1440."


@strawberry.type(description="Time every week, by the community's clock on the wall.")
class WeeklyHours:
    weekday: int = strawberry.field(description="0 is Monday, 6 is Sunday.")
    start_min: int = strawberry.field(description=MINUTES)
    end_min: int = strawberry.field(description=MINUTES)
    valid_from: date | None = strawberry.field(description="First day; empty when it holds now.")
    valid_until: date | None = strawberry.field(description="Last day; empty when it has no end.")
    from_second_place: bool = strawberry.field(description=SECOND)

    @classmethod
    def of(cls, row: HoursRow) -> WeeklyHours:
        return cls(
            weekday=row.weekday,
            start_min=row.start_min,
            end_min=row.end_min,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            from_second_place=row.from_second_anchor,
        )


@strawberry.type(description="Time that a volunteer has once.")
class AvailabilityWindow:
    starts_at: datetime = strawberry.field(description="From when.")
    ends_at: datetime = strawberry.field(description="Until when.")
    from_second_place: bool = strawberry.field(description=SECOND)

    @classmethod
    def of(cls, row: WindowRow) -> AvailabilityWindow:
        return cls(
            starts_at=row.starts_at, ends_at=row.ends_at, from_second_place=row.from_second_anchor
        )


@strawberry.type(description="Days without time, whatever the weekly hours say.")
class AwayPeriod:
    id: relay.GlobalID = strawberry.field(description="For `removeAway`.")
    first_day: date = strawberry.field(description="The first day.")
    last_day: date = strawberry.field(description="The last day.")
    start_min: int = strawberry.field(description=f"From when on each day. {MINUTES}")
    end_min: int = strawberry.field(description=f"Until when on each day. {MINUTES}")

    @classmethod
    def of(cls, row: AwayRow) -> AwayPeriod:
        return cls(
            id=relay.GlobalID("AwayPeriod", str(row.id)),
            first_day=row.first_day,
            last_day=row.last_day,
            start_min=row.start_min,
            end_min=row.end_min,
        )


@strawberry.input(description="Time every week, by the community's clock on the wall.")
class WeeklyHoursInput:
    weekday: int = strawberry.field(description="0 is Monday, 6 is Sunday.")
    start_min: int = strawberry.field(description=MINUTES)
    end_min: int = strawberry.field(description=MINUTES)
    valid_from: date | None = strawberry.field(description="First day.", default=None)
    valid_until: date | None = strawberry.field(description="Last day.", default=None)
    from_second_place: bool = strawberry.field(description=SECOND, default=False)

    def read(self) -> tuple[Weekly, bool]:
        hours = Weekly(
            self.weekday, self.start_min, self.end_min, self.valid_from, self.valid_until
        )
        return hours, self.from_second_place


@strawberry.input(description="Time that a volunteer has once.")
class AvailabilityWindowInput:
    starts_at: datetime = strawberry.field(description="From when.")
    ends_at: datetime = strawberry.field(description="Until when; at most 31 days later.")
    from_second_place: bool = strawberry.field(description=SECOND, default=False)

    def read(self) -> DatedWindow:
        starts_at, ends_at = aware("startsAt", self.starts_at), aware("endsAt", self.ends_at)
        return starts_at, ends_at, self.from_second_place


@strawberry.input(description="Days without time, or the same hours of them.")
class AddAwayInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    first_day: date = strawberry.field(description="The first day.")
    last_day: date = strawberry.field(description="The last day.")
    start_min: int = strawberry.field(description=f"From when. {MINUTES}", default=0)
    end_min: int = strawberry.field(description=f"Until when. {MINUTES}", default=1440)

    def read(self) -> AddAway:
        away = Away(self.first_day, self.last_day, self.start_min, self.end_min)
        return AddAway(find_id(self.volunteer_id, "Volunteer"), away)


@strawberry.input(description="Days that are free again.")
class RemoveAwayInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    away_id: relay.GlobalID = strawberry.field(description="The `AwayPeriod`.")

    def read(self) -> tuple[UUID, UUID]:
        return find_id(self.volunteer_id, "Volunteer"), find_id(self.away_id, "AwayPeriod")


@strawberry.input(description="A volunteer who takes a rest.")
class PauseVolunteerInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    until: datetime | None = strawberry.field(
        description="Until when; until they say so when left out.", default=None
    )


@strawberry.input(description="A volunteer.")
class VolunteerInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
