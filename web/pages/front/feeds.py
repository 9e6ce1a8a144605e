"""What programs read of the public pages: sitemap, robots, news as RSS, events as a calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency

from campaigns.events.feeds import read_public_feed
from campaigns.events.listing_repository import OPEN_DAYS, list_days, load_events
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.repository import CampaignFilter, list_campaigns
from core.pagination import PageArgs, read_page
from core.settings import Settings
from people.auth import Actor
from people.models import Community
from people.repository import list_communities
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import render_page

PAGES: Final = (
    "/", "/ask", "/volunteer", "/campaigns", "/events", "/groups", "/numbers", "/impact", "/help",
    "/rules", "/privacy", "/accessibility",
)  # fmt: skip
PRIVATE_PLACES: Final = (
    "/account", "/calendar/", "/demo", "/graphql", "/l/", "/offline", "/requests", "/sign-in",
    "/staff", "/volunteering",
)  # fmt: skip
MOST: Final = PageArgs(first=50)
MOST_TOWNS: Final = 20
SHOWN: Final = CampaignFilter(statuses=frozenset({CampaignStatus.RUNNING, CampaignStatus.FINISHED}))
HEADERS: Final = {"Cache-Control": "max-age=300", "Vary": "Accept-Language, Cookie"}


@dataclass(frozen=True)
class FeedItem:
    """One piece of news."""

    path: str
    title: str
    words: str
    published: str
    order: datetime


@get("/robots.txt", name="robots", sync_to_thread=False)
def get_robots(settings: NamedDependency[Settings]) -> Response[str]:
    """What search engines leave alone, and where the list of pages is."""
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in PRIVATE_PLACES), ""]
    lines.append(f"Sitemap: {settings.public_url}/sitemap.xml\n")
    return Response("\n".join(lines), media_type="text/plain", headers=HEADERS)


@get("/sitemap.xml", name="sitemap")
async def get_sitemap(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The public pages of every town, in both languages."""
    async with desk.look(request) as call:
        paths = list(PAGES)
        for town in (await list_communities(call.session))[:MOST_TOWNS]:
            paths += [item.path for item in await _list_items(call, town)]
        values = {"site": call.settings.public_url, "paths": paths}
        text = render_page("front/sitemap.xml", call.reader, values)
        return Response(text, media_type="application/xml", headers=HEADERS)


@get("/feed.xml", name="news_feed")
async def get_feed(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The newest campaigns and the next public events of the town."""
    async with desk.look(request) as call:
        items = [] if call.place is None else await _list_items(call, call.place)
        newest = sorted(items, key=lambda item: item.order, reverse=True)
        values = {"site": call.settings.public_url, "items": newest}
        text = render_page("front/feed.xml", call.reader, values)
        return Response(text, media_type="application/rss+xml", headers=HEADERS)


@get("/events.ics", name="town_calendar")
async def get_calendar(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The public events of the town, for any calendar."""
    async with desk.look(request) as call:
        content = await read_public_feed(call.session, call.town.slug, now=call.now)
        headers = {**HEADERS, "Content-Disposition": 'inline; filename="talkoot-events.ics"'}
        return Response(content, media_type="text/calendar", headers=headers)


async def _list_items(call: Call, town: Community) -> list[FeedItem]:
    """What everybody may see of a town, whoever asks."""
    session, nobody = call.session, Actor.anonymous()
    campaigns = (await read_page(session, list_campaigns(nobody, town.id, SHOWN), MOST)).items
    items = [
        FeedItem(
            path=f"/campaigns/{town.slug}/{row.slug}",
            title=row.title,
            words=row.summary,
            published=format_datetime(row.starts_at),
            order=row.starts_at,
        )
        for row in campaigns
    ]
    coming = replace(OPEN_DAYS, since=call.now)
    days = (await read_page(session, list_days(nobody, town.id, coming), MOST)).items
    events = await load_events(session, nobody, [day.event_id for day in days])
    speaker = call.reader.translator
    for day in days:
        event = events.get(day.event_id)
        if event is not None:
            items.append(
                FeedItem(
                    path=f"/events/{town.slug}/{day.id}",
                    title=event.title,
                    words=speaker.say_moment(day.starts_at),
                    published=format_datetime(event.created_at),
                    order=event.created_at,
                )
            )
    return items
