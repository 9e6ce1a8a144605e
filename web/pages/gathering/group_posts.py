"""What is said in a group: writing, answering, reporting, and looking after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.groups import posts, posts_repository
from campaigns.groups.errors import GroupPostUnknown
from campaigns.groups.kinds import HideReason, PostKind
from campaigns.groups.models import Group, GroupPost
from core.errors import Conflict, InvalidInput
from core.ids import new_code
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import groups, views_groups
from web.pages.gathering.ground import Slug, go_to_town, say_refusal, show_again
from web.pages.guards import AnyRequest
from web.pages.paging import list_page

PAGE = "gathering/post.html"
REPORT = "gathering/report.html"
LONGEST_KEY: Final = 32
REPLIES: Final = 50


@post("/groups/{community:str}/{slug:str}/posts", name="post_in_group", status_code=303)
async def post_post(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Begin a discussion, or announce something. The same form again is one post."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await groups.find(call, slug)
        is_news = call.form.get("kind") == PostKind.ANNOUNCEMENT.value
        command = posts.PostInGroup(
            group_id=group.id,
            text=call.form.get("text", ""),
            kind=PostKind.ANNOUNCEMENT if is_news else PostKind.DISCUSSION,
            client_key=call.form.get("key", "")[:LONGEST_KEY] or None,
        )
        try:
            row = await posts.post_in_group(call.session, call.actor, command, now=call.now)
        except (InvalidInput, Conflict) as error:
            errors = {"text": say_refusal(call, error, _refusals(call))}
            values = await groups.read_values(call, group, standing)
            raise show_again(call, groups.PAGE, values, errors) from None
        path = views_groups.make_path(community, group)
        return call.go(f"{path}#p-{row.id}", said="announced" if is_news else "posted")


@get("/groups/{community:str}/{slug:str}/posts/{post_id:uuid}", name="group_post")
async def get_post(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    post_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """One post with its replies, the oldest first."""
    async with _at_post(desk.look(request), community, slug, post_id) as (call, head, group):
        return call.show(PAGE, await _read_values(call, head, group))


@post(
    "/groups/{community:str}/{slug:str}/posts/{post_id:uuid}", name="answer_post", status_code=303
)
async def post_reply(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    post_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Answer a post."""
    async with _at_post(desk.press(request), community, slug, post_id) as (call, head, group):
        command = posts.PostInGroup(
            group_id=group.id,
            text=call.form.get("text", ""),
            kind=PostKind.REPLY,
            parent_id=head.id,
            client_key=call.form.get("key", "")[:LONGEST_KEY] or None,
        )
        try:
            row = await posts.post_in_group(call.session, call.actor, command, now=call.now)
        except (InvalidInput, Conflict) as error:
            errors = {"text": say_refusal(call, error, _refusals(call))}
            raise show_again(call, PAGE, await _read_values(call, head, group), errors) from None
        return call.go(f"{_path(call, group, head)}#p-{row.id}", said="replied")


@get("/groups/{community:str}/{slug:str}/posts/{post_id:uuid}/report", name="report_post")
async def get_report(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    post_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Why a post should not stand there."""
    async with _at_post(desk.look(request), community, slug, post_id) as (call, row, group):
        return call.show(REPORT, await _read_report(call, row, group))


@post(
    "/groups/{community:str}/{slug:str}/posts/{post_id:uuid}/report",
    name="report_post_post",
    status_code=303,
)
async def post_report(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    post_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Tell the moderators; or, for a moderator, take the post out of sight."""
    async with _at_post(desk.press(request), community, slug, post_id) as (call, row, group):
        reason = call.form.get("reason", "")
        if reason not in list(HideReason):
            words = call.reader.translator.gettext("Choose why the post should not stand there.")
            values = await _read_report(call, row, group)
            raise show_again(call, REPORT, values, {"reason": words})
        session, actor = call.session, call.actor
        path = _path(call, group, row)
        if call.form.get("do") == "hide":
            await posts.hide_post(session, actor, row.id, HideReason(reason), now=call.now)
            return call.go(path, said="hidden")
        await posts.report_post(session, actor, row.id, HideReason(reason), now=call.now)
        return call.go(path, said="reported")


@post(
    "/groups/{community:str}/{slug:str}/posts/{post_id:uuid}/care",
    name="care_for_post",
    status_code=303,
)
async def post_care(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    post_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Keep a reported or hidden post, close its replies, or let them go on."""
    async with _at_post(desk.press(request), community, slug, post_id) as (call, row, group):
        session, actor, do = call.session, call.actor, call.form.get("do", "")
        if do == "keep":
            await posts.show_post(session, actor, row.id, now=call.now)
        elif do in ("close", "open"):
            closed = do == "close"
            await posts.close_discussion(session, actor, row.id, closed=closed, now=call.now)
        else:
            raise InvalidInput("This button is not known. Open the page again.")
        return call.go(_path(call, group, row), said=f"post_{do}")


@asynccontextmanager
async def _at_post(
    opening: AbstractAsyncContextManager[Call], community: str, slug: str, post_id: UUID
) -> AsyncIterator[tuple[Call, GroupPost, Group]]:
    """A call of somebody who is signed in, about a post that they may read, and its group."""
    async with opening as call:
        call.person()
        call = await go_to_town(call, community)
        row, group, _ = await posts.get_readable_post(call.session, call.actor, post_id)
        if group.community_id != call.town.id or group.slug != slug:
            raise GroupPostUnknown("There is no such post, or it is not for you.")
        yield call, row, group


def _path(call: Call, group: Group, row: GroupPost) -> str:
    head_id = row.parent_id or row.id
    return f"{views_groups.make_path(call.town.slug, group)}/posts/{head_id}"


async def _read_values(call: Call, row: GroupPost, group: Group) -> dict[str, Any]:
    _, standing = await groups.find(call, group.slug)
    view = await groups.make_view(call, group, standing)
    head = row
    if row.parent_id is not None:
        head, _, _ = await posts.get_readable_post(call.session, call.actor, row.parent_id)
    sees = view.can_see_reports
    listed = posts_repository.list_posts(
        group.id, PostKind.REPLY, with_hidden=True, parent_id=head.id
    )
    page, after = await list_page(call, listed, REPLIES)
    path = view.card.path
    shown = await groups.make_posts(call, [head, *page.items], path, sees_hidden=sees)
    return {
        "group": view,
        "head": shown[0],
        "replies": shown[1:],
        "next": f"{shown[0].path}?{urlencode({'after': after})}" if after else "",
        "post_key": new_code(groups.KEY_LETTERS),
        "errors": {},
        "form": call.form,
    }


async def _read_report(call: Call, row: GroupPost, group: Group) -> dict[str, Any]:
    _, standing = await groups.find(call, group.slug)
    view = await groups.make_view(call, group, standing)
    path, sees = view.card.path, view.can_see_reports
    shown = await groups.make_posts(call, [row], path, sees_hidden=sees)
    reasons = views_groups.name_reasons(call.reader.translator)
    return {
        "group": view,
        "post": shown[0],
        "reasons": [(code.value, words, "") for code, words in reasons.items()],
        "errors": {},
        "form": call.form,
    }


def _refusals(call: Call) -> dict[str, str]:
    _ = call.reader.translator.gettext
    return {
        "invalid_group_post": _(
            "Write a few words in plain text: at most 2,000 characters and two links."
        ),
        "too_many_group_posts": _("That is a lot for one hour. Wait a while, then write again."),
        "discussion_closed": _("The moderators have closed this. Begin a discussion of your own."),
    }
