"""The checks of intake for requests that come by the hundred in a file.

A file comes from staff, who answer for what it does not say: a fact that nobody declared does not
stop a request, a fact against it does. One number under several names is an agency's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from core.db import Session
from matching.intake import repository
from matching.intake.duplicates import (
    NEAR_M,
    SIMILAR_NAME,
    Likeness,
    Sketch,
    find_likeness,
    name_likeness,
)
from matching.intake.eligibility import Decision, EligibilityRules, Facts, decide
from matching.intake.kinds import Verdict
from matching.intake.programme import load_eligibility
from matching.kinds import RequestKind


@dataclass(frozen=True)
class Finding:
    """What the checks say about one line."""

    decision: Decision
    reasons: tuple[str, ...]
    """Why a person should look; empty opens the request."""
    similar_to_id: UUID | None


@dataclass
class ImportChecks:
    """Live requests of a community, found by contact, home and place."""

    rules: EligibilityRules
    today: date
    _by_key: dict[object, list[Sketch]] = field(default_factory=lambda: defaultdict(list))

    def check(self, new: Sketch, area: str | None) -> Finding:
        """Judge a new request, and let later lines be compared with it."""
        decision = decide(self.rules, new.kind, Facts(area=area, is_inside=True), self.today)
        reasons = []
        if decision.verdict is Verdict.NOT_ELIGIBLE:
            reasons.append(Verdict.NOT_ELIGIBLE.value)
        similar = self._find_similar(new)
        if similar is not None:
            reasons.append(similar[0].value)
        self.add(new)
        return Finding(
            decision=decision,
            reasons=tuple(reasons),
            similar_to_id=None if similar is None else similar[1].request_id,
        )

    def add(self, sketch: Sketch) -> None:
        """Let others be compared with this request."""
        for key in _keys_of(sketch):
            self._by_key[key].append(sketch)

    def _find_similar(self, new: Sketch) -> tuple[Likeness, Sketch] | None:
        seen: set[int] = set()
        for key in (*_keys_of(new), *_around(new)):
            for old in self._by_key.get(key, ()):
                if id(old) in seen:
                    continue
                seen.add(id(old))
                likeness = find_likeness(new, old)
                if likeness is Likeness.SAME_CONTACT and not _is_one_name(new, old):
                    continue
                if likeness is not None:
                    return likeness, old
        return None


async def load_import_checks(
    session: Session, community_id: UUID, kinds: Collection[RequestKind], today: date, now: datetime
) -> ImportChecks:
    """What new lines are compared with: the live requests of these kinds."""
    checks = ImportChecks(await load_eligibility(session, community_id, now), today)
    for sketch in await repository.list_live_sketches(session, community_id, kinds):
        checks.add(sketch)
    return checks


def _is_one_name(one: Sketch, other: Sketch) -> bool:
    return name_likeness(one.name, other.name) >= SIMILAR_NAME


def _keys_of(sketch: Sketch) -> Iterable[object]:
    yield _square(sketch, 0, 0)
    yield from sketch.contacts
    for key in (sketch.resident_id, sketch.household_id):
        if key is not None:
            yield key


def _around(sketch: Sketch) -> Iterable[object]:
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            if east or north:
                yield _square(sketch, east, north)


def _square(sketch: Sketch, east: int, north: int) -> tuple[int, int]:
    return int(sketch.x_m // NEAR_M) + east, int(sketch.y_m // NEAR_M) + north
