"""What surveys tell people: an invitation, and once a reminder."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from campaigns.pulse.answering import LINK_ACTION
from campaigns.pulse.models import Survey, SurveyInvitation
from campaigns.pulse.questions import pick_words
from core.db import Session
from messaging.conversation_repository import find_language
from messaging.kinds import ContactLimits, Draft
from messaging.models import Message
from messaging.sending import queue_message
from messaging.templates import SITE_MARK, render
from people.links import LinkTo, create_link
from people.models import Community

EMAILS = Path(__file__).parents[1] / "emails"
INVITE, REMINDER = "survey_invite", "survey_reminder"
SHORT_TITLE = 50
LINK_LIFE = timedelta(days=30)
"""After the end the link still shows what became of it."""
GAP_S = 24 * 3_600
"""Between any other message and one about a survey."""


async def notify_person(
    session: Session, survey: Survey, invitation: SurveyInvitation, kind: str, *, now: datetime
) -> Message:
    """Invite or remind one person, within the gap between messages of all senders."""
    language, time_zone = await find_language(session, invitation.person_id, survey.community_id)
    community = await session.get_one(Community, survey.community_id)
    link = LinkTo(
        action=LINK_ACTION,
        person_id=invitation.person_id,
        subject_id=survey.id,
        expires_at=survey.closes_at + LINK_LIFE,
    )
    token = await create_link(session, link, now=now)
    said = pick_words(survey.words, [language])
    values = {
        "community": community.name,
        "title": said["title"],
        "short_title": said["title"][:SHORT_TITLE],
        "intro": said["intro"],
        "closes_at": survey.closes_at,
        "link": f"{SITE_MARK}/l/{token}",
    }
    return await queue_message(
        session,
        Draft(
            community_id=survey.community_id,
            person_id=invitation.person_id,
            kind=kind,
            key=f"{kind}:{survey.id}:{invitation.person_id}",
            purpose=survey.purpose,
            words=render(EMAILS / kind, language, values, time_zone=time_zone),
            subject_type="survey",
            subject_id=survey.id,
            limits=ContactLimits(gap_s=GAP_S),
            expires_at=survey.closes_at,
        ),
        now=now,
    )
