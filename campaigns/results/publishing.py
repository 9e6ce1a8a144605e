"""Reading results, and letting them out: staff see every figure, others what was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import (
    find_campaign,
    get_campaign,
    list_team,
    list_working_ids,
)
from campaigns.results import policy, repository
from campaigns.results.errors import ResultsNotForYou, ResultsTooEarly, ResultsUnknown
from campaigns.results.figures import Results
from campaigns.results.making import make_public, make_results
from campaigns.results.models import ResultPublication
from core.db import Session
from core.events import record_event
from people.auth import Actor
from people.repository import find_community

PUBLISHABLE = frozenset({CampaignStatus.RUNNING, CampaignStatus.FINISHED})
UNKNOWN = "There is no such campaign, or its results are not public."


@dataclass(frozen=True)
class Read:
    """Results as somebody sees them."""

    campaign: Campaign
    results: Results
    published_at: datetime | None
    may_publish: bool


async def read_results(
    session: Session, actor: Actor, campaign: Campaign, *, now: datetime
) -> Read:
    """The figures of a campaign that the actor knows of.

    Raises
    ------
    ResultsUnknown
        When the actor neither works for the programme nor anything was published.
    ResultsTooEarly
        When the campaign has not begun.
    """
    team = {row.person_id for row in await list_team(session, campaign.id)}
    published = await repository.find_publication(session, campaign.id)
    if policy.can_read_results(actor, campaign, team):
        results = await make_results(session, campaign, now=now)
        working = await list_working_ids(session, campaign.id)
        return Read(
            campaign,
            results,
            None if published is None else published.published_at,
            policy.can_publish_results(actor, campaign, working),
        )
    if published is None or campaign.status not in PUBLISHABLE:
        raise ResultsUnknown(UNKNOWN)
    return Read(campaign, decode_results(published.figures), published.published_at, False)


async def read_results_of(
    session: Session, actor: Actor, community_slug: str, slug: str, *, now: datetime
) -> Read:
    """The same by short names, as in addresses of pages.

    Raises
    ------
    ResultsUnknown
        When there is no such campaign, or it is not for the actor.
    """
    return await read_results(
        session, actor, await find_by_slug(session, actor, community_slug, slug), now=now
    )


async def find_by_slug(session: Session, actor: Actor, community_slug: str, slug: str) -> Campaign:
    """A campaign that the actor may know of.

    Raises
    ------
    ResultsUnknown
        When there is none.
    """
    community = await find_community(session, community_slug)
    campaign = (
        None if community is None else await find_campaign(session, actor, community.id, slug)
    )
    if campaign is None:
        raise ResultsUnknown(UNKNOWN)
    return campaign


async def publish_results(
    session: Session, actor: Actor, campaign_id: UUID, *, now: datetime
) -> Read:
    """Let everybody see the figures as they are now. Records ``results.published``.

    Publishing again replaces what was public.

    Raises
    ------
    ResultsNotForYou
        When the actor does not manage the campaign.
    ResultsTooEarly
        When the campaign neither runs nor is finished.
    """
    campaign = await _campaign_to_manage(session, actor, campaign_id)
    if campaign.status not in PUBLISHABLE:
        raise ResultsTooEarly(
            f"The campaign {campaign.slug} is {campaign.status.value}: only the results of a "
            "running or finished one can be published."
        )
    await _withdraw(session, campaign, now)
    results = make_public(await make_results(session, campaign, now=now, for_public=True))
    session.add(
        ResultPublication(
            campaign_id=campaign.id,
            published_by=actor.person_id,
            published_at=now,
            figures=encode_results(results),
        )
    )
    await session.flush()
    _record(session, actor, campaign, "results.published", now)
    return Read(campaign, results, now, True)


async def withdraw_results(
    session: Session, actor: Actor, campaign_id: UUID, *, now: datetime
) -> Campaign:
    """Take published figures back. Doing it twice is as good as once.

    Raises
    ------
    ResultsNotForYou
        When the actor does not manage the campaign.
    """
    campaign = await _campaign_to_manage(session, actor, campaign_id)
    if await _withdraw(session, campaign, now):
        _record(session, actor, campaign, "results.withdrawn", now)
    return campaign


def encode_results(results: Results) -> dict[str, Any]:
    """As plain data, to be kept."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(results))
    return plain


def decode_results(figures: dict[str, Any]) -> Results:
    """From what was kept."""
    return msgspec.convert(figures, type=Results, strict=False)


async def _campaign_to_manage(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    campaign = await get_campaign(session, actor, campaign_id)
    working = await list_working_ids(session, campaign.id)
    if not policy.can_publish_results(actor, campaign, working):
        raise ResultsNotForYou("Results are published by managers and by the campaign's team.")
    return campaign


async def _withdraw(session: Session, campaign: Campaign, now: datetime) -> int:
    rows = await repository.list_open_publications(session, campaign.id)
    for row in rows:
        row.withdrawn_at = now
    return len(rows)


def _record(session: Session, actor: Actor, campaign: Campaign, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="campaign",
        subject_id=campaign.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=campaign.community_id,
    )
