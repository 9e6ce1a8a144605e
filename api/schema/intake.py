"""What help there is, who may get it, and until when: the rules of a programme."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from api.schema.access import Who
from api.schema.addresses import AddressCandidate, AddressInput, locate_home
from api.schema.arguments import CommunityId, InvalidArgument, aware, aware_or_none, rules_object
from api.schema.context import Info
from api.schema.intake_words import IntakeTopic, Verdict
from api.schema.nodes import find_id, find_optional_id, must
from api.schema.operations import mutation, query
from core.errors import NotPermitted
from matching import policy
from matching.intake import eligibility, help_kinds, judging, programme
from matching.intake.addresses import AddressNotCertain
from matching.intake.commands import Declares
from matching.intake.deadlines import Due
from matching.intake.repository import find_community
from matching.intake.until_when import UntilWhen, tell_until_when
from matching.kinds import RequestKind


@strawberry.type(description="A part of the work that may be agreed on.")
class ScopePart:
    code: str = strawberry.field(description="What requests call it, such as `steps`.")
    label: str = strawberry.field(description="What people call it, in your language.")
    usual: bool = strawberry.field(description="Agreed unless somebody says otherwise.")


@strawberry.type(
    description="What a volunteer must know of a kind of help, asked with the way to the door and "
    "kept as access notes."
)
class HelpDetails:
    question: str = strawberry.field(description="In your language.")
    example: str = strawberry.field(description="Of an answer, in your language.")
    is_needed: bool = strawberry.field(description="Without it nobody can help.")


@strawberry.type(description="A kind of help and what it takes, in one programme.")
class HelpKind:
    kind: RequestKind = strawberry.field(description="Which kind.")
    label: str = strawberry.field(description="What people call it, in your language.")
    service_s: int = strawberry.field(description="How long it usually takes, in seconds.")
    needs: list[str] = strawberry.field(description="Codes of the skills and tools it takes.")
    needs_storm: bool = strawberry.field(
        description="Volunteers are asked only while a storm is active."
    )
    needs_person: bool = strawberry.field(
        description="Staff look at each request before volunteers are asked."
    )
    required_vetting: list[str] = strawberry.field(
        description="Codes of the checks that a volunteer must have passed."
    )
    scope: list[ScopePart] = strawberry.field(description="Its parts.")
    details: HelpDetails | None = strawberry.field(
        description="What else to ask for; null when only how to find the door."
    )

    @classmethod
    def of(cls, kind: help_kinds.HelpKind, language: str) -> HelpKind:
        asked = kind.details
        return cls(
            kind=kind.code,
            label=kind.label(language),
            service_s=kind.service_s,
            needs=list(kind.needs),
            needs_storm=kind.needs_storm,
            needs_person=kind.needs_person,
            required_vetting=list(kind.required_vetting),
            scope=[
                ScopePart(
                    code=part.code, label=kind.scope_label(part.code, language), usual=part.usual
                )
                for part in kind.scope
            ],
            details=None
            if asked is None
            else HelpDetails(
                question=asked.label(language), example=asked.hint(language), is_needed=asked.needed
            ),
        )


@strawberry.type(description="A rule about who may get help.")
class EligibilityRule:
    code: str = strawberry.field(description="What verdicts call it.")
    sentence: str = strawberry.field(
        description="Why somebody may not get help by it, in plain words, in your language."
    )
    kinds: list[RequestKind] = strawberry.field(
        description="The kinds of help that it is about; empty is all."
    )
    otherwise: Verdict = strawberry.field(description="What follows when it does not hold.")


@strawberry.type(description="Whether somebody may get help, and why not.")
class Eligibility:
    verdict: Verdict = strawberry.field(description="What the rules say.")
    reasons: list[str] = strawberry.field(
        description="Codes of the rules that do not hold or cannot be judged."
    )
    sentences: list[str] = strawberry.field(
        description="The same in plain words, in your language."
    )
    version: str = strawberry.field(description="Which version of the rules decided.")


@strawberry.type(description="Until when the law wants a sidewalk cleared.")
class LawDeadline:
    at: datetime = strawberry.field(description="Until when.")
    clause: str = strawberry.field(description="A short name of the clause that says so.")
    sentence: str = strawberry.field(description="The clause in plain words.")
    source: str = strawberry.field(description="Where these words of the law come from.")
    unsure: list[str] = strawberry.field(description="What about the law is not sure.")

    @classmethod
    def of(cls, due: Due, language: str) -> LawDeadline:
        return cls(
            at=due.at,
            clause=due.clause,
            sentence=due.sentences.get(language.partition("-")[0], due.sentence),
            source=due.source,
            unsure=list(due.unsure),
        )


@strawberry.type(description="Until when help is of use after a snowfall, and what says so.")
class Deadline:
    at: datetime = strawberry.field(description="Until when.")
    promised_at: datetime | None = strawberry.field(
        description="What the programme promises; null when it promises nothing of its own."
    )
    law: LawDeadline | None = strawberry.field(
        description="What the law says; null when no law is known for that day."
    )
    snow_ended_at: datetime | None = strawberry.field(
        description="By which end of the snow it was reckoned; null while the snow has not "
        "stopped, and the deadline is a guess."
    )

    @classmethod
    def of(cls, found: UntilWhen, language: str) -> Deadline:
        law = found.deadline.law
        return cls(
            at=found.at,
            promised_at=found.deadline.promised_at,
            law=None if law is None else LawDeadline.of(law, language),
            snow_ended_at=found.snow_ended_at,
        )


@strawberry.type(description="The deadline at an address, or the addresses that may be meant.")
class DeadlineAnswer:
    deadline: Deadline | None = strawberry.field(
        description="Until when; null when the address is not certain."
    )
    area: str | None = strawberry.field(
        description="The neighbourhood of the address; null when it is not known."
    )
    candidates: list[AddressCandidate] = strawberry.field(
        description="The places that the address may mean; empty when it is certain."
    )


@strawberry.input(description="What a resident declares about who may get help; all may be left.")
class DeclaresInput:
    birth_year: int | None = strawberry.field(default=None, description="Year of birth.")
    at_least_age: int | None = strawberry.field(
        default=None, description="At least so many years old, for who does not tell the year."
    )
    has_disability: bool | None = strawberry.field(
        default=None, description="Whether a disability keeps them from doing it themselves."
    )
    has_no_other_help: bool | None = strawberry.field(
        default=None, description="Whether nobody else can help."
    )

    def as_command(self) -> Declares:
        return Declares(
            birth_year=self.birth_year,
            at_least_age=self.at_least_age,
            has_disability=self.has_disability,
            has_no_other_help=self.has_no_other_help,
        )


@strawberry.input(description="Whose eligibility is asked for.")
class EligibilityInput:
    community_id: relay.GlobalID = strawberry.field(description="Where.")
    kind: RequestKind = strawberry.field(description="For which help.")
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Who, when staff ask; yourself when left out."
    )
    declares: DeclaresInput | None = strawberry.field(
        default=None, description="What to reckon with beside what is on record; not stored."
    )


@strawberry.input(description="New rules of intake.")
class SetIntakeRulesInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose rules they are.")
    topic: IntakeTopic = strawberry.field(description="What they are about.")
    rules: JSON = strawberry.field(
        description="The whole of the rules, as `intakeRules` shows those that hold."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when they hold; now when left out."
    )


@strawberry.type(description="Rules of intake as they hold from a moment on.")
class IntakeRulesPayload:
    topic: IntakeTopic = strawberry.field(description="What they are about.")
    rules: JSON = strawberry.field(description="The rules.")
    valid_from: datetime = strawberry.field(description="From when they hold.")


@strawberry.type
class IntakeQuery:
    @query(
        description="The kinds of help that a programme gives.",
        who=Who.EVERYBODY,
        scope="requests:read",
    )
    async def help_kinds(self, info: Info, community_id: CommunityId) -> list[HelpKind]:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            must(await find_community(session, key))
            kinds = await programme.load_kinds(session, key, info.context.now)
        language = info.context.language
        return [HelpKind.of(kind, language) for kind in kinds.kinds if kind.offered]

    @query(
        description="Who may get help: the rules of a programme in plain words.",
        who=Who.EVERYBODY,
        scope="requests:read",
    )
    async def eligibility_rules(
        self, info: Info, community_id: CommunityId
    ) -> list[EligibilityRule]:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            must(await find_community(session, key))
            rules = await programme.load_eligibility(session, key, info.context.now)
        return [
            EligibilityRule(
                code=rule.code,
                sentence=eligibility.explain(rules, (rule.code,), info.context.language)[0],
                kinds=list(rule.kinds),
                otherwise=Verdict(rule.otherwise),
            )
            for rule in rules.rules
        ]

    @query(
        description="Whether you, or for staff a resident, may get a kind of help, and why not.",
        who=Who.SIGNED_IN,
        scope="requests:read",
    )
    async def eligibility(
        self,
        info: Info,
        input: Annotated[EligibilityInput, strawberry.argument(description="Who and what.")],
    ) -> Eligibility:
        actor = info.context.actor
        person_id = find_optional_id(input.person_id, "Person") or actor.person_id
        if person_id is None:
            raise InvalidArgument("Say whose eligibility is asked for: give personId.")
        question = judging.Question(
            find_id(input.community_id, "Community"),
            input.kind,
            person_id,
            None if input.declares is None else input.declares.as_command(),
        )
        async with info.context.read() as session:
            told = await judging.judge_eligibility(
                session, actor, question, info.context.language, now=info.context.now
            )
        return Eligibility(
            verdict=told.decision.verdict,
            reasons=list(told.decision.reasons),
            sentences=list(told.sentences),
            version=told.decision.version,
        )

    @query(
        description="Until when help is promised, and what the law says: at an address, or "
        "anywhere in the city without one. Looks into the city's own address data alone.",
        who=Who.EVERYBODY,
        scope="requests:read",
        metadata={"cost": 20},
    )
    async def deadline(
        self,
        info: Info,
        community_id: CommunityId,
        address: Annotated[
            AddressInput | None,
            strawberry.argument(description="The home; the sun rises there. Not stored."),
        ] = None,
        snow_ended_at: Annotated[
            datetime | None,
            strawberry.argument(
                description="When the snow stopped; as in the storm that is on when left out."
            ),
        ] = None,
    ) -> DeadlineAnswer:
        key = find_id(community_id, "Community")
        home = None
        if address is not None:
            try:
                home = await locate_home(info, community_id, address, offline=True)
            except AddressNotCertain as error:
                found = [AddressCandidate.of(one) for one in error.candidates]
                return DeadlineAnswer(deadline=None, area=None, candidates=found)
        async with info.context.read() as session:
            told = await tell_until_when(
                session,
                key,
                now=info.context.now,
                snow_ended_at=aware_or_none("snowEndedAt", snow_ended_at),
                place=None if home is None else (home.lon_deg, home.lat_deg),
            )
        return DeadlineAnswer(
            deadline=Deadline.of(told, info.context.language),
            area=None if home is None else home.area,
            candidates=[],
        )

    @query(
        description="The rules of intake that hold now, in full, for the staff of a programme.",
        who=Who.STAFF,
        scope="requests:read",
    )
    async def intake_rules(
        self,
        info: Info,
        community_id: CommunityId,
        topic: Annotated[IntakeTopic, strawberry.argument(description="About what.")],
    ) -> JSON:
        key = find_id(community_id, "Community")
        if not policy.can_review_requests(info.context.actor, key):
            raise NotPermitted("Only staff of the community see its rules in full.")
        async with info.context.read() as session:
            rules = await programme.load_rules(session, key, topic, info.context.now)
        return JSON(msgspec.to_builtins(rules))


@strawberry.type
class IntakeMutation:
    @mutation(
        IntakeRulesPayload,
        description="Let new rules of intake hold from a moment on; older ones stay on record. "
        "For managers.",
        who=Who.MANAGER,
        scope="admin:write",
    )
    async def set_intake_rules(
        self,
        info: Info,
        input: Annotated[
            SetIntakeRulesInput,
            strawberry.argument(description="The rules, and from when they hold."),
        ],
    ) -> IntakeRulesPayload:
        now = info.context.now
        valid_from = now if input.valid_from is None else aware("validFrom", input.valid_from)
        async with info.context.begin() as session:
            row = await programme.set_intake_rules(
                session,
                info.context.actor,
                find_id(input.community_id, "Community"),
                input.topic,
                rules_object("rules", input.rules),
                valid_from=valid_from,
                now=now,
            )
        return IntakeRulesPayload(topic=row.topic, rules=JSON(row.data), valid_from=row.valid_from)
