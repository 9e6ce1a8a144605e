"""The rules of a community: read by its staff, decided by its managers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import InvalidArgument, aware_or_none, code_word, code_words, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from people.communities import change_rules
from people.rules import Rules as RulesData
from people.rules import VettingRule as VettingRuleData

NUMBERS = (
    "walk_limit_s",
    "bike_limit_s",
    "car_limit_s",
    "max_tasks",
    "max_work_s",
    "season_bonus_m",
    "load_cost_m",
    "offer_life_s",
    "review_proposals",
    "urgent_weight",
    "reopened_weight_factor",
    "no_show_after_s",
    "no_show_answer_s",
    "minors_alone",
    "depot_reach_m",
    "loan_days",
    "anonymity_k",
)
"""Rules that are one value, called the same in the API."""
MAX_ENTRIES = 100


@strawberry.type(description="How long a kind of help takes.")
class KindTime:
    kind: str = strawberry.field(description="The kind of help, such as `snow`.")
    service_s: int = strawberry.field(description="Seconds at the home.")


@strawberry.type(description="A check of people that the programme knows.")
class VettingRule:
    code: str = strawberry.field(description="What records call it, such as `background_check`.")
    label: str = strawberry.field(description="For people, in a sentence: a background check.")
    valid_days: int | None = strawberry.field(
        description="How many days it holds; null is for good."
    )
    remind_days: int = strawberry.field(description="The person hears so long before it ends.")
    lapses_on_move: bool = strawberry.field(description="Whether it ends when the person moves.")
    for_minors: bool = strawberry.field(description="Whether minors need it too.")

    @classmethod
    def of(cls, code: str, rule: VettingRuleData) -> VettingRule:
        return cls(
            code=code,
            label=rule.label,
            valid_days=rule.valid_days,
            remind_days=rule.remind_days,
            lapses_on_move=rule.lapses_on_move,
            for_minors=rule.for_minors,
        )


@strawberry.type(description="Checks that a kind of help asks for.")
class RequiredVetting:
    kind: str = strawberry.field(description="The kind of help.")
    codes: list[str] = strawberry.field(description="Checks that a volunteer must have passed.")


@strawberry.type(description="A number of the offer ladder that differs from the usual one.")
class LadderNumber:
    name: str = strawberry.field(description="Its name, as the manual of the ladder has it.")
    value: float = strawberry.field(description="What it is here.")


@strawberry.type(description="What a programme decides when nobody says otherwise.")
class Rules:
    walk_limit_s: int = strawberry.field(description="How far one goes on foot, one way.")
    bike_limit_s: int = strawberry.field(description="How far one goes by bike, one way.")
    car_limit_s: int = strawberry.field(description="How far one goes by car, one way.")
    max_tasks: int = strawberry.field(description="Most tasks of one volunteer in a round.")
    max_work_s: int = strawberry.field(description="Longest work of one volunteer in a round.")
    season_bonus_m: float = strawberry.field(
        description="What keeping a season pair together is worth, in metres of travel."
    )
    load_cost_m: float = strawberry.field(
        description="What a further task for the same volunteer costs, in metres of travel."
    )
    offer_life_s: int = strawberry.field(
        description="An offer without an answer stops counting in plans after this."
    )
    review_proposals: bool = strawberry.field(
        description="Whether staff look at offers before they are sent."
    )
    urgent_weight: float = strawberry.field(
        description="From this weight on a request counts as urgent."
    )
    reopened_weight_factor: float = strawberry.field(
        description="How much more a request counts once nobody came."
    )
    no_show_after_s: int = strawberry.field(
        description="So long after its planned end, work that nobody began is asked about."
    )
    no_show_answer_s: int = strawberry.field(
        description="So long after that, without an answer, somebody else is asked."
    )
    minors_alone: bool = strawberry.field(
        description="Whether minors may go without an adult, if their guardian agrees."
    )
    depot_reach_m: int = strawberry.field(
        description="How far, straight, one goes to a depot for a tool on loan."
    )
    loan_days: int = strawberry.field(
        description="A tool on loan is due back this many days after the work."
    )
    anonymity_k: int = strawberry.field(description="Addresses that a shown cell holds at least.")
    help_phone: str | None = strawberry.field(
        description="A number that everybody may call; null when there is none."
    )
    service: list[KindTime] = strawberry.field(description="Time at the home, by kind of help.")
    vetting: list[VettingRule] = strawberry.field(description="The checks that it knows.")
    required_vetting: list[RequiredVetting] = strawberry.field(
        description="Checks that kinds of help ask for."
    )
    ladder: list[LadderNumber] = strawberry.field(
        description="Numbers of the offer ladder that differ from the usual."
    )

    @classmethod
    def of(cls, rules: RulesData) -> Rules:
        return cls(
            **{name: getattr(rules, name) for name in NUMBERS},
            help_phone=rules.help_phone,
            service=[
                KindTime(kind=kind, service_s=seconds)
                for kind, seconds in sorted(rules.service_s.items())
            ],
            vetting=[VettingRule.of(code, rule) for code, rule in sorted(rules.vetting.items())],
            required_vetting=[
                RequiredVetting(kind=kind, codes=list(codes))
                for kind, codes in sorted(rules.required_vetting.items())
            ],
            ladder=[
                LadderNumber(name=name, value=value) for name, value in sorted(rules.ladder.items())
            ],
        )


@strawberry.input(description="How long a kind of help takes.")
class KindTimeInput:
    kind: str = strawberry.field(description="The kind of help, such as `snow`.")
    service_s: int = strawberry.field(description="Seconds at the home.")


@strawberry.input(description="A check of people that the programme knows.")
class VettingRuleInput:
    code: str = strawberry.field(description="What records call it, such as `background_check`.")
    label: str = strawberry.field(description="For people, in a sentence: a background check.")
    valid_days: int | None = strawberry.field(
        default=None, description="How many days it holds; null is for good."
    )
    remind_days: int = strawberry.field(
        default=30, description="The person hears so many days before it ends; 30 by default."
    )
    lapses_on_move: bool = strawberry.field(
        default=False, description="Whether it ends when the person moves."
    )
    for_minors: bool = strawberry.field(default=False, description="Whether minors need it too.")


@strawberry.input(description="Checks that a kind of help asks for.")
class RequiredVettingInput:
    kind: str = strawberry.field(description="The kind of help.")
    codes: list[str] = strawberry.field(description="Checks that a volunteer must have passed.")


@strawberry.input(description="A number of the offer ladder.")
class LadderNumberInput:
    name: str = strawberry.field(description="Its name, as the manual of the ladder has it.")
    value: float = strawberry.field(description="What it is to be.")


def _left(description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.input(
    description="Rules to change: what is left out or null stays as it is. A list replaces the "
    "whole list."
)
class RulesInput:
    walk_limit_s: int | None = _left("How far one goes on foot, one way.")
    bike_limit_s: int | None = _left("How far one goes by bike, one way.")
    car_limit_s: int | None = _left("How far one goes by car, one way.")
    max_tasks: int | None = _left("Most tasks of one volunteer in a round.")
    max_work_s: int | None = _left("Longest work of one volunteer in a round.")
    season_bonus_m: float | None = _left("What keeping a season pair is worth, metres of travel.")
    load_cost_m: float | None = _left("What a further task costs, in metres of travel.")
    offer_life_s: int | None = _left("An offer without an answer stops counting after this.")
    review_proposals: bool | None = _left("Whether staff look at offers before they are sent.")
    urgent_weight: float | None = _left("From this weight on a request counts as urgent.")
    reopened_weight_factor: float | None = _left("How much more counts where nobody came.")
    no_show_after_s: int | None = _left("When work that nobody began is asked about.")
    no_show_answer_s: int | None = _left("When, without an answer, somebody else is asked.")
    minors_alone: bool | None = _left("Whether minors may go without an adult.")
    depot_reach_m: int | None = _left("How far, straight, one goes to a depot.")
    loan_days: int | None = _left("A tool on loan is due back so many days after the work.")
    anonymity_k: int | None = _left("Addresses that a shown cell holds at least.")
    help_phone: str | None = _left("A number for everybody; an empty text takes it away.")
    service: list[KindTimeInput] | None = _left("Time at the home, by kind of help.")
    vetting: list[VettingRuleInput] | None = _left("The checks that it knows.")
    required_vetting: list[RequiredVettingInput] | None = _left("Checks that kinds ask for.")
    ladder: list[LadderNumberInput] | None = _left("Numbers of the offer ladder.")

    def read(self) -> dict[str, Any]:
        """The rules that were given, as the domain spells them."""
        changes = {name: value for name in NUMBERS if _given(value := getattr(self, name))}
        if _given(self.help_phone):
            number = plain_text("helpPhone", self.help_phone or "", longest=20)
            changes["help_phone"] = number or None
        for name in ("service", "vetting", "required_vetting", "ladder"):
            if _given(entries := getattr(self, name)):
                if len(entries) > MAX_ENTRIES:
                    raise InvalidArgument(f"{name} must name at most {MAX_ENTRIES}.")
                changes[_NAMES.get(name, name)] = dict(_ENTRY[name](entry) for entry in entries)
        return changes


def _given(value: object) -> bool:
    return value is not None and value is not strawberry.UNSET


def _read_check(entry: VettingRuleInput) -> tuple[str, dict[str, Any]]:
    return code_word("code", entry.code), {
        "label": plain_text("label", entry.label, longest=200),
        "valid_days": entry.valid_days,
        "remind_days": entry.remind_days,
        "lapses_on_move": entry.lapses_on_move,
        "for_minors": entry.for_minors,
    }


_NAMES = {"service": "service_s"}
_ENTRY: dict[str, Any] = {
    "service": lambda entry: (code_word("kind", entry.kind), entry.service_s),
    "vetting": _read_check,
    "required_vetting": lambda entry: (
        code_word("kind", entry.kind),
        list(code_words("codes", entry.codes)),
    ),
    "ladder": lambda entry: (code_word("name", entry.name), entry.value),
}


@strawberry.input(description="Rules to change, and from when.")
class ChangeRulesInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    rules: RulesInput = strawberry.field(description="The rules that change.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when they hold; from now without."
    )


@strawberry.type(description="Rules were changed; older ones stay on record.")
class ChangeRulesPayload:
    rules: Rules = strawberry.field(description="All rules as they are from then on.")


@strawberry.type
class RulesMutation:
    @mutation(
        ChangeRulesPayload,
        description="Change rules of a community from a moment on; the others stay as they are.",
        who=Who.MANAGER,
        scope="admin:write",
    )
    async def change_rules(
        self,
        info: Info,
        input: Annotated[ChangeRulesInput, strawberry.argument(description="Which and when.")],
    ) -> ChangeRulesPayload:
        key = find_id(input.community_id, "Community")
        valid_from = aware_or_none("validFrom", input.valid_from)
        async with info.context.begin() as session:
            rules = await change_rules(
                session,
                info.context.actor,
                key,
                input.rules.read(),
                valid_from=valid_from,
                now=info.context.now,
            )
        return ChangeRulesPayload(rules=Rules.of(rules))
