"""Hands for events: roles, offers of help, and the plan that fills the roles."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry

from api.schema import event_inputs as given
from api.schema.access import Who
from api.schema.context import Info
from api.schema.events import EventHelper, EventRole
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation
from campaigns.events import helping
from campaigns.events.matching_roles import plan_roles, read_role_inputs, store_role_plan

SCOPE = "events:write"


@strawberry.type
class EventHelpMutation:
    @mutation(
        given.EventRolesPayload,
        description="Say which hands an event needs, all of them at once. A role that somebody was "
        "put into stays.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def set_event_roles(
        self,
        info: Info,
        input: Annotated[given.SetEventRolesInput, strawberry.argument(description="The roles.")],
    ) -> given.EventRolesPayload:
        key = find_id(input.event_id, "CommunityEvent")
        async with info.context.begin() as session:
            rows = await helping.set_roles(
                session, info.context.actor, key, input.read(), now=info.context.now
            )
        return given.EventRolesPayload(roles=[EventRole.of(row) for row in rows])

    @mutation(
        given.EventHelperPayload,
        description="Offer to help at an event on one day. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def offer_event_help(
        self,
        info: Info,
        input: Annotated[
            given.OfferEventHelpInput, strawberry.argument(description="The day, and the role.")
        ],
    ) -> given.EventHelperPayload:
        async with info.context.begin() as session:
            row = await helping.offer_help(
                session,
                info.context.actor,
                find_id(input.day_id, "EventDay"),
                role_id=find_optional_id(input.role_id, "EventRole"),
                now=info.context.now,
            )
        return given.EventHelperPayload(helper=EventHelper.of(row))

    @mutation(
        given.EventHelperPayload,
        description="Say yes to being asked to help. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def accept_event_help(
        self,
        info: Info,
        input: Annotated[
            given.EventHelpInput, strawberry.argument(description="What you were asked.")
        ],
    ) -> given.EventHelperPayload:
        key = find_id(input.helper_id, "EventHelper")
        async with info.context.begin() as session:
            row = await helping.accept_help(session, info.context.actor, key, now=info.context.now)
        return given.EventHelperPayload(helper=EventHelper.of(row))

    @mutation(
        given.EventHelperPayload,
        description="Take an offer of help back, say no to being asked, or, for organizers, let "
        "somebody go. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def withdraw_event_help(
        self,
        info: Info,
        input: Annotated[given.EventHelpInput, strawberry.argument(description="The help.")],
    ) -> given.EventHelperPayload:
        key = find_id(input.helper_id, "EventHelper")
        async with info.context.begin() as session:
            row = await helping.withdraw_help(
                session, info.context.actor, key, now=info.context.now
            )
        return given.EventHelperPayload(helper=EventHelper.of(row))

    @mutation(
        given.EventHelperPayload,
        description="Take somebody for a role. Who offered it is told that it is agreed; who did "
        "not is asked first. For managers and organizers. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def confirm_event_helper(
        self,
        info: Info,
        input: Annotated[
            given.ConfirmEventHelperInput, strawberry.argument(description="Who, and for what.")
        ],
    ) -> given.EventHelperPayload:
        async with info.context.begin() as session:
            row = await helping.confirm_helper(
                session,
                info.context.actor,
                find_id(input.helper_id, "EventHelper"),
                role_id=find_optional_id(input.role_id, "EventRole"),
                now=info.context.now,
            )
        return given.EventHelperPayload(helper=EventHelper.of(row))

    @mutation(
        given.PlanEventRolesPayload,
        description="Propose people for the open places of the roles on one day, by the optimiser "
        "that matches volunteers, with a reason for each place that stays open. New "
        "proposals take the place of earlier ones. For managers and organizers.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def plan_event_roles(
        self,
        info: Info,
        input: Annotated[given.EventDayInput, strawberry.argument(description="The day.")],
    ) -> given.PlanEventRolesPayload:
        actor, now = info.context.actor, info.context.now
        key = find_id(input.day_id, "EventDay")
        async with info.context.begin() as session:
            inputs = await read_role_inputs(session, actor, key, now=now)
        made = await asyncio.to_thread(plan_roles, inputs)
        async with info.context.begin() as session:
            rows = await store_role_plan(session, actor, made, now=now)
        return given.PlanEventRolesPayload(
            helpers=[EventHelper.of(row) for row in rows],
            gaps=[
                given.EventRoleGap(
                    code=gap.code,
                    count=gap.count,
                    reason=gap.reason.value,
                    missing=list(gap.missing),
                    sentence=gap.sentence,
                )
                for gap in made.unfilled
            ],
        )
