"""All that is kept about one person, table by table; other people's data stay out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, inspect, select

from core.columns import Base
from core.db import Session
from core.events import Event
from matching.feeds.models import CalendarFeed
from matching.intake.models import (
    AskDraft,
    CallBack,
    Declaration,
    RequestAccess,
    RequestCaller,
    RequestDetails,
    StandingAccess,
    StandingBreak,
    StandingRequest,
    TextDialogue,
)
from matching.kinds import AssignmentStatus, BanSide
from matching.models import (
    Assignment,
    AvailabilityWindow,
    Ban,
    HelpRequest,
    Offer,
    RequestNeed,
    RequestWindow,
    SeasonPair,
    Volunteer,
    WeeklyHours,
)
from matching.offers.models import Ask, AskedHome, StormVolunteer
from matching.offers.visit_models import VisitPhoto, VisitThanks
from matching.personal.belongings_repository import Belongings
from matching.storms.models import StormResident
from matching.volunteering.models import AwayPeriod, Team, TeamMember, ToolLoan
from messaging.conversation_models import ThreadMember, ThreadPost
from messaging.inbound_models import InboundText
from messaging.models import Message, MessageWords
from people.kinds import Channel
from people.link_models import Link
from people.models import (
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonAbility,
    PersonName,
    Preferences,
)
from people.push_models import PushSubscription
from people.safeguard_models import GuardianConsent, Minor, VettingItem
from people.signing_in.models import ApiToken, OidcIdentity, Password, SignIn, SignInLink

MAX_ROWS = 10_000
"""Of one table."""
HIDDEN = frozenset(
    {
        "token_digest",
        "sender_digest",
        "content_digest",
        "secret_digest",
        "password_hash",
        "endpoint",
        "p256dh",
        "auth",
        "key_hash",
        "address_digest",
        "issuer_digest",
        "subject_digest",
        "recorded_by",
        "taken_by_id",
        "created_by",
        "closed_by_id",
        "similar_to_id",
        "unsubscribe_url",
        "version",
        "travel_s",
        "travel_m",
        "radius_share",
    }
)
"""Keys to pages, and who of the staff or which other case: not about the person.

Nor how far exactly a volunteer is from the homes that were put before them: from a few such ways
one works out where somebody lives. How long it takes from cell to cell is theirs to know."""
NOT_OF_EVENTS = ("ban.",)
"""Whom others do not want to meet is told to nobody but staff."""


def tables_of(person: Person, mine: Belongings) -> dict[type[Base], ColumnElement[bool]]:
    """Which rows of which table are about a person."""
    key = person.id
    visits = select(Assignment.id).where(Assignment.id.in_(mine.assignment_ids))
    messages = select(Message.id).where(Message.person_id == key)
    volunteers, requests = mine.volunteer_ids, mine.request_ids
    own_ban = (Ban.resident_id == key) & (Ban.asked_by == BanSide.RESIDENT)
    own_ban |= Ban.volunteer_id.in_(volunteers) & (Ban.asked_by == BanSide.VOLUNTEER)
    own_homes = [person.household_id, *mine.household_ids]
    return {
        Person: Person.id == key,
        PersonName: PersonName.person_id == key,
        ContactPoint: ContactPoint.person_id == key,
        Preferences: Preferences.person_id == key,
        PersonAbility: PersonAbility.person_id == key,
        Membership: Membership.person_id == key,
        Consent: Consent.person_id == key,
        Minor: Minor.person_id == key,
        GuardianConsent: (GuardianConsent.minor_id == key) | (GuardianConsent.guardian_id == key),
        VettingItem: VettingItem.person_id == key,
        Household: Household.id.in_(own_homes),
        HouseholdAddress: HouseholdAddress.household_id.in_(own_homes),
        HelpRequest: HelpRequest.id.in_(requests),
        RequestDetails: RequestDetails.request_id.in_(requests),
        RequestWindow: RequestWindow.request_id.in_(requests),
        RequestNeed: RequestNeed.request_id.in_(requests),
        RequestAccess: RequestAccess.request_id.in_(requests),
        RequestCaller: RequestCaller.request_id.in_(requests),
        StandingRequest: StandingRequest.id.in_(mine.standing_ids),
        StandingAccess: StandingAccess.standing_id.in_(mine.standing_ids),
        StandingBreak: StandingBreak.standing_id.in_(mine.standing_ids),
        Declaration: Declaration.person_id == key,
        StormResident: StormResident.person_id == key,
        Volunteer: Volunteer.id.in_(volunteers),
        AvailabilityWindow: AvailabilityWindow.volunteer_id.in_(volunteers),
        WeeklyHours: WeeklyHours.volunteer_id.in_(volunteers),
        AwayPeriod: AwayPeriod.volunteer_id.in_(volunteers),
        Team: Team.volunteer_id.in_(volunteers),
        TeamMember: TeamMember.person_id == key,
        ToolLoan: ToolLoan.volunteer_id.in_(volunteers),
        Ask: Ask.volunteer_id.in_(volunteers),
        AskedHome: AskedHome.ask_id.in_(select(Ask.id).where(Ask.volunteer_id.in_(volunteers))),
        StormVolunteer: StormVolunteer.volunteer_id.in_(volunteers),
        Offer: Offer.volunteer_id.in_(volunteers),
        Assignment: Assignment.id.in_(mine.assignment_ids),
        SeasonPair: (SeasonPair.resident_id == key) | SeasonPair.volunteer_id.in_(volunteers),
        Ban: own_ban,
        VisitPhoto: VisitPhoto.assignment_id.in_(visits),
        VisitThanks: _thanks_of(requests, volunteers),
        Message: Message.person_id == key,
        MessageWords: MessageWords.message_id.in_(messages),
        InboundText: InboundText.person_id == key,
        ThreadMember: ThreadMember.person_id == key,
        ThreadPost: ThreadPost.author_id == key,
        CalendarFeed: CalendarFeed.person_id == key,
        Event: Event.actor_id.is_not_distinct_from(key)
        | Event.subject_id.in_([key, *volunteers, *requests, *mine.assignment_ids]),
        **_begun_by(key),
        **_ways_in_of(key),
    }


def _begun_by(key: UUID) -> dict[type[Base], ColumnElement[bool]]:
    """Calls for help that were begun and not sent, and calls that were asked for."""
    return {
        TextDialogue: TextDialogue.person_id == key,
        AskDraft: AskDraft.person_id == key,
        CallBack: (CallBack.person_id == key) | _called_for_at(key),
    }


def _thanks_of(
    request_ids: Collection[UUID], volunteer_ids: Collection[UUID]
) -> ColumnElement[bool]:
    """Thanks are of who said them and of whoever came, and not of whoever gave the visit back."""
    done = select(Assignment.request_id).where(
        Assignment.volunteer_id.in_(volunteer_ids), Assignment.status == AssignmentStatus.DONE
    )
    return VisitThanks.request_id.in_(request_ids) | VisitThanks.request_id.in_(done)


def _called_for_at(person_id: UUID) -> ColumnElement[bool]:
    """Calls that somebody of this name asked for without signing in, at a number that is confirmed.

    A household shares a number, and anybody can type the number of others into their own page.
    """
    numbers = select(ContactPoint.value).where(
        ContactPoint.person_id == person_id,
        ContactPoint.channel.in_((Channel.SMS, Channel.PHONE)),
        ContactPoint.verified_at.is_not(None),
    )
    names = select(func.lower(PersonName.full_name)).where(PersonName.person_id == person_id)
    return and_(
        CallBack.person_id.is_(None),
        CallBack.phone.in_(numbers),
        func.lower(CallBack.name).in_(names),
    )


def _ways_in_of(person_id: UUID) -> dict[type[Base], ColumnElement[bool]]:
    """How a person signs in and is called back; of every secret only that there is one."""
    contacts = select(ContactPoint.id).where(ContactPoint.person_id == person_id)
    return {
        Link: Link.person_id == person_id,
        PushSubscription: PushSubscription.person_id == person_id,
        SignIn: SignIn.person_id == person_id,
        SignInLink: SignInLink.contact_point_id.in_(contacts),
        Password: Password.person_id == person_id,
        ApiToken: ApiToken.person_id == person_id,
        OidcIdentity: OidcIdentity.person_id == person_id,
    }


async def load_rows(
    session: Session, table: type[Base], condition: ColumnElement[bool]
) -> list[Mapping[str, Any]]:
    """The rows of one table that meet a condition, without the columns that stay hidden."""
    columns = [column for column in table.__table__.columns if column.name not in HIDDEN]
    query: Select[Any] = select(*columns).where(condition).limit(MAX_ROWS)
    if table is Event:
        query = query.where(*(Event.kind.not_like(f"{kind}%") for kind in NOT_OF_EVENTS))
    query = query.order_by(*inspect(table).primary_key)
    return [dict(row) for row in (await session.execute(query)).mappings()]
