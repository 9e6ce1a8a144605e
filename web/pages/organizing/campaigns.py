"""Campaigns of a town: the list, one campaign, and moving it on."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.groups.repository import load_groups
from campaigns.programmes import policy, running
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import (
    WORKING,
    list_campaigns,
    load_campaigns,
    load_member_counts,
)
from campaigns.results.publishing import publish_results, withdraw_results
from campaigns.results.repository import find_publication, load_publications, load_told_counts
from campaigns.standings.progress import measure_progress
from core.errors import NotPermitted
from people.directory_repository import load_names
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.organizing import campaign_views as views
from web.pages.paging import list_page

A_PAGE = 50


@get("/staff/campaigns", name="staff_campaigns")
async def get_campaigns(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every campaign of the town, those that run first."""
    async with desk.look(request) as call:
        town = call.staff()
        page, after = await list_page(call, list_campaigns(call.actor, town.id), A_PAGE)
        rows = list(page.items)
        keys = [row.id for row in rows]
        known = views.Known(
            told=await load_told_counts(call.session, keys),
            joined=await load_member_counts(call.session, call.actor, keys),
            published=await load_publications(call.session, keys),
        )
        speaker = call.reader.translator
        counts = [sum(row.status is status for row in rows) for status in views.SECTIONS[:2]]
        return call.show(
            "organizing/campaigns.html",
            {
                "news": views.say_news(speaker, *counts),
                "sections": views.list_sections(speaker, rows, known, town.slug),
                "more": after,
                "may_plan": policy.can_create_campaign(call.actor, town.id),
            },
        )


@get("/staff/campaigns/{campaign_id:uuid}", name="staff_campaign")
async def get_campaign_file(
    request: AnyRequest, campaign_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One campaign: how it stands, what it says, what may be done."""
    async with desk.look(request) as call:
        row = await find_campaign(call, campaign_id)
        file = await make_file(call, row)
        return call.show("organizing/campaign.html", {"file": file})


@get("/staff/campaigns/{campaign_id:uuid}/do/{doing:str}", name="staff_campaign_ask")
async def get_doing(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Before a campaign is moved on: what that means, and for whom."""
    async with desk.look(request) as call:
        row = await find_campaign(call, campaign_id)
        wanted = views.make_doings(call.reader.translator).get(doing)
        if wanted is None:
            raise CampaignUnknown("There is no such button.")
        check_may_change(call, row)
        return call.show(
            "organizing/campaign_ask.html", {"doing": wanted, "title": row.title, "row": row}
        )


@post(
    "/staff/campaigns/{campaign_id:uuid}/do/{doing:str}", name="staff_campaign_do", status_code=303
)
async def post_doing(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Move a campaign on. Into the state that it is in already does nothing."""
    async with desk.press(request) as call:
        call.person()
        target = views.TARGETS.get(doing)
        if target is None:
            raise CampaignUnknown("There is no such button.")
        await running.change_status(call.session, call.actor, campaign_id, target, now=call.now)
        return call.go(f"/staff/campaigns/{campaign_id}", said=doing)


@post("/staff/campaigns/{campaign_id:uuid}/results", name="staff_results_do", status_code=303)
async def post_results(
    request: AnyRequest, campaign_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Let everybody see the figures as they are now, or take them back."""
    async with desk.press(request) as call:
        call.person()
        if call.form.get("do") == "withdraw":
            await withdraw_results(call.session, call.actor, campaign_id, now=call.now)
            return call.go(f"/staff/campaigns/{campaign_id}", said="withdrawn")
        await publish_results(call.session, call.actor, campaign_id, now=call.now)
        return call.go(f"/staff/campaigns/{campaign_id}", said="published")


async def find_campaign(call: Call, campaign_id: UUID) -> Campaign:
    """A campaign whose inside the reader may see, with its team and groups.

    Raises
    ------
    CampaignUnknown, NotPermitted
        When there is none, or it is shown to the reader from outside alone.
    """
    call.person()
    row = (await load_campaigns(call.session, call.actor, [campaign_id])).get(campaign_id)
    if row is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}, or it is not for you.")
    team = {one.person_id for one in row.team}
    if not policy.can_read_inside(call.actor, row, team):
        raise NotPermitted("This page is for staff and the campaign's team.")
    return row


def may_change(call: Call, row: Campaign) -> bool:
    """Whether the reader may change a campaign."""
    working = {one.person_id for one in row.team if one.role in WORKING}
    return policy.can_manage_campaign(call.actor, row, working)


def check_may_change(call: Call, row: Campaign) -> None:
    """Refuse who may only look."""
    if not may_change(call, row):
        raise NotPermitted("Only managers, and owners and editors of the campaign, change it.")


async def make_file(call: Call, row: Campaign) -> views.CampaignFile:
    """Everything about one campaign, in words."""
    session, actor, speaker = call.session, call.actor, call.reader.translator
    groups = await load_groups(session, actor, [one.group_id for one in row.groups])
    names = await load_names(session, actor, [one.person_id for one in row.team])
    progress = None
    if row.status in (CampaignStatus.RUNNING, CampaignStatus.FINISHED):
        progress = await measure_progress(session, row, now=call.now)
    someone = speaker.gettext("Somebody")
    return views.show_campaign(
        speaker,
        row,
        progress=progress,
        published=await find_publication(session, row.id),
        groups={
            one.group_id: groups[one.group_id].name if one.group_id in groups else someone
            for one in row.groups
        },
        team=sorted(
            names[one.person_id].full_name if one.person_id in names else someone
            for one in row.team
        ),
        may_change=may_change(call, row),
        town_slug=call.town.slug,
        now=call.now,
    )
