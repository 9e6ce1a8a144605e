"""Parts of a matching round: what it tries to make large, its proof, its documents, its counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from api.schema.round_words import DocumentKind, ReasonCode
from matching.kinds import OfferStatus
from matching.rounds.words import describe_quality

UNPROVEN = "empty while no limit is proven"


@strawberry.type(
    description="What a round tries to make large: the value of the visits, minus their cost. All "
    "of it is counted in metres of travel."
)
class RoundObjective:
    value_m_per_weight: float | None = strawberry.field(
        description="What one unit of weight counts, before the chance of a yes; null in rounds "
        "of older versions."
    )
    load_cost_m: float | None = strawberry.field(
        description="What each further visit of one volunteer costs; null in rounds of older "
        "versions."
    )
    visit_value_m: float | None = strawberry.field(
        description="What the visits of the plan count together; null in rounds of older versions."
    )
    travel_cost_m: float | None = strawberry.field(
        description="What their ways cost together; null in rounds of older versions."
    )
    fairness_cost_m: float | None = strawberry.field(
        description="What uneven loads cost together; null in rounds of older versions."
    )

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> RoundObjective:
        return cls(
            value_m_per_weight=terms.get("value_m_per_weight"),
            load_cost_m=terms.get("load_cost_m"),
            visit_value_m=terms.get("visit_value_m"),
            travel_cost_m=terms.get("travel_cost_m"),
            fairness_cost_m=terms.get("fairness_cost_m"),
        )


@strawberry.type(
    description="How good a plan is, and what was checked by a second program that shares no code "
    "with the optimiser."
)
class RoundCertificate:
    problem_digest: str = strawberry.field(
        description="SHA-256 of what was solved, in hexadecimal: a plan belongs to one problem."
    )
    seed: int = strawberry.field(description="The same inputs and seed give the same plan.")
    value_m: float = strawberry.field(description="What the plan is worth, metres of travel.")
    bound_m: float | None = strawberry.field(
        description=f"No plan can be worth more, metres; {UNPROVEN}."
    )
    gap: float | None = strawberry.field(
        description=f"How much better another plan could be at most, as a share; {UNPROVEN}."
    )
    weight_served: float = strawberry.field(description="The weight of all requests served.")
    stopped: bool = strawberry.field(
        description="Whether a time limit or a person ended the search early."
    )
    checked: bool = strawberry.field(description="Whether the whole plan keeps every rule.")
    bound_searched_count: int = strawberry.field(
        description="Volunteers whose part of the proof was searched again."
    )
    bound_undecided_count: int = strawberry.field(
        description="Volunteers whose part was searched in part only."
    )
    sentence: str = strawberry.field(description="How good the plan is, for people.")

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> RoundCertificate:
        return cls(
            problem_digest=body["problem_digest"],
            seed=body["seed"],
            value_m=body["value_m"],
            bound_m=body["bound_m"],
            gap=body["gap"],
            weight_served=body["weight_served"],
            stopped=body["stopped"],
            checked=body["checked"],
            bound_searched_count=body["bound_searched_count"],
            bound_undecided_count=body["bound_undecided_count"],
            sentence=describe_quality(body["value_m"], body["bound_m"], body["gap"]),
        )


@strawberry.type(description="A document that a round keeps; `roundDocument` reads it.")
class RoundDocument:
    kind: DocumentKind = strawberry.field(description="Which one.")
    size: int = strawberry.field(description="Characters of its JSON text, about.")


@strawberry.type(description="How many requests a round left for one reason.")
class RoundReasonCount:
    code: ReasonCode = strawberry.field(description="The reason.")
    sentence: str = strawberry.field(description="The reason in words.")
    count: int = strawberry.field(description="Requests that it left for this reason.")


@strawberry.type(description="How many offers of a round stand at one place.")
class RoundOfferCount:
    status: OfferStatus = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")
