"""What people say about themselves, and staff for those who ring: name, languages, contacts, yes
and no.
"""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import plain_text
from api.schema.context import Info
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from api.schema.people import Consent, ContactPoint, Person
from messaging import contacts
from messaging.consenting import StateConsent, state_consent
from people import directory_repository as directory
from people.kinds import Channel, Purpose
from people.models import ContactPoint as ContactRow
from people.profile import Rename, SetPreferences, rename_person, set_preferences


@strawberry.input(description="How a person is called.")
class RenamePersonInput:
    person_id: relay.GlobalID = strawberry.field(description="The person.")
    full_name: str = strawberry.field(description="The name in full, up to 200 characters.")
    call_name: str | None = strawberry.field(
        default=None, description="What others call them; without it the name is used."
    )


@strawberry.input(description="How a person wants to be reached. It replaces what was said before.")
class SetPreferencesInput:
    person_id: relay.GlobalID = strawberry.field(description="The person.")
    languages: list[str] = strawberry.field(
        description="1 to 10 codes of languages such as `es`, the most comfortable first."
    )
    channel: Channel | None = strawberry.field(
        default=None, description="The channel to try first; null leaves it to us."
    )
    quiet_from_min: int = strawberry.field(
        default=22 * 60,
        description="Minutes after local midnight from which nobody is disturbed; 1320 by default.",
    )
    quiet_until_min: int = strawberry.field(
        default=7 * 60,
        description="Minutes after local midnight until which nobody is disturbed; 420 by default.",
    )


@strawberry.input(description="A mail address or number to add, or to put in another's place.")
class AddContactInput:
    community_id: relay.GlobalID = strawberry.field(
        description="The community that asks there whether it is theirs."
    )
    person_id: relay.GlobalID = strawberry.field(description="The person.")
    channel: Channel = strawberry.field(description="How one reaches the person there.")
    value: str = strawberry.field(
        description="A mail address, or a number with + and country code."
    )
    preferred: bool = strawberry.field(
        default=False, description="Whether it comes before others of its channel."
    )
    replaces_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The contact point that is taken off; none without it."
    )

    def read(self) -> contacts.AddContact:
        return contacts.AddContact(
            community_id=find_id(self.community_id, "Community"),
            person_id=find_id(self.person_id, "Person"),
            channel=self.channel,
            value=plain_text("value", self.value, longest=contacts.MAX_ADDRESS),
            preferred=self.preferred,
        )


@strawberry.input(description="Which mail address or number.")
class ContactInput:
    contact_point_id: relay.GlobalID = strawberry.field(description="The contact point.")


@strawberry.input(description="At whose contacts to ask.")
class AskToConfirmContactsInput:
    community_id: relay.GlobalID = strawberry.field(description="The community that asks.")
    person_id: relay.GlobalID = strawberry.field(description="The person.")


@strawberry.input(description="The key of the link in the message that asked.")
class ConfirmContactInput:
    token: str = strawberry.field(description="What stands behind `/l/` in the link.")


@strawberry.input(description="What somebody agrees to, or no more.")
class StateConsentInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    person_id: relay.GlobalID = strawberry.field(description="Who says it.")
    purpose: Purpose = strawberry.field(description="What it is for.")
    granted: bool = strawberry.field(description="True agrees, false takes it back.")
    text_version: str = strawberry.field(
        description="Which wording the person read or heard, in up to 50 characters."
    )
    channel: Channel | None = strawberry.field(
        default=None, description="By which channel; null covers every channel."
    )


@strawberry.type(description="A person's profile was changed.")
class PersonPayload:
    person: Person = strawberry.field(description="The person as they are now.")


@strawberry.type(description="A mail address or number was added or changed.")
class ContactPayload:
    contact_point: ContactPoint = strawberry.field(description="As it is now.")


@strawberry.type(description="A mail address or number was taken off.")
class RemoveContactPayload:
    person: Person = strawberry.field(description="The person, without it.")


@strawberry.type(description="Contacts were asked whether they are the person's.")
class AskToConfirmContactsPayload:
    asked_count: int = strawberry.field(
        description="At how many a message asks today; each is asked once a day at most."
    )


@strawberry.type(description="An answer came from the address.")
class ConfirmContactPayload:
    channel: Channel = strawberry.field(description="The channel of what is confirmed now.")


@strawberry.type(description="A line was added to the ledger; it holds at once.")
class StateConsentPayload:
    consent: Consent = strawberry.field(description="The new line.")


@strawberry.type
class ProfileMutation:
    @mutation(
        PersonPayload,
        description="Write down how a person is called: oneself, or as staff of their community.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def rename_person(
        self,
        info: Info,
        input: Annotated[RenamePersonInput, strawberry.argument(description="The name.")],
    ) -> PersonPayload:
        command = Rename(find_id(input.person_id, "Person"), input.full_name, input.call_name)
        async with info.context.begin() as session:
            row = await rename_person(session, info.context.actor, command, now=info.context.now)
        return PersonPayload(person=Person.of(row))

    @mutation(
        PersonPayload,
        description="Replace a person's languages, channel and quiet hours: oneself, or as staff.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def set_preferences(
        self,
        info: Info,
        input: Annotated[SetPreferencesInput, strawberry.argument(description="All of them.")],
    ) -> PersonPayload:
        command = SetPreferences(
            person_id=find_id(input.person_id, "Person"),
            languages=tuple(input.languages),
            channel=input.channel,
            quiet_from_min=input.quiet_from_min,
            quiet_until_min=input.quiet_until_min,
        )
        async with info.context.begin() as session:
            row = await set_preferences(session, info.context.actor, command, now=info.context.now)
        return PersonPayload(person=Person.of(row))

    @mutation(
        ContactPayload,
        description="Add a mail address or number, or put it in another's place. A message asks "
        "there whether it is the person's; before somebody answers, little is sent there. The same "
        "one again is the same contact point. Contacts of staff, and of who belongs to another "
        "community too, are changed by themselves alone, and one's own not with an API token.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def add_contact(
        self,
        info: Info,
        input: Annotated[AddContactInput, strawberry.argument(description="What is added.")],
    ) -> ContactPayload:
        actor, now, command = info.context.actor, info.context.now, input.read()
        async with info.context.begin() as session:
            if input.replaces_id is None:
                row = await contacts.add_contact(session, actor, command, now=now)
            else:
                old_id = find_id(input.replaces_id, "ContactPoint")
                row = await contacts.replace_contact(session, actor, old_id, command, now=now)
        return ContactPayload(contact_point=await _show(info, row))

    @mutation(
        ContactPayload,
        description="Let messages go to this mail address or number before others of its channel.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def prefer_contact(
        self,
        info: Info,
        input: Annotated[ContactInput, strawberry.argument(description="Which one.")],
    ) -> ContactPayload:
        key = find_id(input.contact_point_id, "ContactPoint")
        async with info.context.begin() as session:
            row = await contacts.prefer_contact(
                session, info.context.actor, key, now=info.context.now
            )
        return ContactPayload(contact_point=await _show(info, row))

    @mutation(
        RemoveContactPayload,
        description="Take a mail address or number off. The last one of a person stays.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def remove_contact(
        self,
        info: Info,
        input: Annotated[ContactInput, strawberry.argument(description="Which one.")],
    ) -> RemoveContactPayload:
        key = find_id(input.contact_point_id, "ContactPoint")
        async with info.context.begin() as session:
            person_id = await contacts.remove_contact(
                session, info.context.actor, key, now=info.context.now
            )
        found = must(await info.context.load(directory.load_people, person_id))
        return RemoveContactPayload(person=Person.of(found))

    @mutation(
        AskToConfirmContactsPayload,
        description="Ask again at every contact that nobody has confirmed: at most once a day for "
        "each, and three times in a month.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def ask_to_confirm_contacts(
        self,
        info: Info,
        input: Annotated[AskToConfirmContactsInput, strawberry.argument(description="Whose.")],
    ) -> AskToConfirmContactsPayload:
        community_id = find_id(input.community_id, "Community")
        person_id = find_id(input.person_id, "Person")
        async with info.context.begin() as session:
            asked = await contacts.ask_contacts(
                session, info.context.actor, community_id, person_id, now=info.context.now
            )
        return AskToConfirmContactsPayload(asked_count=len(asked))

    @mutation(
        ConfirmContactPayload,
        description="Note that the person reads what comes to an address: for whoever holds the "
        "link that was sent there. Doing it twice is fine.",
        who=Who.EVERYBODY,
        scope="people:write",
    )
    async def confirm_contact(
        self,
        info: Info,
        input: Annotated[ConfirmContactInput, strawberry.argument(description="The link.")],
    ) -> ConfirmContactPayload:
        async with info.context.begin() as session:
            row = await contacts.confirm_by_token(session, input.token, now=info.context.now)
        return ConfirmContactPayload(channel=row.channel)

    @mutation(
        StateConsentPayload,
        description="Agree to something or take it back; staff write down what they were told. "
        "After a no, messages that wait are taken back. Each call adds a line.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def state_consent(
        self,
        info: Info,
        input: Annotated[StateConsentInput, strawberry.argument(description="What is said.")],
    ) -> StateConsentPayload:
        command = StateConsent(
            community_id=find_id(input.community_id, "Community"),
            person_id=find_id(input.person_id, "Person"),
            purpose=input.purpose,
            granted=input.granted,
            text_version=plain_text("textVersion", input.text_version, longest=50),
            channel=input.channel,
        )
        async with info.context.begin() as session:
            line = await state_consent(session, info.context.actor, command, now=info.context.now)
        return StateConsentPayload(consent=Consent.of(line))


async def _show(info: Info, row: ContactRow) -> ContactPoint:
    return ContactPoint.of(must(await info.context.load(directory.load_contacts, row.id)))
