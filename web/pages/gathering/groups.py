"""Groups: finding one, reading about it, joining and leaving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.events import listing_repository as events
from campaigns.groups import listing_repository as listing
from campaigns.groups import members, policy, posts_repository, repository, suggestions
from campaigns.groups.errors import GroupUnknown, LastOrganizer
from campaigns.groups.kinds import GroupStatus, PostKind
from campaigns.groups.models import Group, GroupPost
from campaigns.groups.policy import Standing
from campaigns.standings.suppression import show_in_steps
from core.ids import new_code
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import views_events, views_groups
from web.pages.gathering.event_rows import load_cards
from web.pages.gathering.ground import (
    Option,
    Slug,
    go_to_town,
    list_areas,
    list_languages,
    list_topics,
    must_find,
    name_languages,
    show,
    show_again,
)
from web.pages.gathering.views_groups import GroupCard, GroupView, PostView, make_path
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all
from web.pages.paging import list_page

LIST, PAGE = "gathering/groups.html", "gathering/group.html"
MOST_SUGGESTED: Final = 4
MOST_OWN: Final = 50
NEXT_EVENTS: Final = 3
SHOWN_NEWS: Final = 3
KEY_LETTERS: Final = 16


@get("/groups", name="groups")
@shown_to_all
async def get_groups(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Groups by topic, neighborhood and language; one's own, and those that would suit."""
    async with desk.look(request) as call:
        town, query = call.town, call.request.query_params
        topics, areas = await list_topics(call), await list_areas(town)
        choices = {
            "topic": [one.code for one in topics],
            "area": areas,
            "language": [one.code for one in list_languages(call)],
        }
        chosen = {
            name: value
            for name, known in choices.items()
            if (value := query.get(name, "")) in known
        }
        wanted = repository.GroupFilter(status=GroupStatus.ACTIVE, **chosen)
        page, after = await list_page(call, repository.list_groups(call.actor, town.id, wanted))
        is_start = not chosen and "after" not in query
        own = await _list_own(call) if is_start else []
        suggested = await _list_suggested(call) if is_start else []
        why = {one.group.id: one.sentence(call.reader.language) for one in suggested}
        likely = [one.group for one in suggested]
        head = await read_cards(call, [*page.items, *own, *likely], topics)
        values = {
            "groups": tuple(head.make(row) for row in page.items),
            "own_groups": tuple(head.make(row) for row in own),
            "suggested": tuple(head.make(row, why[row.id]) for row in likely),
            "topic_pairs": [(one.code, one.words) for one in topics],
            "area_pairs": [(name, name) for name in areas],
            "language_pairs": [(one.code, one.words) for one in list_languages(call)],
            "chosen": chosen,
            "links": make_links(chosen),
            "next": f"/groups?{urlencode(chosen | {'after': after})}" if after else "",
        }
        return show(call, LIST, values)


@get("/groups/{community:str}/{slug:str}", name="group")
@shown_to_all
async def get_group(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """One group: what it is about, and for its members what is said there."""
    async with desk.look(request) as call:
        call = await go_to_town(call, community)
        group, standing = await find(call, slug)
        return show(call, PAGE, await read_values(call, group, standing))


@post("/groups/{community:str}/{slug:str}/join", name="join_group", status_code=303)
async def post_join(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Join, ask to join, or accept an invitation, as the group has it. Twice is once."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, _ = await find(call, slug)
        command = members.JoinGroup(
            group_id=group.id,
            as_household="as_household" in call.form,
            shows_name="shows_name" in call.form,
            wants_news="wants_news" in call.form,
        )
        row = await members.join_group(call.session, call.actor, command, now=call.now)
        return call.go(make_path(community, group), said=row.status.value)


@post("/groups/{community:str}/{slug:str}/leave", name="leave_group", status_code=303)
async def post_leave(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Leave, take a question back, or decline an invitation."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await find(call, slug)
        path = make_path(community, group)
        try:
            await members.leave_group(
                call.session,
                call.actor,
                group.id,
                as_household="as_household" in call.form,
                now=call.now,
            )
        except LastOrganizer:
            words = call.reader.translator.gettext(
                "Nobody else leads this group. Make another member an organizer first, or end "
                "the group."
            )
            values = await read_values(call, group, standing)
            raise show_again(call, PAGE, values, {"leave": words}) from None
        seen = await repository.load_groups(call.session, call.actor, [group.id])
        return call.go(path if group.id in seen else "/groups", said="left")


@post("/groups/{community:str}/{slug:str}/choices", name="group_choices", status_code=303)
async def post_choices(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Whether fellow members see one's first name, and whether news come by mail."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await find(call, slug)
        by_household = views_groups.is_by_household(standing)
        command = members.JoinGroup(
            group_id=group.id,
            as_household=by_household,
            shows_name=None if by_household else "shows_name" in call.form,
            wants_news="wants_news" in call.form,
        )
        await members.change_membership(call.session, call.actor, command, now=call.now)
        return call.go(make_path(community, group), said="chosen")


async def find(call: Call, slug: str) -> tuple[Group, Standing]:
    """The group of an address, and how the one who asks stands with it.

    Raises
    ------
    GroupUnknown
        When there is none for them.
    """
    found = await repository.find_group(call.session, call.actor, call.town.id, slug)
    group: Group = must_find(found, GroupUnknown, "group")
    return group, await repository.find_standing(call.session, call.actor, group.id)


async def make_view(call: Call, group: Group, standing: Standing) -> GroupView:
    """The head of a group's page."""
    known = {group.id: standing}
    card = (await read_cards(call, [group], await list_topics(call), known)).make(group)
    return views_groups.make_view(call.reader.translator, call.actor, group, standing, card)


async def read_values(call: Call, group: Group, standing: Standing) -> dict[str, Any]:
    """Everything that stands on the page of a group."""
    view = await make_view(call, group, standing)
    wanted = replace(events.OPEN_DAYS, since=call.now, group_id=group.id)
    listed = events.list_days(call.actor, group.community_id, wanted)
    days = (await read_page(call.session, listed, PageArgs(NEXT_EVENTS))).items
    speaker = call.reader.translator
    values: dict[str, Any] = {
        "group": view,
        "group_id": group.id,
        "town_slug": call.town.slug,
        "events": views_events.make_cards(speaker, await load_cards(call, days), call.now),
        "news": (),
        "posts": (),
        "next": "",
        "post_key": new_code(KEY_LETTERS),
        "errors": {},
        "form": call.form,
    } | await _read_self(call, view)
    if not view.can_read:
        return values
    sees = view.can_see_reports
    talk = posts_repository.list_posts(group.id, PostKind.DISCUSSION, with_hidden=sees)
    page, after = await list_page(call, talk)
    news = posts_repository.list_posts(group.id, PostKind.ANNOUNCEMENT, with_hidden=sees)
    latest = (await read_page(call.session, news, PageArgs(SHOWN_NEWS))).items
    path, count = view.card.path, len(page.items)
    shown = [*page.items, *latest] if "after" not in call.request.query_params else page.items
    made = await make_posts(call, shown, path, sees_hidden=sees)
    values["posts"], values["news"] = made[:count], made[count:]
    values["next"] = f"{path}?{urlencode({'after': after})}" if after else ""
    return values


async def _read_self(call: Call, view: GroupView) -> dict[str, bool]:
    """Whether who could join is an adult, and has a household that could join with them."""
    if call.actor.person_id is None or not (view.can_join or view.can_ask or view.is_invited):
        return {"is_adult": True, "has_home": False}
    found = await repository.find_adult(call.session, call.actor.person_id, call.town.id)
    return {"is_adult": found is not None, "has_home": found is not None and found[1] is not None}


async def make_posts(
    call: Call, rows: Sequence[GroupPost], path: str, *, sees_hidden: bool
) -> tuple[PostView, ...]:
    """Posts with their authors, many at once."""
    keys = [row.id for row in rows]
    if not keys:
        return ()
    authors = await listing.load_authors(call.session, call.actor, keys)
    reports: Mapping[UUID, int] = {}
    if sees_hidden:
        reports = await posts_repository.load_open_report_counts(call.session, call.actor, keys)
    return tuple(
        views_groups.make_post(
            call.reader.translator,
            row,
            authors.get(row.id),
            path,
            me=call.actor.person_id,
            sees_hidden=sees_hidden,
            report_count=reports.get(row.id, 0),
        )
        for row in rows
    )


@dataclass(frozen=True)
class Cards:
    """What the cards of some groups say, read once for all of them."""

    call: Call
    counts: Mapping[UUID, int]
    standings: Mapping[UUID, Standing]
    topics: Mapping[str, str]

    def make(self, row: Group, why: str = "") -> GroupCard:
        """A group in a list, with its numbers as far as the one who asks may know."""
        call, standing, count = self.call, self.standings[row.id], self.counts[row.id]
        exact = policy.can_read_inside(call.actor, row, standing)
        return views_groups.make_card(
            call.reader.translator,
            row,
            call.town.slug,
            topics=self.topics,
            languages=name_languages(call, row.languages),
            count=count if exact else show_in_steps(count),
            standing=standing,
            why=why,
        )


async def read_cards(
    call: Call,
    rows: Sequence[Group],
    topics: Sequence[Option],
    standings: Mapping[UUID, Standing] | None = None,
) -> Cards:
    """What the cards of these groups say; how one stands with them, when that is known."""
    keys = list(dict.fromkeys(row.id for row in rows))
    counts: Mapping[UUID, int] = {}
    if keys:
        counts = await repository.load_member_counts(call.session, call.actor, keys)
    if standings is None and keys:
        standings = await repository.load_standings(call.session, call.actor, keys)
    words = {one.code: one.words for one in topics}
    return Cards(call, counts, standings or {}, words)


def make_links(chosen: Mapping[str, str]) -> dict[str, str]:
    """For each choice the address that keeps the others and lacks it, ready for one more."""
    return {
        name: f"/groups?{urlencode({key: value for key, value in chosen.items() if key != name})}"
        for name in ("topic", "area", "language")
    }


async def _list_own(call: Call) -> list[Group]:
    if call.actor.person_id is None:
        return []
    page = await read_page(call.session, repository.list_my_groups(call.actor), PageArgs(MOST_OWN))
    return [row for row in page.items if row.community_id == call.town.id]


async def _list_suggested(call: Call) -> list[suggestions.Suggestion]:
    if call.actor.person_id is None:
        return []
    found = await suggestions.suggest_groups(
        call.session, call.actor, call.town.id, language=call.reader.language
    )
    return found[:MOST_SUGGESTED]
