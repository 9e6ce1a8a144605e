"""What pledges tell people: one reminder, when it was asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from campaigns.programmes.models import Campaign
from campaigns.standings.models import Pledge, PledgeTemplate
from core.db import Session
from core.i18n import SOURCE_LANGUAGE
from messaging.conversation_repository import find_language
from messaging.kinds import Draft
from messaging.models import Message
from messaging.sending import queue_message
from messaging.templates import SITE_MARK, render
from people.kinds import Purpose
from people.models import Community

EMAILS = Path(__file__).parents[1] / "emails"
REMINDER = "pledge_reminder"
SHORT_WHAT = 60


async def notify_reminder(session: Session, pledge: Pledge, *, now: datetime) -> Message:
    """Remind somebody of a promise: once for each pledge, whatever happens."""
    campaign = await session.get_one(Campaign, pledge.campaign_id)
    template = await session.get_one(PledgeTemplate, pledge.template_id)
    community = await session.get_one(Community, campaign.community_id)
    language, time_zone = await find_language(session, pledge.person_id, community.id)
    what = str(template.labels.get(language) or template.labels[SOURCE_LANGUAGE])
    values = {
        "what": what,
        "short_what": what[:SHORT_WHAT],
        "campaign": campaign.title,
        "community": community.name,
        "link": f"{SITE_MARK}/",
    }
    draft = Draft(
        community_id=community.id,
        person_id=pledge.person_id,
        kind=REMINDER,
        key=f"{REMINDER}:{pledge.id}",
        purpose=Purpose.CAMPAIGNS,
        words=render(EMAILS / REMINDER, language, values, time_zone=time_zone),
        subject_type="pledge",
        subject_id=pledge.id,
        expires_at=campaign.ends_at if campaign.ends_at > now else None,
    )
    return await queue_message(session, draft, now=now)
