"""Badges: for what a community gives them, and one's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.standings import READ
from campaigns.standings import badges_repository as repository
from campaigns.standings.kinds import BadgeKind
from campaigns.standings.models import Badge as BadgeRow
from campaigns.standings.models import BadgeRule as RuleRow
from core.i18n import SOURCE_LANGUAGE

describe_enum(
    BadgeKind,
    "What a badge is given for.",
    {
        "FIRST_TIME": "Days with something done in a campaign; the first one, as a rule.",
        "WEEKS_IN_A_ROW": "So many weeks in a row with something done, once. What comes after "
        "takes nothing away.",
        "BROUGHT_SOMEBODY": "People whom one invited and who did something.",
        "HELPED_IN_STORM": "Visits done in storms.",
        "PLEDGE_KEPT": "Pledges kept, wholly or in part.",
    },
)


@strawberry.type(description="For what a community gives a badge.")
class BadgeRule(relay.Node):
    id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its code word, such as `three_weeks`.")
    kind: BadgeKind = strawberry.field(description="What it is given for.")
    threshold: int = strawberry.field(description="For how many of these.")
    campaign_id: relay.GlobalID | None = strawberry.field(
        description="The campaign that counts; null counts all of the community."
    )
    valid_from: datetime = strawberry.field(description="What was done from then on counts.")
    valid_until: datetime | None = strawberry.field(
        description="What is done later does not count; null is for good."
    )
    row: strawberry.Private[RuleRow]

    @field(description="The name of the badge in your language, else in English.")
    async def label(self, info: Info) -> str:
        labels = self.row.labels
        return str(labels.get(info.context.language) or labels[SOURCE_LANGUAGE])

    @classmethod
    def of(cls, row: RuleRow) -> BadgeRule:
        return cls(
            id=row.id,
            code=row.code,
            kind=row.kind,
            threshold=row.threshold,
            campaign_id=None
            if row.campaign_id is None
            else relay.GlobalID("Campaign", str(row.campaign_id)),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            row=row,
        )

    resolve_nodes = found_by(repository.load_rules, scope=READ)


@strawberry.type(description="A badge of yours. Nobody else can read it.")
class Badge(relay.Node):
    id: relay.NodeID[UUID]
    given_at: datetime = strawberry.field(description="When it was given.")
    rule_key: strawberry.Private[UUID]

    @field(description="For what it was given.")
    async def rule(self, info: Info) -> BadgeRule:
        return BadgeRule.of(must(await info.context.load(repository.load_rules, self.rule_key)))

    @classmethod
    def of(cls, row: BadgeRow) -> Badge:
        return cls(id=row.id, given_at=row.given_at, rule_key=row.rule_id)

    resolve_nodes = found_by(repository.load_badges, scope=READ)


@strawberry.type
class BadgeQuery:
    @query(
        description="For what a community gives badges, by code.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def badge_rules(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[BadgeRule]:
        listing = repository.list_rules(find_id(community_id, "Community"))
        return await connect(info, listing, BadgeRule.of, first=first, after=after)

    @query(
        description="Your badges, the newest first.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def my_badges(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Badge]:
        listing = repository.list_my_badges(info.context.actor)
        return await connect(info, listing, Badge.of, first=first, after=after)
