"""Depots that lend tools, and what is out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.addresses import AddressInput, AddressNotSureProblem, locate_home
from api.schema.arguments import CommunityId, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from core.db import Session
from core.errors import NotPermitted
from matching.intake.addresses import AddressNotCertain
from matching.volunteering import lent_repository as repository
from matching.volunteering import policy, tools
from matching.volunteering.models import Depot as DepotRow
from matching.volunteering.models import ToolLoan as ToolLoanRow
from matching.volunteering.models import ToolStock as ToolStockRow

READ, WRITE = "volunteers:read", "volunteers:write"
MAX_NAME, MAX_HOURS = 200, 20


@strawberry.type(description="How many tools of one kind a depot owns.")
class ToolStock:
    code: str = strawberry.field(description="What settings call the tool, such as `shovel`.")
    label: str = strawberry.field(description="What people call it.")
    owned: int = strawberry.field(description="How many there are.")
    lent: int = strawberry.field(description="How many are promised or out.")

    @classmethod
    def of(cls, row: ToolStockRow) -> ToolStock:
        return cls(code=row.ability.code, label=row.ability.label, owned=row.owned, lent=row.lent)


@strawberry.type(description="A place that lends tools. Where it is, is public.")
class Depot(relay.Node):
    id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its short name, for staff.")
    name: str = strawberry.field(description="What people call it.")
    address: str = strawberry.field(description="Street and number.")
    lon_deg: float = strawberry.field(description="Longitude in WGS 84.")
    lat_deg: float = strawberry.field(description="Latitude in WGS 84.")
    hours: list[str] = strawberry.field(
        description="When it is open, such as `Sat 9:00-12:00`; nothing here is always."
    )
    key: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: DepotRow) -> Depot:
        address = row.household.address
        return cls(
            id=row.id,
            code=row.code,
            name=row.name,
            address=address.address_text,
            lon_deg=address.lon_deg,
            lat_deg=address.lat_deg,
            hours=list(row.hours),
            key=row.id,
        )

    resolve_nodes = found_by(repository.load_depots, scope=READ)

    @field(description="Its tools, by code.", metadata={"items": 5})
    async def stocks(self, info: Info) -> list[ToolStock]:
        found = await info.context.load(repository.load_stocks_of, self.key)
        return [ToolStock.of(row) for row in found or []]


@strawberry.type(description="One tool for one volunteer, from the promise until it is back.")
class ToolLoan:
    id: relay.GlobalID = strawberry.field(description="Of this loan; it is no `node`.")
    code: str = strawberry.field(description="What settings call the tool, such as `shovel`.")
    label: str = strawberry.field(description="What people call it.")
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who has it.")
    depot_id: relay.GlobalID = strawberry.field(description="The `Depot` that it belongs to.")
    lent_at: datetime = strawberry.field(description="When it was promised or handed out.")
    due_at: datetime = strawberry.field(description="When it should be back.")
    handed_at: datetime | None = strawberry.field(
        description="When it left the depot; empty while it is only promised."
    )
    returned_at: datetime | None = strawberry.field(
        description="When it came back; empty while it is out."
    )

    @classmethod
    def of(cls, row: ToolLoanRow) -> ToolLoan:
        return cls(
            id=relay.GlobalID("ToolLoan", str(row.id)),
            code=row.stock.ability.code,
            label=row.stock.ability.label,
            volunteer_id=relay.GlobalID("Volunteer", str(row.volunteer_id)),
            depot_id=relay.GlobalID("Depot", str(row.stock.depot_id)),
            lent_at=row.lent_at,
            due_at=row.due_at,
            handed_at=row.handed_at,
            returned_at=row.returned_at,
        )


@strawberry.input(description="A new place that lends tools.")
class OpenDepotInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose depot it is.")
    code: str = strawberry.field(
        description="Its short name: small letters, digits and hyphens; no other depot has it."
    )
    name: str = strawberry.field(description="What people call it.")
    address: AddressInput = strawberry.field(description="Where it is; everybody will see it.")
    hours: list[str] = strawberry.field(
        description="When it is open, such as `Sat 9:00-12:00`; nothing is always.",
        default_factory=list,
    )


@strawberry.input(description="How many tools of one kind a depot owns.")
class SetToolStockInput:
    depot_id: relay.GlobalID = strawberry.field(description="The `Depot`.")
    code: str = strawberry.field(description="What settings call the tool, such as `shovel`.")
    owned: int = strawberry.field(description="How many there are; not fewer than are out.")


@strawberry.input(description="A tool that leaves a depot.")
class HandOutToolInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who takes it.")
    depot_id: relay.GlobalID = strawberry.field(description="The `Depot`.")
    code: str = strawberry.field(description="What settings call the tool, such as `shovel`.")


@strawberry.input(description="A tool that comes back.")
class ReturnToolInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who had it.")
    code: str = strawberry.field(description="What settings call the tool, such as `shovel`.")


@strawberry.type(description="The depot as it is now.")
class DepotPayload:
    depot: Depot = strawberry.field(description="The depot.")


@strawberry.type(description="The loan as it is now.")
class ToolLoanPayload:
    loan: ToolLoan = strawberry.field(description="The loan.")


@strawberry.type
class ToolQuery:
    @query(
        description="The places of a community that lend tools, by short name.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def depots(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[Depot]:
        rows = repository.list_depots_of(find_id(community_id, "Community"))
        return await connect(info, rows, Depot.of, first=first, after=after)

    @query(
        description="Tools that are promised or out, the longest due first: for staff all of a "
        "community, for volunteers their own.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def tool_loans(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[ToolLoan]:
        rows = repository.list_tool_loans(info.context.actor, find_id(community_id, "Community"))
        return await connect(info, rows, ToolLoan.of, first=first, after=after)


@strawberry.type
class ToolMutation:
    @mutation(
        DepotPayload,
        also=(AddressNotSureProblem,),
        description="Open a place that lends tools. Its short name is taken once, so sending it "
        "twice opens one.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def open_depot(
        self,
        info: Info,
        input: Annotated[
            OpenDepotInput, strawberry.argument(description="A new place that lends tools.")
        ],
    ) -> DepotPayload | AddressNotSureProblem:
        context, community_id = info.context, find_id(input.community_id, "Community")
        if not policy.can_keep_tools(context.actor, community_id):
            raise NotPermitted("Only staff of the community keep its tools.")
        try:
            place = await locate_home(info, input.community_id, input.address)
        except AddressNotCertain as error:
            return AddressNotSureProblem.about(error)
        command = tools.OpenDepot(
            community_id,
            plain_text("code", input.code, longest=64),
            plain_text("name", input.name, longest=MAX_NAME),
            place,
            tuple(plain_text("hours", line, longest=100) for line in input.hours[:MAX_HOURS]),
        )
        async with context.begin() as session:
            row = await tools.open_depot(session, context.actor, command, now=context.now)
            return await _show_depot(info, session, row.id)

    @mutation(
        DepotPayload,
        description="Say how many tools of one kind a depot owns. Saying it twice is fine.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def set_tool_stock(
        self,
        info: Info,
        input: Annotated[
            SetToolStockInput,
            strawberry.argument(description="How many tools of one kind a depot owns."),
        ],
    ) -> DepotPayload:
        key, context = find_id(input.depot_id, "Depot"), info.context
        async with context.begin() as session:
            rows = await repository.load_depots(session, context.actor, [key])
            depot = must(rows.get(key))
            command = tools.SetStock(
                depot.community_id, depot.code, tools.read_tool(input.code), input.owned
            )
            await tools.set_stock(session, context.actor, command, now=context.now)
            return await _show_depot(info, session, key)

    @mutation(
        ToolLoanPayload,
        description="Note that a volunteer takes a tool from a depot, promised before or not. "
        "Noting it twice is fine while it is out.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def hand_out_tool(
        self,
        info: Info,
        input: Annotated[
            HandOutToolInput, strawberry.argument(description="A tool that leaves a depot.")
        ],
    ) -> ToolLoanPayload:
        volunteer, context = find_id(input.volunteer_id, "Volunteer"), info.context
        depot_id, code = find_id(input.depot_id, "Depot"), tools.read_tool(input.code)
        async with context.begin() as session:
            rows = await repository.load_depots(session, context.actor, [depot_id])
            depot = must(rows.get(depot_id))
            loan = await tools.hand_out_tool(
                session, context.actor, volunteer, depot=depot.code, ability=code, now=context.now
            )
            return await _show_loan(info, session, loan.id)

    @mutation(
        ToolLoanPayload,
        description="Note that a volunteer brought a tool back. When it is not out, a problem "
        "says so and nothing changes.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def return_tool(
        self,
        info: Info,
        input: Annotated[
            ReturnToolInput, strawberry.argument(description="A tool that comes back.")
        ],
    ) -> ToolLoanPayload:
        volunteer, context = find_id(input.volunteer_id, "Volunteer"), info.context
        code = tools.read_tool(input.code)
        async with context.begin() as session:
            loan = await tools.return_tool(
                session, context.actor, volunteer, ability=code, now=context.now
            )
            return await _show_loan(info, session, loan.id)


async def _show_depot(info: Info, session: Session, key: UUID) -> DepotPayload:
    rows = await repository.load_depots(session, info.context.actor, [key])
    return DepotPayload(depot=Depot.of(must(rows.get(key))))


async def _show_loan(info: Info, session: Session, key: UUID) -> ToolLoanPayload:
    rows = await repository.load_loans(session, info.context.actor, [key])
    return ToolLoanPayload(loan=ToolLoan.of(must(rows.get(key))))
