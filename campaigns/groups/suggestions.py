"""Groups that fit what somebody said to care about, the nearest first, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from campaigns.groups import suggestions_repository as repository
from campaigns.groups.models import Group
from campaigns.groups.places import measure_m
from core.db import Session
from core.i18n import SOURCE_LANGUAGE, Translator
from people.auth import Actor

MAX_SUGGESTED = 20


class Why(StrEnum):
    """What else speaks for a group besides its topic."""

    SAME_CELL = "same_cell"
    NEAR = "near"
    WHOLE_COMMUNITY = "whole_community"
    PLACE_UNKNOWN = "place_unknown"


@dataclass(frozen=True)
class Suggestion:
    """A group, and why it is shown."""

    group: Group
    interest: str
    """What people call the topic, such as "Cycling"."""
    why: Why
    distance_m: int | None
    """From the middle of the person's cell to the middle of the group's, rounded."""
    shares_language: bool

    def sentence(self, language: str = SOURCE_LANGUAGE) -> str:
        """The reason, in a language of ours."""
        translator = Translator(language, Path(__file__).parent)
        interest = self.interest.lower()
        if self.why is Why.NEAR:
            return translator.gettext(
                "Because you said %(interest)s, %(distance_m)d m from your cell.",
                interest=interest,
                distance_m=self.distance_m,
            )
        if self.why is Why.SAME_CELL:
            return translator.gettext(
                "Because you said %(interest)s, around your cell.", interest=interest
            )
        if self.why is Why.WHOLE_COMMUNITY:
            return translator.gettext(
                "Because you said %(interest)s, for the whole community.", interest=interest
            )
        return translator.gettext("Because you said %(interest)s.", interest=interest)


async def suggest_groups(
    session: Session, actor: Actor, community_id: UUID, *, language: str = SOURCE_LANGUAGE
) -> list[Suggestion]:
    """Groups of a community that the actor can join and does not know yet, at most 20.

    Only interests that the person stated count, and only the middles of cells are measured. The
    nearest come first, then those for the whole community; among equals those in a language of
    the person.
    """
    if actor.person_id is None:
        return []
    facts = await repository.load_facts(session, actor.person_id, community_id, language)
    if not facts.interests:
        return []
    groups = await repository.list_joinable(session, actor, community_id, list(facts.interests))
    found = [_explain(group, facts) for group in groups]
    return sorted(found, key=_rank)[:MAX_SUGGESTED]


def _explain(group: Group, facts: repository.Facts) -> Suggestion:
    label = facts.interests[group.topic]
    shares = not facts.languages.isdisjoint(group.languages)
    if group.area is None:
        return Suggestion(group, label, Why.WHOLE_COMMUNITY, None, shares)
    if facts.cell is None or group.cell is None:
        return Suggestion(group, label, Why.PLACE_UNKNOWN, None, shares)
    apart_m = measure_m(facts.cell, group.cell)
    why = Why.NEAR if apart_m > 0 else Why.SAME_CELL
    return Suggestion(group, label, why, apart_m, shares)


def _rank(one: Suggestion) -> tuple[bool, int, bool, str, UUID]:
    unknown = one.distance_m is None
    return unknown, one.distance_m or 0, not one.shares_language, one.group.name, one.group.id
