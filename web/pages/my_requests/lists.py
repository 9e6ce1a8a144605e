"""All that one person has asked for, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from core.i18n import Translator
from core.pagination import PageArgs, read_page
from matching.intake.help_kinds import HelpKinds
from matching.intake.listing_repository import (
    RequestFilter,
    list_asked_for_others,
    list_own_requests,
)
from matching.intake.programme import load_kinds
from matching.intake.progress_repository import Helper, load_asked_counts, load_helpers
from matching.intake.standing_listing_repository import list_own_standing
from matching.kinds import OfferStatus
from matching.models import HelpRequest
from matching.offers.reading import Helper as ShownHelper
from matching.offers.reading import Job, RequestPage
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest
from web.pages.my_requests.standing_views import make_standing_view
from web.pages.my_requests.views import OVER, tell_news, tell_tag

PAGE = 20
MOST_FOR_OTHERS = 20


@dataclass(frozen=True)
class Row:
    """One request in the list."""

    request_id: UUID
    reference: str
    job: str
    news: str
    tag: tuple[str, str]
    asked_at: datetime
    is_over: bool


@get("/requests", name="my_requests")
async def get_requests(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What I asked for."""
    async with desk.look(request) as call:
        call.person()
        after = request.query_params.get("after")
        listing = list_own_requests(call.actor, RequestFilter())
        page = await read_page(call.session, listing, PageArgs(PAGE, after))
        standing = await read_page(call.session, list_own_standing(call.actor), PageArgs(PAGE))
        others = await read_page(
            call.session, list_asked_for_others(call.actor), PageArgs(MOST_FOR_OTHERS)
        )
        keys = [row.id for row in page.items]
        helpers = await load_helpers(call.session, call.actor, keys)
        asked = await load_asked_counts(
            call.session, call.actor, [*keys, *(row.id for row in others.items)]
        )
        kinds = await load_kinds(call.session, call.town.id, call.now)
        translator = call.reader.translator

        def tell(rows: Sequence[HelpRequest]) -> list[Row]:
            # Who comes to somebody else is not told: nobody is in `helpers` of theirs.
            return [
                make_row(
                    row,
                    kinds,
                    helpers.get(row.id, []),
                    asked.get(row.id, {}),
                    translator=translator,
                    now=call.now,
                )
                for row in rows
            ]

        own = tell(page.items)
        values = {
            "live": [row for row in own if not row.is_over],
            "over": [row for row in own if row.is_over],
            "others": tell(others.items) if after is None else [],
            "standing": [make_standing_view(row, kinds, translator) for row in standing.items],
            "is_first": after is None,
            "after": page.cursors[-1] if page.has_next else None,
        }
        return call.show("my_requests/list.html", values)


def make_row(
    row: HelpRequest,
    kinds: HelpKinds,
    helpers: list[Helper],
    asked: dict[OfferStatus, int],
    *,
    translator: Translator,
    now: datetime,
) -> Row:
    """A request in one sentence."""
    kind = kinds.by_code().get(row.kind)
    label = row.kind.value if kind is None else kind.label(translator.language)
    page = RequestPage(
        community_id=row.community_id,
        request_id=row.id,
        reference=row.reference,
        job=Job(row.kind, label, (), row.service_s),
        status=row.status,
        deadline_at=row.deadline_at,
        helpers=tuple(
            ShownHelper(one.assignment_id, one.name, one.starts_at, one.ends_at, one.status)
            for one in helpers
        ),
        asked_count=sum(asked.values()),
        waiting_count=asked.get(OfferStatus.SENT, 0) + asked.get(OfferStatus.EXPIRED, 0),
        declined_count=asked.get(OfferStatus.DECLINED, 0),
        photo_ids=(),
    )
    return Row(
        request_id=row.id,
        reference=row.reference,
        job=label,
        news=tell_news(page, translator, now),
        tag=tell_tag(page, translator, now),
        asked_at=row.created_at,
        is_over=row.status in OVER,
    )
