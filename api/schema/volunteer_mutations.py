"""Signing up, changing what one offers, resting, leaving; days away and teams."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.addresses import AddressNotSureProblem, locate_home
from api.schema.arguments import aware_or_none
from api.schema.availability import (
    AddAwayInput,
    PauseVolunteerInput,
    RemoveAwayInput,
    VolunteerInput,
)
from api.schema.context import Info
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from api.schema.teams import FormTeamInput
from api.schema.volunteer_inputs import (
    ChangeVolunteerInput,
    InvalidVolunteerProblem,
    SignUpVolunteerInput,
)
from api.schema.volunteers import Volunteer
from core.db import Session
from matching.intake.addresses import AddressNotCertain
from matching.volunteering import listing_repository as repository
from matching.volunteering import signing_up, standing_back, teams
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.form_changes import FoundPlaces, check_change, read_form_rules
from matching.volunteering.forms import check_sign_up

WRITE = "volunteers:write"


@strawberry.type(description="They are taken in.")
class SignUpVolunteerPayload:
    volunteer: Volunteer | None = strawberry.field(
        description="The profile; empty for whoever has not signed in: the answer does not tell "
        "whether the contact was known. A message goes to it."
    )


@strawberry.type(description="The profile as it is now.")
class VolunteerPayload:
    volunteer: Volunteer = strawberry.field(description="The profile.")


@strawberry.type
class VolunteerMutation:
    @mutation(
        SignUpVolunteerPayload,
        also=(AddressNotSureProblem, InvalidVolunteerProblem),
        description="Sign up to help, for oneself or as staff for others. The same contact again "
        "changes the profile that is there, when it is one's own or staff ask.",
        who=Who.EVERYBODY,
        scope=WRITE,
    )
    async def sign_up_volunteer(
        self,
        info: Info,
        input: Annotated[
            SignUpVolunteerInput,
            strawberry.argument(description="What somebody tells who wants to help."),
        ],
    ) -> SignUpVolunteerPayload | AddressNotSureProblem | InvalidVolunteerProblem:
        context, key = info.context, find_id(input.community_id, "Community")
        form = input.as_form(key)
        # What anybody types goes to no other service, nor can anybody have us call one.
        offline = context.actor.person_id is None and not context.actor.is_system
        async with context.read() as session:
            allowed = await read_form_rules(session, key, now=context.now)
        try:
            home = await locate_home(info, input.community_id, input.home, offline=offline)
            second = None
            if input.second_place is not None:
                second = await locate_home(
                    info, input.community_id, input.second_place, offline=offline
                )
            checked = check_sign_up(form, allowed, FoundPlaces(home, second))
        except AddressNotCertain as error:
            return AddressNotSureProblem.about(error)
        except InvalidSignUp as error:
            return InvalidVolunteerProblem.about(error)
        async with context.begin() as session:
            done = await signing_up.sign_up(session, context.actor, checked, now=context.now)
            if done.volunteer_id is None:
                return SignUpVolunteerPayload(volunteer=None)
            shown = await repository.load_volunteers(session, context.actor, [done.volunteer_id])
            row = shown.get(done.volunteer_id)
            return SignUpVolunteerPayload(volunteer=None if row is None else Volunteer.of(row))

    @mutation(
        VolunteerPayload,
        also=(AddressNotSureProblem, InvalidVolunteerProblem),
        description="Change what a volunteer offers: the limits, languages, abilities, hours, "
        "places. Offers that no longer fit are fitted anew.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def change_volunteer(
        self,
        info: Info,
        input: Annotated[
            ChangeVolunteerInput,
            strawberry.argument(
                description="What changes of a profile; what is left out stays as it is."
            ),
        ],
    ) -> VolunteerPayload | AddressNotSureProblem | InvalidVolunteerProblem:
        context, command = info.context, input.as_command()
        async with context.read() as session:
            seen = await repository.load_volunteers(session, context.actor, [command.volunteer_id])
            row = must(seen.get(command.volunteer_id))
            allowed = await read_form_rules(session, row.community_id, now=context.now)
        community_id = relay.GlobalID("Community", str(row.community_id))
        try:
            command = check_change(command, allowed)
            if input.home is not None:
                home = await locate_home(info, community_id, input.home)
                command = replace(command, home=home)
            if input.second_place is not None:
                second = await locate_home(info, community_id, input.second_place)
                command = replace(command, second_place=second)
        except AddressNotCertain as error:
            return AddressNotSureProblem.about(error)
        except InvalidSignUp as error:
            return InvalidVolunteerProblem.about(error)
        async with context.begin() as session:
            await signing_up.change_volunteer(session, context.actor, command, now=context.now)
            return await _show(info, session, row.id)

    @mutation(
        VolunteerPayload,
        description="Ask a volunteer nothing for a while. Agreed work stays, and a yes to what "
        "was sent still counts. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def pause_volunteer(
        self,
        info: Info,
        input: Annotated[
            PauseVolunteerInput, strawberry.argument(description="A volunteer who takes a rest.")
        ],
    ) -> VolunteerPayload:
        key, context = find_id(input.volunteer_id, "Volunteer"), info.context
        until = aware_or_none("until", input.until)
        async with context.begin() as session:
            await standing_back.pause_volunteer(
                session, context.actor, key, until=until, now=context.now
            )
            return await _show(info, session, key)

    @mutation(
        VolunteerPayload,
        description="End a rest. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def resume_volunteer(
        self,
        info: Info,
        input: Annotated[VolunteerInput, strawberry.argument(description="A volunteer.")],
    ) -> VolunteerPayload:
        key, context = find_id(input.volunteer_id, "Volunteer"), info.context
        async with context.begin() as session:
            await standing_back.resume_volunteer(session, context.actor, key, now=context.now)
            return await _show(info, session, key)

    @mutation(
        VolunteerPayload,
        description="Take part no more: offers are taken back and agreed work is given to others. "
        "Signing up again begins anew. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def leave_programme(
        self,
        info: Info,
        input: Annotated[VolunteerInput, strawberry.argument(description="A volunteer.")],
    ) -> VolunteerPayload:
        key, context = find_id(input.volunteer_id, "Volunteer"), info.context
        async with context.begin() as session:
            await standing_back.leave_programme(session, context.actor, key, now=context.now)
            return await _show(info, session, key)

    @mutation(
        VolunteerPayload,
        description="Note days without time. The same days twice are one.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def add_away(
        self,
        info: Info,
        input: Annotated[
            AddAwayInput,
            strawberry.argument(description="Days without time, or the same hours of them."),
        ],
    ) -> VolunteerPayload:
        command, context = input.read(), info.context
        async with context.begin() as session:
            await standing_back.add_away(session, context.actor, command, now=context.now)
            return await _show(info, session, command.volunteer_id)

    @mutation(
        VolunteerPayload,
        description="Take back days without time. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def remove_away(
        self,
        info: Info,
        input: Annotated[
            RemoveAwayInput, strawberry.argument(description="Days that are free again.")
        ],
    ) -> VolunteerPayload:
        (key, away_id), context = input.read(), info.context
        async with context.begin() as session:
            await standing_back.remove_away(session, context.actor, key, away_id, now=context.now)
            return await _show(info, session, key)

    @mutation(
        VolunteerPayload,
        description="Come as a team, or change its name, size and members. Members who are named "
        "again stay the same persons.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def form_team(
        self,
        info: Info,
        input: Annotated[
            FormTeamInput,
            strawberry.argument(
                description="A team and who is in it besides the one who answers for all."
            ),
        ],
    ) -> VolunteerPayload:
        command, context = input.read(), info.context
        async with context.begin() as session:
            await teams.form_team(session, context.actor, command, now=context.now)
            return await _show(info, session, command.volunteer_id)

    @mutation(
        VolunteerPayload,
        description="Come alone again. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def dissolve_team(
        self,
        info: Info,
        input: Annotated[VolunteerInput, strawberry.argument(description="A volunteer.")],
    ) -> VolunteerPayload:
        key, context = find_id(input.volunteer_id, "Volunteer"), info.context
        async with context.begin() as session:
            await teams.dissolve_team(session, context.actor, key, now=context.now)
            return await _show(info, session, key)


async def _show(info: Info, session: Session, key: UUID) -> VolunteerPayload:
    rows = await repository.load_volunteers(session, info.context.actor, [key])
    return VolunteerPayload(volunteer=Volunteer.of(must(rows.get(key))))
