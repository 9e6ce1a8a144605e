"""Taking part in a campaign, by one's own choice, and leaving it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.programmes import policy, repository
from campaigns.programmes.errors import CampaignClosed, CampaignUnknown, InviteCodeUnknown
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.programmes.transitions import SUBJECT
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_code
from people.auth import Actor

CODE_LETTERS = 10
"""Of an alphabet of 24: nobody finds somebody's code by trying."""


@dataclass(frozen=True, kw_only=True)
class JoinCampaign:
    """A person's own yes."""

    campaign_id: UUID
    took_part_before: bool | None = None
    """Whether they did this, such as riding a bicycle, in the time before; None is not said."""
    invite_code: str | None = None
    """Of the one who told them of it."""


async def join_campaign(
    session: Session, actor: Actor, command: JoinCampaign, *, now: datetime
) -> CampaignMember:
    """Take part. Said again it stays one; who left before comes back. Records ``campaign.joined``.

    Who invited a person, and what they said of the time before, is taken down once: what brings
    points cannot be changed afterwards.
    """
    campaign = await repository.get_campaign(session, actor, command.campaign_id)
    if actor.person_id is None or not policy.can_join_campaign(actor, campaign, actor.person_id):
        raise NotPermitted("People of the community take part, each for themselves.")
    await _check_open(session, campaign)
    inviter = None
    if command.invite_code:
        code = command.invite_code.strip().upper()
        inviter = await repository.find_inviter(session, campaign.id, code)
        if inviter is None or inviter.person_id == actor.person_id:
            raise InviteCodeUnknown(
                "Nobody else in this campaign has this code: check its letters, or leave it out."
            )
    row = await repository.find_member(session, campaign.id, actor.person_id, lock=True)
    if row is not None and row.left_at is None:
        if row.took_part_before is None:
            row.took_part_before = command.took_part_before
        return row
    if row is None:
        row = CampaignMember(
            campaign_id=campaign.id,
            person_id=actor.person_id,
            joined_at=now,
            left_at=None,
            invite_code=new_code(CODE_LETTERS),
            invited_by=None if inviter is None else inviter.person_id,
            took_part_before=command.took_part_before,
        )
        session.add(row)
    else:
        row.left_at = None
        if row.took_part_before is None:
            row.took_part_before = command.took_part_before
    await session.flush()
    _record(session, campaign, actor.person_id, "campaign.joined", now)
    return row


async def leave_campaign(
    session: Session, actor: Actor, campaign_id: UUID, *, now: datetime
) -> CampaignMember:
    """Take part no more: from now on no figure and no board counts this person.

    Said again it does nothing. Records ``campaign.left``.
    """
    campaign = await repository.get_campaign(session, actor, campaign_id)
    row = (
        None
        if actor.person_id is None
        else await repository.find_member(session, campaign_id, actor.person_id, lock=True)
    )
    if row is None:
        raise CampaignUnknown("You do not take part in this campaign.")
    if row.left_at is None:
        row.left_at = now
        await session.flush()
        _record(session, campaign, row.person_id, "campaign.left", now)
    return row


async def _check_open(session: Session, campaign: Campaign) -> None:
    # Held against the calendar: a campaign that ends at this moment takes nobody in any more.
    held = await repository.lock_campaign(session, campaign.id)
    if held is None or held.status not in policy.OPEN_FOR_JOINING:
        raise CampaignClosed(
            f"The campaign is {campaign.status.value}: one joins before it begins or while it runs."
        )


def _record(
    session: Session, campaign: Campaign, person_id: UUID, kind: str, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type=SUBJECT,
        subject_id=campaign.id,
        happened_at=now,
        actor_id=person_id,
        community_id=campaign.community_id,
    )
