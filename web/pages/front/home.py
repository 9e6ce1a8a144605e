"""The first page: the way in for who needs help and for who can help, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar import get
from litestar.di import NamedDependency

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import CampaignFilter, list_campaigns
from core.pagination import PageArgs, read_page
from matching.intake.listing_repository import RequestFilter, list_own_requests
from matching.intake.programme import load_kinds
from matching.intake.progress_repository import load_helpers
from matching.kinds import AssignmentStatus, RequestKind, RequestStatus
from matching.models import HelpRequest
from matching.offers.listing_repository import (
    AssignmentFilter,
    AssignmentSort,
    list_own_assignments,
)
from matching.offers.open_offers import read_open_offers
from matching.rounds.reading import find_last_told_prices
from matching.storms.listing_repository import StormHomes, count_homes
from matching.storms.repository import find_current_storm
from people.models import Community
from web.pages.desk import Answer, Call, Desk
from web.pages.front.home_views import (
    News,
    OpenRequest,
    ShortPlace,
    StormNotice,
    choose_kinds,
    find_short_place,
    make_notice,
)
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all

NOT_OVER: Final = (
    RequestStatus.NOT_DONE,
    RequestStatus.DONE,
    RequestStatus.IN_PROGRESS,
    RequestStatus.ACCEPTED,
    RequestStatus.OFFERED,
    RequestStatus.OPEN,
    RequestStatus.NEEDS_REVIEW,
    RequestStatus.SUBMITTED,
)
ONE: Final = PageArgs(first=1)
SOME: Final = PageArgs(first=20)


@dataclass(frozen=True)
class TownNow:
    """A town on this day."""

    slug: str = ""
    kinds: tuple[str, ...] = ()
    has_snow: bool = True
    notice: StormNotice | None = None
    short: ShortPlace | None = None
    campaign: Campaign | None = None
    homes: StormHomes | None = None
    """Not for everybody: exact numbers."""


_NOWHERE: Final = TownNow()


@get("/", name="home")
@shown_to_all
async def get_home(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Say what this is, what happens now, and where to go."""
    async with desk.look(request) as call:
        town = _NOWHERE if call.place is None else await _read_town(call, call.place)
        values: dict[str, object] = {"town": town, "news": None}
        if call.actor.person_id is None:
            return call.show_public("front/home.html", values)
        values["news"] = await _read_news(call, town.homes)
        return call.show("front/home.html", values)


async def _read_town(call: Call, town: Community) -> TownNow:
    """What everybody may know of a town on this day."""
    session = call.session
    kinds = await load_kinds(session, town.id, call.now)
    storm = await find_current_storm(session, town.id)
    homes = None if storm is None else await count_homes(session, storm, kinds.storm_kinds())
    shown = choose_kinds(kinds)
    return TownNow(
        slug=town.slug,
        kinds=tuple(code.value for code in shown),
        has_snow=RequestKind.SNOW in shown,
        notice=make_notice(storm, homes),
        short=find_short_place(await find_last_told_prices(session, town)),
        campaign=await _find_campaign(call, town),
        homes=homes,
    )


async def _find_campaign(call: Call, town: Community) -> Campaign | None:
    """The campaign that began last, of those that run."""
    wanted = CampaignFilter(statuses=frozenset({CampaignStatus.RUNNING}))
    page = await read_page(call.session, list_campaigns(call.actor, town.id, wanted), ONE)
    return page.items[0] if page.items else None


async def _tell_request(call: Call, row: HelpRequest) -> OpenRequest:
    ends = []
    if row.status in (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS):
        helpers = await load_helpers(call.session, call.actor, [row.id])
        ends = [one.ends_at for one in helpers.get(row.id, [])]
    is_overdue = bool(ends) and max(ends) < call.now
    return OpenRequest(row.id, row.status.value, row.kind.value, is_overdue)


async def _read_news(call: Call, homes: StormHomes | None) -> News:
    """What waits for the reader."""
    session, actor = call.session, call.actor
    if call.place is not None and actor.is_staff(call.place.id):
        return News(nobody_count=None if homes is None else homes.nobody)
    listing = list_own_requests(actor, RequestFilter(statuses=NOT_OVER))
    own = (await read_page(session, listing, SOME)).items
    first = min(own, key=lambda row: NOT_OVER.index(row.status), default=None)
    offers = await read_open_offers(session, actor, call.reader.language, now=call.now)
    held = AssignmentFilter(statuses=(AssignmentStatus.ACCEPTED, AssignmentStatus.IN_PROGRESS))
    visits = list_own_assignments(actor, held, AssignmentSort.STARTS, descending=False)
    return News(
        request=None if first is None else await _tell_request(call, first),
        offer_count=sum(len(ask.plan) for one in offers for ask in one.asks),
        visit_count=len((await read_page(session, visits, SOME)).items),
    )
