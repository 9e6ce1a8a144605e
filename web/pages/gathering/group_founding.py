"""Founding a group, changing it, and ending it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.groups import founding, policy
from campaigns.groups.errors import NotInGroup
from campaigns.groups.kinds import Joining
from campaigns.groups.models import SUMMARY_LENGTH, Group
from campaigns.groups.repository import find_adult
from campaigns.groups.words import MAX_NAME
from core.errors import Conflict, InvalidInput, NotPermitted
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import groups
from web.pages.gathering.ground import (
    Slug,
    go_to_town,
    list_areas,
    list_languages,
    list_topics,
    say_refusal,
    show_again,
)
from web.pages.gathering.views_groups import make_path, name_joinings
from web.pages.guards import AnyRequest

FORM = "gathering/group_form.html"
WHOLE_TOWN = "-"


@get("/groups/new", name="found_group")
async def get_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The form for a new group."""
    async with desk.look(request) as call:
        if await find_adult(call.session, call.person(), call.town.id) is None:
            raise NotPermitted("Groups are founded by adults of the community.")
        form = {"lang_en": "1", "joining": Joining.OPEN.value, "area": WHOLE_TOWN}
        return call.show(FORM, await _read_values(call, None, form))


@post("/groups/new", name="found_group_post", status_code=303)
async def post_new(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Found it. The founder organizes it."""
    async with desk.press(request) as call:
        call.person()
        values = await _read_values(call, None, call.form)
        errors = await _check(call)
        if errors:
            raise show_again(call, FORM, values, errors)
        form, area = call.form, _area(call)
        command = founding.FoundGroup(
            community_id=call.town.id,
            name=form.get("name", ""),
            topic=form.get("topic", ""),
            summary=form.get("summary", ""),
            area=area,
            languages=_languages(call),
            joining=Joining(form["joining"]),
            shows_name="shows_name" in form,
        )
        try:
            row = await founding.found_group(call.session, call.actor, command, now=call.now)
        except (InvalidInput, Conflict) as error:
            errors = {"name": say_refusal(call, error, _refusals(call))}
            raise show_again(call, FORM, values, errors) from None
        return call.go(make_path(call.town.slug, row), said="founded")


@get("/groups/{community:str}/{slug:str}/settings", name="group_settings")
async def get_settings(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """What may be changed of a group."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group = await _find_led(call, slug)
        form = {
            "name": group.name,
            "summary": group.summary,
            "topic": group.topic,
            "area": group.area or WHOLE_TOWN,
            "joining": group.joining.value,
        } | {f"lang_{code}": "1" for code in group.languages}
        return call.show(FORM, await _read_values(call, group, form))


@post("/groups/{community:str}/{slug:str}/settings", name="group_settings_post", status_code=303)
async def post_settings(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Change it."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group = await _find_led(call, slug)
        values = await _read_values(call, group, call.form)
        errors = await _check(call)
        if errors:
            raise show_again(call, FORM, values, errors)
        form, area = call.form, _area(call)
        command = founding.ChangeGroup(
            group_id=group.id,
            name=form.get("name", ""),
            summary=form.get("summary", ""),
            topic=form.get("topic", ""),
            area=area,
            whole_community=area is None,
            languages=_languages(call),
            joining=Joining(form["joining"]),
        )
        try:
            await founding.change_group(call.session, call.actor, command, now=call.now)
        except InvalidInput as error:
            errors = {"name": say_refusal(call, error, _refusals(call))}
            raise show_again(call, FORM, values, errors) from None
        return call.go(make_path(community, group), said="changed")


@post("/groups/{community:str}/{slug:str}/end", name="end_group", status_code=303)
async def post_end(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """End the group: its members may still read it."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group = await _find_led(call, slug)
        await founding.archive_group(call.session, call.actor, group.id, now=call.now)
        return call.go(make_path(community, group), said="ended")


async def _find_led(call: Call, slug: str) -> Group:
    group, standing = await groups.find(call, slug)
    if not policy.can_lead(call.actor, group, standing):
        raise NotInGroup("Only an organizer, or a manager of the community, may do this.")
    return group


async def _read_values(call: Call, group: Group | None, form: Mapping[str, str]) -> dict[str, Any]:
    _ = call.reader.translator.gettext
    areas = [(name, name) for name in await list_areas(call.town)]
    topics = [(one.code, one.words) for one in await list_topics(call)]
    if group is not None and group.topic not in dict(topics):
        topics.append((group.topic, group.topic.replace("_", " ")))
    joinings = name_joinings(call.reader.translator)
    return {
        "path": "" if group is None else make_path(call.town.slug, group),
        "form": form,
        "topics": [("", _("Choose one")), *topics],
        "areas": [(WHOLE_TOWN, _("The whole town")), *areas],
        "languages": list_languages(call),
        "joinings": [(code.value, words, more) for code, (words, more) in joinings.items()],
        "longest_name": MAX_NAME,
        "longest_summary": SUMMARY_LENGTH,
        "errors": {},
    }


async def _check(call: Call) -> dict[str, str]:
    """What is missing, by field, in the order of the form."""
    _, form, errors = call.reader.translator.gettext, call.form, {}
    name = " ".join(form.get("name", "").split())
    if not name or len(name) > MAX_NAME or "://" in name:
        errors["name"] = _("Write a name in one line, without a link.")
    if len(form.get("summary", "")) > SUMMARY_LENGTH:
        errors["summary"] = _("This is too long. Write at most 1,000 characters.")
    known = {one.code for one in await list_topics(call)}
    if not form.get("topic") or (
        form["topic"] not in known and call.request.url.path == "/groups/new"
    ):
        errors["topic"] = _("Choose what the group is about.")
    if form.get("area", "") not in (WHOLE_TOWN, *await list_areas(call.town)):
        errors["area"] = _("Choose a neighborhood, or the whole town.")
    if not _languages(call):
        errors["lang_en"] = _("Choose at least one language.")
    if form.get("joining") not in list(Joining):
        errors["joining"] = _("Choose how people join.")
    return errors


def _area(call: Call) -> str | None:
    area = call.form.get("area", WHOLE_TOWN)
    return None if area == WHOLE_TOWN else area


def _languages(call: Call) -> tuple[str, ...]:
    return tuple(one.code for one in list_languages(call) if f"lang_{one.code}" in call.form)


def _refusals(call: Call) -> dict[str, str]:
    _ = call.reader.translator.gettext
    return {
        "too_many_groups": _("You have founded five groups that go on. End one of them first."),
        "invalid_group": _("Something in this form cannot be taken. Use plain words."),
    }
