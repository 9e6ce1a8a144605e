"""Effects and shares with their intervals, as every figure of a campaign is told."""

from __future__ import annotations

import strawberry

from api.schema.enums import describe_enum
from campaigns.measuring import effects, shares
from campaigns.measuring.effects import Verdict as EffectVerdict

describe_enum(
    EffectVerdict,
    "What an interval of a difference says.",
    {
        "HIGHER": "It was raised: the whole interval lies above zero.",
        "LOWER": "It was lowered: the whole interval lies below zero.",
        "NO_EFFECT_SHOWN": "The interval holds zero. There may be an effect that is too small "
        "for these data.",
    },
    name="EffectVerdict",
)


@strawberry.type(
    description="By how much those who took part changed more than those compared with, with an "
    "interval. Shares are told from 0 to 1; growth as a share, 0.1 being ten per cent more."
)
class MeasuredEffect:
    estimate: float = strawberry.field(description="The best guess.")
    low: float = strawberry.field(description="The lower end of the interval.")
    high: float = strawberry.field(description="The upper end of the interval.")
    confidence: float = strawberry.field(
        description="How often such intervals hold the truth, from 0 to 1."
    )
    verdict: EffectVerdict = strawberry.field(description="What may be said of it.")
    treated_count: int = strawberry.field(description="Routes or areas that took part.")
    control_count: int = strawberry.field(description="Routes or areas compared with.")
    detectable: float = strawberry.field(
        description="The smallest effect that data as noisy as these would show four times in five."
    )

    @classmethod
    def of(cls, effect: effects.Effect) -> MeasuredEffect:
        return cls(
            estimate=effect.estimate,
            low=effect.low,
            high=effect.high,
            confidence=effect.confidence,
            verdict=effect.verdict,
            treated_count=effect.unit_count,
            control_count=effect.control_count,
            detectable=effect.detectable,
        )


@strawberry.type(description="So many of so many, as a share from 0 to 1 with its interval.")
class MeasuredShare:
    count: int = strawberry.field(description="How many.")
    total: int = strawberry.field(description="Of how many.")
    estimate: float = strawberry.field(description="The share.")
    low: float = strawberry.field(description="The lower end of its interval, 95 per cent.")
    high: float = strawberry.field(description="The upper end of its interval.")

    @classmethod
    def of(cls, share: shares.Share) -> MeasuredShare:
        return cls(
            count=share.count,
            total=share.total,
            estimate=share.estimate,
            low=share.low,
            high=share.high,
        )
