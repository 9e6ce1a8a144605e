"""Calendars by secret link: made, read and ended.

Whoever holds the link reads the calendar, and calendar programs hand what they read to servers of
others. So a calendar holds times, kinds of help and neighbourhoods, never an address or a name;
the address stays on the page of the visit.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.i18n import choose_language
from matching.feeds import calendar_file, repository
from matching.feeds.calendar_file import Entry, FeedFile
from matching.feeds.errors import FeedUnknown, TooManyFeeds
from matching.feeds.models import CalendarFeed, FeedKind
from matching.intake.programme import load_kinds
from matching.models import Storm
from people.auth import Actor
from people.kinds import Role
from people.links import digest_token
from people.models import Community
from people.repository import load_actor

TOKEN_BYTES = 32
MOST_FEEDS = 10
BEFORE = timedelta(days=60)
AFTER = timedelta(days=180)
STORMS_BEFORE = timedelta(days=365)
USUAL_STORM = timedelta(hours=24)

_TOKEN = re.compile(r"[A-Za-z0-9_\-]{43}")


@dataclass(frozen=True)
class MadeFeed:
    """A new calendar. The token is shown once: it is not kept."""

    row: CalendarFeed
    token: str

    @property
    def path(self) -> str:
        """Where it is read."""
        return f"/calendar/{self.token}.ics"


async def create_feed(
    session: Session, actor: Actor, community_id: UUID, kind: FeedKind, *, now: datetime
) -> MadeFeed:
    """Make a calendar for oneself: of one's visits, or for staff of the storms.

    Records ``calendar.created``.

    Raises
    ------
    NotPermitted
        When the actor has no such role there.
    TooManyFeeds
        When there are too many already.
    """
    if actor.person_id is None or not _may_read(actor, community_id, kind):
        raise NotPermitted(
            "Calendars of visits are for volunteers, those of storms for staff of the community."
        )
    if await repository.count_live(session, actor.person_id) >= MOST_FEEDS:
        raise TooManyFeeds(f"You have {MOST_FEEDS} calendars. End one that you do not use.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = CalendarFeed(
        token_digest=digest_token(token),
        kind=kind,
        community_id=community_id,
        person_id=actor.person_id,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, "calendar.created", row, now)
    return MadeFeed(row, token)


async def revoke_feed(
    session: Session, actor: Actor, feed_id: UUID, *, now: datetime
) -> CalendarFeed:
    """End a calendar of one's own: its link opens nothing any more. Records ``calendar.ended``."""
    row = await repository.find_feed(session, feed_id)
    if row is None or actor.person_id is None or row.person_id != actor.person_id:
        raise FeedUnknown("There is no such calendar.")
    if row.revoked_at is None:
        row.revoked_at = now
        _record(session, actor, "calendar.ended", row, now)
        await session.flush()
    return row


async def read_feed(session: Session, token: str, site: str, *, now: datetime) -> bytes:
    """The calendar behind a link, as a file.

    Raises
    ------
    FeedUnknown
        When the link opens nothing, or its person has no longer the role.
    """
    found = None
    if _TOKEN.fullmatch(token):
        found = await repository.find_by_digest(session, digest_token(token))
    if found is None:
        raise FeedUnknown("There is no such calendar.")
    actor = await load_actor(session, found.person_id)
    if not _may_read(actor, found.community_id, found.kind):
        raise FeedUnknown("There is no such calendar.")
    community = await repository.get_community(session, found.community_id)
    language = choose_language(await repository.load_languages(session, found.person_id))
    if found.kind is FeedKind.VISITS:
        entries = await _list_visits(session, found, language, site, now)
    else:
        storms = await repository.list_storms(
            session, found.community_id, since=now - STORMS_BEFORE
        )
        entries = [entry for storm in storms for entry in _tell_storm(storm, language)]
    return calendar_file.write_feed(
        FeedFile(
            name=_name(found.kind, community, language),
            time_zone=community.time_zone,
            since=found.created_at,
            entries=tuple(sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))),
        )
    )


async def _list_visits(
    session: Session, feed: CalendarFeed, language: str, site: str, now: datetime
) -> list[Entry]:
    rows = await repository.list_visits(
        session, feed.person_id, feed.community_id, since=now - BEFORE, until=now + AFTER
    )
    kinds = await load_kinds(session, feed.community_id, now)
    entries = []
    for work, kind, area in rows:
        job = kinds.get(kind).label(language)
        job = job[:1].upper() + job[1:]
        entries.append(
            Entry(
                uid=f"visit-{work.id}",
                sequence=work.version - 1,
                stamp=work.accepted_at,
                starts_at=work.starts_at,
                ends_at=work.ends_at,
                is_busy=True,
                summary=calendar_file.say(
                    "visit" if area else "visit_nowhere", language, job=job, area=area
                ),
                location=area,
                description=calendar_file.say("visit_more", language, site=site),
                url=site,
            )
        )
    return entries


def _tell_storm(storm: Storm, language: str) -> list[Entry]:
    begins = storm.opened_at or storm.created_at
    ends = storm.closed_at or storm.deadline_at or begins + USUAL_STORM
    entries = [
        Entry(
            uid=f"storm-{storm.id}",
            sequence=storm.version - 1,
            stamp=storm.since_at or storm.created_at,
            starts_at=begins,
            ends_at=max(ends, begins + timedelta(hours=1)),
            summary=calendar_file.say(f"storm_{storm.status.value}", language),
        )
    ]
    if storm.deadline_at is not None:
        entries.append(
            Entry(
                uid=f"deadline-{storm.id}",
                sequence=storm.version - 1,
                stamp=storm.since_at or storm.created_at,
                starts_at=storm.deadline_at,
                ends_at=None,
                summary=calendar_file.say("deadline", language),
            )
        )
    return entries


def _name(kind: FeedKind, community: Community, language: str) -> str:
    return calendar_file.say(f"{kind.value}_name", language, community=community.name)


def _may_read(actor: Actor, community_id: UUID, kind: FeedKind) -> bool:
    if kind is FeedKind.VISITS:
        return actor.has_role(community_id, Role.VOLUNTEER)
    return actor.is_staff(community_id)


def _record(session: Session, actor: Actor, kind: str, row: CalendarFeed, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="calendar",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        what=row.kind.value,
    )
