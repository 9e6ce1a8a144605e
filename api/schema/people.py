"""People: themselves, and those whom staff look after."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import ANY_SCOPE, Owners, Sees, Who
from api.schema.arguments import CommunityId, aware_or_none, plain_text_or_none
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import Direction
from api.schema.households import Household
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.safeguards import GuardianConsent, VettingItem
from core.errors import NotPermitted
from people import directory_repository as directory
from people import policy
from people.consents import find_holding
from people.directory_repository import PeopleFilter
from people.guardians import is_minor
from people.kinds import Channel, Purpose, Role
from people.models import Consent as ConsentRow
from people.models import ContactPoint as ContactRow
from people.models import Membership as MembershipRow
from people.models import Person as PersonRow
from people.models import Preferences as PreferencesRow
from people.profile import check_language
from people.repository import load_communities


@strawberry.type(description="A role of a person in one community.")
class Membership:
    role: Role = strawberry.field(description="What the person is there.")
    since: datetime = strawberry.field(description="Since when.")
    ended_at: datetime | None = strawberry.field(
        description="Since when no more; null while it lasts."
    )
    community_key: strawberry.Private[UUID]

    @field(description="Where.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.community_key)))

    @classmethod
    def of(cls, row: MembershipRow) -> Membership:
        return cls(
            role=row.role,
            since=row.since,
            ended_at=row.ended_at,
            community_key=row.community_id,
        )


@strawberry.type(description="What a person agreed to, or no more, as the last line on it says.")
class Consent:
    purpose: Purpose = strawberry.field(description="What it is for.")
    channel: Channel | None = strawberry.field(
        description="By which channel; null covers every channel."
    )
    granted: bool = strawberry.field(description="Whether the person agrees.")
    text_version: str = strawberry.field(description="Which wording it was.")
    source: str = strawberry.field(
        description="How it was said, as a code word: `form`, `phone`, `sms`, `import` ..."
    )
    by_themselves: bool = strawberry.field(
        description="Whether the person wrote it down, and not somebody who was told."
    )
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    community_key: strawberry.Private[UUID]

    @field(description="The community whose ledger it stands in.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.community_key)))

    @classmethod
    def of(cls, row: ConsentRow) -> Consent:
        return cls(
            purpose=row.purpose,
            channel=row.channel,
            granted=row.granted,
            text_version=row.text_version,
            source=row.source,
            by_themselves=row.recorded_by == row.person_id,
            recorded_at=row.recorded_at,
            community_key=row.community_id,
        )


@strawberry.type(description="How a person wants to be reached and spoken to.")
class Preferences:
    languages: list[str] = strawberry.field(
        description="Codes of languages such as `es`, the most comfortable first."
    )
    channel: Channel | None = strawberry.field(
        description="The channel that is tried first; null leaves it to us."
    )
    quiet_from_min: int = strawberry.field(
        description="Minutes after local midnight from which nobody is disturbed."
    )
    quiet_until_min: int = strawberry.field(
        description="Minutes after local midnight until which nobody is disturbed."
    )

    @classmethod
    def of(cls, row: PreferencesRow) -> Preferences:
        return cls(
            languages=list(row.languages),
            channel=row.channel,
            quiet_from_min=row.quiet_from_min,
            quiet_until_min=row.quiet_until_min,
        )


@strawberry.type(description="A mail address or a phone number of a person.")
class ContactPoint(relay.Node):
    id: relay.NodeID[UUID]
    channel: Channel = strawberry.field(description="How one reaches the person there.")
    preferred: bool = strawberry.field(description="Whether it comes before others of its channel.")
    verified_at: datetime | None = strawberry.field(
        description="When the person answered from there; null while nobody has."
    )
    bounced_at: datetime | None = strawberry.field(
        description="Since when nothing arrives there; null while it does."
    )
    row: strawberry.Private[ContactRow]

    def owners(self) -> Owners:
        return _owners(self.row.person)

    @guarded(
        Sees.OWN_OR_STAFF, description="The mail address, or the number with + and country code."
    )
    async def value(self, info: Info) -> str | None:
        return self.row.value

    @classmethod
    def of(cls, row: ContactRow) -> ContactPoint:
        return cls(
            id=row.id,
            channel=row.channel,
            preferred=row.preferred,
            verified_at=row.verified_at,
            bounced_at=row.bounced_at,
            row=row,
        )

    resolve_nodes = found_by(directory.load_contacts, scope="people:read")


@strawberry.type(description="Somebody. Seen by themselves and by the staff of their communities.")
class Person(relay.Node):
    id: relay.NodeID[UUID]
    known_since: datetime = strawberry.field(description="When Talkoot first heard of them.")
    is_made_up: bool = strawberry.field(description="Whether they exist for demonstration only.")
    row: strawberry.Private[PersonRow]

    def owners(self) -> Owners:
        return _owners(self.row)

    @guarded(Sees.OWN_OR_STAFF, description="The name in full; null when none is kept.")
    async def full_name(self, info: Info) -> str | None:
        found = await info.context.load(directory.load_names, self.row.id)
        return None if found is None else found.full_name

    @guarded(Sees.OWN_OR_STAFF, description="What others call them; null when it is the name.")
    async def call_name(self, info: Info) -> str | None:
        found = await info.context.load(directory.load_names, self.row.id)
        return None if found is None else found.call_name

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Mail addresses and phone numbers, oldest first.",
        metadata={"items": 3},
    )
    async def contact_points(self, info: Info) -> list[ContactPoint] | None:
        found = await info.context.load(directory.load_contacts_of, self.row.id)
        return [ContactPoint.of(row) for row in found or []]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="How they want to be reached; null when they never said.",
    )
    async def preferences(self, info: Info) -> Preferences | None:
        found = await info.context.load(directory.load_preferences, self.row.id)
        return None if found is None else Preferences.of(found)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Their roles: all of one's own, and for staff those in their community.",
        metadata={"items": 2},
    )
    async def roles(self, info: Info) -> list[Membership] | None:
        shown = policy.shown_roles(info.context.actor, self.row.id, self.row.memberships)
        return [Membership.of(row) for row in shown]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="What they agreed to and what no more: the lines that hold, by purpose.",
        metadata={"items": 5},
    )
    async def consents(self, info: Info) -> list[Consent] | None:
        found = await info.context.load(directory.load_consents_of, self.row.id)
        return [Consent.of(row) for row in find_holding(found or [])]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Checks of this person, line by line, oldest first.",
        metadata={"items": 5},
    )
    async def vetting(self, info: Info) -> list[VettingItem] | None:
        found = await info.context.load(directory.load_vetting_of, self.row.id)
        return [VettingItem.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="Whether they count as under 18.")
    async def is_minor(self, info: Info) -> bool | None:
        found = await info.context.load(directory.load_minors_of, self.row.id)
        return is_minor(found, info.context.now.date())

    @guarded(Sees.OWN_OR_STAFF, description="The year of birth, where a minor gave it.")
    async def birth_year(self, info: Info) -> int | None:
        found = await info.context.load(directory.load_minors_of, self.row.id)
        return None if found is None else found.birth_year

    @guarded(
        Sees.OWN_OR_STAFF,
        description="What guardians let this person do; empty for adults.",
        metadata={"items": 2},
    )
    async def guardian_consents(self, info: Info) -> list[GuardianConsent] | None:
        found = await info.context.load(directory.load_guardian_consents_for, self.row.id)
        return [GuardianConsent.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="Where they live; null when that is not known.")
    async def household(self, info: Info) -> Household | None:
        if self.row.household_id is None:
            return None
        found = await info.context.load(directory.load_households, self.row.household_id)
        return None if found is None else Household.of(found)

    @classmethod
    def of(cls, row: PersonRow) -> Person:
        return cls(id=row.id, known_since=row.created_at, is_made_up=row.is_synthetic, row=row)

    resolve_nodes = found_by(directory.load_people, scope="people:read")


@strawberry.type(description="Who is signed in.")
class Viewer:
    by_token: bool = strawberry.field(
        description="Whether an API token was sent, and not a sign-in."
    )
    scopes: list[str] | None = strawberry.field(
        description="What the API token may do; null when it is all that the person may."
    )
    csrf_token: str | None = strawberry.field(
        description="What a client with the cookie of this sign-in sends in the header "
        "`X-CSRF-Token` with each mutation; null for an API token, which needs none."
    )
    person_key: strawberry.Private[UUID]

    def owners(self) -> Owners:
        return Owners(frozenset({self.person_key}))

    @guarded(
        Sees.OWN,
        description="Name, contacts, preferences, consents and roles of the person.",
        scope="people:read",
    )
    async def person(self, info: Info) -> Person | None:
        found = await info.context.load(directory.load_people, self.person_key)
        return None if found is None else Person.of(found)


@strawberry.enum(description="What a list of people is ordered by.")
class PersonSortBy(Enum):
    KNOWN_SINCE = strawberry.enum_value(
        "created_at", description="When Talkoot first heard of them."
    )


@strawberry.input(description="The order of a list of people.")
class PersonSort:
    by: PersonSortBy = strawberry.field(description="What it is ordered by.")
    direction: Direction = strawberry.field(description="Which end comes first.")


@strawberry.input(description="Which people; all conditions that are given must hold.")
class PersonFilter:
    role: Role | None = strawberry.field(
        default=None, description="Those who have this role in the community."
    )
    name: str | None = strawberry.field(
        default=None, description="Those whose name holds this, in small or capital letters."
    )
    language: str | None = strawberry.field(
        default=None, description="Those who speak this language, as its code, such as `es`."
    )
    known_since: datetime | None = strawberry.field(
        default=None, description="Those whom Talkoot first heard of then or later."
    )

    def read(self) -> PeopleFilter:
        name = plain_text_or_none("name", self.name, longest=100)
        return PeopleFilter(
            role=self.role,
            name=None if name is None or not name.strip() else name.strip(),
            language=None if self.language is None else check_language(self.language),
            known_since=aware_or_none("knownSince", self.known_since),
        )


@strawberry.type
class PeopleQuery:
    @query(
        description="Who is signed in; null when nobody is.",
        who=Who.EVERYBODY,
        scope=ANY_SCOPE,
    )
    async def viewer(self, info: Info) -> Viewer | None:
        actor = info.context.actor
        if actor.person_id is None:
            return None
        scopes = None if actor.scopes is None else sorted(actor.scopes)
        by_token = actor.scopes is not None or info.context.token_id is not None
        return Viewer(
            by_token=by_token,
            scopes=scopes,
            csrf_token=None if by_token else info.context.csrf,
            person_key=actor.person_id,
        )

    @query(
        description="The people of a community, newest first unless sorted; for its staff.",
        who=Who.STAFF,
        scope="people:read",
    )
    async def people(
        self,
        info: Info,
        *,
        community_id: CommunityId,
        filter: Annotated[
            PersonFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        sort: Annotated[
            PersonSort | None, strawberry.argument(description="In which order.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Person]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not policy.can_list_people(actor, key):
            raise NotPermitted("Only staff of the community may look through its people.")
        wanted = PeopleFilter() if filter is None else filter.read()
        newest_first = sort is None or sort.direction is Direction.DESCENDING
        listing = directory.list_people_of(actor, key, wanted, newest_first=newest_first)
        return await connect(info, listing, Person.of, first=first, after=after)

    @query(
        description="One person; null when there is none or it is not for you.",
        who=Who.SIGNED_IN,
        scope="people:read",
    )
    async def person(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="Their `id`.")],
    ) -> Person | None:
        row = await info.context.load(directory.load_people, find_id(id, "Person"))
        return None if row is None else Person.of(row)


def _owners(row: PersonRow) -> Owners:
    return Owners(
        frozenset({row.id}), frozenset(membership.community_id for membership in row.memberships)
    )
