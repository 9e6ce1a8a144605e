"""What volunteers and staff do with agreed work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.assignments import WRITE, Assignment
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from core.db import Session
from matching.offers import listing_repository as repository
from matching.offers.answering import release_work as give_back
from matching.offers.casework import release_no_show
from matching.offers.casework import report_done as end_work
from matching.offers.casework import start_work as begin_work
from matching.offers.visit_banning import keep_apart as keep_pair_apart


class ReleaseReason(StrEnum):
    """Why a volunteer gives work back."""

    NO_TIME = "no_time"
    NOT_WELL = "not_well"
    TOO_HEAVY = "too_heavy"
    OTHER = "other"


describe_enum(
    ReleaseReason,
    "Why a volunteer gives work back.",
    {
        "NO_TIME": "No time after all.",
        "NOT_WELL": "Not well.",
        "TOO_HEAVY": "It is too much work.",
        "OTHER": "Something else.",
    },
)


@strawberry.type(description="The work as it stands now.")
class AssignmentPayload:
    assignment: Assignment = strawberry.field(description="The work.")


@strawberry.input(description="Agreed work that changes.")
class AssignmentInput:
    assignment_id: relay.GlobalID = strawberry.field(description="The `Assignment`.")


@strawberry.input(description="Agreed work that is given back.")
class ReleaseWorkInput:
    assignment_id: relay.GlobalID = strawberry.field(description="The `Assignment`.")
    reason: ReleaseReason = strawberry.field(description="Why.", default=ReleaseReason.OTHER)


@strawberry.type
class AssignmentMutation:
    @mutation(
        AssignmentPayload,
        description="You are on the way: the resident hears of it. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def start_work(
        self,
        info: Info,
        input: Annotated[
            AssignmentInput, strawberry.argument(description="Agreed work that changes.")
        ],
    ) -> AssignmentPayload:
        key = find_id(input.assignment_id, "Assignment")
        context = info.context
        async with context.begin() as session:
            await begin_work(session, context.actor, key, now=context.now)
            return await _show(info, session, key)

    @mutation(
        AssignmentPayload,
        description="The work is done: the resident is asked to confirm. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def report_done(
        self,
        info: Info,
        input: Annotated[
            AssignmentInput, strawberry.argument(description="Agreed work that changes.")
        ],
    ) -> AssignmentPayload:
        key = find_id(input.assignment_id, "Assignment")
        context = info.context
        async with context.begin() as session:
            await end_work(session, context.actor, key, now=context.now)
            return await _show(info, session, key)

    @mutation(
        AssignmentPayload,
        description="Give work back: somebody else is asked at once. Work that is over cannot be "
        "given back, so doing it twice answers with a problem and changes nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def release_work(
        self,
        info: Info,
        input: Annotated[
            ReleaseWorkInput, strawberry.argument(description="Agreed work that is given back.")
        ],
    ) -> AssignmentPayload:
        key = find_id(input.assignment_id, "Assignment")
        context = info.context
        async with context.begin() as session:
            # Somebody else's work answers as if it were not there.
            must((await repository.load_assignments(session, context.actor, [key])).get(key))
            await give_back(session, context.actor, key, now=context.now, reason=input.reason.value)
            return await _show(info, session, key)

    @mutation(
        AssignmentPayload,
        description="Staff say that nobody came: the resident hears of it, and somebody else is "
        "asked at once.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def report_no_show(
        self,
        info: Info,
        input: Annotated[
            AssignmentInput, strawberry.argument(description="Agreed work that changes.")
        ],
    ) -> AssignmentPayload:
        key = find_id(input.assignment_id, "Assignment")
        context = info.context
        async with context.begin() as session:
            await release_no_show(session, context.actor, key, now=context.now)
            return await _show(info, session, key)

    @mutation(
        AssignmentPayload,
        description="Give work back and never be asked for this resident again. Nobody is told "
        "but staff.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def keep_apart(
        self,
        info: Info,
        input: Annotated[
            AssignmentInput, strawberry.argument(description="Agreed work that changes.")
        ],
    ) -> AssignmentPayload:
        key = find_id(input.assignment_id, "Assignment")
        context = info.context
        async with context.begin() as session:
            await keep_pair_apart(session, context.actor, key, now=context.now)
            return await _show(info, session, key)


async def _show(info: Info, session: Session, key: UUID) -> AssignmentPayload:
    rows = await repository.load_assignments(session, info.context.actor, [key])
    return AssignmentPayload(assignment=Assignment.of(must(rows.get(key))))
