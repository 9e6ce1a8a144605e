"""What groups tell people: an invitation, that they were let in, and the news of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from campaigns.groups import repository
from campaigns.groups.models import Group, GroupMember, GroupNews
from core.db import Session
from messaging.conversation_repository import find_language
from messaging.kinds import Draft
from messaging.sending import queue_message
from messaging.templates import SITE_MARK, render
from people.kinds import Purpose

EMAILS = Path(__file__).parents[1] / "emails"
SHORT_NAME = 40
INVITED, APPROVED, NEWS = "group_invited", "group_approved", "group_news"
NEWS_LIFE = timedelta(days=3)


async def notify_invited(
    session: Session, group: Group, member: GroupMember, *, now: datetime
) -> None:
    """Somebody is invited; a second invitation after a refusal tells again."""
    await _tell(session, group, member, INVITED, now=now)


async def notify_approved(
    session: Session, group: Group, member: GroupMember, *, now: datetime
) -> None:
    """Somebody who asked was let in."""
    await _tell(session, group, member, APPROVED, now=now)


async def notify_news(
    session: Session,
    group: Group,
    news: GroupNews,
    person_id: UUID,
    posts: Sequence[str],
    *,
    now: datetime,
) -> bool:
    """One mail with the announcements of a day; whether it will go out."""
    values: dict[str, object] = {"posts": list(posts)}
    key = f"{NEWS}:{group.id}:{news.day}:{person_id}"
    draft = await _draft(session, group, person_id, kind=NEWS, key=key, values=values)
    draft = replace(draft, subject_type=NEWS, subject_id=news.id, expires_at=now + NEWS_LIFE)
    message = await queue_message(session, draft, now=now)
    return message.reason is None


async def _tell(
    session: Session, group: Group, member: GroupMember, kind: str, *, now: datetime
) -> None:
    """Tell a person; of a household, each adult."""
    people = await repository.list_people_of(session, member)
    for person_id in people:
        key = f"{kind}:{member.id}:{now.isoformat()}:{person_id}"
        draft = await _draft(session, group, person_id, kind=kind, key=key, values={})
        await queue_message(session, draft, now=now)


async def _draft(
    session: Session,
    group: Group,
    person_id: UUID,
    *,
    kind: str,
    key: str,
    values: Mapping[str, object],
) -> Draft:
    language, time_zone = await find_language(session, person_id, group.community_id)
    community = await repository.get_community(session, group.community_id)
    known = {
        "group": group.name,
        "short_group": group.name[:SHORT_NAME],
        "community": "" if community is None else community.name,
        "link": f"{SITE_MARK}/",
    }
    return Draft(
        community_id=group.community_id,
        person_id=person_id,
        kind=kind,
        key=key,
        purpose=Purpose.CAMPAIGNS,
        words=render(EMAILS / kind, language, known | dict(values), time_zone=time_zone),
        subject_type="group",
        subject_id=group.id,
    )
