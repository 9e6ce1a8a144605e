"""What callers give to plan, change, join and help at events, and what they get back."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry import relay

from api.schema.addresses import AddressInput
from api.schema.arguments import InvalidArgument, plain_text, plain_text_or_none
from api.schema.events import CommunityEvent, EventDay, EventHelper, EventRegistration, EventRole
from campaigns.events.helping import RoleWanted
from campaigns.events.kinds import EventAudience, HourChoice, Repeats
from campaigns.events.models import DESCRIPTION_LENGTH, TITLE_LENGTH
from campaigns.events.planning import DEFAULT_CONFIRM_S
from campaigns.events.series import Rule
from people.models import NAME_LENGTH


@strawberry.input(description="Where an event is.")
class EventPlaceInput:
    name: str = strawberry.field(
        description="What people call it, such as Danehy Park. Everybody who sees the event reads "
        "it, so of a home it holds no address."
    )
    address: AddressInput = strawberry.field(
        description="Street and number, or a point. An address that may mean several places is "
        "asked back with them: send the label of the one that is meant."
    )
    is_public: bool = strawberry.field(
        default=True,
        description="Whether everybody sees the address. Else it is for those who have a seat, "
        "agreed helpers, organizers and staff.",
    )


@strawberry.input(description="How an event comes back, at most 100 times.")
class EventRuleInput:
    repeats: Repeats = strawberry.field(description="By days, weeks or months.")
    every: int = strawberry.field(
        default=1, description="Each one, or each so-many-th one, 1 to 12."
    )
    weekdays: list[int] = strawberry.field(
        default_factory=list,
        description="0 is Monday. By weeks: those days; by months: the one weekday.",
    )
    nth: int | None = strawberry.field(
        default=None,
        description="By months: which such weekday, 1 to 5, or -1 for the last of the month.",
    )
    count: int | None = strawberry.field(default=None, description="How many times in all.")
    until: date | None = strawberry.field(
        default=None, description="The last day on which it may begin; this or `count`."
    )

    def read(self) -> Rule:
        return Rule(
            self.repeats, self.every, tuple(self.weekdays), self.nth, self.count, self.until
        )


@strawberry.input(description="An event to plan.")
class CreateEventInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose event it is.")
    title: str = strawberry.field(description="What it is called; at most 120 characters.")
    description: str = strawberry.field(
        default="", description="What it is about; at most 5,000 characters."
    )
    place: EventPlaceInput = strawberry.field(description="Where it is.")
    starts_local: str = strawberry.field(
        description="The first start by the clock on the wall there, such as 2027-03-09T18:00. A "
        "time that the clocks jump over is refused, with the nearest ones."
    )
    time_zone: str | None = strawberry.field(
        default=None, description="Such as America/New_York; the community's without."
    )
    hour: HourChoice | None = strawberry.field(
        default=None, description="Needed for a time that the clocks show twice."
    )
    duration_s: int = strawberry.field(description="How long it lasts, seconds; 300 to 604800.")
    capacity: int = strawberry.field(description="Seats, 1 to 100000.")
    max_party: int = strawberry.field(
        default=1, description="Seats that one person may take, 1 to 20."
    )
    confirm_s: int = strawberry.field(
        default=DEFAULT_CONFIRM_S,
        description="So long a free seat is kept for the next in line, seconds; 900 to 604800.",
    )
    rule: EventRuleInput | None = strawberry.field(
        default=None, description="How it comes back; once without."
    )
    audience: EventAudience = strawberry.field(
        default=EventAudience.COMMUNITY, description="Who may see it and sign up."
    )
    group_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The group that it is of."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The campaign that it is of."
    )
    publish: bool = strawberry.field(
        default=False, description="Whether it opens for sign-ups at once."
    )
    client_key: str | None = strawberry.field(
        default=None,
        description="A name that you choose: the same one again plans no second event.",
    )

    def words(self) -> tuple[str, str]:
        return (
            plain_text("title", self.title, longest=TITLE_LENGTH),
            plain_text("description", self.description, longest=DESCRIPTION_LENGTH),
        )


@strawberry.input(description="An event.")
class EventInput:
    event_id: relay.GlobalID = strawberry.field(description="The event that is meant.")


@strawberry.input(description="What is to be different about an event; null leaves it as it is.")
class ChangeEventInput:
    event_id: relay.GlobalID = strawberry.field(description="The event that is meant.")
    title: str | None = strawberry.field(default=None, description="What it is called.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    audience: EventAudience | None = strawberry.field(
        default=None, description="Who may see it and sign up."
    )
    capacity: int | None = strawberry.field(
        default=None,
        description="Seats on all days that lie ahead. Fewer than are taken is refused.",
    )
    max_party: int | None = strawberry.field(
        default=None, description="Seats that one person may take."
    )
    confirm_s: int | None = strawberry.field(
        default=None, description="So long a free seat is kept, seconds."
    )

    def words(self) -> tuple[str | None, str | None]:
        return (
            plain_text_or_none("title", self.title, longest=TITLE_LENGTH),
            plain_text_or_none("description", self.description, longest=DESCRIPTION_LENGTH),
        )


@strawberry.input(description="Another time or place: of one day, or of all that lie ahead.")
class MoveEventInput:
    event_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The event, to move all days that lie ahead."
    )
    day_id: relay.GlobalID | None = strawberry.field(
        default=None, description="One day, to move that alone."
    )
    starts_local: str | None = strawberry.field(
        default=None, description="The new start of one day, such as 2027-03-09T18:00."
    )
    time_of_day: str | None = strawberry.field(
        default=None, description="The new time of all days, such as 18:30."
    )
    hour: HourChoice | None = strawberry.field(
        default=None, description="Needed for a time that the clocks show twice."
    )
    duration_s: int | None = strawberry.field(
        default=None, description="How long it lasts from now on, seconds."
    )
    place: EventPlaceInput | None = strawberry.field(default=None, description="The new place.")


@strawberry.input(description="A day of an event.")
class EventDayInput:
    day_id: relay.GlobalID = strawberry.field(description="The day that is meant.")


@strawberry.input(description="The seats of a day.")
class SetEventCapacityInput:
    day_id: relay.GlobalID = strawberry.field(description="The day that is meant.")
    capacity: int = strawberry.field(
        description="Seats, 1 to 100000. Fewer than are taken is refused."
    )


@strawberry.input(description="A sign-up to make.")
class SignUpForEventInput:
    day_id: relay.GlobalID = strawberry.field(description="The day that is meant.")
    party_size: int = strawberry.field(default=1, description="How many people come, in all.")
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="For staff: whom it is for; oneself without."
    )


@strawberry.input(description="A sign-up.")
class EventRegistrationInput:
    registration_id: relay.GlobalID = strawberry.field(description="The sign-up that is meant.")


@strawberry.input(description="How many people come with a sign-up.")
class ChangeEventPartyInput:
    registration_id: relay.GlobalID = strawberry.field(description="The sign-up that is meant.")
    party_size: int = strawberry.field(description="How many people come, in all.")


@strawberry.input(description="A code that somebody shows at the door.")
class CheckInByCodeInput:
    day_id: relay.GlobalID = strawberry.field(description="The day that is meant.")
    code: str = strawberry.field(
        description="The code; capitals, spaces and hyphens do not matter."
    )
    came_count: int | None = strawberry.field(
        default=None, description="How many of the party came; all of them without."
    )


@strawberry.input(description="Somebody of the list who is at the door.")
class CheckInRegistrationInput:
    registration_id: relay.GlobalID = strawberry.field(description="The sign-up that is meant.")
    came_count: int | None = strawberry.field(
        default=None, description="How many of the party came; all of them without."
    )


@strawberry.input(description="Work that an event needs hands for.")
class EventRoleInput:
    code: str = strawberry.field(description="A code word, such as `greeter`.")
    label: str = strawberry.field(description="Its name.")
    wanted_count: int = strawberry.field(default=1, description="How many people, 1 to 100.")
    abilities: list[str] = strawberry.field(
        default_factory=list,
        description="Codes of skills and tools that each of them must have.",
    )

    def read(self) -> RoleWanted:
        label = plain_text("label", self.label, longest=NAME_LENGTH)
        return RoleWanted(self.code, label, self.wanted_count, tuple(self.abilities))


@strawberry.input(description="All the roles of an event.")
class SetEventRolesInput:
    event_id: relay.GlobalID = strawberry.field(description="The event that is meant.")
    roles: list[EventRoleInput] = strawberry.field(description="The roles, at most 20.")

    def read(self) -> list[RoleWanted]:
        if len(self.roles) > 20 or any(len(role.abilities) > 20 for role in self.roles):
            raise InvalidArgument("An event has at most 20 roles with 20 abilities each.")
        return [role.read() for role in self.roles]


@strawberry.input(description="An offer to help.")
class OfferEventHelpInput:
    day_id: relay.GlobalID = strawberry.field(description="The day that is meant.")
    role_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The role; wherever a hand is needed without."
    )


@strawberry.input(description="Somebody's help.")
class EventHelpInput:
    helper_id: relay.GlobalID = strawberry.field(description="The offer of help that is meant.")


@strawberry.input(description="Somebody to take for a role.")
class ConfirmEventHelperInput:
    helper_id: relay.GlobalID = strawberry.field(description="The offer of help that is meant.")
    role_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The role; the one that was proposed or asked for without."
    )


@strawberry.type(description="The event as it is now.")
class EventPayload:
    event: CommunityEvent = strawberry.field(description="The event.")
    skipped: list[str] = strawberry.field(
        description="Local times that the rule would give and that the clocks jump over; the "
        "event does not take place then."
    )


@strawberry.type(description="The days as they are now.")
class EventDaysPayload:
    days: list[EventDay] = strawberry.field(description="The days, those that were meant.")


@strawberry.type(description="The sign-up as it is now.")
class EventRegistrationPayload:
    registration: EventRegistration = strawberry.field(description="The sign-up.")


@strawberry.type(description="Somebody was checked in.")
class CheckInPayload:
    registration: EventRegistration = strawberry.field(description="The sign-up.")
    was_already: bool = strawberry.field(
        description="Whether they had been checked in before; then nothing changed."
    )


@strawberry.type(description="The roles as they are now.")
class EventRolesPayload:
    roles: list[EventRole] = strawberry.field(description="The roles of the event, by code.")


@strawberry.type(description="The help as it is now.")
class EventHelperPayload:
    helper: EventHelper = strawberry.field(description="Who helps, or does not.")


@strawberry.type(description="Places of a role that nobody was found for, and why.")
class EventRoleGap:
    code: str = strawberry.field(description="The role.")
    count: int = strawberry.field(description="How many places stay open.")
    reason: str = strawberry.field(description="A code word, such as `tool_missing`.")
    missing: list[str] = strawberry.field(
        description="Codes of skills and tools that were lacking, the most missed first."
    )
    sentence: str = strawberry.field(description="The same in words.")


@strawberry.type(description="Who is proposed for the roles; an organizer confirms each.")
class PlanEventRolesPayload:
    helpers: list[EventHelper] = strawberry.field(
        description="Everybody who helps on the day or might."
    )
    gaps: list[EventRoleGap] = strawberry.field(description="The places that stay open.")
