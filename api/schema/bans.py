"""Who must not meet. The other side is never told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, code_word
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import guarded, mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from core.errors import NotPermitted
from matching.kinds import BanSide
from matching.models import Ban as BanRow
from matching.volunteering import bans, policy
from matching.volunteering import lent_repository as repository

READ, WRITE = "volunteers:read", "volunteers:write"

describe_enum(
    BanSide,
    "Whose wish it was that two people do not meet.",
    {
        "RESIDENT": "The resident's.",
        "VOLUNTEER": "The volunteer's.",
        "STAFF": "The programme's.",
    },
)


@strawberry.type(
    description="A volunteer and a resident who are not sent to one another. Seen by staff and by "
    "the one whose wish it was."
)
class Ban(relay.Node):
    id: relay.NodeID[UUID]
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    resident_id: relay.GlobalID = strawberry.field(description="The resident, a `Person`.")
    asked_by: BanSide = strawberry.field(description="Whose wish it was.")
    created_at: datetime = strawberry.field(description="Since when.")
    row: strawberry.Private[BanRow]

    @classmethod
    def of(cls, row: BanRow) -> Ban:
        return cls(
            id=row.id,
            volunteer_id=relay.GlobalID("Volunteer", str(row.volunteer_id)),
            resident_id=relay.GlobalID("Person", str(row.resident_id)),
            asked_by=row.asked_by,
            created_at=row.created_at,
            row=row,
        )

    resolve_nodes = found_by(repository.load_bans, scope=READ)

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @guarded(Sees.STAFF, description="Why, as a code word; null when nothing was said.")
    async def reason(self, info: Info) -> str | None:
        return self.row.reason


@strawberry.input(description="Two people who must not meet.")
class BanPairInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    resident_id: relay.GlobalID = strawberry.field(description="The resident, a `Person`.")
    asked_by: BanSide = strawberry.field(
        description="Whose wish it is: your own, or as staff anybody's."
    )
    reason: str | None = strawberry.field(
        default=None, description="A code word for staff, such as `felt_unsafe`."
    )


@strawberry.input(description="Two people who may meet again.")
class LiftBanInput:
    ban_id: relay.GlobalID = strawberry.field(description="The `Ban`.")


@strawberry.type(description="These two are not sent to one another any more.")
class BanPairPayload:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer`.")
    resident_id: relay.GlobalID = strawberry.field(description="The resident, a `Person`.")


@strawberry.type(description="These two may meet again.")
class LiftBanPayload:
    ban_id: relay.GlobalID = strawberry.field(description="What was lifted.")


@strawberry.type
class BanQuery:
    @query(
        description="Who must not meet in a community, the newest first; for its staff.",
        who=Who.STAFF,
        scope=READ,
    )
    async def bans(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[Ban]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not policy.can_see_bans(actor, key):
            raise NotPermitted("Only staff of the community see who must not meet.")
        rows = repository.list_bans_of(actor, key)
        return await connect(info, rows, Ban.of, first=first, after=after)

    @query(
        description="Those whom you do not want to meet, as a volunteer or as a resident, the "
        "newest first.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def my_bans(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Ban]:
        rows = repository.list_own_bans(info.context.actor)
        return await connect(info, rows, Ban.of, first=first, after=after)


@strawberry.type
class BanMutation:
    @mutation(
        BanPairPayload,
        description="Keep two people apart from now on: by your own wish, or as staff. Offers "
        "between them are taken back, agreed work is given to others, and the other side is not "
        "told. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def ban_pair(
        self,
        info: Info,
        input: Annotated[
            BanPairInput, strawberry.argument(description="Two people who must not meet.")
        ],
    ) -> BanPairPayload:
        command = bans.BanPair(
            volunteer_id=find_id(input.volunteer_id, "Volunteer"),
            resident_id=find_id(input.resident_id, "Person"),
            asked_by=input.asked_by,
            reason=None if input.reason is None else code_word("reason", input.reason),
        )
        context = info.context
        async with context.begin() as session:
            await bans.ban_pair(session, context.actor, command, now=context.now)
        # The same whether the other side has wished it before or not.
        return BanPairPayload(volunteer_id=input.volunteer_id, resident_id=input.resident_id)

    @mutation(
        LiftBanPayload,
        description="Let two people meet again: the one whose wish it was, or staff.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def lift_ban(
        self,
        info: Info,
        input: Annotated[
            LiftBanInput, strawberry.argument(description="Two people who may meet again.")
        ],
    ) -> LiftBanPayload:
        key, context = find_id(input.ban_id, "Ban"), info.context
        async with context.begin() as session:
            row = must((await repository.load_bans(session, context.actor, [key])).get(key))
            await bans.lift_ban(
                session,
                context.actor,
                volunteer_id=row.volunteer_id,
                resident_id=row.resident_id,
                now=context.now,
            )
        return LiftBanPayload(ban_id=input.ban_id)
