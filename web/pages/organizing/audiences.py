"""Describing whom to reach: saved descriptions, and a form of rows that needs no JavaScript."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.audiences import policy
from campaigns.audiences.definitions import read_definition
from campaigns.audiences.errors import InvalidSegment, SegmentNameTaken, TooManyLooks
from campaigns.audiences.previewing import describe_audience
from campaigns.audiences.segment_repository import (
    SegmentFilter,
    get_segment,
    get_version_number,
    list_segments,
    load_segments,
    load_versions,
    load_versions_of,
)
from campaigns.audiences.segments import (
    ChangeSegment,
    SaveSegment,
    archive_segment,
    change_segment,
    save_segment,
)
from campaigns.groups.kinds import GroupStatus
from campaigns.groups.repository import GroupFilter, list_groups
from campaigns.programmes.repository import list_campaigns
from core.errors import NotPermitted
from core.pagination import MAX_PAGE, PageArgs, read_page
from geo.open_cities import open_city
from people.interests.repository import list_catalogue
from people.kinds import Purpose
from people.models import NAME_LENGTH
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_whole
from web.pages.guards import AnyRequest
from web.pages.organizing.audience_views import show_preview
from web.pages.organizing.campaign_forms import LANGUAGES
from web.pages.organizing.campaign_steps import find_area
from web.pages.organizing.condition_rows import (
    KINDS,
    MAX_ROWS,
    REST_DAYS,
    SEVERAL,
    Choices,
    ConditionRow,
    Described,
    list_fixed_choices,
    make_definition,
    name_kind_of_condition,
    read_description,
    say_description,
    show_definition,
)
from web.pages.paging import list_page
from web.pages.refusals import say_refusal

PAGE = "organizing/audience.html"
A_PAGE = 20


@get("/staff/audiences", name="staff_audiences")
async def get_audiences(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every saved description in words."""
    async with desk.look(request) as call:
        town = call.staff()
        listing = list_segments(call.actor, SegmentFilter(town.id))
        page, after = await list_page(call, listing, A_PAGE)
        choices = await load_choices(call)
        versions = await load_versions_of(call.session, call.actor, [row.id for row in page.items])
        rows = []
        for row in page.items:
            described = show_definition(read_definition(versions[row.id][0].definition))
            rows.append((row, _say(call, described, choices)))
        return call.show(
            "organizing/audiences.html",
            {
                "rows": rows,
                "more": after,
                "may_use": policy.can_use_audiences(call.actor, town.id),
            },
        )


@get("/staff/audiences/new", name="staff_audience_new")
async def get_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """An empty description: everybody who agreed; or one neighborhood, when a link names it."""
    async with desk.look(request) as call:
        check_may_use(call)
        described = Described()
        area = await find_area(call, call.request.query_params.get("area"))
        if area:
            described.rows.append(ConditionRow("area", (area,)))
        return call.show(PAGE, await _values(call, described, {}))


@get("/staff/audiences/{segment_id:uuid}", name="staff_audience")
async def get_audience(
    request: AnyRequest, segment_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A saved description, to be changed or looked at."""
    async with desk.look(request) as call:
        check_may_use(call)
        segment = await get_segment(call.session, call.actor, segment_id)
        version = await get_version_number(call.session, segment.id, segment.latest_number)
        described = show_definition(read_definition(version.definition))
        form = {"name": segment.name, "note": segment.note, "seen": str(segment.latest_number)}
        values = await _values(call, described or Described(), form)
        return call.show(PAGE, values | {"segment": segment, "is_fixed": described is None})


@post("/staff/audiences/new", name="staff_audience_save", status_code=303)
async def post_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Add or take away a row, look at who is reached, or save it under a name."""
    async with desk.press(request) as call:
        return await _answer(call, None)


@post("/staff/audiences/{segment_id:uuid}", name="staff_audience_change", status_code=303)
async def post_audience(
    request: AnyRequest, segment_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The same for a saved one; what was sent before keeps its own version."""
    async with desk.press(request) as call:
        if call.form.get("do") == "archive":
            check_may_use(call)
            await archive_segment(call.session, call.actor, segment_id, now=call.now)
            return call.go("/staff/audiences", said="archived")
        return await _answer(call, segment_id)


def check_may_use(call: Call) -> None:
    """Refuse who does not describe audiences here."""
    town = call.staff()
    if not policy.can_use_audiences(call.actor, town.id):
        raise NotPermitted("Only managers of the community describe whom to reach.")


async def load_choices(call: Call) -> Choices:
    """The values of every condition in this town."""
    speaker, town, actor = call.reader.translator, call.town, call.actor
    found = list_fixed_choices(speaker)
    names = await asyncio.to_thread(lambda: open_city(town.city_pack).pack.areas.names)
    found["area"] = [(name, name) for name in sorted(names)]
    found["language"] = [(code, speaker.locale.languages.get(code, code)) for code in LANGUAGES]
    spanish = call.reader.language == "es"
    found["interest"] = [
        (row.code, (row.label_es if spanish else None) or row.label)
        for row in await list_catalogue(call.session, town.id)
    ]
    groups = list_groups(actor, town.id, GroupFilter(status=GroupStatus.ACTIVE))
    page = await read_page(call.session, groups, PageArgs(MAX_PAGE))
    found["group"] = [(str(row.id), row.name) for row in page.items]
    campaigns = await read_page(call.session, list_campaigns(actor, town.id), PageArgs(MAX_PAGE))
    found["campaign"] = [(str(row.id), row.title) for row in campaigns.items]
    return found


async def list_audience_choices(call: Call, kept: str) -> list[tuple[str, str]]:
    """Saved descriptions to choose from, by the id of their newest version.

    Parameters
    ----------
    kept
        The version that a draft goes to; it stays to be chosen when there is a newer one.
    """
    speaker, town = call.reader.translator, call.town
    page = await read_page(
        call.session, list_segments(call.actor, SegmentFilter(town.id)), PageArgs(MAX_PAGE)
    )
    latest = await load_versions_of(call.session, call.actor, [one.id for one in page.items])
    found = [(str(latest[one.id][0].id), one.name) for one in page.items]
    if kept and kept not in dict(found):
        found.append((kept, speaker.gettext("As it was described when this was written")))
    return [("", speaker.gettext("Choose")), *found]


async def name_audience(call: Call, version_id: UUID) -> str:
    """What the description is called that something goes to."""
    versions = await load_versions(call.session, call.actor, [version_id])
    version = versions.get(version_id)
    if version is None:
        return call.reader.translator.gettext("Not known")
    segments = await load_segments(call.session, call.actor, [version.segment_id])
    return segments[version.segment_id].name


async def _answer(call: Call, segment_id: UUID | None) -> Answer:
    check_may_use(call)
    speaker, form = call.reader.translator, call.form
    segment = None
    if segment_id is not None:
        segment = await get_segment(call.session, call.actor, segment_id)
    choices = await load_choices(call)
    described = await read_description(speaker, call.request, form, choices)
    do = form.get("do", "")
    extra: dict[str, Any] = {"segment": segment}
    if do == "add" or do.startswith("remove-"):
        _change_rows(described, do, form.get("add", ""))
        return call.show(PAGE, await _values(call, described, form) | extra)
    name = " ".join(form.get("name", "").split())
    if do == "save" and not 1 <= len(name) <= NAME_LENGTH:
        described.errors["name"] = speaker.gettext(
            "Write a name, for example Families in Riverside"
        )
    if not described.errors:
        try:
            definition = make_definition(described)
            if do == "save":
                await _save(call, segment_id, name, described)
                return call.go("/staff/audiences", said="saved")
            preview = await describe_audience(
                call.session,
                call.actor,
                call.town.id,
                definition,
                Purpose.PROGRAMMES if form.get("purpose") == "programmes" else Purpose.CAMPAIGNS,
                now=call.now,
                language=call.reader.language,
            )
            values = await _values(call, described, form)
            return call.show(PAGE, values | extra | {"preview": show_preview(speaker, preview)})
        except SegmentNameTaken:
            described.errors["name"] = speaker.gettext("Another one has this name: choose another")
        except TooManyLooks:
            described.errors["add"] = speaker.gettext("You looked very often. Wait some minutes.")
        except InvalidSegment as error:
            described.errors["add"] = say_refusal(speaker, error)
    raise call.show_again(PAGE, await _values(call, described, form) | extra)


async def _save(call: Call, segment_id: UUID | None, name: str, described: Described) -> None:
    definition, note = make_definition(described), call.form.get("note", "").strip()[:500]
    if segment_id is None:
        command = SaveSegment(call.town.id, name, definition, note)
        await save_segment(call.session, call.actor, command, now=call.now)
        return
    seen = read_whole(call.form.get("seen", "")) or 0
    change = ChangeSegment(segment_id, seen, definition, name, note)
    await change_segment(call.session, call.actor, change, now=call.now)


def _change_rows(described: Described, do: str, kind: str) -> None:
    described.errors.clear()
    if do == "add":
        if kind in KINDS and len(described.rows) < MAX_ROWS:
            described.rows.append(ConditionRow(kind))
        return
    place = read_whole(do.removeprefix("remove-"))
    if place is not None and place < len(described.rows):
        described.rows.pop(place)


def _say(call: Call, described: Described | None, choices: Choices) -> list[str]:
    speaker = call.reader.translator
    if described is None:
        return [speaker.gettext("It says more than this page can show. It still works as it is.")]
    return say_description(speaker, described, choices)


async def _values(call: Call, described: Described, form: Any) -> dict[str, Any]:
    speaker = call.reader.translator
    choices = await load_choices(call)
    return {
        "described": described,
        "choices": choices,
        "titles": {kind: name_kind_of_condition(speaker, kind) for kind in KINDS},
        "addable": [
            (kind, name_kind_of_condition(speaker, kind)) for kind in KINDS if choices.get(kind)
        ],
        "several": SEVERAL,
        "rest_days": REST_DAYS,
        "most_rows": MAX_ROWS,
        "form": form,
        "errors": described.errors,
        "preview": None,
        "segment": None,
        "is_fixed": False,
        "about": _say(call, described, choices),
    }
