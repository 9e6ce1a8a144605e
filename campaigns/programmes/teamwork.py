"""Who works on a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.programmes import policy, repository
from campaigns.programmes.errors import InvalidCampaign, LastOwner
from campaigns.programmes.kinds import TeamRole
from campaigns.programmes.models import Campaign, CampaignTeam
from campaigns.programmes.transitions import SUBJECT
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor


@dataclass(frozen=True, kw_only=True)
class SetTeamRole:
    """What a person shall do on a campaign; None is nothing."""

    campaign_id: UUID
    person_id: UUID
    role: TeamRole | None


async def set_team_role(
    session: Session, actor: Actor, command: SetTeamRole, *, now: datetime
) -> Campaign:
    """Put somebody on the team, change what they may do, or take them off.

    Said twice it holds once. A team that had an owner keeps one. Everybody may leave a team.
    Records ``campaign.team_changed``.
    """
    seen = await repository.get_campaign(session, actor, command.campaign_id)
    await repository.lock_campaign(session, seen.id)
    team = {row.person_id: row for row in await repository.list_team(session, seen.id)}
    owner_ids = {key for key, row in team.items() if row.role is TeamRole.OWNER}
    leaves = command.role is None and command.person_id == actor.person_id
    if not leaves and not policy.can_change_team(actor, seen, owner_ids):
        raise NotPermitted("Only managers and owners of the campaign choose who works on it.")
    known = team.get(command.person_id)
    if (known.role if known else None) is command.role:
        return seen
    if owner_ids == {command.person_id}:
        raise LastOwner("Make somebody else an owner of the campaign first.")
    if command.role is None:
        await repository.remove_from_team(session, seen.id, command.person_id)
    elif known is not None:
        known.role = command.role
    else:
        await _add(session, seen, team, command, now)
    await session.flush()
    record_event(
        session,
        "campaign.team_changed",
        subject_type=SUBJECT,
        subject_id=seen.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=seen.community_id,
        person_id=command.person_id,
        role="none" if command.role is None else command.role.value,
    )
    return seen


async def _add(
    session: Session,
    campaign: Campaign,
    team: dict[UUID, CampaignTeam],
    command: SetTeamRole,
    now: datetime,
) -> None:
    if len(team) >= repository.MAX_TEAM:
        raise InvalidCampaign(f"A team has at most {repository.MAX_TEAM} people.")
    if not await repository.belongs_to_community(session, command.person_id, campaign.community_id):
        raise InvalidCampaign("A team is made of people of the community.")
    assert command.role is not None
    session.add(
        CampaignTeam(
            campaign_id=campaign.id,
            person_id=command.person_id,
            role=command.role,
            added_at=now,
        )
    )
