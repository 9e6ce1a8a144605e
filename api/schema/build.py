"""The schema, put together from the modules of the domains."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from api.schema.areas import AreaQuery
from api.schema.assignment_mutations import AssignmentMutation
from api.schema.assignments import AssignmentQuery
from api.schema.audience_mutations import AudienceMutation
from api.schema.audiences import AudienceQuery
from api.schema.bans import BanMutation, BanQuery
from api.schema.biking import BikingQuery
from api.schema.calendars import CalendarMutation, CalendarQuery
from api.schema.campaign_mutations import CampaignMutation
from api.schema.campaign_results import CampaignResultsMutation, CampaignResultsQuery
from api.schema.campaigns import CampaignQuery
from api.schema.communities import CommunityQuery
from api.schema.conversations import ConversationMutation, ConversationQuery
from api.schema.event_help_mutations import EventHelpMutation
from api.schema.event_mutations import EventMutation
from api.schema.event_queries import EventQuery
from api.schema.explanations import ExplanationQuery
from api.schema.geocoding import GeocodingQuery
from api.schema.group_mutations import GroupMutation
from api.schema.group_post_mutations import GroupPostMutation
from api.schema.group_posts import GroupPostQuery
from api.schema.groups import GroupQuery
from api.schema.intake import IntakeMutation, IntakeQuery
from api.schema.interests import InterestMutation, InterestQuery
from api.schema.jobs import JobMutation, JobQuery
from api.schema.mailing_mutations import MailingMutation
from api.schema.mailings import MailingQuery, MailingSubscription
from api.schema.messages import MessageQuery
from api.schema.node_query import NodeQuery
from api.schema.offer_answers import OfferMutation
from api.schema.offers import OfferQuery
from api.schema.people import PeopleQuery
from api.schema.profile import ProfileMutation
from api.schema.pulse import PulseQuery
from api.schema.pulse_mutations import PulseMutation
from api.schema.recruiting import RecruitingMutation, RecruitingQuery
from api.schema.recycling import RecyclingQuery
from api.schema.recycling_mutations import RecyclingMutation
from api.schema.request_lists import RequestQuery
from api.schema.request_mutations import RequestMutation
from api.schema.ride_mutations import RideMutation
from api.schema.roles import RoleMutation
from api.schema.rounds import RoundQuery
from api.schema.rules import RulesMutation
from api.schema.safeguards import SafeguardMutation
from api.schema.scalars import SCALARS
from api.schema.standing import StandingQuery
from api.schema.standing_mutations import StandingMutation
from api.schema.standings import StandingsQuery
from api.schema.standings_badges import BadgeQuery
from api.schema.standings_mutations import PledgeMutation, StandingsMutation
from api.schema.standings_pledges import PledgeQuery
from api.schema.storm_mutations import StormMutation, StormRulesQuery
from api.schema.storms import StormQuery
from api.schema.subscriptions import LiveSubscription
from api.schema.tokens import TokenMutation, TokenQuery
from api.schema.tools import ToolMutation, ToolQuery
from api.schema.volunteer_mutations import VolunteerMutation
from api.schema.volunteers import VolunteerQuery
from api.schema.webhook_mutations import WebhookMutation
from api.schema.webhooks import WebhookQuery

QUERIES: tuple[type, ...] = (
    InterestQuery,
    AudienceQuery,
    PulseQuery,
    NodeQuery,
    CommunityQuery,
    PeopleQuery,
    ConversationQuery,
    MessageQuery,
    IntakeQuery,
    RequestQuery,
    StandingQuery,
    StormQuery,
    StormRulesQuery,
    AssignmentQuery,
    OfferQuery,
    BanQuery,
    ToolQuery,
    VolunteerQuery,
    AreaQuery,
    GeocodingQuery,
    RoundQuery,
    ExplanationQuery,
    JobQuery,
    TokenQuery,
    WebhookQuery,
    CalendarQuery,
    RecyclingQuery,
    RecruitingQuery,
    CampaignQuery,
    CampaignResultsQuery,
    BikingQuery,
    EventQuery,
    GroupQuery,
    GroupPostQuery,
    StandingsQuery,
    PledgeQuery,
    BadgeQuery,
    MailingQuery,
)
MUTATIONS: tuple[type, ...] = (
    InterestMutation,
    AudienceMutation,
    PulseMutation,
    JobMutation,
    ConversationMutation,
    ProfileMutation,
    RoleMutation,
    RulesMutation,
    SafeguardMutation,
    IntakeMutation,
    RequestMutation,
    StandingMutation,
    StormMutation,
    AssignmentMutation,
    OfferMutation,
    BanMutation,
    ToolMutation,
    VolunteerMutation,
    TokenMutation,
    WebhookMutation,
    CalendarMutation,
    RecyclingMutation,
    RecruitingMutation,
    CampaignMutation,
    CampaignResultsMutation,
    RideMutation,
    EventMutation,
    EventHelpMutation,
    GroupMutation,
    GroupPostMutation,
    StandingsMutation,
    PledgeMutation,
    MailingMutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (LiveSubscription, MailingSubscription)


def build_schema() -> strawberry.Schema:
    """The schema of the product."""
    return strawberry.Schema(
        query=merge_types("Query", QUERIES),
        mutation=merge_types("Mutation", MUTATIONS) if MUTATIONS else None,
        subscription=merge_types("Subscription", SUBSCRIPTIONS) if SUBSCRIPTIONS else None,
        config=StrawberryConfig(scalar_map=SCALARS, relay_max_results=100),
    )
