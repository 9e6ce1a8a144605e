"""Taking a wish for help at the next snowfall, at every one, or for a season."""

from __future__ import annotations

from datetime import date, timedelta

from core.db import Session
from core.ids import new_id
from matching.intake import standing_repository
from matching.intake.case import Case, need_rows
from matching.intake.commands import Outcome, Taken
from matching.intake.duplicates import Likeness
from matching.intake.errors import InvalidRequest
from matching.intake.kinds import Cadence, IntakeChannel, StandingStatus
from matching.intake.models import (
    StandingAccess,
    StandingRequest,
)
from matching.intake.programme import (
    season_end,
)
from matching.intake.standing import record_standing
from matching.notifications import notify_standing_received

NEXT_SNOWFALL_DAYS = 60


async def take_standing(session: Session, case: Case, source_key: str | None) -> Taken:
    """Keep a wish, join it with the same one, or let a person look. Records ``standing.taken``."""
    command, now = case.command, case.now
    wish = _make_wish(case, source_key)
    alike = await standing_repository.list_standing_alike(session, wish)
    same = next((old for old in alike if _says_the_same(old, wish)), None)
    if same is not None and not case.resident.doubts and not await _says_more(session, case, same):
        record_standing(session, "standing.joined", same, now, actor_id=case.actor.person_id)
        return Taken(Outcome.JOINED, wish.resident_id, standing=same)
    reasons = (*case.doubts, *((Likeness.SAME_HOME.value,) if alike else ()))
    wish.similar_to_id = alike[0].id if alike else None
    wish.review_reasons = list(reasons)
    wish.status = StandingStatus.NEEDS_REVIEW if reasons else StandingStatus.ACTIVE
    await need_rows(session, case)
    session.add(wish)
    await session.flush()
    session.add(
        StandingAccess(
            standing_id=wish.id,
            access_notes=command.access_notes,
            contact_choice=command.contact_choice,
            caller_name=command.caller_name,
        )
    )
    reason = reasons[0] if reasons else None
    record_standing(
        session, "standing.taken", wish, now, actor_id=case.actor.person_id, reason=reason
    )
    await session.flush()
    if command.channel is not IntakeChannel.SMS:
        await notify_standing_received(session, wish, now=now)
    outcome = Outcome.IN_REVIEW if reasons else Outcome.WAITING
    return Taken(outcome, wish.resident_id, standing=wish, reasons=reasons)


def _make_wish(case: Case, source_key: str | None) -> StandingRequest:
    command = case.command
    cadence = Cadence.NEXT_SNOWFALL if command.cadence is Cadence.ONCE else command.cadence
    return StandingRequest(
        id=new_id(),
        community_id=case.community.id,
        resident_id=case.resident.person.id,
        household_id=case.resident.home.household.id,
        kind=command.kind,
        cadence=cadence,
        status=StandingStatus.ACTIVE,
        valid_from=case.today,
        valid_until=_last_day(case, cadence),
        scope=list(case.scope),
        needs=list(case.needs),
        languages=list(command.languages),
        service_s=case.service_s,
        weight=case.weight,
        crew_size=command.crew_size,
        channel=command.channel,
        taken_by_id=case.actor.person_id,
        caller=command.caller,
        verdict=case.decision.verdict,
        verdict_version=case.decision.version,
        verdict_reasons=list(case.decision.reasons),
        review_reasons=[],
        source_key=source_key,
        created_at=case.now,
        updated_at=case.now,
    )


async def _says_more(session: Session, case: Case, same: StandingRequest) -> bool:
    """Whether the call brings access notes that the wish does not have."""
    notes = case.command.access_notes
    known = (await standing_repository.load_standing_access(session, [same.id])).get(same.id)
    return bool(notes) and (known is None or known.access_notes != notes)


def _says_the_same(old: StandingRequest, new: StandingRequest) -> bool:
    return (
        old.resident_id == new.resident_id
        and set(new.scope) <= set(old.scope)
        and old.valid_until >= new.valid_until
        and (old.cadence is new.cadence or old.cadence is Cadence.SEASON)
    )


def _last_day(case: Case, cadence: Cadence) -> date:
    end = season_end(case.deadlines, case.community, case.now)
    asked = case.command.valid_until
    if asked is not None:
        if asked < case.today:
            raise InvalidRequest(f"The last day, {asked}, is over; give a later one.")
        return min(asked, case.today + timedelta(days=366))
    if cadence is Cadence.NEXT_SNOWFALL:
        return max(case.today, min(end, case.today + timedelta(days=NEXT_SNOWFALL_DAYS)))
    return end
