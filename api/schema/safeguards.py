"""What must be checked before somebody helps: checks of people, and guardians of minors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import aware, aware_or_none, code_word, code_words, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id, found_by
from api.schema.operations import mutation
from matching.volunteering.checks import change_age, end_guardian_consent, vet_volunteer
from people import directory_repository
from people.guardians import DeclareAge, GiveConsent, give_guardian_consent
from people.kinds import VettingStatus
from people.safeguard_models import GuardianConsent as GuardianConsentRow
from people.safeguard_models import VettingItem as VettingRow
from people.vetting import RecordVetting


@strawberry.type(
    description="One line on a check of a person. The last one of a code holds; what a check found "
    "is never kept."
)
class VettingItem:
    code: str = strawberry.field(description="Which check, as the rules of the community call it.")
    status: VettingStatus = strawberry.field(description="What came of it.")
    valid_from: datetime = strawberry.field(description="From when it holds.")
    valid_until: datetime | None = strawberry.field(
        description="Until when it holds; empty for good, or when it was not passed."
    )
    recorded_at: datetime = strawberry.field(description="When it was written down.")

    @classmethod
    def of(cls, row: VettingRow) -> VettingItem:
        return cls(
            code=row.code,
            status=row.status,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            recorded_at=row.recorded_at,
        )


@strawberry.type(description="What a guardian lets a minor do, and until when.")
class GuardianConsent(relay.Node):
    id: relay.NodeID[UUID]
    minor_id: relay.GlobalID = strawberry.field(description="The person under 18.")
    guardian_id: relay.GlobalID = strawberry.field(description="The adult who agreed.")
    kinds: list[str] = strawberry.field(description="Kinds of help; an empty list covers all.")
    alone: bool = strawberry.field(
        description="Also without an adult, where the community allows that."
    )
    granted_at: datetime = strawberry.field(description="From when it holds.")
    valid_until: datetime = strawberry.field(description="Until when it holds.")
    withdrawn_at: datetime | None = strawberry.field(
        description="Since when it holds no more; empty while it was not taken back."
    )

    @classmethod
    def of(cls, row: GuardianConsentRow) -> GuardianConsent:
        return cls(
            id=row.id,
            minor_id=relay.GlobalID("Person", str(row.minor_id)),
            guardian_id=relay.GlobalID("Person", str(row.guardian_id)),
            kinds=list(row.kinds),
            alone=row.alone,
            granted_at=row.granted_at,
            valid_until=row.valid_until,
            withdrawn_at=row.withdrawn_at,
        )

    resolve_nodes = found_by(directory_repository.load_guardian_consents, scope="people:read")


@strawberry.input(description="What somebody has checked.")
class RecordVettingInput:
    community_id: relay.GlobalID = strawberry.field(description="The community it counts in.")
    person_id: relay.GlobalID = strawberry.field(description="Who was checked.")
    code: str = strawberry.field(description="Which check; see `Rules.vetting`.")
    status: VettingStatus = strawberry.field(
        default=VettingStatus.PASSED, description="What came of it; passed by default."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when it holds; from now without."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="Until when; as the rules say without."
    )


@strawberry.input(description="What somebody says about being under 18.")
class DeclareAgeInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    person_id: relay.GlobalID = strawberry.field(description="Whom it is about.")
    birth_year: int | None = strawberry.field(
        default=None, description="The year of birth; under 18 without more when empty."
    )
    is_adult: bool = strawberry.field(
        default=False, description="Takes an earlier word back. Staff only, not about themselves."
    )


@strawberry.input(description="What a guardian lets a minor do.")
class GiveGuardianConsentInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    minor_id: relay.GlobalID = strawberry.field(description="The person under 18.")
    guardian_id: relay.GlobalID = strawberry.field(description="The adult who agrees.")
    valid_until: datetime = strawberry.field(description="Until when it holds.")
    text_version: str = strawberry.field(description="Which wording was read or heard.")
    kinds: list[str] = strawberry.field(
        default_factory=list, description="Kinds of help; an empty list covers all."
    )
    alone: bool = strawberry.field(
        default=False, description="Also without an adult, where the community allows that."
    )


@strawberry.input(description="Which consent of a guardian is taken back.")
class WithdrawGuardianConsentInput:
    guardian_consent_id: relay.GlobalID = strawberry.field(description="The consent.")


@strawberry.type(description="A check was written down.")
class RecordVettingPayload:
    vetting: VettingItem = strawberry.field(description="The new line.")


@strawberry.type(description="What was said about the age was written down.")
class DeclareAgePayload:
    is_minor: bool = strawberry.field(description="Whether the person counts as under 18 now.")


@strawberry.type(description="A guardian's consent was written down or taken back.")
class GuardianConsentPayload:
    guardian_consent: GuardianConsent = strawberry.field(description="The consent as it is now.")


@strawberry.type
class SafeguardMutation:
    @mutation(
        RecordVettingPayload,
        description="Write down a check of a person, never one's own. One that ends takes back the "
        "offers and the work that need it.",
        who=Who.STAFF,
        scope="people:write",
    )
    async def record_vetting(
        self,
        info: Info,
        input: Annotated[RecordVettingInput, strawberry.argument(description="The check.")],
    ) -> RecordVettingPayload:
        command = RecordVetting(
            community_id=find_id(input.community_id, "Community"),
            person_id=find_id(input.person_id, "Person"),
            code=code_word("code", input.code),
            status=input.status,
            valid_from=aware_or_none("validFrom", input.valid_from),
            valid_until=aware_or_none("validUntil", input.valid_until),
        )
        async with info.context.begin() as session:
            row = await vet_volunteer(session, info.context.actor, command, now=info.context.now)
        return RecordVettingPayload(vetting=VettingItem.of(row))

    @mutation(
        DeclareAgePayload,
        description="Say that somebody is under 18, or as staff that they are not. Saying it again "
        "changes nothing.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def declare_age(
        self,
        info: Info,
        input: Annotated[DeclareAgeInput, strawberry.argument(description="What is said.")],
    ) -> DeclareAgePayload:
        command = DeclareAge(
            community_id=find_id(input.community_id, "Community"),
            person_id=find_id(input.person_id, "Person"),
            birth_year=input.birth_year,
            adult=input.is_adult,
        )
        async with info.context.begin() as session:
            is_minor = await change_age(session, info.context.actor, command, now=info.context.now)
        return DeclareAgePayload(is_minor=is_minor)

    @mutation(
        GuardianConsentPayload,
        description="Let a minor help, as their guardian or as staff who were told.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def give_guardian_consent(
        self,
        info: Info,
        input: Annotated[
            GiveGuardianConsentInput, strawberry.argument(description="What is allowed.")
        ],
    ) -> GuardianConsentPayload:
        actor, guardian_id = info.context.actor, find_id(input.guardian_id, "Person")
        command = GiveConsent(
            community_id=find_id(input.community_id, "Community"),
            minor_id=find_id(input.minor_id, "Person"),
            guardian_id=guardian_id,
            valid_until=aware("validUntil", input.valid_until),
            text_version=plain_text("textVersion", input.text_version, longest=50),
            source="form" if actor.person_id == guardian_id else "phone",
            kinds=code_words("kinds", input.kinds),
            alone=input.alone,
        )
        async with info.context.begin() as session:
            row = await give_guardian_consent(session, actor, command, now=info.context.now)
        return GuardianConsentPayload(guardian_consent=GuardianConsent.of(row))

    @mutation(
        GuardianConsentPayload,
        description="Take a guardian's consent back; the work that needs it is given to others. "
        "Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def withdraw_guardian_consent(
        self,
        info: Info,
        input: Annotated[
            WithdrawGuardianConsentInput, strawberry.argument(description="Which one.")
        ],
    ) -> GuardianConsentPayload:
        key = find_id(input.guardian_consent_id, "GuardianConsent")
        async with info.context.begin() as session:
            row = await end_guardian_consent(session, info.context.actor, key, now=info.context.now)
        return GuardianConsentPayload(guardian_consent=GuardianConsent.of(row))
