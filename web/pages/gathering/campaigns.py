"""Campaigns: what runs, what will begin, how far it is, and taking part."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.events.listing_repository import OPEN_DAYS, list_days
from campaigns.groups.repository import load_standings
from campaigns.programmes import joining, repository
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.programmes.policy import can_read_inside
from campaigns.results.page import HERE as RESULTS
from campaigns.results.page import EffectView, show_effect
from campaigns.results.publishing import decode_results
from campaigns.results.repository import load_publications
from campaigns.standings import showing
from campaigns.standings.kinds import BoardKind
from campaigns.standings.progress import say_pace
from campaigns.standings.repository import load_own_choices
from campaigns.standings.suppression import show_in_steps
from core.errors import TalkootError
from core.i18n import Translator
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import pledges, rides, views_campaigns, views_events
from web.pages.gathering.event_rows import load_cards
from web.pages.gathering.ground import (
    Slug,
    go_to_town,
    must_find,
    say_refusal,
    show,
    show_again,
)
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all
from web.pages.paging import list_page

LIST, PAGE = "gathering/campaigns.html", "gathering/campaign.html"
NOW = frozenset({CampaignStatus.RUNNING, CampaignStatus.SCHEDULED})
OVER = frozenset({CampaignStatus.FINISHED})
MOST_NOW = 50
NEXT_EVENTS = 4


@get("/campaigns", name="campaigns")
@shown_to_all
async def get_campaigns(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What runs, what will begin, and what is over."""
    async with desk.look(request) as call:
        town = call.town
        now = repository.list_campaigns(
            call.actor, town.id, repository.CampaignFilter(statuses=NOW)
        )
        begun = list((await read_page(call.session, now, PageArgs(MOST_NOW))).items)
        over = repository.list_campaigns(
            call.actor, town.id, repository.CampaignFilter(statuses=OVER)
        )
        past, after = await list_page(call, over)
        own = await _load_own(call, [*begun, *past.items])
        lists = {
            name: [
                views_campaigns.make_card(call.reader.translator, row, town.slug, own.get(row.id))
                for row in rows
            ]
            for name, rows in views_campaigns.split_by_time([*begun, *past.items]).items()
        }
        return show(call, LIST, {"lists": lists, "after": after})


@get("/campaigns/{community:str}/{slug:str}", name="campaign")
@shown_to_all
async def get_campaign(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """One campaign: what to do, how far it is, boards, what changed, what comes next."""
    async with desk.look(request) as call:
        call = await go_to_town(call, community)
        row = await find(call, slug)
        return show(call, PAGE, await read_values(call, row))


@post("/campaigns/{community:str}/{slug:str}/join", name="join_campaign", status_code=303)
async def post_join(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Take part."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await find(call, slug)
        before = {"yes": True, "no": False}.get(call.form.get("before", ""))
        command = joining.JoinCampaign(
            campaign_id=row.id,
            took_part_before=before,
            invite_code=call.form.get("invite_code", "").strip() or None,
        )
        path = views_campaigns.make_path(community, row)
        try:
            await joining.join_campaign(call.session, call.actor, command, now=call.now)
        except TalkootError as error:
            words = {"invite_code_unknown": _say_code(call)}
            if error.code not in words:
                raise
            errors = {"invite_code": say_refusal(call, error, words)}
            values = await read_values(call, row)
            raise show_again(call, PAGE, values, errors) from None
        return call.go(path, said="joined")


@post("/campaigns/{community:str}/{slug:str}/leave", name="leave_campaign", status_code=303)
async def post_leave(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Take part no more."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await find(call, slug)
        await joining.leave_campaign(call.session, call.actor, row.id, now=call.now)
        open_for_all = row.status in (CampaignStatus.RUNNING, CampaignStatus.FINISHED)
        path = views_campaigns.make_path(community, row) if open_for_all else "/campaigns"
        return call.go(path, said="left")


async def find(call: Call, slug: str) -> Campaign:
    """The campaign of an address.

    Raises
    ------
    CampaignUnknown
        When there is none for the one who asks.
    """
    found = await repository.find_campaign(call.session, call.actor, call.town.id, slug)
    row: Campaign = must_find(found, CampaignUnknown, "campaign")
    return row


async def read_values(call: Call, row: Campaign) -> dict[str, Any]:
    """Everything that stands on the page of a campaign."""
    own = (await _load_own(call, [row])).get(row.id)
    speaker = call.reader.translator
    head = views_campaigns.make_head(speaker, row, call.town.slug, own, call.now)
    progress, boards = await showing.show_standing(call.session, row)
    choices = await load_own_choices(call.session, call.actor, [row.community_id])
    choice = choices.get(row.community_id)
    events = list_days(
        call.actor,
        row.community_id,
        replace(OPEN_DAYS, since=call.now, campaign_id=row.id),
    )
    days = (await read_page(call.session, events, PageArgs(NEXT_EVENTS))).items
    team = {one.person_id for one in await repository.list_team(call.session, row.id)}
    values: dict[str, Any] = {
        "head": head,
        "joined": await _count_joined(call, row, team, takes_part=head.takes_part),
        "percent": progress.percent,
        "pace": say_pace(progress.pace, progress.percent, speaker.language),
        "published_on": progress.local_day,
        "is_off_boards": choice is not None and choice.opted_out_at is not None,
        "events": views_events.make_cards(speaker, await load_cards(call, days), call.now),
        "is_inside": can_read_inside(call.actor, row, team),
        "errors": {},
        "form": call.form,
    }
    values |= await _read_boards(call, boards, None if choice is None else choice.alias)
    values |= await _read_effect(call, row)
    values |= await pledges.read_values(call, row)
    values |= await rides.read_values(call, row, takes_part=head.takes_part)
    return values


async def _load_own(call: Call, rows: list[Campaign]) -> dict[UUID, CampaignMember]:
    if call.actor.person_id is None:
        return {}
    keys = [row.id for row in rows]
    return await repository.load_own_members(call.session, call.actor, keys)


async def _count_joined(
    call: Call, row: Campaign, team: set[UUID], *, takes_part: bool
) -> int | None:
    """How many take part, as far as the one who asks may know."""
    counts = await repository.load_member_counts(call.session, call.actor, [row.id])
    exact = takes_part or can_read_inside(call.actor, row, team)
    return counts[row.id] if exact else show_in_steps(counts[row.id])


async def _read_boards(
    call: Call, boards: Mapping[BoardKind, showing.ShownBoard], alias: str | None
) -> dict[str, Any]:
    groups, areas, people = (boards.get(kind) for kind in showing.BOARDS)
    keys = [] if groups is None else [line.group_id for line in groups.lines if line.group_id]
    standings = await load_standings(call.session, call.actor, keys) if keys else {}
    own = {key for key, standing in standings.items() if standing.is_member}
    speaker = call.reader.translator
    final = groups or areas or people
    return {
        "group_boards": views_campaigns.make_boards(speaker, groups, own),
        "area_boards": views_campaigns.make_boards(speaker, areas),
        "people_board": views_campaigns.make_people(speaker, people, alias),
        "board_day": None if final is None else final.local_day,
        "is_final": final is not None and final.is_final,
        "corrected_on": None if final is None else final.corrected_on,
    }


async def _read_effect(call: Call, row: Campaign) -> dict[str, Any]:
    """What was published of this campaign, else of the one of its kind before it."""
    found = await load_publications(call.session, [row.id])
    earlier = [] if found else await _list_earlier(call, row)
    found |= await load_publications(call.session, [one.id for one in earlier]) if earlier else {}
    for campaign in [row, *earlier]:
        published = found.get(campaign.id)
        if published is not None:
            effects = await asyncio.to_thread(
                _make_effects, published.figures, call.reader.language, call.reader.time_zone
            )
            path = f"{views_campaigns.make_path(call.town.slug, campaign)}/results"
            return {
                "effects": effects,
                "results_path": path,
                "effect_of": "" if campaign.id == row.id else campaign.title,
            }
    return {"effects": (), "results_path": "", "effect_of": ""}


async def _list_earlier(call: Call, row: Campaign) -> list[Campaign]:
    """The latest campaigns of the same kind that are over."""
    wanted = repository.CampaignFilter(kinds=frozenset({row.kind}), statuses=OVER)
    listing = repository.list_campaigns(call.actor, row.community_id, wanted)
    rows = (await read_page(call.session, listing, PageArgs(3))).items
    return [one for one in rows if one.id != row.id and one.ends_at <= row.starts_at]


def _make_effects(figures: dict[str, Any], language: str, time_zone: str) -> tuple[EffectView, ...]:
    speaker = Translator(language, RESULTS, time_zone=time_zone)
    results = decode_results(figures)
    shown = sorted(results.effects, key=lambda one: not one.is_main)[:3]
    return tuple(show_effect(speaker, one) for one in shown)


def _say_code(call: Call) -> str:
    return call.reader.translator.gettext(
        "Nobody in this campaign has this code. Check its letters, or leave it empty."
    )
