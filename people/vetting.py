"""Checks of people, such as a background check: recorded, held, ended.

Which checks there are, how long they hold and which kind of help needs them are rules of the
community. What a check found is never kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people import policy, safeguards_repository
from people.auth import Actor
from people.errors import InvalidVetting, PersonUnknown
from people.kinds import VettingStatus
from people.repository import read_rules_at
from people.rules import Rules
from people.safeguard_models import VettingItem

ENDS = frozenset({VettingStatus.FAILED, VettingStatus.REVOKED, VettingStatus.LAPSED})
"""After such a line, what was passed before counts no more."""


@dataclass(frozen=True)
class RecordVetting:
    """What somebody has checked.

    Parameters
    ----------
    valid_from, valid_until
        None takes this moment, and what the community's rules say.
    """

    community_id: UUID
    person_id: UUID
    code: str
    status: VettingStatus = VettingStatus.PASSED
    valid_from: datetime | None = None
    valid_until: datetime | None = None


async def record_vetting(
    session: Session, actor: Actor, command: RecordVetting, *, now: datetime
) -> VettingItem:
    """Write down a check, or that it no longer holds. Staff only, and never about oneself.

    Records ``vetting.<status>``.
    """
    if not policy.can_record_vetting(actor, command.person_id, command.community_id):
        raise NotPermitted("Only staff of the community record checks, and not their own.")
    if not await safeguards_repository.belongs_to(session, command.person_id, command.community_id):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    rules = await read_rules_at(session, command.community_id, now)
    starts_at = command.valid_from or now
    item = VettingItem(
        community_id=command.community_id,
        person_id=command.person_id,
        code=command.code,
        status=command.status,
        valid_from=starts_at,
        valid_until=_end_of(command, rules, starts_at),
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    session.add(item)
    await session.flush()
    _record(session, item, actor.person_id)
    return item


def _end_of(command: RecordVetting, rules: Rules, starts_at: datetime) -> datetime | None:
    rule = rules.vetting.get(command.code)
    if rule is None:
        known = ", ".join(sorted(rules.vetting)) or "none"
        raise InvalidVetting(
            f"The rules of this community know no check {command.code[:40]!r}; they know: {known}."
        )
    if command.status is not VettingStatus.PASSED:
        return None
    if command.valid_until is not None:
        if command.valid_until <= starts_at:
            raise InvalidVetting("The check ends before it begins; look at the two dates.")
        return command.valid_until
    return None if rule.valid_days is None else starts_at + timedelta(days=rule.valid_days)


async def lapse_after_move(
    session: Session, person_id: UUID, community_id: UUID, *, now: datetime
) -> list[str]:
    """End the checks that hold for one address only; their codes. Records ``vetting.lapsed``."""
    rules = await read_rules_at(session, community_id, now)
    found = await safeguards_repository.load_vetting(session, community_id, [person_id])
    held = find_valid_codes(found.get(person_id, []), now)
    ended = [code for code in sorted(held) if _lapses(rules, code)]
    for code in ended:
        item = VettingItem(
            community_id=community_id,
            person_id=person_id,
            code=code,
            status=VettingStatus.LAPSED,
            valid_from=now,
            recorded_at=now,
        )
        session.add(item)
        await session.flush()
        _record(session, item, None, reason="moved")
    return ended


def _lapses(rules: Rules, code: str) -> bool:
    rule = rules.vetting.get(code)
    return rule is not None and rule.lapses_on_move


def find_valid_codes(lines: Iterable[VettingItem], at: datetime) -> frozenset[str]:
    """The checks that hold at a moment; ``lines`` of one person, oldest first.

    A renewal that was only asked for takes nothing away; a failed one does.
    """
    passed: dict[str, list[VettingItem]] = {}
    for line in lines:
        if line.status in ENDS:
            passed.pop(line.code, None)
        elif line.status is VettingStatus.PASSED:
            passed.setdefault(line.code, []).append(line)
    return frozenset(
        code for code, found in passed.items() if any(_covers(line, at) for line in found)
    )


def find_last_end(lines: Iterable[VettingItem], code: str, at: datetime) -> datetime | None:
    """Until when a check that holds at a moment goes on without a gap; None is for good.

    Raises
    ------
    InvalidVetting
        When it does not hold at that moment.
    """
    known = list(lines)
    while code in find_valid_codes(known, at):
        ends = [
            line.valid_until
            for line in known
            if line.code == code and line.status is VettingStatus.PASSED and _covers(line, at)
        ]
        if None in ends:
            return None
        last = max(end for end in ends if end is not None)
        if code not in find_valid_codes(known, last):
            return last
        at = last
    raise InvalidVetting(f"The check {code!r} does not hold at that moment.")


def _covers(line: VettingItem, at: datetime) -> bool:
    return line.valid_from <= at and (line.valid_until is None or at < line.valid_until)


def _record(
    session: Session, item: VettingItem, actor_id: UUID | None, *, reason: str | None = None
) -> None:
    record_event(
        session,
        f"vetting.{item.status.value}",
        subject_type="person",
        subject_id=item.person_id,
        happened_at=item.recorded_at,
        actor_id=actor_id,
        community_id=item.community_id,
        reason=reason,
        code=item.code,
        valid_until_at=item.valid_until,
    )
