"""Planning, changing and joining events."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema import event_inputs as given
from api.schema.access import Who
from api.schema.addresses import locate_home
from api.schema.arguments import InvalidArgument, plain_text
from api.schema.context import Info
from api.schema.events import CommunityEvent, EventDay, EventRegistration
from api.schema.nodes import find_id, find_optional_id, must
from api.schema.operations import mutation
from campaigns.events import check_in, organizing, planning, signing_up
from campaigns.events import listing_repository as listing
from campaigns.events.models import CHECK_IN_LENGTH
from campaigns.events.wall import write_local
from people.models import NAME_LENGTH

SCOPE = "events:write"


@strawberry.type
class EventMutation:
    @mutation(
        given.EventPayload,
        description="Plan an event with all its days. For managers, and for organizers of the group"
        " or campaign that it is of. The same client key again gives the first one.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def create_event(
        self,
        info: Info,
        input: Annotated[given.CreateEventInput, strawberry.argument(description="The event.")],
    ) -> given.EventPayload:
        title, description = input.words()
        place = await _locate(info, input.community_id, input.place)
        command = planning.CreateEvent(
            community_id=find_id(input.community_id, "Community"),
            title=title,
            description=description,
            place=place,
            starts_local=input.starts_local,
            duration_s=input.duration_s,
            capacity=input.capacity,
            time_zone=input.time_zone,
            hour=input.hour,
            rule=None if input.rule is None else input.rule.read(),
            audience=input.audience,
            group_id=find_optional_id(input.group_id, "Group"),
            campaign_id=find_optional_id(input.campaign_id, "Campaign"),
            max_party=input.max_party,
            confirm_s=input.confirm_s,
            publish=input.publish,
            client_key=input.client_key,
        )
        async with info.context.begin() as session:
            made = await planning.create_event(
                session, info.context.actor, command, now=info.context.now
            )
        return given.EventPayload(
            event=CommunityEvent.of(made.event),
            skipped=[write_local(local) for local in made.skipped],
        )

    @mutation(
        given.EventPayload,
        description="Open an event for sign-ups. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def publish_event(
        self,
        info: Info,
        input: Annotated[given.EventInput, strawberry.argument(description="The event.")],
    ) -> given.EventPayload:
        key = find_id(input.event_id, "CommunityEvent")
        async with info.context.begin() as session:
            row = await organizing.publish_event(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventPayload(event=CommunityEvent.of(row), skipped=[])

    @mutation(
        given.EventPayload,
        description="Change words and numbers of an event. More seats are offered to those who "
        "wait; of new words nobody is told by mail.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def change_event(
        self,
        info: Info,
        input: Annotated[given.ChangeEventInput, strawberry.argument(description="What changes.")],
    ) -> given.EventPayload:
        title, description = input.words()
        command = organizing.ChangeEvent(
            event_id=find_id(input.event_id, "CommunityEvent"),
            title=title,
            description=description,
            audience=input.audience,
            capacity=input.capacity,
            max_party=input.max_party,
            confirm_s=input.confirm_s,
        )
        async with info.context.begin() as session:
            row = await organizing.change_event(
                session, info.context.actor, command, now=info.context.now
            )
        return given.EventPayload(event=CommunityEvent.of(row), skipped=[])

    @mutation(
        given.EventDaysPayload,
        description="Move one day of an event, or all that lie ahead, to another time or place. "
        "Everybody who signed up is told once. What is so already is no change.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def move_event(
        self,
        info: Info,
        input: Annotated[given.MoveEventInput, strawberry.argument(description="What changes.")],
    ) -> given.EventDaysPayload:
        event_id = find_optional_id(input.event_id, "CommunityEvent")
        day_id = find_optional_id(input.day_id, "EventDay")
        place = None
        if input.place is not None:
            key = await _community_of(info, event_id, day_id)
            place = await _locate(info, key, input.place)
        command = organizing.MoveEvent(
            event_id=event_id,
            occurrence_id=day_id,
            starts_local=input.starts_local,
            time_of_day=input.time_of_day,
            hour=input.hour,
            duration_s=input.duration_s,
            place=place,
        )
        async with info.context.begin() as session:
            _, days = await organizing.move_event(
                session, info.context.actor, command, now=info.context.now
            )
        return given.EventDaysPayload(days=[EventDay.of(day) for day in days])

    @mutation(
        given.EventPayload,
        description="Call off all days of an event that lie ahead. Everybody who signed up is told "
        "once. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def cancel_event(
        self,
        info: Info,
        input: Annotated[given.EventInput, strawberry.argument(description="The event.")],
    ) -> given.EventPayload:
        key = find_id(input.event_id, "CommunityEvent")
        async with info.context.begin() as session:
            row = await organizing.cancel_event(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventPayload(event=CommunityEvent.of(row), skipped=[])

    @mutation(
        given.EventDaysPayload,
        description="Call off one day of an event. Everybody who signed up for it is told. Twice is"
        " fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def cancel_event_day(
        self,
        info: Info,
        input: Annotated[given.EventDayInput, strawberry.argument(description="The day.")],
    ) -> given.EventDaysPayload:
        key = find_id(input.day_id, "EventDay")
        async with info.context.begin() as session:
            row = await organizing.cancel_occurrence(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventDaysPayload(days=[EventDay.of(row)])

    @mutation(
        given.EventDaysPayload,
        description="Change the seats of one day. More are offered to those who wait; fewer than "
        "are taken is refused.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def set_event_capacity(
        self,
        info: Info,
        input: Annotated[
            given.SetEventCapacityInput, strawberry.argument(description="The day and its seats.")
        ],
    ) -> given.EventDaysPayload:
        key = find_id(input.day_id, "EventDay")
        async with info.context.begin() as session:
            row = await organizing.set_capacity(
                session, info.context.actor, key, input.capacity, now=info.context.now
            )
        return given.EventDaysPayload(days=[EventDay.of(row)])

    @mutation(
        given.EventRegistrationPayload,
        description="Take seats at an event, or a place at the end of the line. Twice gives the "
        "first sign-up.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def sign_up_for_event(
        self,
        info: Info,
        input: Annotated[
            given.SignUpForEventInput, strawberry.argument(description="Which day, and how many.")
        ],
    ) -> given.EventRegistrationPayload:
        command = signing_up.SignUp(
            find_id(input.day_id, "EventDay"),
            input.party_size,
            find_optional_id(input.person_id, "Person"),
        )
        async with info.context.begin() as session:
            row = await signing_up.sign_up(
                session, info.context.actor, command, now=info.context.now
            )
        return given.EventRegistrationPayload(registration=EventRegistration.of(row))

    @mutation(
        given.EventRegistrationPayload,
        description="Take the seats that are kept for you, while they are. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def confirm_event_seat(
        self,
        info: Info,
        input: Annotated[
            given.EventRegistrationInput, strawberry.argument(description="The sign-up.")
        ],
    ) -> given.EventRegistrationPayload:
        key = find_id(input.registration_id, "EventRegistration")
        async with info.context.begin() as session:
            row = await signing_up.confirm_seat(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventRegistrationPayload(registration=EventRegistration.of(row))

    @mutation(
        given.EventRegistrationPayload,
        description="Give back seats or a place in the line; the next in line are asked at once. "
        "Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def cancel_event_registration(
        self,
        info: Info,
        input: Annotated[
            given.EventRegistrationInput, strawberry.argument(description="The sign-up.")
        ],
    ) -> given.EventRegistrationPayload:
        key = find_id(input.registration_id, "EventRegistration")
        async with info.context.begin() as session:
            row = await signing_up.cancel_registration(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventRegistrationPayload(registration=EventRegistration.of(row))

    @mutation(
        given.EventRegistrationPayload,
        description="Come with fewer people, or with more while so many seats are free and nobody "
        "waits.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def change_event_party(
        self,
        info: Info,
        input: Annotated[
            given.ChangeEventPartyInput,
            strawberry.argument(description="The sign-up, and how many."),
        ],
    ) -> given.EventRegistrationPayload:
        key = find_id(input.registration_id, "EventRegistration")
        async with info.context.begin() as session:
            row = await signing_up.change_party(
                session, info.context.actor, key, input.party_size, now=info.context.now
            )
        return given.EventRegistrationPayload(registration=EventRegistration.of(row))

    @mutation(
        given.CheckInPayload,
        description="Check somebody in at the door by their code. For staff and organizers. Twice "
        "has one effect; after ten wrong codes one has to wait.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def check_in_by_code(
        self,
        info: Info,
        input: Annotated[given.CheckInByCodeInput, strawberry.argument(description="The code.")],
    ) -> given.CheckInPayload:
        key = find_id(input.day_id, "EventDay")
        code = plain_text("code", input.code, longest=4 * CHECK_IN_LENGTH)
        # A wrong code is told after the try is kept: tries are counted.
        async with info.context.begin() as session:
            done = await check_in.check_in_by_code(
                session,
                info.context.actor,
                key,
                code,
                now=info.context.now,
                came_count=input.came_count,
            )
        return given.CheckInPayload(
            registration=EventRegistration.of(done.found()), was_already=done.was_already
        )

    @mutation(
        given.EventRegistrationPayload,
        description="Check somebody in from the list. For staff and organizers. Twice has one "
        "effect.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def check_in_registration(
        self,
        info: Info,
        input: Annotated[
            given.CheckInRegistrationInput, strawberry.argument(description="The sign-up.")
        ],
    ) -> given.EventRegistrationPayload:
        key = find_id(input.registration_id, "EventRegistration")
        async with info.context.begin() as session:
            row = await check_in.check_in_registration(
                session,
                info.context.actor,
                key,
                now=info.context.now,
                came_count=input.came_count,
            )
        return given.EventRegistrationPayload(registration=EventRegistration.of(row))

    @mutation(
        given.EventDaysPayload,
        description="Settle who came, once the event is over; it is settled by itself a day later. "
        "For staff and organizers. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def close_event_attendance(
        self,
        info: Info,
        input: Annotated[given.EventDayInput, strawberry.argument(description="The day.")],
    ) -> given.EventDaysPayload:
        key = find_id(input.day_id, "EventDay")
        async with info.context.begin() as session:
            row = await check_in.close_attendance(
                session, key, now=info.context.now, actor=info.context.actor
            )
        return given.EventDaysPayload(days=[EventDay.of(row)])


async def _locate(
    info: Info, community_id: relay.GlobalID, place: given.EventPlaceInput
) -> planning.NamedPlace:
    """The place that was meant, by the geocoder of the community's city."""
    name = plain_text("name", place.name, longest=NAME_LENGTH)
    found = await locate_home(info, community_id, place.address)
    return planning.NamedPlace(name, found, place.is_public)


async def _community_of(info: Info, event_id: UUID | None, day_id: UUID | None) -> relay.GlobalID:
    """Whose geocoder finds the new place of an event."""
    if event_id is None and day_id is None:
        raise InvalidArgument("Name an event, or one day of it.")
    if event_id is not None:
        row = must(await info.context.load(listing.load_events, event_id))
        return relay.GlobalID("Community", str(row.community_id))
    day = must(await info.context.load(listing.load_days, must(day_id)))
    return relay.GlobalID("Community", str(day.community_id))
