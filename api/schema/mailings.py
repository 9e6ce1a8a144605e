"""Mailings: what they say, how far they are, what came of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Access, Who
from api.schema.arguments import CommunityId
from api.schema.audiences import SegmentVersion
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.mailing_parts import (
    MailingFigures,
    MailingReadability,
    MailingResult,
    MailingText,
)
from api.schema.mailing_words import MailingTextInput, read_input
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, query, subscription
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.watching import Seen, Watched, watch
from campaigns.audiences.segment_repository import load_versions
from campaigns.mailings import figures_repository, policy, repository
from campaigns.mailings.errors import MailingUnknown
from campaigns.mailings.figures_repository import Figures
from campaigns.mailings.kinds import MailingStatus, Variant
from campaigns.mailings.models import Mailing as MailingRow
from campaigns.mailings.models import MailingSettings as SettingsRow
from campaigns.mailings.texts import read_texts
from core.db import Session
from core.errors import NotPermitted
from core.live import Change, topic
from people.kinds import Purpose
from people.repository import load_communities

READ = "campaigns:read"
WATCH = Access(Who.SIGNED_IN, READ)
REST_S = 0.5


@strawberry.type(description="One message to the people of a segment.")
class Mailing(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[MailingRow]
    title: str = strawberry.field(description="What staff call it.")
    purpose: Purpose = strawberry.field(description="The consent that it rests on.")
    status: MailingStatus = strawberry.field(description="Where it stands.")
    rate_per_min: int = strawberry.field(description="So many people a minute, at most.")
    despite_storm: bool = strawberry.field(
        description="Whether it goes out during an active storm."
    )
    accepts_fallback: bool = strawberry.field(
        description="Whether people whose language is missing get the other one."
    )
    sample_size: int | None = strawberry.field(
        description="People of each variant of a comparison; null without one."
    )
    wait_s: int = strawberry.field(description="Seconds from the last of the sample to the result.")
    recipient_count: int | None = strawberry.field(
        description="People on its list; null until it begins."
    )
    done_count: int = strawberry.field(description="People whose turn has come.")
    held_reason: str | None = strawberry.field(
        description="Why it rests by itself, such as `storm`; null when it does not."
    )
    chosen_variant: Variant | None = strawberry.field(
        description="What the rest gets after a comparison; null before."
    )
    starts_at: datetime | None = strawberry.field(description="When it begins; null for drafts.")
    approved_at: datetime | None = strawberry.field(description="When somebody said: send it.")
    began_at: datetime | None = strawberry.field(description="When its list was drawn up.")
    result_due_at: datetime | None = strawberry.field(
        description="When the comparison is read; null before its sample is out."
    )
    ended_at: datetime | None = strawberry.field(description="When it was out, or called off.")
    created_at: datetime = strawberry.field(description="When it was first kept.")

    @classmethod
    def of(cls, row: MailingRow) -> Mailing:
        return cls(
            id=row.id,
            row=row,
            title=row.title,
            purpose=row.purpose,
            status=row.status,
            rate_per_min=row.rate_per_min,
            despite_storm=row.despite_storm,
            accepts_fallback=row.accepts_fallback,
            sample_size=row.sample_size,
            wait_s=row.wait_s,
            recipient_count=row.recipient_count,
            done_count=row.next_position,
            held_reason=row.held_reason,
            chosen_variant=row.chosen_variant,
            starts_at=row.starts_at,
            approved_at=row.approved_at,
            began_at=row.began_at,
            result_due_at=row.result_due_at,
            ended_at=row.ended_at,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(repository.load_mailings, scope=READ)

    @field(description="Its texts, by variant and language.", metadata={"items": 4})
    async def texts(self) -> list[MailingText]:
        return [
            MailingText(
                variant=variant,
                language=language,
                subject=text.subject,
                body=text.body,
                short=text.short,
            )
            for variant, texts in read_texts(self.row.texts).items()
            for language, text in texts.items()
        ]

    @field(description="How hard its texts are to read.", metadata={"items": 4})
    async def readability(self) -> list[MailingReadability]:
        return MailingReadability.list_of(read_texts(self.row.texts))

    @field(description="What became of it so far. Not by variant: that is in `result` alone.")
    async def figures(self, info: Info) -> MailingFigures:
        found = await info.context.load(figures_repository.load_figures, self.row.id)
        settings = await info.context.load(repository.load_settings, self.row.community_id)
        opens = settings is not None and settings.counts_opens
        return MailingFigures.of(found or Figures(), counts_opens=opens)

    @field(description="What its comparison showed; null until its time is over.")
    async def result(self) -> MailingResult | None:
        return None if self.row.result is None else MailingResult.of(self.row.result)

    @field(description="Whose mailing it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(description="To whom it goes; null for those who may not see segments.")
    async def segment_version(self, info: Info) -> SegmentVersion | None:
        row = await info.context.load(load_versions, self.row.segment_version_id)
        return None if row is None else SegmentVersion.of(row)


@strawberry.type(description="How often people hear from a programme, and what is counted.")
class MailingSettings:
    counts_opens: bool = strawberry.field(
        description="Whether mails carry a picture that tells when they are opened, and say so."
    )
    week_budget: int = strawberry.field(
        description="Messages of all senders in seven days, from which on a mailing passes a "
        "person over."
    )
    gap_s: int = strawberry.field(
        description="Seconds of peace before a mailing, after any other message."
    )

    @classmethod
    def of(cls, row: SettingsRow | None) -> MailingSettings:
        if row is None:
            return cls(counts_opens=False, week_budget=3, gap_s=3_600)
        return cls(counts_opens=row.counts_opens, week_budget=row.week_budget, gap_s=row.gap_s)


MailingId = Annotated[relay.GlobalID, strawberry.argument(description="The mailing.")]
Texts = Annotated[
    list[MailingTextInput], strawberry.argument(description="The texts, at most four.")
]


@strawberry.type
class MailingQuery:
    @query(
        description="The mailings of a community, the newest first, for its staff and the teams "
        "of its campaigns.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def mailings(
        self,
        info: Info,
        community_id: CommunityId,
        statuses: Annotated[
            list[MailingStatus] | None,
            strawberry.argument(description="Only those that stand there; all without."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Mailing]:
        rows = repository.list_mailings(
            info.context.actor,
            find_id(community_id, "Community"),
            statuses=tuple(dict.fromkeys(statuses or ())),
        )
        return await connect(info, rows, Mailing.of, first=first, after=after)

    @query(
        description="How hard texts are to read, before they are kept.",
        who=Who.STAFF,
        scope=READ,
        metadata={"items": 4},
    )
    async def mailing_readability(self, info: Info, texts: Texts) -> list[MailingReadability]:
        return MailingReadability.list_of(read_input(texts))

    @query(
        description="How often people of a community hear from its mailings; for its staff.",
        who=Who.STAFF,
        scope=READ,
    )
    async def mailing_settings(self, info: Info, community_id: CommunityId) -> MailingSettings:
        key = find_id(community_id, "Community")
        if not policy.can_read_mailings(info.context.actor, key):
            raise NotPermitted("Only staff of the community see how its mailings go out.")
        return MailingSettings.of(await info.context.load(repository.load_settings, key))


@strawberry.type
class MailingSubscription:
    @subscription(
        description="How far a mailing is: at once, and again after each step.",
        who=WATCH.who,
        scope=WATCH.scope,
    )
    async def mailing_progress(
        self, info: Info, mailing_id: MailingId
    ) -> AsyncGenerator[Mailing, None]:
        context, key = info.context, find_id(mailing_id, "Mailing")
        topics = frozenset({topic("mailing", key)})

        async def look(session: Session) -> Seen[Mailing]:
            found = await repository.load_mailings(session, context.actor, [key])
            if key not in found:
                raise MailingUnknown(f"There is no mailing {key}, or it is not for you.")
            row = found[key]
            figures = (await figures_repository.load_figures(session, context.actor, [key]))[key]
            mark = (row.version, row.status, row.next_position, row.held_reason)
            return Seen(Mailing.of(row), (*mark, figures.sent_count), topics)

        watched = Watched(WATCH, topics, look, _is_of_mailing, rest_s=REST_S)
        async with aclosing(watch(context, watched)) as states:
            async for state in states:
                yield state


def _is_of_mailing(change: Change) -> bool:
    return change.subject_type == "mailing"
