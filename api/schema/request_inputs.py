"""What callers say about a request: taking one, changing one, and listing some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.addresses import AddressInput
from api.schema.arguments import (
    InvalidArgument,
    aware,
    aware_or_none,
    code_words,
    plain_text,
    plain_text_or_none,
)
from api.schema.enums import Direction
from api.schema.intake import DeclaresInput
from api.schema.intake_words import (
    Cadence,
    CallerKind,
    ContactChoice,
    IntakeChannel,
    RequestSortBy,
)
from api.schema.nodes import find_id, find_optional_id
from api.schema.scalars import Cell
from core.errors import NotPermitted
from matching import policy
from matching.imports.errors import CellRefused
from matching.imports.fields import parse_languages
from matching.imports.records import Place
from matching.intake.changing import ChangeRequest
from matching.intake.commands import MAX_WINDOWS, NewResident, TakeRequest, Windows
from matching.intake.listing_repository import RequestFilter
from matching.intake.models import NOTES_LENGTH
from matching.kinds import RequestKind, RequestStatus
from people.auth import Actor
from people.kinds import Purpose
from people.models import NAME_LENGTH

BY_STAFF = (IntakeChannel.PHONE, IntakeChannel.STAFF)


@strawberry.input(description="A time in which the whole job may be done.")
class TimeWindowInput:
    opens_at: datetime = strawberry.field(description="From when, with its time zone.")
    closes_at: datetime = strawberry.field(description="Until when, with its time zone.")


@strawberry.input(description="Somebody who may not be known yet, and where they live.")
class NewResidentInput:
    name: str = strawberry.field(description="The name in full.")
    address: AddressInput = strawberry.field(description="Where they live.")
    phone: str | None = strawberry.field(
        default=None, description="A phone number, however it is written."
    )
    email: str | None = strawberry.field(
        default=None, description="An e-mail address; it or a phone number is needed."
    )
    languages: list[str] | None = strawberry.field(
        default=None, description="Codes such as `es`, the most comfortable first."
    )

    def as_command(self, place: Place) -> NewResident:
        return NewResident(
            name=plain_text("name", self.name, longest=NAME_LENGTH),
            place=place,
            phone=plain_text_or_none("phone", self.phone, longest=100),
            email=plain_text_or_none("email", self.email, longest=320),
            languages=read_languages(self.languages),
        )


@strawberry.input(description="A call for help, for yourself, or for somebody else.")
class TakeRequestInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose programme is asked.")
    kind: RequestKind = strawberry.field(description="What help; `helpKinds` shows what there is.")
    resident_id: relay.GlobalID | None = strawberry.field(
        default=None,
        description="Who needs help, when it is somebody known: for staff. Yourself when both "
        "this and `resident` are left out.",
    )
    resident: NewResidentInput | None = strawberry.field(
        default=None,
        description="Who needs help, when it is somebody who may not be known. Unless staff ask, "
        "a person checks first.",
    )
    cadence: Cadence = strawberry.field(
        default=Cadence.ONCE, description="How often; what is not once makes a standing request."
    )
    windows: list[TimeWindowInput] | None = strawberry.field(
        default=None,
        description="When the whole job may be done; in a storm, until the deadline when left out.",
    )
    scope: list[str] | None = strawberry.field(
        default=None, description="Codes of the parts of the work; what is usual when left out."
    )
    languages: list[str] | None = strawberry.field(
        default=None, description="Codes such as `es`: one of them must be spoken."
    )
    crew_size: int = strawberry.field(default=1, description="How many volunteers it takes.")
    access_notes: str | None = strawberry.field(
        default=None,
        description="How to get in, and what the details of the kind of help ask for; volunteers "
        "read it after agreeing.",
    )
    contact_choice: ContactChoice = strawberry.field(
        default=ContactChoice.PLATFORM,
        description="Which contact volunteers may see after agreeing.",
    )
    caller: CallerKind | None = strawberry.field(
        default=None, description="Who asks, when it is not the resident."
    )
    caller_name: str | None = strawberry.field(
        default=None, description="The name of who asks, for staff alone to see."
    )
    declares: DeclaresInput | None = strawberry.field(
        default=None, description="What the rules ask about; kept only with the consent MATCHING."
    )
    consents: list[Purpose] | None = strawberry.field(
        default=None, description="What the resident has agreed to, as ticked or told."
    )
    valid_until: date | None = strawberry.field(
        default=None,
        description="The last day of a standing request; the end of the season when left out.",
    )
    client_key: str | None = strawberry.field(
        default=None,
        description="A key of yours for this call, 1 to 120 characters: sent again with the same "
        "key, it changes nothing and answers as before.",
    )
    channel: IntakeChannel | None = strawberry.field(
        default=None, description="How the call came in, for staff: PHONE or STAFF."
    )
    needs: list[str] | None = strawberry.field(
        default=None, description="Codes of skills and tools, for staff; as usual when left out."
    )
    service_s: int | None = strawberry.field(
        default=None, description="How long the work takes in seconds, for staff."
    )
    weight: float | None = strawberry.field(
        default=None, description="How much serving it counts, above 0 to 100, for staff."
    )

    def as_command(self, actor: Actor, community_id: UUID, place: Place | None) -> TakeRequest:
        staff = policy.can_set_terms(actor, community_id)
        terms = (self.channel, self.needs, self.service_s, self.weight)
        if not staff and any(term is not None for term in terms):
            raise NotPermitted("Only staff say channel, needs, service time and weight.")
        if self.channel is not None and self.channel not in BY_STAFF:
            raise InvalidArgument("channel must be PHONE or STAFF.")
        resident_id = find_optional_id(self.resident_id, "Person")
        if resident_id is None and self.resident is None:
            resident_id = actor.person_id
        by_staff = staff and resident_id != actor.person_id
        return TakeRequest(
            community_id=community_id,
            kind=self.kind,
            resident_id=resident_id,
            resident=None
            if self.resident is None or place is None
            else self.resident.as_command(place),
            channel=self.channel or (IntakeChannel.PHONE if by_staff else IntakeChannel.WEB),
            cadence=self.cadence,
            windows=read_windows(self.windows or ()),
            scope=None if self.scope is None else code_words("scope", self.scope),
            needs=None if self.needs is None else code_words("needs", self.needs),
            languages=read_languages(self.languages),
            service_s=self.service_s,
            weight=self.weight,
            crew_size=self.crew_size,
            access_notes=plain_text_or_none("accessNotes", self.access_notes, longest=NOTES_LENGTH),
            contact_choice=self.contact_choice,
            caller=self.caller,
            caller_name=plain_text_or_none("callerName", self.caller_name, longest=NAME_LENGTH),
            declares=None if self.declares is None else self.declares.as_command(),
            consents=tuple(dict.fromkeys(self.consents or ())),
            valid_until=self.valid_until,
            key=plain_text_or_none("clientKey", self.client_key, longest=120),
        )


@strawberry.input(description="What shall be different about a request; what is left out stays.")
class ChangeRequestInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")
    windows: list[TimeWindowInput] | None = strawberry.field(
        default=None, description="When the whole job may be done, all windows anew."
    )
    scope: list[str] | None = strawberry.field(
        default=None, description="Codes of the parts of the work, all anew."
    )
    access_notes: str | None = strawberry.field(
        default=None,
        description="How to get in, and what the details of the kind of help ask for; an empty "
        "text removes what was said.",
    )
    contact_choice: ContactChoice | None = strawberry.field(
        default=None, description="Which contact volunteers may see after agreeing."
    )

    def as_command(self) -> ChangeRequest:
        return ChangeRequest(
            request_id=find_id(self.request_id, "HelpRequest"),
            windows=None if self.windows is None else read_windows(self.windows),
            scope=None if self.scope is None else code_words("scope", self.scope),
            access_notes=plain_text_or_none("accessNotes", self.access_notes, longest=NOTES_LENGTH),
            contact_choice=self.contact_choice,
        )


@strawberry.input(
    name="RequestFilter",
    description="Which requests a list holds; what is left out asks for nothing.",
)
class RequestFilterInput:
    statuses: list[RequestStatus] | None = strawberry.field(
        default=None, description="Only those that stand there."
    )
    kinds: list[RequestKind] | None = strawberry.field(
        default=None, description="Only these kinds of help."
    )
    cells: list[Cell] | None = strawberry.field(
        default=None, description="Only homes in these cells, at most 50."
    )
    areas: list[str] | None = strawberry.field(
        default=None, description="Only homes in these parts of the city, at most 50."
    )
    reference: str | None = strawberry.field(
        default=None, description="Only the one with this short name, as people read it out."
    )
    storm_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Only requests of this storm."
    )
    needs: list[str] | None = strawberry.field(
        default=None, description="Only those that take one of these skills or tools, by code."
    )
    needs_review: bool | None = strawberry.field(
        default=None, description="Only those that wait for a person's eye, or only the others."
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Only those that came in then or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Only those that came in earlier."
    )
    deadline_before: datetime | None = strawberry.field(
        default=None, description="Only those that are of use no longer than until then."
    )

    def as_filter(self) -> RequestFilter:
        return RequestFilter(
            statuses=tuple(dict.fromkeys(self.statuses or ())),
            kinds=tuple(dict.fromkeys(self.kinds or ())),
            cells=tuple(self.cells or ()),
            areas=tuple(plain_text("areas", name, longest=200) for name in self.areas or ()),
            reference=plain_text_or_none("reference", self.reference, longest=12),
            storm_id=find_optional_id(self.storm_id, "Storm"),
            needs=code_words("needs", self.needs or []),
            needs_review=self.needs_review,
            created_from=aware_or_none("createdFrom", self.created_from),
            created_before=aware_or_none("createdBefore", self.created_before),
            deadline_before=aware_or_none("deadlineBefore", self.deadline_before),
        )


@strawberry.input(description="How a list of requests is ordered.")
class RequestSort:
    by: RequestSortBy = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(description="Which end comes first.")


def read_windows(windows: Sequence[TimeWindowInput]) -> Windows:
    """Windows of time, each with its time zone and its end after its start."""
    if len(windows) > MAX_WINDOWS:
        raise InvalidArgument(f"windows must name at most {MAX_WINDOWS} times.")
    pairs = tuple(
        (aware("opensAt", window.opens_at), aware("closesAt", window.closes_at))
        for window in windows
    )
    if any(start >= end for start, end in pairs):
        raise InvalidArgument("A window of time must end after it starts.")
    return pairs


def read_languages(codes: Sequence[str] | None) -> tuple[str, ...]:
    """Codes of languages, in their normal form and in the order given."""
    try:
        found = [tag for code in (codes or ())[:100] for tag in parse_languages("languages", code)]
    except CellRefused as refused:
        problem = refused.problem
        raise InvalidArgument(f"{problem.column} {problem.message}. {problem.remedy}") from None
    return tuple(dict.fromkeys(found))
