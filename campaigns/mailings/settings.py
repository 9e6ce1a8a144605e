"""How often people hear from a programme, and what is counted: a manager's decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.mailings import policy, repository
from campaigns.mailings.errors import InvalidMailing
from campaigns.mailings.models import MailingSettings
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor

WEEK_BUDGETS = (1, 50)
GAPS_S = (0, 30 * 86_400)


@dataclass(frozen=True, kw_only=True)
class ChangeSettings:
    """What shall hold from now on."""

    community_id: UUID
    counts_opens: bool
    week_budget: int
    gap_s: int


async def change_settings(
    session: Session, actor: Actor, command: ChangeSettings, *, now: datetime
) -> MailingSettings:
    """Decide for a community. Mails that are queued keep their words. Records ``mailing.settings``.

    With ``counts_opens`` mails carry a picture that tells when they are opened, and say so.
    """
    if not policy.can_change_settings(actor, command.community_id):
        raise NotPermitted("Only managers of the community decide how its mailings go out.")
    if not WEEK_BUDGETS[0] <= command.week_budget <= WEEK_BUDGETS[1]:
        raise InvalidMailing("Allow 1 to 50 messages a week.")
    if not GAPS_S[0] <= command.gap_s <= GAPS_S[1]:
        raise InvalidMailing("Leave people in peace for up to 30 days, in seconds.")
    row = await repository.find_settings(session, command.community_id)
    if row is None:
        row = MailingSettings(community_id=command.community_id)
        session.add(row)
    row.counts_opens = command.counts_opens
    row.week_budget = command.week_budget
    row.gap_s = command.gap_s
    row.changed_by = actor.person_id
    row.changed_at = now
    await session.flush()
    record_event(
        session,
        "mailing.settings",
        subject_type="community",
        subject_id=command.community_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        opens_counted=command.counts_opens,
        gap_s=command.gap_s,
        count=command.week_budget,
    )
    return row
