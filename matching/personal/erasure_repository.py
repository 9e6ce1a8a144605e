"""The statements that remove what tells who somebody is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    CursorResult,
    Text,
    and_,
    cast,
    delete,
    or_,
    select,
    union,
    update,
)

from core.db import Session
from matching.feeds.models import CalendarFeed
from matching.intake.models import (
    AskDraft,
    CallBack,
    Declaration,
    RequestAccess,
    RequestCaller,
    StandingAccess,
    StandingRequest,
    TextDialogue,
)
from matching.kinds import DocumentKind
from matching.models import Assignment, AvailabilityWindow, HelpRequest, Volunteer, WeeklyHours
from matching.offers.models import VolunteerReach
from matching.offers.visit_models import VisitPhoto, VisitThanks
from matching.personal.belongings_repository import Belongings
from matching.rounds.engine_rows import SHORTEST_ID, VOLUNTEER_PREFIX
from matching.rounds.models import Round, RoundDocument
from matching.volunteering.models import AwayPeriod, Depot, Team, TeamMember
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from messaging.inbound_models import InboundText
from messaging.kinds import MessageStatus, Suppressed
from messaging.mail_replies import KIND as REPLY_KIND
from messaging.models import Message, MessageWords
from people.models import (
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonAbility,
    PersonName,
    Preferences,
)
from people.safeguard_models import Minor, VettingItem

SHORTEST_WORD = 3
HIDDEN = "***"
MAX_POSTS = 5_000
GRID_M = 1_000


async def load_marks(session: Session, person_id: UUID) -> list[str]:
    """What would tell who a person is in somebody else's words, the longest first."""
    name = await session.get(PersonName, person_id)
    said = [] if name is None else [name.full_name, name.call_name or ""]
    marks = {*said, *(word for part in said for word in re.split(r"[^\w'-]+", part))}
    points = await session.scalars(
        select(ContactPoint.value).where(ContactPoint.person_id == person_id)
    )
    marks |= set(points)
    homes = select(Person.household_id).where(Person.id == person_id)
    addresses = await session.scalars(
        select(HouseholdAddress.address_text).where(HouseholdAddress.household_id.in_(homes))
    )
    marks |= set(addresses)
    return sorted((mark for mark in marks if len(mark) >= SHORTEST_WORD), key=len, reverse=True)


async def hide_in_posts(session: Session, thread_ids: Collection[UUID], marks: list[str]) -> int:
    """Replace a person's marks in what others said in the same conversations; in how many posts."""
    if not marks or not thread_ids:
        return 0
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(mark)}(?!\w)" for mark in marks), re.I)
    changed = 0
    for post in await session.scalars(
        select(ThreadPost).where(ThreadPost.thread_id.in_(thread_ids)).limit(MAX_POSTS)
    ):
        hidden = pattern.sub(HIDDEN, post.text)
        if hidden != post.text:
            post.text = hidden
            changed += 1
    await session.flush()
    return changed


async def close_threads(session: Session, thread_ids: Collection[UUID], now: datetime) -> None:
    """Nothing more can be said where somebody was erased."""
    await _run(
        session,
        update(Thread)
        .where(Thread.id.in_(thread_ids), Thread.closed_at.is_(None))
        .values(closed_at=now),
    )


async def forget_words_about(session: Session, belongings: Belongings) -> int:
    """Take back and empty what was written to others about this person's visits and requests.

    Also our replies to those whom the person met: they may say the name.
    """
    met = select(ThreadMember.person_id).where(ThreadMember.thread_id.in_(belongings.thread_ids))
    about: list[ColumnElement[bool]] = [
        and_(Message.subject_type == kind, Message.subject_id.in_(keys))
        for kind, keys in (
            ("assignment", belongings.assignment_ids),
            ("request", belongings.request_ids),
            ("standing", belongings.standing_ids),
            ("thread", belongings.thread_ids),
        )
    ]
    about.append(and_(Message.kind == REPLY_KIND, Message.person_id.in_(met)))
    messages = select(Message.id).where(or_(*about))
    return await _run(
        session,
        update(InboundText).where(InboundText.person_id.in_(met)).values(reply=None),
        update(Message)
        .where(Message.id.in_(messages), Message.status == MessageStatus.QUEUED)
        .values(status=MessageStatus.SUPPRESSED, reason=Suppressed.NO_LONGER_TRUE.value),
        delete(MessageWords).where(MessageWords.message_id.in_(messages)),
    )


async def forget_name_and_contacts(session: Session, person_id: UUID) -> int:
    """Remove name, addresses of mail, numbers, preferences; how many contact points."""
    points = (
        await session.execute(
            select(ContactPoint.id, ContactPoint.value).where(ContactPoint.person_id == person_id)
        )
    ).all()
    keys = [row[0] for row in points]
    digests = [sha256(str(part).encode()).hexdigest() for row in points for part in row]
    await _run(
        session,
        update(InboundText)
        .where(or_(InboundText.person_id == person_id, InboundText.sender_digest.in_(digests)))
        .values(reply=None, sender_digest=""),
        update(Message).where(Message.contact_point_id.in_(keys)).values(contact_point_id=None),
        # Somebody who asked for a call without signing in is known by the number alone.
        delete(CallBack).where(
            or_(CallBack.person_id == person_id, CallBack.phone.in_([row[1] for row in points]))
        ),
        delete(ContactPoint).where(ContactPoint.id.in_(keys)),
        delete(PersonName).where(PersonName.person_id == person_id),
        delete(Preferences).where(Preferences.person_id == person_id),
    )
    return len(keys)


async def forget_facts(
    session: Session, person_id: UUID, belongings: Belongings, now: datetime
) -> None:
    """Remove what was told about a person and their help: notes, checks, hours, pictures."""
    volunteers, requests = belongings.volunteer_ids, belongings.request_ids
    teams = TeamMember.team_id.in_(volunteers)
    visited = select(Assignment.request_id).where(Assignment.id.in_(belongings.assignment_ids))
    await _run(
        session,
        delete(RequestAccess).where(RequestAccess.request_id.in_(requests)),
        delete(RequestCaller).where(RequestCaller.request_id.in_(requests)),
        delete(StandingAccess).where(StandingAccess.standing_id.in_(belongings.standing_ids)),
        delete(Declaration).where(Declaration.person_id == person_id),
        delete(TextDialogue).where(TextDialogue.person_id == person_id),
        delete(AskDraft).where(AskDraft.person_id == person_id),
        # A thank-you may name whoever came.
        delete(VisitThanks).where(VisitThanks.request_id.in_(visited)),
        delete(VisitPhoto).where(VisitPhoto.assignment_id.in_(belongings.assignment_ids)),
        delete(PersonAbility).where(PersonAbility.person_id == person_id),
        delete(Minor).where(Minor.person_id == person_id),
        delete(CalendarFeed).where(CalendarFeed.person_id == person_id),
        delete(VettingItem).where(VettingItem.person_id == person_id),
        delete(TeamMember).where(or_(teams, TeamMember.person_id == person_id)),
        delete(Team).where(Team.volunteer_id.in_(volunteers)),
        *(
            delete(table).where(table.volunteer_id.in_(volunteers))
            for table in (AvailabilityWindow, WeeklyHours, AwayPeriod, VolunteerReach)
        ),
        update(Membership).where(Membership.person_id == person_id).values(source_key=None),
        update(Membership)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
        .values(ended_at=now),
        *(
            update(table).where(table.id.in_(keys)).values(source_key=None)
            for table, keys in (
                (Volunteer, volunteers),
                (HelpRequest, requests),
                (StandingRequest, belongings.standing_ids),
            )
        ),
    )


async def forget_homes(session: Session, person_id: UUID, belongings: Belongings) -> int:
    """Remove the addresses where nobody else lives, helps from or is helped; how many.

    The household stays with its cell, for what happened there.
    """
    homes = belongings.household_ids
    mine = belongings.volunteer_ids
    in_use: CompoundSelect[Any] = union(
        select(Person.household_id).where(
            Person.household_id.in_(homes), Person.id != person_id, Person.erased_at.is_(None)
        ),
        select(Volunteer.home_id).where(Volunteer.home_id.in_(homes), Volunteer.id.not_in(mine)),
        select(Volunteer.second_anchor_id).where(
            Volunteer.second_anchor_id.in_(homes), Volunteer.id.not_in(mine)
        ),
        *(
            select(table.household_id)
            .join(Person, Person.id == table.resident_id)
            .where(
                table.household_id.in_(homes),
                table.resident_id != person_id,
                Person.erased_at.is_(None),
            )
            for table in (HelpRequest, StandingRequest)
        ),
        select(Depot.household_id).where(Depot.household_id.in_(homes)),
    )
    used = set(await session.scalars(in_use))
    alone = [home for home in homes if home not in used]
    await _run(
        session,
        update(Household).where(Household.id.in_(alone)).values(source_key=None),
        delete(HouseholdAddress).where(HouseholdAddress.household_id.in_(alone)),
    )
    return len(alone)


async def blur_rounds(
    session: Session, community_ids: Collection[UUID], belongings: Belongings
) -> int:
    """Take the exact place of these homes out of the problems that rounds keep; out of how many.

    A problem names homes by id and says in metres where they are.
    """
    references = await session.scalars(
        select(HelpRequest.reference).where(HelpRequest.id.in_(belongings.request_ids))
    )
    ids = set(references)
    digits = tuple(key.hex.upper() for key in belongings.volunteer_ids)
    marks = [*ids, *(key[-SHORTEST_ID:] for key in digits)]
    if not marks:
        return 0
    body = cast(RoundDocument.body, Text)
    query = (
        select(RoundDocument.round_id)
        .join(Round, Round.id == RoundDocument.round_id)
        .where(
            RoundDocument.kind == DocumentKind.PROBLEM,
            Round.community_id.in_(community_ids),
            or_(*(body.contains(mark) for mark in marks)),
        )
    )

    def is_theirs(name: str) -> bool:
        short = name.removeprefix(VOLUNTEER_PREFIX)
        return name in ids or (short != name and any(key.endswith(short) for key in digits))

    changed = 0
    for round_id in list(await session.scalars(query)):
        document = await session.get_one(RoundDocument, (round_id, DocumentKind.PROBLEM))
        document.body = _blur(document.body, is_theirs)
        await session.flush()
        session.expunge(document)  # it may be large, and there may be many
        changed += 1
    return changed


def _blur(body: dict[str, Any], is_theirs: Callable[[str], bool]) -> dict[str, Any]:
    """The problem with the places of these rows on a grid of a kilometre."""

    def blur_row(row: dict[str, Any]) -> dict[str, Any]:
        if not is_theirs(str(row.get("id"))):
            return row
        places = {name: row[name] for name in ("x_m", "y_m") if name in row}
        return row | {name: float(round(at / GRID_M) * GRID_M) for name, at in places.items()}

    lists = ("requests", "volunteers")
    return body | {name: [blur_row(row) for row in body[name]] for name in lists if name in body}


async def _run(session: Session, *statements: Any) -> int:
    """Run statements in order; how many rows the last one touched."""
    touched = 0
    for statement in _quietly(statements):
        result = await session.execute(statement)
        touched = result.rowcount if isinstance(result, CursorResult) else 0
    return touched


def _quietly(statements: Iterable[Any]) -> Iterable[Any]:
    return (row.execution_options(synchronize_session=False) for row in statements)
