"""What is told about a volunteer, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.addresses import AddressInput
from api.schema.arguments import InvalidArgument, plain_text
from api.schema.availability import AvailabilityWindowInput, WeeklyHoursInput
from api.schema.errors import Problem
from api.schema.nodes import find_id
from api.schema.teams import TeamMemberInput
from matching.kinds import TravelMode
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.form_changes import HOME, SECOND_PLACE
from matching.volunteering.forms import SignUp
from matching.volunteering.signing_up import ChangeVolunteer
from people.kinds import Purpose

MAX_TEXT, MAX_WORD, MAX_LINES, MAX_TIMES = 200, 60, 40, 200


@strawberry.type(description="One thing that is wrong with a sign-up or a change.")
class FieldFault:
    field: str = strawberry.field(description="Which field, as a code word such as `max_tasks`.")
    message: str = strawberry.field(description="What is wrong, for the middle of a sentence.")
    remedy: str = strawberry.field(description="What to do about it.")


@strawberry.type(description="Something about a volunteer cannot be; every fault is named at once.")
class InvalidVolunteerProblem(Problem):
    faults: list[FieldFault] = strawberry.field(
        description="Everything that is wrong.", metadata={"items": 5}
    )

    @classmethod
    def about(cls, error: InvalidSignUp) -> InvalidVolunteerProblem:
        faults = [
            FieldFault(field=one.field, message=one.message, remedy=one.remedy)
            for one in error.problems
        ]
        return cls(code=error.code, message=str(error), faults=faults)


@strawberry.input(description="What somebody tells who wants to help.")
class SignUpVolunteerInput:
    community_id: relay.GlobalID = strawberry.field(description="Where they want to help.")
    name: str = strawberry.field(description="Their name, as they say it.")
    home: AddressInput = strawberry.field(description="Where they start from.")
    email: str | None = strawberry.field(
        description="A mail address; it or a phone number is needed.", default=None
    )
    phone: str | None = strawberry.field(description="A phone number.", default=None)
    consents: list[Purpose] = strawberry.field(
        description="What they agree to; `MATCHING` must be among it."
    )
    text_version: str = strawberry.field(
        description="Which wording of the consents they read.", default="1"
    )
    languages: list[str] = strawberry.field(description="Codes such as `es`.", default_factory=list)
    abilities: list[str] = strawberry.field(
        description="Skills and own tools, such as `shovel` or `snow blower`.",
        default_factory=list,
    )
    mode: TravelMode = strawberry.field(description="How they travel.", default=TravelMode.WALK)
    max_travel_min: int | None = strawberry.field(
        description="Longest way in minutes, 1 to 120; as the rules say when left out.",
        default=None,
    )
    radius_m: int | None = strawberry.field(
        description="Longest way in metres, 50 to 100000; no limit when left out.", default=None
    )
    max_tasks: int | None = strawberry.field(
        description="Visits in one round, 1 to 50; as the rules say when left out.", default=None
    )
    max_tasks_per_day: int | None = strawberry.field(
        description="Visits on one day, 1 to 50; as many as in a round when left out.",
        default=None,
    )
    max_work_min: int | None = strawberry.field(
        description="Minutes of work and travel in one round, 5 to 1440; as the rules say when "
        "left out.",
        default=None,
    )
    weekly_hours: list[WeeklyHoursInput] = strawberry.field(
        description="Time every week; hours or windows are needed.", default_factory=list
    )
    windows: list[AvailabilityWindowInput] = strawberry.field(
        description="Time that they have once.", default_factory=list
    )
    second_place: AddressInput | None = strawberry.field(
        description="Another place to start from, such as work.", default=None
    )
    under_18: bool = strawberry.field(
        name="under18", description="Then a guardian must agree first.", default=False
    )
    birth_year: int | None = strawberry.field(
        description="The year of birth, for somebody under 18.", default=None
    )
    team_name: str | None = strawberry.field(
        description="What the team calls itself, for those who come as several.", default=None
    )
    team_size: int | None = strawberry.field(
        description="How many come, with themselves.", default=None
    )
    members: list[TeamMemberInput] = strawberry.field(
        description="Those of the team who are named besides.", default_factory=list
    )

    campaign_code: str | None = strawberry.field(
        description="The code of the flyer or link that brought them, such as `library-flyer`; "
        "one that is not known is no obstacle.",
        default=None,
    )

    def as_form(self, community_id: UUID) -> SignUp:
        _refuse_many(self.languages, self.abilities, self.members)
        _refuse_many(self.weekly_hours, self.windows, most=MAX_TIMES)
        return SignUp(
            community_id=community_id,
            name=plain_text("name", self.name, longest=MAX_TEXT),
            address=HOME,
            email=plain_text("email", self.email or "", longest=MAX_TEXT),
            phone=plain_text("phone", self.phone or "", longest=MAX_TEXT),
            languages=_join("languages", self.languages),
            abilities=_join("abilities", self.abilities),
            mode=self.mode.value,
            max_travel_min=self.max_travel_min,
            max_travel_m=self.radius_m,
            max_tasks=self.max_tasks,
            max_tasks_per_day=self.max_tasks_per_day,
            max_work_min=self.max_work_min,
            weekly=tuple(hours.read() for hours in self.weekly_hours),
            dated=tuple(window.read() for window in self.windows),
            work_address="" if self.second_place is None else SECOND_PLACE,
            under_18=self.under_18,
            birth_year=self.birth_year,
            team_name=plain_text("teamName", self.team_name or "", longest=MAX_TEXT),
            team_size=self.team_size,
            members=tuple(member.read() for member in self.members),
            consents=tuple(purpose.value for purpose in self.consents),
            text_version=plain_text("textVersion", self.text_version, longest=40),
            campaign_code=plain_text("campaignCode", self.campaign_code or "", longest=MAX_TEXT),
        )


@strawberry.input(description="What changes of a profile; what is left out stays as it is.")
class ChangeVolunteerInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    mode: TravelMode | None = strawberry.field(description="How they travel.", default=None)
    max_travel_s: int | None = strawberry.field(
        description="Longest way in seconds, one way; 60 to 7200.", default=None
    )
    radius_m: int | None = strawberry.field(
        description="Longest way in metres, one way; 50 to 100000.", default=None
    )
    max_tasks: int | None = strawberry.field(
        description="Visits in one round, 1 to 50.", default=None
    )
    max_tasks_per_day: int | None = strawberry.field(
        description="Visits on one day, 1 to 50.", default=None
    )
    max_work_s: int | None = strawberry.field(
        description="Seconds of work and travel in one round, 300 to 86400.", default=None
    )
    languages: list[str] | None = strawberry.field(
        description="All languages, the most comfortable first.", default=None
    )
    abilities: list[str] | None = strawberry.field(
        description="All skills and own tools.", default=None
    )
    weekly_hours: list[WeeklyHoursInput] | None = strawberry.field(
        description="All time every week.", default=None
    )
    windows: list[AvailabilityWindowInput] | None = strawberry.field(
        description="All time that they have once.", default=None
    )
    home: AddressInput | None = strawberry.field(
        description="A new home; checks that hold for one address end.", default=None
    )
    second_place: AddressInput | None = strawberry.field(
        description="Another place to start from, such as work.", default=None
    )

    def as_command(self) -> ChangeVolunteer:
        _refuse_many(self.languages or [], self.abilities or [])
        _refuse_many(self.weekly_hours or [], self.windows or [], most=MAX_TIMES)
        weekly = windows = None
        if self.weekly_hours is not None:
            weekly = tuple(hours.read() for hours in self.weekly_hours)
        if self.windows is not None:
            windows = tuple(window.read() for window in self.windows)
        return ChangeVolunteer(
            volunteer_id=find_id(self.volunteer_id, "Volunteer"),
            mode=self.mode,
            max_travel_s=self.max_travel_s,
            radius_m=self.radius_m,
            max_tasks=self.max_tasks,
            max_tasks_per_day=self.max_tasks_per_day,
            max_work_s=self.max_work_s,
            languages=_words("languages", self.languages),
            abilities=_words("abilities", self.abilities),
            weekly=weekly,
            windows=windows,
        )


def _refuse_many(*lists: Sequence[Any], most: int = MAX_LINES) -> None:
    if any(len(one) > most for one in lists):
        raise InvalidArgument(f"A list holds too much: at most {most} of a kind.")


def _join(name: str, words: Sequence[str]) -> str:
    return "|".join(plain_text(name, word, longest=MAX_WORD) for word in words)


def _words(name: str, words: Sequence[str] | None) -> tuple[str, ...] | None:
    if words is None:
        return None
    return tuple(plain_text(name, word, longest=MAX_WORD) for word in words)
