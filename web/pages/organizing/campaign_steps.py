"""Planning a campaign, one question after the other. Each step is kept; a draft waits for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.groups.kinds import GroupStatus
from campaigns.groups.repository import GroupFilter, list_groups
from campaigns.programmes import policy
from campaigns.programmes.errors import CampaignUnknown, InvalidCampaign, SlugTaken
from campaigns.programmes.kinds import SHARES, UNITS_OF, CampaignKind, CampaignStatus, TeamRole
from campaigns.programmes.models import SUMMARY_LENGTH, Campaign
from campaigns.programmes.planning import (
    CHANGEABLE,
    ChangeCampaign,
    PlanCampaign,
    SetGroups,
    change_campaign,
    plan_campaign,
    set_groups,
)
from campaigns.programmes.teamwork import SetTeamRole, set_team_role
from core.errors import InvalidInput, NotPermitted
from core.pagination import MAX_PAGE, PageArgs, read_page
from geo.open_cities import open_city
from people.directory_repository import load_names
from people.memberships_repository import list_staff
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import day_begins, read_choices, read_ids, read_long, read_whole
from web.pages.guards import AnyRequest
from web.pages.organizing import campaign_forms as forms
from web.pages.organizing.campaigns import check_may_change, find_campaign
from web.pages.organizing.words import explain_kind, name_kind, name_role, name_unit
from web.pages.refusals import say_refusal

FIRST_PAGE = "organizing/campaign_new.html"
STEP_PAGE = "organizing/campaign_step.html"
FIRST_FIELDS = {
    "goal": "goal_value",
    "who": "areas",
    "measure": "comparison_areas",
    "team": "budget_note",
    "dates": "ends_on",
}
"""Where a step shows what the workflow refused."""
USUAL_START = timedelta(days=28)
USUAL_LIFE = timedelta(days=28)


@get("/staff/campaigns/new", name="staff_campaign_new")
async def get_first(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What it is about and what it is called; a link may name its kind and neighborhood."""
    async with desk.look(request) as call:
        check_may_plan(call)
        query = call.request.query_params
        form = {"kind": query.get("kind", ""), "area": await find_area(call, query.get("area"))}
        return call.show(FIRST_PAGE, _first_values(call, form, {}))


@post("/staff/campaigns/new", name="staff_campaign_plan", status_code=303)
async def post_first(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Keep a draft, with days that may be changed."""
    async with desk.press(request) as call:
        check_may_plan(call)
        speaker, zone = call.reader.translator, ZoneInfo(call.town.time_zone)
        draft = forms.read_first(speaker, call.form)
        if draft.errors:
            raise call.show_again(FIRST_PAGE, _first_values(call, call.form, draft.errors))
        starts_at = day_begins((call.now.astimezone(zone) + USUAL_START).date(), zone)
        area = await find_area(call, call.form.get("area"))
        command = PlanCampaign(
            community_id=call.town.id,
            slug=forms.make_slug(draft.changes["title"]),
            kind=draft.changes["kind"],
            title=draft.changes["title"],
            starts_at=starts_at,
            ends_at=day_begins((starts_at + USUAL_LIFE).date(), zone),
            areas=[area] if area else (),
        )
        try:
            row = await plan_campaign(call.session, call.actor, command, now=call.now)
        except SlugTaken:
            words = speaker.gettext("A campaign has this name already: choose another name")
            raise call.show_again(
                FIRST_PAGE, _first_values(call, call.form, {"title": words})
            ) from None
        except InvalidCampaign:
            words = speaker.gettext("Write the name with letters and digits")
            raise call.show_again(
                FIRST_PAGE, _first_values(call, call.form, {"title": words})
            ) from None
        return call.go(f"/staff/campaigns/{row.id}/edit/goal", said="kept")


@get("/staff/campaigns/{campaign_id:uuid}/edit/{step:str}", name="staff_campaign_step")
async def get_step(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    step: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """One step, as it was left."""
    async with desk.look(request) as call:
        row = await _find_for_step(call, campaign_id, step)
        return call.show(STEP_PAGE, await _step_values(call, row, step))


@post(
    "/staff/campaigns/{campaign_id:uuid}/edit/{step:str}",
    name="staff_campaign_keep",
    status_code=303,
)
async def post_step(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    step: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Keep what was written, and go on to the next step or back to the campaign."""
    async with desk.press(request) as call:
        row = await _find_for_step(call, campaign_id, step)
        draft = await _read_step(call, row, step)
        allowed = CHANGEABLE[row.status]
        changes = {name: value for name, value in draft.changes.items() if name in allowed}
        if not draft.errors:
            try:
                await _keep(call, row, step, changes, draft)
            except InvalidInput as error:
                draft.errors[FIRST_FIELDS[step]] = say_refusal(call.reader.translator, error)
        if draft.errors:
            values = await _step_values(call, row, step, written=draft)
            raise call.show_again(STEP_PAGE, values)
        if call.form.get("then") != "next":
            return call.go(f"/staff/campaigns/{campaign_id}", said="kept")
        place = forms.STEPS.index(step) + 1
        if place == len(forms.STEPS):
            return call.go(f"/staff/campaigns/{campaign_id}", said="kept")
        return call.go(f"/staff/campaigns/{campaign_id}/edit/{forms.STEPS[place]}", said="kept")


async def find_area(call: Call, name: str | None) -> str:
    """A neighborhood of the town that a link names; nothing for any other words."""
    known = await asyncio.to_thread(_list_areas, call.town.city_pack)
    return next((code for code, _words, _more in known if code == name), "")


def check_may_plan(call: Call) -> None:
    """Refuse who does not plan campaigns here."""
    town = call.staff()
    if not policy.can_create_campaign(call.actor, town.id):
        raise NotPermitted("Only a manager of the programme plans campaigns.")


async def _find_for_step(call: Call, campaign_id: UUID, step: str) -> Campaign:
    row = await find_campaign(call, campaign_id)
    check_may_change(call, row)
    if step not in forms.STEPS or not CHANGEABLE[row.status] & forms.FIELDS[step]:
        raise CampaignUnknown("There is nothing to change here now.")
    return row


async def _read_step(call: Call, row: Campaign, step: str) -> forms.Draft:
    """What was written into a step."""
    speaker, request = call.reader.translator, call.request
    if step == "goal":
        summary = await read_long(request, "summary", longest=SUMMARY_LENGTH)
        return forms.read_goal(speaker, row, call.form, summary)
    if step == "team":
        return forms.read_team_money(speaker, call.form)
    if step == "dates":
        return forms.read_dates(speaker, row, call.form, ZoneInfo(call.town.time_zone))
    if step == "who":
        languages = await read_choices(request, "languages")
        draft = forms.Draft(
            {
                "areas": await read_choices(request, "areas"),
                "languages": [code for code in languages if code in forms.LANGUAGES],
            }
        )
        if draft.changes["areas"] and set(draft.changes["areas"]) & set(row.comparison_areas):
            draft.errors["areas"] = speaker.gettext(
                "You compare with one of these neighborhoods: take it away there first"
            )
        if not draft.changes["areas"] and row.comparison_areas:
            draft.errors["areas"] = speaker.gettext(
                "You compare with other neighborhoods, so choose those of the campaign"
            )
        return draft
    draft = forms.Draft({"comparison_areas": await read_choices(request, "comparison_areas")})
    if draft.changes["comparison_areas"] and not row.areas:
        draft.errors["comparison_areas"] = speaker.gettext(
            "The campaign is for the whole town, so no neighborhood is left to compare with"
        )
    elif set(draft.changes["comparison_areas"]) & set(row.areas):
        draft.errors["comparison_areas"] = speaker.gettext(
            "The campaign is for one of these neighborhoods: choose others"
        )
    return draft


async def _keep(
    call: Call, row: Campaign, step: str, changes: dict[str, Any], draft: forms.Draft
) -> None:
    """Write a step down. What cannot be is told at the field."""
    session, actor = call.session, call.actor
    if step in ("who", "measure") and row.status is not CampaignStatus.FINISHED:
        own = [one.group_id for one in row.groups if not one.is_comparison]
        others = [one.group_id for one in row.groups if one.is_comparison]
        chosen = await read_ids(call.request, "groups")
        own, others = (chosen, others) if step == "who" else (own, chosen)
        if set(own) & set(others):
            draft.errors["groups"] = call.reader.translator.gettext(
                "A group cannot take part and be compared with at once"
            )
            return
        await set_groups(session, actor, SetGroups(
            campaign_id=row.id, group_ids=own, comparison_group_ids=others
        ), now=call.now)  # fmt: skip
    if step == "team":
        await _keep_team(call, row)
    if changes:
        command = ChangeCampaign(
            campaign_id=row.id, changes=changes, version=read_whole(call.form.get("version", ""))
        )
        await change_campaign(session, actor, command, now=call.now)


async def _keep_team(call: Call, row: Campaign) -> None:
    """What each person of the page shall do from now on."""
    before = {one.person_id: one.role for one in row.team}
    wanted: dict[UUID, TeamRole | None] = {}
    for key in await _list_candidates(call, row):
        code = call.form.get(f"role-{key}")
        if code is not None:
            wanted[key] = next((role for role in TeamRole if role.value == code), None)
    changed = [(key, role) for key, role in wanted.items() if before.get(key) is not role]
    # New owners first: a team keeps one at every moment.
    for key, role in sorted(changed, key=lambda one: one[1] is not TeamRole.OWNER):
        command = SetTeamRole(campaign_id=row.id, person_id=key, role=role)
        await set_team_role(call.session, call.actor, command, now=call.now)


async def _list_candidates(call: Call, row: Campaign) -> dict[UUID, str]:
    """Who may be on the team, with their names: its people, and the staff of the programme."""
    someone = call.reader.translator.gettext("Somebody")
    names = await load_names(call.session, call.actor, [one.person_id for one in row.team])
    found = {
        one.person_id: names[one.person_id].full_name if one.person_id in names else someone
        for one in row.team
    }
    for member in await list_staff(call.session, call.actor, row.community_id):
        found.setdefault(member.person_id, member.name or someone)
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _first_values(call: Call, form: Any, errors: dict[str, str]) -> dict[str, Any]:
    speaker = call.reader.translator
    kinds = [
        (one.value, name_kind(speaker, one), explain_kind(speaker, one)) for one in CampaignKind
    ]
    return {"kinds": kinds, "form": form, "errors": errors, "of": forms.STEP_COUNT}


async def _step_values(
    call: Call, row: Campaign, step: str, *, written: forms.Draft | None = None
) -> dict[str, Any]:
    """Everything that the page of a step shows; after an error as it was written."""
    speaker = call.reader.translator
    values: dict[str, Any] = {
        "row": row,
        "step": step,
        "number": forms.STEPS.index(step) + 2,
        "of": forms.STEP_COUNT,
        "is_draft": row.status is CampaignStatus.DRAFT,
        "allowed": CHANGEABLE[row.status],
        "errors": {} if written is None else written.errors,
    }
    changes = {} if written is None else written.changes
    if step == "goal":
        values["units"] = [("", speaker.gettext("No goal yet"))] + [
            (unit.value, name_unit(speaker, unit)) for unit in sorted(UNITS_OF[row.kind])
        ]
        values["has_shares"] = bool(UNITS_OF[row.kind] & SHARES)
        values["form"] = call.form or {
            "summary": row.summary,
            "goal_unit": "" if row.goal_unit is None else row.goal_unit.value,
            "goal_value": forms.write_amount(row.goal_unit, row.goal_value),
            "baseline_value": forms.write_amount(row.goal_unit, row.baseline_value),
        }
    elif step in ("who", "measure"):
        field = "areas" if step == "who" else "comparison_areas"
        values["areas"] = await asyncio.to_thread(_list_areas, call.town.city_pack)
        values["chosen_areas"] = changes.get(field, getattr(row, field))
        values["chosen_languages"] = changes.get("languages", row.languages)
        values["languages"] = [
            (code, speaker.locale.languages.get(code, code)) for code in forms.LANGUAGES
        ]
        values["groups"] = await _list_group_choices(call, row, step)
        values["chosen_groups"] = [
            str(one.group_id) for one in row.groups if one.is_comparison is (step == "measure")
        ]
    elif step == "team":
        roles = {one.person_id: one.role.value for one in row.team}
        people = await _list_candidates(call, row)
        values["people"] = [(key, name, roles.get(key, "")) for key, name in people.items()]
        values["roles"] = [("", speaker.gettext("Not on the team"))] + [
            (role.value, name_role(speaker, role)) for role in TeamRole
        ]
        values["form"] = call.form or {
            "budget_note": row.budget_note or "",
            "cost": "" if row.cost_cents is None else f"{row.cost_cents / 100:g}",
        }
    else:
        values["form"] = call.form or _show_dates(row, ZoneInfo(call.town.time_zone))
    return values


def _show_dates(row: Campaign, zone: ZoneInfo) -> dict[str, str]:
    return {
        "starts_on": row.starts_at.astimezone(zone).date().isoformat(),
        "ends_on": row.last_at.astimezone(zone).date().isoformat(),
    }


async def _list_group_choices(call: Call, row: Campaign, step: str) -> list[tuple[str, str, str]]:
    """Active groups of the town that are not on the other side."""
    listing = list_groups(call.actor, row.community_id, GroupFilter(status=GroupStatus.ACTIVE))
    page = await read_page(call.session, listing, PageArgs(MAX_PAGE))
    other_side = {one.group_id for one in row.groups if one.is_comparison is (step == "who")}
    return [(str(one.id), one.name, "") for one in page.items if one.id not in other_side]


def _list_areas(city_pack: str) -> list[tuple[str, str, str]]:
    return [(name, name, "") for name in sorted(open_city(city_pack).pack.areas.names)]
