"""What boards, badges and goals are worked out from: who did something on which day.

A kind of campaign feeds them through a `Standing`. Nothing is kept by hand, so whatever is
corrected, deleted or comes late counts from the next time on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from campaigns.programmes.kinds import GoalUnit
from campaigns.programmes.models import Campaign
from core.db import Session


@dataclass(frozen=True)
class Deed:
    """What one person did on one local day in one campaign."""

    person_id: UUID
    day: date
    amounts: Mapping[GoalUnit, float] = field(default_factory=lambda: MappingProxyType({}))
    """How much of what adds up, such as rides and kilometres."""


@dataclass(frozen=True)
class Amount:
    """How much of a goal's unit one day brought, nobody's in particular."""

    day: date
    value: float


class Standing(Protocol):
    """What one kind of campaign counts."""

    @property
    def units(self) -> frozenset[GoalUnit]:
        """Goals that its figures can measure, beside those that count people."""

    async def list_deeds(self, session: Session, campaign: Campaign) -> Sequence[Deed]:
        """One for each person and day, of those who take part now; the opted out among them."""

    async def list_amounts(
        self, session: Session, campaign: Campaign, unit: GoalUnit
    ) -> Sequence[Amount]:
        """What counts toward a goal beside deeds: nobody's in particular."""
